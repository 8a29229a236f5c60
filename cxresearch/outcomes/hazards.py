"""Who leaves, or comes back, at how many times the rate of whom: hazard ratios in named rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import of_many
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.words import Words, ratio, side, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RATIO = ("hazard ratio", "low", "high", "p")
DRAWN = 12  # rows


@dataclass(frozen=True, eq=False)
class Hazards(Result):
    """Hazard ratios, a named row each: comparison, adjusted for, hazard ratio, low, high, p, events
    while exposed and in the reference, who and against in words, and verdict (more, less, cannot
    tell: on which side of 1 the whole interval lies). withheld says why the headline is, if it is.

    lead names the rows that a page begins with, the headline last; lacking says why a row may not
    be there; caution is added to a second comparison that is nearer to no effect than the headline.
    """

    words: Words
    lead: tuple[str, ...] = ("headline",)
    lacking: dict[str, str] = field(default_factory=dict)
    caution: str = ""
    withheld: CannotTell | None = None

    def said(self, row: str = "headline") -> Finding | CannotTell:
        """The comparison of a named row as a sentence."""
        row = row or "headline"
        if row not in {*self.frame.index, *self.lacking}:
            raise InputError(f"There is no row '{row}'; there are {', '.join(self.frame.index)}.")
        if row not in self.frame.index:
            return CannotTell(self.lacking[row])
        if self.withheld:
            return self.withheld
        if row == "direct":
            return self._direct()
        said = ratio(self.frame.loc[row], self.words)
        ratios = self.frame["hazard ratio"]
        if row == "second" and isinstance(said, Finding) and ratios[row] < ratios["headline"]:
            return Finding(f"{said.text} {self.caution}".strip(), said.numbers)
        return said

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """What a page begins with."""
        if self.withheld:
            return (self.withheld,)
        return tuple(self.said(row) for row in self.lead)

    def table(self) -> pd.DataFrame:
        """An estimate and its interval side by side."""
        counts = (self.words.exposed, self.words.reference)
        return view(self.frame, "comparison", "adjusted for", "hazard ratio ±.2f", "p", *counts)

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """Every comparison with its interval, against the line of no difference."""
        if pd.isna(self.frame["hazard ratio"].get("headline")):
            return CannotTell(self.said().reason)
        return forest(self.frame, "comparison", self.words, self._title(), ax)

    def described(self) -> str:
        """Which comparisons' intervals exclude one."""
        return describe(self.frame, "comparison")

    def _title(self) -> str:
        head = self.frame.loc["headline"]
        if self.withheld:
            return f"{head['comparison']}: withheld, for a rule speaks against it"
        return (
            f"{head['comparison']}: {head['hazard ratio']:.2f} times the rate "
            f"({head['low']:.2f} to {head['high']:.2f})"
        )

    def _direct(self) -> Finding:
        """The headline given current activity: what does not go through lower use."""
        row = self.frame.loc["direct"]
        return finding(
            "Given the activity of the day itself the ratio is {ratio:.2f} ({low:.2f} to "
            "{high:.2f}) instead of {total:.2f}: what is left is the direct effect, what is gone "
            "went through lower use, or lower use came first.",
            ratio=row["hazard ratio"], low=row["low"], high=row["high"],
            total=self.frame.loc["headline", "hazard ratio"],
        )  # fmt: skip


def named_rows(rows: dict[str, dict]) -> pd.DataFrame:
    """Rows of ratios by name, each with its verdict."""
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.assign(verdict=side(frame["low"], frame["high"]))


def corrected(p: pd.Series) -> pd.Series:
    """Holm's p over the rows that were tested."""
    tested = p.dropna()
    holm = of_many(tested) if len(tested) else tested
    return pd.Series(holm, tested.index, dtype=float).reindex(p.index)


def forest(
    rows: pd.DataFrame, by: str, words: Words, heading: str, ax: Axes | None = None
) -> Axes | CannotTell:
    """Hazard ratios with their intervals, orange where the row's verdict can tell."""
    shown = drawn(rows)
    if shown.empty:
        return CannotTell("how the rows compare: none has enough events for an estimate.")
    ax = drawing.axes(0.42 * len(shown) + 1.6, ax)
    drawing.ratio_axis(ax, shown["low"].min(), shown["high"].max())
    drawing.forest(ax, shown, shown[by], "hazard ratio", clear=told(shown))
    drawing.xlabel(
        ax, f"hazard ratio: how often customers {words.verb} (log scale, 1 = no difference)"
    )
    drawing.title(ax, heading)
    return ax


