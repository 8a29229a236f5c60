"""One form for every KPI: a row for the whole and for each group, the denominator beside the rate.

A KPI is three things: facts (a row for each ticket, customer or invitation that the question is
asked of), a measure (facts in, an estimate with its interval out) and a Kpi that says in words what
is counted. measured puts them together, whole, by any column or by month. Here is also which
tickets KPIs ask, when each was solved, and whose it is.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import Kpi, share_told
from cxresearch.kpis.standing import WHOLE, Standing, with_row_names
from cxresearch.kpis.totals import share_of_all
from cxresearch.study.answers import CannotTell
from cxresearch.study.nearest import nearest
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study

HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)
COLUMNS = "kpi definition unit group estimate low high n eligible mature target wanted verdict why"


def measured(
    study: Study,
    kpi: Kpi,
    facts: pd.DataFrame | CannotTell,
    measure: Callable[[pd.DataFrame], dict | CannotTell] = share_told,
    by: str | None = None,
    note: Callable[[pd.DataFrame], str] | None = None,
    counted: str = "",
) -> Standing:
    """A KPI as tidy rows: one for all, and with by a row a group, in the group's own order.

    Columns: kpi, definition, unit, group, estimate, low, high (95% interval), n (facts that the
    estimate rests on), eligible (facts that the question is asked of), mature (has every fact been
    watched for as long as the definition needs?), target, wanted, verdict (met, not met, cannot
    tell, no target; read from the interval), why (what is missing where nothing can be told, else
    what the measure says to beware of, else what note says of the facts).

    facts has at (the moment that decides the month), ticket_id or customer_id where by is a column
    of the tickets or of the customers, and mature where a definition needs time to pass: a row that
    is not mature is eligible and is left to the measure. by is a column of either table, a column
    of the facts, or "month" or "quarter" (of the study's time zone). Where a sample stands for all
    customers, a share that is counted over all (one of totals.FACTS) is that of all.
    """
    if isinstance(facts, CannotTell):
        return _standing([_row(kpi, WHOLE, facts, 0, True)])
    groups = [(WHOLE, facts)]
    if by is not None:
        groups += list(facts.groupby(group_of(study, facts, by), observed=True))
    rows = [_row(kpi, str(name), measure(part), len(part), _mature(part)) for name, part in groups]
    if counted and (of_all := share_of_all(study, counted, rows[0])):
        told = _row(kpi, WHOLE, of_all, of_all["n"], rows[0]["mature"])
        rows[0] = {**told, "why": "; ".join(filter(None, (rows[0]["why"], of_all["why"])))}
    return _standing(rows, note(facts) if note else "")


def group_of(study: Study, facts: pd.DataFrame, by: str) -> pd.Series:
    """The group of each fact, as text; "unknown" where the export does not say."""
    if by in ("month", "quarter"):
        local = facts["at"].dt.tz_convert(study.settings.time_zone)
        return local.dt.strftime("%Y-%m") if by == "month" else _quarter(local)
    if by in facts:
        values = facts[by]
    elif by in study.tickets and "ticket_id" in facts:
        values = facts["ticket_id"].map(study.tickets.set_index("ticket_id")[by])
    elif study.has("customers") and by in study.customers and "customer_id" in facts:
        values = facts["customer_id"].map(study.customers.set_index("customer_id")[by])
    else:
        held = [study.table(name) for name in ("tickets", "customers") if study.has(name)]
        like = nearest(by, ["month", *(column for frame in held for column in frame)])
        raise InputError(f"by='{by}' is no column of the tickets or customers, and not month{like}")
    return values.astype("str").fillna("unknown")


def _quarter(local: pd.Series) -> pd.Series:
    """The quarter of each moment, such as 2025Q3."""
    return local.dt.tz_localize(None).dt.to_period("Q").astype("str")


def sees_leaving(study: Study) -> bool:
    """Does the study know which customers leave? Where it does not, nobody is seen to be gone."""
    return study.outcome == "churn"


def of_them(count: int, what: str) -> str:
    """A count of what, for a note, or nothing where there are none."""
    return f"{count:,} {what}" if count else ""


def since(study: Study) -> pd.DataFrame:
    """Customers' own tickets written since the export tells of all, until the observation ends;
    without spam, merged and deleted tickets."""
    tickets, start = study.customer_tickets, study.settings.time("tickets_from")
    tickets = tickets[tickets["created_at"] < study.observed_until]
    return tickets if start is None else tickets[tickets["created_at"] >= start]


def asked(study: Study) -> pd.DataFrame:
    """The tickets of since with at (when written) and who."""
    tickets = since(study).reset_index(drop=True)
    return tickets.assign(at=tickets["created_at"], who=who(tickets))


def is_settled(study: Study, tickets: pd.DataFrame) -> pd.Series:
    """Is each ticket's status known, and too old to change for the export's own reasons?"""
    age = (study.observed_until - tickets["created_at"]) / DAY
    return (tickets["status"] != "unknown") & (age >= study.settings.status_settles_after_days)


def settled(study: Study) -> pd.DataFrame:
    """The tickets of since whose state is known and no longer changes for the export's reasons."""
    tickets = since(study)
    return tickets[is_settled(study, tickets)]


def solved(study: Study) -> pd.DataFrame:
    """The asked tickets that were solved, by a settled status: at and solved_at are their first
    solution. Those that the export calls solved without saying when are not here."""
    tickets = asked(study)
    known = is_settled(study, tickets) & (tickets["first_solved_at"] < study.observed_until)
    tickets = tickets[known.fillna(False)].reset_index(drop=True)
    return tickets.assign(at=tickets["first_solved_at"], solved_at=tickets["first_solved_at"])


def solved_at(tickets: pd.DataFrame) -> pd.Series:
    """When each ticket was first solved, else closed; null where that is not told."""
    return tickets["first_solved_at"].fillna(tickets["closed_at"])


def who(tickets: pd.DataFrame) -> pd.Series:
    """The customer, or the person where no customer is known: whose tickets are alike."""
    return tickets["customer_id"].fillna(tickets["requester_id"])


def _row(kpi: Kpi, group: str, measure: dict | CannotTell, eligible: int, mature: bool) -> dict:
    return {**kpi.row(measure), "group": group, "eligible": eligible, "mature": mature}


def _standing(rows: list[dict], note: str = "") -> Standing:
    frame = with_row_names(pd.DataFrame(rows)[COLUMNS.split()])
    return Standing(frame.assign(why=frame["why"].where(frame["why"] != "", note)))


def _mature(part: pd.DataFrame) -> bool:
    return bool(np.all(part["mature"])) if "mature" in part else True
