"""What a fitted Cox model leaves over, how well it ranks, and what it foretells.

Sources: Therneau, Grambsch and Fleming (1990), Biometrika 77; Grambsch and Therneau (1994),
Biometrika 81 (here its score test, as in survival >= 3.0); Harrell, Lee and Mark (1996), Stat. Med.
15 (concordance); Breslow (1972) and Efron (1977), as in Therneau and Grambsch (2000), chapter 10.
"""

import numpy as np
import pandas as pd

from cxresearch.study.intervals import z
from cxresearch.study.schema import InputError
from cxresearch.survival.risk_sets import RiskSets, State


def martingale(sets: RiskSets, at: State) -> np.ndarray:
    """Events less expected events of each row."""
    left = -at.risk / sets.weights * sets.over_life(at.hazard)
    left[sets.events] += 1
    return left


def deviance(sets: RiskSets, at: State) -> np.ndarray:
    """Martingale residuals, made about symmetric."""
    left = martingale(sets, at)
    inner = left.copy()
    inner[sets.events] += np.log(1 - left[sets.events])
    return np.sign(left) * np.sqrt(np.maximum(-2 * inner, 0))


def scores(sets: RiskSets, at: State):
    """Covariate by covariate, what each row adds to the gradient per unit of its weight."""
    left, risk = martingale(sets, at), at.risk / sets.weights
    for x, mean, of_event in zip(sets.X, at.means, _means_at_events(sets, at), strict=True):
        score = left * x + risk * sets.over_life(at.hazard * mean)
        score[sets.events] -= of_event
        yield score


def clustered(sets: RiskSets, at: State, codes: np.ndarray | None) -> np.ndarray:
    """Sum over clusters (None: rows) of the outer product of what each adds to the gradient."""
    added = (sets.weights * score for score in scores(sets, at))
    total = np.stack([one if codes is None else np.bincount(codes, one) for one in added])
    return total @ total.T


def schoenfeld(sets: RiskSets, at: State) -> np.ndarray:
    """Covariates by events: the covariates of who left, less their mean among those at risk."""
    return sets.X[:, sets.events] - np.stack(list(_means_at_events(sets, at)))


def _means_at_events(sets: RiskSets, at: State):
    died = sets.at_times(np.ones(len(sets.step)))
    return ((sets.at_times(mean) / died)[sets.at] for mean in at.means)


def proportional_hazards(sets: RiskSets, at: State, g: np.ndarray) -> np.ndarray:
    """Score tests (chi-squared) of each covariate times g, a value an event time; then of all."""
    g = g - g[sets.at].mean()
    by, own = g[sets.step], (sets.weights[sets.events] * g[sets.at])
    u = sets.X[:, sets.events] @ own - at.means @ (sets.step_weight * by)
    both, square = (sets.information(at.risk, at.means, at.hazard, v) for v in (by, by**2))
    V = square - both @ np.linalg.solve(at.information, both)
    return np.append(u**2 / np.diag(V), u @ np.linalg.solve(V, u))


def concordance(sets: RiskSets, eta: np.ndarray) -> float:
    """Of pairs in which one left while the other was at risk, the share where eta was higher."""
    eta = np.round(eta, 10)  # like customers tie, whatever their last bits
    values = np.unique(eta[sets.events])
    # odd where eta is an event's, even between: a tie is below one limit and not below the other
    rank = sum(np.searchsorted(values, eta, side) for side in ("left", "right"))
    ends, own = sets.hi.copy(), sets.weights[sets.events]
    ends[sets.events] -= 1  # who leaves is no longer compared with others who leave that day
    time, twice = np.append(sets.lo, ends), np.append(rank, rank)
    weight, limit = np.append(sets.weights, -sets.weights), rank[sets.events]
    below = sum(_below(time, twice, weight, sets.at, limit + tie) for tie in (0, 1)) / 2
    pairs = sets.at_risk(sets.weights) - np.bincount(sets.at, own, len(sets.days))
    return float(own @ below / (own @ pairs[sets.at]))


def _below(time, rank, weight, until, limit) -> np.ndarray:
    """For each query the weight of items with time <= until and rank < limit, bit by bit."""
    total, span = np.zeros(len(limit)), int(time.max()) + 2
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
    hazard = sets.at_times(at.hazard) * np.exp(-at.beta @ sets.centre)
    rows = pd.DataFrame({"time": sets.days, "hazard": hazard})
    rows["cumulative_hazard"] = rows.groupby(sets.stratum)["hazard"].cumsum()
    return pd.concat([strata.iloc[sets.stratum].reset_index(drop=True), rows], axis=1)


def survival(sets: RiskSets, at: State, strata, cov, path, names, level: float) -> pd.DataFrame:
    """Survival at the event times of a path, a frame of the named covariates and the strata."""
    start, stop = (path[name].to_numpy(float)[:, None] for name in ("start", "stop"))
    if (start >= stop).any() or (start[1:] != stop[:-1]).any():
        raise InputError("The rows of a path must follow each other: each starts where one stops.")
    number = np.zeros(len(path), int)
    if len(strata.columns):
        known = pd.MultiIndex.from_frame(strata)
        number = known.get_indexer(pd.MultiIndex.from_frame(path[strata.columns]))
    if (number < 0).any():
        raise InputError("The path is in a stratum that had no row when the model was fitted.")
    here = number[:, None] == sets.stratum
    row, k = np.nonzero((start < sets.days) & (sets.days <= stop) & here)
    away = path[list(names)].to_numpy(float)[row] - sets.centre
    ratio = np.exp(away @ at.beta)
    hazard, noise = sets.at_times(at.hazard), sets.at_times(at.hazard / at.S0)
    means = np.stack([sets.at_times(at.hazard * mean) for mean in at.means], axis=1)
    total = np.cumsum(ratio * hazard[k])
    slope = np.cumsum(ratio[:, None] * (away * hazard[k, None] - means[k]), axis=0)
    variance = np.cumsum(ratio**2 * noise[k]) + np.einsum("ij,jk,ik->i", slope, cov, slope)
    width = z(level) * np.sqrt(variance)
    logs = {"survival": -total, "low": -total - width, "high": np.minimum(-total + width, 0)}
    return pd.DataFrame({"time": sets.days[k]} | {n: np.exp(v) for n, v in logs.items()})
