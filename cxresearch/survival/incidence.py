"""The mean number of events by each day where an end rules out more, with errors by customer.

With the event an end: a share with competing ends (Aalen and Johansen 1978, Scand. J. Stat. 5);
else a mean of recurrent events with a terminal one (Ghosh and Lin 2000, Biometrics 56) or with none
(Nelson-Aalen). The error is the infinitesimal jackknife: squared influences, a customer's summed.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.intervals import wilson
from cxresearch.survival.design import refuse_missing
from cxresearch.survival.kaplan_meier import Z, curve_bounds, each_group


@cannot_tell_passes
def cumulative_incidence(cohort: pd.DataFrame, by: str | None = None) -> pd.DataFrame | CannotTell:
    """Share of each group (of all, without by) to whom the event has happened by each day: by, day,
    share, low, high (95%, log-minus-log scale), at_risk (still watched on that day, nothing yet
    seen), se, over (everybody's end was seen by that day, nobody's was censored: the share stays).

    cohort has customer_id, time (days) and status (1 the event, 2 another end that rules it out,
    0 = not seen until then: censored). CannotTell if nobody is in the cohort.

    >>> rows = pd.DataFrame({"customer_id": list("abcd"), "time": [1, 2, 3, 4],
    ...                      "status": [1, 2, 1, 0]})
    >>> cumulative_incidence(rows)["share"].tolist()
    [0.0, 0.25, 0.25, 0.5, 0.5]
    """
    if cohort.empty:
        return CannotTell("what became of customers: nobody is in the comparison.")

    def curve(rows: pd.DataFrame) -> pd.DataFrame:
        shares = aalen_johansen(rows)[0].rename(columns={"mean": "share"})
        low, high = curve_bounds(1 - shares["share"], shares["se"], shares["at_risk"])
        last = rows["time"].max()
        censored = (rows.loc[rows["time"] == last, "status"] == 0).any()
        shares = shares.assign(low=1 - high, high=1 - low, over=(shares["day"] == last) & ~censored)
        return shares[["day", "share", "low", "high", "at_risk", "se", "over"]]

    return each_group(cohort, by, curve)


def share_by_day(cohort: pd.DataFrame, day: float) -> dict:
    """Share to whom the event has happened by a day, other ends competing: estimate, low, high, n,
    effect (rows not censored before, for each effective one: how much customers' rows are alike).

    cohort is that of cumulative_incidence. Null past the last day watched, unless nobody was
    censored there. Wilson's interval on the effective number of rows, which is what the variance by
    customer says it is, and at most the rows not censored before: few customers' rows make a robust
    variance too small. Rows that are all one customer's count as one row.
    """
    unknown = dict.fromkeys(("estimate", "low", "high", "effect"), np.nan) | {"n": len(cohort)}
    if cohort.empty:
        return unknown
    last = cohort["time"].max()
    if day > last and (cohort.loc[cohort["time"] == last, "status"] == 0).any():
        return unknown
    curve = aalen_johansen(cohort)[0]
    at = curve[curve["day"] <= day].iloc[-1]
    came, error = min(float(at["mean"]), 1.0), float(at["se"])
    rows = plain = len(cohort) - int(((cohort["status"] == 0) & (cohort["time"] < day)).sum())
    if cohort["customer_id"].nunique() == 1:
        rows = 1
    if error > 0:
        rows = min(rows, came * (1 - came) / error**2)
    rows = max(rows, 1)
    low, high = wilson(came * rows, rows)
    ends = {"estimate": came, "low": min(float(low), came), "high": max(float(high), came)}
    return ends | {"n": len(cohort), "effect": max(float(plain / rows), 1.0)}


def event_weights(cohort: pd.DataFrame) -> np.ndarray:
    """What each row adds to the share once its event has happened: 1/n if nobody is censored, more
    after others were; 0 for rows without the event. Their sum up to a day is the share."""
    worth = aalen_johansen(cohort)[0].set_index("day")["worth"]
    return np.where(cohort["status"] == 1, worth.reindex(cohort["time"]), 0.0)


def mean_cumulative_function(
    events: pd.DataFrame, by: str | None = None, terminal: str | None = None
) -> pd.DataFrame:
    """Mean number of events of a customer by each day: by, day, mean, se (robust), low, high (95%,
    log scale), at_risk. events has customer_id, start, stop (at risk in between) and event (0, 1).

    terminal names a column that is 1 for who departed at their last stop: they have no more events
    (Ghosh-Lin). Whose rows end otherwise is censored; without terminal, everybody (Nelson-Aalen).

    >>> rows = pd.DataFrame({"customer_id": ["a", "a", "b"], "start": [0, 1, 0],
    ...                      "stop": [1, 3, 2], "event": [1, 0, 1]})
    >>> mean_cumulative_function(rows)["mean"].tolist()
    [0.0, 0.5, 1.0, 1.0]
    """
    refuse_missing(
        events, ["customer_id", "start", "stop", "event", *([terminal] if terminal else [])]
    )
    last = events["stop"] == events.groupby("customer_id")["stop"].transform("max")
    left = events.groupby("customer_id")[terminal].transform("max") if terminal else 0
    events = events.assign(ends=last * left)

    def curve(rows: pd.DataFrame) -> pd.DataFrame:
        columns = (rows[name] for name in ("customer_id", "start", "stop", "event", "ends"))
        means = mean_events(*columns)[0].drop(columns="worth")
        width = np.exp(Z * means["se"] / means["mean"])
        return means.assign(low=means["mean"] / width, high=means["mean"] * width)

    return each_group(events, by, curve)


def aalen_johansen(
    cohort: pd.DataFrame, weight: np.ndarray | float = 1.0
) -> tuple[pd.DataFrame, Callable]:
    """mean_events for the rows of cumulative_incidence, weighted."""
    happened, ended = (cohort["status"] == 1), (cohort["status"] > 0)
    return mean_events(cohort["customer_id"], 0 * ended, cohort["time"], happened, ended, weight)


def mean_events(who, start, stop, event, ends, weight=1.0) -> tuple[pd.DataFrame, Callable]:
    """day, mean, se, at_risk and worth (what one event adds to the mean), and a function from a day
    to the mean and customers' influences on it. event and ends are of stop, after which none in
    ends has more events; rows are at risk in (start, stop], a start of 0 from the beginning.
    """
    who, stop, event, ends = (np.asarray(values) for values in (who, stop, event, ends))
    start = np.where(np.asarray(start) > 0, start, -np.inf)
    weight, one = np.broadcast_to(weight, len(stop)).astype(float), np.ones(len(stop))
    day = np.unique(np.r_[0.0, start[start > 0], stop])
    enter, at = np.searchsorted(day, start, "right"), np.searchsorted(day, stop)
    counted = ((enter, one), (at + 1, one), (at, ends), (at, event))
    counts = [np.bincount(place, weight * x, len(day) + 1)[:-1] for place, x in counted]
    at_risk, worth, fall, mean, left, drift = _paths(*counts)
    # A row at risk drifts with all others from its start on; at its stop it gets its own event and
    # end, after which its influence changes with the mean only.
    mean0, left0, drift0 = (np.r_[0.0, path][enter] for path in (mean, left, drift))
    own = ends * fall[at] - left[at]
    into = [one, left0 * mean0 - drift0, left0]
    out = [-one, drift[at] + event * worth[at] + own * mean[at], own]
    order = np.argsort(time := np.r_[start, stop], kind="stable")
    steps = (np.hstack([into, out]) * np.r_[weight, weight]).T[order]
    who, time, slope = np.r_[who, who][order], time[order], np.c_[drift, np.ones(len(day)), -mean]

    def on(when: float) -> tuple[float, pd.Series]:
        k, known = np.searchsorted(day, when, "right") - 1, time <= when
        return mean[k], pd.Series(steps[known] @ slope[k], who[known]).groupby(level=0).sum()

    se = _error(steps, who, np.searchsorted(time, day, "right"), slope)
    columns = {"day": day, "mean": mean, "se": se, "at_risk": at_risk.astype(int), "worth": worth}
    return pd.DataFrame(columns), on


def _paths(entered, gone, ended, seen) -> tuple[np.ndarray, ...]:
    """By day: at risk, worth, fall (by which an end lowers the log of staying, a head), the mean,
    and the sums of fall and of what both do to the mean when one more row is at risk."""
    at_risk = np.cumsum(entered - gone)
    share = 1 / np.where(at_risk > 0, at_risk, np.inf)
    stay = np.where(ended * share < 1 - 1e-12, 1 - ended * share, 0)
    worth, fall = share * np.cumprod(np.r_[1, stay[:-1]]), share / np.where(stay > 0, stay, np.inf)
    jump, left = seen * worth, np.cumsum(ended * share * fall)
    drift = np.cumsum(jump * (np.r_[0.0, left[:-1]] - share))
    return at_risk, worth, fall, np.cumsum(jump), left, drift


def _error(steps, who, count, slope) -> np.ndarray:
    """By day, from customers' sums of the first count steps; running sums of their products."""
    after = pd.DataFrame(steps).groupby(who).cumsum().to_numpy()[:, :, None]
    before = after - steps[:, :, None]
    products = np.cumsum(np.r_[np.zeros((1, 3, 3)), after * after.mT - before * before.mT], axis=0)
    return np.sqrt(np.maximum(np.einsum("ti,tij,tj->t", slope, products[count], slope), 0))
