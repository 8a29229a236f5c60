"""The same type of customer: who writes more than others, and about what more than others.

A group is compared with all other customers; errors are by customer, because one who writes often
is one customer; and the many comparisons share one false-discovery rate (Benjamini and Hochberg
1995, J R Stat Soc B 57).
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cxresearch.episodes import customer_lives
from cxresearch.episodes.history import history_fields
from cxresearch.kpis.concentration import tickets_each
from cxresearch.kpis.customer_types import AboutWhat, WhoWrites
from cxresearch.kpis.cut_columns import cut_groups, later
from cxresearch.kpis.share_ratios import ENOUGH, share_ratios
from cxresearch.outcomes import outcome, returning
from cxresearch.outcomes.recurrence import own_tickets
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.intervals import normal, of_many
from cxresearch.study.once import once
from cxresearch.study.study import Study

YEAR = 365.25
ALIKE = 0.4
VERDICTS = "more than others", "less than others"
RATE = 0.05
UNKNOWN = (
    "whether it is the same type of customer: nothing is told of customers but what they wrote. A "
    "customers table with what was known of each at the start (plan, segment, country) would tell."
)


def customer_groups(study: Study) -> pd.DataFrame | CannotTell:
    """What is known of customers as of when they came into view: customer_id and a column of text
    each (as_of_start columns, and the plan they had then); unknown is a group of its own."""
    if outcome(study) is returning or not study.has("customers"):
        return DoesNotApply(UNKNOWN)
    names = [c for c in study.settings.as_of_start if c in study.customers]
    known = study.customers[["customer_id", *names]]
    if "plan" in history_fields(study):
        lives = customer_lives(study)
        known = known.merge(lives[["customer_id", "plan"]], on="customer_id")
    groups = known.drop(columns="customer_id").astype("str").fillna("unknown")
    groups = groups.loc[:, groups.nunique() > 1]
    if groups.empty:
        return CannotTell(UNKNOWN)
    return known[["customer_id"]].join(groups.rename(columns=lambda c: c.replace("_", " ")))


@once
def lift(study: Study) -> WhoWrites | CannotTell:
    """Which types of customer write more than all others.

    Churn studies. A column of two groups tells one fact twice. q over all groups; verdict from q.
    """
    groups, each = customer_groups(study), tickets_each(study)
    for unknown in (groups, each):
        if isinstance(unknown, CannotTell):
            return unknown
    customers = each.merge(groups, on="customer_id")
    rows = [
        {"column": column, "group": group, **rate_ratio(customers, customers[column] == group)}
        for column in groups.columns.drop("customer_id")
        for group in sorted(customers[column].unique())
    ]
    return WhoWrites(judged(pd.DataFrame(rows), "writes more", "writes less"))


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
    row = {"customers": int(member.sum()), "tickets": int(own), "years": years}
    row |= {"rate": own / years if years else np.nan}
    if min(own, others) < ENOUGH:
        return row | _ratio(np.nan, np.nan)
    return row | _ratio(np.log(own / years / (others / rest)), np.sqrt(sum(errors)))


@once
def beyond(study: Study) -> AboutWhat | CannotTell:
    """About which causes the tickets of a group are more than all others' are: groups of every cut
    (cut_columns), each among the tickets of which it is told.

    How much a group writes at all does not enter. Cells with fewer than 5 tickets seen or expected
    are null. Without duplicates, requests to leave, what is known of a ticket only in the end (its
    team, its complexity), and cuts that sort tickets by what they are about (Cramér's V with the
    cause of 0.4 or more), as products do.
    """
    groups = cut_groups(study)
    if isinstance(groups, CannotTell):
        return DoesNotApply(groups.reason)
    tickets = own_tickets(study)
    tickets = tickets.loc[~tickets["duplicate"], ["ticket_id", "customer_id", "cause"]]
    tickets = tickets.join(
        groups.drop(columns=["cause", *later(study)], errors="ignore"), on="ticket_id"
    )
    found = [
        share_ratios(rows, rows[column], rows["cause"] == cause)
        .rename_axis("group").reset_index().assign(cause=cause, column=column)
        for column in tickets.columns[3:]
        if not _sorts(rows := tickets.dropna(subset=column), column)
        for cause in sorted(rows["cause"].unique())
    ]  # fmt: skip
    if not found:
        return CannotTell("about what a group writes more: no ticket of a known group has a cause.")
    return AboutWhat(judged(pd.concat(found, ignore_index=True), *VERDICTS))


def _sorts(tickets: pd.DataFrame, column: str) -> bool:
    """Is a column of tickets nearly another word for their cause, or is there nothing to tell?"""
    from scipy.stats.contingency import association

    table = pd.crosstab(tickets[column], tickets["cause"])
    return min(table.shape) < 2 or association(table.to_numpy()) >= ALIKE


def _ratio(log: float, error: float) -> dict:
    low, high = np.exp(normal(log, error))
    return {"ratio": np.exp(log), "low": low, "high": high,
            "p": float(2 * ndtr(-abs(log) / error)) if error > 0 else np.nan}  # fmt: skip


def judged(rows: pd.DataFrame, more: str, less: str) -> pd.DataFrame:
    """Rows of column, group, ratio and p with q (one rate of false discoveries over all of them),
    verdict (from q) and who."""
    q = of_many(rows["p"], "fdr_bh")
    verdict = np.select(
        [np.isnan(q), q > RATE, rows["ratio"] > 1],
        ["cannot tell: too few tickets", "cannot tell", more],
        less,
    )
    return rows.assign(q=q, verdict=verdict, who=rows["column"] + " " + rows["group"])
