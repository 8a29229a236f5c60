"""Cumulative incidence with another way to end competing, and errors that know who is who.

The estimate is statsmodels' (Aalen and Johansen); its errors take every row for a stranger. Where
one customer has several rows, ours add up a customer's rows first.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.duration.survfunc import CumIncidenceRight

from cxresearch.say import CannotTell
from cxresearch.survival.curves import COLUMNS

Z = norm.ppf(0.975)


def incidence(cohort: pd.DataFrame, by: str) -> pd.DataFrame | CannotTell:
    """Share of each group to whom the event has happened by each day, with a 95% interval.

    cohort has columns customer_id, time (days), status (1 the event, 2 another end that rules it
    out, 0 = not seen until then: censored) and the group. Returns by, day, share, low, high,
    at_risk (still watched on that day, nothing yet seen), a row for every time at which something
    happens to somebody; CannotTell if nobody is in the cohort.

    The estimate is a mean over rows of weight x [event by that day], so its variance is the sum
    over customers of squared deviations (weights taken as known, which errs to the wide side).
    Bounds from the log-minus-log scale; before the first event the exact bound 1 - 0.025^(1/n).
    """
    if cohort.empty:
        return CannotTell("what became of customers: nobody is in the comparison.")
    curves = [_curve(rows).assign(**{by: group}) for group, rows in cohort.groupby(by)]
    return pd.concat(curves, ignore_index=True)[[by, *COLUMNS]]


def against_rest(cohort: pd.DataFrame, by: str, day: float) -> pd.DataFrame:
    """Each group's share by one day less that of all other rows: by, events, others, difference,
    low, high, p (two-sided, normal, errors by customer).

    events and others are rows with the event seen by that day in the group and outside of it.
    """
    rows = [
        {by: group, **_difference(cohort, (cohort[by] == group).to_numpy(), day)}
        for group in cohort[by].unique()
    ]
    columns = [by, "events", "others", "difference", "low", "high", "p"]
    return pd.DataFrame(rows, columns=columns)


def event_weights(cohort: pd.DataFrame) -> np.ndarray:
    """What each row adds to the share once its event has happened: 1/n if nobody is censored, more
    after others were; 0 for rows without the event. Their sum up to a day is the share."""
    time, status = cohort["time"].to_numpy(float), cohort["status"].to_numpy(int)
    weights = np.zeros(len(cohort))
    if not (status == 1).any():
        return weights
    with np.errstate(divide="ignore", invalid="ignore"):  # its own errors where all have ended
        fit = CumIncidenceRight(time, status)
    place = np.searchsorted(fit.times, time)
    events = np.bincount(place, weights=status == 1, minlength=len(fit.times))
    each = np.diff(fit.cinc[0], prepend=0.0) / np.maximum(events, 1)
    return np.where(status == 1, each[place], 0.0)


def _curve(rows: pd.DataFrame) -> pd.DataFrame:
    """One group's curve from day 0 to the last day on which somebody was watched."""
    rows = rows.sort_values("time", ignore_index=True)
    n, weights, time = len(rows), event_weights(rows), rows["time"].to_numpy(float)
    who = rows["customer_id"]
    size = who.groupby(who).transform("size").to_numpy(float)
    before = pd.Series(weights).groupby(who.to_numpy()).cumsum().to_numpy() - weights
    share = np.cumsum(weights)
    # Over customers, the sum of (their weights so far - their rows * share / n) squared.
    squares = np.cumsum(2 * before * weights + weights**2)
    crossed = np.cumsum(size * weights)
    square = squares - 2 * share / n * crossed + size.sum() * (share / n) ** 2
    error = np.sqrt(np.maximum(square, 0))
    at_risk = n - np.searchsorted(time, time, "left")
    low, high = _bounds(share, error, at_risk)
    curve = pd.DataFrame(
        {"day": time, "share": share, "low": low, "high": high, "at_risk": at_risk}
    ).drop_duplicates("day", keep="last")
    if time[0] == 0:
        return curve
    zero = {"day": 0.0, "share": 0.0, "low": 0.0, "high": 1 - 0.025 ** (1 / n), "at_risk": n}
    return pd.concat([pd.DataFrame([zero]), curve])


def _bounds(share: np.ndarray, error: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    stays = np.maximum(1 - share, 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        width = Z * error / (stays * np.abs(np.log(stays)))
        low, high = 1 - stays ** np.exp(-width), 1 - stays ** np.exp(width)
    none, all_of_them = share == 0, stays < 1e-12
    low = np.select([none, all_of_them], [0.0, 0.025 ** (1 / n)], low)
    return low, np.select([none, all_of_them], [1 - 0.025 ** (1 / n), 1.0], high)


def _difference(cohort: pd.DataFrame, member: np.ndarray, day: float) -> dict:
    parts, shares, seen = [], [], []
    for chosen, sign in ((member, 1), (~member, -1)):
        rows = cohort[chosen]
        happened = ((rows["time"] <= day) & (rows["status"] == 1)).to_numpy()
        weights = np.where(happened, event_weights(rows), 0.0)
        shares.append(weights.sum())
        seen.append(int(happened.sum()))
        deviation = weights - weights.sum() / max(len(rows), 1)
        parts.append(pd.Series(sign * deviation, index=rows["customer_id"]))
    error = float(np.sqrt((pd.concat(parts).groupby(level=0).sum() ** 2).sum()))
    found = shares[0] - shares[1]
    return {
        "events": seen[0],
        "others": seen[1],
        "difference": found,
        "low": found - Z * error,
        "high": found + Z * error,
        "p": float(2 * norm.sf(abs(found) / error)) if error > 0 else np.nan,
    }
