"""Talks with a bot: some help, some are handed over, some end in silence, some before a leave."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.chance import pick, second_of_day, stream
from cxresearch.lab.simulate.facts import time
from cxresearch.lab.simulate.mess import clauses
from cxresearch.lab.simulate.parameters import DAY, World, seconds
from cxresearch.lab.simulate.voice_parameters import Voices

HANDED = 0.6  # of talks after which somebody writes: handed over


def bot_talks(
    world: World, voices: Voices, tables: Mapping, tickets: pd.DataFrame, seed: int
) -> tuple[pd.DataFrame, dict]:
    """The bot_sessions table, oldest first, and by session_id what came of it: helped, handed,
    wrote (all the same), silent (neither helped nor wrote) or lost (in vain, before a notice)."""
    rng, since = stream(seed, "bot"), seconds(voices.bot_from)
    wrote = _who_writes(voices, tickets[tickets["created"] > since], rng)
    wrote = wrote[_there(wrote, tables["customers"])]
    span = since, world.seconds("observed_until")
    helped = _who_does_not(voices, tables["customers"], tickets, wrote, span, rng)
    lost = _before_notice(voices, tables, tickets, since, rng)
    rows = pd.concat([wrote, helped, lost]).sort_values("at", kind="stable", ignore_index=True)
    rows = rows[_there(rows, tables["customers"])].reset_index(drop=True)
    n, intents = len(rows), clauses("public")["intents"]
    named, turns = rng.random(n) < voices.named, 1 + rng.poisson(2.5, n)
    handed = (rows["came"] == "handed").to_numpy()
    told = pd.DataFrame({
        "session_id": [f"B{200_001 + place}" for place in range(n)],
        "started_at": time(rows["at"]), "ended_at": time(rows["at"] + turns * 45),
        "turns": turns, "channel": "chat", "intent": rows["cause"].map(intents),
        "ended": _endings(rows["came"].to_numpy(), rng),
        "handed_to": np.where(handed, "First line", None),
        "ticket_id": rows["ticket_id"].where(handed),
        "requester_id": rows["requester_id"].where(named | handed),
    })  # fmt: skip
    return told, dict(zip(told["session_id"], rows["came"], strict=True))


def _who_writes(voices, tickets: pd.DataFrame, rng) -> pd.DataFrame:
    """Talks before a ticket by chat or web: handed over at once, or written hours or days later."""
    rows = tickets[tickets["channel"].isin(["chat", "web"])]
    rows = rows[rng.random(len(rows)) < voices.talks]
    handed = rng.random(len(rows)) < HANDED
    before = np.where(handed, 120 + rng.integers(0, 900, len(rows)), 0)
    later = (rng.exponential(1.2, len(rows)).clip(max=6.5) * DAY).astype(np.int64) + 1800
    at = rows["created"] - np.where(handed, before, later)
    return rows.assign(at=at, came=np.where(handed, "handed", "wrote"))


def _who_does_not(voices, customers, tickets, wrote: pd.DataFrame, span, rng) -> pd.DataFrame:
    """Talks after which nobody writes, as many by cause as helps says; some were given up."""
    parts = []
    for cause, share in voices.helps.items():
        theirs = int((wrote["cause"] == cause).sum())
        size = rng.poisson(theirs * share / (1 - share))
        n = 3 * size  # not all of them are customers then
        people = tickets.iloc[rng.integers(0, len(tickets), n)][["requester_id", "customer_id"]]
        day = span[0] + rng.integers(0, (span[1] - span[0]) // DAY, n) * DAY
        rows = people.assign(at=day + second_of_day(rng, n), cause=cause, ticket_id=None)
        rows = rows[_there(rows, customers)].head(size)
        silent = rng.random(len(rows)) < voices.silent
        parts.append(rows.assign(came=np.where(silent, "silent", "helped")))
    return pd.concat(parts)


def _before_notice(voices, tables: Mapping, tickets: pd.DataFrame, since: int, rng) -> pd.DataFrame:
    """Talks in vain shortly before a customer's notice."""
    notice = tables["customers"].dropna(subset="notice_at").set_index("customer_id")["notice_at"]
    people = tickets.drop_duplicates("customer_id")
    people = people[people["customer_id"].isin(notice.index)]
    people = people[rng.random(len(people)) < voices.losing]
    before = (1 + rng.random(len(people)) * 24) * DAY
    noticed = (
        notice.reindex(people["customer_id"])
        .dt.tz_convert(None)
        .astype("datetime64[s]")
        .astype("int64")
    )
    at = noticed.to_numpy() - before.astype(np.int64)
    rows = people.assign(at=at, came="lost", ticket_id=None)
    return rows[rows["at"] > since]


def _there(rows: pd.DataFrame, customers: pd.DataFrame) -> np.ndarray:
    """Which talks are of somebody who is a customer then."""
    of = customers.set_index("customer_id").reindex(rows["customer_id"])
    at = time(rows["at"]).to_numpy()
    return (of["started_at"].to_numpy() < at) & ~(of["ended_at"].to_numpy() < at)


def _endings(came: np.ndarray, rng) -> np.ndarray:
    """How the bot's maker tells that a talk ended."""
    words = np.array(["confirmed", "assumed", "abandoned"])
    chances = {"helped": (0.35, 0.60, 0.05), "silent": (0, 0.35, 0.65), "lost": (0, 0.3, 0.7),
               "wrote": (0.05, 0.65, 0.30)}  # fmt: skip
    ended = np.full(len(came), "handed_over", dtype=object)
    for kind, chance in chances.items():
        of = came == kind
        ended[of] = words[pick(rng, chance, int(of.sum()))]
    return ended
