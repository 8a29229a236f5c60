"""HubSpot: tickets of the CRM API (with associations, and the history of stages if asked for), the
API's list of pipelines, and the CSV of an export.

Without the history of stages only the last closing and the last reopening are known. Stages are
the account's own: pipelines.json (/crm/v3/pipelines/tickets) says which are closed; without it the
four stages that every account begins with are known, and others are closed if the ticket has a
date of closing. HubSpot tells neither how often an agent replied nor spam. Tickets that were merged
into others are not exported. Scores of surveys (CSAT, CES, NPS) lie on tickets without their date:
CSAT becomes satisfaction_raw, and there is no surveys table. The CSV has times to the minute on the
account's clock, and no ids of owners.
"""

from cxresearch.loaders import histories
from cxresearch.loaders.reading.forms import Form, fields, opened

NAME = "HubSpot"
FORMS = (
    Form("api", "tickets", "json", ("id", "createdAt", "properties.hs_pipeline_stage"), fields(
        id="id", created_at="properties.createdate", createdAt="createdAt",
        updated_at="properties.hs_lastmodifieddate", updatedAt="updatedAt",
        subject="properties.subject", content="properties.content",
        stage="properties.hs_pipeline_stage", priority="properties.hs_ticket_priority",
        category="properties.hs_ticket_category", source="properties.source_type",
        owner_id="properties.hubspot_owner_id", closed_at="properties.closed_date",
        last_closed="properties.hs_last_closed_date",
        replied_at="properties.first_agent_reply_date",
        message_at="properties.hs_first_agent_message_sent_at",
        reopened_at="properties.hs_ticket_reopened_at", score="properties.hs_last_csat_rating",
        effort="properties.hs_feedback_last_ces_rating",
        promoter="properties.hs_feedback_last_nps_rating_number",
        merged="properties.hs_merged_object_ids", properties="properties", archived="archived",
        companies="associations.companies.results", contacts="associations.contacts.results",
        history="propertiesWithHistory.hs_pipeline_stage",
        reply_time="properties.time_to_first_agent_reply", solved_time="properties.time_to_close",
        reply_open="properties.hs_time_to_first_response_in_operating_hours",
        solved_open="properties.hs_time_to_close_in_operating_hours",
        reply_sla="properties.hs_time_to_first_response_sla_status",
        solved_sla="properties.hs_time_to_close_sla_status",
    )),
    Form(
        "csv", "tickets", "csv", ("Ticket ID", "Create date"),
        fields(
            id="Ticket ID", created_at="Create date", subject="Ticket name",
            content="Ticket description", stage="Ticket status", priority="Priority",
            category="Category", source="Source", closed_at="Close date",
            last_closed="Last Closed Date", replied_at="First agent response date",
            reopened_at="Ticket reopen date", score="Last CSAT survey rating",
            effort="Last CES survey rating", promoter="Latest NPS survey rating",
            merged="Merged Ticket IDs", companies="Associated Company IDs",
            company="Associated Company", contacts="Associated Contact IDs",
            email="Associated Contact", reply_time="Time to first agent response",
            solved_time="Time to close", reply_sla="Time to First Response SLA Status",
            solved_sla="Time to Close SLA Status",
        ),
        clock=("created_at", "closed_at", "last_closed", "replied_at", "reopened_at"),
    ),
    Form("pipelines", "", "json", ("id", "stages", "displayOrder"), fields("id stages")),
)  # fmt: skip
API_TIMES = (
    "created_at", "createdAt", "updated_at", "updatedAt", "closed_at", "last_closed", "replied_at",
    "message_at", "reopened_at",
)  # fmt: skip
# The stages that every account begins with, and what their names mean.
STATES = {"new": "new", "waiting on contact": "pending", "waiting on us": "open"}
FIRST_STAGES = """
    VALUES ('1', 'New', 'new'), ('2', 'Waiting on contact', 'pending'),
           ('3', 'Waiting on us', 'open'), ('4', 'Closed', 'closed')"""
