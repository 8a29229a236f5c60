"""One form for every KPI: a row for the whole and for each group, the denominator beside the rate.

A KPI is three things: facts (a row for each ticket, customer or invitation that the question is
asked of), a measure (facts in, an estimate with its interval out) and a Kpi that says in words what
is counted. measured puts them together, whole, by any column or by month.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import Kpi
from cxresearch.study.answers import CannotTell
from cxresearch.study.nearest import nearest
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study

WHOLE = "all"
COLUMNS = "kpi definition unit group estimate low high n eligible mature target wanted verdict why"


def measured(
    study: Study,
    kpi: Kpi,
    facts: pd.DataFrame | CannotTell,
    measure: Callable[[pd.DataFrame], dict | CannotTell],
    by: str | None = None,
) -> pd.DataFrame:
    """A KPI as a tidy frame: a row for all, and with by a row a group, in the group's own order.

    Columns: kpi, definition, unit, group, estimate, low, high (95% interval), n (facts that the
    estimate rests on), eligible (facts that the question is asked of), mature (has every fact been
    watched for as long as the definition needs?), target, wanted, verdict (met, not met, cannot
    tell, no target; read from the interval), why (what is missing where nothing can be told).

    facts has at (the moment that decides the month), ticket_id or customer_id where by is a column
    of the tickets or of the customers, and mature where a definition needs time to pass: a row that
    is not mature is eligible and is left to the measure. by is a column of either table, a column
    of the facts, or "month" (of the study's time zone).
    """
    if isinstance(facts, CannotTell):
        return pd.DataFrame([_row(kpi, WHOLE, facts, 0, True)])[COLUMNS.split()]
    groups = [(WHOLE, facts)]
    if by is not None:
        groups += list(facts.groupby(group_of(study, facts, by), observed=True))
    rows = [_row(kpi, str(name), measure(part), len(part), _mature(part)) for name, part in groups]
    return pd.DataFrame(rows)[COLUMNS.split()]


def group_of(study: Study, facts: pd.DataFrame, by: str) -> pd.Series:
    """The group of each fact, as text; "unknown" where the export does not say."""
    if by == "month":
        local = facts["at"].dt.tz_convert(study.settings.time_zone)
        return local.dt.strftime("%Y-%m")
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


def with_note(found: pd.DataFrame, note: str) -> pd.DataFrame:
    """The rows of a KPI with a note in why, where nothing else stands there."""
    return found.assign(why=found["why"].mask(found["why"] == "", note))


def of_them(count: int, what: str) -> str:
    """A count of what, for a note, or nothing where there are none."""
    return f"{count:,} {what}" if count else ""


def _row(kpi: Kpi, group: str, found: dict | CannotTell, eligible: int, mature: bool) -> dict:
    return {**kpi.row(found), "group": group, "eligible": eligible, "mature": mature}


def _mature(part: pd.DataFrame) -> bool:
    return bool(np.all(part["mature"])) if "mature" in part else True
