"""What a study can tell, and what it cannot: the one place that decides it, for pages and `check`.

An empty field means that nothing happened only where something would have been written, had it
happened. Else it is unknown, and unknown is never told as never.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once

if TYPE_CHECKING:
    from cxresearch.study.study import Study

CHANCE = 0.001
FEW = 20  # customers; of fewer nothing is said of how many left
LACKS = 0.1  # the share of a field's own events without a time up to which the others speak
SOLVED = "solved"  # when an issue was: by the history of states, else by first_solved_at
OF_ANY_STATE = ("first_reply_at",)  # what happens to tickets that are solved and that are not
UNSOLVED, OVER = ("open", "pending", "hold"), ("solved", "closed")
# What nobody can tell without a field of tickets.
WANTED = {
    "requester_id": "who wrote: nobody can be seen to come back, or to leave",
    "description": "what customers wrote beyond the subject: topics rest on subjects alone",
    "language": "in which language a ticket is: all are taken for one that the encoder knows",
    "created_channel": "by which channel customers wrote",
    "product": "which product a ticket is about",
    "type": "how the help desk itself sorts its tickets",
    "priority": "which tickets were urgent",
    "assignee_id": "who worked on a ticket, and how often it changed hands",
    "first_reply_at": "how long customers waited for a first answer",
    "first_solved_at": "when an issue was solved: what was overdue cannot be seen",
    "closed_by": "whether an agent, the customer or a machine closed the ticket",
    "count_reopens": "whether a solved ticket stayed solved",
    "total_agent_replies": "how many answers a ticket took",
    "is_escalated": "how often a ticket was handed up",
    "is_spam": "which tickets are no customer's: spam counts as tickets",
    "is_merged": "which tickets are copies of others: copies count as tickets",
    "is_agent_created": "which tickets agents wrote themselves: they count as customers' own",
    "satisfaction_raw": "how satisfied the customers were with an answer",
    "organization_id": "which people belong to one organisation",
}


def _answered(study: Study, tickets: pd.DataFrame) -> pd.Series:
    wrote = tickets["total_agent_replies"] > 0
    if not study.has("ticket_events"):
        return wrote
    events = study.ticket_events
    replies = (events["event_type"] == "reply") & (events["actor_role"] == "agent")
    replies &= events["is_public"].fillna(True).astype(bool)
    return wrote.mask(among(tickets["ticket_id"], events.loc[replies, "ticket_id"]), True)


def _solved(study: Study, tickets: pd.DataFrame) -> pd.Series:
    over = tickets["last_solved_at"].notna() | (tickets["count_reopens"] > 0).fillna(False)
    over |= tickets["status"].isin(OVER) & tickets["closed_at"].isna()
    return over.astype("boolean").mask(~over & (tickets["status"] == "unknown"))


def _reopened(study: Study, tickets: pd.DataFrame) -> pd.Series:
    return tickets["count_reopens"] > 0


# Of fields that are empty where nothing has happened: what else tells whether it has (null: nothing
# does).
EVENTS: dict[str, Callable[[Study, pd.DataFrame], pd.Series]] = {
    "first_reply_at": _answered,
    "first_solved_at": _solved,
    "last_reopened_at": _reopened,
}


def reads(*fields: str) -> Callable:
    """Declares which fields of tickets a function of a study reads: where the study cannot tell
    one, that is the answer, and the function is not asked."""

    def declared(function: Callable) -> Callable:
        @functools.wraps(function)
        def asked(study: Study, *args, **options):
            return cannot_tell(study, *fields) or function(study, *args, **options)

        return asked

    return declared


def cannot_tell(study: Study, *fields: str) -> CannotTell | None:
    """Why the study cannot tell the first of these fields of tickets that it cannot; else None."""
    for field in fields:
        _, lacks = _told(study.whole, field)
        if lacks:
            wanted = "first_solved_at" if field == SOLVED else field
            what = WANTED.get(wanted, f"what rests on {field}").partition(":")[0]
            return CannotTell(f"{what}: {lacks}.")
    return None


def leaving_untold(study: Study) -> CannotTell | None:
    """Why nobody can tell who left: of FEW customers or more none has an end or a notice, or many
    who are said to have ended have neither; else None. Asked where there are customers."""
    customers = study.whole.customers
    if len(customers) < FEW:
        return None
    dated = customers[["ended_at", "notice_at"]].notna().any(axis=1)
    undated, ended = int((customers["end_kind"].notna() & ~dated).sum()), int(dated.sum())
    if not ended:
        return CannotTell(
            f"who leaves: ended_at is empty for all {len(customers):,} customers; billing that "
            "tells when each ended would tell."
        )
    if undated > LACKS * (undated + ended):
        return CannotTell(
            f"who leaves: ended_at is empty for {undated:,} of the {undated + ended:,} customers "
            "who ended; billing that tells when would tell."
        )
    return None


def told(study: Study, field: str, tickets: pd.DataFrame) -> pd.Series:
    """For each of some tickets: is the field filled, or empty because nothing has happened?

    It is not told where something else says that it has happened; nor, where nothing does, in a
    channel or a month in which no ticket has it and the chance of that is under CHANCE. Of fields
    that are no events, every empty one is unknown.
    """
    known, _ = _told(study.whole, field)
    return tickets["ticket_id"].map(known).fillna(False).astype(bool)


@once
def _told(study: Study, field: str) -> tuple[pd.Series, str]:
    """By ticket_id whether a field is told, and why for none ("" where it is for some)."""
    tickets = study.tickets
    if field == SOLVED:
        return _solved_somewhere(study)
    filled = tickets[field].notna()
    if field in EVENTS:
        happened = EVENTS[field](study, tickets).astype("boolean")
        known, lacks = _event(tickets, field, filled, happened)
    else:
        known, lacks = filled, "" if filled.any() else _never(field, len(tickets))
    return (known & (not lacks)).set_axis(tickets["ticket_id"]), lacks


def _solved_somewhere(study: Study) -> tuple[pd.Series, str]:
    """SOLVED: by a ticket's history of states, else by first_solved_at."""
    known, lacks = _told(study, "first_solved_at")
    if not study.has("ticket_events"):
        return known, lacks
    events = study.ticket_events
    states = events.loc[(events["field"] == "status") & events["value_to"].notna(), "ticket_id"]
    return known | among(known.index.to_series(), states), "" if len(states) else lacks


