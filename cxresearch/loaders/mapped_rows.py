"""SQL that makes tickets, their history and surveys of rows that are tickets, changes or messages.

The rows are those of a section's view: canonical names, values as text (see mapped).
"""

from cxresearch.loaders import histories
from cxresearch.loaders.people import subscriptions
from cxresearch.loaders.people.mapping import Section
from cxresearch.loaders.people.mapping_keys import MADE_OF
from cxresearch.loaders.reading.staging import Staging
from cxresearch.study.schema import SURVEYS, TABLES, TICKET_EVENTS, TICKETS

WATCHED = ("status", "assignee_id", "group_id", "priority")
MOVES = {"assignee_id": "assignee_changes", "group_id": "group_changes"}
AT = "TRY_CAST(event_at AS TIMESTAMPTZ)"
# The columns of tickets that events tell, if there is one for which this holds.
EVENTS_TELL = {
    "event_type = 'reply' AND actor_role = 'agent'": histories.REPLIES,
    "field = 'status'": histories.STATUS,
    "field = 'assignee_id'": {"assignee_changes"},
    "field = 'group_id'": {"group_changes"},
    "event_type = 'merge'": {"is_merged", "merged_into_ticket_id"},
}


def queries(section: Section, tickets: list[str]) -> list[tuple[str, str]]:
    """The canonical tables that a section tells of, each with its SQL; tickets are the views of
    tickets that the mapping has."""
    view = f"named_{section.name}"
    own = listed([*section.among(TABLES[section.table].names), *section.made])
    match section.table, section.row:
        case "tickets", "change":
            told = [("tickets", _after_changes(section)), ("ticket_events", _changes(section))]
        case "tickets", "message":
            told = [("tickets", _with_messages(section)), ("ticket_events", _messages(section))]
        case "ticket_events", "message":
            told = [("ticket_events", _messages(section, _opened(tickets)))]
        case "ticket_events", _:
            told = [("ticket_events", f"SELECT {own}, _file, _row FROM ({_steps(section)})")]
        case "surveys", _:
            told = [("surveys", _asked(section))]
        case "customers", _:
            told = [("customers", subscriptions.rows(section, view))]
        case _:
            told = [(section.table, f"SELECT {own}, _aside, _file, _row FROM ({_keyed(section)})")]
    return told + ([("surveys", _scores(section))] if scored(section) else [])


def _opened(tickets: list[str]) -> str:
    """When each ticket was created, where a section tells it."""
    rows = " UNION ALL ".join(f"SELECT ticket_id, created_at FROM {view}" for view in tickets)
    opened = "min(TRY_CAST(created_at AS TIMESTAMPTZ)) AS opened_at"
    return f"SELECT ticket_id, {opened} FROM ({rows}) GROUP BY ticket_id" if tickets else ""


def listed(names: list[str]) -> str:
    """Columns as SQL names them."""
    return ", ".join(f'"{name}"' for name in names)


def scored(section: Section) -> bool:
    """Are there surveys in the satisfaction of tickets?"""
    wanted = ["satisfaction_raw", "scale_min", "scale_max"]
    return section.table == "tickets" and section.among(wanted) == wanted


def history(staging: Staging, section: Section) -> set[str]:
    """The columns of tickets that the events in a section tell."""
    if section.row == "change":
        told = {moves for name, moves in MOVES.items() if name in section.columns}
        return told | (histories.STATUS if "status" in section.columns else set())
    if section.row == "message":
        agents = f"FROM named_{section.name} WHERE ({_role(section) or 'NULL'}) = 'agent' LIMIT 1"
        told = staging.db.execute(f"SELECT 1 {agents}").fetchall()
        return set(histories.REPLIES) if told else set()
    if section.table != "ticket_events":
        return set()
    nothing = ", ".join(f"NULL::VARCHAR AS {n}" for n in ("event_type", "actor_role", "field"))
    events = f"SELECT * FROM named_{section.name} UNION ALL BY NAME SELECT {nothing}"
    held = ", ".join(f"coalesce(bool_or({sql}), FALSE)" for sql in EVENTS_TELL)
    [found] = staging.db.execute(f"SELECT {held} FROM ({events})").fetchall()
    kinds = (columns for holds, columns in zip(found, EVENTS_TELL.values(), strict=True) if holds)
    return {column for columns in kinds for column in columns}


