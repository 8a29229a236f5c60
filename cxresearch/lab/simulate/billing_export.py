"""Billing's tables: who the customers were, when and how they left, what they paid and used."""

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.accounts import PERIOD, Accounts, end_of_term
from cxresearch.lab.simulate.chance import stream
from cxresearch.lab.simulate.departures import Lives
from cxresearch.lab.simulate.facts import time
from cxresearch.lab.simulate.parameters import DAY, NEVER, World


def customers(
    world: World, accounts: Accounts, lives: Lives, people: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """The customers table, oldest first: one row an account that was one after tickets_from.

    A notice given whose month is not over yet has notice_at but no ended_at.
    """
    rng = stream(seed, "customers")
    first = people[people["person"] == 0]
    who, until = first["account"].to_numpy(), world.seconds("observed_until")
    decided, ended, annual = lives.decided[who], lives.ended[who], accounts.annual[who]
    noted = (decided < until) & (~annual | (rng.random(len(who)) < world.notice_recorded))
    over = ended < until
    unknown = (rng.random(len(who)) < world.unknown_end) & ~noted
    kind = np.where(lives.involuntary[who], "involuntary", "voluntary").astype(object)
    kind[unknown], last = "unknown", np.full(len(who), until)
    return pd.DataFrame(
        {
            "customer_id": first["customer_id"].to_numpy(),
            "started_at": time(accounts.started[who]),
            "notice_at": _or_null(decided, noted),
            "ended_at": _or_null(ended, over),
            "end_kind": np.where(over | noted, kind, None),
            "billing_period": np.where(annual, "year", "month"),
            "renewal_at": _or_null(end_of_term(accounts, who, last), ~over),
            "observed_until": time(last),
            "segment": _size(accounts.seats[who], rng),
            "currency": "EUR",
        }
    )


def customer_history(
    world: World, accounts: Accounts, lives: Lives, people: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """The customer_history table: plan and mrr from the start and from each change, activity as
    mean weekly sessions in the 28 days before valid_from (at the start: in the trial)."""
    rng = stream(seed, "history")
    first = people[people["person"] == 0]
    who = first["account"].to_numpy()
    started, changed = accounts.started[who], accounts.plan_changed[who]
    last = np.minimum(lives.ended[who], world.seconds("observed_until"))
    seats = accounts.seats[who]
    ids = first["customer_id"].to_numpy()
    moves = (changed < last) & (accounts.later_plan[who] != accounts.plan[who])
    at_start = _plan_rows(world, ids, started, accounts.plan[who], seats)
    later = _plan_rows(
        world, ids[moves], changed[moves], accounts.later_plan[who][moves], seats[moves]
    )
    use = _activity_rows(world, accounts, lives, who, ids, rng)
    history = pd.concat([at_start, later, use], ignore_index=True)
    return history.sort_values(
        ["customer_id", "valid_from", "field"], kind="stable", ignore_index=True
    )


def _plan_rows(world: World, ids, at, plan, seats) -> pd.DataFrame:
    names = np.array([p.name for p in world.plans], dtype=object)[plan]
    price = np.array([p.price for p in world.plans])[plan] * seats
    mrr = np.char.mod("%.2f", price).astype(object)
    row = {"customer_id": ids, "valid_from": time(at)}
    return pd.concat(
        [pd.DataFrame({**row, "field": f, "value": v}) for f, v in (("plan", names), ("mrr", mrr))]
    )


def _activity_rows(world, accounts, lives, who, ids, rng) -> pd.DataFrame:
    """Measured activity at the start and after each 28-day period that touches the export."""
    opened, since = world.seconds("opened_on"), world.seconds("tickets_from")
    last = np.minimum(lives.ended[who], world.seconds("observed_until"))
    ends = opened + DAY * PERIOD * (1 + np.arange(lives.sessions.shape[1]))
    sessions = lives.sessions[who]
    known = ~np.isnan(sessions) & (ends > since - PERIOD * DAY) & (ends < last[:, None])
    row, period = np.nonzero(known)
    noise = np.exp(0.08 * rng.standard_normal(len(row)))
    first = (accounts.started[who] - opened) // (DAY * PERIOD)
    trial = 10 * np.exp(accounts.activity[who, first])
    new = np.flatnonzero(accounts.started[who] >= since - PERIOD * DAY)
    value = np.concatenate([trial[new], sessions[row, period] * noise])
    return pd.DataFrame(
        {
            "customer_id": np.concatenate([ids[new], ids[row]]),
            "valid_from": time(np.concatenate([accounts.started[who][new], ends[period]])),
            "field": "activity",
            "value": np.char.mod("%.1f", value).astype(object),
        }
    )


def _size(seats: np.ndarray, rng) -> np.ndarray:
    """Size of the company at the start: not seats, but close to them."""
    people = seats * np.exp(0.4 * rng.standard_normal(len(seats)))
    return np.array(["small", "medium", "large"], dtype=object)[np.digitize(people, [4, 20])]


def _or_null(seconds: np.ndarray, there: np.ndarray) -> pd.Series:
    return time(pd.Series(np.where(there & (seconds < NEVER), seconds, 0))).where(
        there & (seconds < NEVER)
    )
