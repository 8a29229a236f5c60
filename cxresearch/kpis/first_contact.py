"""Solved on first contact: what each tool counts under that name, and what we do.

All but ours count the tickets that are solved or closed when exported, merged ones among them, as
the tools do (Zoho says so in words), without waiting whether the customer comes back.
"""

from dataclasses import dataclass

import pandas as pd

from cxresearch.kpis.eligible import settled, solved_at, who
from cxresearch.kpis.measure import Kpi, share
from cxresearch.kpis.messages import counted
from cxresearch.kpis.tidy import measured
from cxresearch.outcomes.recurrence import departures, first_unknown
from cxresearch.study.answers import CannotTell
from cxresearch.study.db import connect, frame, put
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.topics.causes import named

DAY = pd.Timedelta(days=1)
HOUR = pd.Timedelta(hours=1)
WINDOW = 7  # days
WINDOWS = (1, 3, 7, 14, 30)
NAME = "First contact: "
OURS = "no return, ours"


@dataclass(frozen=True)
class Definition:
    """What makes a solved ticket one solved on first contact: a count that is exactly a number, or
    at most that where the word is "at most"; says and source in words."""

    says: str
    source: str
    count: str
    exactly: int
    word: str = "exactly"


# The fixtures' six resolved tickets give 4, 2, 1, 4, 5, 5 of 6, in this order.
PUBLISHED = {
    # Metric "One-touch tickets": IF VALUE(Agent replies) < 2 AND (status is Solved OR Closed).
    # support.zendesk.com/hc/en-us/articles/4408820618266; some newer translations say exactly one.
    "one-touch, Zendesk": Definition(
        "at most one public answer by an agent", "Zendesk Explore",
        "total_agent_replies", 1, "at most",
    ),
    # is_one_touch_resolution: count_public_agent_comments = 1, and status solved or closed; all of
    # a ticket's comments are counted. int_zendesk__comment_metrics.sql, zendesk__ticket_metrics.sql
    "one-touch, dbt_zendesk": Definition(
        "exactly one public message by an agent, the ticket's first message included",
        "fivetran/dbt_zendesk", "agent_messages", 1,
    ),
    # FCR Tickets: "ticket status is Closed and contains one public response from the agent"; merged
    # tickets "are not excluded". help.zoho.com, Understanding the Agent Performance report
    "one response, Zoho": Definition(
        "exactly one public answer by an agent", "Zoho Desk, Agent Performance report",
        "total_agent_replies", 1,
    ),
    # FCR%: "the customer interaction must be 0", the description not counted, "irrespective of the
    # number of responses sent by the agent". support.freshservice.com 50000004904
    "zero-touch, Freshservice": Definition(
        "nothing more from the customer, however often an agent answered", "Freshservice",
        "customer_replies", 0,
    ),
    # total_resolutions = 1: int_zendesk__ticket_resolution_times_calendar.sql
    "closed once": Definition(
        "solved or closed exactly once", "fivetran/dbt_zendesk", "solutions", 1,
    ),
    # reopens = 0: developer.zendesk.com, Ticket metrics, "number of times the ticket was reopened"
    "no reopen": Definition("never reopened", "Zendesk ticket metrics", "count_reopens", 0),
}  # fmt: skip
LACKS = {
    "total_agent_replies": "how often agents answered",
    "agent_messages": "who wrote the first message of a ticket, in its history",
    "customer_replies": "what customers wrote later, in a history of messages",
    "solutions": "how often a ticket was solved, in a history of states",
    "count_reopens": "how often a ticket was reopened; a history of states would tell",
}
DEFINITIONS = (*PUBLISHED, OURS)

# The next ticket of the same customer (and cause, where both are told) after the solution; one
# written within an hour of the ticket itself is the same message sent twice.
AGAIN = """
    SELECT solved.ticket_id, min(others.created_at) AS again_at
    FROM solved JOIN others ON others.who = solved.who AND others.cause = solved.cause
         AND others.created_at > solved.after AND others.created_at <= solved.until
    GROUP BY solved.ticket_id"""


