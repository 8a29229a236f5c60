"""ServiceNow: incidents or cases of the Table API, their sys_audit (history), the CSV of a list.

The table alone says how often a record was reopened, and when it was solved last; when first is
then known only of what was never reopened. resolved_at is emptied when a record is reopened, so
last_solved_at is null until it is solved again. escalation is the clock of its service level, not
a hand-over, and is not read; replies and satisfaction are not in these tables. A record that is
closed before its parent is solved was merged into it; of others nothing is said. The Table API
writes UTC, but with sysparm_display_value=true, as in the CSV, times are on the clock and in the
form of whoever exported them, and must be declared. The CSV names people without their ids and,
in windows-1252, has ? for every letter that this lacks.
"""

from cxresearch.loaders.reading import times
from cxresearch.loaders.reading.export import Export
from cxresearch.loaders.reading.forms import Form
from cxresearch.loaders.reading.staging import Staging
from cxresearch.study.schema import InputError

NAME = "ServiceNow"
FORMS = (
    Form(
        "api", "tickets", "json", ("sys_id", "number", "state", "opened_at"),
        {name: name for name in (
            "sys_id", "number", "sys_class_name", "state", "hold_reason", "active", "opened_at",
            "sys_updated_on", "resolved_at", "closed_at", "reopened_time", "caller_id", "contact",
            "company", "account", "assigned_to", "assignment_group", "short_description",
            "description", "category", "contact_type", "priority", "reopen_count",
            "reassignment_count", "parent_incident",
        )},
    ),
    Form(
        "csv", "tickets", "csv", ("Number", "Opened", "State", "Short description"),
        dict(
            sys_id="Sys ID", number="Number", state="State", hold_reason="On hold reason",
            active="Active", opened_at="Opened", sys_updated_on="Updated", resolved_at="Resolved",
            closed_at="Closed", reopened_time="Last reopened at",
            short_description="Short description", description="Description", category="Category",
            contact_type="Channel", priority="Priority", reopen_count="Reopen count",
            reassignment_count="Reassignment count",
        ),
    ),
    Form(
        "audit", "ticket_events", "json", ("documentkey", "fieldname", "oldvalue", "newvalue"),
        dict(id="sys_id", record="documentkey", kind="tablename", field="fieldname",
             old="oldvalue", new="newvalue", who="user", created="sys_created_on"),
    ),
)  # fmt: skip
TIMES = ("opened_at", "sys_updated_on", "resolved_at", "closed_at", "reopened_time")
CASE = "sn_customerservice_case"
# A state's number and its label mean something else in each table.
STATES = (
    ("incident", "1", "new", "new"), ("incident", "2", "in progress", "open"),
    ("incident", "3", "on hold", "hold"), ("incident", "6", "resolved", "solved"),
    ("incident", "7", "closed", "closed"), ("incident", "8", "canceled", "closed"),
    (CASE, "1", "new", "new"), (CASE, "10", "open", "open"), (CASE, "3", "closed", "closed"),
    (CASE, "18", "awaiting info", "pending"), (CASE, "6", "resolved", "solved"),
)  # fmt: skip
CHANNELS = {"self-service": "web", "virtual agent": "chat", "virtual_agent": "chat"}
# A reference is {link, value}, or {link, display_value}; with sysparm_display_value=all every field
# is {display_value, value}. The link ends in the id.
VIEWS = """
    CREATE MACRO plain(text) AS nullif(
        CASE WHEN text LIKE '{{%' AND json_valid(text) THEN
            CASE WHEN list_sort(json_keys(text)) IN (
                          ['link', 'value'], ['display_value', 'link'], ['display_value', 'value'],
                          ['display_value', 'link', 'value'])
                 THEN coalesce(text->>'$.value', regexp_extract(text->>'$.link', '[^/]+$'))
                 ELSE text END
        ELSE text END, '');
    CREATE TABLE states AS SELECT * FROM (VALUES {states}) AS s(kind, code, label, status);
    CREATE VIEW records AS
    SELECT *, CASE WHEN number LIKE 'CS%' OR sys_class_name = '{case}' THEN '{case}'
                   WHEN number LIKE 'INC%' OR sys_class_name = 'incident' THEN 'incident' END
               AS kind
    FROM (SELECT plain(COLUMNS(* EXCLUDE (_file, _row))), _file, _row, 1 AS _rank,
                 NOT regexp_matches(plain(state), '^-?[0-9]+$') AS shown FROM api
          UNION ALL BY NAME SELECT *, 2 AS _rank, TRUE AS shown FROM csv);
    CREATE VIEW shown AS SELECT * FROM records WHERE shown;
    CREATE VIEW steps AS SELECT plain(COLUMNS(* EXCLUDE (_file, _row))), _file, _row FROM audit"""
