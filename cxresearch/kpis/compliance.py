"""Are promises kept: of a first answer, of a solution or an update, and of no long silence?

A promise is judged when it is due. A ticket that is overdue without an answer is a breach, one that
is not yet due is not counted, also if it has been answered: to count the answered ones alone would
flatter the last days.
"""

import pandas as pd

from cxresearch.kpis.durations import DAY, hours, median
from cxresearch.kpis.eligible import settled, since, solved_at, who
from cxresearch.kpis.measure import LEVEL, Kpi, share
from cxresearch.kpis.messages import flagged, silences
from cxresearch.kpis.tidy import group_of, measured
from cxresearch.study.answers import CannotTell
from cxresearch.study.db import connect, frame, put
from cxresearch.study.promises import promised_hours
from cxresearch.study.study import Study

BOTH = "channel and priority"
NONE = "none"

# The first value that a ticket's history tells: the one before its first change, else the one set.
FIRST_PRIORITY = """
    SELECT ticket_id, event_at, value_from, value_to FROM (
        SELECT *, row_number() OVER (PARTITION BY ticket_id ORDER BY event_at, place) AS step
        FROM changes WHERE value_from IS NOT NULL OR value_to IS NOT NULL) AS steps
    WHERE step = 1"""


def response_compliance(study: Study, by: str | None = None) -> pd.DataFrame:
    """Share of customers' tickets whose first answer came within the promise; rows of a KPI.

    The promise is first_reply_hours, or that of first_reply_promises for the channel and the
    priority as it was when the ticket was written; its hours are the calendar's, or business hours
    if study.toml says so. by may be "priority" (as it was then), "created_channel" or "channel and
    priority"; groups are judged at once, so their intervals hold together (Bonferroni).
    """
    facts = response_facts(study)
    words = f"of customers' tickets that are due, first answered by a person {_promised(study)}; " \
        "closed without an answer counts against"  # fmt: skip
    kpi = Kpi("First answer in time", words, target=study.settings.first_reply_target)
    beware = _beware(study, facts, by)
    groups = group_of(study, facts, by).nunique() if by else 1

    def measure(rows: pd.DataFrame) -> dict:
        level = LEVEL if len(rows) == len(facts) else 1 - (1 - LEVEL) / groups
        return _of_due(rows, level) | {"why": beware}

    return measured(study, kpi, facts, measure, by)


def response_facts(study: Study) -> pd.DataFrame:
    """Customers' tickets: ticket_id, customer_id, who, at, created_channel, priority (as it was
    then), channel and priority, promised, waited and age (hours of the promise's clock), held (null
    where the answer is older than the question), mature (is the promise due?)."""
    tickets = since(study)
    clock = "business" if study.settings.promises_in_business_hours else "calendar"
    replied = tickets["first_reply_at"].where(tickets["first_reply_at"] <= study.observed_until)
    channel = tickets["created_channel"].fillna("unknown")
    priority = priority_then(study, tickets)
    default = study.settings.first_reply_hours
    promised = promised_hours(study.settings.promises, channel, priority, default)
    ends = pd.Series(study.observed_until, index=tickets.index)
    waited = hours(study, tickets["created_at"], replied, clock)
    age = hours(study, tickets["created_at"], ends, clock)
    held = (waited <= promised).astype("boolean").mask(replied < tickets["created_at"])
    return tickets[["ticket_id", "customer_id"]].assign(
        who=who(tickets), at=tickets["created_at"], created_channel=channel, priority=priority,
        **{BOTH: channel + ", " + priority}, promised=promised, waited=waited, age=age, held=held,
        mature=age >= promised,
    )  # fmt: skip


def priority_then(study: Study, tickets: pd.DataFrame) -> pd.Series:
    """Each ticket's priority when it was written, in lower case.

    By its history: the value before its first change, or the one first set, if that was before the
    first answer or within the default promise; "none" if it was set later. What was raised to
    urgent after weeks was not urgent when the promise ran. Without a history of priorities, the
    priority at export.
    """
    now = tickets["priority"].str.lower().fillna(NONE)
    if not _tells_priorities(study):
        return now
    events = study.ticket_events.query("field == 'priority'")
    with connect() as db:
        put(db, "changes", events.assign(place=range(len(events))))
        first = frame(db.sql(FIRST_PRIORITY)).set_index("ticket_id").reindex(tickets["ticket_id"])
    first = first.set_index(tickets.index)
    due = tickets["created_at"] + study.settings.first_reply_hours * pd.Timedelta(hours=1)
    late = first["event_at"] > tickets["first_reply_at"].fillna(due)
    then = first["value_from"].fillna(first["value_to"].mask(late, NONE))
    return then.str.lower().fillna(now)


def resolved_or_updated(study: Study, by: str | None = None) -> pd.DataFrame:
    """Share of tickets older than the promise that were solved within it, or whose customer never
    waited longer than update_hours for word from an agent in that time; rows of a KPI.

    Every ticket is judged by the same days, so that open ones are not judged by how they end.
    """
    settings = study.settings
    days = settings.unresolved_after_days
    facts = silence_facts(study, within=days)
    if not isinstance(facts, CannotTell):
        in_time = (facts["solved_at"] - facts["at"]) / DAY <= days
        facts = facts.assign(held=in_time | (facts["longest"] <= settings.update_hours))
    kpi = Kpi(
        "Solved or updated in time",
        f"of customers' tickets older than {days:g} days: solved within them, or not left without "
        f"word from an agent for more than {settings.update_hours:g} {_unit(study)} of them while "
        "the desk had the next word",
    )
    return measured(study, kpi, facts, _of_due, by)


