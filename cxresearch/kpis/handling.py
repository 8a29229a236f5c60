"""What a solved ticket costs to handle, and whether anybody wrote to its customer afterwards.

Answers, hands, time, or what stands in for time, of solved tickets only: how much an open one will
take is not known yet.
"""

from functools import partial

import pandas as pd

from cxresearch.kpis.measure import Kpi, mean_of, median_of, share_told
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.tidy import HOUR, measured, of_them, solved
from cxresearch.outcomes.recurrence import first_reopened
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.told import cannot_tell, reads

TIME_ENTRIES = "timespent"  # Jira's history of the seconds logged on a ticket so far
MEASURES = {"mean": mean_of, "median": median_of}
WINDOWS = {"24 to 48 hours": (24, 48), "7 to 14 days": (168, 336)}  # hours after the solution


def touches(study: Study, by: str | None = None) -> Standing:
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


def reassignments(study: Study, by: str | None = None) -> Standing:
    """How often a solved ticket is handed on, to another agent and to another group: mean and
    median of each, four rows a group. The first hand to take a ticket is none."""
    both = []
    for column, whom in (("assignee_changes", "agent"), ("group_changes", "group")):
        lacks = CannotTell(
            f"how often tickets go to another {whom}: the export lacks {column}; the history of "
            "each ticket would tell."
        )
        words = f"times a solved ticket is handed to another {whom}"
        facts = _column(study, column, lacks)
        both.append(_two_rows(study, f"Handed to another {whom}", words, "times", facts, by))
    return Standing.of(both)


def handling_time(study: Study, by: str | None = None) -> Standing:
    """Time spent on a solved ticket, or what stands in for it: mean and median, two rows a group.

    Hours where the history holds time entries (a field timespent, seconds so far); a ticket without
    an entry is left out, for nobody knows whether it took none. Else a proxy, named so in kpi,
    definition and unit and never hours: agents' messages and internal notes on the ticket, or,
    without a history, their public answers.
    """
    logged = _time_entries(study)
    if logged is not None:
        words = "hours logged on a solved ticket"
        return _two_rows(study, "Handling time", words, "hours", logged, by)
    if _has_messages(study):
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


def follow_up(study: Study, window: str = "24 to 48 hours", by: str | None = None) -> Standing:
    """Share of solved tickets with an agent's public message in a window after the first solution.

    window is "24 to 48 hours" or "7 to 14 days". Bots' messages and internal notes do not count. A
    ticket whose window is not over is eligible and not counted. Reopening competes: a ticket opened
    again before any message in the window needs work and no follow-up, so it is not counted either,
    and why says how many. The tidy frame of kpis.tidy; target follow_up_target; Wilson, clustered
    by customer. A customer who left is still due a message.
    """
    if window not in WINDOWS:
        raise InputError(f"window is '{window}'; it must be one of: {', '.join(WINDOWS)}.")
    kpi = Kpi(
        f"Followed up in {window}",
        f"of solved tickets not reopened before, an agent's public message {window} after",
        target=study.settings.target("follow_up_target"),
    )

    def note(facts: pd.DataFrame) -> str:
        reopened = int((facts["mature"] & facts["reopened"]).sum())
        return of_them(reopened, "reopened before a message was due or came: not counted")

    return measured(study, kpi, follow_up_rows(study, window), _due, by, note)


