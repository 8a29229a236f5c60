"""Of which tickets a KPI is asked, and how a row says what was left out."""

import pandas as pd

from cxresearch.study import Study

DAY = pd.Timedelta(days=1)


def asked(study: Study) -> pd.DataFrame:
    """Customers' own tickets written while every ticket is in the export, with at (when written)
    and who (the customer, else the requester); without spam, merged and deleted tickets."""
    tickets, since = study.customer_tickets, study.settings.time("tickets_from")
    seen = tickets["created_at"] < study.observed_until
    if since is not None:
        seen &= tickets["created_at"] >= since
    tickets = tickets[seen].reset_index(drop=True)
    who = tickets["customer_id"].fillna(tickets["requester_id"])
    return tickets.assign(at=tickets["created_at"], who=who)


def settled(study: Study, tickets: pd.DataFrame) -> pd.Series:
    """Is each ticket's status known, and too old to change for the export's own reasons?"""
    age = (study.observed_until - tickets["created_at"]) / DAY
    return (tickets["status"] != "unknown") & (age >= study.settings.status_settles_after_days)


def solved(study: Study) -> pd.DataFrame:
    """The asked tickets that were solved, by a settled status: at and solved_at are their first
    solution. Those that the export calls solved without saying when are not here."""
    tickets = asked(study)
    known = settled(study, tickets) & (tickets["first_solved_at"] < study.observed_until)
    tickets = tickets[known.fillna(False)].reset_index(drop=True)
    return tickets.assign(at=tickets["first_solved_at"], solved_at=tickets["first_solved_at"])


def with_note(found: pd.DataFrame, note: str) -> pd.DataFrame:
    """The rows of a KPI with a note in why, where nothing else stands there."""
    return found.assign(why=found["why"].mask(found["why"] == "", note))


def of_them(count: int, what: str) -> str:
    """ "A count of what for a note, or nothing where there are none."""
    return f"{count:,} {what}" if count else ""
