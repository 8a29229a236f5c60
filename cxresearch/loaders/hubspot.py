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
from cxresearch.loaders.reading import times
from cxresearch.loaders.reading.export import Export
from cxresearch.loaders.reading.forms import Form, folded
from cxresearch.loaders.reading.staging import Staging

NAME = "HubSpot"
FORMS = (
    Form(
        "api", "tickets", "json", ("id", "createdAt", "properties.hs_pipeline_stage"),
        dict(
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
        ),
    ),
    Form(
        "csv", "tickets", "csv", ("Ticket ID", "Ticket name", "Ticket status", "Create date"),
        dict(
            id="Ticket ID", created_at="Create date", subject="Ticket name",
            content="Ticket description", stage="Ticket status", priority="Priority",
            category="Category", source="Source", closed_at="Close date",
            last_closed="Last Closed Date", replied_at="First agent response date",
            reopened_at="Ticket reopen date", score="Last CSAT survey rating",
            effort="Last CES survey rating", promoter="Latest NPS survey rating",
            merged="Merged Ticket IDs", companies="Associated Company IDs",
            company="Associated Company", contacts="Associated Contact IDs",
            email="Associated Contact",
        ),
    ),
    Form("pipelines", "", "json", ("id", "stages", "displayOrder"), dict(id="id", stages="stages")),
)  # fmt: skip
API_TIMES = (
    "created_at", "createdAt", "updated_at", "updatedAt", "closed_at", "last_closed", "replied_at",
    "message_at", "reopened_at",
)  # fmt: skip
CSV_TIMES = ("created_at", "closed_at", "last_closed", "replied_at", "reopened_at")
# The stages that every account begins with, and what their names mean.
STATES = {"new": "new", "waiting on contact": "pending", "waiting on us": "open"}
FIRST_STAGES = """
    VALUES ('1', 'New', 'new'), ('2', 'Waiting on contact', 'pending'),
           ('3', 'Waiting on us', 'open'), ('4', 'Closed', 'closed')"""
# Who moved a ticket, by HubSpot's word for where the change came from.
ROLE = """
    CASE WHEN source LIKE 'CRM_UI%' OR source LIKE 'MOBILE%' THEN 'agent'
         WHEN source LIKE '%AUTOMATION%' OR source LIKE '%WORKFLOW%' OR source = 'CONVERSATIONS'
         THEN 'system' END"""

# Stages by id and, where a name means one thing, by name; the moves of the newest copy of each
# ticket from stage to stage, the newest first as they are listed.
VIEWS = f"""
    CREATE VIEW stages AS
    SELECT v[1] AS id, max(v[2]) AS label,
           CASE WHEN bool_or(v[3] = 'CLOSED' OR v[4] = 'true') THEN 'closed'
                ELSE coalesce(MAP {STATES}[lower(max(v[2]))], 'open') END AS status
    FROM (SELECT json_extract_string(unnest(json_extract(stages, '$[*]')), [
              '$.id', '$.label', '$.metadata.ticketState', '$.metadata.isClosed']) AS v
          FROM pipelines) GROUP BY v[1]
    UNION ALL SELECT * FROM ({FIRST_STAGES}) WHERE NOT EXISTS (FROM pipelines);
    CREATE VIEW named AS
    SELECT lower(label) AS name, min(label) AS label, min(status) AS status
    FROM stages GROUP BY lower(label) HAVING count(DISTINCT status) = 1;
    CREATE VIEW moves AS
    SELECT ticket_id, place, v[1] AS stage, v[2] AS moved_at, v[3] AS source,
           lead(stage) OVER (PARTITION BY ticket_id ORDER BY place) AS stage_before,
           row_number() OVER (PARTITION BY ticket_id ORDER BY place DESC) AS step, _file, _row
    FROM (SELECT id AS ticket_id, generate_subscripts(listed, 1) AS place, _file, _row,
                 json_extract_string(unnest(listed), [
                     '$.value', '$.timestamp', '$.sourceType']) AS v
          FROM (SELECT *, json_extract(history, '$[*]') AS listed FROM api
                QUALIFY row_number() OVER (PARTITION BY id ORDER BY updatedAt DESC,
                                           _file DESC, _row DESC) = 1));
    CREATE VIEW unclear AS
    SELECT ticket_id AS id, bool_or(stage NOT IN (SELECT id FROM stages)) AS is_unclear
    FROM moves GROUP BY ticket_id;
"""
# asked: were reopenings among the properties that were asked for? Only then none is none.
OF_API = f"""
    SELECT api.* REPLACE ({", ".join(f"{times.epoch(f'api.{t}')} AS {t}" for t in API_TIMES)},
                          coalesce(label, stage) AS stage),
           status, json_exists(properties, '$.hs_ticket_reopened_at') AS asked,
           json_extract_string(contacts, '$[*].id') AS people,
           json_extract_string(companies, '$[*].id') AS firms,
           firms[coalesce(nullif(list_position(json_extract_string(companies, '$[*].type'),
                                               'ticket_to_company'), 0), 1)] AS firm,
           CASE WHEN is_unclear THEN 'changes_missing' END AS odd, 1 AS _rank
    FROM api LEFT JOIN stages ON stages.id = stage LEFT JOIN unclear ON unclear.id = api.id"""
