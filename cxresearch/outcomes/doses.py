"""Silence, severity and follow-up, each as it was on one day, and who left after that day.

Rows are those of recovery.delays: customer_id, group, step, time, status, quarter, billing_period,
activity. What happened after the landmark is never looked at, so that nobody is in a group because
they stayed.
"""

from itertools import pairwise

import numpy as np
import pandas as pd

from cxresearch.episodes import customer_lives, decided, match_gate, open_spells
from cxresearch.episodes.return_cohort import first_tickets, return_cohort
from cxresearch.outcomes.recovery import DAY, STATUS, WAITED, landmark_rows, length_of
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study

FOLLOWED = (1, 14)  # days after the solution: a follow-up comes after the first, by the second
SEVERITY = (
    ("low", "lowest", "minor", "trivial", "planning"),
    ("normal", "medium", "moderate", "standard"),
    ("high", "major"),
    ("urgent", "critical", "highest", "blocker"),
)
NO_MESSAGES = "the export has no messages of agents with their times. Ticket events would tell."


def silences(study: Study) -> pd.DataFrame | CannotTell:
    """Issues by the longest time without a public word from an agent while they were open, up to
    the landmark; band (of how long it was open) beside the rows' columns.

    Churn studies: from four promises after writing, as recovery.delays. Return studies: first
    tickets, up to the landmark. A bot's answer ends no silence; waiting for the customer's own
    answer counts as silence too, because an export seldom tells whose turn it is.
    """
    said = _agents_words(study)
    if isinstance(said, CannotTell):
        return CannotTell(f"what silence goes with: {said.reason}")
    issues = _issues(study, WAITED * study.settings.unresolved_after_days)
    if isinstance(issues, CannotTell):
        return issues
    ends = issues[["resolved_at", "zero"]].min(axis=1)
    days = longest_silence(issues["ticket_id"], issues["opened_at"], ends, said)
    promise = study.settings.unresolved_after_days
    short = study.outcome == "return"
    last = study.settings.landmark_days if short else WAITED * promise
    limits = [x for x in ([1 / 24, 1, 3] if short else [1, promise, 2 * promise]) if x < last]
    names = [f"never more than {length_of(limits[0])}"]
    names += [f"{length_of(a)} to {length_of(b)}" for a, b in pairwise(limits)]
    names += [f"more than {length_of(limits[-1])}"]
    rows = _rows(issues, np.searchsorted(limits, days), names)
    opened = (ends - issues["opened_at"]) / DAY
    band = pd.Series(np.searchsorted(limits, opened), index=rows.index)
    return rows.assign(**{"time open": band})


def longest_silence(
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


def follow_ups(study: Study) -> pd.DataFrame | CannotTell:
    """Solved issues by whether an agent wrote once more, unasked, as of day 14 after the solution.

    A follow-up is a public message of an agent from one to 14 days after the first solution. Left
    out are issues about which the customer wrote again, or that were reopened, in between: an
    answer to that is no follow-up. In return studies who wrote a new ticket by then is left out.
    """
    said = _agents_words(study)
    if isinstance(said, CannotTell):
        return CannotTell(f"whether a follow-up helps: {said.reason}")
    issues = _issues(study, FOLLOWED[1], after="resolved_at")
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
    issues = issues[~issues["ticket_id"].isin(disturbed)]
    spoke = events[["ticket_id", "event_at", "resolved_at"]].merge(said)
    late = spoke["event_at"] > spoke["resolved_at"] + FOLLOWED[0] * DAY
    followed = issues["ticket_id"].isin(spoke.loc[late, "ticket_id"])
    return _rows(issues, followed.astype(int).to_numpy(), ["not followed up", "followed up"])


def severities(study: Study) -> pd.DataFrame | CannotTell:
    """Issues by their priority on the day when the promise ran out; in return studies, the
    landmark. Those whose priority is not known are left out."""
    words = severity(study.tickets["priority"])
    if words.nunique() < 2:
        return CannotTell(
            "what severity goes with: the export has no priority, or one only. Priorities such as "
            "low, normal, high, urgent would tell."
        )
    issues = _issues(study, study.settings.unresolved_after_days)
    if isinstance(issues, CannotTell):
        return issues
    issues = issues.assign(step=severity(priority_at(study, issues)))
    issues = issues[issues["step"].notna()]
    names = [words[0] for words in SEVERITY]
    return _rows(issues, issues["step"].astype(int).to_numpy(), names)


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
    found = events.loc[spoke, ["ticket_id", "event_at"]]
    return found if len(found) else CannotTell(NO_MESSAGES)


def _issues(study: Study, days: float, after: str = "opened_at") -> pd.DataFrame | CannotTell:
    """Issues still in view on their landmark, days after they were opened or resolved: ticket_id,
    customer_id, opened_at, resolved_at, zero, time, status, billing_period, activity."""
    if study.outcome == "return":
        return _first_issues(study, days, after)
    if gate := match_gate(study):
        return gate
    issues = open_spells(study).sort_values("opened_at").drop_duplicates("ticket_id")
    issues = issues.merge(decided(customer_lives(study)), on="customer_id")
    issues = issues.assign(zero=issues[after] + days * DAY)
    seen = (issues["zero"] >= issues["enters_at"]) & (issues["zero"] < issues["leaves_at"])
    issues = issues[seen].reset_index(drop=True)
    return issues.assign(
        time=(issues["leaves_at"] - issues["zero"]) / DAY,
        status=issues["end"].map(STATUS).fillna(0),
    )


def _first_issues(study: Study, days: float, after: str) -> pd.DataFrame:
    """The same of return studies: first tickets, whose customers had not come back by then."""
    first = first_tickets(study)
    if after == "opened_at":
        first = first[first["ticket_id"].isin(return_cohort(study)["ticket_id"])]
        days = study.settings.landmark_days
    first = first.assign(opened_at=first["created_at"], resolved_at=first["first_solved_at"])
    first = first.assign(zero=first[after] + days * DAY)
    seen = (first["zero"] < study.observed_until) & ~(first["next_at"] <= first["zero"])
    first = first[seen].reset_index(drop=True)
    ends = first["next_at"].fillna(study.observed_until)
    return first.assign(
        time=(ends - first["zero"]) / DAY, status=first["next_at"].notna().astype(int),
        billing_period="none", activity=np.nan,
    )  # fmt: skip


def _rows(issues: pd.DataFrame, step: np.ndarray, names: list[str]) -> pd.DataFrame | CannotTell:
    return landmark_rows(issues, step, names, issues["time"], issues["status"], "zero")
