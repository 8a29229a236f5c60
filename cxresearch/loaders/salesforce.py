"""Salesforce: the objects Case and CaseHistory, as Data Loader, the Bulk API and the Data Export
service write them (CSV); the service writes 1 and 0, times without a zone, and empty look-ups as
zeros.

Case.csv alone says when a case was closed, not when first, nor how often it was reopened, nor by
whom it was closed; its IsEscalated is reset when a case is closed, so false means nothing there.
CaseHistory.csv says so where the organization tracks the fields Status and Owner, and keeps it for
18 to 24 months: a case whose history lacks its beginning, or its closing, is flagged, see
histories.PARTIAL. A change of owner is two rows, of names and of ids; the ids count. Whoever ever
owned a case is an agent; other users may be anybody. Replies are no field of a case: only a field
First_Response_At__c, if the organization has one, tells the first. Satisfaction is not told. A
case's age in its reports ends with ClosedDate, the last closing: no minutes of its own are
exported.
"""

from cxresearch.loaders import histories
from cxresearch.loaders.reading.forms import Form, fields

NAME = "Salesforce"
FORMS = (
    Form(
        "cases", "tickets", "csv",
        ("Id", "CreatedDate", "CaseNumber|IsClosed|IsEscalated|SuppliedEmail"),
        fields(
            id="Id", created="CreatedDate", modified="LastModifiedDate", closed_date="ClosedDate",
            subject="Subject", description="Description", status="Status", is_closed="IsClosed",
            closed_on_create="IsClosedOnCreate", type="Type", priority="Priority", origin="Origin",
            contact="ContactId", email="SuppliedEmail", account="AccountId", owner="OwnerId",
            replied_at="First_Response_At__c", is_escalated="IsEscalated", is_deleted="IsDeleted",
            master="MasterRecordId", parent="ParentId",
        ),
    ),
    Form("history", "ticket_events", "csv", ("CaseId", "Field", "OldValue", "NewValue"), fields(
        id="Id", case_id="CaseId", who="CreatedById", created="CreatedDate", field="Field",
        old="OldValue", new="NewValue",
    )),
)  # fmt: skip
STATUS = {"new": "new", "working": "open", "escalated": "open", "on hold": "hold",
          "closed": "closed"}  # fmt: skip
# Cases and history, with what the Data Export service writes in its own way as all others do.
FLAGS = ("is_closed", "closed_on_create", "is_escalated", "is_deleted")
DATES = ("created", "modified", "closed_date", "replied_at")
IDS = ("contact", "account", "owner", "master", "parent")
AS_WRITTEN = f"""
    CREATE MACRO flag(text) AS CASE text WHEN '1' THEN 'true' WHEN '0' THEN 'false' ELSE text END;
    CREATE MACRO named(id) AS CASE WHEN NOT regexp_matches(id, '^0{{15}}') THEN id END;
    ALTER TABLE cases RENAME TO cases_as_written;
    ALTER TABLE history RENAME TO history_as_written;
    CREATE VIEW cases AS SELECT * REPLACE (
        {", ".join(f"flag({name}) AS {name}" for name in FLAGS)},
        {", ".join(f"from_utc({name}) AS {name}" for name in DATES)},
        {", ".join(f"named({name}) AS {name}" for name in IDS)}) FROM cases_as_written;
    CREATE VIEW history AS SELECT * REPLACE (
        from_utc(created) AS created, CASE WHEN field LIKE 'Is%' THEN flag(old) ELSE old END AS old,
        CASE WHEN field LIKE 'Is%' THEN flag(new) ELSE new END AS new) FROM history_as_written;"""