@reads("first_solved_at")
@once
def follow_up_rows(study: Study, window: str) -> pd.DataFrame | CannotTell:
    """A row a solved ticket with a history: ticket_id, customer_id, who, at (solved), followed (a
    message in the window, and not reopened before it), reopened (first), mature (window over)."""
    if not _has_messages(study):
        return CannotTell(
            "whether solved tickets are followed up: the export has no messages; a history of each "
            "ticket would tell."
        )
    opens, ends = (hours * HOUR for hours in WINDOWS[window])
    tickets = solved(study)
    tickets = tickets[among(tickets["ticket_id"], study.ticket_events["ticket_id"])]
    rows = tickets[["ticket_id", "customer_id", "who", "at"]].assign(
        opens_at=tickets["at"] + opens, ends_at=tickets["at"] + ends
    )
    followed_at = _followed_at(study, rows).reindex(rows["ticket_id"]).set_axis(rows.index)
    reopened_at = rows["ticket_id"].map(first_reopened(study))
    reopened = (reopened_at <= rows["ends_at"]) & ~(followed_at <= reopened_at)
    facts = rows.drop(columns=["opens_at", "ends_at"]).assign(
        followed=followed_at.notna() & ~reopened,
        reopened=reopened,
        mature=rows["ends_at"] <= study.observed_until,
    )
    return facts.reset_index(drop=True)


def _two_rows(
    study: Study, name: str, words: str, unit: str, facts: pd.DataFrame | CannotTell, by: str | None
) -> Standing:
    facts = cannot_tell(study, "first_solved_at") or facts

    def note(facts: pd.DataFrame) -> str:
        unknown = int(facts["amount"].isna().sum())
        return of_them(unknown, "tickets left out: the export does not tell of them")

    return Standing.of(
        measured(study, Kpi(f"{name}, {kind}", words, unit, wanted="at most"), facts,
                 partial(_known, measure=measure), by, note)
        for kind, measure in MEASURES.items()
    )  # fmt: skip


def _known(part: pd.DataFrame, measure) -> dict:
    known = part[part["amount"].notna()]
    told = measure(known["amount"], known["who"])
    return {**told, "low": max(told["low"], 0.0)}  # no ticket takes less than nothing


def _amounts(study: Study, amounts) -> pd.DataFrame:
    tickets = solved(study)
    return tickets[["ticket_id", "customer_id", "who", "at"]].assign(amount=amounts(tickets))


def _column(study: Study, column: str, lacks: CannotTell) -> pd.DataFrame | CannotTell:
    facts = _amounts(study, lambda tickets: tickets[column].astype("Float64"))
    return lacks if facts["amount"].isna().all() else facts


def _time_entries(study: Study) -> pd.DataFrame | None:
    """The hours logged on each solved ticket, if any is."""
    if not study.has("ticket_events"):
        return None
    events = study.ticket_events
    entries = events[events["field"].str.lower() == TIME_ENTRIES]
    last = entries.sort_values(["event_at", "event_id"]).groupby("ticket_id")["value_to"].last()
    hours = pd.to_numeric(last, errors="coerce") / 3600
    facts = _amounts(study, lambda tickets: tickets["ticket_id"].map(hours).astype("Float64"))
    return facts if facts["amount"].notna().any() else None


def _messages(study: Study) -> pd.DataFrame:
    """Agents' messages and notes on each solved ticket; null for one without any history."""
    events = study.ticket_events
    own = events["event_type"].isin(["reply", "note"]) & (events["actor_role"] == "agent")
    counts = own.fillna(False).astype(int).groupby(events["ticket_id"]).sum()
    return _amounts(study, lambda tickets: tickets["ticket_id"].map(counts).astype("Float64"))


def _followed_at(study: Study, rows: pd.DataFrame) -> pd.Series:
    """The first public message of an agent in each ticket's window, by ticket_id."""
    events = study.ticket_events.query("event_type == 'reply' and actor_role == 'agent'")
    said = events.loc[events["is_public"].fillna(True), ["ticket_id", "event_at"]]
    said = said.merge(rows, on="ticket_id")
    inside = (said["event_at"] > said["opens_at"]) & (said["event_at"] <= said["ends_at"])
    return said[inside].groupby("ticket_id")["event_at"].min()


def _due(part: pd.DataFrame) -> dict:
    return share_told(part[~part["reopened"]], "followed")


def _has_messages(study: Study) -> bool:
    return study.has("ticket_events") and bool(study.ticket_events["event_type"].eq("reply").any())
