"""What a lever does to the rows of the model: before, after, and how the hazard changes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.impact.levers import seen, shift
from cxresearch.impact.model import CauseModel
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.results import Result


@dataclass(frozen=True)
class Pulled(Result):
    """Departures on which a lever bears, a row each: how many of its causes were overdue, whether
    one was solved late, or none was there, each before and after; and hazard, by how much it is
    multiplied."""


@cannot_tell_passes
def pulled(model: CauseModel, lever: str) -> Pulled | CannotTell:
    """The departures on which a lever on all causes bears, before and after it is pulled."""
    names = list(model.fit.params.index)
    rows = model.rows[model.rows["event"] == 1]
    of = seen(rows)
    change = pd.DataFrame(shift(of, lever, of.causes, names).toarray(), rows.index, names)
    moved = (change != 0).any(axis=1)
    if not moved.any():
        return CannotTell(f"what “{lever}” does: it bears on no departure.")
    rows, change = rows.loc[moved, names], change[moved]
    overdue = [name for name in names if name.startswith("overdue: ")]
    shown = {}
    for name, columns in {
        "overdue": overdue,
        "solved late": ["solved late"],
        "none": ["none"],
    }.items():
        before = rows.reindex(columns=columns, fill_value=0).sum(axis=1)
        after = before + change.reindex(columns=columns, fill_value=0).sum(axis=1)
        shown |= {name: before.astype(int), f"{name}, after": after.round().astype(int)}
    hazard = np.exp(change.to_numpy() @ model.fit.params.to_numpy())
    return Pulled(pd.DataFrame(shown).assign(hazard=hazard).reset_index(drop=True))
