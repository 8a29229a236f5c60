"""The hazard of deciding to leave, with and without harm, and who left when."""

import numpy as np
import pandas as pd

from cxresearch.lab.second_world.company import CAUSES, DAYS, EXPORT, FLOOR, PROMISE, STEP, YEAR
from cxresearch.lab.second_world.days import daily, term_end
from cxresearch.lab.second_world.possible import World


def hazard_of(world: World, weights: dict[str, np.ndarray]) -> np.ndarray:
    """The hazard of deciding to leave on each day, a day, with these weights of harm by cause."""
    c, base = world.company, world.base
    if c.harm_on_activity and weights:
        base = base * np.exp(c.activity_on_hazard * daily(dip(world, weights)))
    later = np.where(np.arange(DAYS) < EXPORT + 366, 1.0, c.harm_later)
    excess = sum((c.harm[cause] * later * weight for cause, weight in weights.items()), 0.0)
    return np.maximum(base + excess, FLOOR * base) / YEAR


def dip(world: World, weights: dict[str, np.ndarray]) -> np.ndarray:
    """What harm changes in log activity, in each 4-week step; it works from the next step on."""
    c = world.company
    load = sum(
        (weight for cause, weight in weights.items() if c.harm[cause] > 0), np.zeros((1, DAYS))
    )
    load = np.add.reduceat(load, np.arange(0, DAYS, STEP), axis=1) / STEP
    low = np.zeros(world.activity.shape)
    for k in range(1, low.shape[1]):
        low[:, k] = c.activity_memory * low[:, k - 1] + c.harm_on_activity * load[:, k - 1]
    return low


def weights_of(world: World, written_before: float = np.inf) -> dict[str, np.ndarray]:
    """Cause to accounts x days: how much its issues harm, 1 for one in full harm; only of causes
    that do anything, and of issues written before a day."""
    c, issues = world.company, world.issues[world.issues["at"] < written_before]

    def harm(day, lasts):
        return (day.clip(0, lasts) / c.ramp).clip(max=1) * (1 - (day - lasts) / c.linger).clip(0, 1)

    return {
        cause: _spread(issues[issues["cause"] == cause], world, c.harm_from, c.linger, harm)
        for cause in c.harmful
    }


def overdue_in(world: World) -> dict[str, np.ndarray]:
    """Cause to accounts x days: is one of its issues open and overdue at noon?"""
    return {
        cause: _spread(
            world.issues[world.issues["cause"] == cause],
            world,
            PROMISE,
            0,
            lambda day, lasts: (day > 0) & (day < lasts),
        )
        > 0
        for cause in CAUSES
    }


def _spread(issues: pd.DataFrame, world: World, after: float, linger: float, value) -> np.ndarray:
    """Accounts x days: the sum of value(days since an issue was that old, days until solved since
    then) at each noon, over issues that became that old."""
    issues = issues[issues["solved"] > issues["at"] + after]
    who, begin, solved = (
        column.to_numpy() for column in (issues["who"], issues["at"] + after, issues["solved"])
    )
    first = begin.astype(int)
    days = (np.ceil(solved + linger).clip(max=DAYS) - first).clip(0).astype(int)
    row = np.arange(len(issues)).repeat(days)
    day = np.arange(days.sum()) - (days.cumsum() - days - first).repeat(days)
    values = value(day + 0.5 - begin[row], (solved - begin)[row])
    n = len(world.accounts)
    return np.bincount(who[row] * DAYS + day, values, n * DAYS).reshape(n, DAYS)


def left(world: World, rng) -> pd.DataFrame:
    """The accounts with the day on which each decided to leave (inf: never) and the last day."""
    a, n = world.accounts, len(world.accounts)
    total = hazard_of(world, weights_of(world)).cumsum(axis=1)
    patience = rng.exponential(size=n)
    failed = a["start"] + rng.exponential(size=n) * YEAR / max(world.company.involuntary_rate, 1e-9)
    cell = (total < patience[:, None]).sum(axis=1)
    before = np.column_stack([np.zeros(n), total])[np.arange(n), cell]
    after = np.column_stack([total, np.full(n, np.inf)])[np.arange(n), cell]
    decided = np.where(cell < DAYS, cell + (patience - before) / (after - before), np.inf)
    ended = np.where(decided < failed, term_end(a, decided), failed)
    return a.assign(decided=np.where(decided < failed, decided, np.inf), ended=ended)
