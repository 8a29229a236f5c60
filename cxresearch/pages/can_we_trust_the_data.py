"""Notebook 01: can we trust the data?"""

import numpy as np

from cxresearch.kpis import quality
from cxresearch.outcomes import outcome
from cxresearch.study.answers import CannotTell, Finding, finding, plain
from cxresearch.study.study import Study


def headline(study: Study) -> Finding:
    """How many rows came in, were kept and set aside, and how much cannot be said."""
    rows, lacks = quality.conservation(study).said(), quality.missing(study).said("kinds")
    return Finding(f"{rows.text} {lacks.text}", rows.numbers | lacks.numbers)


def notes(study: Study) -> Finding:
    """What the loader said of this export."""
    said = study.import_report.get("notes", [])
    return Finding("\n".join("- " + plain(note) for note in said) or "The import left no notes.")


def visible(study: Study) -> Finding | CannotTell:
    """The smallest effect that this study could show at all, before any model is run."""
    power = outcome(study).power(study)
    if isinstance(power, CannotTell):
        return power
    best = power.set_index("group")["smallest visible ratio"]
    if not np.isfinite(best.min()):
        return CannotTell("any effect at all: nobody was exposed, or nothing happened to anybody.")
    return finding(
        "The smallest hazard ratio that could be seen here (80% power, 5% two-sided) is "
        "{ratio:.2f}, for: {group}. An effect nearer to 1 is missed in "
        "more than one study in five.",
        ratio=best.min(), group=best.idxmin(),
    )  # fmt: skip
