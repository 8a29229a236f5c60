"""Zendesk: JSON of the API or of an account's export, ticket audits (history), and the CSV export;
also the API's records as a warehouse holds them, where comments and ticket_field_history may stand
in for audits.

Without audits nobody knows who closed a ticket, when it was reopened, or the second of its first
reply (the CSV and the API's metrics tell minutes). The CSV holds no description, no ids of agents
and groups, and times on the clock of the account's time zone; deleted tickets are not in it. Who
asks in a chat is answered there: what its transcript does not tell is not told by comments.
"""

from cxresearch.loaders import histories, zendesk_history
from cxresearch.loaders.reading.forms import Form, fields

NAME = "Zendesk"
METRICS = fields(
    "reopens replies solved_at", metrics="id", assignees="assignee_stations",
    groups="group_stations", reply_minutes="reply_time_in_minutes.calendar",
    solved_minutes="first_resolution_time_in_minutes.calendar",
    reply_business="reply_time_in_minutes.business",
    full_minutes="full_resolution_time_in_minutes.calendar",
    full_business="full_resolution_time_in_minutes.business",
)  # fmt: skip
FORMS = (
    Form(
        "api", "tickets", "json",
        ("id", "requester_id", "status", "submitter_id|via.channel"),
        fields(
            "id created_at updated_at subject raw_subject description status type priority "
            "requester_id submitter_id assignee_id organization_id group_id tags",
            channel="via.channel", follows="via.source.from.ticket_id",
            follows_too="via_followup_source_id", in_chat="from_messaging_channel",
            merged="merged_ticket_ids", gone="_fivetran_deleted",
            score="satisfaction_rating.score",
            **{name: f"metric_set.{place}" for name, place in METRICS.items()},
        ),
        inside="ticket",
    ),
    Form("csv", "tickets", "csv", ("Id", "Created at", "Status|Subject|Requester id|Via"), fields(
        id="Id", created_at="Created at", updated_at="Updated at", subject="Subject",
        status="Status", type="Ticket type", priority="Priority", channel="Via", tags="Tags",
        requester="Requester", requester_id="Requester id", submitter="Submitter",
        external_id="Requester external id", email="Requester email", domain="Requester domain",
        organization="Organization", score="Satisfaction Score", reopens="Reopens",
        replies="Replies", reply_minutes="First reply time in minutes", solved_at="Solved at",
        solved_minutes="First resolution time in minutes", assignees="Assignee stations",
        groups="Group stations",
        reply_business="First reply time in minutes within business hours",
        full_minutes="Full resolution time in minutes",
        full_business="Full resolution time in minutes within business hours",
    ), clock=("created_at", "updated_at", "solved_at")),
    *zendesk_history.FORMS,
    Form("metrics", "", "json", ("ticket_id", "replies", "reopens", "group_stations"), fields(
        "ticket_id updated_at", **METRICS,
    )),
    Form("ratings", "", "json", ("ticket_id", "score", "requester_id", "assignee_id"), fields(
        "ticket_id created_at score",
    )),
    Form("labels", "", "json", ("ticket_id", "tag"), fields("ticket_id tag")),
    Form("users", "", "json", ("id", "role", "email"), fields(
        "id role email external_id organization_id",
    )),
    Form("organizations", "", "json", ("id", "name", "domain_names|shared_tickets"), fields(
        "id name external_id",
        domains="domain_names",
    )),
    Form("domains", "", "json", ("organization_id", "domain_name"), fields(
        "organization_id domain_name",
    )),
)  # fmt: skip
CHANNELS = {
    "mail": "email", "web form": "web", "web_widget": "web", "native_messaging": "chat",
    "messaging": "chat", "voice": "phone", "phone call": "phone", "web service (api)": "api",
    "twitter": "social", "facebook": "social",
}  # fmt: skip
# What its service levels promise of a solution.
SOLUTIONS = ("resolution_time", "total_resolution_time", "requester_wait_time", "agent_work_time")
MERGED_INTO = "^This request was closed and merged into request #(\\d+)"

