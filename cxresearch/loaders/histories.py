"""What a ticket's history tells about it: one definition each, in plain SQL over its events.

A reply is an agent's public message after the first one; a note, a bot's or an automatic message
is none. Solved is a change of status from an unsolved word to solved or closed, reopened one from
solved or closed to an unsolved word. Events of status hold the canonical words.
"""

from collections.abc import Iterable
from itertools import chain

import pandas as pd

from cxresearch.study.column_types import typed
from cxresearch.study.db import connect, frame, put
from cxresearch.study.schema import TICKET_EVENTS, TICKETS, UNSOLVED, InputError

TELLS = (
    "first_reply_at", "total_agent_replies", "first_solved_at", "last_solved_at",
    "last_reopened_at", "closed_at", "closed_by", "count_reopens", "assignee_changes",
    "group_changes", "is_merged", "merged_into_ticket_id",
)  # fmt: skip
STATUS = frozenset(
    "first_solved_at last_solved_at last_reopened_at closed_at closed_by count_reopens".split()
)
REPLIES = frozenset(("first_reply_at", "total_agent_replies"))
LOWER_BOUND = "reopens_at_least_1"
# A ticket with this word in dq_flags has a history that is known to lack something: these columns
# are then not told by it.
PARTIAL = {"messages_missing": REPLIES, "changes_missing": frozenset(TELLS) - REPLIES}

# before: the value before the change, from the event itself or else from the one before it
STEPS = """
    SELECT ticket_id, event_at, place, event_type, actor_role, field, value_to, is_public,
           coalesce(value_from, CASE WHEN event_type <> 'created' THEN lag(value_to) OVER (
               PARTITION BY ticket_id, field ORDER BY event_at, place) END) AS before
    FROM events"""
MARKS = f"""
    SELECT *,
           event_type = 'reply' AND actor_role = 'agent' AND is_public IS NOT FALSE AS replies,
           field = 'status' AND value_to IN ('solved', 'closed')
               AND coalesce(before, 'new') NOT IN ('solved', 'closed') AS solves,
           field = 'status' AND value_to IN {UNSOLVED}
               AND before IN ('solved', 'closed') AS reopens,
           field = 'status' AND value_to = 'closed' AS closes,
           value_to IS NOT NULL AND before IS NOT NULL AND value_to <> before AS moves
    FROM steps"""
FACTS = """
    SELECT ticket_id,
           min(CASE WHEN replies THEN event_at END) AS first_reply_at,
           count(CASE WHEN replies THEN 1 END) AS total_agent_replies,
           min(CASE WHEN solves THEN event_at END) AS first_solved_at,
           max(CASE WHEN solves THEN event_at END) AS last_solved_at,
           max(CASE WHEN reopens THEN event_at END) AS last_reopened_at,
           count(CASE WHEN reopens THEN 1 END) AS count_reopens,
           max(CASE WHEN closes THEN event_at END) AS last_closed_at,
           count(CASE WHEN field = 'assignee_id' AND moves THEN 1 END) AS assignee_changes,
           count(CASE WHEN field = 'group_id' AND moves THEN 1 END) AS group_changes,
           max(CASE WHEN event_type = 'merge' THEN value_to END) AS merged_into_ticket_id,
           count(CASE WHEN event_type = 'merge' THEN 1 END) > 0 AS is_merged
    FROM marks GROUP BY ticket_id"""
CLOSERS = """
    SELECT ticket_id, actor_role AS closer,
           row_number() OVER (PARTITION BY ticket_id ORDER BY event_at DESC, place DESC) AS last
    FROM marks WHERE solves"""
QUERY = f"""
    WITH steps AS ({STEPS}), marks AS ({MARKS}), facts AS ({FACTS}), closers AS ({CLOSERS})
    SELECT facts.*,
           CASE WHEN last_reopened_at IS NULL OR last_closed_at > last_reopened_at
                THEN last_closed_at END AS closed_at,
           CASE WHEN last_reopened_at > last_solved_at THEN NULL
                WHEN is_merged AND closer IS NOT NULL THEN 'merge'
                WHEN closer IN ('bot', 'system') THEN 'automation' ELSE closer END AS closed_by
    FROM facts LEFT JOIN closers ON facts.ticket_id = closers.ticket_id AND closers.last = 1"""


