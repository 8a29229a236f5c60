"""Is more done just before a limit than by the same desk at other times?

A desk that takes work by its due time does more of everything towards a limit, and less after. Yet
its order stays the same if all limits are moved by as much, so nothing breaks off at the limit
itself, and of what it does no kind becomes more frequent there. These two are tested. Where
customers write at some hours of the day, and a desk does some things at others, the way to a limit
is a time of day: both tests compare what was done at the same time of day.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from cxresearch.study.intervals import normal

REACH, BIN = 4, 0.5  # windows on either side, and their part that is counted together
SHARE = 2.0  # windows before the limit in which kinds of work are compared
FEWEST = 10  # on either side; half as many in each half of it
CELLS, ROUNDS = 48, 50  # half hours of a day, and how often their rates are fitted
FINE = 4  # times in a bin that are told apart
MIDDLE = np.arange(-1 - REACH + BIN / 2, 1 + REACH, BIN)  # of each bin


def broken_off(past: pd.Series, rhythm: np.ndarray | None = None) -> dict:
    """Do more things end in the last window before a limit than the windows before it lead up to,
    and than go on after it? past is in windows; tickets, expected, more (low, high), p. rhythm is
    how many the times of day alone would bring into each BIN (of_the_day).

    Counts of each side follow a log-linear trend of their own over REACH windows (as in McCrary
    2008, J Econometrics 142), with as much more chance than Poisson's as they show. p is one-sided,
    the larger of two: that the last window holds more than its trend, and that its excess is above
    that of the first window after the limit. Null where too few ended there, or times are rounded.
    """
    from statsmodels.api import GLM, families

    counts = np.bincount(_bins(past.dropna()), minlength=len(MIDDLE)).astype(float)
    middle, day = MIDDLE, np.ones(len(MIDDLE)) if rhythm is None else rhythm
    outer, before = np.abs(middle) > 1, middle < 0
    seen = float(counts[~outer & before].sum()), float(counts[~outer & ~before].sum())
    coarse = past[past.abs() <= 1 + REACH].nunique() < min(counts.sum() / 2, FINE * len(counts))
    halves = counts[outer].reshape(4, -1).sum(axis=1)  # far from the limit, near it; after it
    few = min(halves) < FEWEST / 2 or min(halves[:2].sum(), halves[2:].sum()) < FEWEST
    if coarse or few or min(day) <= 0:
        return {"tickets": int(seen[0]), "expected": np.nan, "p": np.nan}
    x = np.c_[before, ~before, middle * before, middle * ~before].astype(float)
    fit = GLM(counts[outer], x[outer], family=families.Poisson(), offset=np.log(day[outer])).fit()
    wider = max(1.0, float(fit.pearson_chi2 / fit.df_resid))
    cov = fit.cov_params() * wider
    mean = day * np.exp(x @ fit.params)
    expected, errors = [], []
    for side in (~outer & before, ~outer & ~before):
        slope = (mean[side][:, None] * x[side]).sum(axis=0)
        expected.append(float(mean[side].sum()))
        errors.append(float(slope @ cov @ slope) + wider * expected[-1])
    more, after = (s - e for s, e in zip(seen, expected, strict=True))
    scores = more / np.sqrt(errors[0]), (more - after) / np.sqrt(sum(errors))
    p = float(stdtr(outer.sum() - 4, -min(scores)))
    low, high = normal(more, np.sqrt(errors[0]))
    return {"tickets": int(seen[0]), "expected": expected[0], "more": more, "low": low,
            "high": min(high, seen[0]), "p": p}  # fmt: skip


def of_the_day(rows: pd.DataFrame) -> np.ndarray:
    """How many of these rows would end in each bin if only times of day counted, that of the limit
    and that of what was done; one number a bin, 1 on average. rows: past, window, hour.

    A rate of each half hour, one of each half hour of limits and window, and one of each bin are
    fitted to the counts (Deming and Stephan 1940, Ann Math Stat 11); the bin's is left out.
    """
    rows = rows[rows["past"].between(-1 - REACH, 1 + REACH, inclusive="right")]
    width, kind = np.unique(rows["window"], return_inverse=True)
    due = (rows["hour"] - rows["past"] * rows["window"]).mul(2).floordiv(1).astype(int) % CELLS
    counts = np.zeros((len(width), CELLS, len(MIDDLE)))
    np.add.at(counts, (kind, due, _bins(rows["past"])), 1)
    at = (np.arange(CELLS)[:, None] + 0.5 + 2 * width[:, None, None] * MIDDLE) // 1 % CELLS
    at, done, limits, bins = at.astype(int), np.ones(CELLS), np.ones((len(width), CELLS, 1)), 1.0
    for _ in range(ROUNDS):
        fit = limits * done[at] * bins
        seen, fitted = (np.bincount(at.ravel(), c.ravel(), CELLS) for c in (counts, fit))
        done *= _parts(seen, fitted)
        fit = limits * done[at] * bins
        limits *= _parts(counts.sum(axis=2, keepdims=True), fit.sum(axis=2, keepdims=True))
        bins = _parts(counts.sum(axis=(0, 1)), (limits * done[at]).sum(axis=(0, 1)))
    day = (limits * done[at]).sum(axis=(0, 1))
    return day / max(day.mean(), 1e-9)


def _parts(seen: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    return np.divide(seen, fitted, out=np.zeros(fitted.shape), where=fitted > 0)


def _bins(past: pd.Series) -> np.ndarray:
    """The bin of each way past the limit, the limit itself still before it."""
    place = np.ceil((past + 1 + REACH) / BIN).astype(int) - 1
    return place[place.between(0, len(MIDDLE) - 1)].to_numpy()


def more_of_it(rows: pd.DataFrame) -> dict:
    """Is a larger share of what was done in the last SHARE windows before a limit of one kind than
    in three times as many around them? rows: act, past (windows), who, stratum (the agent), hour.

    Within each agent and hour (Mantel and Haenszel 1959, J Natl Cancer Inst 22), so that no habit
    of a person or of a time of day counts; p is one-sided, with a continuity correction, and the
    variance that of customers where it is larger. expected is the number at the share around.
    """
    near = rows[rows["past"].between(-4 * SHARE, 3 * SHARE, inclusive="right")]
    before = near["past"].between(-SHARE, 0, inclusive="right")
    if min(before.sum(), (~before).sum()) < FEWEST:
        return {"tickets": int(near.loc[before, "act"].sum()), "expected": np.nan, "p": np.nan}
    n = pd.DataFrame({"act": near["act"].astype(float), "before": before.astype(float)})
    n["both"] = n["act"] * n["before"]
    of = near.groupby(["stratum", near["hour"] // 1], dropna=False).ngroup().to_numpy()
    sums, size = n.groupby(of).sum(), n.groupby(of).size()
    a, b, seen = sums["act"], sums["before"], sums["both"]
    chance = float((a * b * (size - a) * (size - b) / size**2 / (size - 1).clip(lower=1)).sum())
    apart = (n["act"] - (a / size).to_numpy()[of]) * (n["before"] - (b / size).to_numpy()[of])
    variance = max(chance, float((apart.groupby(near["who"].to_numpy()).sum() ** 2).sum()))
    score = float((seen - a * b / size).sum())
    p = float(ndtr(-(score - 0.5) / np.sqrt(variance))) if variance > 0 else 1.0
    return {"tickets": int(seen.sum()), **_ratio(a, b, seen, size), "p": p}


def _ratio(a: pd.Series, b: pd.Series, seen: pd.Series, size: pd.Series) -> dict:
    """expected, more, low, high, by the ratio of shares over all strata (Greenland and Robins
    1985, Biometrics 41)."""
    up, down = (seen * (size - b) / size).sum(), ((a - seen) * b / size).sum()
    total = float(seen.sum())
    if not total:
        return {"expected": float(down), "more": -float(down), "low": np.nan, "high": np.nan}
    up, down = max(float(up), 0.5), max(float(down), 0.5)
    spread = ((b * (size - b) * a - seen * (a - seen) * size) / size**2).sum()
    ends = np.exp(normal(np.log(up / down), np.sqrt(max(float(spread), 0.5) / up / down)))
    expected = total * down / up
    return {"expected": expected, "more": total - expected, "low": total * (1 - 1 / ends[0]),
            "high": total * (1 - 1 / ends[1])}  # fmt: skip
