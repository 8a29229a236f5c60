"""What customers say and meet beside tickets, drawn over the tables of a company: reviews, talks
with a bot, articles and searches, incidents; and who its agents are. Nothing of it changes a
ticket."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.bot_talks import bot_talks
from cxresearch.lab.simulate.chance import stream
from cxresearch.lab.simulate.events import TEAMS
from cxresearch.lab.simulate.facts import time
from cxresearch.lab.simulate.parameters import DAY, NEVER, World, seconds
from cxresearch.lab.simulate.readers import readers
from cxresearch.lab.simulate.reviewers import reviews
from cxresearch.lab.simulate.voice_parameters import Voices
from cxresearch.study.column_types import typed
from cxresearch.study.schema import TABLES

VOICES = ("reviews", "bot_sessions", "articles", "article_views", "incidents", "agents")


def draw_voices(
    world: World,
    tables: Mapping[str, pd.DataFrame],
    causes: Mapping[str, str],
    seed: int,
    voices: Voices | None = None,
    text: bool = True,
) -> tuple[dict[str, pd.DataFrame], dict]:
    """The tables of VOICES over a company's own, and what was planted in them. causes has the main
    cause of each ticket by its id. The same seed gives the same; without text nobody's words."""
    voices = voices or Voices()
    tickets = told(world, tables, causes)
    given = (world, voices, tables, tickets, seed)
    said, written = reviews(*given, text=text)
    sessions, talked = bot_talks(*given)
    articles, views, read = readers(*given)
    made = {
        "reviews": said, "bot_sessions": sessions, "articles": articles, "article_views": views,
        "incidents": _incidents(world, voices, seed), "agents": _agents(seed),
    }  # fmt: skip
    made = {name: typed(TABLES[name], rows) for name, rows in made.items()}
    return made, {**asdict(voices), "reviews": written, "sessions": talked, "searches": read}


def told(world: World, tables: Mapping[str, pd.DataFrame], causes: Mapping) -> pd.DataFrame:
    """Customers' own tickets: ticket_id, customer_id, requester_id, cause, channel, english; and in
    seconds created, solved and due (NEVER where it is not)."""
    rows, who = tables["tickets"], tables["identities"].drop_duplicates("requester_id")
    rows = rows[~(rows["is_spam"] | rows["is_merged"]).fillna(False).astype(bool)]
    account = rows["requester_id"].map(who.set_index("requester_id")["customer_id"])
    created, solved = (_seconds(rows[name]) for name in ("created_at", "first_solved_at"))
    frame = pd.DataFrame({
        "ticket_id": rows["ticket_id"], "customer_id": account,
        "requester_id": rows["requester_id"], "cause": rows["ticket_id"].map(causes),
        "channel": rows["created_channel"], "english": rows["language"].str.startswith("en"),
        "created": created, "solved": solved, "due": created + int(world.promise_days * DAY),
    })  # fmt: skip
    known = frame["cause"].isin([cause.name for cause in world.causes])
    return frame[known & account.notna()].reset_index(drop=True)


def _seconds(times: pd.Series) -> np.ndarray:
    whole = times.dt.tz_convert(None).astype("datetime64[s]").astype("int64")
    return np.where(times.isna(), NEVER, whole)


def _incidents(world: World, voices: Voices, seed: int) -> pd.DataFrame:
    """The incidents of the world, and days on which nothing came of a release or maintenance."""
    rng, product = stream(seed, "incidents told"), {c.name: c.product for c in world.causes}
    since, until = world.seconds("tickets_from"), world.seconds("observed_until")
    held = [i for i in world.incidents if since <= seconds(i.date) < until]
    rows = [
        (seconds(i.date) + 6 * 3600, int(i.days * DAY), "incident", product[i.cause],
         f"{product[i.cause]}: disruption", "major") for i in held
    ]  # fmt: skip
    quiet = np.arange(since + 30 * DAY, until - 30 * DAY, DAY)
    for each in held:
        quiet = quiet[np.abs(quiet - seconds(each.date)) > 21 * DAY]
    for kind, n in (("release", voices.quiet_releases), ("maintenance", voices.quiet_maintenances)):
        length = 2 * 3600 if kind == "maintenance" else 0
        for day in np.sort(rng.choice(quiet, min(n, len(quiet)), replace=False)):
            of = sorted(set(product.values()))[rng.integers(len(set(product.values())))]
            rows.append((day + 5 * 3600, length, kind, of, f"{of}: {kind}", None))
    rows.sort(key=lambda row: row[0])
    names = ["started", "length", "kind", "component", "title", "severity"]
    frame = pd.DataFrame(rows, columns=names)
    ended = time(frame["started"] + frame["length"]).where(frame["length"] > 0)
    ids = [f"INC-{number}" for number in range(1, len(frame) + 1)]
    return frame.assign(incident_id=ids, started_at=time(frame["started"]), ended_at=ended).drop(
        columns=["started", "length"]
    )


def _agents(seed: int) -> pd.DataFrame:
    """A row an agent: team, role (the first of a team leads it), and in which languages they
    answer. All were there from the beginning."""
    rng = stream(seed, "agents")
    rows = [
        {"agent_id": agent, "team": team, "role": "agent" if place else "lead",
         "languages": ["en", *(["de"] if rng.random() < 0.4 else [])]}
        for team, agents in TEAMS.items() for place, agent in enumerate(agents)
    ]  # fmt: skip
    return pd.DataFrame(rows)
