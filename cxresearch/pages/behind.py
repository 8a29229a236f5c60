"""Which cases stand behind a number: tickets and customers by their ids, without their words."""

import pandas as pd

from cxresearch.episodes import open_spells
from cxresearch.outcomes import recurrence
from cxresearch.outcomes.left_overdue import left_overdue
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.study.told import SOLVED, reads

EVERY = 20_000  # rows that a list of cases may have


@reads(SOLVED)
def waiting(study: Study) -> pd.DataFrame:
    """The issues that were open when watching ended, the longest overdue first: ticket, customer,
    cause, open since, overdue since (empty: its promise has not run out)."""
    spells = open_spells(study)
    until = study.observed_until
    rows = spells[~(spells["resolved_at"] <= until)]
    late = rows["overdue_at"].where(rows["overdue_at"] <= until)
    rows = rows.assign(late=late).sort_values(["late", "opened_at", "ticket_id"])
    return _named(rows, {"opened_at": "open since", "late": "overdue since"})


def left_while_overdue(study: Study) -> pd.DataFrame | CannotTell:
    """The customers who are counted as having left while an issue of theirs was overdue: ticket,
    customer, cause, overdue since, left."""
    rows = left_overdue(study)
    if isinstance(rows, CannotTell):
        return rows
    return _named(rows, {"overdue_at": "overdue since", "leaves_at": "left"})


def came_back(study: Study, days: float = 30) -> pd.DataFrame | CannotTell:
    """The solved tickets that were followed by another of the same customer and cause within so
    many days: ticket, customer, cause, days until then."""
    cohort = recurrence.cohort(study, "same cause")
    if isinstance(cohort, CannotTell):
        return cohort
    rows = cohort[(cohort["status"] == 1) & (cohort["time"] <= days)].sort_values("ticket_id")
    return _named(rows.assign(time=rows["time"].round(1)), {"time": "days until then"})


def _named(rows: pd.DataFrame, more: dict[str, str]) -> pd.DataFrame:
    names = {"ticket_id": "ticket", "customer_id": "customer", "cause": "cause"} | more
    return rows[list(names)].rename(columns=names).drop_duplicates(ignore_index=True)
