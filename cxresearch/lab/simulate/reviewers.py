"""Reviews: who complains in public, who praises after what, and what they write."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.chance import pick, second_of_day, stream
from cxresearch.lab.simulate.facts import time
from cxresearch.lab.simulate.mess import clauses
from cxresearch.lab.simulate.parameters import DAY, NEVER, World, seconds
from cxresearch.lab.simulate.voice_parameters import Voices
from cxresearch.lab.simulate.wording import Dice, slots_filled

SITES = ("trustpilot", "google", "app store", "google play", "x")
BY_SITE = (0.40, 0.25, 0.15, 0.12, 0.08)
STARS = {  # chances of 1 to 5
    "overdue": (0.62, 0.25, 0.09, 0.03, 0.01), "blame": (0.30, 0.32, 0.25, 0.10, 0.03),
    "crisis": (0.75, 0.20, 0.05, 0.0, 0.0), "praise": (0.0, 0.0, 0.04, 0.26, 0.70),
    "late": (0.0, 0.02, 0.08, 0.30, 0.60), "unprompted": (0.05, 0.07, 0.13, 0.32, 0.43),
}  # fmt: skip
WINDOW = 30 * DAY
DATES = {"year": "2025", "year0": "2024", "month": "April", "date": "3 April"}


def reviews(
    world: World, voices: Voices, tables: Mapping, tickets: pd.DataFrame, seed: int, text: bool
) -> tuple[pd.DataFrame, dict]:
    """The reviews table, oldest first, and by review_id [why it was written, cause or none]."""
    rng = stream(seed, "reviews")
    rows = pd.concat([
        _blaming(voices, tickets, rng), _praising(voices, tickets, rng),
        _unprompted(world, voices, tables["customers"], rng), _crisis(world, voices, rng),
    ])  # fmt: skip
    there = rows["at"].between(world.seconds("tickets_from"), world.seconds("observed_until") - 1)
    rows = rows[there].sort_values(["at", "why"], kind="stable", ignore_index=True)
    n, chance = len(rows), np.array([STARS[why] for why in rows["why"]]).reshape(-1, 5)
    stars = 1 + (rng.random(n)[:, None] > chance.cumsum(axis=1)[:, :4]).sum(axis=1)
    site = np.array(SITES)[pick(rng, BY_SITE, n)]
    known, answered = rng.random(n) < voices.known, rng.random(n) < 0.4
    replied = rows["at"] + (rng.exponential(2.0, n) * DAY).astype(np.int64)
    answered &= (replied < world.seconds("observed_until")).to_numpy()
    words = _words(rows, stars, Dice(stream(seed, "words of reviews"))) if text else None
    told = pd.DataFrame({
        "review_id": [f"R{100_001 + place}" for place in range(n)],
        "source": site, "written_at": time(rows["at"]),
        "stars": pd.Series(stars, dtype=float).where(site != "x"),
        "customer_id": rows["customer_id"].where(known), "language": "en",
        "replied_at": time(replied).where(answered),
    })  # fmt: skip
    if words is not None:
        told = told.join(words).assign(reply=words["reply"].where(answered))
    planted = rows[["why", "cause"]].astype(object).where(rows[["why", "cause"]].notna(), None)
    return told, dict(zip(told["review_id"], planted.to_numpy().tolist(), strict=True))


def _blaming(voices, tickets: pd.DataFrame, rng) -> pd.DataFrame:
    """Who complains about an issue within 30 days, more of those whose issue is then overdue."""
    overdue = (tickets["solved"] > tickets["due"]).to_numpy()
    chance = voices.blamed * tickets["cause"].map(voices.public).fillna(1.0).to_numpy()
    chance = chance * np.where(overdue, voices.overdue_ratio, 1.0)
    wrote = rng.random(len(tickets)) < chance
    since = np.where(overdue, tickets["due"] - tickets["created"], 0)
    until = np.minimum(np.where(overdue, tickets["solved"] - tickets["created"], WINDOW), WINDOW)
    at = tickets["created"] + since + (rng.random(len(tickets)) * (until - since)).astype(np.int64)
    rows = tickets.assign(at=at, why=np.where(overdue, "overdue", "blame"))
    return rows.loc[wrote, ["customer_id", "cause", "at", "why"]]


def _praising(voices, tickets: pd.DataFrame, rng) -> pd.DataFrame:
    """Who praises the help within 20 days after a solution, in time or late."""
    late = (tickets["solved"] > tickets["due"]).to_numpy()
    wrote = rng.random(len(tickets)) < np.where(late, voices.praised_late, voices.praised)
    wrote &= (tickets["solved"] < NEVER).to_numpy()
    at = tickets["solved"] + (rng.random(len(tickets)) * 20 * DAY).astype(np.int64)
    rows = tickets.assign(at=at, why=np.where(late, "late", "praise"))
    return rows.loc[wrote, ["customer_id", "cause", "at", "why"]]


def _unprompted(world: World, voices, customers: pd.DataFrame, rng) -> pd.DataFrame:
    since, until = world.seconds("tickets_from"), world.seconds("observed_until")
    size = rng.poisson(voices.unprompted * len(customers) * (until - since) / (365 * DAY))
    who = customers["customer_id"].to_numpy()[rng.integers(0, len(customers), size)]
    day = since + rng.integers(0, (until - since) // DAY, size) * DAY
    at = day + second_of_day(rng, size)
    frame = pd.DataFrame({"customer_id": who, "at": at, "why": "unprompted"})
    started, ended = (
        customers.set_index("customer_id")[name].reindex(who) for name in ("started_at", "ended_at")
    )
    when = time(frame["at"]).to_numpy()
    there = (started.to_numpy() < when) & ~(ended.to_numpy() < when)
    return frame[there].assign(cause=None)


def _crisis(world: World, voices, rng) -> pd.DataFrame:
    """Strangers who write within hours about what has just broken."""
    at = seconds(voices.crisis) + 8 * 3600 + rng.exponential(4 * 3600, voices.crisis_reviews)
    rows = {"customer_id": None, "cause": "app_crash", "at": at.astype(np.int64), "why": "crisis"}
    return pd.DataFrame(rows)


def _words(rows: pd.DataFrame, stars: np.ndarray, dice: Dice) -> pd.DataFrame:
    said, written = clauses("public"), []
    for (why, cause), given in zip(rows[["why", "cause"]].to_numpy(), stars, strict=True):
        mood = "blame" if given < 3 else "praise" if given > 3 else "plain"
        body = [dice.one(said[mood])]
        if why in ("overdue", "blame", "crisis"):
            voice = clauses(cause)["problem"]["angry" if given < 3 else "frustrated"]
            body = [*body[: dice() < 0.5], dice.one(voice), dice.one(voice)]
            body += [dice.one(said["waiting"])] if why == "overdue" else []
        elif why in ("praise", "late"):
            body = [dice.one(clauses(cause)["problem"]["calm"]), dice.one(said["helped"])]
            body = [*body[:1], dice.one(said["late"])] if why == "late" else body
        text = slots_filled(" ".join(dict.fromkeys(body)), dice, dict(DATES))
        answer = said["reply"][0 if given < 3 else 1 if given > 3 else 2]
        written.append((dice.one(said["titles"][mood]) or None, text, answer))
    frame = pd.DataFrame(written, columns=["title", "body", "reply"], index=rows.index)
    return frame.astype(object)
