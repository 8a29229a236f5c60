"""Zendesk: JSON of the API or of an account's export, ticket audits (history), and the CSV export.

Without audits nobody knows who closed a ticket, when it was reopened, or the second of its first
reply (the CSV and the API's metrics tell minutes). The CSV holds no description, no ids of agents
and groups, and times on the clock of the account's time zone; deleted tickets are not in it.
"""

from cxresearch.loaders import histories
from cxresearch.loaders.reading.forms import Form, fields, opened

NAME = "Zendesk"
METRICS = "metric_set.{}_time_in_minutes.calendar"
FORMS = (
    Form("api", "tickets", "json", ("id", "requester_id", "submitter_id", "via", "status"), fields(
        "id created_at updated_at subject raw_subject description status type priority "
        "requester_id submitter_id assignee_id organization_id group_id tags",
        channel="via.channel", follows="via.source.from.ticket_id",
        score="satisfaction_rating.score", metrics="metric_set.id", reopens="metric_set.reopens",
        replies="metric_set.replies", reply_minutes=METRICS.format("reply"),
        solved_minutes=METRICS.format("first_resolution"), solved_at="metric_set.solved_at",
        assignees="metric_set.assignee_stations", groups="metric_set.group_stations",
    ), inside="ticket"),
    Form("csv", "tickets", "csv", ("Id", "Requester id", "Created at", "Tags", "Status"), fields(
        id="Id", created_at="Created at", updated_at="Updated at", subject="Subject",
        status="Status", type="Ticket type", priority="Priority", channel="Via", tags="Tags",
        requester="Requester", requester_id="Requester id", submitter="Submitter",
        external_id="Requester external id", email="Requester email", domain="Requester domain",
        organization="Organization", score="Satisfaction Score", reopens="Reopens",
        replies="Replies", reply_minutes="First reply time in minutes", solved_at="Solved at",
        solved_minutes="First resolution time in minutes", assignees="Assignee stations",
        groups="Group stations",
    ), clock=("created_at", "updated_at", "solved_at")),
    Form("audits", "ticket_events", "json", ("ticket_id", "author_id", "events"), fields(
        "id ticket_id created_at author_id events",
        channel="via.channel",
    )),
    Form(
        "metric_events", "ticket_events", "json", ("ticket_id", "metric", "instance_id", "time"),
        fields("id ticket_id time metric type"),
    ),
    Form("users", "", "json", ("id", "role", "email"), fields(
        "id role email external_id organization_id",
    )),
    Form("organizations", "", "json", ("id", "domain_names"), fields(
        "id name external_id",
        domains="domain_names",
    )),
)  # fmt: skip
CHANNELS = {
    "mail": "email", "web form": "web", "web_widget": "web", "native_messaging": "chat",
    "messaging": "chat", "voice": "phone", "phone call": "phone", "web service (api)": "api",
    "twitter": "social", "facebook": "social",
}  # fmt: skip
MERGED_INTO = "^This request was closed and merged into request #(\\d+)"

# Each audit has at least one step, so that every record is told of.
AUDITS = """
    SELECT * EXCLUDE (id, events), id AS audit,
           list_contains(json_extract_string(events, '$[*].type'), 'Create') IS TRUE AS creates,
           CASE WHEN json_array_length(events) > 0 THEN json_extract(events, '$[*]')
                ELSE ['{}'::JSON] END AS items
    FROM audits"""
STEP = fields("id type public body",
              field="field_name", value_from="previous_value", value_to="value")  # fmt: skip
