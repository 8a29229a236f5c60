"""How groups differ when their tickets are alike, and each estimate drawn to the mean as far as
chance could have made it.

A linear model of an outcome (0 or 1) on groups, what is beside them taken out (Frisch and Waugh
1933), each ticket weighed by how certain its outcome was. Groups are random effects: normal around
the mean, with a spread tau that is not known but integrated over, flat (Gelman 2006, Bayesian
Analysis 1). It works on scores: where groups share no cause, what is the group's and what the
cause's cannot be told, and the interval stays wide.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr, stdtrit

from cxresearch.study.intervals import LEVEL, normal, of_draws

RARE = 20  # rows of a level that is read with the other rare ones
DRAWS = 2000
FIXED = 1e-9  # of a column: less is left where what is beside it tells it
GRID = np.linspace(0, 1, 301)[1:] ** 2  # of tau, as a share of the outcome's own spread


@dataclass(frozen=True)
class Scores:
    """Of some columns, what is beside them taken out: their cross products (known), their products
    with the outcome (score) and the variance of these by cluster (noise); spread is the outcome's,
    as a standard deviation, and clusters how many there are."""

    known: np.ndarray
    score: np.ndarray
    noise: np.ndarray
    spread: float
    clusters: int


def scores(
    outcome: pd.Series, of: pd.DataFrame, beside: pd.DataFrame, clusters: pd.Series
) -> Scores:
    """The scores of columns of numbers; beside has columns of words, rare ones read together. All
    have a row a ticket; rows of one cluster (a customer) are alike."""
    levels = [words.where(words.map(words.value_counts()) >= RARE, "rare")
              for _, words in beside.astype("str").fillna("unknown").items()]  # fmt: skip
    held = [pd.get_dummies(words, drop_first=True, dtype=float).to_numpy() for words in levels]
    held = np.column_stack([np.ones(len(outcome)), *held])
    y = outcome.to_numpy(float)
    share = np.clip(_fitted(held, y), 0, 1)
    weight = 1 / np.sqrt(np.maximum(share * (1 - share), y.var() / 4))[:, None]
    given = np.column_stack([of.to_numpy(float), y])
    given = weight * (given - _fitted(held, given, weight))
    columns, rest = given[:, :-1], given[:, -1]
    fixed = (columns**2).sum(0) < FIXED * ((weight * of.to_numpy(float)) ** 2).sum(0)
    columns = np.where(fixed, 0.0, columns)  # what is left of it is rounding
    each = pd.DataFrame(columns * rest[:, None]).groupby(pd.factorize(clusters)[0]).sum()
    more = len(each) / max(len(each) - 1, 1) * len(rest) / max(len(rest) - held.shape[1], 1)
    noise = each.to_numpy().T @ each.to_numpy() * more
    return Scores(columns.T @ columns, columns.T @ rest, noise, float(y.std()), len(each))


def _fitted(held: np.ndarray, given: np.ndarray, weight: np.ndarray | float = 1.0) -> np.ndarray:
    return held @ np.linalg.lstsq(held * weight, given * weight, rcond=None)[0]


def slope(told: Scores) -> dict[str, float]:
    """Of one column: estimate, low, high, p; Student's t for few clusters. Null where what is
    beside it tells the column."""
    if not told.known[0, 0]:
        return dict.fromkeys(("estimate", "low", "high", "p"), np.nan)
    estimate = told.score[0] / told.known[0, 0]
    error = float(np.sqrt(told.noise[0, 0]) / told.known[0, 0])
    # The errors are those left when the column explains nothing: a little wide, never too narrow.
    degrees = max(told.clusters - 1, 1)
    width = float(stdtrit(degrees, (1 + LEVEL) / 2)) * error
    p = 2 * stdtr(degrees, -abs(estimate) / error) if error else np.nan
    return {"estimate": estimate, "low": estimate - width, "high": estimate + width, "p": float(p)}


def pooled(
    told: Scores, weights: np.ndarray, *, draws: int = DRAWS, seed: int = 1
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Each group's difference from the mean of all (weights are their tickets): estimate, low,
    high, p; and the share of all that differs that lies between these groups: share, low, high."""
    seen, many, path = _apart(told)
    tau2 = (GRID * told.spread)[:, None] ** 2
    worth = 1 / (1 + tau2 * many)
    fit = 0.5 * (np.log(worth) - seen**2 * worth).sum(1) + np.log(np.gradient(GRID))
    chance = np.exp(fit - fit.max()) / np.exp(fit - fit.max()).sum()
    centre = np.eye(len(weights)) - weights / weights.sum()
    means = tau2 * (worth * seen) @ (centre @ path).T
    own = (centre**2).sum(1) - tau2 * (worth @ ((centre @ path) ** 2).T)
    mean = chance @ means
    error = np.sqrt(chance @ (tau2 * np.clip(own, 0, None) + (means - mean) ** 2))
    low, high = normal(mean, error)
    p = 2 * ndtr(-np.abs(mean) / np.where(error > 0, error, np.inf))
    rng = np.random.default_rng(seed)
    at = tau2[rng.choice(len(tau2), draws, p=chance)]
    drawn = np.sqrt(at) * rng.standard_normal((draws, len(weights)))
    missed = seen - drawn @ path - rng.standard_normal((draws, len(seen)))
    drawn = (drawn + at / (1 + at * many) * missed @ path.T) @ centre.T
    share = (apart := drawn**2 @ weights / weights.sum()) / (apart + told.spread**2)
    ends = zip(("share", "low", "high"), (np.median(share), *of_draws(share)), strict=True)
    frame = pd.DataFrame({"estimate": mean, "low": low, "high": high, "p": p})
    return frame, {name: float(end) for name, end in ends}


def _apart(told: Scores) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The scores turned so that each is independent, with variance 1 + tau^2 many; and what each
    group adds to each of them (path). The noise is that of single tickets, times how alike those of
    one customer are: by cluster it would be too uncertain for many groups at once."""
    alike = max(1.0, np.trace(told.noise) / max(np.trace(told.known), 1e-300))
    size, axes = np.linalg.eigh(told.known)
    axes, size = axes[:, size > 1e-9 * size.max()], size[size > 1e-9 * size.max()]
    return axes.T @ told.score / np.sqrt(alike * size), size / alike, axes * np.sqrt(size / alike)
