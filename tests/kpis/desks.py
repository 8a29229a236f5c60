"""Small help desks made by hand: tickets by the day (or hour) they were written and solved."""

from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch import Study, loaders

FORMATS = Path(__file__).parents[1] / "loaders" / "formats"
START = pd.Timestamp("2025-01-01T00:00:00Z")


def after(hours) -> pd.Series:
    """Times so many hours after START; null for null."""
    return START + pd.to_timedelta(pd.Series(hours, dtype=float), unit="h")


def zendesk() -> Study:
    """The nine tickets of the Zendesk fixtures, six of them resolved."""
    return Study.from_tables(
        loaders.load("zendesk", FORMATS / "zendesk", time_zone="Europe/Madrid")
    )


def desk(
    created, *, replied=np.nan, solved=np.nan, until=1000.0, events=(), causes=None, customers=None,
    settings=None, **columns,
) -> Study:  # fmt: skip
    """Tickets a, b, c ... by hours since START. events are (ticket, hour, what, more): what is
    "agent", "customer" or "note" (a message), or a field, and more the value it changes to."""
    tickets = pd.DataFrame({"created_at": after(created)})
    tickets["first_reply_at"] = after(np.broadcast_to(replied, len(tickets)))
    tickets["first_solved_at"] = after(np.broadcast_to(solved, len(tickets)))
    names = [chr(97 + i) for i in tickets.index]
    state = np.where(tickets["first_solved_at"].notna(), "solved", "open")
    tickets = tickets.assign(ticket_id=names, requester_id=[f"person {n}" for n in names])
    tables = {"tickets": tickets.assign(status=state).assign(**columns)}
    if events:
        tables["ticket_events"] = _history(events)
    if causes is not None:
        tables["ticket_causes"] = _causes(names, causes)
    if customers is not None:
        tables |= _accounts(customers, until)
    ends = (START + pd.Timedelta(hours=until)).isoformat()
    return Study.from_tables(
        tables, observed_until=ends, **({"targets_given": True} | (settings or {}))
    )


def _history(events) -> pd.DataFrame:
    rows = []
    for n, (ticket, hour, what, *more) in enumerate(events):
        row = {"event_id": str(n), "ticket_id": ticket, "event_at": after([hour])[0]}
        if what in ("agent", "customer", "bot", "note"):
            row |= {
                "event_type": "note" if what == "note" else "reply",
                "is_public": what != "note",
            }
            row |= {"actor_role": "agent" if what == "note" else what}
        else:
            row |= {"event_type": what, "actor_role": "agent", "field": what, "value_to": more[0]}
            row |= {"value_from": more[1] if len(more) > 1 else None}
        rows.append(row)
    return pd.DataFrame(rows)


def _causes(names, causes) -> pd.DataFrame:
    topic = [-1 if cause is None else 1 for cause in causes]
    told = [cause or "no words" for cause in causes]
    found = pd.DataFrame({"ticket_id": names, "topic": topic, "cause": told})
    return found.assign(weight=1.0, is_exit_request=False)


def _accounts(customers: dict, until: float) -> dict[str, pd.DataFrame]:
    """customers: person -> the hour at which their account ended (null: still there)."""
    people, ended = list(customers), after(list(customers.values()))
    accounts = pd.DataFrame({"customer_id": people, "started_at": START - pd.Timedelta(days=99)})
    watched = START + pd.Timedelta(hours=until)
    accounts = accounts.assign(ended_at=ended, observed_until=watched, end_kind="voluntary")
    links = pd.DataFrame({"requester_id": people, "customer_id": people})
    return {"customers": accounts, "identities": links}
