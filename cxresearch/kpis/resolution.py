"""Is it answered at all, solved in time, and for good?"""

import pandas as pd

from cxresearch.kpis.first_reply import waits
from cxresearch.kpis.measure import share, share_by, waiting_curve
from cxresearch.kpis.tickets import settled, since, solved_at, who
from cxresearch.say import CannotTell
from cxresearch.study import Study

DAY = pd.Timedelta(days=1)
WINDOW = 7  # days after a solution in which a customer may come back with the same trouble
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


def reopened(study: Study) -> dict | CannotTell:
    """Share of solved tickets that were reopened, of those solved a week or more before the end."""
    solved = solved_tickets(study)
    known = solved[solved["count_reopens"].notna()]
    if known.empty:
        return CannotTell("the export lacks count_reopens; the history of each ticket would tell.")
    return share(known["count_reopens"] > 0, known["who"])


def escalated(study: Study) -> dict | CannotTell:
    """Share of tickets older than the promise that were escalated, by the study's own rule."""
    promise = study.settings.unresolved_after_days * DAY
    tickets = since(study)
    old = tickets[tickets["created_at"] <= study.observed_until - promise]
    known = old[old["is_escalated"].notna()]
    if known.empty:
        return CannotTell("the export lacks is_escalated; one that marks escalations would tell.")
    return share(known["is_escalated"].astype(bool), who(known))


def solved_tickets(study: Study) -> pd.DataFrame:
    """Solved tickets whose week of possible return is over: solved_at, who and the ticket's own."""
    tickets = settled(study)
    tickets = tickets.assign(solved_at=solved_at(tickets), who=who(tickets))
    over = tickets["solved_at"] <= study.observed_until - WINDOW * DAY
    return tickets[over].reset_index(drop=True)
