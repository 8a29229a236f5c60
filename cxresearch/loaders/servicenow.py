"""ServiceNow: incidents or cases of the Table API, their sys_audit (history), the CSV of a list.

The table alone says how often a record was reopened, and when it was solved last; when first is
then known only of what was never reopened. resolved_at is emptied when a record is reopened, so
last_solved_at is null until it is solved again. escalation is the clock of its service level, not
a hand-over, and is not read; replies and satisfaction are not in these tables. A record that is
closed before its parent is solved was merged into it; of others nothing is said. The Table API
writes UTC, but with sysparm_display_value=true, as in the CSV, times are on the clock and in the
form of whoever exported them, and must be declared. The CSV, whose header holds labels or names of
fields, names people without their ids and, in windows-1252, has ? for every letter that this lacks.
"""

from cxresearch.loaders.reading import times
from cxresearch.loaders.reading.forms import Form, fields
from cxresearch.loaders.reading.staging import Staging

NAME = "ServiceNow"
RECORD = fields(
    "sys_id number sys_class_name state hold_reason active opened_at sys_updated_on resolved_at "
    "closed_at reopened_time caller_id contact company account assigned_to assignment_group "
    "short_description description category contact_type priority reopen_count reassignment_count "
    "parent_incident sys_created_on made_sla calendar_stc business_stc calendar_duration "
    "business_duration"
)
FORMS = (
    Form("api", "tickets", "json", ("number", "opened_at|sys_created_on", "sys_id|state"), RECORD),
    Form("list", "tickets", "csv", ("number", "opened_at|sys_created_on"), RECORD),
    Form(
        "csv", "tickets", "csv",
        ("Number", "Opened|Created", "Opened|Short description|Sys ID"),
        fields(
            sys_id="Sys ID", number="Number", state="State", hold_reason="On hold reason",
            active="Active", opened_at="Opened", sys_created_on="Created",
            sys_updated_on="Updated", resolved_at="Resolved", closed_at="Closed",
            reopened_time="Last reopened at", short_description="Short description",
            description="Description", category="Category", contact_type="Channel",
            priority="Priority", reopen_count="Reopen count",
            reassignment_count="Reassignment count", made_sla="Made SLA",
            calendar_stc="Resolve time", business_stc="Business resolve time",
            calendar_duration="Duration", business_duration="Business duration",
        ),
    ),
    Form(
        "audit", "ticket_events", "json", ("documentkey", "fieldname", "oldvalue", "newvalue"),
        fields(
            id="sys_id", record="documentkey", kind="tablename", field="fieldname", old="oldvalue",
            new="newvalue", who="user", created="sys_created_on",
        ),
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
REFERENCES = ("caller_id", "contact", "company", "account", "assigned_to", "assignment_group",
              "parent_incident")  # fmt: skip
# A reference is {link, value}, or {link, display_value}; with sysparm_display_value=all every field
# is {display_value, value}. The link ends in the id.
RECORDS = f"""
    CREATE MACRO plain(text) AS nullif(
        CASE WHEN text LIKE '{{%' AND json_valid(text) THEN
            CASE WHEN list_sort(json_keys(text)) IN (
                          ['link', 'value'], ['display_value', 'link'], ['display_value', 'value'],
                          ['display_value', 'link', 'value'])
                 THEN coalesce(text->>'$.value', regexp_extract(text->>'$.link', '[^/]+$'))
                 ELSE text END
        ELSE text END, '');
    CREATE MACRO spent(seconds, duration) AS coalesce(
        in_minutes(seconds, 'seconds'),
        CAST(epoch(TRY_CAST(duration AS TIMESTAMP)) / 60 AS VARCHAR),
        in_minutes(duration, 'seconds'));
    CREATE MACRO id(text) AS CASE WHEN regexp_matches(text, '^[0-9a-f]{{32}}$') THEN text END;
    CREATE VIEW records AS
    SELECT * REPLACE (coalesce(opened_at, sys_created_on) AS opened_at),
           CASE WHEN number LIKE 'CS%' OR sys_class_name = '{CASE}' THEN '{CASE}'
                WHEN number LIKE 'INC%' OR sys_class_name = 'incident' THEN 'incident' END
               AS kind
    FROM (SELECT plain(COLUMNS(* EXCLUDE (_file, _row))), _file, _row, 1 AS _rank,
                 NOT regexp_matches(plain(state), '^-?[0-9]+$') AS shown FROM api
          UNION ALL BY NAME
          SELECT * REPLACE ({", ".join(f"id(plain({name})) AS {name}" for name in REFERENCES)}),
                 2 AS _rank,
                 coalesce(NOT regexp_matches(state, '^-?[0-9]+$'), TRUE) AS shown FROM list
          UNION ALL BY NAME SELECT *, 2 AS _rank, TRUE AS shown FROM csv);
    CREATE VIEW shown AS SELECT * FROM records WHERE shown;"""
VIEWS = f"""
    CREATE TABLE states AS
    SELECT * FROM (VALUES {", ".join(map(str, STATES))}) AS s(kind, code, label, status);
    CREATE VIEW steps AS SELECT plain(COLUMNS(* EXCLUDE (_file, _row))), _file, _row FROM audit;
    CREATE TABLE tickets AS
    WITH stated AS (
        SELECT clocked.*, states.code, states.status FROM clocked LEFT JOIN states
            ON states.kind = clocked.kind AND lower(state) IN (states.code, states.label)),
    known AS (SELECT sys_id AS parent_incident, max(number) AS parent,
                     max(resolved_at) AS parent_resolved_at FROM stated GROUP BY sys_id),
    last AS (SELECT record AS sys_id, arg_max(new, (TRY_CAST(created AS TIMESTAMP), _row)) AS state
             FROM steps WHERE field = 'state' GROUP BY record)
    SELECT stated.sys_id, stated.kind, stated.number AS ticket_id, opened_at AS created_at,
           sys_updated_on AS updated_at, short_description AS subject, description,
           CASE WHEN status = 'hold' AND lower(hold_reason) IN ('1', 'awaiting caller')
                THEN 'pending'
                ELSE coalesce(status, CASE WHEN lower(active) = 'false' THEN 'closed'
                                           WHEN resolved_at IS NOT NULL THEN 'solved'
                                           WHEN lower(active) = 'true' THEN 'open'
                                           ELSE 'unknown' END) END AS status,
           coalesce(code, stated.state) AS status_raw, category AS type,
           coalesce(nullif(regexp_extract(priority, '^[0-9]+'), ''), lower(priority)) AS priority,
           coalesce(MAP {CHANNELS}[lower(contact_type)], lower(contact_type)) AS created_channel,
           coalesce(caller_id, contact) AS requester_id,
           coalesce(company, account) AS organization_id, assigned_to AS assignee_id,
           assignment_group AS group_id,
           CASE WHEN reopen_count = '0' THEN resolved_at END AS first_solved_at,
           resolved_at AS last_solved_at, reopened_time AS last_reopened_at, closed_at,
           reopen_count AS count_reopens, reassignment_count AS assignee_changes,
           CASE WHEN status = 'closed' AND parent IS NOT NULL AND coalesce(
                    TRY_CAST(parent_resolved_at AS TIMESTAMPTZ)
                    > TRY_CAST(coalesce(resolved_at, closed_at) AS TIMESTAMPTZ), TRUE)
                THEN TRUE END AS is_merged,
           CASE WHEN is_merged THEN 'merge' END AS closed_by,
           CASE WHEN is_merged THEN parent END AS merged_into_ticket_id,
           spent(calendar_stc, calendar_duration) AS vendor_resolution_minutes,
           spent(business_stc, business_duration) AS vendor_resolution_business_minutes,
           reopen_count AS vendor_reopens,
           CASE lower(made_sla) WHEN 'true' THEN FALSE WHEN 'false' THEN TRUE END
               AS vendor_resolution_breached,
           listed([CASE WHEN twice THEN 'created_at_comes_twice' END,
                   CASE WHEN last.state <> coalesce(code, stated.state) THEN 'changes_missing' END])
               AS dq_flags, _rank, _file, _row
    FROM stated LEFT JOIN known USING (parent_incident)
                LEFT JOIN last ON last.sys_id = stated.sys_id;
"""
TICKETS = "SELECT * EXCLUDE (sys_id, kind) FROM tickets ORDER BY _rank, _file, _row"
TEXTS = "('comments', 'work_notes')"
# A state that is on hold for the caller is told by a change of hold_reason at the same moment.
TICKET_EVENTS = f"""
    WITH known AS (SELECT sys_id AS record, max(ticket_id) AS ticket_id FROM tickets GROUP BY 1),
    named AS (
        SELECT steps.*, was.status AS before, now.status AS after,
               max(CASE WHEN field = 'hold_reason' THEN new END)
                   OVER (PARTITION BY record, created) AS reason
        FROM steps LEFT JOIN states AS was ON was.kind = steps.kind AND was.code = old
                   LEFT JOIN states AS now ON now.kind = steps.kind AND now.code = new)
    SELECT coalesce(id, _file || ' ' || _row) AS event_id, coalesce(ticket_id, record) AS ticket_id,
           from_utc(created) AS event_at,
           CASE field WHEN 'state' THEN 'status' WHEN 'assigned_to' THEN 'assignment'
                WHEN 'assignment_group' THEN 'assignment' WHEN 'comments' THEN 'comment'
                WHEN 'work_notes' THEN 'note' ELSE 'change' END AS event_type,
           who AS actor_id, CASE WHEN who = 'system' THEN 'system' END AS actor_role,
           CASE field WHEN 'state' THEN 'status' WHEN 'assigned_to' THEN 'assignee_id'
                WHEN 'assignment_group' THEN 'group_id' ELSE field END AS field,
           CASE WHEN field = 'state' THEN before WHEN field NOT IN {TEXTS} THEN old END
               AS value_from,
           CASE WHEN field = 'state' AND after = 'hold' AND reason = '1' THEN 'pending'
                WHEN field = 'state' THEN coalesce(after, 'unknown')
                WHEN field NOT IN {TEXTS} THEN new END AS value_to,
           CASE field WHEN 'comments' THEN 'true' WHEN 'work_notes' THEN 'false' END AS is_public,
           CASE WHEN field IN {TEXTS} THEN new END AS body, _file, _row
    FROM named LEFT JOIN known USING (record)
    ORDER BY TRY_CAST(event_at AS TIMESTAMPTZ), _file, _row"""
TOLD = {
    "state": ("first_solved_at", "last_reopened_at", "closed_at", "closed_by", "count_reopens"),
    "assigned_to": ("assignee_changes",),
    "assignment_group": ("group_changes",),
}
HISTORY = {f"SELECT 1 FROM steps WHERE field = '{f}' LIMIT 1": told for f, told in TOLD.items()}
REFUSES = {
    """SELECT string_agg(file, ', ' ORDER BY file) FROM staged
       HAVING count(*) > 0 AND NOT (has('api') OR has('csv') OR has('list'))""":
        "{} holds only changes (sys_audit): add the table that they are changes of, such as "
        "/api/now/table/incident.",
}  # fmt: skip
NOTES = {
    """SELECT string_agg(DISTINCT status_raw, ', ' ORDER BY status_raw) AS own
       FROM tickets LEFT JOIN states ON states.kind = tickets.kind AND status_raw = code
       WHERE code IS NULL HAVING own IS NOT NULL""":
        "States that no incident or case has by default: {}. Whether such a record is closed, "
        "solved or open is told by active and resolved_at.",
    "SELECT 1 WHERE NOT has('audit')":
        "There is no sys_audit: first solutions are known only of what was never reopened, and "
        "waiting on the caller only as it is now.",
    """SELECT count(*) AS n FROM tickets WHERE contains(dq_flags, 'changes_missing')
       HAVING n > 0""":
        "The sys_audit of {} records does not end in the state that they are in: nothing is "
        "counted in it.",
    "SELECT 1 WHERE (has('csv') OR has('list')) AND NOT has('api')":
        "The CSV names callers and agents without their ids, so nobody can be seen to come back. "
        "In windows-1252 it has ? for letters such as emoji and Arabic.",
}  # fmt: skip


def prepare(staging: Staging) -> None:
    """Makes the view clocked: the records, their times in UTC, and whether created_at came twice.

    The Table API tells times in UTC; what was shown to a person is on their clock.
    """
    staging.run(RECORDS)
    local, twice = {name: name for name in TIMES}, "FALSE"
    query = "SELECT string_agg(DISTINCT _file, ', ' ORDER BY _file) FROM shown"
    [(files,)] = staging.db.execute(query).fetchall()
    if files:
        local = times.clock(staging.db, "shown", TIMES, staging.declared, files)
        twice = times.ambiguous("opened_at", staging.declared)
    clocks = ", ".join(
        f"CASE WHEN shown THEN {local[name]} ELSE from_utc({name}) END AS {name}" for name in TIMES
    )
    staging.db.execute(f"""
        CREATE VIEW clocked AS
        SELECT * REPLACE ({clocks}), shown AND {twice} AS twice FROM records""")
