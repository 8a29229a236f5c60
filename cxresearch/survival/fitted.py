"""What a fitted Cox model leaves over, how well it ranks, and what it foretells.

Sources: Therneau, Grambsch and Fleming (1990), Biometrika 77; Grambsch and Therneau (1994),
Biometrika 81 (here its score test, as in survival >= 3.0); Harrell, Lee and Mark (1996), Stat. Med.
15 (concordance); Breslow (1972) and Efron (1977), as in Therneau and Grambsch (2000), chapter 10.
"""

from functools import reduce

import numpy as np
import pandas as pd

from cxresearch.study.intervals import z
from cxresearch.study.schema import InputError
from cxresearch.survival.risk_sets import Partition, RiskSets, State


def martingale(part: Partition, at: State) -> np.ndarray:
    """Events less expected events of each row."""
    left = -part.risk(part.eta(at.near)) / part.weights * part.over_life(at.hazard)
    left[part.events] += 1
    return left


def deviance(part: Partition, at: State) -> np.ndarray:
    """Martingale residuals, made about symmetric."""
    left = martingale(part, at)
    inner = left.copy()
    inner[part.events] += np.log(1 - left[part.events])
    return np.sign(left) * np.sqrt(np.maximum(-2 * inner, 0))


def scores(part: Partition, at: State):
    """Covariate by covariate, what each row adds to the gradient per unit of its weight."""
    left, risk = martingale(part, at), part.risk(part.eta(at.near)) / part.weights
    for x, mean, of_event in zip(part.X, at.means, _means_at_events(part, at), strict=True):
        score = left * x + risk * part.over_life(at.hazard * mean)
        score[part.events] -= of_event
        yield score


def clustered(sets: RiskSets, at: State) -> np.ndarray:
    """Sum over clusters of the outer product of what each adds to the gradient."""

    def outer(part: Partition) -> np.ndarray:
        added = (np.bincount(part.codes, part.weights * score) for score in scores(part, at))
        total = np.stack(list(added))
        return total @ total.T

    return reduce(np.add, map(outer, sets.parts))


def schoenfeld(part: Partition, at: State) -> np.ndarray:
    """Covariates by events: the covariates of who left, less their mean among those at risk."""
    return part.X[:, part.events] - np.stack(list(_means_at_events(part, at)))


def _means_at_events(part: Partition, at: State):
    died = part.times.at_times(np.ones(len(part.times.step)))
    return ((part.times.at_times(mean) / died)[part.at] for mean in at.means)


def proportional_hazards(sets: RiskSets, at: State, g: np.ndarray) -> np.ndarray:
    """Score tests (chi-squared) of each covariate times g, a value an event time; then of all."""
    times = sets.times
    g = g - g[times.at].mean()
    by = g[times.step]

    def of_events(part: Partition) -> np.ndarray:
        return part.X[:, part.events] @ (part.weights[part.events] * g[part.at])

    u = sum(map(of_events, sets.parts)) - at.means @ (times.step_weight * by)
    both, square = (sets.information(at.near, at.means, at.hazard, v) for v in (by, by**2))
    V = square - both @ np.linalg.solve(at.information, both)
    return np.append(u**2 / np.diag(V), u @ np.linalg.solve(V, u))


def concordance(sets: RiskSets, beta: np.ndarray) -> float:
    """Of pairs in which one left while the other was at risk, the share where that one's linear
    predictor was higher."""

    def eta(part: Partition, of: np.ndarray | slice = slice(None)) -> np.ndarray:
        return np.round(part.eta(beta), 10)[of]  # like customers tie, whatever their last bits

    def rank(eta: np.ndarray) -> np.ndarray:
        # odd where eta is an event's, even between: a tie is below one limit, not the other
        return np.searchsorted(values, eta, "left") + np.searchsorted(values, eta, "right")

    mine = np.concatenate([*map(lambda part: eta(part, part.events), sets.parts)])
    own = np.concatenate([*map(lambda part: part.weights[part.events], sets.parts)])
    values = np.unique(mine)
    limit, at = rank(mine), sets.times.at

    def compared(part: Partition) -> np.ndarray:
        ends = part.hi.copy()
        ends[part.events] -= 1  # who leaves is no longer compared with others who leave that day
        time, twice = np.append(part.lo, ends), np.tile(rank(eta(part)), 2)
        weight = np.append(part.weights, -part.weights)
        below = sum(_below(time, twice, weight, at, limit + tie) for tie in (0, 1)) / 2
        lost = np.bincount(part.at, part.weights[part.events], len(part.times.days))
        return np.stack([below, (part.at_risk(part.weights) - lost)[at]])

    below, pairs = sum(map(compared, sets.parts))
    return float(own @ below / (own @ pairs))