# Who is an agent: as users.json says; else whoever was ever assigned a ticket.
VIEWS = rf"""
    CREATE TABLE steps AS
    SELECT * EXCLUDE item, TRY_CAST(audit AS HUGEINT) * 10000 + place AS step
    FROM ({opened(AUDITS, STEP)});
    ALTER TABLE audits DROP COLUMN events;
    CREATE VIEW known AS SELECT id, max(role) AS role FROM users GROUP BY id;
    CREATE VIEW asked AS
    SELECT ticket_id, max(who) AS who FROM (
        SELECT id AS ticket_id, requester_id AS who FROM api
        UNION ALL SELECT id, requester_id FROM csv
        UNION ALL SELECT ticket_id, value_to FROM steps
        WHERE type = 'Create' AND field = 'requester_id') GROUP BY ticket_id;
    CREATE VIEW assigned AS
    SELECT assignee_id AS id FROM api UNION SELECT value_to FROM steps WHERE field = 'assignee_id';
    CREATE MACRO is_agent(who) AS
        NOT has('users') OR who IN (SELECT id FROM known WHERE role <> 'end-user');
    CREATE MACRO is_gone(who) AS
        who IS NOT NULL AND who NOT IN (SELECT id FROM known);
    CREATE MACRO minutes_after(moment, minutes) AS
        CASE WHEN regexp_matches(minutes, '^-?\d{{1,9}}$') THEN strftime(
            TRY_CAST(moment AS TIMESTAMPTZ) + to_minutes(CAST(minutes AS BIGINT)),
            '%Y-%m-%dT%H:%M:%SZ') ELSE minutes END;
    CREATE MACRO changes(stations) AS
        CASE WHEN regexp_matches(stations, '^\d{{1,9}}$')
             THEN CAST(greatest(CAST(stations AS BIGINT) - 1, 0) AS VARCHAR) ELSE stations END;
    CREATE VIEW every AS
    SELECT * REPLACE (coalesce(subject, raw_subject) AS subject),
           submitter_id <> requester_id AND is_agent(submitter_id) AS by_agent,
           CASE WHEN has('users') THEN
               listed([CASE WHEN is_gone(requester_id) THEN 'deleted_requester' END,
                       CASE WHEN is_gone(assignee_id) THEN 'deleted_agent' END]) END AS odd,
           CASE WHEN metrics IS NULL THEN 2 ELSE 1 END AS _rank
    FROM api
    UNION ALL BY NAME
    SELECT * REPLACE (listed(string_split(coalesce(tags, ''), ' ')) AS tags),
           submitter <> requester AS by_agent,
           listed([_twice]) AS odd, 4 AS _rank
    FROM csv;
"""
LAST = "arg_max(value_to, step) FILTER (field = '{}')"
# Of what was done in the same second the earlier step counts, whatever thread comes first.
FIRST = ", ".join(f"arg_min({name}, (created_at, step)) AS {name}" for name in ("_file", "_row"))
KEPT = ("subject", "type", "priority", "requester_id", "assignee_id", "group_id", "status")
# What the audits alone tell of a ticket comes last; of other fields, the last value that was set.
TICKETS = rf"""
    SELECT id AS ticket_id, created_at, updated_at, subject, description, tags,
           lower(status) AS status, status AS status_raw, lower(type) AS type,
           lower(priority) AS priority,
           CASE WHEN by_agent AND lower(channel) IN ('web', 'web form') THEN 'email'
                WHEN lower(channel) <> 'closed_ticket'
                THEN coalesce(MAP {CHANNELS}[lower(channel)], lower(channel)) END
               AS created_channel,
           requester_id, organization_id, assignee_id, group_id, follows AS follow_up_of_ticket_id,
           minutes_after(created_at, reply_minutes) AS first_reply_at,
           minutes_after(created_at, solved_minutes) AS first_solved_at,
           solved_at AS last_solved_at, reopens AS count_reopens, replies AS total_agent_replies,
           changes(assignees) AS assignee_changes, changes(groups) AS group_changes,
           contains(coalesce(tags, ''), 'closed_by_merge') AS is_merged,
           regexp_matches(coalesce(tags, ''), '(^|[\s"])spam($|[\s"])') AS is_spam,
           coalesce(lower(status) = 'deleted', FALSE) AS is_deleted,
           coalesce(by_agent, FALSE) AS is_agent_created,
           CASE WHEN lower(score) NOT IN ('unoffered', 'not offered') THEN lower(score) END
               AS satisfaction_raw,
           odd AS dq_flags, _rank, _file, _row
    FROM every
    UNION ALL BY NAME
    SELECT ticket_id, min(CASE WHEN creates THEN created_at END) AS created_at,
           max(CASE WHEN TRY_CAST(created_at AS TIMESTAMPTZ) IS NOT NULL THEN created_at END)
               AS updated_at,
           {", ".join(f"{LAST.format(name)} AS {name}" for name in KEPT)},
           arg_min(CASE WHEN creates THEN body END, place) AS description,
           status AS status_raw, coalesce(status = 'deleted', FALSE) AS is_deleted,
           listed(string_split({LAST.format("tags")}, ' ')) AS tags,
           coalesce(bool_or(creates AND field = 'requester_id' AND value_to <> author_id), FALSE)
               AS is_agent_created,
           3 AS _rank, {FIRST}
    FROM steps GROUP BY ticket_id HAVING bool_or(creates)
    ORDER BY _rank, _file, _row"""
