"""How many issues waited longer than the promise."""

import pandas as pd

from cxresearch.kpis.measure import Kpi
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.tidy import DAY, measured
from cxresearch.outcomes.left_waiting import due_issues
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study


def overdue(study: Study, by: str | None = None, within: float | None = None) -> Standing:
    """Share of known customers' issues that were at some time open longer than the promise; the
    tidy frame of kpis.tidy, clustered by customer.

    An issue is asked once its promise is due; at is when it was written. With within only so many
    days after that are looked at, of issues watched for as long, so that old and new ones had the
    same time to be late. Requests to leave are not asked.
    """
    days = study.settings.unresolved_after_days
    words = f"of known customers' issues that are due, at some time open longer than {days:g} days"
    return measured(
        study, Kpi("Overdue", words, wanted="at most"), overdue_facts(study, within), by=by,
        counted="" if within else "late",
    )  # fmt: skip


def overdue_facts(study: Study, within: float | None = None) -> pd.DataFrame | CannotTell:
    """Known customers' issues that are due: those of due_issues with who, held (was it late?) and
    mature."""
    issues = due_issues(study)
    if isinstance(issues, CannotTell):
        return issues
    late, due, until = issues["late_at"].notna(), issues["due"], study.observed_until
    if within is not None:
        late &= issues["late_at"] <= due + within * DAY
        due = due + within * DAY
    return issues.assign(who=issues["customer_id"], held=late, mature=due <= until)
