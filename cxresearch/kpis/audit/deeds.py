"""What the desk did to each ticket, and how long before or after its limit it did so.

There are two limits: the promise of a first answer, by its clock, and that of a solution, in days
that stand still while the ticket waits (pending; hold if study.toml says so). Distances are in
windows of NEAR of the promise, at most MOST hours, so that all promises can be looked at together.
"""

import numpy as np
import pandas as pd

from cxresearch.kpis.compliance import priority_then, response_facts
from cxresearch.kpis.durations import elapsed, promise_clock
from cxresearch.kpis.escalating import changes_of
from cxresearch.kpis.tidy import HOUR, since, who
from cxresearch.study.once import once
from cxresearch.study.promises import promised_hours
from cxresearch.study.study import Study
from cxresearch.study.told import SOLVED, told

NEAR, MOST = 0.025, 2.0
OVER, WAITS = ("solved", "closed"), ("pending", "hold")
ANSWER, SOLUTION = "first answer", "solution"
EVENT = ("ticket event_at event_type actor_id actor_role field value_from value_to text "
         "letters").split()  # fmt: skip


@once
def audited_tickets(study: Study) -> pd.DataFrame:
    """Customers' tickets, merged ones too: the columns of tickets, who, group ("unknown" where no
    team is told), promised (hours), in_turn (written while the promise's clock ran)."""
    tickets, start = study.tickets, study.settings.time("tickets_from")
    seen = ~tickets[["is_spam", "is_deleted"]].fillna(False).any(axis=1)
    seen &= tickets["requester_id"].notna() & (tickets["created_at"] < study.observed_until)
    tickets = tickets[seen if start is None else seen & (tickets["created_at"] >= start)]
    tickets = tickets.assign(customer_id=study.account(tickets)).reset_index(drop=True)
    created, clock = tickets["created_at"], promise_clock(study)
    return tickets.assign(
        who=who(tickets),
        group=tickets["group_id"].fillna("unknown"),
        promised=_promised(study, tickets, priority_then(study, tickets)),
        promised_now=_promised(study, tickets, tickets["priority"].fillna("none")),
        in_turn=elapsed(study, created, created + HOUR / 60, clock) > 0,
    )


@once
def deeds(study: Study) -> pd.DataFrame:
    """What was done to these tickets, in order: ticket (its place among audited_tickets), event_at,
    event_type, field, value_from, value_to, actor_id, agent (by one of them), told (not by the
    customer), said (messages of the customer so far), state (before it), text and letters (which
    text, and how long), hours (of the solution's clock), met (answered, or over), answer and
    solution (windows past each limit; null once it is met). The last is the end of observation.
    """
    rows, tickets, settings = _history(study), audited_tickets(study), study.settings
    by, ends = rows["ticket"], rows["event_type"].eq("end")
    rows["state"], rows["hours"] = _clock(rows, ["pending", *["hold"] * settings.hold_stops_clock])
    closes = rows["field"].eq("status") & rows["value_to"].isin(OVER) | rows["event_type"].eq(
        "merge"
    )
    over = closes.astype(int).groupby(by).cumsum() > closes
    promised, turn = (tickets[c].to_numpy()[by] for c in ("promised", "in_turn"))
    met = over | (rows["event_at"] > rows["first"]) | ~turn
    waited = elapsed(study, rows["made"], rows["event_at"], promise_clock(study))
    said = rows["event_type"].eq("reply") & rows["actor_role"].eq("customer")
    return rows.assign(
        agent=rows["actor_role"].eq("agent"), told=rows["actor_role"].ne("customer") & ~ends,
        said=said.astype(int).groupby(by).cumsum(), met=met,
        answer=windows(waited, promised).mask(met),
        solution=windows(rows["hours"], 24 * settings.unresolved_after_days).mask(over),
    )  # fmt: skip


def _clock(rows: pd.DataFrame, still: list[str]) -> tuple[pd.Series, pd.Series]:
    """Each event's state before it, and the hours of its ticket's clock, which stands in some."""
    by = rows["ticket"]
    changes = rows["value_to"].where(rows["field"].eq("status")).astype("category")
    code = changes.cat.codes.where(changes.notna()).groupby(by).ffill().groupby(by).shift()
    state = pd.Series(pd.Categorical.from_codes(code.fillna(-1).astype(int), dtype=changes.dtype))
    passed = rows["event_at"] - rows["event_at"].shift().where(by.eq(by.shift()), rows["made"])
    return state, (passed / HOUR).mask(state.isin(still), 0.0).groupby(by).cumsum()


def windows(hours: pd.Series, promised: pd.Series | float) -> pd.Series:
    """How many windows past its limit something happened; before it, less than 0."""
    return (hours - promised) / window(promised)


def window(promised: pd.Series | float) -> pd.Series | float:
    """Hours of a window of this promise."""
    return np.minimum(NEAR * promised, MOST)


