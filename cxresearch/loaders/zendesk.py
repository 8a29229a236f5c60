"""Zendesk: JSON of the API or of an account's export, ticket audits (history), and the CSV export.

Without audits nobody knows who closed a ticket, when it was reopened, or the second of its first
reply (the CSV and the API's metrics tell minutes). The CSV holds no description, no ids of agents
and groups, and times on the clock of the account's time zone; deleted tickets are not in it.
"""

from cxresearch.loaders import histories
from cxresearch.loaders.reading import times
from cxresearch.loaders.reading.export import Export
from cxresearch.loaders.reading.forms import Form
from cxresearch.loaders.reading.staging import Staging

NAME = "Zendesk"
METRICS = "metric_set.{}_time_in_minutes.calendar"
FORMS = (
    Form(
        "api", "tickets", "json", ("id", "requester_id", "submitter_id", "via", "status"),
        dict(
            id="id", created_at="created_at", updated_at="updated_at", subject="subject",
            raw_subject="raw_subject", description="description", status="status", type="type",
            priority="priority", channel="via.channel", follows="via.source.from.ticket_id",
            requester_id="requester_id", submitter_id="submitter_id", assignee_id="assignee_id",
            organization_id="organization_id", group_id="group_id", tags="tags",
            score="satisfaction_rating.score", metrics="metric_set.id",
            reopens="metric_set.reopens", replies="metric_set.replies",
            reply_minutes=METRICS.format("reply"),
            solved_minutes=METRICS.format("first_resolution"), solved_at="metric_set.solved_at",
            assignees="metric_set.assignee_stations", groups="metric_set.group_stations",
        ),
        inside="ticket",
    ),
    Form(
        "csv", "tickets", "csv", ("Id", "Requester id", "Created at", "Tags", "Status"),
        dict(
            id="Id", created_at="Created at", updated_at="Updated at", subject="Subject",
            status="Status", type="Ticket type", priority="Priority", channel="Via", tags="Tags",
            requester="Requester", requester_id="Requester id", submitter="Submitter",
            external_id="Requester external id", email="Requester email",
            domain="Requester domain", organization="Organization",
            score="Satisfaction Score", reopens="Reopens", replies="Replies",
            reply_minutes="First reply time in minutes", solved_at="Solved at",
            solved_minutes="First resolution time in minutes", assignees="Assignee stations",
            groups="Group stations",
        ),
    ),
    Form(
        "audits", "ticket_events", "json", ("ticket_id", "author_id", "events"),
        dict(id="id", ticket_id="ticket_id", created_at="created_at", author_id="author_id",
             channel="via.channel", events="events"),
    ),
    Form(
        "metric_events", "ticket_events", "json", ("ticket_id", "metric", "instance_id", "time"),
        dict(id="id", ticket_id="ticket_id", time="time", metric="metric", type="type"),
    ),
    Form(
        "users", "", "json", ("id", "role", "email"),
        dict(id="id", role="role", email="email", external_id="external_id",
             organization_id="organization_id"),
    ),
    Form(
        "organizations", "", "json", ("id", "domain_names"),
        dict(id="id", name="name", external_id="external_id", domains="domain_names"),
    ),
)  # fmt: skip
CHANNELS = {
    "email": "email", "mail": "email", "web": "web", "web form": "web", "web_widget": "web",
    "chat": "chat", "native_messaging": "chat", "messaging": "chat", "voice": "phone",
    "phone call": "phone", "phone": "phone", "api": "api", "web service (api)": "api",
    "twitter": "social", "facebook": "social", "sms": "sms",
}  # fmt: skip
MERGED_INTO = "^This request was closed and merged into request #(\\d+)"

# Who is an agent: as users.json says; else whoever was ever assigned a ticket.
PEOPLE = """
    CREATE TABLE steps AS
    SELECT id AS audit, ticket_id, created_at, author_id, channel, creates, place, v[1] AS id,
           v[2] AS type, v[3] AS field, v[4] AS value_from, v[5] AS value_to, v[6] AS public,
           v[7] AS body, TRY_CAST(audit AS HUGEINT) * 10000 + place AS step, _file, _row
    FROM (SELECT * EXCLUDE (events, parts), generate_subscripts(parts, 1) AS place,
                 json_extract_string(unnest(parts),
                     ['$.id', '$.type', '$.field_name', '$.previous_value', '$.value', '$.public',
                      '$.body']) AS v
          FROM (SELECT *, list_contains(json_extract_string(events, '$[*].type'), 'Create') IS TRUE
                          AS creates,
                       CASE WHEN json_array_length(events) > 0
                            THEN json_extract(events, '$[*]') ELSE ['{}'::JSON] END AS parts
                FROM audits));
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
"""
ROLE = """
    CASE WHEN author_id = '-1' OR channel IN ('rule', 'system') THEN 'system'
         WHEN channel LIKE '%bot%' THEN 'bot'
         WHEN author_id = asked.who OR known.role = 'end-user' THEN 'customer'
         WHEN known.role IS NOT NULL OR author_id IN (SELECT id FROM assigned) THEN 'agent' END"""
