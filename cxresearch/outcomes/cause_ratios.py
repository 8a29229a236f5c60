"""Which causes go with a different rate: one verdict for the sentence, the bars and the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.outcomes.hazards import describe, forest, told
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import LEVEL, wilson
from cxresearch.study.results import Result
from cxresearch.study.words import Words, listed, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = 3  # causes, in a sentence


@dataclass(frozen=True, eq=False)
class CauseRatios(Result):
    """Hazard ratios by cause, a row a cause and named by it, with verdict (from Holm's p); columns
    are those of a page's table, lacking says of what untested causes had too little, withheld why
    nothing is told of any."""

    words: Words
    columns: tuple[str, ...]
    against: str
    lacking: str
    withheld: CannotTell | None = None

    def told(self) -> pd.DataFrame:
        """The causes whose verdict can tell, the highest ratio first."""
        return self.frame[told(self.frame)].sort_values("hazard ratio", ascending=False)

    def said(self, row: str = "") -> Finding | CannotTell:
        """Which causes surely go with a different rate; or why it is withheld."""
        if self.withheld:
            return self.withheld
        clear, few = self.told()["cause"], int(self.frame["hazard ratio"].isna().sum())
        if clear.empty:
            return CannotTell(
                f"which cause matters most: {len(self.frame) - few} of {len(self.frame)} causes "
                f"were tested without a clear result, {few} {self.lacking} to be tested."
            )
        verb = {*self.told()["verdict"]}
        way = f"customers who {verb.pop()}" if len(verb) == 1 else "another rate"
        doubt = " Of the other {rest} we cannot tell; {few} of them {lacking} to be tested."
        names = [*clear[:NAMED], *[f"{len(clear) - NAMED} more"] * (len(clear) > NAMED)]
        return finding(
            "{n} of {of} causes clearly go with {way}: {names}."
            + doubt * (len(clear) < len(self.frame)),
            n=len(clear), of=len(self.frame), way=way, names=listed(names),
            rest=len(self.frame) - len(clear), few=few or "none", lacking=self.lacking,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """An estimate and its interval side by side."""
        return view(self.frame, *self.columns)

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """Ratios with their intervals, orange where the verdict can tell."""
        if self.withheld:
            return self.withheld
        heading = f"{len(self.told())} of {len(self.frame)} causes go with a clearly different rate"
        return forest(self.frame, "cause", self.words, heading, ax)

    def described(self) -> str:
        """Which causes are told apart, after correction for so many."""
        return describe(self.frame, "cause", "Clear after Holm's correction")


def by_name(table: pd.DataFrame) -> pd.DataFrame:
    """Rows named by their cause."""
    return table.set_index("cause", drop=False).rename_axis(None)


def verdicts(table: pd.DataFrame, verb: str, few: str = "too few events") -> np.ndarray:
    """What each row's corrected p and ratio allow to say: cannot tell, verb more, verb less."""
    return np.select(
        [table["p"].isna(), table["p"] >= 0.05, table["hazard ratio"] > 1],
        [f"cannot tell: {few}", "cannot tell", f"{verb} more"],
        f"{verb} less",
    )


@dataclass(frozen=True, eq=False)
class Unanswered(Result):
    """Who is left without an outside answer by the landmark day, by cause: the columns unanswered,
    unanswered low, unanswered high (Wilson) and customers of a CauseRatios; of so many customers
    in all, with a cause or without, so many were left without (silent)."""

    customers: int
    silent: int
    day: float

    def said(self, row: str = "") -> Finding | CannotTell:
        """The cause whose first tickets are most surely left unanswered more often than the rest.

        Intervals are Wilson's at 95% for all causes together (Bonferroni), because the worst is
        picked.
        """
        size = self.frame["customers"]
        silent = (self.frame["unanswered"] * size).round()
        low, high = wilson(silent, size, 1 - (1 - LEVEL) / len(self.frame))
        others = self.customers - size
        rest = (self.silent - silent) / others.where(others > 0)
        ahead = (low / rest)[low > rest]
        if ahead.empty:
            return CannotTell(
                "which cause to answer first: no cause is clearly left unanswered more."
            )
        worst = self.frame.loc[ahead.idxmax()]
        return finding(
            "**Answer first: {cause}.** {share:.0%} ({low:.0%} to {high:.0%}; {n:,} customers) of "
            "its first tickets had no outside answer by day {day:g}, against {rest:.0%} of all "
            "others. Who leaves cannot be seen in this data, so nothing here says what that costs.",
            cause=worst["cause"], share=worst["unanswered"], low=low[worst.name],
            high=high[worst.name], n=int(worst["customers"]), rest=rest[worst.name], day=self.day,
        )  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes:
        """Shares of the largest causes, the most unanswered first."""
        rows, whole = self._shown(), self._whole()
        ax = drawing.axes(0.34 * len(rows) + 1.6, ax)
        drawing.forest(ax, rows, rows["cause"], "unanswered", line=whole)
        ax.set_xlim(0, None)
        drawing.percent(ax)
        drawing.xlabel(ax, "share of first tickets without an outside answer by the landmark day")
        top = rows.loc[rows["unanswered"].idxmax()]
        drawing.title(
            ax,
            f"{drawing.in_figure(top['cause'], 40)}: {top['unanswered']:.0%} unanswered, "
            f"{whole:.0%} overall",
        )
        return ax

    def described(self) -> str:
        """What the dots, bars and line are."""
        return (
            f"Dots are shares of customers' first tickets, bars 95% intervals (Wilson), for the "
            f"{len(self._shown())} largest of {len(self.frame)} causes; the dotted line is the "
            f"share over all causes, {self._whole():.1%}."
        )

    def _shown(self) -> pd.DataFrame:
        return self.frame.nlargest(15, "customers").sort_values("unanswered", ascending=False)

    def _whole(self) -> float:
        return float(np.average(self.frame["unanswered"], weights=self.frame["customers"]))
