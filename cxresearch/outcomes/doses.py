"""Waiting, silence, follow-up and severity, each as it was on one day, and who left after it.

Rows are those of at_landmark.in_groups: customer_id, group, step, time, status, quarter,
billing_period, activity.
"""

from itertools import pairwise

import numpy as np
import pandas as pd

from cxresearch.outcomes import outcome, returning
from cxresearch.outcomes.at_landmark import DAY, WAITED, in_groups, issues_at, length_of, time_bands
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.told import SOLVED, cannot_tell, told

FOLLOWED_UP = ["not followed up", "followed up"]
FOLLOWED = (1, 14)  # days after the solution: a follow-up comes after the first, by the second
SEVERITY = (
    ("low", "lowest", "minor", "trivial", "planning"),
    ("normal", "medium", "moderate", "standard"),
    ("high", "major"),
    ("urgent", "critical", "highest", "blocker"),
)
NO_MESSAGES = "the export has no messages of agents with their times. Ticket events would tell."


@once
def delays(study: Study) -> pd.DataFrame | CannotTell:
    """Issues by how long they were open, a step a band.

    Churn studies: every issue of a customer still there on the landmark, four promises after
    writing; bands by the first solution, "still open" if there was none by then. Return studies:
    first tickets by the first outside answer, up to the landmark.
    """
    promise, landmark = study.settings.unresolved_after_days, study.settings.landmark_days
    issues = issues_at(study, WAITED * promise)
    if isinstance(issues, CannotTell):
        return issues
    if outcome(study) is returning:
        if lacks := cannot_tell(study, "first_reply_at"):
            return lacks
        issues = issues[told(study, "first_reply_at", issues)]
        took = (issues["first_reply_at"] - issues["opened_at"]) / DAY
        never = "no outside answer by then"
        return in_groups(
            issues, *time_bands(took, [1 / 24, 1], landmark, "answered", never), when="opened_at"
        )
    took = (issues["resolved_at"] - issues["opened_at"]) / DAY
    inner = [1, promise, 2 * promise]
    return in_groups(issues, *time_bands(took, inner, WAITED * promise, "solved", "still open"))


@once
def silences(study: Study) -> pd.DataFrame | CannotTell:
    """Issues by the longest time without a public word from an agent while they were open, up to
    the landmark; band (of how long it was open) beside the rows' columns.

    Churn studies: from four promises after writing, as delays. Return studies: first
    tickets, up to the landmark. A bot's answer ends no silence; waiting for the customer's own
    answer counts as silence too, because an export seldom tells whose turn it is.
    """
    said = _agents_words(study)
    if isinstance(said, CannotTell):
        return CannotTell(f"what silence goes with: {said.reason}")
    issues = issues_at(study, WAITED * study.settings.unresolved_after_days)
    if isinstance(issues, CannotTell):
        return issues
    issues = issues[told(study, SOLVED, issues)]
    ends = issues[["resolved_at", "zero"]].min(axis=1)
    days = longest_gap(issues["ticket_id"], issues["opened_at"], ends, said)
    limits = _silent_days(study)
    names = [f"never more than {length_of(limits[0])}"]
    names += [f"{length_of(a)} to {length_of(b)}" for a, b in pairwise(limits)]
    names += [f"more than {length_of(limits[-1])}"]
    rows = in_groups(issues, np.searchsorted(limits, days), names)
    if isinstance(rows, CannotTell):
        return rows
    opened = (ends - issues["opened_at"]) / DAY
    band = pd.Series(np.searchsorted(limits, opened), index=rows.index)
    return rows.assign(**{"time open": band})


def _silent_days(study: Study) -> list[float]:
    """Where the bands of silence part, in days."""
    promise = study.settings.unresolved_after_days
    if outcome(study) is returning:
        return [days for days in (1 / 24, 1, 3) if days < study.settings.landmark_days]
    return [days for days in (1, promise, 2 * promise) if days < WAITED * promise]


def longest_gap(
    tickets: pd.Series, since: pd.Series, until: pd.Series, words: pd.DataFrame
) -> np.ndarray:
    """The longest stretch, in days, of each ticket between since and until without any of the
    words (ticket_id, event_at)."""
    span = pd.DataFrame({"ticket_id": tickets, "since": since, "until": until}).reset_index(
        drop=True
    )
    inside = words.merge(span.reset_index(names="row"), on="ticket_id")
    inside = inside[inside["event_at"].between(inside["since"], inside["until"])]
    marks = [inside[["row", "event_at"]]]
    marks += [pd.DataFrame({"row": span.index, "event_at": span[c]}) for c in ("since", "until")]
    times = pd.concat(marks).sort_values(["row", "event_at"], kind="stable")
    gaps = times.groupby("row")["event_at"].diff() / DAY
    return gaps.groupby(times["row"]).max().reindex(span.index).to_numpy(float)


