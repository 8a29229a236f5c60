"""The excess share of departures: how many more left than had nothing been overdue, or nothing
been written.

It is not a share of churn prevented: who is kept today may leave tomorrow (kept.py counts that).

Sources: Greenland and Robins (1988), Am. J. Epidemiol. 128 (excess fraction); Samuelsen and Eide
(2008), Stat. Med. 27 (from a Cox model); Shapley (1953), Contributions to the Theory of Games 2;
Land and Gefeller (1997), Biometrical Journal 39 (split of attributable risk).
"""

from math import comb

import numpy as np
import pandas as pd

from cxresearch.impact.doubt import bootstrap, bounds, covariance
from cxresearch.impact.levers import ALL, Seen, seen, shift, touched
from cxresearch.study.schema import InputError
from cxresearch.survival import CoxFit

MANY = 16  # causes of one customer at once: beyond that the split has too many parts


def excess_fraction(
    fit: CoxFit,
    episodes: pd.DataFrame,
    by: str | None = "cause",
    *,
    lever: str = "answer sooner",
    interval: str = "delta",
    draws: int = 500,
    seed: int = 0,
    cores: int = 1,
) -> pd.DataFrame:
    """Of all departures, the share in excess of what was to be expected under the lever: cause,
    exposed (departures on which it bears), departures, excess fraction, low, high.

    The mean over departures of 1 - exp(change of the linear predictor under the lever), on all
    causes at once (the row "all causes") and split among causes: for each departure by its Shapley
    value, exactly, so that causes add up to all; one at a time they would add up to more. Values
    below 0 stay. episodes are the rows the fit was made of, by cause. interval is delta (clustered
    by customer) or bootstrap (draws of customers). Raises InputError for episodes without causes.
    """
    names = list(fit.params.index)
    events = np.flatnonzero(episodes["event"] == 1)
    of = seen(episodes.iloc[events])

    def each(beta: np.ndarray) -> np.ndarray:
        return shares(of, lever, names, beta, by)

    found = each(fit.params.to_numpy()).mean(axis=0)
    if interval == "bootstrap":
        limits = _drawn(fit, episodes, events, each, draws=draws, seed=seed, cores=cores)
    else:
        limits = _delta(fit, episodes, events, each)
    bears = touched(of, lever)
    exposed = [int(bears.any(axis=1).sum()), *bears.sum(axis=0)]
    shown = {"cause": [ALL, *of.causes][: len(found)], "exposed": exposed[: len(found)]}
    shown |= {"departures": len(events), "excess fraction": found}
    return pd.DataFrame({**shown, **limits})


def _delta(fit: CoxFit, episodes: pd.DataFrame, events: np.ndarray, each) -> dict:
    beta = fit.params.to_numpy()
    now = each(beta)
    found = now.mean(axis=0)
    slope = slope_of(lambda at: each(at).mean(axis=0), beta, _matter(list(fit.params.index)))
    own = np.zeros((len(episodes), len(found)))
    own[events] = (now - found) / len(events)
    return bounds(found, covariance(fit, episodes, slope, own))


def _drawn(fit: CoxFit, episodes: pd.DataFrame, events: np.ndarray, each, **how) -> dict:
    def mean(new: CoxFit, _, weight: np.ndarray) -> np.ndarray:
        return np.average(each(new.params.to_numpy()), axis=0, weights=weight[events])

    drawn = bootstrap(fit, episodes, mean, **how)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    return {"low": low, "high": high}


def shares(of: Seen, lever: str, names: list[str], beta: np.ndarray, by: str | None) -> np.ndarray:
    """The excess of each departure, in all and (by="cause") split among causes."""
    joint = 1 - np.exp(shift(of, lever, of.causes, names) @ beta)
    if by is None:
        return joint[:, None]
    split = np.zeros_like(of.there, dtype=float)
    players = touched(of, lever)
    number = players.sum(axis=1)
    if number.max(initial=0) > MANY:
        raise InputError(
            f"A customer left with issues of {number.max()} causes at once; at most {MANY} can be "
            "told apart: merge causes."
        )
    for m in np.unique(number[number > 0]):
        rows = np.flatnonzero(number == m)
        which = np.nonzero(players[rows])[1].reshape(-1, m)
        parts = _values(of, lever, names, beta, rows, which) @ _weights(m)
        split[rows[:, None], which] = parts
    return np.column_stack([joint, split])


def slope_of(function, beta: np.ndarray, matter: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Slope of a vector-valued function at beta in the ratios that matter to it, numerically."""
    found = np.zeros((len(function(beta)), len(beta)))
    for k in np.flatnonzero(matter):
        aside = np.zeros(len(beta))
        aside[k] = step
        found[:, k] = (function(beta + aside) - function(beta - aside)) / (2 * step)
    return found


def _matter(names: list[str]) -> np.ndarray:
    return np.array([n.startswith("overdue: ") or n in ("solved late", "none") for n in names])


def _bits(m: int) -> np.ndarray:
    """Every subset of m causes, as rows of 0 and 1."""
    return (np.arange(2**m)[:, None] >> np.arange(m)) & 1


def _weights(m: int) -> np.ndarray:
    """Shapley values as sums over subsets: subsets by causes."""
    member = _bits(m)
    size = member.sum(axis=1)[:, None]
    inside = 1 / (m * np.array([comb(m - 1, s) for s in range(m)]))
    with_it, without = inside[np.maximum(size - 1, 0)], inside[np.minimum(size, m - 1)]
    return np.where(member == 1, with_it, -without)


def _values(of: Seen, lever, names, beta, rows, which) -> np.ndarray:
    """The excess of each departure (of m causes) when the lever moves each subset of its causes:
    departures by subsets."""
    m = which.shape[1]
    member = _bits(m)
    size = dict(zip(names, beta, strict=True))
    late, overdue = (a[rows[:, None], which].astype(float) for a in (of.late, of.overdue))
    ratio = np.array([size.get(f"overdue: {cause}", 0.0) for cause in of.causes])[which]
    change = -(overdue * ratio) @ member.T
    left_late, left_over = late @ (1 - member).T > 0, overdue @ (1 - member).T > 0
    was = (late.any(axis=1) & ~overdue.any(axis=1))[:, None]
    change += size.get("solved late", 0.0) * ((left_late & ~left_over).astype(float) - was)
    if lever == "prevent":
        change += size.get("none", 0.0) * (member.sum(axis=1) == m)
    return 1 - np.exp(change)