EVENTS = f"""
    SELECT * EXCLUDE place FROM (
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
           nullif(author_id, '-1') AS actor_id, {ROLE} AS actor_role, field, value_from,
           coalesce(nullif(regexp_extract(CASE WHEN public = 'false' THEN body END,
                                          '{MERGED_INTO}', 1), ''), value_to) AS value_to,
           public AS is_public, body, _file, _row, place
    FROM steps LEFT JOIN known ON known.id = author_id
               LEFT JOIN asked ON asked.ticket_id = steps.ticket_id
    UNION ALL
    SELECT 'metric ' || id, ticket_id, time, 'sla', NULL, 'system', metric, NULL, type, NULL, NULL,
           _file, _row, 0 FROM metric_events)
    ORDER BY event_at, _file, _row, place"""
SURVEYS = """
    SELECT ticket_id || ' csat' AS survey_id, ticket_id, 'csat' AS kind,
           coalesce(min(CASE WHEN value_to = 'offered' THEN created_at END), min(created_at))
               AS offered_at,
           max(CASE WHEN value_to <> 'offered' THEN created_at END) AS responded_at,
           CAST(arg_max(CASE WHEN value_to LIKE 'good%' THEN 1 WHEN value_to LIKE 'bad%' THEN 0 END,
                        created_at) AS VARCHAR) AS score_raw,
           '0' AS scale_min, '1' AS scale_max,
           arg_min(_file, created_at) AS _file, arg_min(_row, created_at) AS _row
    FROM steps WHERE field = 'satisfaction_score' AND value_to <> 'unoffered'
    GROUP BY ticket_id ORDER BY ticket_id"""
# What the audits alone tell of a ticket; of other fields, the last value that was set.
FROM_AUDITS = """
    SELECT ticket_id, min(CASE WHEN creates THEN created_at END) AS created_at,
           max(created_at) AS updated_at, {last},
           arg_min(CASE WHEN creates THEN body END, place) AS description,
           {status} AS status, {status} AS status_raw,
           {tags} AS tags,
           CASE WHEN {status} = 'deleted' THEN 'true' ELSE 'false' END AS is_deleted,
           CASE WHEN bool_or(creates AND field = 'requester_id' AND value_to <> author_id)
                THEN 'true' ELSE 'false' END AS is_agent_created,
           3 AS _rank, arg_min(_file, created_at) AS _file, arg_min(_row, created_at) AS _row
    FROM steps GROUP BY ticket_id HAVING bool_or(creates)"""
LAST = "arg_max(value_to, step) FILTER (field = '{field}')"
# By what billing may know the people who wrote, and their organizations (see identities).
CUSTOMERS = """
    SELECT id AS requester_id, organization_id, external_id AS key, email AS "e-mail"
    FROM users WHERE role = 'end-user'
    UNION ALL BY NAME
    SELECT id AS organization_id, external_id AS key, name AS organization,
           array_to_string(json_extract_string(domains, '$[*]'), ' ') AS domain
    FROM organizations
    UNION ALL BY NAME
    SELECT DISTINCT requester_id, external_id AS key, organization, email AS "e-mail", domain
    FROM csv WHERE requester_id NOT IN (SELECT id FROM known WHERE role <> 'end-user')"""
KEPT = ("subject", "type", "priority", "requester_id", "assignee_id", "group_id")


def read(staging: Staging) -> Export:
    """Tickets, their history, survey invitations and people in a Zendesk export, as text."""
    staging.db.execute(PEOPLE)
    frames = {"tickets": staging.sql(_tickets(staging))}
    if staging.has("audits") or staging.has("metric_events"):
        frames["ticket_events"] = staging.sql(EVENTS)
    if staging.has("audits"):
        frames["surveys"] = staging.sql(SURVEYS)
    return Export(
        frames,
        notes=tuple(_notes(staging)),
        history=histories.TELLS if staging.has("audits") else (),
        people=staging.sql(CUSTOMERS),
    )


def _tickets(staging: Staging) -> str:
    """SQL for the tickets of each form."""
    last = ", ".join(f"{LAST.format(field=name)} AS {name}" for name in KEPT)
    status, tags = (LAST.format(field=name) for name in ("status", "tags"))
    history = FROM_AUDITS.format(last=last, status=status, tags=_words(tags))
    parts = [_of_api(staging)]
    if staging.has("csv"):
        parts.append(_of_csv(staging))
    if staging.has("audits"):
        parts.append(history)
    together = " UNION ALL BY NAME ".join(f"({part})" for part in parts)
    return f"SELECT * FROM ({together}) ORDER BY _rank, _file, _row"


