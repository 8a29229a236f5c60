"""Is more done just before a limit than by the same desk at other times?

A desk that takes work by its due time does more of everything towards a limit, and less after. Yet
its order stays the same if all limits are moved by as much, so nothing breaks off at the limit
itself, and of what it does no kind becomes more frequent there. These two are tested. Where
customers write at some hours of the day, and a desk does some things at others, the way to a limit
is a time of day: kinds are compared at the same hour, on work days and at weekends apart.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from cxresearch.study.intervals import normal

REACH, BIN = 4, 0.5  # windows on either side, and their part that is counted together
SHARE = 2.0  # windows before the limit in which kinds of work are compared
FEWEST = 10  # on either side; half as many in each half of it
FINE = 4  # times in a bin that are told apart


def broken_off(past: pd.Series) -> dict:
    """Do more things end in the last window before a limit than the windows before it lead up to,
    and than go on after it? past is in windows; tickets, expected, more (low, high), p.

    Counts of each side follow a log-linear trend of their own over REACH windows (as in McCrary
    2008, J Econometrics 142), with as much more chance than Poisson's as they show. p is one-sided,
    the larger of two: that the last window holds more than its trend, and that its excess is above
    that of the first window after the limit. Null where too few ended there, or times are rounded.
    """
    from statsmodels.api import GLM, families

    edges = np.arange(-1 - REACH, 1 + REACH + BIN / 2, BIN)
    counts = np.histogram(-past.dropna(), edges)[0][::-1].astype(float)  # a limit is still in time
    middle = (edges[1:] + edges[:-1]) / 2
    outer, before = np.abs(middle) > 1, middle < 0
    seen = float(counts[~outer & before].sum()), float(counts[~outer & ~before].sum())
    coarse = past[past.abs() <= 1 + REACH].nunique() < min(counts.sum() / 2, FINE * len(counts))
    halves = counts[outer].reshape(4, -1).sum(axis=1)  # far from the limit, near it; after it
    few = min(halves) < FEWEST / 2 or min(halves[:2].sum(), halves[2:].sum()) < FEWEST
    if coarse or few:
        return {"tickets": int(seen[0]), "expected": np.nan, "p": np.nan}
    x = np.c_[before, ~before, middle * before, middle * ~before].astype(float)
    fit = GLM(counts[outer], x[outer], family=families.Poisson()).fit()
    wider = max(1.0, float(fit.pearson_chi2 / fit.df_resid))
    cov = fit.cov_params() * wider
    mean = np.exp(x @ fit.params)
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
