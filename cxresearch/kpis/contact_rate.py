"""How often do customers write, each month that they are customers?"""

from functools import partial

import numpy as np
import pandas as pd

from cxresearch.episodes import known_since, match_gate
from cxresearch.kpis.measure import UNKNOWN, Kpi
from cxresearch.kpis.standing import WHOLE, Standing
from cxresearch.kpis.tidy import DAY, asked, measured, of_them, sees_leaving
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.intervals import z
from cxresearch.study.study import Study

MONTH = 365.25 / 12  # days
UNKNOWN_TIME = DoesNotApply(
    "how often customers write: for how long each was a customer is not known; a customers table "
    "would tell."
)


def contact_rate(study: Study, by: str | None = None) -> Standing:
    """Tickets of an active customer a month, as the tidy frame of kpis.tidy; n is customers.

    A customer counts from joining, or from when tickets are known, to leaving, silent ones too.
    by may be a column of the customers; of the tickets (then all customers' time stands below each
    group's tickets, so groups add up to the whole); or month (the time of customers in it).
    Negative binomial interval (see rate).
    """
    kpi = Kpi(
        "Contact rate", "tickets a customer and month of being one, requests to leave included",
        "tickets a month", wanted="at most",
    )  # fmt: skip
    facts = exposures(study)
    if isinstance(facts, CannotTell):
        return measured(study, kpi, facts, rate)
    outside = len(asked(study)) - int(facts["tickets"].sum())
    note = of_them(outside, "tickets left out: of no customer at that time")
    of = partial(measured, study, kpi, measure=rate, note=lambda _: note)
    if by == "month":
        return _joined(of(facts), of(_by_month(study, facts), by="month"))
    if by in study.tickets and by not in study.customers:
        return _joined(of(facts), of(_by_ticket_column(study, facts, by), by=by))
    return of(facts, by=by)


def exposures(study: Study) -> pd.DataFrame | CannotTell:
    """A row a customer with time as one since tickets are known: customer_id, at (from when),
    until, months, tickets (in that time, also of customers who wrote none)."""
    if not sees_leaving(study) or not study.has("customers"):
        return UNKNOWN_TIME
    if gate := match_gate(study):
        return gate
    customers = study.customers
    last = customers["observed_until"].clip(upper=study.observed_until)
    ends = customers[["ended_at"]].assign(last=last).min(axis=1)
    watched = pd.DataFrame(
        {"customer_id": customers["customer_id"], "until": ends,
         "at": customers["started_at"].clip(lower=known_since(study))}
    )  # fmt: skip
    watched = watched[watched["at"] < watched["until"]].reset_index(drop=True)
    if watched.empty:
        return UNKNOWN_TIME
    counts = _tickets(study, watched).groupby("customer_id").size()
    return watched.assign(
        months=(watched["until"] - watched["at"]) / DAY / MONTH,
        tickets=watched["customer_id"].map(counts).fillna(0).astype(int),
    )


def rate(part: pd.DataFrame) -> dict:
    """Tickets a month: estimate, low, high, n (rows, one a customer); part has tickets and months.

    All tickets over all months, with the variance of a negative binomial count with exposure,
    months times the rate: its dispersion by moments (Cameron and Trivedi 1998, Regression Analysis
    of Count Data), Poisson's where there is none; interval on the log scale. Without a ticket the
    upper bound is Poisson's exact one.
    """
    n, total, months = len(part), int(part["tickets"].sum()), float(part["months"].sum())
    if not n:
        return dict(UNKNOWN)
    if not total:
        return {"estimate": 0.0, "low": 0.0, "high": float(-np.log(0.025) / months), "n": n}
    estimate = total / months
    if n == 1:
        return {**UNKNOWN, "estimate": estimate, "n": n}
    mean = estimate * part["months"]
    more = max((((part["tickets"] - mean) ** 2 - mean).sum()) / (mean**2).sum(), 0.0)
    width = np.exp(z() * np.sqrt((mean + more * mean**2).sum()) / total)
    return {"estimate": estimate, "low": estimate / width, "high": estimate * width, "n": n}


def _tickets(study: Study, watched: pd.DataFrame) -> pd.DataFrame:
    """Customers' tickets in the time that they are watched, with it."""
    tickets = asked(study).drop(columns="at").merge(watched, on="customer_id")
    inside = tickets["created_at"].between(tickets["at"], tickets["until"], inclusive="left")
    return tickets[inside]


def _by_month(study: Study, facts: pd.DataFrame) -> pd.DataFrame:
    """A row a customer and month of the study's time zone in which they were one."""
    zone = study.settings.time_zone
    first = facts["at"].min().tz_convert(zone).tz_localize(None).to_period("M").start_time
    last = study.observed_until.tz_convert(zone).tz_localize(None)
    edges = pd.date_range(first, last + pd.offsets.MonthBegin(1), freq="MS")
    edges = edges.tz_localize(
        zone, nonexistent="shift_forward", ambiguous=np.ones(len(edges), bool)
    )
    edges = edges.tz_convert("UTC").as_unit("us")
    months = pd.DataFrame({"begins": edges[:-1], "ends": edges[1:]})
    rows = facts.merge(months, how="cross")
    rows = rows.assign(
        at=rows[["at", "begins"]].max(axis=1), until=rows[["until", "ends"]].min(axis=1)
    )
    rows = rows[rows["at"] < rows["until"]].drop(columns="tickets")
    tickets = _tickets(study, facts[["customer_id", "at", "until"]])
    place = np.searchsorted(edges.as_unit("us").asi8, _micro(tickets["created_at"]), "right") - 1
    counts = tickets.groupby(["customer_id", edges[place].rename("begins")]).size()
    rows = rows.join(counts.rename("tickets"), on=["customer_id", "begins"])
    length = (rows["until"] - rows["at"]) / DAY / MONTH
    return rows.assign(months=length, tickets=rows["tickets"].fillna(0).astype(int))


def _micro(times: pd.Series) -> np.ndarray:
    return times.dt.as_unit("us").astype("int64").to_numpy()


def _by_ticket_column(study: Study, facts: pd.DataFrame, by: str) -> pd.DataFrame:
    """A row a customer and group of the column, with all the customer's months in each."""
    tickets = _tickets(study, facts[["customer_id", "at", "until"]])
    group = tickets[by].astype("str").fillna("unknown")
    counts = tickets.groupby(["customer_id", group]).size().rename("tickets")
    rows = facts.drop(columns="tickets").merge(pd.DataFrame({by: sorted(group.unique())}), "cross")
    rows = rows.join(counts, on=["customer_id", by])
    return rows.assign(tickets=rows["tickets"].fillna(0).astype(int))


def _joined(whole: Standing, groups: Standing) -> Standing:
    """The row of the whole from customers' full time, and the rows of the groups."""
    return Standing(pd.concat([whole.frame, groups.frame.drop(WHOLE)]))
