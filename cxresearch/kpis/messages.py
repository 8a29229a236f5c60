"""What the history of each ticket counts: messages, solutions, and silences of the desk.

An agent is a person: what a bot, a rule or an autoresponder writes has another actor_role, and an
internal note is no message (each loader marks them; a loader's test holds that first_reply_at and
total_agent_replies count neither).
"""

import pandas as pd

from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.db import connect, frame, put
from cxresearch.study.engine import composed
from cxresearch.study.once import once
from cxresearch.study.study import Study

MISSING = {"messages_missing": ("agent_messages", "customer_replies"),
           "changes_missing": ("solutions", "reopened_at")}  # fmt: skip
COUNTED = "agent_messages customer_replies solutions reopened_at".split()

# SQL for any engine (study.engine). events has place, their order within a moment. before: the
# status before a change, from the event itself or else from the one before it.
MARKS = {
    "steps": """
    SELECT *, coalesce(value_from, CASE WHEN event_type <> 'created' THEN lag(value_to) OVER (
                  PARTITION BY ticket_id, field ORDER BY event_at, place) END) AS before
    FROM events""",
    "marks": """
    SELECT ticket_id, event_at,
           CASE WHEN actor_role = 'agent' AND is_public IS NOT FALSE
                     AND (event_type = 'reply' OR (event_type = 'created' AND field IS NULL))
                THEN 1 END AS by_agent,
           CASE WHEN actor_role = 'customer' AND event_type = 'reply' AND is_public IS NOT FALSE
                THEN 1 END AS by_customer,
           CASE WHEN field = 'status' AND value_to IN ('solved', 'closed')
                     AND coalesce(before, 'new') NOT IN ('solved', 'closed')
                THEN event_at END AS solved,
           CASE WHEN field = 'status' AND before IN ('solved', 'closed')
                     AND value_to IN ('new', 'open', 'pending', 'hold')
                THEN event_at END AS reopened
    FROM steps""",
}
COUNTS = """
    SELECT ticket_id, count(by_agent) AS agent_messages, count(by_customer) AS customer_replies,
           count(solved) AS solutions, min(reopened) AS reopened_at
    FROM marks GROUP BY ticket_id"""

# State 0: a person at the desk has the next word; 1: the customer has; 2: it is over. A gap begins
# with the ticket, with an agent's message and when the desk's turn comes back; it ends with the
# next message, with the end of the turn, or with the end of observation.
BY_TIME = "PARTITION BY ticket_id ORDER BY moment, late, place"
TURNS = {
    "turns": """
    SELECT own.ticket_id, CASE WHEN event_at < created_at THEN created_at ELSE event_at END
               AS moment, 1 AS late, place,
           CASE WHEN value_to IN ('solved', 'closed', 'deleted') THEN 2
                WHEN value_to = 'pending' OR (value_to = 'hold' AND hold_waits) THEN 1 ELSE 0
                END AS state, 0 AS said
    FROM events JOIN own ON events.ticket_id = own.ticket_id
    WHERE field = 'status' AND value_to IS NOT NULL AND event_at <= until
    UNION ALL
    SELECT own.ticket_id, CASE WHEN event_at < created_at THEN created_at ELSE event_at END, 1,
           place, NULL, 1
    FROM events JOIN own ON events.ticket_id = own.ticket_id
    WHERE event_type = 'reply' AND actor_role = 'agent' AND is_public IS NOT FALSE
          AND event_at <= until
    UNION ALL
    SELECT ticket_id, created_at, 0, NULL, 0, 0 FROM own
    UNION ALL
    SELECT ticket_id, solved_at, 2, NULL, 2, 0 FROM own WHERE solved_at <= until
    UNION ALL
    SELECT ticket_id, until, 3, NULL, NULL, 1 FROM own""",
    "told": f"""
    SELECT *, count(state) OVER ({BY_TIME}
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stretch FROM turns""",
    "states": """
    SELECT *, max(state) OVER (PARTITION BY ticket_id, stretch) AS present FROM told""",
    "changed": f"SELECT *, lag(present) OVER ({BY_TIME}) AS before FROM states",
    "said_or_changed": """
    SELECT * FROM changed WHERE said = 1 OR before IS NULL OR before <> present""",
    "gaps": f"SELECT *, lead(moment) OVER ({BY_TIME}) AS following FROM said_or_changed",
}
GAPS = """
    SELECT ticket_id, moment AS since, following AS until, present AS state,
           max(CASE WHEN late = 3 THEN present END) OVER (PARTITION BY ticket_id) AS ends
    FROM gaps WHERE following IS NOT NULL OR late = 3"""