def first_contact_resolution(
    study: Study, *, definition: str | None = None, window: float = WINDOW, by: str | None = None
) -> pd.DataFrame:
    """Share of solved tickets that were solved on first contact, a row a definition (and group).

    definition is one of DEFINITIONS, None all of them. Ours: not reopened, and no ticket of the
    same customer and cause, within so many days of the first solution. It asks every customer's
    ticket that was ever solved, those open again among them; the window must have been watched, and
    who left in it is not counted (why says what counting them would do). Wilson intervals, rows of
    one customer taken together. What the export cannot tell is CannotTell in its own row.
    """
    names = DEFINITIONS if definition is None else (definition,)
    if unknown := set(names) - set(DEFINITIONS):
        raise InputError(f"definition {unknown} must be one of: {', '.join(DEFINITIONS)}.")
    target, rows = study.settings.first_contact_target, []
    for name in names:
        if name == OURS:
            kpi = Kpi(NAME + OURS, _our_words(study, window), target=target)
            rows.append(measured(study, kpi, our_facts(study, window), _of_stayed, by))
        else:
            said = PUBLISHED[name]
            words = f"of tickets now solved or closed: {said.says} (as {said.source} counts)"
            kpi = Kpi(NAME + name, words, target=target)
            rows.append(measured(study, kpi, published_facts(study, name), _of_known, by))
    return pd.concat(rows, ignore_index=True)


def fcr_sensitivity(study: Study, days: tuple[int, ...] = WINDOWS) -> pd.DataFrame:
    """Our definition by each window: days, and the columns of a KPI. All windows ask the same
    tickets, those watched for the longest, so that only the window differs."""
    rows = []
    for window in days:
        kpi = Kpi(
            NAME + OURS, _our_words(study, window), target=study.settings.first_contact_target
        )
        facts = our_facts(study, window, watched=max(days))
        rows.append(measured(study, kpi, facts, _of_stayed).assign(days=window))
    return pd.concat(rows, ignore_index=True)


def published_facts(study: Study, name: str) -> pd.DataFrame | CannotTell:
    """The solved or closed tickets, and whether each was solved on first contact by a published
    definition: ticket_id, at (first solved; written where that is not told), who, held (null: not
    told). Without spam and deleted tickets."""
    tickets, said = study.tickets, PUBLISHED[name]
    gone = tickets[["is_spam", "is_deleted"]].fillna(False).any(axis=1)
    tickets = tickets[tickets["status"].isin(["solved", "closed"]) & ~gone]
    counts = _counts(study, tickets, said.count)
    if counts.isna().all():
        return CannotTell(f"whether it took one contact: the export lacks {LACKS[said.count]}.")
    held = counts <= said.exactly if said.word == "at most" else counts == said.exactly
    held = held.astype("boolean").mask(counts.isna())
    at = solved_at(tickets).fillna(tickets["created_at"])
    return tickets[["ticket_id"]].assign(at=at, who=_account(study, tickets), held=held)


def our_facts(
    study: Study, window: float = WINDOW, *, watched: float | None = None
) -> pd.DataFrame | CannotTell:
    """Customers' tickets that were ever solved: ticket_id, customer_id, who, at (first solved),
    held (not reopened, no return within the window; null: who left in it, or not told), left,
    undated (reopened nobody knows when: not held), unsure (reopened more than once, the first time
    not known to be in the window: null), mature (watched until the end of the window, or for so
    many days, and solved so long ago that its like are settled)."""
    solved = _solved(study)
    if solved.empty:
        return CannotTell("whether it stayed solved: no ticket is known to be solved, and when.")
    if not _tells_reopenings(study):
        return CannotTell(f"whether it stayed solved: the export lacks {LACKS['count_reopens']}.")
    until = solved["at"] + window * DAY
    again = _again(study, solved.assign(until=until))
    back = (solved["reopened_at"] <= until) | (again <= until) | solved["undated"]
    unsure = ~back & first_unknown(study, solved, until)
    left = ~back & ~unsure & (solved["left_at"] <= until)
    untold = left | unsure | (~back & ~solved["told"])  # no reopening told, or no cause
    held = (~back).astype("boolean").mask(untold)
    settles = study.settings.status_settles_after_days * DAY
    mature = solved["at"] + (watched or window) * DAY <= solved["watched_until"]
    mature &= solved["at"] + settles <= study.observed_until
    columns = ["ticket_id", "customer_id", "who", "at", "undated"]
    return solved[columns].assign(held=held, left=left, unsure=unsure, mature=mature)


def _counts(study: Study, tickets: pd.DataFrame, name: str) -> pd.Series:
    if name in tickets:
        return tickets[name].astype("Float64")
    found = counted(study)
    if isinstance(found, CannotTell):
        return pd.Series(pd.NA, index=tickets.index, dtype="Float64")
    return tickets["ticket_id"].map(found[name]).astype("Float64")


