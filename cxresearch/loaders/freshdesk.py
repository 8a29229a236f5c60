"""Freshdesk: tickets of the API (with stats, requester, company) and of the CSV export, with
conversations (a history of messages) and satisfaction ratings of the API.

Nothing tells the history of states: of reopenings only that there was one, never how many, when a
ticket was first solved, or who closed it. That a ticket was merged stands in a private note among
its conversations; without one nobody knows. What Freshdesk calls escalated is late, not handed on,
so it is no escalation here; the API's is_escalated says late for any reason, so only fr_escalated
is a late answer, and only the CSV has minutes of its own. The names of statuses from 6 on are the
account's own and only in the CSV, which lacks descriptions, ids of companies, agents and groups,
deleted tickets and spam, and writes times on the account's clock. Of surveys only the answers are
exported, not the invitations.
"""

from cxresearch.loaders import histories
from cxresearch.loaders.reading.forms import Form, fields

NAME = "Freshdesk"
FORMS = (
    Form(
        "api", "tickets", "json", ("id", "requester_id", "responder_id", "source", "fr_due_by"),
        fields(
            "id created_at updated_at subject tags status type priority source deleted spam "
            "requester_id group_id",
            text="description_text", html="description", product="product_id",
            requester="requester.id", email="requester.email", organization_id="company_id",
            company="company.name", assignee_id="responder_id", stats_at="stats.status_updated_at",
            agent_at="stats.agent_responded_at", replied_at="stats.first_responded_at",
            reopened_at="stats.reopened_at", solved_at="stats.resolved_at",
            closed_at="stats.closed_at", reply_late="fr_escalated",
        ),
    ),
    Form("csv", "tickets", "csv", ("Ticket ID", "Created time"), fields(
        id="Ticket ID", created_at="Created time", updated_at="Last update time", subject="Subject",
        status="Status", type="Type", priority="Priority", source="Source", tags="Tags",
        language="Language", product="Product", requester_id="Contact ID",
        external_id="Unique external ID", email="Email", company="Company Name",
        replied_at="Initial response time", solved_at="Resolved time", closed_at="Closed time",
        replies="Agent interactions", score="Survey results",
        reply_time="First response time (in hrs)", solved_time="Resolution time (in hrs)",
        reply_late="First response status", solved_late="Resolution status",
    ), clock=("created_at", "updated_at", "replied_at", "solved_at", "closed_at")),
    Form(
        "conversations", "ticket_events", "json", ("ticket_id", "incoming", "private", "user_id"),
        fields(
            "id ticket_id created_at user_id incoming private",
            text="body_text", html="body", automatic="auto_response", rule="automation_id",
        ),
    ),
    Form("ratings", "surveys", "json", ("survey_id", "ticket_id", "ratings"), fields(
        "id ticket_id created_at",
        score="ratings.default_question",
    )),
)  # fmt: skip
# The CSV's words for the API's numbers, and what they mean.
CODES = {"open": "2", "pending": "3", "resolved": "4", "closed": "5"}
STATES = {
    "2": "open", "3": "pending", "4": "solved", "5": "closed",
    "waiting on customer": "pending", "waiting on third party": "hold",
}  # fmt: skip
PRIORITIES = {"1": "low", "2": "medium", "3": "high", "4": "urgent"}
SOURCES = {
    "1": "email", "2": "web", "3": "phone", "5": "social", "6": "social", "7": "chat", "9": "web",
    "10": "email", "portal": "web", "twitter": "social", "facebook": "social",
    "feedback widget": "web", "outbound email": "email",
}  # fmt: skip
LATE = {"true": "true", "sla violated": "true", "false": "false", "within sla": "false"}
SCORES = {
    "extremely happy": "103", "very happy": "102", "happy": "101", "neutral": "100",
    "unhappy": "-101", "very unhappy": "-102", "extremely unhappy": "-103",
}  # fmt: skip
ANSWERS = {code: answer for answer, code in SCORES.items()}
# Its seven answers are numbers that are not evenly spaced; these are.
POINTS = dict(zip(SCORES.values(), "3 2 1 0 -1 -2 -3".split(), strict=True))
MERGED_INTO = r"^(?:\s|<[^>]*>)*This ticket is closed and merged into ticket (?:\s|#|<[^>]*>)*(\d+)"

