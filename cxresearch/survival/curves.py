"""Curves from statsmodels' Kaplan-Meier, as tidy tables."""

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.duration.survfunc import SurvfuncRight

from cxresearch.say import CannotTell

COLUMNS = ["day", "share", "low", "high", "at_risk"]


def cumulative_share(cohort: pd.DataFrame, by: str) -> pd.DataFrame | CannotTell:
    """Share of each group to whom the event has happened by each day, with a 95% band.

    cohort has columns time (days), event (1, or 0 = censored) and the group. Returns by, day,
    share, low, high, at_risk (still watched on that day, the event not yet seen), a row for every
    time at which somebody has the event or is censored; one minus Kaplan-Meier, the band from the
    log-minus-log scale. Before the first event the band reaches from 0 to the exact bound
    1 - 0.025^(1/n). CannotTell if nobody is in the cohort.
    """
    if cohort.empty:
        return CannotTell("what became of customers: nobody is in the comparison.")
    curves = [_curve(rows).assign(**{by: group}) for group, rows in cohort.groupby(by)]
    return pd.concat(curves, ignore_index=True)[[by, *COLUMNS]]


def at_days(curves: pd.DataFrame, by: str, days: list[int]) -> pd.DataFrame:
    """The curves' values at given days: a row a group and day; past the last time seen: null."""
    rows = []
    for group, curve in curves.groupby(by):
        for day in days:
            known = curve["day"].max() >= day
            values = curve[curve["day"] <= day].iloc[-1][["share", "low", "high"]]
            at_risk = curve.loc[curve["day"] >= day, "at_risk"].head(1)
            rows.append(
                {
                    by: group,
                    "day": day,
                    **(values if known else dict.fromkeys(values.index, np.nan)),
                    "at_risk": at_risk.iloc[0] if known else np.nan,
                }
            )
    return pd.DataFrame(rows)


def _curve(rows: pd.DataFrame) -> pd.DataFrame:
    time = np.sort(rows["time"].to_numpy(float))
    day = np.unique(np.concatenate([[0.0], time]))
    at_risk = len(time) - np.searchsorted(time, day, "left")
    if not rows["event"].any():
        exact = 1 - 0.025 ** (1 / np.maximum(at_risk, 1))
        return pd.DataFrame(
            {"day": day, "share": 0.0, "low": 0.0, "high": exact, "at_risk": at_risk}
        )
    fit = SurvfuncRight(rows["time"].to_numpy(float), rows["event"].to_numpy(int))
    at = np.searchsorted(fit.surv_times, day, "right") - 1
    survival = np.where(at < 0, 1.0, np.asarray(fit.surv_prob)[at])
    error = np.where(at < 0, 0.0, np.asarray(fit.surv_prob_se)[at])
    low, high = _log_log_band(survival, error)
    exact = 1 - 0.025 ** (1 / np.maximum(at_risk, 1))
    return pd.DataFrame(
        {
            "day": day,
            "share": 1 - survival,
            "low": np.where(survival == 1, 0.0, low),
            "high": np.where(survival == 1, exact, high),
            "at_risk": at_risk,
        }
    )


def _log_log_band(survival: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95% bounds of the share, one minus survival; a share of 1 has no width."""
    with np.errstate(divide="ignore", invalid="ignore"):
        width = norm.ppf(0.975) * error / (survival * np.abs(np.log(survival)))
        bounds = 1 - survival ** np.exp(-width), 1 - survival ** np.exp(width)
    return tuple(np.where(survival == 0, 1.0, bound) for bound in bounds)
