"""Surveys: who is asked, who answers, and what; both depend on mood, and mood on open harm."""

import numpy as np
import pandas as pd

from cxresearch.simulate.chance import log_normal, stream
from cxresearch.simulate.facts import time
from cxresearch.simulate.leaving import Lives
from cxresearch.simulate.parameters import DAY, World, seconds
from cxresearch.simulate.tickets import ticket_ids

NPS_DAYS = ("2024-04-08", "2024-10-07", "2025-04-07", "2025-10-06")


def looks(world: World) -> tuple[int, ...]:
    """The times at which the half-yearly question goes out, as seconds since 1970 UTC."""
    since, until = world.seconds("tickets_from"), world.seconds("observed_until")
    days = [seconds(day) + 9 * 3600 for day in NPS_DAYS]
    return tuple(day for day in days if since <= day < until)


def survey_rows(
    world: World,
    cases: pd.DataFrame,
    tickets: pd.DataFrame,
    lives: Lives,
    people: pd.DataFrame,
    seed: int,
) -> pd.DataFrame:
    """The surveys table, by time of invitation."""
    rng = stream(seed, "surveys")
    until = world.seconds("observed_until")
    asked = [_after_tickets(cases, tickets, rng), _half_yearly(lives, people, rng)]
    rows = _in_time(pd.concat(asked), until)
    leaving = lives.decided[rows["account"]] < rows["offered"] + 45 * DAY
    score, answered = _answers(rows, leaving, rng)
    delay = (60 + log_normal(rng, np.full(len(rows), 6.0), 1.3) * 3600).astype(np.int64)
    responded = rows["offered"] + delay
    answered &= (responded < until).to_numpy()
    nps = rows["kind"] == "nps"
    return rows[["survey_id", "customer_id", "ticket_id", "kind"]].assign(
        offered_at=time(rows["offered"]),
        responded_at=time(responded).where(answered),
        score_raw=pd.Series(score, dtype=float).where(answered),
        scale_min=np.where(nps, 0.0, 1.0),
        scale_max=np.where(nps, 10.0, 5.0),
    )


def _in_time(rows: pd.DataFrame, until: int) -> pd.DataFrame:
    """Invitations that went out a day or more before the end, numbered by time."""
    rows = rows[rows["offered"] < until - DAY]
    rows = rows.sort_values(["offered", "customer_id"], kind="stable", ignore_index=True)
    return rows.assign(survey_id=(300_001 + rows.index).astype(str).astype(object))


def _after_tickets(cases: pd.DataFrame, tickets: pd.DataFrame, rng) -> pd.DataFrame:
    """CSAT: a day after the first solution, for two of three solved tickets of known people."""
    solved = tickets["first_solved_at"].notna() & cases["organization_id"].notna()
    rows = np.flatnonzero(solved & (rng.random(len(cases)) < 0.67))
    of = cases.iloc[rows]
    at = (tickets["first_solved_at"].iloc[rows].astype("int64") // 10**6).to_numpy() + DAY
    alive = at < of["limit"]
    waited = (at - of["created"]) / DAY
    mood = 0.9 - 0.55 * np.log1p(waited) - 0.8 * (of["reopened"] < at)
    frame = pd.DataFrame(
        {
            "account": of["account"],
            "customer_id": of["customer_id"],
            "ticket_id": ticket_ids(cases).iloc[rows],
            "kind": "csat",
            "offered": at,
            "mood": mood,
        }
    )
    return frame[alive]


def _half_yearly(lives: Lives, people: pd.DataFrame, rng) -> pd.DataFrame:
    """NPS: nine of ten customers are asked on each of NPS_DAYS."""
    first = people[people["person"] == 0]
    who = first["account"].to_numpy()
    parts = []
    for at, load in lives.load.items():
        asked = ~np.isnan(load[who]) & (rng.random(len(who)) < 0.9)
        minute = rng.integers(0, 7200, len(who))
        parts.append(
            pd.DataFrame(
                {
                    "account": who,
                    "customer_id": first["customer_id"].to_numpy(),
                    "ticket_id": None,
                    "kind": "nps",
                    "offered": at + minute,
                    "mood": 0.5 - 1.1 * load[who],
                }
            )[asked]
        )
    return pd.concat(parts)


def _answers(rows: pd.DataFrame, leaving: np.ndarray, rng) -> tuple[np.ndarray, np.ndarray]:
    """Scores of everybody, and who gives them: the angry and the delighted more than the rest,
    those about to leave less."""
    n = len(rows)
    own = np.random.Generator(np.random.PCG64([rng.integers(2**32)]))
    mood = rows["mood"].to_numpy() + 0.9 * own.standard_normal(n) - 0.5 * leaving
    csat = np.clip(np.round(3.6 + 1.05 * mood), 1, 5)
    nps = np.clip(np.round(7.2 + 1.9 * mood), 0, 10)
    kind = (rows["kind"] == "nps").to_numpy()
    log_odds = -1.15 + 0.35 * np.abs(mood) + 0.15 * mood - 0.9 * leaving - 0.25 * kind
    answered = own.random(n) < 1 / (1 + np.exp(-log_odds))
    return np.where(kind, nps, csat), answered
