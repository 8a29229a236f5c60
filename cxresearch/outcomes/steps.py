"""Is each step more (of waiting, of silence, of severity) associated with a higher rate?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from cxresearch.outcomes import outcome
from cxresearch.outcomes.doses import (
    FOLLOWED_UP,
    delays,
    follow_ups,
    has_priority_history,
    severities,
    silences,
)
from cxresearch.outcomes.fates import DAYS, HALF_A_YEAR, fates, side_by_side, sizes
from cxresearch.outcomes.hazards import named_rows
from cxresearch.outcomes.models import ENOUGH_EVENTS
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, SameReason, cannot_tell_passes, finding
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import Words, intervals, ratio
from cxresearch.survival.cox import coxph

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LATER = (90, 365)  # days after the landmark
EXPORTED = (
    " The export has no history of priorities, so these are as of the export: one that was raised "
    "because a customer was about to leave would look like a cause of leaving."
)
REST = {
    "alone": "whether it matters beside the waiting",
    "table": "what became of the groups",
}


@dataclass(frozen=True)
class Steps(Result):
    """Groups a step apart on a landmark. frame: hazard ratios of one step up, a named row each,
    "step" and what else is adjusted for: hazard ratio, low, high, p, events, adjusted for, what
    (more of it, in words), verdict (more, less, cannot tell); groups: what became of each (fates).

    lacking says why a row is not there; note is added to what is said.
    """

    words: Words
    groups: pd.DataFrame
    lacking: dict[str, CannotTell] = field(default_factory=dict)
    note: str = ""

    CLEAR: ClassVar[str] = "Customers {verb} {verdict} {what}: a step up goes with {rate}."
    DOUBT: ClassVar[str] = (
        "whether customers {verb} more {what}: a step up goes with {rate}, which holds 1."
    )
    COUNTED: ClassVar[str] = "issues"

    def said(self, row: str = "step") -> Finding | CannotTell:
        """The hazard ratio of a step as a sentence, or that it might be none."""
        row = row or "step"
        if row in self.lacking:
            return CannotTell(self.lacking[row].reason + self.note)
        step = self.frame.loc[row]
        rate = finding(
            "{hr:.2f} times the rate (95% interval {low:.2f} to {high:.2f}; {n:,} who {done}; "
            "adjusted for: {adjusted})",
            hr=step["hazard ratio"], low=step["low"], high=step["high"], n=int(step["events"]),
            done=self.words.done, adjusted=step["adjusted for"],
        )  # fmt: skip
        said = {"verb": self.words.verb, "rate": rate.text, **step[["what", "verdict"]]}
        if step["verdict"] == "cannot tell":
            return CannotTell(self.DOUBT.format(**said) + self.note)
        return Finding(self.CLEAR.format(**said) + self.note, rate.numbers)

    def table(self) -> pd.DataFrame:
        """A row a group, in order: customers, issues, events, and the shares by day."""
        return side_by_side(self.groups, self.words, self.COUNTED)


@dataclass(frozen=True)
class Waits(Steps):
    """Bands of waiting: a trend over them, which can come from one band alone."""

    CLEAR = (
        "On average over the bands, a step to the next longer wait goes with {rate}. "
        "The table shows whether every step rises."
    )
    DOUBT = (
        "whether customers {verb} more {what}: a step from one band to the next goes with {rate}, "
        "which holds 1."
    )
    COUNTED = "times counted"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Each band's share half a year on, the quickest at the top."""
        rows = self._half_a_year()
        ax = drawing.axes(0.36 * max(len(rows), 1) + 1.6, ax)
        drawing.forest(ax, rows, rows.index, "share")
        ax.set_xlim(0, min(1.0, 1.15 * rows["high"].max()) if len(rows) else 1)
        drawing.percent(ax, decimals=None)
        done = self.words.done
        drawing.xlabel(ax, f"share of customers who {done} within half a year of that day")
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """Each band's share with its interval."""
        rows = self._half_a_year()
        told = [" ".join(pair) for pair in zip(rows.index, intervals(rows, "share"), strict=True)]
        listed = drawing.in_figure("; ".join(told) or "no row was watched so long", 900)
        return f"Dots are shares, bars their 95% intervals: {listed}."

    def _title(self) -> str:
        """The shortest and the longest wait, if the trend can be told and they differ."""
        rows = self._half_a_year()
        if isinstance(self.said(), CannotTell) or rows.empty:
            return "No clear difference from one band of waiting to the next"
        first, last = (rows.loc[name] for name in (rows.index[0], rows.index[-1]))
        if first["high"] >= last["low"] and last["high"] >= first["low"]:
            return "The shortest and the longest wait are not clearly apart"
        return (
            f"{first['share']:.1%} of “{first.name}” {self.words.done}, "
            f"{last['share']:.1%} of “{last.name}”"
        )

    def _half_a_year(self) -> pd.DataFrame:
        return self.groups[self.groups["day"] == HALF_A_YEAR].dropna(subset="share")


