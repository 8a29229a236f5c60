"""A window against matched days: how many tickets it would have had anyway."""

import warnings

import numpy as np
import pandas as pd

from cxresearch.study.intervals import z

REACH, EVERYDAY = 42, 0.5  # days on either side; of all days, in windows of a kind


def days_around(
    spans: pd.DataFrame, at: int, first: float, last: float
) -> tuple[np.ndarray, np.ndarray]:
    """The days of a window that were observed, and those that it is compared with, as numbers from
    its start: the same weekdays of six weeks on either side, outside of other windows. spans has
    start, end, days and kind, times in days."""
    span = spans.loc[at]
    day = np.arange(-REACH, span["days"] + REACH)
    begin = span["start"] + day
    seen = (begin >= first) & (begin + 1 <= last)
    inside = (day >= 0) & (day < span["days"])
    filled = spans["kind"].map(spans.groupby("kind")["days"].sum() / (last - first))
    apart = (spans["kind"] == span["kind"]) | (filled <= EVERYDAY)
    other = spans[apart & (spans.index != at)]
    start, end = (other[name].to_numpy()[:, None] for name in ("start", "end"))
    busy = ((begin < end) & (begin + 1 > start)).any(axis=0)
    weekday = np.isin(day % 7, np.arange(span["days"]) % 7)
    return day[inside & seen], day[seen & weekday & ~inside & ~busy]


def trend_of(
    each: pd.Series, own: np.ndarray, every: pd.Series, seen: np.ndarray
) -> tuple[np.ndarray, float, float]:
    """The usual number of each matched day, that of a window's own days together, and the standard
    error of the log of one over the other: a quasi-Poisson trend over matched days (each), times
    the study's weekdays (of every ticket's day, where seen)."""
    import statsmodels.api as sm

    day = np.arange(np.ceil(seen[0]), np.floor(seen[1]))
    shape = every.value_counts().reindex(day, fill_value=0).groupby(day % 7).mean()
    shape = np.log(shape.reindex(range(7), fill_value=shape.mean()).to_numpy() + 0.1)
    days = each.index.to_numpy()
    x, ahead = (np.column_stack([np.ones(len(of)), of / REACH]) for of in (days, own))
    model = sm.GLM(each.to_numpy(), x, family=sm.families.Poisson(), offset=shape[days % 7])
    with warnings.catch_warnings():  # days that are all alike leave nothing to fit
        warnings.simplefilter("ignore")
        fit = model.fit(tol=1e-12)
    usual = fit.predict(ahead, offset=shape[own % 7])
    far = np.average(own, weights=usual) - np.average(days, weights=fit.fittedvalues)
    slope = fit.bse[1] * np.sqrt(max(1, fit.pearson_chi2 / fit.df_resid))
    return fit.fittedvalues, usual.sum(), abs(far) / REACH * slope


def against_matched(
    own: pd.Series, each: pd.DataFrame, usual: np.ndarray, usual_own: float, error: float = 0.0
) -> pd.DataFrame:
    """Tickets in a window against those on matched days, a row a series: tickets, expected, ratio,
    low, high, p (two-sided), usual low, usual high (how many there may have been anyway).

    each is series by days; the rest is as trend_of tells. A ratio of two Poisson rates (Jeffreys),
    with counts divided by how much more than Poisson's days, or weeks if more, differ, and
    Student's t for the normal.
    """
    from scipy.special import betainc, betaincinv, gammaincinv, ndtr, ndtri, stdtr, stdtrit

    total = each.to_numpy(float).sum(axis=1)
    expected = total * usual_own / usual.sum()
    apart = each - np.outer(total, usual / usual.sum())
    by_week = apart.T.groupby(each.columns.to_numpy() // 7).sum().T
    df, wider = np.zeros(len(each)), np.ones(len(each))
    for of in (apart, by_week):
        free = of.shape[1] - 2
        found = (of**2).sum(axis=1).to_numpy() / total * (free + 2) / free
        df = np.where((found > wider) | (df == 0), free, df)
        wider = np.maximum(wider, found)
    variance = wider / total + error**2
    one, other = own / wider + 0.5, 1 / variance + 0.5
    odds = wider / (variance * expected)  # of the ratio to the odds of one against the other
    ends = [ndtr(sign * stdtrit(df, ndtr(z()))) for sign in (-1, 1)]
    low, high = (odds / (1 / betaincinv(one, other, end) - 1) for end in ends)
    below = stdtr(df, ndtri(betainc(one, other, 1 / (1 + odds))))
    spread = wider / expected + variance  # squared error of the usual number, over itself squared
    few, many = (expected * spread * gammaincinv(1 / spread, end) for end in ends)
    return pd.DataFrame({
        "tickets": own, "expected": expected, "ratio": own / expected, "low": low, "high": high,
        "p": 2 * np.minimum(below, 1 - below), "usual low": few, "usual high": many,
    })  # fmt: skip