def update_cadence(study: Study, by: str | None = None) -> pd.DataFrame:
    """Share of urgent tickets whose customer never waited longer than urgent_update_minutes for
    word from an agent in the days of the promise; rows of a KPI. Urgent as it was then."""
    settings = study.settings
    words, days = ", ".join(settings.urgent_priorities), settings.unresolved_after_days
    facts = silence_facts(study, within=days)
    if not isinstance(facts, CannotTell):
        urgent = [word.lower() for word in settings.urgent_priorities]
        facts = facts[facts["priority"].isin(urgent)]
        facts = facts.assign(held=facts["longest"] <= settings.urgent_update_minutes / 60)
        if facts.empty:
            facts = CannotTell(
                f"how often urgent customers hear from the desk: no ticket is of priority {words}; "
                "an export with priorities would tell (or other urgent_priorities in study.toml)."
            )
    kpi = Kpi(
        "Urgent tickets kept informed",
        f"of customers' tickets of priority {words}: in their first {days:g} days not left without "
        f"word from an agent for more than {settings.urgent_update_minutes:g} minutes while the "
        "desk had the next word",
    )
    return measured(study, kpi, facts, _of_due, by)


def longest_silence(study: Study, by: str | None = None) -> pd.DataFrame:
    """The longest time for which a customer waited for word from an agent, as a median over
    tickets; rows of a KPI. Of an open ticket it is at least what was seen: censored there."""
    facts = silence_facts(study)
    if not isinstance(facts, CannotTell):
        facts = facts.assign(time=facts["longest"], event=facts["over"].astype(int), known=True)
    kpi = Kpi(
        "Longest silence, median",
        f"{_unit(study)} of the longest wait for word from an agent while the desk had the next "
        "word, which half of customers' tickets did not exceed; of open ones it is at least that",
        "hours",
    )
    return measured(study, kpi, facts, median, by)


def silence_facts(study: Study, within: float | None = None) -> pd.DataFrame | CannotTell:
    """Customers' tickets whose state is known: ticket_id, customer_id, who, at, priority (as it was
    then), solved_at, longest (silence while the desk had the next word, in hours of the promises'
    clock), over (is the ticket over, so that the silence cannot become longer?), mature.

    within counts only so many days of each ticket, its first ones; mature: all of them are over.
    """
    tickets = settled(study)
    solved = solved_at(tickets).clip(lower=tickets["created_at"])
    tickets = tickets.assign(solved_at=solved)
    odd = flagged(tickets, "messages_missing")
    lost = solved.isna() & tickets["status"].isin(["solved", "closed", "deleted"])
    tickets = tickets[~odd & ~lost]
    gaps = silences(study, tickets)
    if isinstance(gaps, CannotTell):
        return gaps
    mature = pd.Series(True, index=tickets.index)
    if within is not None:
        ends = tickets["created_at"] + within * DAY
        mature = ends <= study.observed_until
        last = gaps["ticket_id"].map(ends.set_axis(tickets["ticket_id"]))
        gaps = gaps.assign(since=gaps["since"].where(gaps["since"] < last),
                           until=gaps["until"].where(gaps["until"] < last, last))  # fmt: skip
    clock = "business" if study.settings.promises_in_business_hours else "calendar"
    gaps = gaps.assign(hours=hours(study, gaps["since"], gaps["until"], clock))
    each = gaps.groupby("ticket_id").agg(longest=("hours", "max"), ends=("ends", "max"))
    each = each.reindex(tickets["ticket_id"]).set_index(tickets.index)
    return tickets[["ticket_id", "customer_id", "solved_at"]].assign(
        who=who(tickets), at=tickets["created_at"], priority=priority_then(study, tickets),
        longest=each["longest"].fillna(0.0), over=each["ends"] == 2, mature=mature,
    )  # fmt: skip


def _of_due(rows: pd.DataFrame, level: float = LEVEL) -> dict:
    known = rows[rows["mature"] & rows["held"].notna()]
    return share(known["held"].astype(bool), known["who"], level)


def _promised(study: Study) -> str:
    settings = study.settings
    others = "; ".join(map(str, settings.promises))
    more = f" ({others})" if others else ""
    return f"within {settings.first_reply_hours:g} {_unit(study)}{more}"


def _unit(study: Study) -> str:
    return "business hours" if study.settings.promises_in_business_hours else "hours"


def _beware(study: Study, facts: pd.DataFrame, by: str | None) -> str:
    """What the page must say of promises: whose names no ticket has, and which priority it is."""
    names = set(facts["created_channel"].str.lower()) | set(facts["priority"])
    idle = [str(p) for p in study.settings.promises if not p.names <= names]
    said = [f"no ticket is of the promise {text}" for text in idle]
    asked = by in ("priority", BOTH) or bool(study.settings.promises)
    if asked and not _tells_priorities(study):
        said.append("the priority is that of the export: no history tells what it was then")
    return "; ".join(said)


def _tells_priorities(study: Study) -> bool:
    return study.has("ticket_events") and bool((study.ticket_events["field"] == "priority").any())
