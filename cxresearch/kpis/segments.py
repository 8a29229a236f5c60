"""The same type of customer: who writes more than others, and about what more than others.

A group is compared with all other customers; errors are by customer, because one who writes often
is one customer; and the many comparisons share one false-discovery rate (Benjamini and Hochberg
1995, J R Stat Soc B 57).
"""

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from cxresearch.episodes import customer_lives
from cxresearch.episodes.history import history_fields
from cxresearch.kpis.concentration import tickets_each
from cxresearch.outcomes.recurrence import own_tickets
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study

YEAR = 365.25
Z = 1.96
ENOUGH = 5  # tickets in a group, or expected there, for a normal interval
RATE = 0.05
UNKNOWN = CannotTell(
    "whether it is the same type of customer: this export tells nothing of customers but what they "
    "wrote. A customers table with what was known of each at the start (plan, segment, country) "
    "would tell."
)

UNLIKE = CannotTell(
    "whether a type of customer writes about something else than others: the same table would tell."
)


def customer_groups(study: Study) -> pd.DataFrame | CannotTell:
    """What is known of customers as of when they came into view: customer_id and a column of text
    each (as_of_start columns, and the plan they had then); unknown is a group of its own."""
    if study.outcome == "return" or not study.has("customers"):
        return UNKNOWN
    names = [c for c in study.settings.as_of_start if c in study.customers]
    found = study.customers[["customer_id", *names]]
    if "plan" in history_fields(study):
        lives = customer_lives(study)
        found = found.merge(lives[["customer_id", "plan"]], on="customer_id")
    told = found.drop(columns="customer_id").astype("str").fillna("unknown")
    told = told.loc[:, told.nunique() > 1]
    if told.empty:
        return UNKNOWN
    return found[["customer_id"]].join(told.rename(columns=lambda c: c.replace("_", " ")))


def lift(study: Study) -> pd.DataFrame | CannotTell:
    """Who writes more: column, group, customers, tickets, years (watched), rate (tickets a
    customer-year), ratio (to the rate of all other customers), low, high, p, q, verdict.

    Churn studies. A column of two groups tells one fact twice. q over all groups; verdict from q.
    """
    groups, each = customer_groups(study), tickets_each(study)
    for unknown in (groups, each):
        if isinstance(unknown, CannotTell):
            return unknown
    rows = each.merge(groups, on="customer_id")
    found = [
        {"column": column, "group": group, **rate_ratio(rows, rows[column] == group)}
        for column in groups.columns.drop("customer_id")
        for group in sorted(rows[column].unique())
    ]
    return _judged(pd.DataFrame(found), "writes more", "writes less")


def rate_ratio(each: pd.DataFrame, member: pd.Series) -> dict:
    """Tickets a year of some customers over those of all others: customers, tickets, years, rate,
    ratio, low, high, p. each has tickets and days; the error of a rate is that of its customers'
    tickets about what their time alone would give (a Poisson model's, robust)."""
    sums, errors = [], []
    for side in (member, ~member):
        tickets, days = each.loc[side, "tickets"], each.loc[side, "days"]
        sums.append((tickets.sum(), days.sum() / YEAR))
        apart = tickets - days * tickets.sum() / days.sum()
        errors.append((apart**2).sum() / max(tickets.sum(), 1) ** 2)
    (own, years), (others, rest) = sums
    found = {"customers": int(member.sum()), "tickets": int(own), "years": years}
    found |= {"rate": own / years if years else np.nan}
    if min(own, others) < ENOUGH:
        return found | _ratio(np.nan, np.nan)
    return found | _ratio(np.log(own / years / (others / rest)), np.sqrt(sum(errors)))


def beyond(study: Study) -> pd.DataFrame | CannotTell:
    """About what a group writes more than others do: cause, column, group, tickets, expected (if
    its tickets were about what others' are), ratio (of the cause's share among its tickets to that
    among all others'), low, high, residual (log ratio over its error), p, q, verdict.

    How much a group writes at all does not enter. Cells with fewer than 5 tickets seen or expected
    are null. Without duplicates and requests to leave.
    """
    groups = customer_groups(study)
    if isinstance(groups, CannotTell):
        return UNLIKE
    tickets = own_tickets(study)
    tickets = tickets.loc[~tickets["duplicate"], ["customer_id", "cause"]]
    tickets = tickets.merge(groups, on="customer_id")
    if tickets.empty:
        return CannotTell("about what a group writes more: no ticket of a known customer has a "
                          "cause.")  # fmt: skip
    found = [
        {"cause": cause, "column": column, "group": group}
        | share_ratio(tickets, tickets[column] == group, tickets["cause"] == cause)
        for column in groups.columns.drop("customer_id")
        for group in sorted(tickets[column].unique())
        for cause in sorted(tickets["cause"].unique())
    ]
    return _judged(pd.DataFrame(found), "more than others", "less than others")


def share_ratio(tickets: pd.DataFrame, member: pd.Series, about: pd.Series) -> dict:
    """The share of a group's tickets that are about something over that of others' tickets:
    tickets, expected, ratio, low, high, p, residual; errors by customer (customer_id)."""
    own, others = about[member].sum(), about[~member].sum()
    expected = member.sum() * others / max((~member).sum(), 1)
    found = {"tickets": int(own), "expected": float(expected)}
    if min(own, others, expected) < ENOUGH:
        return found | _ratio(np.nan, np.nan) | {"residual": np.nan}
    inside = about[member] / own - 1 / member.sum()
    outside = about[~member] / others - 1 / (~member).sum()
    each = pd.concat([inside, -outside]).groupby(tickets["customer_id"]).sum()
    error = float(np.sqrt((each**2).sum()))
    log = np.log(own / member.sum() / (others / (~member).sum()))
    return found | _ratio(log, error) | {"residual": log / error if error else np.nan}


def _ratio(log: float, error: float) -> dict:
    ends = np.exp([log, log - Z * error, log + Z * error])
    return {"ratio": ends[0], "low": ends[1], "high": ends[2],
            "p": float(2 * norm.sf(abs(log) / error)) if error > 0 else np.nan}  # fmt: skip


def _judged(rows: pd.DataFrame, more: str, less: str) -> pd.DataFrame:
    tested = rows["p"].notna().to_numpy()
    q = np.full(len(rows), np.nan)
    if tested.any():
        q[tested] = multipletests(rows.loc[tested, "p"], method="fdr_bh")[1]
    verdict = np.select(
        [~tested, q > RATE, rows["ratio"] > 1],
        ["cannot tell: too few tickets", "cannot tell", more],
        less,
    )
    return rows.assign(q=q, verdict=verdict)