def _steps(section: Section) -> str:
    """The section's rows with the place of each in its ticket, and the number of the event."""
    order = 'TRY_CAST("order" AS BIGINT), ' if "order" in section.columns else ""
    kind, _, number = section.name.rpartition("_")
    short = f"{'e' if kind == 'ticket_events' else ''}{number}"
    made = f"ticket_id || '-{short}-' || n"
    told = f"* REPLACE (coalesce(event_id, {made}) AS event_id)"
    return f"""SELECT {told if section.among(["event_id"]) else f"*, {made} AS event_id"} FROM (
        SELECT *, row_number() OVER (
            PARTITION BY ticket_id ORDER BY {AT} NULLS FIRST, {order}_row) AS n
        FROM named_{section.name})"""


def _keyed(section: Section) -> str:
    """The section's rows; one without a number has one of what it says, and which of those alike
    in its file it is: the same rows in another export have the same."""
    if section.table not in MADE_OF:
        return f"SELECT * FROM named_{section.name}"
    key, of = MADE_OF[section.table]
    alike = " || ' ' || ".join(f"coalesce(\"{n}\", '')" for n in section.among(of)) or "''"
    nth = "row_number() OVER (PARTITION BY alike, _file ORDER BY _row)"
    made = f"md5(alike) || '-' || {nth}"
    told = f"* REPLACE (coalesce({key}, {made}) AS {key})"
    return f"""SELECT {told if section.among([key]) else f"*, {made} AS {key}"}
        FROM (SELECT *, {alike} AS alike FROM named_{section.name})"""


def _last(section: Section) -> str:
    return f"""SELECT * FROM ({_steps(section)})
        QUALIFY row_number() OVER (PARTITION BY ticket_id ORDER BY n DESC) = 1"""


def _after_changes(section: Section) -> str:
    """Tickets as they were after their last change."""
    own = section.among(TICKETS.names)
    updated = "" if "updated_at" in own else ", event_at AS updated_at"
    return f"SELECT {listed([*own, *section.made])}{updated}, _file, _row FROM ({_last(section)})"


def _changes(section: Section) -> str:
    """A ticket's history from its states: one event for each value that differs from the one
    before, and one update for a row in which none does."""
    who = section.among(("actor_id", "actor_role"))
    row = ", ".join(["ticket_id", "event_at", *who, "_file", "_row", "n"])
    values = ", ".join(
        f'"{name}"' if name in section.columns else f"CAST(NULL AS VARCHAR) AS {name}"
        for name in WATCHED
    )
    return f"""
        WITH steps AS ({_steps(section)}),
        told AS (UNPIVOT (SELECT {row}, {values} FROM steps) ON {", ".join(WATCHED)}
                 INTO NAME field VALUE value_to),
        compared AS (SELECT *, lag(value_to) OVER (PARTITION BY ticket_id, field ORDER BY n)
                                   AS value_from FROM told),
        moves AS (SELECT * FROM compared WHERE value_to IS DISTINCT FROM value_from)
        SELECT ticket_id || '-' || n || coalesce('-' || field, '') AS event_id, * EXCLUDE n,
               CASE WHEN field IS NULL THEN 'update' WHEN n = 1 THEN 'created'
                    WHEN field = 'status' THEN 'status' WHEN field LIKE '%_id' THEN 'assignment'
                    ELSE 'change' END AS event_type
        FROM (SELECT * FROM moves UNION ALL BY NAME
              SELECT {row} FROM steps ANTI JOIN moves USING (ticket_id, n))"""


