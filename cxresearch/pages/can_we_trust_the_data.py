"""Notebook 01: can we trust the data?"""

import numpy as np
import pandas as pd

from cxresearch.kpis import quality
from cxresearch.kpis.totals import counts_of_all
from cxresearch.outcomes import outcome
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding, plain
from cxresearch.study.study import Study

FEW = 0.005  # share of rows set aside
FINE, LOOK = "passed", "look below"


def checks(study: Study) -> pd.DataFrame:
    """What could spoil an answer, a row each, what must be looked at first: check, found,
    verdict."""
    rows, linked = quality.conservation(study).frame.sum(), quality.linked(study)
    aside = rows.get("quarantined", 0) / rows.get("read", 1)
    jumping = quality.weekends(study).frame.query("verdict == 'jumps'")
    found = {
        "oddities in more than a fifth of tickets": quality.alarms(study.tickets),
        "kinds of data that are missing": quality.missing(study).spoiling(),
        "fields filled for only part of the time": quality.spans(study).frame,
        "jumps of the hour at which customers write": quality.clock_jumps(study),
        "jumps of the share written at weekends": jumping,
        "gaps in which no ticket came": quality.gaps(study).frame,
    }
    told = [("rows set aside", f"{aside:.2%}", aside < FEW)]
    if not isinstance(linked, DoesNotApply):
        matched = linked.frame.loc["tickets with an account", "share"]
        told += [("tickets matched to a customer", f"{matched:.1%}", linked.gate is None)]
    told += [(check, f"{len(what)}" if len(what) else "none", not len(what))
             for check, what in found.items()]  # fmt: skip
    frame = pd.DataFrame(told, columns=["check", "found", "fine"]).sort_values(
        "fine", kind="stable", ignore_index=True
    )
    return frame.assign(verdict=np.where(frame.pop("fine"), FINE, LOOK))


def headline(study: Study) -> Finding:
    """Whether any check found something, and how many rows came in, were kept and set aside."""
    rows, checked = quality.conservation(study).said(), checks(study)["verdict"]
    odd = int((checked == LOOK).sum())
    says = "**Yes**: all {of} checks are passed."
    care = "**With care**: {odd} of {of} checks are not passed; the table says which."
    answer = finding(care if odd else says, odd=odd, of=len(checked))
    return Finding(f"{answer.text} {rows.text}", answer.numbers | rows.numbers)


def rests_on(study: Study) -> pd.DataFrame:
    """What is counted over all customers, and what the sample holds of it; empty without one."""
    return counts_of_all(study).reset_index()


def notes(study: Study) -> Finding:
    """What the loader said of this export."""
    said = study.import_report.get("notes", [])
    return Finding("\n".join("- " + plain(note) for note in said) or "The import left no notes.")


def visible(study: Study) -> Finding | CannotTell:
    """The smallest effect that this study could show at all, before any model is run."""
    power = seen(study)
    if isinstance(power, CannotTell):
        return power
    best = power.loc[power["smallest visible ratio"].idxmin()]
    if not np.isfinite(best["smallest visible ratio"]):
        return CannotTell("any effect at all: nobody was exposed, or nothing happened to anybody.")
    return finding(
        "Most can be seen of: {group} ({n:,} customers). There a rise to **{ratio:.2f} times** the "
        "usual rate would be found four times of five, a smaller one less often.",
        ratio=best["smallest visible ratio"], group=best["group"], n=int(best["customers exposed"]),
    )  # fmt: skip


def seen(study: Study) -> pd.DataFrame | CannotTell:
    """How strong an effect must be to be seen, by group."""
    power = outcome(study).power(study)
    if isinstance(power, CannotTell):
        return power
    return power[["group", "customers exposed", "smallest visible ratio"]]
