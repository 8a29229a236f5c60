"""Medians beside means, by both clocks: what customers wait, and what a usual report says."""

from __future__ import annotations

import itertools

import pandas as pd

from cxresearch.kpis.durations import (
    REPLY_DAYS,
    SHUT,
    SOLVED_DAYS,
    UNIT,
    first_response_time,
    resolution_time,
)
from cxresearch.kpis.standing import Standing, with_interval
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.study import Study

CUT = (
    f"Open tickets count for as long as they were watched; a median not reached is empty. In the "
    f"restricted mean, waits are cut at {REPLY_DAYS} days (first answers) and {SOLVED_DAYS} days "
    "(solutions)."
)
KINDS = ("median", "restricted mean", "naive mean")
OFFICE = "First response in business hours"


class WaitingTimes(Standing):
    """Rows of first_response_time and resolution_time by each clock, named by wait and kind
    ("First response, median")."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """Within how long half are answered; "mean": what the mean of the answered hides;
        "business": the median wait counted while the desk is open."""
        if row == "business" and f"{OFFICE}, median" not in self.frame.index:
            return CannotTell(SHUT)
        if row == "business":
            return _in_business_hours(self.frame.loc[f"{OFFICE}, median"])
        ends = (f"First response, {kind}" for kind in ("median", "naive mean"))
        median, mean = (self.frame.loc[name] for name in ends)
        if pd.isna([median["estimate"], mean["estimate"]]).any():
            return CannotTell("the median wait: fewer than half were answered while watched.")
        return _naive(median, mean) if row == "mean" else _half(median)

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """All three."""
        return self.said(), self.said("mean"), self.said("business")

    def table(self) -> pd.DataFrame:
        """Median, restricted and naive mean of both waits by the clocks known, with intervals."""
        waits = self.frame["kpi"].str.partition(", ")[0]
        return pd.DataFrame(
            {"wait": wait, "tickets": rows["n"].max()}
            | {kind: with_interval(rows.loc[f"{wait}, {kind}"]) for kind in KINDS}
            for wait, rows in self.frame.groupby(waits, sort=False)
        )


@once
def waiting_times(study: Study) -> WaitingTimes:
    """How long until the first answer and the solution: medians and means, by the calendar and,
    where study.toml says when the desk is open, in business hours."""
    clocks = UNIT if study.settings.open_hours else ("calendar",)
    waits = itertools.product((first_response_time, resolution_time), clocks)
    return WaitingTimes.of(wait(study, clock=clock) for wait, clock in waits)


def _half(row: pd.Series) -> Finding:
    return finding(
        "Half of all tickets are answered within **{median:.1f} hours** (95% interval {low:.1f} to "
        "{high}).",
        median=row["estimate"], low=row["low"],
        high="more than was watched" if pd.isna(row["high"]) else f"{row['high']:.1f}",
    )  # fmt: skip


def _naive(median: pd.Series, mean: pd.Series) -> Finding:
    silent = 1 - mean["n"] / median["n"]
    forgets = "It forgets the {silent:.1%} without an answer, and a" if silent else "A"
    return finding(
        "The mean of those answered is {mean:.1f} hours. " + forgets + " few long waits pull it.",
        mean=mean["estimate"], silent=silent,
    )  # fmt: skip


def _in_business_hours(row: pd.Series) -> Finding | CannotTell:
    if pd.isna(row["estimate"]):
        return CannotTell(row["why"])
    return finding(
        "Counted only while the desk is open, half are answered within **{median:.1f} business "
        "hours** (95% interval from {low:.1f}; {n:,} tickets).",
        median=row["estimate"], low=row["low"], n=int(row["n"]),
    )  # fmt: skip