def in_time(study: Study, limit: str, by_now: bool = False) -> pd.DataFrame:
    """The tickets whose limit has passed, where it is told whether it was kept: ticket_id, who,
    group, held; first answers by the promise for the priority then (as response_facts), or with
    by_now for that of the export."""
    tickets = audited_tickets(study)
    facts = response_facts(study) if limit == ANSWER else _solutions(study, tickets)
    own = tickets.set_index("ticket_id").reindex(facts["ticket_id"]).set_index(facts.index)
    held, mature = facts["held"], facts["mature"]
    if by_now:
        held = (facts["waited"] <= own["promised_now"]).astype("boolean").mask(held.isna())
        mature = facts["age"] >= own["promised_now"]
    facts = facts[["ticket_id", "who"]].assign(group=own["group"], held=held)
    return facts[mature & held.notna()].astype({"held": bool})


def _solutions(study: Study, tickets: pd.DataFrame) -> pd.DataFrame:
    """Of the tickets that KPIs ask: ticket_id, who, held (null: not told) and mature, by the clock
    that stands still while a ticket waits."""
    rows, promised = deeds(study), 24 * study.settings.unresolved_after_days
    solved = rows[rows["field"].eq("status") & rows["value_to"].isin(OVER)]
    hours = pd.Series(tickets.index.map(solved.groupby("ticket")["hours"].first()), tickets.index)
    age = pd.Series(tickets.index.map(rows.groupby("ticket")["hours"].last()), tickets.index)
    due = hours.notna() & (tickets["created_at"] + promised * HOUR <= study.observed_until)
    held = (hours <= promised).astype("boolean").where(told(study, SOLVED, tickets))
    facts = tickets[["ticket_id", "who"]].assign(held=held, mature=due | (age >= promised))
    return facts[facts["ticket_id"].isin(since(study)["ticket_id"])]


def _promised(study: Study, tickets: pd.DataFrame, priority: pd.Series) -> pd.Series:
    channel, settings = tickets["created_channel"].fillna("unknown"), study.settings
    return promised_hours(settings.promises, channel, priority, settings.first_reply_hours)


def _history(study: Study) -> pd.DataFrame:
    """The events of audited_tickets in order, with the end of observation, made and first (when the
    ticket was written and answered); of each kind that a ticket lacks, those its columns tell."""
    tickets, parts = audited_tickets(study), []
    place = pd.Index(tickets["ticket_id"])
    known = dict.fromkeys(("reply", "status", "merge"), np.zeros(len(tickets), bool))
    if study.has("ticket_events"):
        changes = changes_of(study, "priority")["value_from"]
        events = study.ticket_events
        events = events.assign(
            value_from=changes.reindex(events.index).fillna(events["value_from"])
        )
        ticket = place.get_indexer(events["ticket_id"])
        held = (ticket >= 0) & (events["event_at"] <= study.observed_until)
        hidden = events["event_type"].eq("reply") & ~events["is_public"].fillna(True).astype(bool)
        events = events.assign(
            ticket=ticket, text=pd.factorize(events["body"])[0], letters=events["body"].str.len()
        )
        parts.append(events.loc[held & ~hidden, EVENT])
        known = {kind: tickets.index.isin(ticket[is_it & ~hidden])
                 for kind, is_it in _kinds(events).items()}  # fmt: skip
    merged = tickets["is_merged"].fillna(False).astype(bool)
    own = pd.DataFrame({"ticket": tickets.index, "actor_id": tickets["assignee_id"]})
    solved, closed = tickets["first_solved_at"].mask(merged), tickets["closed_at"].where(merged)
    columns = {"reply": tickets["first_reply_at"], "status": solved, "merge": closed}
    for kind, at in columns.items():
        rows = own.assign(event_at=at, event_type=kind, actor_role="agent")
        if kind == "status":
            rows = rows.assign(field="status", value_to="solved")
        parts.append(rows[~known[kind] & (at <= study.observed_until)])
    parts.append(own[["ticket"]].assign(event_at=study.observed_until, event_type="end"))
    rows = pd.concat([part for part in parts if len(part)]).reindex(columns=EVENT)
    made, first = (tickets[c].array[rows["ticket"]] for c in ("created_at", "first_reply_at"))
    at = rows["event_at"].where(rows["event_at"] >= made, made)
    role = rows["actor_role"].astype("str").fillna("")
    rows = rows.assign(event_at=at, made=made, first=first, actor_role=role)
    return rows.sort_values(["ticket", "event_at"], kind="stable", ignore_index=True)


def _kinds(events: pd.DataFrame) -> dict[str, pd.Series]:
    """Which events are an agent's answer, an end, or a merge."""
    kind = events["event_type"]
    over = events["field"].eq("status") & events["value_to"].isin(OVER)
    reply = kind.eq("reply") & events["actor_role"].eq("agent")
    return {"reply": reply, "status": over, "merge": kind.eq("merge")}
