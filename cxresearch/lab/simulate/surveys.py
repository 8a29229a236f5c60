"""Surveys: who is asked, who answers, and what; both depend on mood, and mood on open harm."""

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.chance import log_normal, stream
from cxresearch.lab.simulate.departures import Lives
from cxresearch.lab.simulate.facts import time
from cxresearch.lab.simulate.parameters import DAY, World, seconds
from cxresearch.lab.simulate.ticket_rows import ticket_ids

SCALES = {"csat": (1, 5), "ces": (1, 7), "nps": (0, 10)}
MIDDLE = {"csat": (3.6, 1.05), "ces": (4.9, 1.25), "nps": (7.2, 1.9)}  # and change by mood
SOON = 45 * DAY  # the decision to leave shows from this long before


def looks(world: World) -> tuple[int, ...]:
    """The times at which the half-yearly question goes out, as seconds since 1970 UTC."""
    since, until = world.seconds("tickets_from"), world.seconds("observed_until")
    days = [seconds(day) + 9 * 3600 for day in world.nps_on]
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
    may = [_after_tickets(world, cases, tickets, rng), _half_yearly(world, lives, people, rng)]
    rows = pd.concat(may, ignore_index=True)
    rows = rows.assign(leaving=lives.decided[rows["account"]] < rows["offered"] + SOON)
    rows = _in_time(rows[_asked(world, rows, rng)], until)
    score, answered = _answers(world, rows, rng)
    delay = (60 + log_normal(rng, np.full(len(rows), 6.0), 1.3) * 3600).astype(np.int64)
    responded = rows["offered"] + delay
    answered &= (responded < until).to_numpy()
    low, high = (rows["kind"].map({k: s[end] for k, s in SCALES.items()}) for end in (0, 1))
    return rows[["survey_id", "customer_id", "ticket_id", "kind"]].assign(
        offered_at=time(rows["offered"]),
        responded_at=time(responded).where(answered),
        score_raw=pd.Series(score, dtype=float).where(answered),
        scale_min=low.astype(float),
        scale_max=high.astype(float),
    )


def _asked(world: World, rows: pd.DataFrame, rng) -> np.ndarray:
    """Who is invited: those in a bad mood or about to leave a little less often."""
    share = rows["share"].clip(1e-9, 1 - 1e-9)
    log_odds = np.log(share / (1 - share)) + world.asked_mood * rows["mood"]
    log_odds += world.asked_leaving * rows["leaving"]
    return rng.random(len(rows)) < 1 / (1 + np.exp(-log_odds.to_numpy()))


def _in_time(rows: pd.DataFrame, until: int) -> pd.DataFrame:
    """Invitations that went out a day or more before the end, numbered by time."""
    rows = rows[rows["offered"] < until - DAY]
    rows = rows.sort_values(["offered", "customer_id"], kind="stable", ignore_index=True)
    return rows.assign(survey_id=(300_001 + rows.index).astype(str).astype(object))


def _after_tickets(world, cases: pd.DataFrame, tickets: pd.DataFrame, rng) -> pd.DataFrame:
    """A day after the first solution of a ticket of a known person: CSAT, or else CES (how easy it
    was, 7 is best), never both."""
    solved = tickets["first_solved_at"].notna() & cases["organization_id"].notna()
    rows = np.flatnonzero(solved)
    of = cases.iloc[rows]
    at = (tickets["first_solved_at"].iloc[rows].astype("int64") // 10**6).to_numpy() + DAY
    effort = rng.random(len(rows)) >= world.csat_share
    waited = (at - of["created"]) / DAY
    frame = pd.DataFrame(
        {
            "account": of["account"],
            "customer_id": of["customer_id"],
            "ticket_id": ticket_ids(cases).iloc[rows],
            "kind": np.where(effort, "ces", "csat"),
            "share": world.asked_after,
            "offered": at,
            "mood": 0.9 - 0.55 * np.log1p(waited) - 0.8 * (of["reopened"] < at),
        }
    )
    return frame[at < of["limit"]]


def _half_yearly(world: World, lives: Lives, people: pd.DataFrame, rng) -> pd.DataFrame:
    """NPS: most customers are asked on each of the world's nps_on."""
    first = people[people["person"] == 0]
    who = first["account"].to_numpy()
    parts = []
    for at, load in lives.load.items():
        minute = rng.integers(0, 7200, len(who))
        parts.append(
            pd.DataFrame(
                {
                    "account": who,
                    "customer_id": first["customer_id"].to_numpy(),
                    "ticket_id": None,
                    "kind": "nps",
                    "share": world.asked_nps,
                    "offered": at + minute,
                    "mood": 0.5 - 1.1 * load[who],
                }
            )[~np.isnan(load[who])]
        )
    return pd.concat(parts) if parts else pd.DataFrame()


def _answers(world: World, rows: pd.DataFrame, rng) -> tuple[np.ndarray, np.ndarray]:
    """Scores of everybody, and who gives them: the angry and the delighted more than the rest,
    those about to leave less."""
    n, leaving = len(rows), rows["leaving"].to_numpy()
    own = np.random.Generator(np.random.PCG64([rng.integers(2**32)]))
    mood = rows["mood"].to_numpy() + 0.9 * own.standard_normal(n) - 0.5 * leaving
    log_odds = world.answered + world.answered_strong * np.abs(mood) + world.answered_mood * mood
    log_odds += world.answered_leaving * leaving - 0.25 * (rows["kind"] == "nps").to_numpy()
    answered = own.random(n) < 1 / (1 + np.exp(-log_odds))
    score = np.zeros(n)
    for kind, (middle, slope) in MIDDLE.items():
        of = (rows["kind"] == kind).to_numpy()
        score[of] = np.clip(np.round(middle + slope * mood[of]), *SCALES[kind])
    return score, answered
