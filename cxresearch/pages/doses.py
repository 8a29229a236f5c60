"""Notebook 07: silence, follow-up and severity, as they were on one day, and what they go with."""

import pandas as pd

from cxresearch.outcomes.doses import has_priority_history
from cxresearch.outcomes.models import ENOUGH_EVENTS
from cxresearch.outcomes.recovery import trend
from cxresearch.pages import what_helps as helps
from cxresearch.pages.words import DONE, EVENT, ratio
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study

EXPORTED = (
    " The export has no history of priorities, so these are as of the export: one that was raised "
    "because a customer was about to leave would look like a cause of leaving."
)


@cannot_tell_passes
def silence(rows: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """Is a longer silence associated with a higher rate?"""
    return _step(trend(rows), "the longer they heard nothing", study)


def silence_alone(rows: pd.DataFrame | CannotTell, study: Study) -> Finding | CannotTell:
    """Is it still, among issues that were open for as long?"""
    if isinstance(rows, CannotTell):
        return CannotTell("whether it matters beside the waiting, for the same reason.")
    what = "the longer they heard nothing, of issues open for as long"
    return _step(trend(rows, ("time open",)), what, study)


@cannot_tell_passes
def severity(rows: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """Is a higher priority associated with a higher rate, a step up each?"""
    said = _step(trend(rows), "the higher the priority", study)
    note = "" if has_priority_history(study) else EXPORTED
    if isinstance(said, CannotTell):
        return CannotTell(said.reason + note)
    return Finding(said.text + note, said.numbers)


@cannot_tell_passes
def follow_up(rows: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """Do those who were followed up differ from those who were not?"""
    counts = rows[rows["status"] == 1].groupby("step").size().reindex([0, 1], fill_value=0)
    many = rows.groupby("step").size().reindex([0, 1], fill_value=0)
    if counts.min() < ENOUGH_EVENTS:
        said = finding(
            "whether a follow-up helps: of {n:,} solved issues {k:,} were followed up, and after "
            "{e:,} of these the customer {done}, too few to compare. Following up by lot would "
            "tell.",
            n=int(many.sum()), k=int(many[1]), e=int(counts[1]), done=DONE[study.outcome],
        )  # fmt: skip
        return CannotTell(said.text)
    row = trend(rows)
    row["left while exposed" if study.outcome == "churn" else "returned while exposed"] = counts[1]
    return ratio(row, "customers who were followed up", EVENT[study.outcome], "those who were not")


def group_table(rows: pd.DataFrame | CannotTell, study: Study) -> pd.DataFrame | CannotTell:
    """A row a group, in order: customers, issues, events, and the share with its interval by two
    days after the landmark."""
    if isinstance(rows, CannotTell):
        return CannotTell("what became of the groups, for the same reason.")
    shown = helps.delay_table(rows, helps.curves(rows), study)
    shown = shown.rename(columns={"times counted": "issues"})
    return shown.drop(columns=[c for c in shown if c.endswith("day 180")])


def _step(found: pd.Series | CannotTell, what: str, study: Study) -> Finding | CannotTell:
    """The hazard ratio of a step as a sentence, or that it might be none."""
    if isinstance(found, CannotTell):
        return found
    numbers = {k: float(found[k]) for k in ("low", "high")} | {"hr": float(found["hazard ratio"])}
    said = finding(
        "{hr:.2f} times the rate (95% interval {low:.2f} to {high:.2f}; {n:,} who {done}; "
        "adjusted for: {adjusted})",
        n=int(found["events"]), done=DONE[study.outcome], adjusted=found["adjusted for"], **numbers,
    )  # fmt: skip
    if numbers["low"] <= 1 <= numbers["high"]:
        return CannotTell(
            f"whether customers {EVENT[study.outcome]} more {what}: a step up goes with "
            f"{said.text}, which holds 1."
        )
    more = "more" if numbers["hr"] > 1 else "less"
    return Finding(
        f"Customers {EVENT[study.outcome]} {more} {what}: a step up goes with {said.text}.",
        said.numbers,
    )
