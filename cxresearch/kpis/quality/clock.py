"""Is the clock right: hours of the day, weekends, and days on which nothing came in.

All on the clocks of the study's time zone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.study import drawing
from cxresearch.study.answers import Finding, finding
from cxresearch.study.intervals import wilson
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import SHARE, share

CLEAR, APART = 25, 3  # of Rayleigh's statistic; hours
POINTS_APART = 0.05
WEEKS_AROUND = 17
EXPECTED_IN_GAP = 20


@dataclass(frozen=True, eq=False)
class Hours(Result):
    """Share of each quarter's tickets by hour of creation, quarters × hours, and the jumps of their
    mean hour (see clock_jumps)."""

    jumps: pd.DataFrame

    def said(self, row: str = "") -> Finding:
        """Does the hour of the day jump, as no people's habits do?"""
        if self.jumps.empty:
            return finding(
                "The hours of creation keep their shape: no jump of {n} hours or more.", n=APART
            )
        at = "; ".join(
            f"{r['from']} to {r['to']} by {r['hours']:+.1f} hours" for _, r in self.jumps.iterrows()
        )
        return finding(
            "The mean hour of creation **jumps** ({at}). The clock or its time zone changed, so "
            "hours of the day cannot be compared across it.",
            at=at,
        )

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """At which hour of the day tickets are created, quarter by quarter."""
        ax, quiet = drawing.axes(0.28 * len(self.frame) + 1.6, ax), self.frame.idxmin(axis=1)
        drawing.heatmap(ax, self.frame, "share of the quarter's tickets")
        ax.set(xlabel="hour of the day, on the clocks of the study's time zone", ylabel="")
        first, last = quiet.index.min(), quiet.index.max()
        drawing.title(
            ax,
            f"The quietest hour was {quiet[first]} o'clock in {first}, {quiet[last]} o'clock in "
            f"{last}",
        )
        return ax

    def described(self) -> str:
        """Between which hours the quarters' quietest ones lay."""
        quiet = self.frame.idxmin(axis=1)
        return (
            "Dark is a large share of the quarter's tickets. The quietest hour lay between "
            f"{quiet.min()} and {quiet.max()} o'clock."
        )


@once
def hours(study: Study) -> Hours:
    """Share of each quarter's tickets by hour of creation."""
    counts = _by_hour(study)
    return Hours(counts.div(counts.sum(axis=1), axis=0), clock_jumps(study))


@once
def clock_jumps(study: Study) -> pd.DataFrame:
    """Quarters whose mean hour of creation jumped against the quarter before: from, to, hours.

    The mean is circular (the direction of the sum of the hours as arrows on a clock). People do
    not change their day by hours; a clock, a time zone or a bulk import does. Quarters whose hours
    point nowhere (few tickets, or customers all around the world) are passed over: their mean is
    noise. Pointing somewhere is Rayleigh's statistic, the sum's squared length over the number of
    tickets, of 25 or more; the mean is then known to well under an hour.
    """
    counts = _by_hour(study)
    arrows = counts.to_numpy() @ np.exp(2j * np.pi * np.arange(24) / 24)
    points = np.abs(arrows) ** 2 / counts.sum(axis=1) >= CLEAR
    mean = pd.Series(np.angle(arrows) * 24 / (2 * np.pi), index=counts.index)[points]
    jump = (mean.diff() + 12) % 24 - 12
    rows = pd.DataFrame({"from": mean.index.to_series().shift(), "to": mean.index, "hours": jump})
    return rows[rows["hours"].abs() >= APART].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Weekends(Result):
    """Tickets created on a Saturday or Sunday, a row a quarter: weekend, tickets, share, before
    (the quarter before), share before, and verdict (jumps or steady)."""

    def said(self, row: str = "") -> Finding:
        """How much comes in at weekends, and whether that begins or ends at a point."""
        total = self.frame[["weekend", "tickets"]].sum()
        jumps = self.frame[self.frame["verdict"] == "jumps"]
        says = SHARE + " of tickets were created on a Saturday or Sunday, two days of seven. "
        numbers = share(int(total["weekend"]), int(total["tickets"]))
        if jumps.empty:
            return finding(
                says + "That share does not jump from one quarter to the next.", **numbers
            )
        at = "; ".join(
            f"{r['before']} to {quarter} from {r['share before']:.0%} to {r['share']:.0%}"
            for quarter, r in jumps.iterrows()
        )
        return finding(
            says + "It **jumps** ({at}): a new shift, or an export that left weekends out before "
            "or after.",
            **numbers, at=at,
        )  # fmt: skip


