"""How many more tickets a customer writes after a first solution; who departs writes no more."""

import pandas as pd

from cxresearch.outcomes.recurrence import DAY, HOUR, own_tickets, solved_tickets
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.survival import mean_cumulative_function

ABOUT = ("same cause", "any cause")


def further_tickets(study: Study) -> pd.DataFrame | CannotTell:
    """Each customer from their first solved ticket on, a row between two tickets: group (further
    tickets on the same cause, on any cause), customer_id, start, stop (days since it was solved),
    event (1: a ticket at stop), left (1: the customer departed at the last stop).

    Whoever was merely watched no longer is censored. Without duplicates and requests to leave, as
    recurrence.solved_tickets.
    """
    solved = solved_tickets(study)
    if isinstance(solved, CannotTell):
        return solved
    first = solved.sort_values(["solved_at", "ticket_id"]).drop_duplicates("customer_id")
    ends = first["left_at"].fillna(first["watched_until"])
    first = first.assign(length=(ends - first["solved_at"]) / DAY, left=first["left_at"].notna())
    tickets = own_tickets(study)
    tickets = tickets[~tickets["duplicate"]]
    born = tickets.set_index("ticket_id")["created_at"]
    asked = first.assign(after=(first["ticket_id"].map(born) + HOUR).clip(lower=first["solved_at"]))
    later = asked.merge(tickets[["customer_id", "cause", "created_at"]], on="customer_id",
                        suffixes=("", " later"))  # fmt: skip
    later = later.assign(at=(later["created_at"] - later["solved_at"]) / DAY)
    later = later[(later["created_at"] > later["after"]) & (later["at"] <= later["length"])]
    of = {"same cause": later[later["cause"] == later["cause later"]], "any cause": later}
    return pd.concat([_between(first, of[name]).assign(group=name) for name in ABOUT])


def mean_further(study: Study) -> pd.DataFrame | CannotTell:
    """Mean number of further tickets a customer by each day after a first solution: group, day,
    mean, low, high, at_risk, naive (the same if departures were taken for mere loss from sight).

    Source: Ghosh and Lin 2000, Biometrics 56; errors are by customer.
    """
    rows = further_tickets(study)
    if isinstance(rows, CannotTell):
        return rows
    found = mean_cumulative_function(rows, "group", "left")
    naive = mean_cumulative_function(rows, "group")["mean"]
    return found.assign(naive=naive).drop(columns="se")


def _between(first: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Rows from one ticket to the next, and from the last to the end."""
    events = later[["customer_id", "at"]].rename(columns={"at": "stop"}).assign(event=1)
    last = first[["customer_id", "length"]].rename(columns={"length": "stop"}).assign(event=0)
    rows = pd.concat([events, last]).sort_values(["customer_id", "stop", "event"],
                                                 ascending=[True, True, False])  # fmt: skip
    start = rows.groupby("customer_id")["stop"].shift(fill_value=0.0)
    left = rows["customer_id"].map(first.set_index("customer_id")["left"]).astype(int)
    return rows.assign(start=start, left=left).reset_index(drop=True)
