"""Which tickets a KPI asks, when each was solved, and whose it is."""

import pandas as pd

from cxresearch.study import Study

DAY = pd.Timedelta(days=1)


def since(study: Study) -> pd.DataFrame:
    """Customers' own tickets written since the export tells of all, until the observation ends."""
    tickets, start = study.customer_tickets, study.settings.time("tickets_from")
    tickets = tickets[tickets["created_at"] < study.observed_until]
    return tickets if start is None else tickets[tickets["created_at"] >= start]


def settled(study: Study) -> pd.DataFrame:
    """Those whose state is known and will not change for the export's own reasons."""
    tickets = since(study)
    age = (study.observed_until - tickets["created_at"]) / DAY
    old = age >= study.settings.status_settles_after_days
    return tickets[(tickets["status"] != "unknown") & old]


def solved_at(tickets: pd.DataFrame) -> pd.Series:
    """When each ticket was first solved, else closed; null where that is not told."""
    return tickets["first_solved_at"].fillna(tickets["closed_at"])


def who(tickets: pd.DataFrame) -> pd.Series:
    """The customer, or the person where no customer is known: whose tickets are alike."""
    return tickets["customer_id"].fillna(tickets["requester_id"])