STAGES = "SELECT json_extract(stages, '$[*]') AS items FROM pipelines"
STAGE = fields("id label", state="metadata.ticketState", closed="metadata.isClosed")
# The newest copy of each ticket, with its moves from stage to stage, the newest first.
MOVES = """
    SELECT id AS ticket_id, json_extract(history, '$[*]') AS items, _file, _row FROM api
    QUALIFY 1 = row_number() OVER (
        PARTITION BY id ORDER BY updatedAt DESC, _file DESC, _row DESC)"""
MOVE = fields(stage="value", moved_at="timestamp", source="sourceType")

# Stages by id and, where a name means one thing, by name. asked: were reopenings among the
# properties that were asked for? Only then none is none.
VIEWS = f"""
    CREATE MACRO late(sla) AS CASE WHEN regexp_matches(lower(sla), 'overdue|late$') THEN TRUE
                                   WHEN lower(sla) LIKE 'completed%' THEN FALSE END;
    CREATE VIEW stages AS
    SELECT id, max(label) AS label,
           CASE WHEN bool_or(state = 'CLOSED' OR closed = 'true') THEN 'closed'
                ELSE coalesce(MAP {STATES}[lower(max(label))], 'open') END AS status
    FROM ({opened(STAGES, STAGE)}) GROUP BY id
    UNION ALL SELECT * FROM ({FIRST_STAGES}) WHERE NOT EXISTS (FROM pipelines);
    CREATE VIEW named AS
    SELECT lower(label) AS name, min(label) AS label, min(status) AS status
    FROM stages GROUP BY lower(label) HAVING count(DISTINCT status) = 1;
    CREATE VIEW moves AS
    SELECT *, lead(stage) OVER (PARTITION BY ticket_id ORDER BY place) AS stage_before,
           row_number() OVER (PARTITION BY ticket_id ORDER BY place DESC) AS step
    FROM ({opened(MOVES, MOVE)});
    CREATE VIEW unclear AS
    SELECT ticket_id AS id, bool_or(stage NOT IN (SELECT id FROM stages)) AS is_unclear
    FROM moves GROUP BY ticket_id;
    CREATE VIEW every AS
    SELECT * REPLACE (coalesce(status, CASE WHEN closed_at IS NOT NULL THEN 'closed'
                                            ELSE 'unknown' END) AS status)
    FROM (
        SELECT api.* REPLACE ({", ".join(f"from_epoch(api.{t}) AS {t}" for t in API_TIMES)},
                              coalesce(label, stage) AS stage),
               status, json_exists(properties, '$.hs_ticket_reopened_at') AS asked,
               json_extract_string(contacts, '$[*].id') AS people,
               json_extract_string(companies, '$[*].id') AS firms,
               firms[coalesce(nullif(list_position(json_extract_string(companies, '$[*].type'),
                                                   'ticket_to_company'), 0), 1)] AS firm,
               CASE WHEN is_unclear THEN 'changes_missing' END AS odd, 1 AS _rank
        FROM api LEFT JOIN stages ON stages.id = stage LEFT JOIN unclear ON unclear.id = api.id
        UNION ALL BY NAME
        SELECT csv.* REPLACE (coalesce(label, stage) AS stage), status,
               (SELECT bool_and(list_contains(names, 'ticket reopen date')) FROM staged
                WHERE form = 'csv') AS asked,
               string_split_regex(contacts, '\\s*;\\s*') AS people,
               split_part(companies, ';', 1) AS firm,
               _twice AS odd, 2 AS _rank
        FROM csv LEFT JOIN named ON name = lower(stage));
"""
TICKETS = f"""
    SELECT id AS ticket_id, coalesce(created_at, createdAt) AS created_at,
           coalesce(updated_at, updatedAt) AS updated_at, subject, content AS description,
           CASE WHEN archived = 'true' THEN 'deleted' ELSE status END AS status,
           stage AS status_raw, category AS type, lower(priority) AS priority,
           CASE lower(source) WHEN 'form' THEN 'web' ELSE lower(source) END AS created_channel,
           people[1] AS requester_id, firm AS organization_id, owner_id AS assignee_id,
           coalesce(replied_at, message_at) AS first_reply_at,
           coalesce(closed_at, CASE WHEN status = 'closed' THEN last_closed END) AS last_solved_at,
           reopened_at AS last_reopened_at, closed_at,
           CASE WHEN asked AND reopened_at IS NULL THEN '0' END AS count_reopens,
           'false' AS is_merged, coalesce(archived, 'false') AS is_deleted,
           score AS satisfaction_raw,
           in_minutes(reply_time, 'milliseconds') AS vendor_first_reply_minutes,
           in_minutes(reply_open, 'milliseconds') AS vendor_first_reply_business_minutes,
           in_minutes(solved_time, 'milliseconds') AS vendor_resolution_minutes,
           in_minutes(solved_open, 'milliseconds') AS vendor_resolution_business_minutes,
           late(reply_sla) AS vendor_first_reply_breached,
           late(solved_sla) AS vendor_resolution_breached, score AS vendor_satisfaction,
           listed([CASE WHEN reopened_at IS NOT NULL THEN '{histories.LOWER_BOUND}' END,
                   CASE WHEN list_unique(people) > 1 THEN 'several_requesters' END, odd])
               AS dq_flags, _rank, _file, _row
    FROM every ORDER BY _rank, _file, _row"""
