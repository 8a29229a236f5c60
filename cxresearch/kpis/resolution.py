"""Is it answered at all, and solved in time?"""

import pandas as pd

from cxresearch.kpis.eligible import settled, solved_at, who
from cxresearch.kpis.first_reply import waits
from cxresearch.kpis.measure import share_by, waiting_curve
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study

DAY = pd.Timedelta(days=1)
UNANSWERED = 30  # days


def unanswered(study: Study) -> dict | CannotTell:
    """Share of tickets without any answer after 30 days, younger ones censored."""
    rows = waits(study)
    if rows.empty:
        return CannotTell("how many stay unanswered: no ticket is timed.")
    mark = UNANSWERED * 24
    found = share_by(waiting_curve(rows, (mark,)), mark)
    left = {"estimate": 1 - found["estimate"], "low": 1 - found["high"], "high": 1 - found["low"]}
    return {**left, "n": len(rows)}


def solved_in_time(study: Study) -> dict | CannotTell:
    """Share solved within the promise, one minus Kaplan–Meier with open tickets censored.

    Days of the calendar from created_at to first_solved_at, else closed_at. Tickets whose state is
    unknown, or may still change, are left out.
    """
    tickets = settled(study)
    tickets = tickets[solved_at(tickets).notna() | ~tickets["status"].isin(["solved", "closed"])]
    if tickets.empty:
        return CannotTell("how soon tickets are solved: no ticket's state is known for good.")
    solved = solved_at(tickets)
    event = solved.notna() & (solved <= study.observed_until)
    ends = solved.where(event, study.observed_until)
    rows = pd.DataFrame({"event": event.astype(int), "who": who(tickets)})
    rows = rows.assign(time=((ends - tickets["created_at"]) / DAY).clip(lower=0))
    promise = study.settings.unresolved_after_days
    return {**share_by(waiting_curve(rows, (promise,)), promise), "n": len(rows)}
