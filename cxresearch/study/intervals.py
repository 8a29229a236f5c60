"""One home for intervals: their level, the normal quantile, shares, and what draws say.

Statsmodels is imported when something first needs it, here and elsewhere: it takes a second.
"""

import numpy as np
import pandas as pd

LEVEL = 0.95


def z(level: float = LEVEL) -> float:
    """The normal quantile of a two-sided interval at this level: 1.96 at 95%.

    >>> round(z(), 2)
    1.96
    """
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def normal(estimate, error, level: float = LEVEL):
    """low and high of an estimate whose standard error is known: estimate -+ z * error."""
    return estimate - z(level) * error, estimate + z(level) * error


def wilson(count, of, level: float = LEVEL):
    """low and high of a share, count of so many independent rows (Wilson 1927, JASA 22); null where
    of is 0. Numbers, or arrays and Series of them.

    >>> low, high = wilson(5, 10)
    >>> round(low, 3), round(high, 3)
    (0.237, 0.763)
    """
    from statsmodels.stats.proportion import proportion_confint

    count, of = pd.to_numeric(count), pd.to_numeric(of)
    none = np.asarray(of, float) <= 0
    low, high = proportion_confint(
        np.where(none, 0, count), np.where(none, 1, of), 1 - level, method="wilson"
    )
    low, high = np.where(none, np.nan, low), np.where(none, np.nan, high)
    if isinstance(of, pd.Series):
        return pd.Series(low, of.index), pd.Series(high, of.index)
    if isinstance(count, pd.Series):
        return pd.Series(low, count.index), pd.Series(high, count.index)
    return (low, high) if low.ndim else (float(low), float(high))


def of_many(p, method: str = "holm"):
    """p of many tests, corrected for their number: by Holm (1979), or by Benjamini and Hochberg
    (1995) with method "fdr_bh". What was not tested is null, stays null and does not count.

    >>> of_many([0.01, float("nan"), 0.04]).tolist()
    [0.02, nan, 0.04]
    """
    from statsmodels.stats.multitest import multipletests

    p = np.array(p, float)
    tested = ~np.isnan(p)
    if tested.any():
        p[tested] = multipletests(p[tested], method=method)[1]
    return p


def of_draws(drawn, axis: int = 0, level: float = LEVEL, **how):
    """low and high that hold so large a share of draws, half of the rest on either side."""
    return np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=axis, **how)


def together(estimate, low, high, level: float = LEVEL):
    """low and high of several estimates, so much wider that all of them hold at once (Bonferroni);
    Series or arrays, a place an estimate.

    >>> low, high = together(np.array([0.0, 0.0]), np.array([-1.96, -1.0]), np.array([1.96, 1.0]))
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([-2.24, -1.14], [2.24, 1.14])
    """
    wide = wider(len(estimate), level)
    return estimate + wide * (low - estimate), estimate + wide * (high - estimate)


def wider(n: int, level: float = LEVEL, df=1e9):
    """How many times as wide as alone each of n intervals must be for all to hold at once
    (Bonferroni); far out by Student's t, where df is known.

    >>> round(float(wider(2)), 2), round(float(wider(200, df=20)), 2)
    (1.14, 2.27)
    """
    from scipy.special import stdtrit

    return stdtrit(df, 1 - (1 - level) / max(n, 1) / 2) / z(level)


def difference(one, other):
    """one less other, each as (estimate, low, high): the difference, its low and its high.

    From the two intervals (Zou and Donner 2008, Statistics in Medicine 27); for independent groups:
    where the same customers are in both, it is mostly too wide.
    Numbers, or arrays of them.
    """
    gap = one[0] - other[0]
    down = np.hypot(one[0] - one[1], other[2] - other[0])
    up = np.hypot(one[2] - one[0], other[0] - other[1])
    return gap, gap - down, gap + up
