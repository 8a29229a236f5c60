"""A mean and a median of counts or scores, with intervals that know whose they are."""

import numpy as np
import pandas as pd
from scipy.stats import t

from cxresearch.kpis.measure import LEVEL, UNKNOWN, design_effect, likeness, wilson


def mean_of(values: pd.Series, who: pd.Series) -> dict:
    """The mean: estimate, low, high, n. Student's t on the customers, the variance times the design
    effect of several rows by one customer; null bounds for a single customer or equal values."""
    n, customers = len(values), who.nunique()
    if not n:
        return dict(UNKNOWN)
    values = values.astype(float)
    if customers < 2 or values.min() == values.max():
        return {**UNKNOWN, "estimate": float(values.mean()), "n": n}
    error = values.std() * np.sqrt(likeness(values, who) / n)
    width = t.ppf((1 + LEVEL) / 2, customers - 1) * error
    mean = float(values.mean())
    return {"estimate": mean, "low": mean - float(width), "high": mean + float(width), "n": n}


def median_of(values: pd.Series, who: pd.Series) -> dict:
    """The median: estimate, low, high, n. The interval holds the values at the ends of Wilson's
    interval of a half on the effective number of rows (Woodruff 1952, JASA 47)."""
    n = len(values)
    if not n:
        return dict(UNKNOWN)
    values = values.astype(float)
    middle = float(values.median())
    if who.nunique() < 2:
        return {**UNKNOWN, "estimate": middle, "n": n}
    low, high = wilson(0.5, n / design_effect(values <= middle, who))
    ends = np.quantile(values, low, method="lower"), np.quantile(values, high, method="higher")
    return {"estimate": middle, "low": float(ends[0]), "high": float(ends[1]), "n": n}