# Who is an agent: as users.json says; else whoever was ever assigned a ticket.
VIEWS = rf"""
{zendesk_history.STEPS}    CREATE VIEW measured AS
    SELECT * FROM metrics QUALIFY 1 = row_number() OVER (
        PARTITION BY ticket_id ORDER BY updated_at DESC, _file DESC, _row DESC);
    CREATE VIEW merges AS
    SELECT other AS id, min(id) AS survivor
    FROM (SELECT id, unnest(json_extract_string(merged, '$[*]')) AS other FROM api
          WHERE json_valid(merged)) GROUP BY other;
    CREATE VIEW promised AS
    SELECT ticket_id AS id, bool_or(broken) FILTER (
               metric = 'reply_time' AND instance_id = '1') AS reply_late,
           bool_or(broken) FILTER (metric IN {SOLUTIONS}) AS solved_late
    FROM (SELECT *, type = 'breach' AND coalesce(deleted, 'false') = 'false' AS broken
          FROM metric_events WHERE type IN ('apply_sla', 'breach')) GROUP BY ticket_id;
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
    SELECT api.* REPLACE (
               coalesce(subject, raw_subject) AS subject, coalesce(follows, follows_too) AS follows,
               {", ".join(f"coalesce(api.{n}, measured.{n}) AS {n}" for n in METRICS)},
               coalesce(tags, CASE WHEN has('labels') THEN listed(
                   (SELECT list(tag ORDER BY tag) FROM labels WHERE ticket_id = api.id)) END)
                   AS tags,
               coalesce(api.score, (SELECT arg_max(score, created_at) FROM ratings
                                    WHERE ticket_id = api.id)) AS score,
               CASE WHEN in_chat = 'true' THEN 'messaging' ELSE channel END AS channel),
           CASE WHEN submitter_id IS NOT NULL THEN
                coalesce(submitter_id <> requester_id AND is_agent(submitter_id), FALSE) END
                AS by_agent,
           listed([CASE WHEN has('users') AND is_gone(requester_id) THEN 'deleted_requester' END,
                   CASE WHEN has('users') AND is_gone(assignee_id) THEN 'deleted_agent' END,
                   lacking.messages, lacking.changes]) AS odd,
           CASE WHEN api.metrics IS NULL THEN 2 ELSE 1 END AS _rank
    FROM api LEFT JOIN lacking USING (id) LEFT JOIN measured ON measured.ticket_id = api.id
    UNION ALL BY NAME
    SELECT * REPLACE (
               CASE WHEN has_column(_file, 'tags')
                    THEN listed(string_split(coalesce(tags, ''), ' ')) END AS tags,
               CASE WHEN has_column(_file, 'status') THEN status ELSE 'unknown' END AS status),
           CASE WHEN has_column(_file, 'submitter') AND has_column(_file, 'requester')
                THEN coalesce(submitter <> requester, FALSE) END AS by_agent,
           listed([_twice, lacking.messages, lacking.changes]) AS odd, 4 AS _rank
    FROM csv LEFT JOIN lacking USING (id);
"""
LAST = "arg_max(value_to, step) FILTER (field = '{}')"
# Of what was done in the same second the earlier step counts, whatever thread comes first.
FIRST = ", ".join(f"arg_min({name}, (created_at, step)) AS {name}" for name in ("_file", "_row"))
KEPT = ("subject", "type", "priority", "requester_id", "assignee_id", "group_id")
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
           solved_at AS last_solved_at, reopens AS count_reopens,
           CASE WHEN is_chat(channel) THEN nullif(replies, '0') ELSE replies END
               AS total_agent_replies,
           changes(assignees) AS assignee_changes, changes(groups) AS group_changes,
           survivor IS NOT NULL OR contains(tags, 'closed_by_merge') AS is_merged,
           survivor AS merged_into_ticket_id,
           regexp_matches(tags, '(^|[\s"])spam($|[\s"])') AS is_spam,
           coalesce(lower(status) = 'deleted' OR lower(gone) = 'true', FALSE) AS is_deleted,
           by_agent AS is_agent_created,
           CASE WHEN lower(score) NOT IN ('unoffered', 'not offered') THEN lower(score) END
               AS satisfaction_raw,
           reply_minutes AS vendor_first_reply_minutes,
           reply_business AS vendor_first_reply_business_minutes,
           full_minutes AS vendor_resolution_minutes,
           full_business AS vendor_resolution_business_minutes, reopens AS vendor_reopens,
           replies AS vendor_replies, reply_late AS vendor_first_reply_breached,
           solved_late AS vendor_resolution_breached, lower(score) AS vendor_satisfaction,
           odd AS dq_flags, _rank, _file, _row
    FROM every LEFT JOIN merges USING (id) LEFT JOIN promised USING (id)
    UNION ALL BY NAME
    SELECT ticket_id, min(CASE WHEN creates THEN created_at END) AS created_at,
           max(CASE WHEN TRY_CAST(created_at AS TIMESTAMPTZ) IS NOT NULL THEN created_at END)
               AS updated_at,
           {", ".join(f"{LAST.format(name)} AS {name}" for name in KEPT)},
           arg_min(CASE WHEN creates THEN body END, place) AS description,
           {LAST.format("status")} AS status_raw, coalesce(status_raw, 'unknown') AS status,
           status = 'deleted' AS is_deleted,
           listed(string_split({LAST.format("tags")}, ' ')) AS tags,
           coalesce(bool_or(creates AND field = 'requester_id' AND value_to <> author_id), FALSE)
               AS is_agent_created,
           3 AS _rank, {FIRST}
    FROM steps GROUP BY ticket_id HAVING bool_or(creates) AND (
        bool_or(field = 'status') OR ticket_id NOT IN (SELECT id FROM every WHERE id IS NOT NULL))
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
                                          '{MERGED_INTO}', 1), ''),
                    CASE WHEN type NOT LIKE 'Chat%' OR type IS NULL THEN value_to END) AS value_to,
           public AS is_public, body, _file, _row, place AS _place
    FROM steps LEFT JOIN known ON known.id = author_id
               LEFT JOIN asked ON asked.ticket_id = steps.ticket_id
    UNION ALL
    SELECT concat_ws(' ', 'chat', step_id, place), ticket_id, said_at, 'reply', actor_id,
           coalesce(said.role, CASE known.role WHEN 'end-user' THEN 'customer' ELSE known.role END),
           NULL, NULL, NULL, 'true', message, _file, _row, place
    FROM said LEFT JOIN known ON known.id = actor_id
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
    FROM (SELECT ticket_id, created_at, value_to, step, _file, _row FROM steps
          WHERE field = 'satisfaction_score'
          UNION ALL SELECT ticket_id, created_at, score, _row, _file, _row FROM ratings
          ANTI JOIN audits USING (ticket_id))
    WHERE value_to <> 'unoffered' GROUP BY ticket_id ORDER BY ticket_id"""
PEOPLE = """
    SELECT id AS requester_id, organization_id, external_id AS key, email AS "e-mail"
    FROM users WHERE role = 'end-user'
    UNION ALL BY NAME
    SELECT id AS organization_id, external_id AS key, name AS organization,
           array_to_string(json_extract_string(domains, '$[*]'), ' ') AS domain
    FROM organizations
    UNION ALL BY NAME SELECT organization_id, domain_name AS domain FROM domains
    UNION ALL BY NAME
    SELECT DISTINCT requester_id, external_id AS key, organization, email AS "e-mail", domain
    FROM csv WHERE requester_id NOT IN (SELECT id FROM known WHERE role <> 'end-user')"""
MOVES = (*histories.STATUS, "assignee_changes", "group_changes")
HISTORY = {
    "SELECT 1 WHERE has('audits')": histories.TELLS,
    "SELECT 1 WHERE has('comments')": histories.REPLIES,
    "SELECT 1 FROM comments WHERE lower(public) = 'false' LIMIT 1": (
        "is_merged",
        "merged_into_ticket_id",
    ),
    "SELECT 1 WHERE has('changes')": MOVES,
}
NOTES = {
    "SELECT 1 WHERE NOT (has('audits') OR has('comments') OR has('changes'))":
        "There are no ticket audits: who closed a ticket and when it was reopened is unknown, and "
        "first replies are known to the minute.",
    "SELECT 1 WHERE has('comments') AND NOT (has('audits') OR has('changes'))":
        "There are comments but no history of fields (ticket_field_history or ticket audits): who "
        "closed a ticket and when it was reopened is unknown.",
    "SELECT 1 WHERE has('changes') AND NOT (has('audits') OR has('comments'))":
        "There is a history of fields but there are no comments (ticket_comment or ticket "
        "audits): first replies are unknown or known to the minute.",
    "SELECT count(*) AS n FROM lacking WHERE messages IS NOT NULL HAVING n > 0":
        "Of {:,} tickets the answers do not lie in the export, as of chats without a transcript: "
        "replies are as metrics tell them, or unknown.",
    "SELECT 1 WHERE NOT has('users')":
        "There is no list of users: an agent is whoever was ever assigned a ticket, and who was "
        "deleted cannot be told.",
    "SELECT 1 WHERE has('csv') AND NOT (has('api') OR has('audits'))":
        "The CSV holds no descriptions, no ids of agents, groups and organizations, and no deleted "
        "tickets: topics can be found in subjects only.",
}  # fmt: skip
