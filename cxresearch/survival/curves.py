"""Curves from statsmodels' Kaplan-Meier, as tidy tables."""

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.duration.survfunc import SurvfuncRight


def cumulative_share(cohort: pd.DataFrame, by: str) -> pd.DataFrame:
    """Share of each group to whom the event has happened by each day, with a 95% band.

    cohort has columns time (days), event (1, or 0 = censored) and the group. Returns by, day,
    share, low, high, at_risk; one minus Kaplan-Meier, the band from the log-minus-log scale.
    """
    curves = [_curve(rows).assign(**{by: group}) for group, rows in cohort.groupby(by)]
    return pd.concat(curves, ignore_index=True)[[by, "day", "share", "low", "high", "at_risk"]]


def at_days(curves: pd.DataFrame, by: str, days: list[int]) -> pd.DataFrame:
    """The curves' values at given days: a row a group and day; past the last time seen: null."""
    rows = []
    for group, curve in curves.groupby(by):
        for day in days:
            known = curve[curve["day"] <= day]
            seen = bool(len(known)) and (curve["day"].max() >= day)
            values = known.iloc[-1] if seen else pd.Series(np.nan, index=curve.columns)
            rows.append({by: group, "day": day, **values[["share", "low", "high", "at_risk"]]})
    return pd.DataFrame(rows)


def _curve(rows: pd.DataFrame) -> pd.DataFrame:
    curve = SurvfuncRight(rows["time"].to_numpy(float), rows["event"].to_numpy(int))
    survival = np.asarray(curve.surv_prob)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(survival)
        width = norm.ppf(0.975) * np.asarray(curve.surv_prob_se) / (survival * np.abs(log))
        low, high = 1 - survival ** np.exp(-width), 1 - survival ** np.exp(width)
    # Past the last event the curve is flat until the last customer is censored.
    events = pd.DataFrame(
        {
            "day": curve.surv_times,
            "share": 1 - survival,
            "low": low,
            "high": high,
            "at_risk": curve.n_risk,
        }
    )
    zero = pd.DataFrame(
        {"day": [0.0], "share": [0.0], "low": [0.0], "high": [0.0], "at_risk": [len(rows)]}
    )
    end = events.tail(1).assign(day=rows["time"].max(), at_risk=1)
    return pd.concat([zero, events, end], ignore_index=True)
