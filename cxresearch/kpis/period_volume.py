"""How much was written in two periods, and about what: counts and ratios of sums over customers.

A customer's tickets hang together, so customers are what is independent. A change is a sum over
customers, each with their own part in it (the linearisation of a ratio; Cochran 1977, Sampling
Techniques, ch. 6), so that who writes in both periods is counted as the same person. Both periods
are cut to the same number of whole weeks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxresearch.episodes import known_since
from cxresearch.episodes.match_rate import match_gate
from cxresearch.kpis.incidents import main_causes
from cxresearch.kpis.period_kpis import FEWEST
from cxresearch.kpis.periods import whole_weeks
from cxresearch.kpis.tidy import DAY, who
from cxresearch.kpis.volume import Period, of_period
from cxresearch.outcomes import outcome, returning
from cxresearch.study.intervals import normal
from cxresearch.study.study import Study

MONTH = 365.25 / 12  # days
TOO_FEW = f"fewer than {FEWEST} customers wrote."
PERIODS = ("before", "after")


def volume_rows(study: Study, before: str, after: str) -> tuple[dict[str, dict], pd.DataFrame]:
    """Rows of volume in two periods, as those of period_kpis.kpi_rows with the change, low and
    high; and of each cause its tickets and share, as a frame."""
    periods = whole_weeks(study, before, after)
    weeks = round((periods[0][1] - periods[0][0]) / DAY / 7)
    if periods[0][0] < known_since(study) or periods[1][1] > study.observed_until:
        return {}, pd.DataFrame()
    wrote = pd.concat(
        _written(study, *period).assign(period=name)
        for name, period in zip(PERIODS, periods, strict=True)
    )
    each = _by_customer(wrote)
    rows = {
        f"Tickets in {weeks} weeks": changed(each) | {"unit": "tickets", "worse": ""},
        f"Customers who wrote in {weeks} weeks": changed((each > 0) * 1.0)
        | {"unit": "customers", "worse": ""},
    }
    if outcome(study) is not returning and not match_gate(study):
        rows["Tickets of 100 customers in a month"] = _rate(study, periods) | {
            "unit": "tickets a month", "worse": ""}  # fmt: skip
    return {name: {"applies": True, **row} for name, row in rows.items()}, _causes(study, wrote)


def changed(counts: pd.DataFrame, of: pd.DataFrame | None = None, times: float = 1.0) -> dict:
    """The sum of counts before and after (a column each, a row a customer), or their ratio to the
    sum of another count, times a factor: with low and high, n (customers who have any), and the
    change with its own. Customers who wrote are taken as drawn one by one, so that of a sum their
    number varies too. Fewer than FEWEST of them tell nothing."""
    count = counts.to_numpy(float)
    total = np.ones(2) if of is None else of.to_numpy(float).sum(axis=0)
    value = count.sum(axis=0) / np.where(total > 0, total, np.nan)
    part = count if of is None else (count - value * of.to_numpy(float)) / total
    estimates = [*(times * value), times * (value[1] - value[0])]
    errors = times * np.sqrt([*(part**2).sum(axis=0), ((part[:, 1] - part[:, 0]) ** 2).sum()])
    wrote = int((count > 0).any(axis=1).sum())
    few = wrote < FEWEST
    found = {"customers": wrote, "why": TOO_FEW if few else ""}
    for name, estimate, error in zip((*PERIODS, "change"), estimates, errors, strict=True):
        low, high = (np.nan, np.nan) if few else normal(estimate, error)
        end = "" if name == "change" else f"{name} "
        found |= {name: estimate, f"{end}low": low, f"{end}high": high}
    held = (count > 0).sum(axis=0)
    return found | {"before n": int(held[0]), "after n": int(held[1])}


def _written(study: Study, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Customers' own tickets of a period: ticket_id, who."""
    tickets = study.customer_tickets
    tickets = tickets[(tickets["created_at"] >= start) & (tickets["created_at"] < end)]
    return pd.DataFrame({"ticket_id": tickets["ticket_id"], "who": who(tickets)})


def _by_customer(wrote: pd.DataFrame) -> pd.DataFrame:
    """Tickets before and after, a row a customer who wrote."""
    return pd.crosstab(wrote["who"], wrote["period"]).reindex(columns=list(PERIODS), fill_value=0)


def _rate(study: Study, periods: list[Period]) -> dict:
    """Tickets that 100 customers write in a month of being one."""
    days, tickets = {}, {}
    for name, period in zip(PERIODS, periods, strict=True):
        lives, own, _ = of_period(study, *period)
        days[name] = lives.groupby("customer_id")["days"].sum()
        tickets[name] = own.groupby("customer_id").size()
    of = pd.DataFrame(days).fillna(0)
    return changed(pd.DataFrame(tickets).reindex(of.index).fillna(0), of, 100 * MONTH)


def _causes(study: Study, wrote: pd.DataFrame) -> pd.DataFrame:
    """Each cause's tickets and its share of those whose cause is told: cause, what (tickets or
    share), customers, and the columns of a change."""
    if not study.has("ticket_causes"):
        return pd.DataFrame()
    told = wrote.merge(main_causes(study), on="ticket_id")
    every = _by_customer(told)
    rows = []
    for cause, some in told.groupby("cause"):
        own = _by_customer(some).reindex(every.index, fill_value=0)
        rows.append({"cause": cause, "what": "tickets", "unit": "tickets", **changed(own)})
        rows.append({"cause": cause, "what": "share", "unit": "%", **changed(own, every)})
    return pd.DataFrame(rows)