# The first stage is that of a new ticket, whatever its clock says; a stage twice is no change.
TICKET_EVENTS = """
    SELECT ticket_id || '-' || step AS event_id, ticket_id, from_epoch(moved_at) AS event_at,
           CASE step WHEN 1 THEN 'created' ELSE 'status' END AS event_type,
           CASE WHEN source LIKE 'CRM_UI%' OR source LIKE 'MOBILE%' THEN 'agent'
                WHEN source LIKE '%AUTOMATION%' OR source LIKE '%WORKFLOW%'
                     OR source = 'CONVERSATIONS' THEN 'system' END AS actor_role,
           'status' AS field, coalesce(past.status, stage_before) AS value_from,
           coalesce(stages.status, stage) AS value_to, _file, _row
    FROM moves LEFT JOIN stages ON stages.id = stage
               LEFT JOIN stages past ON past.id = stage_before
    WHERE stage IS DISTINCT FROM stage_before
    ORDER BY event_at, _file, _row, step"""
# The names of several companies, which may hold semicolons, cannot be told apart.
PEOPLE = """
    SELECT DISTINCT people[1] AS requester_id, firm AS organization_id,
           CASE WHEN len(people) = 1 THEN email END AS "e-mail",
           CASE WHEN companies NOT LIKE '%;%' THEN company END AS organization
    FROM every"""
HISTORY = {"SELECT 1": histories.STATUS}
BY_TICKET = """
    SELECT max(merged) AS merged, max(coalesce(score, effort, promoter)) AS scores
    FROM (SELECT id, merged, score, effort, promoter FROM api
          UNION ALL SELECT id, merged, score, effort, promoter FROM csv) GROUP BY id"""
NOTES = {
    "SELECT 1 WHERE NOT has('pipelines')":
        "There is no list of pipelines (/crm/v3/pipelines/tickets): only HubSpot's own four stages "
        "are known, and others that have a date of closing.",
    "SELECT 1 WHERE NOT EXISTS (FROM moves)":
        "There is no history of stages (propertiesWithHistory=hs_pipeline_stage): when a ticket "
        "was first closed, by whom, and how often it was reopened is unknown.",
    f"SELECT sum(len(string_split(merged, ';'))) AS n FROM ({BY_TICKET}) HAVING n > 0":
        "Tickets that were merged into others and are not in the export: {:,}.",
    f"SELECT count(scores) AS n FROM ({BY_TICKET}) HAVING n > 0":
        "Tickets with scores of surveys: {:,}. When they were asked is not exported, so no survey "
        "can be placed in time and there is no table of them.",
}  # fmt: skip
