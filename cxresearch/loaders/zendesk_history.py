"""What tells the history of Zendesk's tickets: audits or, as a warehouse holds it, comments and the
history of fields; and chats, whose transcripts lie in audits.

All become steps, one row a message or a value that was set, as an audit lists them. Whose answers
do not lie in what the export holds is in lacking, by the words of histories.PARTIAL.
"""

from cxresearch.loaders.reading.forms import Form, fields, opened

STEP = fields("id type public body",
              field="field_name", value_from="previous_value", value_to="value")  # fmt: skip
FORMS = (
    Form("audits", "ticket_events", "json", ("ticket_id", "author_id", "events"), fields(
        "id ticket_id created_at author_id events",
        channel="via.channel",
    ), lists={"events": tuple(STEP.values())}),
    Form(
        "metric_events", "ticket_events", "json", ("ticket_id", "metric", "instance_id", "time"),
        fields("id ticket_id time metric type deleted instance_id"),
    ),
    Form("comments", "", "json", ("id", "ticket_id", "public", "author_id|user_id"), fields(
        "id ticket_id author_id user_id created_at created public body", channel="via.channel",
    )),
    Form("changes", "", "json", ("ticket_id", "field_name", "value", "updated"), fields(
        "ticket_id user_id updated value", field="field_name",
    )),
)  # fmt: skip
# Where the answers do not lie in comments.
CHAT = "chat|messag|whats ?app|sunshine|telegram|wechat|instagram|viber|^(line|sms|text)$"
# Each audit has at least one step, so that every record is told of.
AUDITS = f"""
    SELECT * EXCLUDE item, {", ".join(f"item.{where} AS {name}" for name, where in STEP.items())}
    FROM (
        SELECT * EXCLUDE items, unnest(items) AS item, generate_subscripts(items, 1) AS place
        FROM (SELECT * EXCLUDE (id, events), id AS audit,
                     list_contains(list_transform(events, lambda e: e.type), 'Create') IS TRUE
                         AS creates,
                     CASE WHEN len(events) > 0 THEN events ELSE [NULL] END AS items
              FROM audits))"""
# What a warehouse holds in place of audits, as steps of audits; a ticket's first ones create it, if
# they are as old as the ticket.
COMMENTS = """
    SELECT id, ticket_id, 'Comment' AS type, coalesce(created_at, created) AS created_at, channel,
           coalesce(author_id, user_id) AS author_id, lower(public) AS public, body, 1 AS place,
           TRY_CAST(id AS HUGEINT) AS step, _file, _row,
           1 = rank() OVER (PARTITION BY ticket_id ORDER BY
               TRY_CAST(coalesce(comments.created_at, created) AS TIMESTAMPTZ), step) AS creates
    FROM comments ANTI JOIN audits USING (ticket_id)"""
CHANGES = """
    SELECT concat_ws(' ', ticket_id, field, updated) AS id, ticket_id, updated AS created_at,
           moment = min(moment) OVER (PARTITION BY ticket_id)
               AND moment <= coalesce(opened, moment) + INTERVAL 1 MINUTE AS creates,
           CASE WHEN creates THEN 'Create' ELSE 'Change' END AS type, user_id AS author_id, field,
           lag(word) OVER (PARTITION BY ticket_id, field ORDER BY moment) AS value_from,
           word AS value_to, 1 AS place, epoch_us(moment)::HUGEINT AS step, _file, _row
    FROM (SELECT *, TRY_CAST(updated AS TIMESTAMPTZ) AS moment,
                 CASE value WHEN 'on-hold' THEN 'hold' ELSE value END AS word
          FROM changes ANTI JOIN audits USING (ticket_id))
    LEFT JOIN (SELECT id AS ticket_id, min(TRY_CAST(created_at AS TIMESTAMPTZ)) AS opened
               FROM api GROUP BY id) USING (ticket_id)"""
CHATS = """
    SELECT id AS step_id, ticket_id, json_extract(value_to, '$.history[*]') AS items, _file, _row
    FROM steps WHERE type LIKE 'Chat%' AND json_valid(value_to)"""
SAID = fields("type message timestamp actor_type actor_id")
# A chat whose answers have no time, or that has none, tells no replies.
STEPS = rf"""
    CREATE TABLE steps AS
    SELECT *, TRY_CAST(audit AS HUGEINT) * 10000 + place AS step FROM ({AUDITS})
    UNION ALL BY NAME {COMMENTS} UNION ALL BY NAME {CHANGES};
    ALTER TABLE audits DROP COLUMN events;
    CREATE VIEW said AS
    SELECT DISTINCT ON (ticket_id, said_at, actor_id, message) *,
           CASE WHEN actor_type IN ('agent', 'admin') THEN 'agent'
                WHEN actor_type IN ('end-user', 'end_user', 'visitor', 'user') THEN 'customer'
                WHEN actor_type IN ('bot', 'answer_bot') THEN 'bot' END AS role
    FROM (SELECT *, from_epoch(timestamp) AS said_at FROM ({opened(CHATS, SAID)}))
    WHERE type = 'ChatMessage' AND timestamp IS NOT NULL
    ORDER BY ALL;
    CREATE MACRO is_chat(channel) AS coalesce(regexp_matches(lower(channel), '{CHAT}'), FALSE);
    CREATE VIEW lacking AS
    SELECT steps.ticket_id AS id, CASE WHEN
               (has('audits') OR has('comments')) AND NOT bool_or(type LIKE '%Comment')
               OR (bool_or(type LIKE 'Chat%') OR (
                       bool_or(creates AND is_chat(channel))
                       AND NOT bool_or(type = 'Comment' AND NOT creates AND public = 'true')))
                   AND NOT coalesce(bool_or(answered), FALSE)
               THEN 'messages_missing' END AS messages,
           CASE WHEN has('changes') AND NOT bool_or(creates AND field IS NOT NULL)
               THEN 'changes_missing' END AS changes
    FROM steps LEFT JOIN (SELECT ticket_id, bool_or(role = 'agent') AS answered FROM said
                          GROUP BY ticket_id) USING (ticket_id) GROUP BY steps.ticket_id;
"""