OF_CSV = """
    SELECT csv.* REPLACE ({local}, coalesce(label, stage) AS stage), status, {asked} AS asked,
           string_split_regex(contacts, '\\s*;\\s*') AS people,
           split_part(companies, ';', 1) AS firm,
           CASE WHEN {twice} THEN 'created_at_comes_twice' END AS odd, 2 AS _rank
    FROM csv LEFT JOIN named ON name = lower(stage)"""
EVERY = f"""
    CREATE VIEW every AS
    SELECT * REPLACE (coalesce(status, CASE WHEN closed_at IS NOT NULL THEN 'closed'
                                            ELSE 'unknown' END) AS status)
    FROM ({OF_API} UNION ALL BY NAME SELECT * FROM of_csv)"""
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
           CAST(to_json(list_filter(
               [CASE WHEN reopened_at IS NOT NULL THEN '{histories.LOWER_BOUND}' END,
                CASE WHEN list_unique(people) > 1 THEN 'several_requesters' END, odd],
               lambda w: w IS NOT NULL)) AS VARCHAR) AS dq_flags, _rank, _file, _row
    FROM every ORDER BY _rank, _file, _row"""
# The first stage is that of a new ticket, whatever its clock says; a stage twice is no change.
EVENTS = f"""
    SELECT ticket_id || '-' || step AS event_id, ticket_id, {times.epoch("moved_at")} AS event_at,
           CASE step WHEN 1 THEN 'created' ELSE 'status' END AS event_type, {ROLE} AS actor_role,
           'status' AS field, coalesce(past.status, stage_before) AS value_from,
           coalesce(stages.status, stage) AS value_to, _file, _row
    FROM moves LEFT JOIN stages ON stages.id = stage
               LEFT JOIN stages past ON past.id = stage_before
    WHERE stage IS DISTINCT FROM stage_before
    ORDER BY event_at, _file, _row, step"""
# By what billing may know the people who wrote, and their companies (see identities); the names
# of several companies, which may hold semicolons, cannot be told apart.
PEOPLE = """
    SELECT DISTINCT people[1] AS requester_id, firm AS organization_id,
           CASE WHEN len(people) = 1 THEN email END AS "e-mail",
           CASE WHEN companies NOT LIKE '%;%' THEN company END AS organization
    FROM every"""
COUNTS = """
    SELECT sum(len(string_split(merged, ';'))), count(scores) FROM (
        SELECT max(merged) AS merged, max(coalesce(score, effort, promoter)) AS scores
        FROM (SELECT id, merged, score, effort, promoter FROM api
              UNION ALL SELECT id, merged, score, effort, promoter FROM csv) GROUP BY id)"""


def read(staging: Staging) -> Export:
    """Tickets, their moves from stage to stage and people in a HubSpot export, as text."""
    staging.db.execute(VIEWS)
    staging.db.execute(f"CREATE VIEW of_csv AS {_of_csv(staging)}; {EVERY}")
    frames = {"tickets": staging.sql(TICKETS), "ticket_events": staging.sql(EVENTS)}
    return Export(
        frames,
        notes=tuple(_notes(staging)),
        history=tuple(histories.STATUS),
        people=staging.sql(PEOPLE),
    )


def _of_csv(staging: Staging) -> str:
    """SQL for the CSV's tickets, whose times are on the clock of the declared zone."""
    if not staging.has("csv"):
        return "SELECT * FROM csv"
    name, given = staging.files_of("csv"), staging.declared
    local = times.clock(staging.db, "csv", CSV_TIMES, given, name)
    heads = [folded(look.names) for look, form in staging.looks.values() if form.name == "csv"]
    return OF_CSV.format(
        local=", ".join(f"{sql} AS {time}" for time, sql in local.items()),
        asked=all("ticket reopen date" in names for names in heads),
        twice=times.ambiguous("created_at", given),
    )


def _notes(staging: Staging):
    if not staging.has("pipelines"):
        yield (
            "There is no list of pipelines (/crm/v3/pipelines/tickets): only HubSpot's own four "
            "stages are known, and others that have a date of closing."
        )
    if not staging.db.execute("FROM moves LIMIT 1").fetchall():
        yield (
            "There is no history of stages (propertiesWithHistory=hs_pipeline_stage): when a "
            "ticket was first closed, by whom, and how often it was reopened is unknown."
        )
    [(merged, scored)] = staging.db.execute(COUNTS).fetchall()
    if merged:
        yield f"Tickets that were merged into others and are not in the export: {merged:,}."
    if scored:
        yield (
            f"Tickets with scores of surveys: {scored:,}. When they were asked is not exported, so "
            "no survey can be placed in time and there is no table of them."
        )
