"""The help desk's tables: every fact of a ticket row is counted from the ticket's events."""

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.chance import pick, stream
from cxresearch.lab.simulate.facts import facts_from_events, time
from cxresearch.lab.simulate.issues import CHANNELS
from cxresearch.lab.simulate.parameters import World

PRIORITIES = ("low", "normal", "high", "urgent")
TYPES = ("question", "incident", "problem", "task")
HOW_TO = ("permissions", "exit_request", "refund")  # seldom reported as incidents
PRODUCTS = ("Account", "Billing", "Scanner app", "Stock", "Reports", "Data", "Devices")


def ticket_rows(
    world: World, cases: pd.DataFrame, events: pd.DataFrame, words: pd.DataFrame | None, seed: int
) -> pd.DataFrame:
    """The tickets table. words holds subject and description of each case, or is None."""
    rng = stream(seed, "tickets")
    facts = facts_from_events(events).reindex(cases.index)
    ids = ticket_ids(cases)
    follows = cases["follows"].where(rng.random(len(ids)) < 0.4, -1)
    table = pd.DataFrame(
        {
            "ticket_id": ids,
            "created_at": time(cases["created"]),
            "subject": None if words is None else words["subject"],
            "description": None if words is None else words["description"],
            "language": cases["language"],
            "tags": _tags(cases, rng),
            "created_channel": np.array(CHANNELS, dtype=object)[cases["channel"]],
            "requester_id": cases["requester"],
            "organization_id": cases["organization_id"],
            "is_merged": cases["double_of"] >= 0,
            "merged_into_ticket_id": _other(ids, cases["double_of"]),
            "follow_up_of_ticket_id": _other(ids, follows),
            "is_agent_created": cases["channel"] == 3,
            **_labels(world, cases, rng),
        }
    )
    return _flagged(pd.concat([table, facts], axis=1))


def ticket_ids(cases: pd.DataFrame) -> pd.Series:
    """The help desk's numbers: 100001, 100002, … in the order of creation."""
    return pd.Series(cases.index + 100_001, index=cases.index).astype(str).astype(object)


def event_rows(cases: pd.DataFrame, events: pd.DataFrame, body: pd.Series | None) -> pd.DataFrame:
    """The ticket_events table; body is what was written, or None."""
    as_is = ["event_type", "actor_id", "actor_role", "field", "value_from", "value_to"]
    return events[as_is].assign(
        event_id=pd.Series(7_000_001 + np.arange(len(events))).astype(str),
        ticket_id=ticket_ids(cases).to_numpy()[events["case"]],
        event_at=time(events["event_at"]),
        is_public=events["public"].astype("boolean"),
        body=body,
    )


def _other(ids: pd.Series, place: pd.Series) -> pd.Series:
    return pd.Series(np.where(place >= 0, ids.to_numpy()[place], None), index=ids.index)


def _labels(world: World, cases: pd.DataFrame, rng) -> dict[str, np.ndarray]:
    """Type, priority and product as people pick them: often right, often not."""
    n = len(cases)
    home = {cause.name: cause.product for cause in world.causes}
    right = cases["cause"].map(home).fillna("Account")
    random = np.array(PRODUCTS, dtype=object)[rng.integers(0, len(PRODUCTS), n)]
    product = np.where(rng.random(n) < 0.62, right, np.where(rng.random(n) < 0.5, random, None))
    asks = cases["cause"].isin(HOW_TO)
    kind = np.where(asks, pick(rng, (8, 1, 1, 1), n), pick(rng, (3, 6, 2, 0.3), n))
    rank = np.where(cases["stuck"], pick(rng, (1, 5, 4, 1.5), n), pick(rng, (2, 7, 1.5, 0.4), n))
    return {
        "type": np.where(rng.random(n) < 0.85, np.array(TYPES, dtype=object)[kind], None),
        "priority": np.array(PRIORITIES, dtype=object)[rank],
        "product": product,
    }


def _tags(cases: pd.DataFrame, rng) -> pd.Series:
    """Words that agents and rules put on tickets: few, coarse, none on every other ticket."""
    vip, often, mobile = rng.random((3, len(cases)))
    tags = [
        [word for word, on in zip(("vip", "contacted-before", "mobile"), row, strict=True) if on]
        for row in zip(vip < 0.06, often < 0.15, mobile < 0.25, strict=True)
    ]
    return pd.Series(tags, index=cases.index, dtype=object)


def _flagged(table: pd.DataFrame) -> pd.DataFrame:
    """dq_flags as an import would put them."""
    text = table[["subject", "description"]].astype("str").fillna("")
    empty = (text["subject"] + text["description"]).str.strip() == ""
    flags = pd.Series([["no_words"] if e else [] for e in empty], index=table.index, dtype=object)
    return table.assign(dq_flags=flags)
