"""What was planted beside what was estimated: results that read one verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from cxresearch.lab.estimators import EVER, OURS
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.words import NONE, interval, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HOLDS, MISSES, FEW = "holds the truth", "misses the truth", "too few to tell"
COLOURS = {HOLDS: drawing.ACCENT, MISSES: drawing.WARN, FEW: drawing.QUIET}


def covers(rows: pd.DataFrame, ratio: str) -> np.ndarray:
    """Does the interval of each row hold the planted ratio?"""
    holds = (rows["low"] <= rows["planted"]) & (rows["planted"] <= rows["high"])
    unknown = rows[ratio].isna() | rows["planted"].isna()
    return np.select([unknown, holds], [FEW, HOLDS], MISSES)


@dataclass(frozen=True, eq=False)
class BesidePlanted(Result):
    """Estimates beside what was planted, a named row each: the ratio, low, high, planted, verdict
    (holds the truth, misses the truth, too few to tell)."""

    ratio: ClassVar[str] = "hazard ratio"
    axis: ClassVar[str] = ""
    height: ClassVar[float] = 0.4

    @property
    def told(self) -> pd.DataFrame:
        """The rows that have an estimate to judge."""
        return self.frame[self.frame["verdict"] != FEW]

    @property
    def held(self) -> int:
        """How many of them hold the truth."""
        return int((self.told["verdict"] == HOLDS).sum())

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """Each planted ratio (diamond) beside its estimate, blue where the interval holds it."""
        rows = self.frame
        ax = drawing.axes(self.height * len(rows) + 1.6, ax)
        seen = rows[["low", "high", "planted"]].stack()
        drawing.ratio_axis(ax, seen.min(), seen.max())
        drawing.forest(ax, rows, rows.index, self.ratio, length=50)
        places, colours = ax.get_yticks(), rows["verdict"].map(COLOURS)
        for drawn in ax.collections:
            drawn.set_color(colours)
        ax.scatter(rows["planted"], places, marker="D", s=42, facecolor="white",
                   edgecolor=drawing.INK, zorder=4)  # fmt: skip
        drawing.xlabel(ax, self.axis)
        drawing.title(ax, self._title())
        return ax

    def _title(self) -> str:
        return f"{self.held} of {len(self.told)} intervals hold what was built in"


@dataclass(frozen=True, eq=False)
class PlantedCauses(BesidePlanted):
    """Each planted cause, the most harmful first, estimated from tickets with their true causes."""

    axis: ClassVar[str] = (
        "hazard ratio of leaving (log scale): diamond planted, dot and bar estimated"
    )

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many planted ratios lie in the intervals of their estimates."""
        n = len(self.told)
        if not n:
            return CannotTell("whether the method finds the truth here: too few left while any "
                              "one cause was overdue, or at any other time.")  # fmt: skip
        few = len(self.frame) - n
        without = " {few} others were overdue too little to be estimated." if few else ""
        return finding(
            "**In this invented company the method finds {held} of {n} harms that were built in**: "
            "the true one lies in the interval of the estimate." + without,
            held=self.held, n=n, few=few,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Planted and estimated ratios side by side."""
        return view(self.frame, "cause", "planted", "hazard ratio ±.2f as estimate",
                    "left while exposed", "smallest visible ratio", "verdict")  # fmt: skip

    def _title(self) -> str:
        few = len(self.frame) - len(self.told)
        without = f"; {few} causes were too seldom overdue" if few else ""
        return super()._title() + without

    def described(self) -> str:
        """What the signs mean."""
        return (
            "Diamonds are planted hazard ratios, dots estimates with their 95% intervals: blue if "
            "the interval holds the diamond, orange if not."
        )


@dataclass(frozen=True, eq=False)
class FoundCauses(BesidePlanted):
    """Each cause that the machine found, beside the planted cause of most of its tickets; planted
    names all causes that were."""

    planted: frozenset[str]

    def said(self, row: str = "") -> Finding:
        """How pure the causes are and how many of their estimates hold the planted ratio."""
        rows, told = self.frame, self.told
        pure = float((rows["purity"] * rows["tickets"]).sum() / rows["tickets"].sum())
        hidden = len(self.planted - set(rows["mostly"]))
        missed = " {hidden} planted causes are mostly in no cause that was found." if hidden else ""
        return finding(
            "With the causes that the machine found, {held} of {n} estimates hold the ratio of the "
            "planted cause they mostly are. Of {of:,} "
            "tickets {pure:.0%} are in the cause that is mostly their own." + missed,
            held=self.held, n=len(told), pure=pure, of=int(rows["tickets"].sum()), hidden=hidden,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Causes found beside the planted cause they mostly are."""
        rows = self.frame
        shares = zip(rows["purity"], rows["tickets"], strict=True)
        shown = view(rows, "cause as cause found", "mostly", "planted",
                     "hazard ratio ±.2f as estimate")  # fmt: skip
        shown.insert(2, "purity", [f"{purity:.0%} of {tickets:,}" for purity, tickets in shares])
        none = rows["planted"].isna().to_numpy()
        return shown.assign(verdict=np.where(none, "asks to leave: no cause", rows["verdict"]))


@dataclass(frozen=True, eq=False)
class Analyses(BesidePlanted):
    """What every estimator says of the same customers, a row an analysis and named by it: any
    overdue issue against the others, beside the mean of what was planted."""

    ratio: ClassVar[str] = "ratio"
    axis: ClassVar[str] = (
        "ratio (log scale, 1 = no difference): diamond planted, dot and bar as estimated"
    )
    height: ClassVar[float] = 0.5

    def said(self, row: str = "") -> Finding | CannotTell:
        """What "ever had an overdue issue" would have said, beside the truth and this method."""
        ours, ever = self.frame.loc[OURS], self.frame.loc[EVER]
        if np.isnan(ours["ratio"]) or np.isnan(ever["ratio"]):
            return CannotTell("what other analyses would have said: too few left, exposed or not.")
        turned = " That is the wrong way round: waiting would seem to keep customers." * bool(
            ever["high"] < 1 < ours["planted"]
        )
        misses = " Its interval **misses** what was planted." * bool(ours["verdict"] == MISSES)
        return finding(
            "Overdue issues were built to multiply the rate of leaving by {planted:.1f}; the "
            "method says {ours:.1f} ({low:.1f} to {high:.1f})." + misses + " The obvious "
            "comparison, who “ever had an overdue issue”, says {ever:.1f} "
            "({ever_low:.1f} to {ever_high:.1f})."
            + turned,
            ever=ever["ratio"], ever_low=ever["low"], ever_high=ever["high"], ours=ours["ratio"],
            low=ours["low"], high=ours["high"], planted=ours["planted"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The analyses beside each other."""
        columns = ["analysis", "measure", "planted", "looks ahead", "verdict"]
        shown = view(self.frame, *columns)
        shown.insert(2, "says", [ratio_text(*row) for row in zip(
            *(self.frame[c] for c in ("ratio", "low", "high")), strict=True)])  # fmt: skip
        return shown

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """What each says beside what was planted."""
        if self.frame["ratio"].isna().all():
            return CannotTell("what the analyses would have said: too few left, overdue or not.")
        return super().plot(ax)

    def _title(self) -> str:
        told = self.frame.dropna(subset="ratio")
        wrong = int((told["high"] < 1).sum())
        return f"{wrong} of {len(told)} analyses say that waiting keeps customers"

    def described(self) -> str:
        """What the signs mean."""
        return (
            f"Dots are what each analysis says, bars 95% intervals; diamonds what was planted, "
            f"{self.frame['planted'].max():.2f} on average."
        )


@dataclass(frozen=True, eq=False)
class ExitsMarked(Result):
    """Are the tickets marked as requests to leave those that were planted? recall and precision:
    share, low, high, of."""

    def said(self, row: str = "") -> Finding:
        """How many planted ones are marked, and how many of those marked were planted."""
        numbers = {f"{name}_{k}": v for name, row in self.frame.iterrows() for k, v in row.items()}
        return finding(
            "Of the planted requests to leave, {recall_share:.0%} (95% interval {recall_low:.0%} "
            "to {recall_high:.0%}; of {recall_of:,.0f}) are marked. Of those marked, "
            "{precision_share:.0%} ({precision_low:.0%} to {precision_high:.0%}; of "
            "{precision_of:,.0f}) are one.",
            **numbers,
        )


def ratio_text(ratio: float, low: float, high: float) -> str:
    """A ratio with its interval where it has one, "2.07 (2.01 to 2.12)"; a dash without a ratio."""
    if np.isnan(ratio):
        return NONE
    return f"{ratio:.2f}" if np.isnan(low) else interval(ratio, low, high, ".2f")