@dataclass(frozen=True)
class FollowUps(Steps):
    """Two groups, so that a step up is who was followed up against who was not."""

    def said(self, row: str = "step") -> Finding | CannotTell:
        """Do those who were followed up differ from those who were not?"""
        issues = sizes(self.groups).reindex(FOLLOWED_UP, fill_value=0)
        followed = issues.loc[FOLLOWED_UP[1]]
        if "step" in self.frame.index:
            who = {"who": "customers who were followed up", "against": "those who were not"}
            counts = {self.words.exposed: followed["events"]}
            return ratio(pd.Series({**self.frame.loc["step"], **who, **counts}), self.words)
        few = finding(
            "whether a follow-up helps: of {n:,} solved issues {k:,} were followed up, and after "
            "{e:,} of these the customer {done}, too few to compare. Following up by lot would "
            "tell.",
            n=int(issues["rows"].sum()), k=int(followed["rows"]), e=int(followed["events"]),
            done=self.words.done,
        )  # fmt: skip
        return self.lacking.get("step", CannotTell(few.text))


def by_delay(study: Study) -> Waits | CannotTell:
    """Who leaves, or comes back, by how long their issue was open (doses.delays)."""
    rows = delays(study)
    if isinstance(rows, CannotTell):
        return rows
    return _steps(Waits, rows, study, {"step": ("the longer they waited", ())}, DAYS)


def by_silence(study: Study) -> Steps | CannotTell:
    """The same by how long they heard nothing (doses.silences); the row "alone" compares issues
    that were open for as long."""
    what = "the longer they heard nothing"
    alone = (f"{what}, of issues open for as long", ("time open",))
    return _steps(Steps, silences(study), study, {"step": (what, ()), "alone": alone})


def by_follow_up(study: Study) -> FollowUps | CannotTell:
    """The same by whether an agent wrote once more, unasked (doses.follow_ups), where enough left
    or came back of either group."""
    rows = follow_ups(study)
    asked = {"step": ("after a follow-up", ())} if _both_have_events(rows) else {}
    return _steps(FollowUps, rows, study, asked)


def by_severity(study: Study) -> Steps | CannotTell:
    """The same by priority, a step up each (doses.severities)."""
    note = "" if has_priority_history(study) else EXPORTED
    asked = {"step": ("the higher the priority", ())}
    return _steps(Steps, severities(study), study, asked, note=note)


@cannot_tell_passes
def _both_have_events(rows: pd.DataFrame) -> bool:
    events = rows[rows["status"] == 1].groupby("step").size()
    return bool(events.reindex([0, 1], fill_value=0).min() >= ENOUGH_EVENTS)


def trend(rows: pd.DataFrame, within: tuple[str, ...] = ()) -> pd.Series | CannotTell:
    """The hazard ratio of one step up, with low, high, p, events, adjusted for.

    rows are those of at_landmark.in_groups. Cox from the landmark on, strata quarter and billing
    period and the columns named in within, errors by customer: a dose, if each step counted the
    same. An estimate needs ten events, in two groups.
    """
    rows = rows.assign(start=0.0, stop=rows["time"], event=(rows["status"] == 1).astype(int))
    activity = np.log1p(rows["activity"].clip(lower=0))
    known = activity.notna() if activity.nunique() > 1 else pd.Series(True, index=rows.index)
    rows = rows.assign(activity=activity)[known]
    used = ["step", "activity"] if activity.nunique() > 1 else ["step"]
    events = rows[rows["event"] == 1]
    in_steps = events["step"].nunique()
    if len(events) < ENOUGH_EVENTS or in_steps < 2:
        what = f"only {len(events):,} events" if in_steps > 1 else "all events are in one group"
        return CannotTell(f"whether the rate rises from step to step: {what}.")
    strata = ["quarter", "billing_period", *within]
    try:
        fit = coxph(rows, used, strata=strata).summary_frame().loc["step"]
    except InputError:  # each who leaves is ahead of all others
        few = "no finite estimate fits so few events"
        return CannotTell(f"whether the rate rises from step to step: {few}.")
    says = ", ".join([*["activity at entry"] * (len(used) > 1), *within]) or "nothing more"
    step = fit.rename({"hazard_ratio": "hazard ratio"}).to_dict()
    return pd.Series({**step, "events": len(events), "adjusted for": says})


def _steps(
    kind: type[Steps], rows: pd.DataFrame | CannotTell, study: Study,
    asked: dict[str, tuple[str, tuple[str, ...]]], days: tuple[int, ...] = LATER, note: str = "",
) -> Steps | CannotTell:  # fmt: skip
    """The result of rows; asked is by row more of what, in words, and what else it is within."""
    if isinstance(rows, CannotTell):
        return SameReason(rows.reason, REST)
    trends = {name: trend(rows, within) for name, (_, within) in asked.items()}
    lacking = {name: told for name, told in trends.items() if isinstance(told, CannotTell)}
    ratios = {
        name: {**told, "what": asked[name][0]}
        for name, told in trends.items()
        if name not in lacking
    }
    frame = named_rows(ratios) if ratios else pd.DataFrame()
    groups = fates(rows, list(rows.sort_values("step")["group"].unique()), days)
    return kind(frame, outcome(study).WORDS, groups, lacking, note)
