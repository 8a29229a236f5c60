"""Did anybody write to the customer after the ticket was solved, when it was due?"""

import pandas as pd

from cxresearch.kpis.eligible import solved
from cxresearch.kpis.measure import Kpi, share
from cxresearch.kpis.tidy import measured, of_them, with_note
from cxresearch.outcomes.recurrence import first_reopened
from cxresearch.study.answers import CannotTell
from cxresearch.study.db import connect, frame, put
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study

WINDOWS = {"24 to 48 hours": (24, 48), "7 to 14 days": (168, 336)}  # hours after the solution
MESSAGES = """
    SELECT solved.ticket_id, min(event_at) AS followed_at
    FROM solved JOIN events ON events.ticket_id = solved.ticket_id
        AND event_at > opens_at AND event_at <= ends_at
    WHERE event_type = 'reply' AND actor_role = 'agent' AND is_public IS DISTINCT FROM FALSE
    GROUP BY solved.ticket_id"""


def follow_up(study: Study, window: str = "24 to 48 hours", by: str | None = None) -> pd.DataFrame:
    """Share of solved tickets with an agent's public message in a window after the first solution.

    window is "24 to 48 hours" or "7 to 14 days". Bots' messages and internal notes do not count. A
    ticket whose window is not over is eligible and not counted. Reopening competes: a ticket opened
    again before any message in the window needs work and no follow-up, so it is not counted either,
    and why says how many. The tidy frame of kpis.tidy; target follow_up_target; Wilson, clustered
    by customer. A customer who left is still due a message.
    """
    if window not in WINDOWS:
        raise InputError(f"window is '{window}'; it must be one of: {', '.join(WINDOWS)}.")
    kpi = Kpi(
        f"Followed up in {window}",
        f"of solved tickets not reopened before, an agent's public message {window} after",
        target=study.settings.follow_up_target,
    )
    facts = follow_ups(study, window)
    if isinstance(facts, CannotTell):
        return measured(study, kpi, facts, _measure, by)
    reopened = int((facts["mature"] & facts["reopened"]).sum())
    note = of_them(reopened, "reopened before a message was due or came: not counted")
    return with_note(measured(study, kpi, facts, _measure, by), note)


def follow_ups(study: Study, window: str) -> pd.DataFrame | CannotTell:
    """A row a solved ticket with a history: ticket_id, customer_id, who, at (solved), followed (a
    message in the window, and not reopened before it), reopened (first), mature (window over)."""
    if not study.has("ticket_events") or not study.ticket_events["event_type"].eq("reply").any():
        return CannotTell(
            "whether solved tickets are followed up: the export has no messages; a history of each "
            "ticket would tell."
        )
    opens, ends = (pd.Timedelta(hours=hours) for hours in WINDOWS[window])
    tickets = solved(study)
    tickets = tickets[tickets["ticket_id"].isin(study.ticket_events["ticket_id"])]
    rows = tickets[["ticket_id", "customer_id", "who", "at"]].assign(
        opens_at=tickets["at"] + opens, ends_at=tickets["at"] + ends
    )
    followed_at = _messages(study, rows).reindex(rows["ticket_id"]).set_axis(rows.index)
    reopened_at = rows["ticket_id"].map(first_reopened(study))
    reopened = (reopened_at <= rows["ends_at"]) & ~(followed_at <= reopened_at)
    facts = rows[["ticket_id", "customer_id", "who", "at"]].assign(
        followed=followed_at.notna() & ~reopened,
        reopened=reopened,
        mature=rows["ends_at"] <= study.observed_until,
    )
    return facts.reset_index(drop=True)


def _messages(study: Study, rows: pd.DataFrame) -> pd.Series:
    """The first public message of an agent in each ticket's window, by ticket_id."""
    with connect() as db:
        put(db, "solved", rows)
        put(db, "events", study.ticket_events.drop(columns="body"))
        return frame(db.sql(MESSAGES)).set_index("ticket_id")["followed_at"]


def _measure(part: pd.DataFrame) -> dict:
    due = part[part["mature"] & ~part["reopened"]]
    return share(due["followed"], due["who"])