def _with_messages(section: Section) -> str:
    """Tickets, each field as it was last filled; the first message tells what no column does."""
    own = [n for n in (*section.among(TICKETS.names), *section.made) if n != "ticket_id"]
    told = {name: f'arg_max("{name}", n)' for name in own} | {"_file": "arg_max(_file, n)"}
    told = {"updated_at": "arg_max(event_at, n)"} | told | {"_row": "arg_max(_row, n)"}
    if section.among(["body"]):
        told = {"description": "arg_min(body, n)"} | told
    if section.among(["actor_id", "actor_role"]) == ["actor_id", "actor_role"]:
        told = {"requester_id": "arg_min(actor_id, n) FILTER (actor_role = 'customer')"} | told
    values = ", ".join(f'{sql} AS "{name}"' for name, sql in told.items())
    return f"SELECT ticket_id, {values} FROM ({_steps(section)}) GROUP BY ticket_id"


def _messages(section: Section, opened: str = "") -> str:
    """Messages as events: what opens its ticket, public replies and notes."""
    told = section.among(TICKET_EVENTS.names)
    values = {name: f'"{name}"' for name in ("event_id", *told)}
    if role := _role(section):
        values["actor_role"] = role
    public = "is_public = 'false'" if "is_public" in told else "FALSE"
    first = f"n = 1 AND {AT} <= opened_at" if opened else f"n = 1 AND {section.table == 'tickets'}"
    kind = f"CASE WHEN {first} THEN 'created' WHEN {public} THEN 'note' ELSE 'reply' END"
    values = {"event_type": kind} | values
    columns = ", ".join(f'{sql} AS "{name}"' for name, sql in values.items())
    join = f"LEFT JOIN ({opened}) USING (ticket_id)" if opened else ""
    return f"SELECT {columns}, _file, _row FROM ({_steps(section)}) {join}"


def _role(section: Section) -> str:
    """SQL for the part of who wrote; empty where nothing tells it."""
    if section.among(["actor_role"]):
        return "actor_role"
    if section.among(["actor_id", "requester_id"]) != ["actor_id", "requester_id"]:
        return ""
    return """CASE WHEN lower(trim(actor_id)) = lower(trim(requester_id)) THEN 'customer'
        WHEN actor_id IS NOT NULL AND requester_id IS NOT NULL THEN 'agent' END"""


def _asked(section: Section) -> str:
    """Surveys: without a score there is no answer, and one without a time came when asked."""
    own = section.among(SURVEYS.names)
    times = [name for name in ("responded_at", "offered_at") if name in own]
    answer = f"coalesce({', '.join(times)})"
    if "score_raw" in own:
        answer = f"CASE WHEN score_raw IS NOT NULL THEN {answer} END"
    values = {name: f'"{name}"' for name in own} | {"responded_at": answer}
    values = {"offered_at": "responded_at"} | values
    columns = ", ".join(f'{sql} AS "{name}"' for name, sql in values.items())
    return f"SELECT {columns}, _file, _row FROM named_{section.name}"


def _scores(section: Section) -> str:
    """Surveys in the satisfaction of tickets: of who answered, and whose ticket was solved."""
    solved = ("last_solved_at", "first_solved_at", "closed_at")
    asked = section.among(["offered_at", "responded_at", *solved])
    answered = section.among(["responded_at", "offered_at", *solved])
    score = "CASE WHEN satisfaction_raw IS NOT NULL THEN {} END"
    offered = f"coalesce({', '.join([*asked, score.format('created_at')])})"
    rows = f"named_{section.name}" if section.row == "ticket" else f"({_last(section)})"
    return f"""SELECT ticket_id AS survey_id, ticket_id, 'csat' AS kind, scale_min, scale_max,
               satisfaction_raw AS score_raw, {offered} AS offered_at,
               {score.format(f"coalesce({', '.join([*answered, 'created_at'])})")} AS responded_at,
               _file, _row
        FROM {rows} WHERE {offered} IS NOT NULL"""
