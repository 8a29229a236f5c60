"""Two levers on a cause, never mixed, as changes of who is exposed to what.

solve sooner: every issue of the cause is solved within the promise, so what is overdue is in time
and what was solved late was solved in time. prevent: no issue of the cause occurs, so what was open
or remembered of it is not there. The state of a row is that of the worst issue left.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from cxresearch.study.answers import CannotTell, Finding
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError

SOONER, PREVENT = LEVERS = ("solve sooner", "prevent")
ALL = "all causes"
DOING = {
    SOONER: "solving every issue in time",
    PREVENT: "preventing every issue",
}
IF = "if waiting is what makes them leave"


@dataclass(frozen=True, eq=False)
class ByLever(Result):
    """A row a lever and cause: lever and cause are in the index of its frame, all causes together
    among them; a sentence is said of each lever, named as its row."""

    @property
    def levers(self) -> list[str]:
        """The levers that are in it."""
        return list(self.frame.index.unique("lever"))

    @property
    def names(self) -> list[str]:
        """What of its rows' names is to be shown: no cause, where it is all of them everywhere."""
        alone = list(self.frame.index.unique("cause")) == [ALL]
        return [name for name in self.frame.index.names if name != "cause" or not alone]

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """Of each lever one."""
        return tuple(self.said(lever) for lever in self.levers)


def rough(value: float) -> float:
    """A number to two digits: what an interval allows to be said of it."""
    return float(f"{value:.2g}")


@dataclass(frozen=True)
class Seen:
    """What was there of each cause in each row: arrays of truth, rows by causes."""

    causes: list[str]
    there: np.ndarray
    late: np.ndarray
    overdue: np.ndarray


def seen(episodes: pd.DataFrame) -> Seen:
    """From episodes by cause: open or remembered, solved late and remembered, overdue."""
    causes = [c.removeprefix("open: ") for c in episodes if str(c).startswith("open: ")]
    if not causes:
        raise InputError("The episodes tell no causes: build them with by='cause'.")

    def on(word: str) -> np.ndarray:
        there = np.zeros((len(episodes), len(causes)), bool)
        for k, cause in enumerate(causes):
            if (name := f"{word}: {cause}") in episodes:
                there[:, k] = episodes[name].to_numpy() > 0
        return there

    late, overdue = on("solved late"), on("overdue")
    return Seen(causes, on("open") | on("solved in time") | late | overdue, late, overdue)


def touched(of: Seen, lever: str) -> np.ndarray:
    """Where the lever would change anything at all, rows by causes."""
    if lever not in LEVERS:
        raise InputError(f"lever is '{lever}'; it must be one of: {', '.join(LEVERS)}.")
    return of.there if lever == PREVENT else of.late | of.overdue


def shift(of: Seen, lever: str, chosen: list[str], names: list[str]) -> csr_matrix:
    """Covariates (names) under the lever on the chosen causes, less those without it, by row."""
    moved = touched(of, lever) & np.isin(of.causes, chosen)
    rows = np.flatnonzero(moved.any(axis=1))
    moved, late, overdue = moved[rows], of.late[rows], of.overdue[rows]
    change = np.zeros((len(rows), len(names)))
    for k, cause in enumerate(of.causes):
        if f"overdue: {cause}" in names:
            change[:, names.index(f"overdue: {cause}")] = -(overdue[:, k] & moved[:, k]).astype(int)
    after = (late & ~moved).any(axis=1) & ~(overdue & ~moved).any(axis=1)
    states = {"solved late": after.astype(int) - (late.any(axis=1) & ~overdue.any(axis=1))}
    if lever == PREVENT:
        states["none"] = (~(of.there[rows] & ~moved).any(axis=1)).astype(int)
    for state, by in states.items():
        if state in names:
            change[:, names.index(state)] = by
    every = csr_matrix(change)
    place = np.repeat(rows, np.diff(every.indptr))
    return csr_matrix((every.data, (place, every.indices)), (len(of.there), len(names)))