TICKET_EVENTS = f"""
    SELECT coalesce(steps.id, 'audit ' || audit || '-' || place) AS event_id, steps.ticket_id,
           created_at AS event_at,
           CASE WHEN type IN ('Comment', 'VoiceComment') THEN
                CASE WHEN creates THEN 'created'
                     WHEN regexp_matches(body, '{MERGED_INTO}') AND public = 'false' THEN 'merge'
                     WHEN public = 'false' THEN 'note' ELSE 'reply' END
                WHEN type = 'Create' THEN 'created'
                WHEN field = 'status' THEN 'status'
                WHEN field IN ('assignee_id', 'group_id') THEN 'assignment'
                ELSE lower(coalesce(type, 'other')) END AS event_type,
           nullif(author_id, '-1') AS actor_id,
           CASE WHEN author_id = '-1' OR channel IN ('rule', 'system') THEN 'system'
                WHEN channel LIKE '%bot%' THEN 'bot'
                WHEN author_id = asked.who OR known.role = 'end-user' THEN 'customer'
                WHEN known.role IS NOT NULL OR author_id IN (SELECT id FROM assigned) THEN 'agent'
                END AS actor_role,
           field, value_from,
           coalesce(nullif(regexp_extract(CASE WHEN public = 'false' THEN body END,
                                          '{MERGED_INTO}', 1), ''), value_to) AS value_to,
           public AS is_public, body, _file, _row, place AS _place
    FROM steps LEFT JOIN known ON known.id = author_id
               LEFT JOIN asked ON asked.ticket_id = steps.ticket_id
    UNION ALL
    SELECT 'metric ' || id, ticket_id, time, 'sla', NULL, 'system', metric, NULL, type, NULL, NULL,
           _file, _row, 0 FROM metric_events
    ORDER BY event_at, _file, _row, _place"""
SURVEYS = f"""
    SELECT ticket_id || ' csat' AS survey_id, ticket_id, 'csat' AS kind,
           coalesce(min(CASE WHEN value_to = 'offered' THEN created_at END), min(created_at))
               AS offered_at,
           max(CASE WHEN value_to <> 'offered' THEN created_at END) AS responded_at,
           arg_max(CASE WHEN value_to LIKE 'good%' THEN 1 WHEN value_to LIKE 'bad%' THEN 0 END,
                   (created_at, step)) AS score_raw,
           '0' AS scale_min, '1' AS scale_max, {FIRST}
    FROM steps WHERE field = 'satisfaction_score' AND value_to <> 'unoffered'
    GROUP BY ticket_id ORDER BY ticket_id"""
PEOPLE = """
    SELECT id AS requester_id, organization_id, external_id AS key, email AS "e-mail"
    FROM users WHERE role = 'end-user'
    UNION ALL BY NAME
    SELECT id AS organization_id, external_id AS key, name AS organization,
           array_to_string(json_extract_string(domains, '$[*]'), ' ') AS domain
    FROM organizations
    UNION ALL BY NAME
    SELECT DISTINCT requester_id, external_id AS key, organization, email AS "e-mail", domain
    FROM csv WHERE requester_id NOT IN (SELECT id FROM known WHERE role <> 'end-user')"""
HISTORY = {"SELECT 1 WHERE has('audits')": histories.TELLS}
NOTES = {
    "SELECT 1 WHERE NOT has('audits')":
        "There are no ticket audits: who closed a ticket and when it was reopened is unknown, and "
        "first replies are known to the minute.",
    "SELECT 1 WHERE NOT has('users')":
        "There is no list of users: an agent is whoever was ever assigned a ticket, and who was "
        "deleted cannot be told.",
    "SELECT 1 WHERE has('csv') AND NOT (has('api') OR has('audits'))":
        "The CSV holds no descriptions, no ids of agents, groups and organizations, and no deleted "
        "tickets: topics can be found in subjects only.",
}  # fmt: skip
