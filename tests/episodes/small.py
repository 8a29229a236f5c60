"""Small studies built from days, for tests."""

import numpy as np
import pandas as pd

from cxresearch import Study
from cxresearch.episodes import build_episodes

ZERO = pd.Timestamp("2024-01-01", tz="UTC")
DAY = pd.Timedelta(days=1)
HORIZON = 730


def day(numbers) -> pd.Series:
    return ZERO + pd.to_timedelta(pd.Series(numbers, dtype="float64"), unit="D")


def study_of(customers, tickets, states=None, history=None, **settings) -> Study:
    """A study from days: customers (start, notice, end, kind, period), tickets (opened, solved,
    reopened, solved_again, closed, closed_by, answered, status, topic, weight, exit), states of
    tickets (ticket_id, at, to, role) and customer_history (customer_id, at, field, value)."""
    wrote = tickets.drop_duplicates("ticket_id")
    tables = {
        "customers": _customers(customers),
        "tickets": _tickets(wrote),
        "ticket_causes": pd.DataFrame(
            {
                "ticket_id": tickets["ticket_id"].astype(str),
                "topic": 0,
                "cause": tickets.get("topic", pd.Series("billing", tickets.index)),
                "weight": tickets.get("weight", pd.Series(1.0, tickets.index)),
                "is_exit_request": tickets.get("exit", pd.Series(False, tickets.index)),
            }
        ),
    }
    if states is not None:
        tables["ticket_events"] = _states(states)
    if history is not None:
        rows = history.assign(valid_from=day(history["at"]), value=history["value"].astype(str))
        tables["customer_history"] = rows.drop(columns="at")
    times = {"observed_until": (ZERO + HORIZON * DAY).isoformat(), "tickets_from": ZERO.isoformat()}
    return Study.from_tables(tables, **{**times, **settings})


def _customers(customers: pd.DataFrame) -> pd.DataFrame:
    never = pd.Series(np.nan, customers.index)
    return pd.DataFrame(
        {
            "customer_id": customers["customer_id"].astype(str),
            "started_at": day(customers["start"]),
            "notice_at": day(customers.get("notice", never)),
            "ended_at": day(customers["end"]),
            "end_kind": customers.get("kind", pd.Series("voluntary", customers.index)),
            "billing_period": customers.get("period", pd.Series("month", customers.index)),
            "observed_until": ZERO + HORIZON * DAY,
        }
    )


def _tickets(tickets: pd.DataFrame) -> pd.DataFrame:
    never = pd.Series(np.nan, tickets.index)
    return pd.DataFrame(
        {
            "ticket_id": tickets["ticket_id"].astype(str),
            "created_at": day(tickets["opened"]),
            "first_reply_at": day(tickets.get("answered", never)),
            "first_solved_at": day(tickets["solved"]),
            "last_reopened_at": day(tickets.get("reopened", never)),
            "last_solved_at": day(tickets.get("solved_again", tickets["solved"])),
            "closed_at": day(tickets.get("closed", never)),
            "closed_by": tickets.get("closed_by", pd.Series(None, tickets.index, dtype="str")),
            "status": tickets.get("status", pd.Series("open", tickets.index)),
            "requester_id": tickets["customer_id"].astype(str),
        }
    )


def _states(states: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event_id": [str(n) for n in range(len(states))],
            "ticket_id": states["ticket_id"].astype(str),
            "event_at": day(states["at"]),
            "event_type": "status",
            "actor_role": states.get("role", pd.Series("agent", states.index)),
            "field": "status",
            "value_to": states["to"],
        }
    )


def one_customer(opened, solved, states=(), history=(), until=100.0, **more) -> Study:
    """A customer from day 0 who leaves on day 100 and wrote the tickets given; states are (at, to)
    or (at, to, role) of the first ticket, history (at, field, value)."""
    customers = pd.DataFrame({"customer_id": ["a"], "start": [0.0], "end": [until]})
    settings = {k: more.pop(k) for k in ("hold_stops_clock", "as_of_start") if k in more}
    tickets = pd.DataFrame({"opened": opened, "solved": solved, **more}, dtype="object")
    tickets = tickets.assign(ticket_id=range(len(tickets)), customer_id="a")
    rows = [(*s, "agent")[:3] for s in states]
    told = pd.DataFrame(rows, columns=["at", "to", "role"]).assign(ticket_id=0) if rows else None
    known = pd.DataFrame(history, columns=["at", "field", "value"]).assign(customer_id="a")
    return study_of(customers, tickets, told, known if len(known) else None, **settings)


def exposed_days(study: Study, column: str = "overdue", **options) -> float:
    """Days of customers' lives in which a column is above zero."""
    episodes = build_episodes(study, **options)
    return (episodes["stop"] - episodes["start"])[episodes[column] > 0].sum()
