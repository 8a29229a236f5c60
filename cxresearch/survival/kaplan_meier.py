"""Kaplan-Meier's curve and the mean under it, and what every curve here shares."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.intervals import z
from cxresearch.study.schema import InputError
from cxresearch.survival.design import refuse_missing

Z = z()


def kaplan_meier(
    cohort: pd.DataFrame,
    by: str | None = None,
    entry: str | None = None,
    *,
    time: str = "time",
    event: str = "event",
) -> pd.DataFrame:
    """Share of each group still without the event after each day: by, day, survival, low, high (95%
    log-minus-log band), se (Greenwood: every row for itself), at_risk (entered, not yet gone).

    time names the column of days, event that of what happened then (1, or 0 = censored); rows count
    after the day in entry, if given. InputError if a value is missing, an event is neither, or a
    row enters on its last day or later.

    >>> kaplan_meier(pd.DataFrame({"time": [1, 2], "event": [1, 0]}))["survival"].tolist()
    [1.0, 0.5, 0.5]
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    refuse_missing(cohort, [time, event, *(name for name in (entry, by) if name)])
    if not cohort[event].isin([0, 1]).all():
        raise InputError(f"'{event}' must be 1 where the event was seen, and 0 where it was not.")
    if entry and (cohort[entry] >= cohort[time]).any():
        raise InputError(f"'{entry}' is not before '{time}' in some rows; leave those rows out.")
    cohort = cohort.assign(time=cohort[time], event=cohort[event])

    def curve(rows: pd.DataFrame) -> pd.DataFrame:
        time, start = rows["time"].to_numpy(float), rows[entry].to_numpy(float) if entry else None
        fit = SurvfuncRight(time, rows["event"].to_numpy(int), entry=start)
        day = np.unique(np.r_[0.0, time])
        entered = np.searchsorted(np.sort(start), day) if entry else len(rows)
        at_risk = entered - np.searchsorted(np.sort(time), day)
        at = np.searchsorted(fit.surv_times, day, "right")
        shares = pd.DataFrame({"day": day, "survival": np.r_[1.0, fit.surv_prob][at]})
        se = np.r_[0.0, fit.surv_prob_se][at]
        low, high = curve_bounds(shares["survival"], se, at_risk)
        return shares.assign(low=low, high=high, se=se, at_risk=at_risk)

    return each_group(cohort, by, curve)


def cumulative_share(cohort: pd.DataFrame, by: str) -> pd.DataFrame | CannotTell:
    """One minus kaplan_meier: by, day, share, low, high, at_risk; CannotTell if nobody is there."""
    if cohort.empty:
        return CannotTell("what became of customers: nobody is in the comparison.")
    curves = kaplan_meier(cohort, by)
    shares = {"share": 1 - curves["survival"], "low": 1 - curves["high"], "high": 1 - curves["low"]}
    return curves.assign(**shares)[[by, "day", "share", "low", "high", "at_risk"]]


def rmst(
    cohort: pd.DataFrame, tau: float, by: str | None = None, entry: str | None = None
) -> pd.DataFrame:
    """Mean days without the event in the first tau days, the area under kaplan_meier: by, rmst, se,
    low, high (95%), difference from the first group, difference_se. Null if not watched so long.

    >>> rows = pd.DataFrame({"time": [1, 2, 3], "event": [1, 1, 1]})
    >>> float(rmst(rows, tau=3)["rmst"].iloc[0])
    2.0
    """

    def area(curve: pd.DataFrame) -> pd.DataFrame:
        day, survival, se = curve.loc[curve["day"] < tau, ["day", "survival", "se"]].to_numpy().T
        known = curve["day"].max() >= tau or survival[-1] == 0
        after = np.cumsum((survival * np.diff(day, append=tau))[::-1])[::-1]
        ratio = np.divide(se, survival, where=survival > 0, out=np.zeros_like(se))
        greenwood = np.diff(ratio**2, prepend=0)
        means = pd.DataFrame({"rmst": after[:1], "se": np.sqrt(after**2 @ greenwood)})
        return means if known else means * np.nan

    means = each_group(kaplan_meier(cohort, by, entry), by, area)
    mean, se = means["rmst"], means["se"]
    means = means.assign(low=mean - Z * se, high=mean + Z * se, difference=mean - mean[0])
    return means.assign(difference_se=np.hypot(se, se[0]).where(means.index > 0, 0.0))


@cannot_tell_passes
def at_days(curves: pd.DataFrame, by: str, days: list[int]) -> pd.DataFrame:
    """The curves' values at given days: a row a group and day. Past the last time seen they are
    null, and the last ones where nobody was censored then (column over, or a share of 1)."""

    def read(curve: pd.DataFrame) -> pd.DataFrame:
        curve = curve.set_index("day")
        at_risk = curve["at_risk"].reindex(days, method="bfill")
        rows = curve[["share", "low", "high"]].reindex(days, method="ffill")
        last = curve.iloc[-1]
        if last.get("over", False) or last["share"] >= 1:
            at_risk = at_risk.fillna(0)
        return rows.where(at_risk.notna()).assign(at_risk=at_risk).rename_axis("day").reset_index()

    return each_group(curves, by, read)


def each_group(rows: pd.DataFrame, by: str | None, curve: Callable) -> pd.DataFrame:
    """curve of each group's rows, below one another with the group in front; of all if no by."""
    if by is None:
        return curve(rows)
    curves = pd.concat({group: curve(part) for group, part in rows.groupby(by)}, names=[by])
    return curves.reset_index(level=0).reset_index(drop=True)


def curve_bounds(share: np.ndarray, se: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95% bounds of a curve on the log-minus-log scale; at 1 or 0 the exact ones from n rows."""
    share, exact = np.where(share < 1e-12, 0, share), 0.025 ** (1 / np.maximum(n, 1))
    exact = np.where(n > 0, exact, 1.0)  # before anybody has entered nothing is known, nor said
    with np.errstate(all="ignore"):
        width = Z * se / (share * np.abs(np.log(share)))
        low, high = share ** np.exp(width), share ** np.exp(-width)
    ends = [share == 1, share == 0]
    return np.select(ends, [exact, 0.0], low), np.select(ends, [1.0, 1 - exact], high)
