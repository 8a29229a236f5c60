"""What goes with staying, or with coming back: what a desk may do, in shares a year on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.outcomes import doses, outcome, recovery
from cxresearch.outcomes.fates import differences, fates
from cxresearch.outcomes.hazards import YEAR, told
from cxresearch.outcomes.models import ENOUGH_EVENTS
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import together
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import LEAVING, Words, listed, side, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IN_TIME = {LEAVING: "solving in time"}  # else a solution
LATE = ("solved late", "unresolved")


@dataclass(frozen=True, eq=False)
class Helps(Result):
    """What a desk may do, a row each: what (in words), share and other (of customers with it and
    without, a year on), difference with low and high, verdict (more, fewer, cannot tell)."""

    words: Words

    def said(self, row: str = "") -> Finding | CannotTell:
        """What surely goes with a difference, and of what it cannot be told."""
        clear = told(self.frame)
        names, rest = (listed(self.frame.loc[on, "what"]) for on in (clear, ~clear))
        doubt = f"whether fewer or more customers {self.words.verb} within a year after {rest}."
        if not clear.any():
            return CannotTell(doubt)
        more = " Of what else was tried ({n}) we cannot tell." if rest else ""
        ways = " and ".join(sorted(set(self.frame.loc[clear, "verdict"])))
        return finding(
            "Only {names} clearly goes with {ways} customers who {verb} within a year." + more,
            names=names, ways=ways, verb=self.words.verb, n=int((~clear).sum()),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Shares with and without it, and their difference in percentage points."""
        gap = self.frame[["difference", "low", "high"]] * 100
        rows = self.frame.drop(columns=[*gap]).join(gap)
        return view(rows, "what as what was done", f"share .1% as {self.words.done}, with it",
                    f"other .1% as {self.words.done}, without it",
                    "difference ±+.1f as difference, percentage points")  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes:
        """Each difference with its interval, orange where it is clear, against none."""
        ax = drawing.axes(0.42 * len(self.frame) + 1.6, ax)
        drawing.forest(
            ax, self.frame, self.frame["what"], "difference", clear=told(self.frame), line=0
        )
        drawing.percent(ax, decimals=None)
        drawing.xlabel(
            ax, f"difference in the share who {self.words.done} within a year, percentage points"
        )
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """What dots and bars are, and which are clear."""
        clear = listed(self.frame.loc[told(self.frame), "what"]) or "none"
        return f"Dots are differences, bars their 95% intervals. Clear: {clear}."

    def _title(self) -> str:
        clear = self.frame[told(self.frame)]
        if clear.empty:
            return f"Nothing here surely goes with who {self.words.done}"
        row = clear.iloc[0]
        points = f"{100 * abs(row['difference']):.1f} points {row['verdict']}"
        return f"After {row['what']} {points} {self.words.done} within a year"


@once
def what_helps(study: Study) -> Helps | CannotTell:
    """Shares a year on with and without what a desk may do: a solution in time (the headline's
    shares), a late one, a quick one, words in between, a follow-up. But for the first nothing is
    adjusted for. Rows need ten events on either side. A verdict is read from an interval so wide
    that those of all rows hold together; the rows hold each its own."""
    words = outcome(study).WORDS
    pairs = [_pair(what, rows, *names) for what, rows, names in _compared(study, words)]
    rows = [row for row in (_in_time(study, words), *pairs) if row]
    if not rows:
        return CannotTell("what helps: nobody was watched for a year after an answer.")
    return Helps(_judged(pd.DataFrame(rows)), words)


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with verdicts that hold together."""
    low, high = together(rows["difference"], rows["low"], rows["high"])
    return rows.assign(verdict=pd.Series(side(low, high, 0.0)).replace("less", "fewer"))


def _compared(study: Study, words: Words):
    """What was done, the rows of customers, and the groups with it and without."""
    if words is LEAVING:
        yield "solving late rather than not", recovery.groups(study), LATE
    waits, silences = doses.delays(study), doses.silences(study)
    if not isinstance(waits, CannotTell):
        names = _in_order(waits)
        first, other = (names[0], names[1 if words is LEAVING else -1]) if names[1:] else (0, 0)
        what = "solving within a day" if words is LEAVING else "answering at once"
        yield what, waits, (first, other)
    if not isinstance(silences, CannotTell):
        names = _in_order(silences)
        yield "never leaving it without a word for long", silences, (names[0], names[-1])
    yield "following up on the solution", doses.follow_ups(study), doses.FOLLOWED_UP[::-1]


def _in_order(rows: pd.DataFrame) -> list[str]:
    return list(rows.sort_values("step")["group"].unique())


def _in_time(study: Study, words: Words) -> dict | None:
    """The shares of the headline."""
    alike = outcome(study).landmarks(study)
    if isinstance(alike, CannotTell) or alike.last is None or alike.last["day"] != YEAR:
        return None
    last, solved = alike.last, words is not LEAVING
    sign = 1 if solved else -1
    low, high = sorted([sign * last["low"], sign * last["high"]])
    shares = (last["second"], last["first"]) if solved else (last["first"], last["second"])
    return _row(IN_TIME.get(words, "a solution"), *shares, sign * last["difference"], low, high)


def _pair(what: str, rows: pd.DataFrame | CannotTell, one: str, other: str) -> dict | None:
    if isinstance(rows, CannotTell) or not {one, other} <= set(rows["group"]):
        return None
    gap = differences(rows, one, other, YEAR)
    if one == other or not min(gap["events"], gap["others"]) >= ENOUGH_EVENTS:
        return None
    shares = fates(rows, [one, other], (YEAR,))["share"]
    if shares.isna().any():
        return None
    return _row(what, shares[one], shares[other], gap["difference"], gap["low"], gap["high"])


def _row(what: str, share: float, other: float, gap: float, low: float, high: float) -> dict:
    ends = {"difference": gap, "low": low, "high": high}
    return {"what": what, "share": share, "other": other, **ends}