def _of_api(staging: Staging) -> str:
    made_by_agent = f"submitter_id <> requester_id AND {_is_agent('submitter_id', staging)}"
    return f"""
        SELECT id AS ticket_id, created_at, updated_at, coalesce(subject, raw_subject) AS subject,
               description, tags, {_common(made_by_agent)},
               requester_id, organization_id, assignee_id, group_id,
               follows AS follow_up_of_ticket_id,
               {_after("created_at", "reply_minutes")} AS first_reply_at,
               {_after("created_at", "solved_minutes")} AS first_solved_at,
               CASE WHEN metrics IS NULL THEN 2 ELSE 1 END AS _rank,
               {_flags(staging)} AS dq_flags, _file, _row
        FROM api"""


def _of_csv(staging: Staging) -> str:
    name, given = staging.files_of("csv"), staging.declared
    created = times.local("created_at", given, name)
    twice = times.ambiguous("created_at", given)
    return f"""
        SELECT id AS ticket_id, created AS created_at,
               {times.local("updated_at", given, name)} AS updated_at, subject,
               {_words("coalesce(tags, '')")} AS tags,
               {_common("submitter <> requester")}, requester_id,
               {_after("created", "reply_minutes")} AS first_reply_at,
               {_after("created", "solved_minutes")} AS first_solved_at, 4 AS _rank,
               CASE WHEN twice THEN '["created_at_comes_twice"]' END AS dq_flags, _file, _row
        FROM (SELECT * REPLACE ({times.local("solved_at", given, name)} AS solved_at),
                     {created} AS created, {twice} AS twice FROM csv)"""


def _common(made_by_agent: str) -> str:
    """SQL for what the API and the CSV say in almost the same words."""
    words = " ".join(f"WHEN '{said}' THEN '{ours}'" for said, ours in CHANNELS.items())
    return rf"""
        lower(status) AS status, status AS status_raw, lower(type) AS type,
        lower(priority) AS priority,
        CASE WHEN {made_by_agent} AND lower(channel) IN ('web', 'web form') THEN 'email'
             WHEN lower(channel) = 'closed_ticket' THEN NULL
             ELSE CASE lower(channel) {words} ELSE lower(channel) END END AS created_channel,
        solved_at AS last_solved_at, reopens AS count_reopens, replies AS total_agent_replies,
        CASE WHEN assignees IS NOT NULL THEN greatest(CAST(assignees AS INTEGER) - 1, 0) END
            AS assignee_changes,
        CASE WHEN groups IS NOT NULL THEN greatest(CAST(groups AS INTEGER) - 1, 0) END
            AS group_changes,
        CASE WHEN contains(coalesce(tags, ''), 'closed_by_merge') THEN 'true' ELSE 'false' END
            AS is_merged,
        CASE WHEN regexp_matches(coalesce(tags, ''), '(^|[\s"])spam($|[\s"])')
             THEN 'true' ELSE 'false' END AS is_spam,
        CASE WHEN lower(status) = 'deleted' THEN 'true' ELSE 'false' END AS is_deleted,
        CASE WHEN {made_by_agent} THEN 'true' ELSE 'false' END AS is_agent_created,
        CASE WHEN lower(score) NOT IN ('unoffered', 'not offered') THEN lower(score) END
            AS satisfaction_raw"""


def _after(created: str, minutes: str) -> str:
    """SQL for a time so many whole minutes after another; null where there are none."""
    return rf"""
        CASE WHEN regexp_matches({minutes}, '^-?\d+$') THEN strftime(
            TRY_CAST({created} AS TIMESTAMPTZ) + to_minutes(CAST({minutes} AS BIGINT)),
            '%Y-%m-%dT%H:%M:%SZ') END"""


def _words(text: str) -> str:
    """SQL for words with spaces between them as a JSON list."""
    return f"CAST(to_json(list_filter(string_split({text}, ' '), lambda w: w <> '')) AS VARCHAR)"


def _is_agent(who: str, staging: Staging) -> str:
    known = f"{who} IN (SELECT id FROM known WHERE role <> 'end-user')"
    return known if staging.has("users") else "TRUE"


def _flags(staging: Staging) -> str:
    """SQL for people who are no longer among the users: deleted, or never exported."""
    if not staging.has("users"):
        return "NULL"
    gone = "{0} IS NOT NULL AND {0} NOT IN (SELECT id FROM known)"
    return f"""CAST(to_json(list_filter([
        CASE WHEN {gone.format("requester_id")} THEN 'deleted_requester' END,
        CASE WHEN {gone.format("assignee_id")} THEN 'deleted_agent' END],
        lambda w: w IS NOT NULL)) AS VARCHAR)"""


def _notes(staging: Staging):
    if not staging.has("audits"):
        yield (
            "There are no ticket audits: who closed a ticket and when it was reopened is unknown, "
            "and first replies are known to the minute."
        )
    if not staging.has("users"):
        yield (
            "There is no list of users: an agent is whoever was ever assigned a ticket, and who "
            "was deleted cannot be told."
        )
    if staging.has("csv") and not staging.has("api") and not staging.has("audits"):
        yield (
            "The CSV holds no descriptions, no ids of agents, groups and organizations, and no "
            "deleted tickets: topics can be found in subjects only."
        )