def describe(rows: pd.DataFrame, by: str, clear: str = "Intervals that exclude one") -> str:
    """What can be seen in a forest of hazard ratios, and how many rows are not in it."""
    shown = drawn(rows)
    names = drawing.in_figure(", ".join(shown.loc[told(shown), by].astype(str)), 200) or "none"
    hidden, empty = len(rows) - len(shown), int(rows["hazard ratio"].isna().sum())
    rest = f"{hidden} rows are not drawn, {empty} of them for want of events." if hidden else ""
    return (
        f"Dots are hazard ratios, bars their 95% intervals, for {len(shown)} rows. "
        f"{clear}: {names}. {rest}"
    )


def drawn(rows: pd.DataFrame) -> pd.DataFrame:
    """The first rows that have an estimate."""
    return rows[rows["hazard ratio"].notna()].head(DRAWN)


def told(rows: pd.DataFrame) -> pd.Series:
    """The rows whose verdict can tell."""
    return ~rows["verdict"].str.startswith("cannot")


@dataclass(frozen=True, eq=False)
class Doubts(Result):
    """The headline under other choices, a named row each ("lag 7"): comparison, version, adjusted
    for, hazard ratio, low, high, p, events, verdict; lag in days where a row has one."""

    words: Words

    def said(self, row: str = "") -> Finding | CannotTell:
        """Does the headline hold with a lag? Versions known to be biased are told apart."""
        lags = self.frame[self.frame["lag"].notna()].dropna(subset="hazard ratio")
        if len(lags) < 2:
            return CannotTell("whether the headline holds with a lag: too few events.")
        first, last = (lags.loc[name] for name in (lags["lag"].idxmin(), lags["lag"].idxmax()))
        return finding(
            "Taken {days} instead of 0 days back, the hazard ratio is {late:.2f} ({low:.2f} to "
            "{high:.2f}) instead of {now:.2f}; of {n} lags the intervals of {clear} exclude 1. "
            "Requests to leave, counted as issues, raise whichever side they are on.",
            days=int(last["lag"]), late=last["hazard ratio"], low=last["low"], high=last["high"],
            now=first["hazard ratio"], n=len(lags), clear=int(told(lags).sum()),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """An estimate and its interval side by side."""
        counts = (self.words.exposed, self.words.reference)
        asked = ("comparison", "version", "adjusted for")
        named = [c for c in asked if c in self.frame]
        return view(self.frame, *named, "hazard ratio ±.2f", "p", *counts)


@dataclass(frozen=True, eq=False)
class LooksAhead(Doubts):
    """The same comparisons by what became of a ticket in the end: a warning, not support."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """How far such ratios run."""
        rows = self.frame.dropna(subset="hazard ratio")
        if rows.empty:
            return CannotTell("what looking ahead would have said: too few events.")
        return finding(
            "Grouped by what became of the ticket in the end, the hazard ratios run from "
            "{low:.2f} to {high:.2f}. That looks ahead: these rows are a warning, not support for "
            "the headline.",
            low=rows["hazard ratio"].min(), high=rows["hazard ratio"].max(),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Landmarks(Result):
    """Shares of two groups by each day as if they had been alike (survival.landmark): day, first,
    second, difference, low, high, effective; the groups' names in words."""

    first: str
    second: str
    words: Words

    def said(self, row: str = "") -> Finding | CannotTell:
        """The difference on the last day that both were watched until."""
        last = self.frame.dropna(subset="difference").tail(1)
        if last.empty:
            return CannotTell("what alike groups do: nobody was watched for so long.")
        row = last.squeeze()
        return finding(
            "Had both groups been alike in what was known when they wrote, {first:.1%} of “{a}” "
            "and {second:.1%} of “{b}” would {verb} within {day:.0f} days: a difference of "
            "{gap:+.1f} percentage points (95% interval {low:+.1f} to {high:+.1f}).",
            first=row["first"], second=row["second"], a=self.first, b=self.second,
            verb=self.words.verb, day=row["day"], gap=100 * row["difference"],
            low=100 * row["low"], high=100 * row["high"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Each day in percent, and the difference in percentage points."""
        frame = self.frame
        shown = {
            "day": frame["day"],
            f"{self.first} %": 100 * frame["first"],
            f"{self.second} %": 100 * frame["second"],
        }
        points = 100 * frame[["difference", "low", "high"]]
        return pd.DataFrame({**shown, **points, "effective rows": frame["effective"].round(0)})
