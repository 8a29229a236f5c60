"""Shares to whom an event has happened by each day, which say, show and draw themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.words import each, intervals
from cxresearch.survival.kaplan_meier import at_days

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWN = 730  # days
YEAR = 365
TABLED = (90, 180, YEAR)


@dataclass(frozen=True, eq=False)
class StillThere(Result):
    """Shares without the event, by group if by names one: day, survival, low, high, se, at_risk
    (kaplan_meier). of says of whom ("customers"), origin what day zero is, still what is said of
    those without the event."""

    by: str | None = None
    of: str = "rows"
    origin: str = "day zero"
    still: str = "still there"

    def said(self, row: str = "") -> Finding | CannotTell:
        """The shares a year on, or on the last day that anybody was watched."""
        ends, short = self._ends()
        if ends.empty:
            return CannotTell(f"who is {self.still}: no group was watched for so long.")
        rest = f" {short} groups were not watched for so long." if short else ""
        return finding(
            "After {day:.0f} days {parts} of {of} are {still}." + rest,
            day=ends["until"].max(), parts="; ".join(self._each(ends, ".1%")), of=self.of,
            still=self.still,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """A quarter, half a year and a year on: in percent, with how many are at risk."""
        gone = self._grouped().assign(share=1 - self.frame["survival"])
        rows = at_days(gone, "group", list(TABLED)).set_index(["group", "day"])
        percent = {self.still: 1 - rows["share"], "low": rows["low"], "high": rows["high"]}
        percent = {f"{name} %": 100 * share for name, share in percent.items()}
        return pd.DataFrame(percent).assign(**{"at risk": rows["at_risk"].astype("Int64")})

    def plot(self, ax: Axes | None = None) -> Axes:
        """A step curve a group with its 95% band; of many groups the largest."""
        ax, rows = drawing.axes(4.2, ax), self._grouped()
        drawing.curves(ax, rows[rows["group"].isin(self._drawn())], "group", "day", "survival")
        drawing.percent(ax, "y")
        ax.set_ylim(0, 1.02)
        ax.set_xlabel(f"days since {self.origin}")
        ax.set_ylabel(f"share of {self.of} {self.still}")
        ends = self._ends()[0].sort_values("survival")
        few = ends if len(ends) < 3 else pd.concat([ends.head(1), ends.tail(1)])
        parts = ", ".join(self._each(few, ".0%", bounds=False)) or "nobody was watched so long"
        drawing.title(ax, f"After {ends['until'].max():.0f} days {self.still}: {parts}")
        return ax

    def described(self) -> str:
        """What the curves are, their values, and how many groups are not drawn."""
        more = self._grouped()["group"].nunique() - len(self._drawn())
        rest = f" {more} smaller groups are not drawn." if more else ""
        return f"Kaplan–Meier, shaded 95% bands. {self.said()._repr_markdown_()}{rest}"

    def _grouped(self) -> pd.DataFrame:
        return self.frame.assign(group=self.frame[self.by] if self.by else "all")

    def _drawn(self) -> list[str]:
        most = self._grouped().groupby("group")["at_risk"].max().sort_values(ascending=False)
        return list(most.index[: len(drawing.PALETTE)])

    def _ends(self) -> tuple[pd.DataFrame, int]:
        """Each group on one day, and how many groups were not watched until then."""
        rows = self._grouped()
        until = min(YEAR, rows["day"].max())
        last = rows.groupby("group")["day"].transform("max")
        ends = rows[rows["day"] <= until].groupby("group").tail(1)
        known = (last[ends.index] >= until) | (ends["survival"] == 0)
        return ends[known].assign(until=until), int((~known).sum())

    def _each(self, ends: pd.DataFrame, form: str, bounds: bool = True) -> list[str]:
        shares = intervals(ends, "survival", form)
        if not bounds:
            shares = [f"{share:{form}}" for share in ends["survival"]]
        texts = zip(ends["group"], shares, strict=True)
        return [f"{name} {text}" if self.by else text for name, text in texts]


@dataclass(frozen=True, eq=False)
class Curves(Result):
    """Cumulative shares by group: a column by the name of `by`, day, share, low, high, at_risk.

    done says what has happened ("left"), verb what happens ("leave"), of whom what the shares are
    shares of, origin what day zero is, and heading the title, where a finding beside it is told.
    """

    by: str
    done: str
    verb: str
    origin: str
    of: str = ""
    heading: str = ""
    until: float = DRAWN

    def said(self, row: str = "") -> Finding | CannotTell:
        """The shares a year on."""
        year = at_days(self.frame, self.by, [YEAR]).dropna(subset="share")
        if year.empty:
            return CannotTell("what happens within a year: nobody was watched for so long.")
        year = year.sort_values("share", ascending=False)
        return finding(
            "Within a year, {verb}: {parts}. Shares with 95% intervals; the curves compare groups "
            "as they were on day zero and adjust for nothing.",
            verb=self.verb, parts=each(year[self.by], year, "share"),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """A quarter, half a year and a year on: in percent, with customers at risk."""
        shares = at_days(self.frame, self.by, list(TABLED)).set_index([self.by, "day"])
        percent = 100 * shares[["share", "low", "high"]]
        percent = percent.rename(columns=lambda c: f"{c} %")
        return percent.assign(**{"at risk": shares["at_risk"].astype("Int64")})

    def plot(self, ax: Axes | None = None) -> Axes:
        """A step curve a group with its 95% band, for two years at most."""
        shown = self._shown().sort_values(self.by, kind="stable")
        ax = drawing.axes(4.2, ax)
        drawing.curves(ax, shown, self.by, "day", "share")
        drawing.percent(ax, "y")
        ax.set_ylim(0, None)
        ax.set_xlabel(f"days since {self.origin}")
        ax.set_ylabel(f"share of {self.of or f'customers who {self.done}'}")
        drawing.title(ax, self.heading or self._title())
        return ax

    def described(self) -> str:
        """Each group's share on the last day that all reach, a year on at most."""
        ends = self._ends()
        told = each(ends[self.by], ends, "share", ".0%")
        day = ends["until"].max()
        return f"Cumulative incidence, shaded 95% bands. After {day:.0f} days: {told}."

    def _shown(self) -> pd.DataFrame:
        return self.frame[self.frame["day"] <= min(self.frame["day"].max(), self.until)]

    def _ends(self) -> pd.DataFrame:
        """Each group on one day that all of them reach: a year, or less; the largest share first.

        Of two groups with the same share, the one that comes first is first."""
        shown = self._shown()
        until = min(YEAR, shown.groupby(self.by)["day"].max().min())
        ends = shown[shown["day"] <= until].groupby(self.by).tail(1).assign(until=until)
        return ends.sort_values("share", ascending=False)

    def _title(self) -> str:
        ends = self._ends()
        most, least = ends.head(1).squeeze(), ends.tail(1).squeeze()
        return (
            f"After {most['until']:.0f} days {most['share']:.0%} of “{most[self.by]}” {self.done}, "
            f"{least['share']:.0%} of “{least[self.by]}”"
        )