def _below(time, rank, weight, until, limit) -> np.ndarray:
    """For each query the weight of items with time <= until and rank < limit, bit by bit."""
    total, span = np.zeros(len(limit)), int(max(time.max(initial=0), until.max())) + 2
    order = np.lexsort((time, rank))
    for bit in range(int(limit.max()).bit_length()):
        order = order[np.argsort((rank[order] >> bit) * span + time[order], kind="stable")]
        key = (rank[order] >> bit) * span + time[order]
        sums = np.append(0, np.cumsum(weight[order]))
        query = np.flatnonzero(limit >> bit & 1)
        first = ((limit[query] >> bit) - 1) * span
        last = np.searchsorted(key, first + until[query], "right")
        total[query] += sums[last] - sums[np.searchsorted(key, first)]
    return total


def baseline(sets: RiskSets, at: State, strata: pd.DataFrame) -> pd.DataFrame:
    """The hazard at each event time of a customer whose covariates are all 0."""
    hazard = sets.times.at_times(at.hazard) * np.exp(-at.beta @ sets.centre)
    rows = pd.DataFrame({"time": sets.times.days, "hazard": hazard})
    rows["cumulative_hazard"] = rows.groupby(sets.times.stratum)["hazard"].cumsum()
    return pd.concat([strata.iloc[sets.times.stratum].reset_index(drop=True), rows], axis=1)


def survival(sets: RiskSets, at: State, strata, cov, path, names, level: float) -> pd.DataFrame:
    """Survival at the event times of a path, a frame of the named covariates and the strata."""
    start, stop = (path[name].to_numpy(float)[:, None] for name in ("start", "stop"))
    if (start >= stop).any() or (start[1:] != stop[:-1]).any():
        raise InputError("The rows of a path must follow each other: each starts where one stops.")
    number = numbers(strata, path) if len(strata.columns) else np.zeros(len(path), int)
    if (number < 0).any():
        raise InputError("The path is in a stratum that had no row when the model was fitted.")
    here = number[:, None] == sets.times.stratum
    row, k = np.nonzero((start < sets.times.days) & (sets.times.days <= stop) & here)
    away = path[list(names)].to_numpy(float)[row] - sets.centre
    ratio = np.exp(away @ at.beta)
    hazard, noise = sets.times.at_times(at.hazard), sets.times.at_times(at.hazard / at.S0)
    means = np.stack([sets.times.at_times(at.hazard * mean) for mean in at.means], axis=1)
    total = np.cumsum(ratio * hazard[k])
    slope = np.cumsum(ratio[:, None] * (away * hazard[k, None] - means[k]), axis=0)
    variance = np.cumsum(ratio**2 * noise[k]) + np.einsum("ij,jk,ik->i", slope, cov, slope)
    width = z(level) * np.sqrt(variance)
    logs = {"survival": -total, "low": -total - width, "high": np.minimum(-total + width, 0)}
    return pd.DataFrame({"time": sets.times.days[k]} | {n: np.exp(v) for n, v in logs.items()})


def numbers(strata: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """The number of each row's stratum; -1 where it is none of these."""
    of = pd.MultiIndex.from_frame(rows[strata.columns])
    return pd.MultiIndex.from_frame(strata).get_indexer(of)