TICKETS = """
    CREATE TABLE tickets AS
    WITH read AS (
        SELECT records.* REPLACE ({clocks}), {twice} AS twice, states.code, states.status
        FROM records LEFT JOIN states
            ON states.kind = records.kind AND lower(state) IN (states.code, states.label)),
    known AS (SELECT sys_id AS parent_incident, max(number) AS parent,
                     max(resolved_at) AS parent_resolved_at FROM read GROUP BY sys_id),
    last AS (SELECT record AS sys_id, arg_max(new, (TRY_CAST(created AS TIMESTAMP), _row)) AS state
             FROM steps WHERE field = 'state' GROUP BY record)
    SELECT read.sys_id, read.kind, read.number AS ticket_id, opened_at AS created_at,
           sys_updated_on AS updated_at, short_description AS subject, description,
           CASE WHEN status = 'hold' AND lower(hold_reason) IN ('1', 'awaiting caller')
                THEN 'pending'
                ELSE coalesce(status, CASE WHEN lower(active) = 'false' THEN 'closed'
                                           WHEN resolved_at IS NOT NULL THEN 'solved'
                                           WHEN lower(active) = 'true' THEN 'open'
                                           ELSE 'unknown' END) END AS status,
           coalesce(code, read.state) AS status_raw, category AS type,
           coalesce(nullif(regexp_extract(priority, '^[0-9]+'), ''), lower(priority)) AS priority,
           CASE lower(contact_type) {channels} ELSE lower(contact_type) END AS created_channel,
           coalesce(caller_id, contact) AS requester_id,
           coalesce(company, account) AS organization_id, assigned_to AS assignee_id,
           assignment_group AS group_id,
           CASE WHEN reopen_count = '0' THEN resolved_at END AS first_solved_at,
           resolved_at AS last_solved_at, reopened_time AS last_reopened_at, closed_at,
           reopen_count AS count_reopens, reassignment_count AS assignee_changes,
           CASE WHEN status = 'closed' AND parent IS NOT NULL AND coalesce(
                    TRY_CAST(parent_resolved_at AS TIMESTAMPTZ)
                    > TRY_CAST(coalesce(resolved_at, closed_at) AS TIMESTAMPTZ), TRUE)
                THEN 'true' END AS is_merged,
           CASE WHEN is_merged THEN 'merge' END AS closed_by,
           CASE WHEN is_merged THEN parent END AS merged_into_ticket_id,
           CAST(to_json(list_filter([
               CASE WHEN twice THEN 'created_at_comes_twice' END,
               CASE WHEN last.state <> coalesce(code, read.state) THEN 'changes_missing' END],
               lambda w: w IS NOT NULL)) AS VARCHAR) AS dq_flags, _rank, _file, _row
    FROM read LEFT JOIN known USING (parent_incident)
              LEFT JOIN last ON last.sys_id = read.sys_id"""
# A state that is on hold for the caller is told by a change of hold_reason at the same moment.
EVENTS = """
    WITH known AS (SELECT sys_id AS record, max(ticket_id) AS ticket_id FROM tickets GROUP BY 1),
    named AS (
        SELECT steps.*, was.status AS before, now.status AS after,
               max(CASE WHEN field = 'hold_reason' THEN new END)
                   OVER (PARTITION BY record, created) AS reason
        FROM steps LEFT JOIN states AS was ON was.kind = steps.kind AND was.code = old
                   LEFT JOIN states AS now ON now.kind = steps.kind AND now.code = new)
    SELECT coalesce(id, _file || ' ' || _row) AS event_id, coalesce(ticket_id, record) AS ticket_id,
           {created} AS event_at,
           CASE field WHEN 'state' THEN 'status' WHEN 'assigned_to' THEN 'assignment'
                WHEN 'assignment_group' THEN 'assignment' WHEN 'comments' THEN 'comment'
                WHEN 'work_notes' THEN 'note' ELSE 'change' END AS event_type,
           who AS actor_id, CASE WHEN who = 'system' THEN 'system' END AS actor_role,
           CASE field WHEN 'state' THEN 'status' WHEN 'assigned_to' THEN 'assignee_id'
                WHEN 'assignment_group' THEN 'group_id' ELSE field END AS field,
           CASE WHEN field = 'state' THEN before WHEN field NOT IN {texts} THEN old END
               AS value_from,
           CASE WHEN field = 'state' AND after = 'hold' AND reason = '1' THEN 'pending'
                WHEN field = 'state' THEN coalesce(after, 'unknown')
                WHEN field NOT IN {texts} THEN new END AS value_to,
           CASE field WHEN 'comments' THEN 'true' WHEN 'work_notes' THEN 'false' END AS is_public,
           CASE WHEN field IN {texts} THEN new END AS body, _file, _row
    FROM named LEFT JOIN known USING (record)
    ORDER BY TRY_CAST(event_at AS TIMESTAMPTZ), _file, _row"""
