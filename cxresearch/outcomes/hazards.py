"""Who leaves, or comes back, at how many times the rate of whom: hazard ratios in named rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.words import Words, ratio, side, view
from cxresearch.survival.curves import TABLED, YEAR, Curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RATIO = ("hazard ratio", "low", "high", "p")
DRAWN = 12  # rows


@dataclass(frozen=True, eq=False)
class Hazards(Result):
    """Hazard ratios, a named row each: comparison, adjusted for, hazard ratio, low, high, p, events
    while exposed and in the reference, who and against in words, and verdict (more, less, cannot
    tell: on which side of 1 the whole interval lies). withheld says why the headline is, if it is.

    lacking says why a row may not be there.
    """

    words: Words
    lacking: dict[str, str] = field(default_factory=dict)
    withheld: CannotTell | None = None

    def said(self, row: str = "headline") -> Finding | CannotTell:
        """The comparison of a named row as a sentence."""
        row = row or "headline"
        if row not in {*self.frame.index, *self.lacking}:
            raise InputError(f"There is no row '{row}'; there are {', '.join(self.frame.index)}.")
        if row not in self.frame.index:
            return CannotTell(self.lacking[row])
        return self.withheld or ratio(self.frame.loc[row], self.words)

    def table(self) -> pd.DataFrame:
        """An estimate and its interval side by side."""
        counts = (self.words.exposed, self.words.reference)
        return view(self.frame, "comparison", "adjusted for", "hazard ratio ±.2f", "p", *counts)


def named_rows(rows: dict[str, dict]) -> pd.DataFrame:
    """Rows of ratios by name, each with its verdict."""
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.assign(verdict=side(frame["low"], frame["high"]))


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
class Variants(Result):
    """The headline and the same question asked otherwise, a named row each: variant (in words),
    hazard ratio, low, high, events, verdict, and whether it is the same question (asks): not where
    the answer is known to be biased, or should be none."""

    words: Words

    def said(self, row: str = "") -> Finding | CannotTell:
        """How far the other answers lie apart, and how many say the same."""
        others = self.frame[self.frame["asks"]].drop(index="headline").dropna(subset="hazard ratio")
        if others.empty or np.isnan(self.frame.loc["headline", "hazard ratio"]):
            return CannotTell("whether it holds: too few events for an answer in another way.")
        same = others["verdict"] == self.frame.loc["headline", "verdict"]
        rest = [*others.loc[~same, "variant"][:2], *["others"] * bool((~same).sum() > 2)]
        return finding(
            "Asked in {n} other ways, the answers run from {low:.2f} to {high:.2f} times the rate. "
            + ("The verdict is the same" if same.all() else "The verdict is another, or cannot be "
               "told, for: {rest}") + ".",
            n=len(others), low=others["hazard ratio"].min(), high=others["hazard ratio"].max(),
            rest="; ".join(rest),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """An estimate and its interval side by side."""
        rows = self.frame.rename(columns={"hazard ratio": "times the rate"})
        return view(rows, "variant as how it is asked", "times the rate ±.2f", self.words.exposed)


@dataclass(frozen=True, eq=False)
class LooksAhead(Variants):
    """The same comparisons by what became of a ticket in the end: a warning, not support."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """How far such ratios run."""
        rows = self.frame.dropna(subset="hazard ratio")
        if rows.empty:
            return CannotTell("what looking ahead would have said: too few events.")
        return finding(
            "Grouped by what became of the ticket in the end, the rates differ by {low:.2f} to "
            "{high:.2f} times. That looks ahead: it is a warning, no support.",
            low=rows["hazard ratio"].min(), high=rows["hazard ratio"].max(),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Landmarks(Result):
    """Shares of two groups by each day as if they had been alike (survival.landmark): day, first,
    second, difference, low, high, effective; what became of the issue in each group, in words."""

    first: str
    second: str
    words: Words
    origin: str = "day zero"

    @property
    def last(self) -> pd.Series | None:
        """The last of the days that both were watched until, a year on at most; None if none."""
        known = self.frame[self.frame["day"] <= YEAR].dropna(subset="difference")
        return None if known.empty else known.iloc[-1]

    def said(self, row: str = "") -> Finding | CannotTell:
        """The difference on the last day that both were watched until."""
        if (last := self.last) is None:
            return CannotTell("what alike groups do: nobody was watched for so long.")
        return finding(
            "Within {span}, {second:.1%} of customers whose issue {b} {verb}, and {first:.1%} of "
            "those whose issue {a}. The difference is **{gap:+.1f} percentage points** ({low:+.1f} "
            "to {high:+.1f}), among customers alike when they wrote.",
            first=last["first"], second=last["second"], a=self.first, b=self.second,
            verb=self.words.verb, span=_span(last["day"]), gap=100 * last["difference"],
            low=100 * last["low"], high=100 * last["high"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """A quarter, half a year and a year on in percent, and the difference in percentage
        points."""
        frame = self.frame[self.frame["day"].isin(TABLED)]
        shown = {
            "day": frame["day"],
            f"{self.first} %": 100 * frame["first"],
            f"{self.second} %": 100 * frame["second"],
        }
        points = 100 * frame[["difference", "low", "high"]]
        return pd.DataFrame({**shown, **points, "effective rows": frame["effective"].round(0)})

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """A curve a group, under the difference as the title."""
        if (last := self.last) is None:
            return CannotTell(self.said().reason)
        names = {self.second: "second", self.first: "first"}
        rows = pd.concat(
            self.frame.assign(group=f"issue {name}", share=self.frame[of])
            for name, of in names.items()
        )
        rows = pd.concat([rows.groupby("group").head(1).assign(day=0, share=0.0), rows])
        rows = rows.assign(low=rows["share"], high=rows["share"])
        words, until = self.words, last["day"]
        return Curves(
            rows, "group", words.done, words.verb, self.origin, heading=self._title(last),
            until=until,
        ).plot(ax)  # fmt: skip

    def described(self) -> str:
        """What the curves are, and where they end."""
        if (last := self.last) is None:
            return ""
        return (
            f"Shares who {self.words.done}, as if both groups had been alike when they wrote. "
            f"After {last['day']:.0f} days: {last['second']:.1%} and {last['first']:.1%}."
        )

    def _title(self, last: pd.Series) -> str:
        if last["low"] <= 0 <= last["high"]:
            return f"No clear difference within {_span(last['day'])}"
        return (
            f"{last['second']:.1%} {self.words.verb} within {_span(last['day'])} if the issue "
            f"{self.second}, else {last['first']:.1%}"
        )


def _span(day: float) -> str:
    return "a year" if day == YEAR else f"{day:.0f} days"
