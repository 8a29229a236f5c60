"""Is each step more (of waiting, of silence, of severity) associated with a higher rate?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

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
from cxresearch.study.answers import CannotTell, Finding, SameReason, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import Words, ratio
from cxresearch.survival.cox import coxph

Kind = TypeVar("Kind", bound="Steps")
LATER = (90, 365)  # days after the landmark
EXPORTED = (
    " Priorities are as of the export: one that was raised because a customer was about to leave "
    "would look like a cause of leaving."
)
REST = {
    "alone": "whether it matters beside the waiting",
    "table": "what became of the groups",
}


@dataclass(frozen=True, eq=False)
class Steps(Result):
    """Groups a step apart on a landmark. frame: hazard ratios of one step up, a named row each,
    "step" and, where it is known how long issues were open, "alone", of those open for as long:
    hazard ratio, low, high, p, events, adjusted for, verdict (more, less, cannot tell).

    groups: what became of each (fates); what there is more of, in words; lacking says why a row is
    not there; note is added to what is said.
    """

    words: Words
    groups: pd.DataFrame
    what: str
    lacking: dict[str, CannotTell] = field(default_factory=dict)
    note: str = ""

    CLEAR: ClassVar[str] = "Customers {verb} {more} {what}: {rate} a step.{ends}"
    DOUBT: ClassVar[str] = "whether customers {verb} more {what}: {rate} a step.{ends}"
    COUNTED: ClassVar[str] = "issues"

    def said(self, row: str = "step") -> Finding | CannotTell:
        """The hazard ratio of a step as a sentence, or that it might be none."""
        row = row or "step"
        if row in self.lacking:
            return CannotTell(self.lacking[row].reason + self.note)
        step = self.frame.loc[row]
        rate = finding(
            "{hr:.2f} times the rate ({low:.2f} to {high:.2f})",
            hr=step["hazard ratio"], low=step["low"], high=step["high"],
        )  # fmt: skip
        alone = row == "alone"
        said = {"verb": self.words.verb, "rate": rate.text, "more": step["verdict"],
                "what": self.what + ", of issues open for as long" * alone,
                "ends": "" if alone else self._ends()}  # fmt: skip
        if step["verdict"] == "cannot tell":
            return CannotTell(self.DOUBT.format(**said) + self.note)
        return Finding(self.CLEAR.format(**said) + self.note, rate.numbers)

    def _ends(self) -> str:
        """The shares of the first and the last group on the last day that both reach."""
        first, last = (self.groups.loc[[self.groups.index[at]]] for at in (0, -1))
        both = first.merge(last, on="day", suffixes=("", " of last")).dropna()
        if both.empty or first.index[0] == last.index[0]:
            return ""
        day = both.iloc[-1]
        return (
            f" By day {day['day']:.0f}, {day['share']:.1%} of “{first.index[0]}” "
            f"{self.words.done}, and {day['share of last']:.1%} of “{last.index[0]}”."
        )

    def table(self) -> pd.DataFrame:
        """A row a group, in order: customers, issues, events, and the shares by day."""
        return side_by_side(self.groups, self.words, self.COUNTED)


@dataclass(frozen=True, eq=False)
class Waits(Steps):
    """Bands of waiting: a trend over them, which can come from one band alone."""

    COUNTED = "times counted"

    def said(self, row: str = "step") -> Finding | CannotTell:
        """The trend, and whether every band is above the one before: only then it is a dose."""
        said, shares = super().said(row), self._half_a_year()["share"]
        if isinstance(said, CannotTell) or len(shares) < 2:
            return said
        rises = bool((shares.diff().dropna() >= 0).all())
        more = " Every step is above the one before." if rises else (
            " It is no dose: not every step is above the one before."
        )  # fmt: skip
        return Finding(said.text + more, said.numbers)

    def _half_a_year(self) -> pd.DataFrame:
        return self.groups[self.groups["day"] == HALF_A_YEAR].dropna(subset="share")


@dataclass(frozen=True, eq=False)
class FollowUps(Steps):
    """Two groups, so that a step up is who was followed up against who was not."""

    def table(self) -> pd.DataFrame:
        """Both groups; no rows where too few of either left to compare them."""
        events = sizes(self.groups)["events"].reindex(FOLLOWED_UP, fill_value=0)
        return super().table() if events.min() >= ENOUGH_EVENTS else pd.DataFrame()

    def said(self, row: str = "step") -> Finding | CannotTell:
        """Do those who were followed up differ from those who were not?"""
        issues = sizes(self.groups).reindex(FOLLOWED_UP, fill_value=0)
        followed = issues.loc[FOLLOWED_UP[1]]
        if issues["events"].min() < ENOUGH_EVENTS:
            few = "none" if not followed["rows"] else "too few"
            return CannotTell(
                f"whether a follow-up helps: of {int(issues['rows'].sum()):,} solved issues {few} "
                "were followed up. Following up by lot would tell."
            )
        if self.lacking:
            return super().said(row)
        who = {"who": self.what, "against": "those who were not"}
        counts = {self.words.exposed: followed["events"]}
        return ratio(pd.Series({**self.frame.loc["step"], **who, **counts}), self.words)


@once
def by_delay(study: Study) -> Waits | CannotTell:
    """Who leaves, or comes back, by how long their issue was open (doses.delays)."""
    rows = delays(study)
    if isinstance(rows, CannotTell):
        return rows
    return _steps(Waits, rows, study, "the longer they waited", DAYS)


@once
def by_silence(study: Study) -> Steps | CannotTell:
    """The same by how long they heard nothing (doses.silences)."""
    return _steps(Steps, silences(study), study, "the longer they heard nothing")


@once
def by_follow_up(study: Study) -> FollowUps | CannotTell:
    """The same by whether an agent wrote once more, unasked (doses.follow_ups)."""
    return _steps(FollowUps, follow_ups(study), study, "customers who were followed up")


@once
def by_severity(study: Study) -> Steps | CannotTell:
    """The same by priority, a step up each (doses.severities)."""
    note = "" if has_priority_history(study) else EXPORTED
    return _steps(Steps, severities(study), study, "the higher the priority", note=note)


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
    kind: type[Kind], rows: pd.DataFrame | CannotTell, study: Study, what: str,
    days: tuple[int, ...] = LATER, note: str = "",
) -> Kind | CannotTell:  # fmt: skip
    if isinstance(rows, CannotTell):
        return SameReason(rows.reason, REST)
    trends = {"step": trend(rows)}
    if "time open" in rows:
        trends["alone"] = trend(rows, ("time open",))
    lacking = {name: row for name, row in trends.items() if isinstance(row, CannotTell)}
    told = {name: row for name, row in trends.items() if name not in lacking}
    frame = named_rows(told) if told else pd.DataFrame()
    groups = fates(rows, list(rows.sort_values("step")["group"].unique()), days)
    return kind(frame, outcome(study).WORDS, groups, what, lacking, note)
