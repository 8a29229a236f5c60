"""How wide an incident reached: the customers it touched against what its cause brings anyway."""

import numpy as np
import pandas as pd

from cxresearch.episodes.history import as_it_was
from cxresearch.study.answers import cannot_tell_passes
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.topics.causes import named

DAY, WEEK = pd.Timedelta(days=1), pd.Timedelta(weeks=1)
HISTORY, APART, LEAST = 26, 4, 8  # weeks of history, weeks left out before, the fewest of them
ENOUGH = 5  # customers in the history, for an expectation
Z = 1.96


@cannot_tell_passes
def blast_radius(study: Study, windows: pd.DataFrame) -> pd.DataFrame:
    """The customers of each incident, given as rows of cause, since and until (not in it any more).

    cause, since, until, tickets, customers (distinct, who wrote about the cause then), expected,
    ratio, low, high, excess, excess low, excess high, active (customers then; null where unknown),
    revenue (a month, of the customers it touched, as it was then; null where unknown). One who
    cannot be matched to an account counts as one customer.

    Expected: the customers of a usual week, times weeks, from the half year that ends four weeks
    before, without the other windows of the cause; one who writes in two weeks counts twice there,
    so the excess errs low. The interval is Poisson's, as much wider as weeks differ; excess is the
    part of customers that it leaves to the incident. Null where the history is too thin. A surge
    found for being high reads a little high.
    """
    if windows.empty:
        return pd.DataFrame(columns=COLUMNS)
    tickets = _tickets(study)
    unknown = set(windows["cause"]) - set(named(study)["cause"])
    if unknown:
        raise InputError(f"There is no cause '{sorted(unknown)[0]}' in ticket_causes.")
    rows = [_radius(study, tickets, windows, w) for w in windows.itertuples(index=False)]
    return pd.DataFrame(rows, columns=COLUMNS)


COLUMNS = [
    "cause", "since", "until", "tickets", "customers", "expected", "ratio", "low", "high",
    "excess", "excess low", "excess high", "active", "revenue",
]  # fmt: skip


def _tickets(study: Study) -> pd.DataFrame:
    causes = named(study).sort_values("weight", ascending=False, kind="stable")
    causes = causes.drop_duplicates("ticket_id")[["ticket_id", "cause"]]
    tickets = study.customer_tickets.merge(causes, on="ticket_id")
    who = tickets["customer_id"].fillna(tickets["requester_id"])
    return tickets.assign(who=who)[["who", "cause", "created_at"]]


def _radius(study: Study, tickets: pd.DataFrame, windows: pd.DataFrame, window) -> dict:
    own = tickets[tickets["cause"] == window.cause]
    inside = own["created_at"].between(window.since, window.until, inclusive="left")
    who = own.loc[inside, "who"].unique()
    weeks = (window.until - window.since) / WEEK
    usual = _usual_weeks(study, own, windows[windows["cause"] == window.cause], window.since)
    return {
        "cause": window.cause,
        "since": window.since,
        "until": window.until,
        "tickets": int(inside.sum()),
        "customers": len(who),
        **against_usual(len(who), usual, weeks),
        "active": _active(study, window.since),
        "revenue": _revenue(study, who, window.since),
    }


def against_usual(customers: int, usual: np.ndarray, weeks: float) -> dict:
    """expected, ratio, low, high and excess (low, high) of so many customers in so many weeks,
    from the customers of each usual week."""
    if len(usual) < LEAST or usual.sum() < ENOUGH or not customers:
        names = ["expected", "ratio", "low", "high", "excess", "excess low", "excess high"]
        return dict.fromkeys(names, np.nan)
    expected = usual.mean() * weeks
    wider = max(1.0, usual.var(ddof=1) / usual.mean())
    error = np.sqrt(wider * (1 / customers + 1 / usual.sum()))
    ratio = customers / expected
    low, high = ratio * np.exp(-Z * error), ratio * np.exp(Z * error)
    return {
        "expected": expected, "ratio": ratio, "low": low, "high": high,
        "excess": customers - expected,
        "excess low": customers * (1 - 1 / low), "excess high": customers * (1 - 1 / high),
    }  # fmt: skip


def _usual_weeks(study, own: pd.DataFrame, busy: pd.DataFrame, since: pd.Timestamp) -> np.ndarray:
    """Distinct customers of each whole week of the half year that ends four weeks before."""
    ends = since - APART * WEEK - np.arange(HISTORY) * WEEK
    first = study.settings.time("tickets_from") or study.tickets["created_at"].min()
    found = []
    for end in ends:
        start = end - WEEK
        overlaps = ((busy["since"] < end) & (busy["until"] > start)).any()
        if start >= first and not overlaps:
            rows = own["created_at"].between(start, end, inclusive="left")
            found.append(own.loc[rows, "who"].nunique())
    return np.array(found, float)


def _active(study: Study, at: pd.Timestamp) -> float:
    if not study.has("customers"):
        return np.nan
    ended = study.customers["ended_at"] <= at
    return int(((study.customers["started_at"] <= at) & ~ended).sum())


def _revenue(study: Study, who: np.ndarray, at: pd.Timestamp) -> float:
    ids = pd.Series(who, dtype="str")
    mrr = pd.to_numeric(as_it_was(study, "mrr", ids, pd.Series(at, ids.index)), errors="coerce")
    return float(mrr.sum()) if mrr.notna().any() else np.nan
