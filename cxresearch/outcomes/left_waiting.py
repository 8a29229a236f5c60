"""How many are left waiting: issues that became overdue, first tickets that nobody answered."""

import pandas as pd

from cxresearch.episodes import open_spells
from cxresearch.episodes.return_cohort import return_cohort
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.study import Study
from cxresearch.study.told import SOLVED, reads, told
from cxresearch.study.words import SHARE, share


@reads(SOLVED)
def due_issues(study: Study) -> pd.DataFrame | CannotTell:
    """Issues of known customers (of all, without a table of them) whose promise is due: ticket_id,
    customer_id, at (when written), due (when the promise first ran out) and late_at (when it was
    first broken; null: never)."""
    spells = open_spells(study)
    if study.has("customers"):
        spells = spells[among(spells["customer_id"], study.customers["customer_id"])]
    late = ~(spells["resolved_at"].fillna(study.observed_until) <= spells["overdue_at"])
    by = spells.assign(late_at=spells["overdue_at"].where(late)).groupby("ticket_id")
    issues = by.agg(
        customer_id=("customer_id", "first"),
        at=("opened_at", "min"),
        due=("overdue_at", "min"),
        late_at=("late_at", "min"),
    ).reset_index()
    issues = issues[issues["due"] <= study.observed_until]
    if issues.empty:
        return CannotTell("how many wait: no issue of a known customer is old enough.")
    return issues


def overdue_issues(study: Study) -> Finding | CannotTell:
    """Share of issues of known customers that were at some time open longer than the promise."""
    issues = due_issues(study)
    if isinstance(issues, CannotTell):
        return issues
    return finding(
        SHARE + " of issues were at some time open longer than the promise of {days:g} days.",
        **share(int(issues["late_at"].notna().sum()), len(issues)),
        days=study.settings.unresolved_after_days,
    )  # fmt: skip


@reads("first_reply_at")
def unanswered_tickets(study: Study) -> Finding | CannotTell:
    """Share of tickets that never had an answer, and of first tickets without one by the
    landmark."""
    tickets, cohort = study.customer_tickets, return_cohort(study)
    tickets = tickets[told(study, "first_reply_at", tickets)]
    if cohort.empty:
        return CannotTell("how many wait: no ticket was watched past the landmark day.")
    return finding(
        SHARE + " of tickets never had an answer from outside. Of customers' first tickets "
        "{by:.1%} had none by day {day:g}.",
        **share(int(tickets["first_reply_at"].isna().sum()), len(tickets)),
        by=1 - float(cohort["answered"].mean()), day=study.settings.landmark_days,
    )  # fmt: skip