def facts_from_events(events: pd.DataFrame) -> pd.DataFrame:
    """By ticket_id, the columns of TELLS as the canonical ticket_events tell them.

    closed_by is who last took the ticket from unsolved to solved or closed, null while it is open
    again; a merge closes as merge. Of events at the same moment the one further down in the
    frame is the later.
    """
    with connect() as db:
        put(db, "events", events.assign(place=range(len(events))))
        facts = frame(db.sql(QUERY))
    return facts.set_index("ticket_id")[list(TELLS)]


def tell(tickets: pd.DataFrame, events: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Tickets whose columns come from their events, where they have any; all others stay.

    columns are those that this kind of history tells. What the history holds no trace of is null,
    and a count of it is 0; a ticket that the export alone knows to be merged stays so. What a
    PARTIAL history lacks stays as it is.
    """
    facts = facts_from_events(events).reindex(tickets["ticket_id"]).set_index(tickets.index)
    has_events, partial = facts["count_reopens"].notna(), _partial(tickets)
    new = {}
    for name in columns:
        history = facts[name].astype(tickets[name].dtype)
        told = has_events & ~partial[name]
        keep = told & history.notna() if name.startswith(("is_", "merged_", "closed_by")) else told
        if name == "is_merged":
            keep = told & (history.fillna(False) | tickets[name].isna())
        new[name] = history.where(keep, tickets[name])
    if "count_reopens" in new:
        lowest = partial["count_reopens"] & tickets["count_reopens"].isna()
        lowest &= facts["count_reopens"].gt(0).fillna(False)
        known = has_events & ~partial["count_reopens"]
        new["dq_flags"] = _lower_bound(tickets["dq_flags"], known, lowest)
    return typed(TICKETS, tickets.assign(**new))


def _partial(tickets: pd.DataFrame) -> pd.DataFrame:
    """By column of TELLS: is the history of each ticket known to lack what tells it?"""
    flags = tickets["dq_flags"]
    held = set(chain.from_iterable(flags))
    lacks = {word: [word in list(f) for f in flags] if word in held else False for word in PARTIAL}
    words = {name: word for word, columns in PARTIAL.items() for name in columns}
    return pd.DataFrame({name: lacks[word] for name, word in words.items()}, index=tickets.index)


def _lower_bound(flags: pd.Series, known: pd.Series, lowest: pd.Series) -> pd.Series:
    """dq_flags: that reopenings are at least one goes where a history counts them, and comes where
    a partial history shows one and nothing else counts them."""
    if not lowest.any() and LOWER_BOUND not in set(chain.from_iterable(flags)):
        return flags
    rows = zip(flags, known, lowest, strict=True)
    new = [
        [word for word in words if word != LOWER_BOUND] + [LOWER_BOUND] * least
        if sure or least
        else words
        for words, sure, least in rows
    ]
    return pd.Series(new, index=flags.index, dtype="object")


def escalated(tickets: pd.DataFrame, events: pd.DataFrame | None, rule: str) -> pd.Series:
    """Was each ticket escalated by a rule: a SQL condition on a ticket or an event of it?

    True where it holds for the ticket and any of its events, null where all that it looks at is
    null. Raises InputError if the rule is no condition on their columns.
    """
    if events is None:
        events = pd.DataFrame(columns=TICKET_EVENTS.names, dtype="str")
    with connect() as db:
        db.register("tickets", tickets)
        db.register("ticket_events", events)
        try:
            by_ticket = db.sql(f"""
                SELECT ticket_id, bool_or({rule}) AS holds
                FROM tickets LEFT JOIN ticket_events USING (ticket_id) GROUP BY ticket_id""").df()
            holds = by_ticket.set_index("ticket_id")["holds"].astype("boolean")
        except Exception as error:
            names = ", ".join(dict.fromkeys((*TICKETS.names, *TICKET_EVENTS.names)))
            raise InputError(
                f"The rule of escalation, {rule}, cannot be used: it must be a SQL condition, such "
                f"as priority = 'urgent', on {names}."
            ) from error
    return tickets["ticket_id"].map(holds).astype("boolean")
