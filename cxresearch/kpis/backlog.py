"""How many tickets are open, day by day, and how old are those that are open at the end?"""

import pandas as pd

from cxresearch.kpis.measure import UNKNOWN, Kpi
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.tidy import DAY, asked, measured, of_them
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.db import connect, frame, put
from cxresearch.study.once import once
from cxresearch.study.study import Study

OVER = ("solved", "closed", "deleted")
AGES = {"under 1 day": 0, "1 to 7 days": 1, "7 to 30 days": 7, "30 to 90 days": 30,
        "90 days or more": 90}  # fmt: skip
# A ticket opens when it is written and whenever its state leaves OVER; it ends when it enters it.
STEPS = """
    WITH told AS (
        SELECT ticket_id, greatest(event_at, created_at) AS moment, event_id,
               value_to IN ('solved', 'closed', 'deleted') AS over
        FROM events JOIN tickets USING (ticket_id)
        WHERE field = 'status' AND value_to IS NOT NULL
    ), untold AS (
        SELECT * FROM tickets
        WHERE ended_at IS NOT NULL AND ticket_id NOT IN (SELECT ticket_id FROM told)
    ), again AS (
        SELECT * FROM untold WHERE last_reopened_at > ended_at
    ), states AS (
        SELECT ticket_id, created_at AS moment, '' AS event_id, FALSE AS over FROM tickets
        UNION ALL SELECT * FROM told
        UNION ALL SELECT ticket_id, greatest(ended_at, created_at), '1', TRUE FROM untold
        UNION ALL SELECT ticket_id, last_reopened_at, '2', FALSE FROM again
        UNION ALL SELECT ticket_id, ended_again_at, '3', TRUE FROM again
                  WHERE ended_again_at > last_reopened_at
    ), turns AS (
        SELECT ticket_id, moment, over, lag(over) OVER (
                   PARTITION BY ticket_id ORDER BY moment, event_id) AS before
        FROM states
    )
    SELECT ticket_id, moment AS "at", CASE WHEN over THEN -1 ELSE 1 END AS step
    FROM turns WHERE over IS DISTINCT FROM before"""


def open_by_day(study: Study) -> pd.DataFrame | CannotTell:
    """Tickets opened, ended and open at the end of each day of the study's time zone: day, opened
    (written or reopened), ended (solved, closed or deleted), open. The last day may be cut short.
    What was open before the export begins is not in it, so the first weeks start from 0.

    From the history of states where a ticket has one; else from when it was first solved or closed,
    reopened last and solved again. Tickets whose state is unknown are left out, see backlog.
    """
    steps = _steps(study)
    if steps.empty:
        return CannotTell("how many tickets are open: no ticket's state is known.")
    day = steps["at"].dt.tz_convert(study.settings.time_zone).dt.tz_localize(None).dt.normalize()
    counts = pd.DataFrame({"day": day, "opened": steps["step"] > 0, "ended": steps["step"] < 0})
    counts = counts.groupby("day")[["opened", "ended"]].sum()
    end = study.observed_until.tz_convert(study.settings.time_zone).tz_localize(None).normalize()
    counts = counts.reindex(pd.date_range(counts.index.min(), end, name="day"), fill_value=0)
    return counts.assign(open=(counts["opened"] - counts["ended"]).cumsum()).reset_index()


def open_by_age(study: Study) -> pd.DataFrame | CannotTell:
    """Tickets open when the study ends by time since they were written: age, tickets, share."""
    tickets = open_at_end(study)
    if tickets.empty:
        return CannotTell("how old the open tickets are: none is known to be open.")
    days = (study.observed_until - tickets["at"]) / DAY
    age = pd.cut(days, [*AGES.values(), float("inf")], right=False, labels=list(AGES))
    counts = age.value_counts().reindex(list(AGES)).rename_axis("age").reset_index(name="tickets")
    return counts.assign(share=counts["tickets"] / len(tickets))


def backlog(study: Study, by: str | None = None) -> Standing:
    """Tickets open when the study ends, as the tidy frame of kpis.tidy; month is when written.

    A count of all of them, so low and high are null: nothing was sampled. open_by_day and
    open_by_age tell how it came about and how old they are.
    """
    kpi = Kpi("Backlog", "customers' tickets open when the study ends", "tickets", wanted="at most")
    tickets, known = open_at_end(study), _known(study)
    if known.empty:
        tickets = CannotTell("how many tickets are open: no ticket's state is known.")
    note = of_them(len(asked(study)) - len(known), "tickets left out: their state is unknown")
    return measured(study, kpi, tickets, _count, by, lambda _: note)


def open_at_end(study: Study) -> pd.DataFrame:
    """The tickets that are open when the study ends: ticket_id, customer_id, at (written)."""
    still = _steps(study).groupby("ticket_id")["step"].sum()
    tickets = _known(study)
    is_open = tickets["ticket_id"].map(still).fillna(0) > 0
    return tickets.loc[is_open, ["ticket_id", "customer_id", "at"]].reset_index(drop=True)


@once
def _known(study: Study) -> pd.DataFrame:
    """Asked tickets whose state can be followed: told by history, or over and said when."""
    tickets = asked(study)
    ended = tickets["first_solved_at"].fillna(tickets["closed_at"])
    again = tickets["last_solved_at"].fillna(tickets["closed_at"])
    told = _told(study, tickets)
    unsaid = tickets["status"].isin(OVER) & ended.isna()
    known = told | ((tickets["status"] != "unknown") & ~unsaid)
    return tickets.assign(ended_at=ended, ended_again_at=again)[known]


def _told(study: Study, tickets: pd.DataFrame) -> pd.Series:
    if not study.has("ticket_events"):
        return pd.Series(False, index=tickets.index)
    events = study.ticket_events
    told = events.loc[(events["field"] == "status") & events["value_to"].notna(), "ticket_id"]
    return among(tickets["ticket_id"], told)


def _steps(study: Study) -> pd.DataFrame:
    """When tickets opened (step 1) and ended (-1) before the study does: ticket_id, at, step."""
    columns = ["ticket_id", "created_at", "ended_at", "last_reopened_at", "ended_again_at"]
    names = ["event_id", "ticket_id", "event_at", "field", "value_to"]
    tickets = _known(study)
    events = study.ticket_events if study.has("ticket_events") else None
    with connect() as db:
        put(db, "tickets", tickets[columns])
        put(db, "events", events[names] if events is not None else _no_events(tickets, names))
        steps = frame(db.sql(STEPS))
    return steps[steps["at"] <= study.observed_until].reset_index(drop=True)


def _no_events(tickets: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    none = tickets.iloc[:0]
    texts = {name: none["ticket_id"] for name in names}
    return pd.DataFrame({**texts, "event_at": none["created_at"]})


def _count(part: pd.DataFrame) -> dict:
    return UNKNOWN | {"estimate": float(len(part)), "n": len(part)}
