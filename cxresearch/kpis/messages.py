"""What the history of each ticket counts: messages, solutions, and silences of the desk.

An agent is a person: what a bot, a rule or an autoresponder writes has another actor_role, and an
internal note is no message (each loader marks them; a loader's test holds that first_reply_at and
total_agent_replies count neither).
"""

import pandas as pd

from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.db import connect, frame, put
from cxresearch.study.once import once
from cxresearch.study.study import Study

MISSING = {"messages_missing": ("agent_messages", "customer_replies"),
           "changes_missing": ("solutions", "reopened_at")}  # fmt: skip
COUNTED = "agent_messages customer_replies solutions reopened_at".split()

# before: the status before a change, from the event itself or else from the one before it
STEPS = """
    SELECT *, coalesce(value_from, CASE WHEN event_type <> 'created' THEN lag(value_to) OVER (
                  PARTITION BY ticket_id, field ORDER BY event_at, place) END) AS before
    FROM events"""
MARKS = """
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
    FROM steps"""
COUNTS = f"""
    WITH steps AS ({STEPS}), marks AS ({MARKS})
    SELECT ticket_id, count(by_agent) AS agent_messages, count(by_customer) AS customer_replies,
           count(solved) AS solutions, min(reopened) AS reopened_at
    FROM marks GROUP BY ticket_id"""

# State 0: a person at the desk has the next word; 1: the customer has; 2: it is over. A gap begins
# with the ticket, with an agent's message and when the desk's turn comes back; it ends with the
# next message, with the end of the turn, or with the end of observation.
TURNS = """
    SELECT ticket_id, created_at AS moment, 0 AS place, 0 AS state, 0 AS said FROM own
    UNION ALL
    SELECT own.ticket_id, greatest(event_at, created_at), place,
           CASE WHEN value_to IN ('solved', 'closed', 'deleted') THEN 2
                WHEN value_to = 'pending' OR (value_to = 'hold' AND hold_waits) THEN 1 ELSE 0 END, 0
    FROM events JOIN own ON events.ticket_id = own.ticket_id
    WHERE field = 'status' AND value_to IS NOT NULL AND event_at <= until
    UNION ALL
    SELECT own.ticket_id, greatest(event_at, created_at), place, NULL, 1
    FROM events JOIN own ON events.ticket_id = own.ticket_id
    WHERE event_type = 'reply' AND actor_role = 'agent' AND is_public IS NOT FALSE
          AND event_at <= until
    UNION ALL
    SELECT ticket_id, solved_at, 2000000000, 2, 0 FROM own WHERE solved_at <= until
    UNION ALL
    SELECT ticket_id, until, 2000000001, NULL, 1 FROM own"""
GAPS = f"""
    WITH turns AS ({TURNS}),
    states AS (SELECT *, last_value(state IGNORE NULLS) OVER (
                   PARTITION BY ticket_id ORDER BY moment, place
                   ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS now FROM turns),
    changes AS (SELECT *, lag(now) OVER (PARTITION BY ticket_id ORDER BY moment, place) AS before
                FROM states),
    kept AS (SELECT * FROM changes WHERE said = 1 OR before IS NULL OR before <> now),
    gaps AS (SELECT *, lead(moment) OVER (PARTITION BY ticket_id ORDER BY moment, place) AS next
             FROM kept)
    SELECT ticket_id, moment AS since, next AS until, now AS state,
           max(CASE WHEN place = 2000000001 THEN now END) OVER (PARTITION BY ticket_id) AS ends
    FROM gaps WHERE next IS NOT NULL OR place = 2000000001"""


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
        gaps = frame(db.sql(GAPS))
    silent = (gaps["state"] == 0) & gaps["until"].notna()
    times = gaps[["since", "until"]].where(silent)
    return gaps[["ticket_id"]].join(times).assign(ends=gaps["ends"]).drop_duplicates()


@once
def _counts(study: Study) -> pd.DataFrame:
    with connect() as db:
        _put_events(db, study)
        counts = frame(db.sql(COUNTS)).set_index("ticket_id")
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