TEXTS = "('comments', 'work_notes')"
TOLD = {
    "state": ("first_solved_at", "last_reopened_at", "closed_at", "closed_by", "count_reopens"),
    "assigned_to": ("assignee_changes",),
    "assignment_group": ("group_changes",),
}


def read(staging: Staging) -> Export:
    """Incidents or cases as tickets, and their history, as text.

    Raises InputError if there is a history but no table of what it is the history of.
    """
    if staging.has("audit") and not (staging.has("api") or staging.has("csv")):
        raise InputError(
            f"{staging.files_of('audit')} holds only changes (sys_audit): add the table that they "
            "are changes of, such as /api/now/table/incident."
        )
    states = ", ".join(map(str, STATES))
    staging.db.execute(VIEWS.format(states=states, case=CASE))
    channels = " ".join(f"WHEN '{said}' THEN '{ours}'" for said, ours in CHANNELS.items())
    staging.db.execute(TICKETS.format(channels=channels, **_clocks(staging)))
    frames = {"tickets": staging.sql(
        "SELECT * EXCLUDE (sys_id, kind) FROM tickets ORDER BY _rank, _file, _row")}  # fmt: skip
    if staging.has("audit"):
        created = times.utc("created")
        frames["ticket_events"] = staging.sql(EVENTS.format(created=created, texts=TEXTS))
    changed = set(staging.sql("SELECT DISTINCT field FROM steps")["field"])
    return Export(
        frames,
        notes=tuple(_notes(staging)),
        history=tuple(name for field in TOLD if field in changed for name in TOLD[field]),
    )


def _clocks(staging: Staging) -> dict[str, str]:
    """SQL for times: of the Table API in UTC, of what was shown to a person on their clock."""
    utc, given = {name: times.utc(name) for name in TIMES}, staging.declared
    query = "SELECT DISTINCT _file FROM shown ORDER BY 1"
    files = ", ".join(name for (name,) in staging.db.execute(query).fetchall())
    if not files:
        return {"clocks": ", ".join(f"{utc[name]} AS {name}" for name in TIMES), "twice": "FALSE"}
    local = times.clock(staging.db, "shown", TIMES, given, files)
    return {
        "clocks": ", ".join(
            f"CASE WHEN shown THEN {local[name]} ELSE {utc[name]} END AS {name}" for name in TIMES
        ),
        "twice": f"shown AND {times.ambiguous('opened_at', given)}",
    }


def _notes(staging: Staging):
    own = staging.sql("""
        SELECT DISTINCT status_raw FROM tickets LEFT JOIN states
            ON states.kind = tickets.kind AND status_raw = code
        WHERE code IS NULL AND status_raw IS NOT NULL ORDER BY 1""")["status_raw"]
    if len(own):
        yield (
            f"States that no incident or case has by default: {', '.join(own)}. Whether such a "
            "record is closed, solved or open is told by active and resolved_at."
        )
    if not staging.has("audit"):
        yield (
            "There is no sys_audit: first solutions are known only of what was never reopened, and "
            "waiting on the caller only as it is now."
        )
    partial = len(staging.sql("SELECT 1 FROM tickets WHERE contains(dq_flags, 'changes_missing')"))
    if partial:
        yield (
            f"The sys_audit of {partial} records does not end in the state that they are in: "
            "nothing is counted in it."
        )
    if staging.has("csv") and not staging.has("api"):
        yield (
            "The CSV names callers and agents without their ids, so nobody can be seen to come "
            "back. In windows-1252 it has ? for letters such as emoji and Arabic."
        )
