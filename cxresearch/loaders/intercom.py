"""Intercom: conversations of the API, each with its parts (the history) and statistics.

A list of conversations comes without parts, and the API gives at most 500 of them: statistics then
tell first reply, closing and reopening, but not who closed or how often an agent replied. Intercom
counts statistics only from the customer's own first message on, so parts come first. A customer who
writes to a closed conversation reopens it, though no part says so. Bots and Fin, Intercom's AI, do
not reply. Companies, merges, spam and deleted conversations are not in it. Its own times leave out
the hours in which the desk is shut. Its sla_status says that some target was missed, not which, so
neither the reply nor the solution is called late by it.
"""

from cxresearch.loaders import histories
from cxresearch.loaders.reading.forms import Form, fields, opened

NAME = "Intercom"
FORMS = (
    Form("conversations", "tickets", "json", ("id", "source", "contacts", "state"), fields(
        "id created_at updated_at title state priority",
        subject="source.subject", body="source.body", channel="source.type",
        delivered_as="source.delivered_as", author_id="source.author.id",
        author="source.author.type", email="source.author.email",
        contact_id="contacts.contacts[0].id", external_id="contacts.contacts[0].external_id",
        tags="tags.tags", admin_id="admin_assignee_id", team_id="team_assignee_id",
        rating="conversation_rating.rating", asked_at="conversation_rating.created_at",
        rated_at="conversation_rating.updated_at", replied_at="statistics.first_admin_reply_at",
        first_closed="statistics.first_close_at", last_closed="statistics.last_close_at",
        reopens="statistics.count_reopens", parts="conversation_parts.conversation_parts",
        total="conversation_parts.total_count", reply_time="statistics.time_to_admin_reply",
        close_time="statistics.time_to_last_close",
    )),
)  # fmt: skip
STATES = {"open": "open", "closed": "solved", "snoozed": "hold"}
CHANNELS = {
    "conversation": "chat", "phone_call": "phone", "facebook": "social", "twitter": "social",
    "instagram": "social",
}  # fmt: skip
PERSONS = "('user', 'lead', 'contact')"
FROM_CUSTOMER = f"author IN {PERSONS} AND type IN ('comment', 'quick_reply')"
PART = fields(
    "id body", type="part_type", done_at="created_at", author="author.type", author_id="author.id",
    from_ai="author.from_ai_agent", given_to="assigned_to.type", given_id="assigned_to.id",
)  # fmt: skip
PARTS = """
    SELECT id AS ticket_id, json_extract(parts, '$[*]') AS items, _file, _row FROM told"""

# told: the newest copy of each conversation that comes with parts. listed_parts are in order of
# time. A closing that statistics know and no part tells is a part of its own, by nobody.
VIEWS = f"""
    CREATE MACRO role(author, from_ai) AS
        CASE WHEN from_ai = 'true' OR author = 'bot' THEN 'bot'
             WHEN author IN ('admin', 'team') THEN 'agent'
             WHEN author IN {PERSONS} THEN 'customer' END;
    CREATE MACRO hands(given_to) AS
        CASE given_to WHEN 'team' THEN 'group_id' ELSE 'assignee_id' END;
    CREATE VIEW told AS
    SELECT * FROM conversations WHERE parts IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY TRY_CAST(updated_at AS BIGINT) DESC,
                               _file DESC, _row DESC) = 1;
    CREATE VIEW listed_parts AS
    SELECT * REPLACE (nullif(given_id, '0') AS given_id) FROM ({opened(PARTS, PART)});
    CREATE VIEW unlisted AS
    SELECT DISTINCT ticket_id, 0 AS place, ticket_id || ' closed ' || closed_at AS id,
           'close' AS type, closed_at AS done_at, _file, _row
    FROM (SELECT id AS ticket_id, unnest([first_closed, last_closed]) AS closed_at, _file, _row
          FROM told) AS known
    ANTI JOIN listed_parts AS parts ON parts.ticket_id = known.ticket_id AND done_at = closed_at
                    AND type = 'close'
    WHERE closed_at IS NOT NULL;
    CREATE VIEW steps AS
    SELECT *, nullif(regexp_replace(body, '<[^>]*>|\\s', '', 'g'), '') IS NOT NULL AS has_words,
           CASE WHEN type = 'close' THEN 'solved' WHEN type = 'snoozed' THEN 'hold'
                WHEN type LIKE '%open' OR type LIKE '%unsnooze%' OR ({FROM_CUSTOMER}) THEN 'open'
                END AS becomes,
           coalesce(lag(becomes IGNORE NULLS) OVER (
               PARTITION BY ticket_id ORDER BY TRY_CAST(done_at AS BIGINT), place), 'open') AS was,
           becomes <> was AS moves
    FROM (SELECT * FROM listed_parts UNION ALL BY NAME SELECT * FROM unlisted);
"""
# A part may be a message and a change of state in one; a change of hands beside a change of state
# is an event of its own.
TICKET_EVENTS = """
    SELECT id AS event_id, ticket_id, from_epoch(done_at) AS event_at,
           CASE WHEN type LIKE 'note%' THEN 'note'
                WHEN type IN ('comment', 'quick_reply') OR has_words THEN 'reply'
                WHEN moves THEN 'status' WHEN given_id IS NOT NULL THEN 'assignment' ELSE type END
               AS event_type,
           author_id AS actor_id, role(author, from_ai) AS actor_role,
           CASE WHEN moves THEN 'status' WHEN given_id IS NOT NULL THEN hands(given_to) END
               AS field,
           CASE WHEN moves THEN was END AS value_from,
           CASE WHEN moves THEN becomes ELSE given_id END AS value_to,
           CASE event_type WHEN 'note' THEN 'false' WHEN 'reply' THEN 'true' END AS is_public, body,
           _file, _row, place AS _place
    FROM steps
    UNION ALL BY NAME
    SELECT id || ' hands' AS event_id, ticket_id, from_epoch(done_at) AS event_at,
           'assignment' AS event_type, author_id AS actor_id, role(author, from_ai) AS actor_role,
           hands(given_to) AS field, given_id AS value_to, _file, _row, place AS _place
    FROM steps WHERE moves AND given_id IS NOT NULL
    UNION ALL BY NAME
    SELECT 'conversation ' || id AS event_id, id AS ticket_id, from_epoch(created_at) AS event_at,
           'created' AS event_type, author_id AS actor_id, role(author, NULL) AS actor_role,
           'status' AS field, 'open' AS value_to, 'true' AS is_public, body, _file, _row,
           -1 AS _place
    FROM told
    ORDER BY event_at, _file, _row, _place"""
