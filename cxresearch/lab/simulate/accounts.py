"""Who the customers are before anything happens to them: start, plan, activity, contract."""

from dataclasses import dataclass

import numpy as np

from cxresearch.lab.simulate.chance import log_normal, pick, second_of_day, stream
from cxresearch.lab.simulate.parameters import DAY, World

PERIOD = 28  # days between two levels of activity


@dataclass(frozen=True)
class Accounts:
    """Arrays with one entry an account; times in seconds since 1970 UTC.

    activity has a column for each 28-day period since the company opened: the log of weekly
    sessions over 10, before any issue lowers it. moment is the second of the day at which the
    account decides whether to leave; patience is the total hazard at which it does.
    """

    started: np.ndarray
    plan: np.ndarray
    later_plan: np.ndarray
    plan_changed: np.ndarray
    seats: np.ndarray
    annual: np.ndarray
    activity: np.ndarray
    moment: np.ndarray
    patience: np.ndarray
    frailty: np.ndarray
    failed: np.ndarray

    def __len__(self) -> int:
        return len(self.started)


def draw_accounts(world: World, n: int, seed: int) -> Accounts:
    """n accounts that start at a uniform time while the company is open."""
    rng = stream(seed, "accounts")
    opened = world.seconds("opened_on")
    started = opened + rng.integers(0, world.days, n) * DAY + second_of_day(rng, n)
    plan = pick(rng, [p.share for p in world.plans], n)
    change = started + (rng.exponential(1 / 0.12, n) * 365.25 * DAY).astype(np.int64)
    later = np.clip(plan + np.where(rng.random(n) < 0.65, 1, -1), 0, len(world.plans) - 1)
    frailty = rng.standard_normal(n)
    pays_for = 365.25 * DAY / world.pay_failure_per_year * np.exp(-world.failure_frailty * frailty)
    return Accounts(
        started=started,
        plan=plan,
        later_plan=later,
        plan_changed=change,
        seats=np.maximum(
            1, log_normal(rng, np.array([p.seats for p in world.plans])[plan], 0.6).astype(int)
        ),
        annual=rng.random(n) < world.annual_share,
        activity=_activity(world, n, rng),
        moment=second_of_day(rng, n),
        patience=rng.exponential(1.0, n),
        frailty=world.frailty * frailty,
        failed=started + (rng.exponential(1.0, n) * pays_for).astype(np.int64),
    )


def end_of_term(accounts: Accounts, who: np.ndarray, time: np.ndarray) -> np.ndarray:
    """The first end of a paid month (or year) of each account in `who` after its time.

    Accounts that start after the 28th of a month renew on the 28th.
    """
    start = accounts.started[who]
    length = np.where(accounts.annual[who], 12, 1)
    months = _month(time) - _month(start)
    term = np.maximum(months // length * length, 0)
    end = _renewal(start, term)
    for _ in range(2):
        term = np.where(end <= time, term + length, term)
        end = _renewal(start, term)
    return end


def _month(time: np.ndarray) -> np.ndarray:
    return time.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)


def _renewal(start: np.ndarray, months: np.ndarray) -> np.ndarray:
    into = start - _month(start).astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)
    day = np.minimum(into // DAY, 27)
    first = (_month(start) + months).astype("datetime64[M]").astype("datetime64[s]")
    return first.astype(np.int64) + day * DAY + into % DAY


def _activity(world: World, n: int, rng: np.random.Generator) -> np.ndarray:
    """A level of its own for each account, and a memory from one period to the next."""
    usual = world.activity_between * rng.standard_normal(n)
    memory = world.activity_memory
    fresh = np.sqrt(1 - memory**2)
    now = rng.standard_normal(n)
    levels = np.empty((n, world.days // PERIOD + 1), dtype=np.float32)
    for period in range(levels.shape[1]):
        levels[:, period] = usual + world.activity_within * now
        now = memory * now + fresh * rng.standard_normal(n)
    return levels
