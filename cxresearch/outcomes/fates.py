"""What became of groups by some days after a landmark, and whether the two that matter differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.words import Words, intervals
from cxresearch.survival import against_rest, at_days, cumulative_incidence
from cxresearch.survival.curves import Curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DAYS = (90, 180, 365)
HALF_A_YEAR = 180


@dataclass(frozen=True, eq=False)
class Fates(Result):
    """Groups from a landmark on, as fates() returns them; gap is what differences() says of the two
    that matter, group and against, by half a year; curves are the shares day by day."""

    words: Words
    group: str
    against: str
    gap: pd.Series
    curves: Curves

    def said(self, row: str = "") -> Finding | CannotTell:
        """The difference between the two groups that matter most, in points by half a year."""
        gap, done = self.gap, self.words.done
        points = finding(
            "{points:+.1f} percentage points ({low:+.1f} to {high:+.1f})",
            points=100 * gap["difference"], low=100 * gap["low"], high=100 * gap["high"],
        )  # fmt: skip
        if gap["verdict"] == "cannot tell":
            few = "too few customers in one of them"
            return CannotTell(
                f"whether “{self.group}” and “{self.against}” differ in who {done} within "
                f"{HALF_A_YEAR} days: {points.text if pd.notna(gap['p']) else few}."
            )
        shares = self.frame.loc[self.frame["day"] == HALF_A_YEAR, "share"]
        return finding(
            "Within {day} days {one:.1%} of “{group}” customers {done}, and {other:.1%} of "
            "“{against}”. The difference is " + points.text + ", adjusted for nothing.",
            day=HALF_A_YEAR, group=self.group, against=self.against, done=done,
            one=shares[self.group], other=shares[self.against],
            **{f"gap {k}": v for k, v in points.numbers.items()},
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """A row a group: customers, landmarks, events, and the share with its interval by day."""
        return side_by_side(self.frame, self.words, "times counted")

    def plot(self, ax: Axes | None = None) -> Axes:
        """The curves, under the difference as the title."""
        return self.curves.plot(ax)

    def described(self) -> str:
        """Each group's share on the last day that all reach."""
        return self.curves.described()


def fates(cohort: pd.DataFrame, order: list[str], days: tuple[int, ...] = DAYS) -> pd.DataFrame:
    """What became of each group by each day: rows named by group, in this order, one a day:
    customers, rows, events, day, share, low, high, at_risk.

    cohort has customer_id, group, time and status as survival.cumulative_incidence takes them.
    """
    size = cohort.groupby("group").agg(
        customers=("customer_id", "nunique"), rows=("time", "size"),
        events=("status", lambda s: int((s == 1).sum())),
    )  # fmt: skip
    shares = at_days(cumulative_incidence(cohort, "group"), "group", list(days))
    rows = size.join(shares.set_index("group"))
    return rows.loc[[name for name in order if name in size.index]]


def side_by_side(rows: pd.DataFrame, words: Words, counted: str = "issues") -> pd.DataFrame:
    """Fates with the days beside each other: a row a group, its shares with their intervals.

    counted names what the rows are; they are not shown where each is another customer's.
    """
    once, size = (rows["customers"] == rows["rows"]).all(), sizes(rows)
    size = size.drop(columns="rows") if once else size.rename(columns={"rows": counted})
    by_day = {f"{words.done} by day {day:g}": each for day, each in rows.groupby("day")}
    return size.assign(**{name: intervals(each, "share") for name, each in by_day.items()})


def sizes(rows: pd.DataFrame) -> pd.DataFrame:
    """The customers, rows and events of each group of fates, which are the same on each day."""
    return rows.loc[~rows.index.duplicated(), ["customers", "rows", "events"]]


def differences(cohort: pd.DataFrame, group: str, against: str, day: float) -> pd.Series:
    """The share of one group less that of another by a day: difference, low, high, p, events,
    others, verdict (more, fewer, cannot tell)."""
    pair = cohort[cohort["group"].isin([group, against])]
    gaps = against_rest(pair, "group", day).set_index("group")
    if not {group, against} <= set(gaps.index):
        gap = dict.fromkeys(("difference", "low", "high", "p"), np.nan) | {"events": 0, "others": 0}
    else:
        gap = gaps.loc[group].to_dict()
    clear = ("more" if gap["difference"] > 0 else "fewer") if gap["p"] < 0.05 else "cannot tell"
    return pd.Series({**gap, "verdict": clear})