# A status that only the account knows takes its name from the CSV. No answer by an agent: none at
# all. A deleted requester's id is kept beside an empty requester, if requesters were asked for. Of
# an outbound e-mail in the CSV one interaction is the e-mail itself.
VIEWS = f"""
    CREATE VIEW messages AS
    SELECT * EXCLUDE (text, html), coalesce(text, html) AS body, CASE WHEN private = 'true' THEN
           nullif(regexp_extract(coalesce(text, html), '{MERGED_INTO}', 1), '') END AS merged_into
    FROM conversations;
    CREATE VIEW merges AS SELECT ticket_id AS id, max(merged_into) AS merged_into
    FROM messages GROUP BY ticket_id;
    CREATE VIEW rated AS SELECT ticket_id AS id, arg_max(score, (created_at, _file, _row)) AS rating
    FROM ratings GROUP BY ticket_id;
    CREATE VIEW named AS SELECT id, max(status) AS name
    FROM csv WHERE MAP {CODES}[lower(status)] IS NULL GROUP BY id;
    CREATE VIEW asked AS SELECT id, max(requester_id) AS who
    FROM (SELECT id, requester_id FROM api UNION ALL SELECT id, requester_id FROM csv) GROUP BY id;
    CREATE VIEW every AS
    SELECT api.* REPLACE (coalesce(text, html) AS text,
                          CASE WHEN MAP {STATES}[status] IS NULL THEN coalesce(name, status)
                               ELSE status END AS status),
           CASE WHEN stats_at IS NOT NULL AND agent_at IS NULL THEN '0' END AS replies,
           CASE WHEN requester_id IS NOT NULL AND requester IS NULL
                 AND (SELECT count(requester) > 0 FROM api) THEN 'deleted_requester' END AS odd,
           1 AS _rank
    FROM api LEFT JOIN named USING (id)
    UNION ALL BY NAME
    SELECT * REPLACE (CASE WHEN has_column(_file, 'tags') THEN
                      listed(string_split_regex(coalesce(tags, ''), '\\s*,\\s*')) END AS tags,
                      CASE WHEN lower(source) = 'outbound email' AND replies <> '0'
                           THEN CAST(TRY_CAST(replies AS BIGINT) - 1 AS VARCHAR) ELSE replies END
                           AS replies), replies AS interactions,
           _twice AS odd, 2 AS _rank
    FROM csv;
"""
# The CSV keeps the time at which a ticket was solved when it is open again: then it was reopened.
TICKETS = f"""
    WITH known AS (
        SELECT *, coalesce(MAP {CODES}[lower(status)], status) AS status_raw,
               coalesce(MAP {STATES}[lower(status_raw)], 'unknown') AS state,
               state IN ('solved', 'closed') AS is_done,
               reopened_at IS NOT NULL OR (solved_at IS NOT NULL AND status IS NOT NULL
                                           AND NOT is_done) AS reopened
        FROM every)
    SELECT id AS ticket_id, created_at, updated_at, subject, text AS description, language, tags,
           CASE WHEN deleted = 'true' THEN 'deleted' ELSE state END AS status, status_raw, type,
           coalesce(MAP {PRIORITIES}[priority], lower(priority)) AS priority,
           coalesce(MAP {SOURCES}[lower(source)], lower(source)) AS created_channel, product,
           requester_id, organization_id, assignee_id, group_id, replied_at AS first_reply_at,
           CASE WHEN is_done THEN solved_at END AS last_solved_at, reopened_at AS last_reopened_at,
           closed_at, CASE WHEN is_done AND merged_into IS NOT NULL THEN 'merge' END AS closed_by,
           replies AS total_agent_replies,
           CASE WHEN merged_into IS NOT NULL THEN TRUE END AS is_merged,
           merged_into AS merged_into_ticket_id, coalesce(spam, 'false') AS is_spam,
           coalesce(deleted, 'false') AS is_deleted,
           lower(source) IN ('3', '10', 'phone', 'outbound email') AS is_agent_created,
           coalesce(rating, MAP {SCORES}[lower(score)], score) AS satisfaction_raw,
           in_minutes(reply_time, 'hours') AS vendor_first_reply_minutes,
           in_minutes(solved_time, 'hours') AS vendor_resolution_minutes,
           interactions AS vendor_replies, MAP {LATE}[lower(reply_late)]
               AS vendor_first_reply_breached,
           MAP {LATE}[lower(solved_late)] AS vendor_resolution_breached,
           coalesce(lower(score), MAP {ANSWERS}[rating], rating) AS vendor_satisfaction,
           listed([odd, CASE WHEN reopened THEN '{histories.LOWER_BOUND}' END]) AS dq_flags,
           _rank, _file, _row
    FROM known LEFT JOIN merges USING (id) LEFT JOIN rated USING (id)
    ORDER BY _rank, _file, _row"""
TICKET_EVENTS = """
    SELECT messages.id AS event_id, ticket_id, created_at AS event_at,
           CASE WHEN merged_into IS NOT NULL THEN 'merge' WHEN private = 'true' THEN 'note'
                ELSE 'reply' END AS event_type, user_id AS actor_id,
           CASE WHEN incoming = 'true' OR user_id = who THEN 'customer'
                WHEN automatic = 'true' OR rule IS NOT NULL THEN 'system' ELSE 'agent' END
               AS actor_role,
           merged_into AS value_to,
           CASE private WHEN 'true' THEN 'false' WHEN 'false' THEN 'true' END AS is_public,
           body, _file, _row
    FROM messages LEFT JOIN asked ON asked.id = ticket_id ORDER BY created_at, _file, _row"""
SURVEYS = f"""
    SELECT id AS survey_id, ticket_id, 'csat' AS kind, created_at AS offered_at,
           created_at AS responded_at, coalesce(MAP {POINTS}[score], score) AS score_raw,
           '-3' AS scale_min, '3' AS scale_max, _file, _row
    FROM ratings ORDER BY created_at, _file, _row"""
PEOPLE = """
    SELECT DISTINCT requester_id, organization_id, email AS "e-mail" FROM api
    UNION ALL BY NAME SELECT DISTINCT organization_id, company AS organization FROM api
    UNION ALL BY NAME
    SELECT DISTINCT requester_id, external_id AS key, company AS organization, email AS "e-mail"
    FROM csv"""

HISTORY = {"SELECT 1": histories.REPLIES}
NOTES = {
    "SELECT 1 WHERE NOT has('conversations')":
        "There are no conversations: who wrote what and when, and which tickets were merged, is "
        "unknown.",
    "SELECT 1 WHERE has('csv') AND NOT has('api')":
        "The CSV holds no descriptions, no ids of agents, groups and companies, no spam and no "
        "deleted tickets: topics can be found in subjects only.",
    "SELECT 1 WHERE has('ratings')":
        "Only answered surveys are exported, and when they were sent is not: the share who "
        "answered cannot be told, and the time of asking is that of the answer.",
}  # fmt: skip
ALWAYS = (
    "Nothing tells the history of states: when a ticket was first solved is unknown, and of "
    "reopenings only that there was one.",
)