TICKETS = f"""
    SELECT id AS ticket_id, from_epoch(created_at) AS created_at,
           from_epoch(updated_at) AS updated_at,
           coalesce(title, nullif(subject, '')) AS subject, body AS description,
           listed(json_extract_string(tags, '$[*].name')) AS tags,
           coalesce(MAP {STATES}[state], state) AS status, state AS status_raw, priority,
           coalesce(MAP {CHANNELS}[channel], channel) AS created_channel,
           contact_id AS requester_id, nullif(admin_id, '0') AS assignee_id,
           nullif(team_id, '0') AS group_id, from_epoch(replied_at) AS first_reply_at,
           from_epoch(first_closed) AS first_solved_at,
           from_epoch(last_closed) AS last_solved_at, reopens AS count_reopens,
           'false' AS is_spam, 'false' AS is_deleted,
           delivered_as <> 'customer_initiated' AS is_agent_created,
           rating AS satisfaction_raw,
           in_minutes(reply_time, 'seconds') AS vendor_first_reply_business_minutes,
           in_minutes(close_time, 'seconds') AS vendor_resolution_business_minutes,
           reopens AS vendor_reopens,
           rating AS vendor_satisfaction,
           listed(list_concat(
               [CASE WHEN contact_id IS NULL AND author_id IS NOT NULL AND author IN {PERSONS}
                     THEN 'deleted_requester' END],
               CASE WHEN json_array_length(parts) < TRY_CAST(total AS BIGINT)
                    THEN {list(histories.PARTIAL)} END)) AS dq_flags,
           _file, _row
    FROM conversations ORDER BY _file, _row"""
SURVEYS = """
    SELECT id || ' csat' AS survey_id, id AS ticket_id, 'csat' AS kind,
           from_epoch(asked_at) AS offered_at,
           CASE WHEN rating IS NOT NULL THEN from_epoch(coalesce(rated_at, asked_at)) END
               AS responded_at,
           rating AS score_raw, '1' AS scale_min, '5' AS scale_max, _file, _row
    FROM conversations WHERE asked_at IS NOT NULL
    ORDER BY TRY_CAST(updated_at AS BIGINT), _file, _row"""
PEOPLE = """
    SELECT DISTINCT contact_id AS requester_id, external_id AS key,
           CASE WHEN author_id = contact_id THEN email END AS "e-mail" FROM conversations"""
HISTORY = {
    "SELECT 1": (*histories.STATUS, *histories.REPLIES, "assignee_changes", "group_changes"),
}
NOTES = {
    "SELECT count(*) AS bare FROM conversations WHERE parts IS NULL HAVING bare > 0":
        "{:,} conversations come without their parts, as lists of conversations do: who closed "
        "them and how often an agent replied is unknown. Retrieve each by its id.",
}  # fmt: skip
ALWAYS = (
    "Intercom exports no merges, spam or deleted conversations, and the companies of customers lie "
    "with the contacts, not here.",
)