@once
def follow_ups(study: Study) -> pd.DataFrame | CannotTell:
    """Solved issues by whether an agent wrote once more, unasked, as of day 14 after the solution.

    A follow-up is a public message of an agent from one to 14 days after the first solution. Left
    out are issues about which the customer wrote again, or that were reopened, in between: an
    answer to that is no follow-up. In return studies who wrote a new ticket by then is left out.
    """
    said = _agents_words(study)
    if isinstance(said, CannotTell):
        return CannotTell(f"whether a follow-up helps: {said.reason}")
    issues = issues_at(study, FOLLOWED[1], after="resolved_at")
    if isinstance(issues, CannotTell):
        return issues
    events = study.ticket_events[["ticket_id", "event_at", "event_type", "actor_role", "field",
                                  "value_to"]]  # fmt: skip
    events = events.merge(issues[["ticket_id", "resolved_at", "zero"]], on="ticket_id")
    events = events[(events["event_at"] > events["resolved_at"])
                    & (events["event_at"] <= events["zero"])]  # fmt: skip
    asked = (events["event_type"] == "reply") & (events["actor_role"] == "customer")
    back = (events["field"] == "status") & ~events["value_to"].isin(["solved", "closed"])
    disturbed = events.loc[asked | back, "ticket_id"]
    issues = issues[~among(issues["ticket_id"], disturbed)]
    spoke = events[["ticket_id", "event_at", "resolved_at"]].merge(said)
    late = spoke["event_at"] > spoke["resolved_at"] + FOLLOWED[0] * DAY
    followed = among(issues["ticket_id"], spoke.loc[late, "ticket_id"])
    return in_groups(issues, followed.astype(int).to_numpy(), FOLLOWED_UP)


@once
def severities(study: Study) -> pd.DataFrame | CannotTell:
    """Issues by their priority on the day when the promise ran out; in return studies, the
    landmark. Those whose priority is not known are left out."""
    words = severity(study.tickets["priority"])
    if words.nunique() < 2:
        return CannotTell(
            "what severity goes with: the export has no priority, or one only. Priorities such as "
            "low, normal, high, urgent would tell."
        )
    issues = issues_at(study, study.settings.unresolved_after_days)
    if isinstance(issues, CannotTell):
        return issues
    issues = issues.assign(step=severity(priority_at(study, issues)))
    issues = issues[issues["step"].notna()]
    names = [words[0] for words in SEVERITY]
    return in_groups(issues, issues["step"].astype(int).to_numpy(), names)


def severity(priority: pd.Series) -> pd.Series:
    """0 low, 1 normal, 2 high, 3 urgent of the words that help desks use; null for any other."""
    places = {name: step for step, names in enumerate(SEVERITY) for name in names}
    known = rf"\b({'|'.join(places)})\b"
    return priority.astype("str").str.lower().str.extract(known)[0].map(places).astype("Int64")


def priority_at(study: Study, issues: pd.DataFrame) -> pd.Series:
    """Each issue's priority at its time zero: by the history, or as of the export without one."""
    now = issues["ticket_id"].map(study.tickets.set_index("ticket_id")["priority"])
    if not has_priority_history(study):
        return now
    changes = study.ticket_events.query("field == 'priority'").sort_values("event_at")
    asked = issues[["ticket_id", "zero"]].reset_index(names="row").sort_values("zero")
    keyed = {"left_on": "zero", "right_on": "event_at", "by": "ticket_id"}
    before = pd.merge_asof(asked, changes, **keyed).set_index("row")["value_to"]
    later = pd.merge_asof(asked, changes, **keyed, direction="forward", allow_exact_matches=False)
    return before.reindex(issues.index).fillna(later.set_index("row")["value_from"]).fillna(now)


def has_priority_history(study: Study) -> bool:
    """Does the export tell when priorities changed?"""
    return study.has("ticket_events") and study.ticket_events["field"].eq("priority").any()


def _agents_words(study: Study) -> pd.DataFrame | CannotTell:
    """When agents wrote to customers: ticket_id, event_at."""
    if not study.has("ticket_events"):
        return CannotTell(NO_MESSAGES)
    events = study.ticket_events
    spoke = (events["event_type"] == "reply") & (events["actor_role"] == "agent")
    spoke &= events["is_public"].fillna(True).astype(bool)
    words = events.loc[spoke, ["ticket_id", "event_at"]]
    return words if len(words) else CannotTell(NO_MESSAGES)
