"""Is it solved in time, the first time, and for good? Rival definitions stand side by side."""

import pandas as pd

from cxresearch.kpis.first_reply import waits
from cxresearch.kpis.measure import share, share_by, waiting_curve
from cxresearch.say import CannotTell
from cxresearch.study import Study

DAY = pd.Timedelta(days=1)
WINDOW = 7  # days after a solution in which a customer may come back with the same trouble
UNANSWERED = 30  # days

RIVALS = {
    "one answer": "a single public answer",
    "not reopened": "not reopened",
    "nobody wrote again": f"no new ticket of the same person in {WINDOW} days after",
    "neither": f"not reopened, and no new ticket of the same person in {WINDOW} days after",
}


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
    tickets = _settled(study)
    tickets = tickets[_solved_at(tickets).notna() | ~tickets["status"].isin(["solved", "closed"])]
    if tickets.empty:
        return CannotTell("how soon tickets are solved: no ticket's state is known for good.")
    solved = _solved_at(tickets)
    event = solved.notna() & (solved <= study.observed_until)
    ends = solved.where(event, study.observed_until)
    rows = pd.DataFrame({"event": event.astype(int), "who": _who(tickets)})
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
    tickets = _since(study)
    old = tickets[tickets["created_at"] <= study.observed_until - promise]
    known = old[old["is_escalated"].notna()]
    if known.empty:
        return CannotTell("the export lacks is_escalated; one that marks escalations would tell.")
    return share(known["is_escalated"].astype(bool), _who(known))


def solved_tickets(study: Study) -> pd.DataFrame:
    """Solved tickets whose week of possible return is over: solved_at, who and the ticket's own."""
    tickets = _settled(study)
    tickets = tickets.assign(solved_at=_solved_at(tickets), who=_who(tickets))
    over = tickets["solved_at"] <= study.observed_until - WINDOW * DAY
    return tickets[over].reset_index(drop=True)


def first_contact(study: Study) -> dict[str, dict | CannotTell]:
    """Share of the same solved tickets solved on first contact, by each of four definitions.

    Keys as in RIVALS. A person who has gone away does not write again either.
    """
    solved = solved_tickets(study)
    if solved.empty:
        return {name: CannotTell("no solved ticket is old enough to judge.") for name in RIVALS}
    answers, reopens = solved["total_agent_replies"], solved["count_reopens"]
    quiet = ~_wrote_again(study, solved)
    held = {
        "one answer": (answers == 1).where(answers.notna()),
        "not reopened": (reopens == 0).where(reopens.notna()),
        "nobody wrote again": quiet,
        "neither": (quiet & (reopens == 0).fillna(False)).where(reopens.notna()),
    }
    return {name: _of_known(flags, solved["who"], name) for name, flags in held.items()}


def _of_known(flags: pd.Series, who: pd.Series, name: str) -> dict | CannotTell:
    known = flags.notna()
    if not known.any():
        lacks = "total_agent_replies" if name == "one answer" else "count_reopens"
        return CannotTell(f"the export lacks {lacks}; the history of each ticket would tell.")
    return share(flags[known].astype(bool), who[known])


def _wrote_again(study: Study, solved: pd.DataFrame) -> pd.Series:
    """Did the same person open a new ticket in the week after the solution?"""
    others = study.customer_tickets[["requester_id", "created_at"]]
    asked = solved[["requester_id", "solved_at"]].reset_index().sort_values("solved_at")
    found = pd.merge_asof(
        asked,
        others.rename(columns={"created_at": "again_at"}).sort_values("again_at"),
        left_on="solved_at",
        right_on="again_at",
        by="requester_id",
        direction="forward",
        allow_exact_matches=False,
    ).set_index("index")
    within = found["again_at"] <= found["solved_at"] + WINDOW * DAY
    return within.reindex(solved.index).astype(bool)


def _since(study: Study) -> pd.DataFrame:
    """Customers' own tickets written since the export tells of all."""
    tickets, since = study.customer_tickets, study.settings.time("tickets_from")
    tickets = tickets[tickets["created_at"] < study.observed_until]
    return tickets if since is None else tickets[tickets["created_at"] >= since]


def _settled(study: Study) -> pd.DataFrame:
    """Those whose state is known and will not change for the export's own reasons."""
    tickets = _since(study)
    age = (study.observed_until - tickets["created_at"]) / DAY
    settled = age >= study.settings.status_settles_after_days
    return tickets[(tickets["status"] != "unknown") & settled]


def _solved_at(tickets: pd.DataFrame) -> pd.Series:
    return tickets["first_solved_at"].fillna(tickets["closed_at"])


def _who(tickets: pd.DataFrame) -> pd.Series:
    return tickets["customer_id"].fillna(tickets["requester_id"])