def _event(tickets: pd.DataFrame, field: str, filled: pd.Series, happened: pd.Series):
    """Where a time is told, and why for none."""
    lost = happened.fillna(False).astype(bool) & ~filled
    silent = happened.isna() & ~filled
    had = int((lost | filled).sum())
    if not filled.any() and (lost | silent).any():
        return filled, _never(field, len(tickets))
    if lost.sum() > LACKS * had:
        return filled, (
            f"{field} is empty in {lost.sum():,} of the {had:,} tickets to which it happened; an "
            "export with it would tell"
        )
    past = _past(tickets, field)
    unsolved = tickets["status"].isin(UNSOLVED)
    if field in OF_ANY_STATE and (silent & unsolved & _unkept(filled, past, unsolved)).any():
        return filled, f"{field} is empty in every ticket that is not solved; an export with it " \
            "for all would tell"  # fmt: skip
    month, channel = tickets["created_at"].dt.strftime("%Y-%m"), tickets["created_channel"]
    unkept = _unkept(filled, past, month) | _unkept(filled, past, channel.fillna(""))
    return filled | ~(lost | (silent & unkept)), ""


def _past(tickets: pd.DataFrame, field: str) -> pd.Series:
    """Which tickets were written so long before the last that nine in ten would have the field."""
    waits = (tickets[field] - tickets["created_at"]).quantile(0.9)
    return tickets["created_at"] <= tickets["created_at"].max() - waits


def _unkept(filled: pd.Series, past: pd.Series, group: pd.Series) -> pd.Series:
    """Which tickets are of a group in which none has the field, and too many lack it for chance, as
    often as the others have it (Laplace's rule)."""
    had = filled & past
    rows = past.groupby(group).transform("sum")
    others = past.sum() - rows
    chance = (1 - (had.sum() + 1) / (others + 2)).clip(lower=0) ** rows
    return ~had.groupby(group).transform("any") & (others > 0) & (chance < CHANCE)


def _never(field: str, tickets: int) -> str:
    return f"{field} is empty in all {tickets:,} tickets; an export with it would tell"