def message_counts(study: Study) -> pd.DataFrame | CannotTell:
    """By ticket_id: agent_messages (public, the first one among them), customer_replies (after the
    first message), solutions (from unsolved to solved or closed), reopened_at (first).

    Null where a ticket's history is not there or known to lack such events.
    """
    if not study.has("ticket_events"):
        return CannotTell("the export lacks ticket_events; the history of each ticket would tell.")
    return _counts(study)


def has_flag(tickets: pd.DataFrame, word: str) -> pd.Series:
    """Which tickets have a word among their dq_flags."""
    words = tickets["dq_flags"]
    return words.map(lambda said: pd.api.types.is_list_like(said) and word in said)


def desk_silences(study: Study, tickets: pd.DataFrame) -> pd.DataFrame | CannotTell:
    """The stretches in which the desk had the next word and said nothing: ticket_id, since, until,
    and ends (the ticket's last state: 0 open, 1 waiting on the customer, 2 over).

    tickets has ticket_id, created_at and solved_at, which ends a ticket without a history of
    status. Waiting on the customer (pending; hold if study.toml says so) is no silence. Of a ticket
    still open the last stretch ends with the observation: it may become longer. Every ticket has
    a row; since is null where there was no stretch.
    """
    if not study.has("ticket_events") or not _kinds(study)["replies"]:
        return CannotTell("when agents wrote: the export lacks messages; their history would tell.")
    events = study.ticket_events
    has = events.loc[events["field"] == "status", "ticket_id"]
    never = pd.Series(pd.NaT, index=tickets.index, dtype="datetime64[us, UTC]")
    known = among(tickets["ticket_id"], has)
    solved = tickets["solved_at"].mask(known, never)
    own = tickets[["ticket_id", "created_at"]].assign(
        solved_at=solved, until=study.observed_until, hold_waits=study.settings.hold_stops_clock
    )
    with connect() as db:
        _put_events(db, study)
        put(db, "own", own)
        gaps = frame(db.sql(composed(GAPS, TURNS)))
    silent = (gaps["state"] == 0) & gaps["until"].notna()
    times = gaps[["since", "until"]].where(silent)
    return gaps[["ticket_id"]].join(times).assign(ends=gaps["ends"]).drop_duplicates()


@once
def _counts(study: Study) -> pd.DataFrame:
    with connect() as db:
        _put_events(db, study)
        counts = frame(db.sql(composed(COUNTS, MARKS))).set_index("ticket_id")
    counts = counts.reindex(study.tickets["ticket_id"])
    told = _kinds(study)
    for word, columns in MISSING.items():
        lacks = has_flag(study.tickets, word).to_numpy()
        counts.loc[lacks, list(columns)] = None
    return counts.assign(**{name: pd.NA for name in COUNTED if not told[name]})


def _put_events(db, study: Study) -> None:
    columns = "ticket_id event_at event_type actor_role field value_from value_to is_public".split()
    events = study.ticket_events[columns]
    put(db, "events", events.assign(place=range(1, len(events) + 1)))


def _kinds(study: Study) -> dict[str, bool]:
    """Which of the counts the study's history can tell at all."""
    events = study.ticket_events
    messages = events["event_type"].eq("reply") & events["actor_role"].notna()
    first = events["event_type"].eq("created") & events["is_public"].notna()
    status = bool((events["field"] == "status").any())
    return {
        "replies": bool(messages.any()),
        "agent_messages": bool(first.any()),
        "customer_replies": bool(messages.any()),
        "solutions": status,
        "reopened_at": status,
    }