def _of_known(facts: pd.DataFrame) -> dict:
    known = facts[facts["held"].notna()]
    return share(known["held"].astype(bool), known["who"])


def _of_stayed(facts: pd.DataFrame) -> dict:
    """The share of those watched and still there, and what the leavers would change."""
    watched = facts[facts["mature"]]
    found, left = _of_known(watched), int(watched["left"].sum())
    undated, said = int(watched["undated"].sum()), []
    if left:
        n = found["n"] + left
        low = found["estimate"] * found["n"] / n if found["n"] else 0.0
        said.append(
            f"{left:,} whose customer left in the window are left out; with them it is {low:.1%} "
            f"(none solved) to {low + left / n:.1%} (all)"
        )
    if undated:
        said.append(f"{undated:,} reopened nobody knows when count as not solved")
    if unsure := int(watched["unsure"].sum()):
        said.append(
            f"{unsure:,} reopened more than once, the last time after the window, are left out: "
            "the first time is not told"
        )
    return found | {"why": "; ".join(said)}


def _account(study: Study, tickets: pd.DataFrame) -> pd.Series:
    """Whose each ticket is, merged ones too: the person's account, else the person."""
    own = study.customer_tickets.drop_duplicates("requester_id").set_index("requester_id")
    person = tickets["requester_id"].fillna(tickets["ticket_id"])
    return person.map(own["customer_id"]).fillna(person)


def _our_words(study: Study, window: float) -> str:
    causes = study.has("ticket_causes")
    what = "customer and cause" if causes else "customer (causes are not known)"
    left = "who left in that time is not counted" if study.outcome == "churn" else (
        "who has gone away does not write again, and is not seen to be gone")  # fmt: skip
    return (
        f"of customers' tickets ever solved: not reopened, and no new ticket of the same {what}, "
        f"within {window:g} days, all of them watched; {left}"
    )


def _solved(study: Study) -> pd.DataFrame:
    tickets = settled(study)
    tickets = tickets.assign(
        at=solved_at(tickets).clip(lower=tickets["created_at"]), who=who(tickets)
    )
    tickets = tickets[tickets["at"] <= study.observed_until].reset_index(drop=True)
    found = tickets.merge(departures(study), on="customer_id", how="left")
    again = _reopened_at(study, found)
    reopens = found["count_reopens"].fillna(-1)
    return found.assign(
        watched_until=found["watched_until"].fillna(study.observed_until),
        reopened_at=again,
        undated=(reopens > 0) & again.isna(),
        told=((reopens >= 0) | again.notna()) & _cause(study, found).notna(),
    )


def _reopened_at(study: Study, solved: pd.DataFrame) -> pd.Series:
    """When each ticket was first reopened; the last time, where its history does not tell."""
    last = solved["last_reopened_at"].where(solved["last_reopened_at"] > solved["at"])
    history = counted(study)
    if isinstance(history, CannotTell):
        return last
    first = history["reopened_at"].reindex(solved["ticket_id"]).set_axis(solved.index)
    return pd.to_datetime(first, utc=True).fillna(last)


def _tells_reopenings(study: Study) -> bool:
    return bool(study.tickets[["count_reopens", "last_reopened_at"]].notna().any(axis=None))


def _again(study: Study, solved: pd.DataFrame) -> pd.Series:
    """When the same customer next wrote about the same cause, until the end of the window."""
    others = study.customer_tickets
    others = others[["created_at"]].assign(who=who(others), cause=_cause(study, others))
    after = solved[["at"]].assign(hour=solved["created_at"] + HOUR).max(axis=1)
    asked = solved[["ticket_id", "who", "until"]].assign(after=after, cause=_cause(study, solved))
    with connect() as db:
        put(db, "others", others)
        put(db, "solved", asked)
        found = frame(db.sql(AGAIN)).set_index("ticket_id")["again_at"]
    return found.reindex(solved["ticket_id"]).set_axis(solved.index)


def _cause(study: Study, tickets: pd.DataFrame) -> pd.Series:
    """Each ticket's main cause; null where it has no words or is in another language."""
    if not study.has("ticket_causes"):
        return pd.Series("any", index=tickets.index)
    causes = named(study).sort_values("weight", ascending=False, kind="stable")
    main = causes.drop_duplicates("ticket_id").set_index("ticket_id")["cause"]
    return tickets["ticket_id"].map(main)
