"""How many tickets are open when the study ends?"""

import pandas as pd

from cxresearch.kpis.measure import UNKNOWN, Kpi
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.tidy import asked, measured, of_them
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study

OVER = ("solved", "closed", "deleted")


def backlog(study: Study, by: str | None = None) -> Standing:
    """Tickets open when the study ends, as the tidy frame of kpis.tidy; month is when written.

    A count of all of them, so low and high are null: nothing was sampled. Tickets whose state is
    unknown are left out.
    """
    kpi = Kpi("Backlog", "customers' tickets open when the study ends", "tickets", wanted="at most")
    tickets, known = open_at_end(study), _known(study)
    if known.empty:
        tickets = CannotTell("how many tickets are open: no ticket's state is known.")
    note = of_them(len(asked(study)) - len(known), "tickets left out: their state is unknown")
    return measured(study, kpi, tickets, _count, by, lambda _: note)


def open_at_end(study: Study) -> pd.DataFrame:
    """The tickets that are open when the study ends: ticket_id, customer_id, at (written)."""
    tickets = _known(study)
    rows = tickets.loc[tickets["is_open"], ["ticket_id", "customer_id", "at"]]
    return rows.reset_index(drop=True)


@once
def _known(study: Study) -> pd.DataFrame:
    """Asked tickets of which can be told whether they are open when the study ends, and is_open.

    From the history of states where a ticket has one; else from when it was first solved or closed,
    reopened last and solved again.
    """
    tickets, until = asked(study), study.observed_until
    ended = tickets["first_solved_at"].fillna(tickets["closed_at"])
    again = tickets["last_solved_at"].fillna(tickets["closed_at"])
    back = tickets["last_reopened_at"]
    reopened = (back > ended) & (back <= until) & ~((again > back) & (again <= until))
    states = _last_states(study)
    told = among(tickets["ticket_id"], states.index)
    over = tickets["ticket_id"].map(states).isin(OVER).where(told, (ended <= until) & ~reopened)
    unsaid = tickets["status"].isin(OVER) & ended.isna()
    known = told | ((tickets["status"] != "unknown") & ~unsaid)
    return tickets.assign(is_open=~over)[known]


def _last_states(study: Study) -> pd.Series:
    """The last state in each ticket's history when the study ends, null where all came later."""
    if not study.has("ticket_events"):
        return pd.Series(dtype="str")
    changes = study.ticket_events.query("field == 'status' and value_to.notna()")
    changes = changes.sort_values(["event_at", "event_id"])
    states = changes["value_to"].where(changes["event_at"] <= study.observed_until)
    return states.groupby(changes["ticket_id"]).last()


def _count(part: pd.DataFrame) -> dict:
    return UNKNOWN | {"estimate": float(len(part)), "n": len(part)}
