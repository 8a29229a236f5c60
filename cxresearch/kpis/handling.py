"""What a solved ticket costs to handle: answers, hands, time, or what stands in for time.

Only solved tickets count: how much an open one will take is not known yet.
"""

from functools import partial

import pandas as pd

from cxresearch.kpis.amounts import mean_of, median_of
from cxresearch.kpis.eligible import solved
from cxresearch.kpis.measure import Kpi
from cxresearch.kpis.tidy import measured, of_them, with_note
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study

TIME_ENTRIES = "timespent"  # Jira's history of the seconds logged on a ticket so far
MEASURES = (("mean", mean_of), ("median", median_of))


def touches(study: Study, by: str | None = None) -> pd.DataFrame:
    """Public answers by agents to a solved ticket: its mean and its median, two rows a group.

    The tidy frame of kpis.tidy; a median's interval holds whole numbers only.
    """
    lacks = CannotTell(
        "how many answers a ticket takes: the export lacks total_agent_replies; the history of "
        "each ticket would tell."
    )
    return _two_rows(
        study, "Touches", "agents' public answers to a solved ticket", "answers",
        _column(study, "total_agent_replies", lacks), by,
    )  # fmt: skip


def reassignments(study: Study, by: str | None = None) -> pd.DataFrame:
    """How often a solved ticket is handed on, to another agent and to another group: mean and
    median of each, four rows a group. The first hand to take a ticket is none."""
    rows = []
    for column, whom in (("assignee_changes", "agent"), ("group_changes", "group")):
        lacks = CannotTell(
            f"how often tickets go to another {whom}: the export lacks {column}; the history of "
            "each ticket would tell."
        )
        words = f"times a solved ticket is handed to another {whom}"
        facts = _column(study, column, lacks)
        rows.append(_two_rows(study, f"Handed to another {whom}", words, "times", facts, by))
    return pd.concat(rows, ignore_index=True)


def handling_time(study: Study, by: str | None = None) -> pd.DataFrame:
    """Time spent on a solved ticket, or what stands in for it: mean and median, two rows a group.

    Hours where the history holds time entries (a field timespent, seconds so far); a ticket without
    an entry is left out, for nobody knows whether it took none. Else a proxy, named so in kpi,
    definition and unit and never hours: agents' messages and internal notes on the ticket, or,
    without a history, their public answers.
    """
    if facts := _time_entries(study):
        return _two_rows(
            study, "Handling time", "hours logged on a solved ticket", "hours", facts[0], by
        )
    if study.has("ticket_events") and study.ticket_events["event_type"].eq("reply").any():
        facts, what = _messages(study), "agents' messages and internal notes on a solved ticket"
    else:
        lacks = CannotTell(
            "what a ticket costs to handle: the export has neither time entries nor answers; one "
            "with either would tell."
        )
        facts = _column(study, "total_agent_replies", lacks)
        what = "agents' public answers to a solved ticket"
    words = f"proxy, no time entries: {what}"
    return _two_rows(study, "Handling (proxy)", words, "messages", facts, by)


def _two_rows(
    study: Study, name: str, words: str, unit: str, facts: pd.DataFrame | CannotTell, by: str | None
) -> pd.DataFrame:
    rows = [
        measured(study, Kpi(f"{name}, {kind}", words, unit, wanted="at most"), facts,
                 partial(_known, measure=measure), by)
        for kind, measure in MEASURES
    ]  # fmt: skip
    found = pd.concat(rows, ignore_index=True)
    if isinstance(facts, CannotTell):
        return found
    unknown = int(facts["amount"].isna().sum())
    return with_note(found, of_them(unknown, "tickets left out: the export does not tell of them"))


def _known(part: pd.DataFrame, measure) -> dict:
    known = part[part["amount"].notna()]
    found = measure(known["amount"], known["who"])
    return {**found, "low": max(found["low"], 0.0)}  # no ticket takes less than nothing


def _amounts(study: Study, amounts) -> pd.DataFrame:
    tickets = solved(study)
    return tickets[["ticket_id", "customer_id", "who", "at"]].assign(amount=amounts(tickets))


def _column(study: Study, column: str, lacks: CannotTell) -> pd.DataFrame | CannotTell:
    found = _amounts(study, lambda tickets: tickets[column].astype("Float64"))
    return lacks if found["amount"].isna().all() else found


def _time_entries(study: Study) -> list[pd.DataFrame]:
    """The hours logged on each solved ticket, if any is."""
    if not study.has("ticket_events"):
        return []
    events = study.ticket_events
    entries = events[events["field"].str.lower() == TIME_ENTRIES]
    last = entries.sort_values(["event_at", "event_id"]).groupby("ticket_id")["value_to"].last()
    hours = pd.to_numeric(last, errors="coerce") / 3600
    found = _amounts(study, lambda tickets: tickets["ticket_id"].map(hours).astype("Float64"))
    return [found] if found["amount"].notna().any() else []


def _messages(study: Study) -> pd.DataFrame:
    """Agents' messages and notes on each solved ticket; null for one without any history."""
    events = study.ticket_events
    own = events["event_type"].isin(["reply", "note"]) & (events["actor_role"] == "agent")
    counts = own.fillna(False).astype(int).groupby(events["ticket_id"]).sum()
    return _amounts(study, lambda tickets: tickets["ticket_id"].map(counts).astype("Float64"))
