"""The funnel of a survey by any column or by month; a month is told whose window is not over."""

import pandas as pd

from cxresearch.kpis.surveys.reach import ANSWER_DAYS, DAY, eligible, step
from cxresearch.kpis.tidy import group_of
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study

ASKED_WITHIN = 30  # days of a ticket, so that old and young months are counted alike


def funnel_by(study: Study, kind: str, by: str) -> pd.DataFrame | CannotTell:
    """Eligible → invited → answered, a row a group of by: the columns of funnel and mature.

    by: a column of eligible (solved, became), of the customers or of the tickets, or "month": that
    in which the ticket was written or the customer could be asked, on the study's clock. A month
    counts invitations within 30 days of the ticket only; it is mature if these and the two weeks
    to answer were over for all of it. CannotTell where no table has such a column.
    """
    return _grouped(eligible(study, kind), study, by)


@cannot_tell_passes
def _grouped(units: pd.DataFrame, study: Study, by: str) -> pd.DataFrame | CannotTell:
    units = units.rename(columns={"month": "asked_month"}).assign(customer_id=units["who"])
    wait = ANSWER_DAYS
    if by == "month" and "ticket_id" in units:
        soon = units["asked_at"] - units["at"] <= ASKED_WITHIN * DAY
        invited, wait = units["invited"] & soon, ANSWER_DAYS + ASKED_WITHIN
        units = units.assign(invited=invited, answered=units["answered"] & invited)
    try:
        group = group_of(study, units, by)
    except InputError:
        return CannotTell(f"who was asked and answered by {by}: a column {by} would tell.")
    rows = [step(of, str(name)) for name, of in units.groupby(group)]
    mature = [by != "month" or _is_over(study, row["group"], wait) for row in rows]
    return pd.DataFrame(rows).assign(mature=mature)


def _is_over(study: Study, month: str, wait: int) -> bool:
    after = pd.Timestamp(f"{month}-01") + pd.DateOffset(months=1)
    ends = after.tz_localize(study.settings.time_zone, ambiguous=True, nonexistent="shift_forward")
    return bool(ends + wait * DAY <= study.observed_until)
