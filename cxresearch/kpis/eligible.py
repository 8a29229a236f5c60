"""Which tickets a KPI asks, when each was solved, and whose it is."""

import pandas as pd

from cxresearch.study.study import Study

DAY = pd.Timedelta(days=1)


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