# Ids begin with what they name: 005 is a user, 00G a queue. The status that a case began with comes
# from its first change, or is today's if it can have had no other.
VIEWS = rf"""{AS_WRITTEN}
    CREATE MACRO canonical(word, closed) AS
        CASE lower(closed) WHEN 'true' THEN 'closed'
            ELSE coalesce(MAP {STATUS}[lower(word)],
                          CASE lower(closed) WHEN 'false' THEN 'open' END, 'unknown') END;
    CREATE MACRO user_id(id) AS CASE WHEN regexp_matches(id, '^005\w{{12,15}}$') THEN id END;
    CREATE MACRO queue_id(id) AS CASE WHEN regexp_matches(id, '^00G\w{{12,15}}$') THEN id END;
    CREATE VIEW words AS
    SELECT lower(status) AS word, max(is_closed) AS closed FROM cases GROUP BY 1;
    CREATE MACRO meaning(said) AS
        canonical(said, (SELECT closed FROM words WHERE words.word = lower(said)));
    CREATE VIEW agents AS
    SELECT user_id(owner) AS id FROM cases UNION SELECT user_id(old) FROM history
    UNION SELECT user_id(new) FROM history;
    CREATE VIEW steps AS
    SELECT *, (TRY_CAST(created AS TIMESTAMPTZ), id) AS moment,
           coalesce(user_id(new), queue_id(new)) AS owner,
           field = 'ownerEscalated' OR (field = 'IsEscalated' AND lower(new) = 'true')
               OR (field = 'Status' AND 'Escalated' IN (old, new)) AS escalates
    FROM history;
    CREATE VIEW facts AS
    SELECT case_id, bool_or(field = 'created') AS begins, bool_or(escalates) AS escalates,
           arg_min(old, moment) FILTER (field = 'Status') AS first_word,
           arg_max(new, moment) FILTER (field = 'Status') AS last_word,
           arg_max(owner, moment) AS owner, min(created) FILTER (field = 'created') AS created,
           max(created) AS modified, arg_min(_file, moment) AS _file, arg_min(_row, moment) AS _row
    FROM steps GROUP BY case_id;
    CREATE MACRO tracked() AS EXISTS (FROM steps WHERE field = 'Status');
    CREATE VIEW told AS
    SELECT *, begins IS TRUE AND (NOT tracked() OR first_status IS NOT NULL) AS whole FROM (
        SELECT cases.*, begins, escalates,
               master IS NOT NULL AND lower(is_deleted) = 'true' AS merged,
               coalesce(first_word, CASE WHEN tracked() AND (lower(is_closed) = 'false'
                                         OR lower(closed_on_create) = 'true') THEN status END)
                   AS first_status
        FROM cases LEFT JOIN facts ON facts.case_id = cases.id);
"""
TICKETS = """
    SELECT id AS ticket_id, created AS created_at, modified AS updated_at, subject, description,
           canonical(status, is_closed) AS status, status AS status_raw, type,
           lower(priority) AS priority, lower(origin) AS created_channel,
           coalesce(contact, email) AS requester_id, account AS organization_id,
           user_id(owner) AS assignee_id, queue_id(owner) AS group_id, replied_at AS first_reply_at,
           closed_date AS closed_at, CASE WHEN merged THEN 'merge' END AS closed_by,
           CASE WHEN escalates OR lower(is_escalated) = 'true' OR lower(status) = 'escalated'
                THEN 'true' WHEN whole AND tracked() THEN 'false' END AS is_escalated,
           CASE WHEN merged THEN TRUE WHEN lower(is_deleted) = 'false' THEN FALSE END AS is_merged,
           CASE WHEN merged THEN master END AS merged_into_ticket_id,
           parent AS follow_up_of_ticket_id,
           CASE WHEN merged THEN 'false' ELSE is_deleted END AS is_deleted,
           listed([CASE WHEN has('history') AND NOT whole THEN 'changes_missing' END]) AS dq_flags,
           1 AS _rank, _file, _row
    FROM told
    UNION ALL BY NAME
    SELECT case_id AS ticket_id, created AS created_at, modified AS updated_at,
           coalesce(meaning(last_word), 'unknown') AS status, last_word AS status_raw,
           user_id(owner) AS assignee_id, queue_id(owner) AS group_id, 3 AS _rank, _file, _row
    FROM facts WHERE begins
    ORDER BY _rank, _file, _row"""
TICKET_EVENTS = """
    SELECT steps.id AS event_id, steps.case_id AS ticket_id, steps.created AS event_at,
           CASE WHEN field = 'created' THEN 'created' WHEN field = 'Status' THEN 'status'
                WHEN steps.owner IS NOT NULL THEN 'assignment'
                WHEN field = 'ownerEscalated' THEN 'escalation' ELSE 'change' END AS event_type,
           who AS actor_id, CASE WHEN who IN (SELECT id FROM agents) THEN 'agent' END AS actor_role,
           CASE WHEN field IN ('created', 'Status') THEN 'status'
                WHEN user_id(new) IS NOT NULL THEN 'assignee_id'
                WHEN queue_id(new) IS NOT NULL THEN 'group_id' ELSE field END AS field,
           CASE WHEN field = 'Status' THEN meaning(old)
                WHEN user_id(new) IS NOT NULL THEN user_id(old)
                WHEN queue_id(new) IS NOT NULL THEN queue_id(old) ELSE old END AS value_from,
           CASE WHEN field = 'created' THEN meaning(coalesce(first_status, first_word))
                WHEN field = 'Status' THEN meaning(new) ELSE new END AS value_to, moment AS _moment,
           steps._file, steps._row
    FROM steps LEFT JOIN facts USING (case_id)
               LEFT JOIN (SELECT id AS case_id, max(first_status) AS first_status
                          FROM told GROUP BY id) USING (case_id)
    UNION ALL BY NAME
    SELECT 'merge ' || id AS event_id, id AS ticket_id, coalesce(closed_date, modified) AS event_at,
           'merge' AS event_type, master AS value_to,
           (TRY_CAST(event_at AS TIMESTAMPTZ), '') AS _moment, _file, _row
    FROM told WHERE merged AND has('history')
    ORDER BY _moment"""
PEOPLE = """
    SELECT DISTINCT coalesce(contact, email) AS requester_id, account AS organization_id,
           email AS "e-mail"
    FROM cases WHERE coalesce(contact, email) IS NOT NULL"""
HISTORY = {
    "SELECT 1 WHERE tracked()": histories.STATUS,
    "SELECT 1 FROM steps WHERE owner IS NOT NULL LIMIT 1": ("assignee_changes",),
}
NOTES = {
    "SELECT 1 WHERE NOT has('history')":
        "There is no CaseHistory.csv: first closings, reopenings, escalations and who closed a "
        "case are unknown.",
    "SELECT 1 WHERE has('history') AND NOT tracked()":
        "CaseHistory holds no change of Status, so the organization does not track it: first "
        "closings, reopenings and escalations are unknown.",
    "SELECT count(*) AS n FROM told WHERE has('history') AND NOT whole HAVING n > 0":
        "The history of {} cases is not whole (Salesforce keeps it for 18 to 24 months, and only "
        "while a field is tracked): nothing is counted in it.",
    f"""SELECT string_agg(word, ', ' ORDER BY word) AS own FROM words
        WHERE word NOT IN {tuple(STATUS)} HAVING own IS NOT NULL""":
        "Statuses of this organization's own are told by IsClosed: {}. None of them is taken for "
        "waiting on the customer.",
    "SELECT 1 WHERE has('cases') AND (SELECT count(replied_at) = 0 FROM cases)":
        "No field First_Response_At__c is filled: when cases were first answered is unknown.",
}  # fmt: skip