@once
def weekends(study: Study) -> Weekends:
    """Share of each quarter's tickets created on a Saturday or Sunday.

    A jump is a difference of five points that chance does not make: the 99.9% intervals of the two
    shares (Wilson) do not touch. Weekends that begin or end at a point are a new shift, or an
    export, a queue or a mailbox that left them out.
    """
    created = _created(study)
    rows = (created.dt.day_of_week >= 5).groupby(_quarter(created)).agg(["sum", "size"])
    rows = rows.set_axis(["weekend", "tickets"], axis=1)
    rows = rows.assign(share=rows["weekend"] / rows["tickets"])
    low, high = wilson(rows["weekend"], rows["tickets"], 0.999)
    before = rows["share"].shift()
    clear = (low > high.shift()) | (high < low.shift())
    jumps = clear & ((rows["share"] - before).abs() >= POINTS_APART)
    return Weekends(
        rows.assign(before=rows.index.to_series().shift(), **{"share before": before},
                    verdict=np.where(jumps, "jumps", "steady"))
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Gaps(Result):
    """Days in a row without a ticket where many were to be expected: from, to, days, expected."""

    def said(self, row: str = "") -> Finding:
        """How many there are, and the one with the most tickets to be expected."""
        if self.frame.empty:
            return Finding("There are no days in a row without a ticket where many were expected.")
        worst = self.frame.loc[self.frame["expected"].idxmax()]
        return finding(
            "**Gaps**, days in a row without a ticket where many were expected: {n}. The largest "
            "is from {first} to {last}, with about {expected:,.0f} tickets expected. The desk was "
            "closed, or a file is missing.",
            n=len(self.frame), first=f"{worst['from']:%Y-%m-%d}", last=f"{worst['to']:%Y-%m-%d}",
            expected=float(worst["expected"]),
        )  # fmt: skip


@once
def gaps(study: Study) -> Gaps:
    """Days in a row without a ticket where many were to be expected.

    To be expected is what the same days of the week bring on average, eight weeks before and after;
    a gap is where that is 20 tickets or more. A closed desk makes one, and so does a lost file.
    """
    each = _created(study).dt.tz_localize(None).dt.normalize().value_counts()
    each = each.reindex(pd.date_range(each.index.min(), each.index.max()), fill_value=0)
    usual = each.groupby(each.index.day_of_week, group_keys=False).apply(
        lambda days: days.rolling(WEEKS_AROUND, center=True, min_periods=1).mean()
    )
    quiet = pd.DataFrame({"day": each.index, "expected": usual.sort_index().to_numpy()})
    run = (each.to_numpy() > 0).cumsum()
    quiet = quiet[each.to_numpy() == 0].groupby(run[each.to_numpy() == 0])
    rows = quiet.agg(
        **{"from": ("day", "min"), "to": ("day", "max"), "days": ("day", "size"),
           "expected": ("expected", "sum")}
    )  # fmt: skip
    return Gaps(rows[rows["expected"] >= EXPECTED_IN_GAP].reset_index(drop=True))


def _created(study: Study) -> pd.Series:
    return study.tickets["created_at"].dt.tz_convert(study.settings.time_zone)


def _quarter(created: pd.Series) -> pd.Series:
    return created.dt.tz_localize(None).dt.to_period("Q").astype(str).rename("quarter")


def _by_hour(study: Study) -> pd.DataFrame:
    created = _created(study)
    counts = pd.crosstab(_quarter(created), created.dt.hour.rename("hour"))
    return counts.reindex(columns=range(24), fill_value=0)
