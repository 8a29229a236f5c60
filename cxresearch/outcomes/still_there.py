"""Who is still there: Kaplan and Meier's curve of a study's customers or issues, in one call."""

import pandas as pd

from cxresearch import survival
from cxresearch.episodes import customer_lives, decided, known_since, with_customer_columns
from cxresearch.episodes.history import as_it_was, history_fields
from cxresearch.episodes.return_cohort import return_cohort
from cxresearch.outcomes import outcome
from cxresearch.outcomes.issue_cohort import issue_cohort
from cxresearch.study.answers import CannotTell
from cxresearch.study.nearest import nearest
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.survival.curves import StillThere
from cxresearch.topics.causes import named

DAY = pd.Timedelta(days=1)
WHEN_WRITTEN = ("language", "created_channel", "product", "type", "is_agent_created")
MOST = 40  # groups
NO_CAUSE, UNKNOWN = "no cause told", "unknown"
NOBODY = CannotTell("who is still there: nobody was watched.")


def kaplan_meier(
    rows: Study | pd.DataFrame,
    by: str | None = None,
    *,
    time: str = "time",
    event: str = "event",
    entry: str | None = None,
) -> StillThere | CannotTell:
    """Share without the event after each day, which says, shows and draws itself; its frame has by
    (if asked for), day, survival, low, high (95%), se, at_risk. Of a frame, time, event and entry
    name its columns; see survival.kaplan_meier.

    Of a churn study: customers by days since they started. They are at risk from when departures
    are known (customers_from, else the first ticket), so who joined before enters late; the event
    is leaving by choice, at notice or at the end; who was cut off, or is still there when last
    seen, is censored. by is a column of customers that was known when they started (as_of_start),
    or a field of customer_history as it was when they came into view.

    By "cause", or by a column of tickets that was known when they were written, a row is a
    customer's first issue of the group that became overdue, and days count from there: a cause of a
    customer's whole life would look ahead. Of a return study rows are customers from the landmark
    after their first ticket, and the event is the next one.

    CannotTell where the study cannot tell; InputError for a column that is not there, with the
    nearest ones, or that holds what became of a customer or a ticket.

    >>> stay = kaplan_meier(pd.DataFrame({"time": [1, 2, 3, 4], "event": [1, 0, 1, 0]}))
    >>> stay.frame["survival"].round(3).tolist()
    [1.0, 0.75, 0.75, 0.375, 0.375]
    """
    if by is not None and not isinstance(by, str):
        raise InputError("by names one column: make one of several first, and give that.")
    if isinstance(rows, pd.DataFrame) and rows.empty:
        return NOBODY
    if isinstance(rows, pd.DataFrame):
        return StillThere(survival.kaplan_meier(rows, by, entry, time=time, event=event), by)
    told = _returns(rows, by) if rows.outcome == "return" else _leavers(rows, by)
    if isinstance(told, CannotTell):
        return told
    if told.empty:
        return NOBODY
    if (by and pd.api.types.is_numeric_dtype(told[by])) or (by and told[by].nunique() > MOST):
        raise InputError(f"'{by}' has {told[by].nunique():,} values: make bands of it first.")
    entry = "entry" if "entry" in told else None
    origin = "the customer started" if entry else outcome(rows).ORIGIN
    still = outcome(rows).WORDS.still
    return StillThere(survival.kaplan_meier(told, by, entry), by, "customers", origin, still)


def lives_from_the_start(study: Study) -> pd.DataFrame:
    """A row a customer watched at all: customer_id, enters_at, entry and time (days since they
    started: watched from, watched until), event (1 left by choice)."""
    lives = decided(customer_lives(study))
    since = study.settings.time("customers_from") or known_since(study)
    enters = lives["started_at"].clip(lower=since)
    rows = pd.DataFrame(
        {
            "customer_id": lives["customer_id"],
            "enters_at": enters,
            "entry": (enters - lives["started_at"]) / DAY,
            "time": (lives["leaves_at"] - lives["started_at"]) / DAY,
            "event": lives["end"].eq("voluntary").astype(int),
        }
    )
    return rows[rows["entry"] < rows["time"]].reset_index(drop=True)


def _leavers(study: Study, by: str | None) -> pd.DataFrame | CannotTell:
    if by == "cause" or by in study.tickets:
        return _overdue_issues(study, by)
    rows = lives_from_the_start(study)
    if by is None:
        return rows
    if by in history_fields(study):
        values = as_it_was(study, by, rows["customer_id"], rows["enters_at"])
    elif by in study.customers:
        values = with_customer_columns(rows, study, [by])[by]
    else:
        raise InputError(_no_such(study, by))
    return rows.assign(**{by: values.astype("str").fillna(UNKNOWN)})


def _overdue_issues(study: Study, by: str) -> pd.DataFrame | CannotTell:
    """A customer's first overdue issue of each group, among issues still open on that day."""
    issues = issue_cohort(study)
    if isinstance(issues, CannotTell):
        return issues
    open_then = issues[issues["group"] == "still open"]
    rows = open_then.assign(**{by: _of_tickets(study, open_then["ticket_id"], by)})
    rows = rows.sort_values("time", ascending=False, kind="stable")  # the first has the longest
    rows = rows.drop_duplicates(["customer_id", by])
    return rows.assign(event=rows["status"].eq(1).astype(int))[["customer_id", by, "time", "event"]]


def _returns(study: Study, by: str | None) -> pd.DataFrame:
    rows = return_cohort(study)
    if by is None:
        return rows
    if by != "cause" and by not in study.tickets:
        raise InputError(_no_such(study, by))
    return rows.assign(**{by: _of_tickets(study, rows["ticket_id"], by)})


def _of_tickets(study: Study, tickets: pd.Series, by: str) -> pd.Series:
    """The main cause of each ticket, or a column that was known when it was written."""
    if by == "cause":
        causes = named(study).sort_values("weight", ascending=False, kind="stable")
        main = causes.drop_duplicates("ticket_id").set_index("ticket_id")["cause"]
        return tickets.map(main).fillna(NO_CAUSE)
    if by not in WHEN_WRITTEN:
        raise InputError(
            f"'{by}' is what a ticket held when it was exported, which may tell what became of it. "
            f"A curve can be by cause, {', '.join(WHEN_WRITTEN)}; for another column make a frame "
            "of time and event, and give that."
        )
    values = study.tickets.set_index("ticket_id")[by]
    return tickets.map(values).astype("str").fillna(UNKNOWN)


def _no_such(study: Study, by: str) -> str:
    known = ["cause", *WHEN_WRITTEN]
    if study.outcome == "churn":
        held = [c for c in study.settings.as_of_start if c in study.customers]
        known = [*held, *history_fields(study), *known]
    return f"by='{by}' is no column to draw curves by{nearest(by, known) or '.'} These can be: " + (
        f"{', '.join(known)}."
    )
