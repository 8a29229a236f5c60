"""Jira Service Management: issues of the REST API with their changelog, and the CSV export.

The API tells all but the channel. An issue whose comments or changelog did not come whole (the API
gives them in pages) is flagged, see histories.PARTIAL; changelogs may lie in files of their own
(changelog/bulkfetch). Each site numbers and names its fields, so organizations, ratings and the
clock of first responses are known by their shape. A duplicate link to another issue is a merge. The
CSV names people (their ids lie only in columns such as Reporter Id), does not say which comments
are internal, and holds no history: replies, reopenings and first solutions are unknown. Its times
are on the clock of whoever exported it.
"""

from cxresearch.loaders import histories
from cxresearch.loaders.reading.forms import Form, fields, opened

NAME = "Jira Service Management"
FORMS = (
    Form("api", "tickets", "json", ("key", "fields"), fields(
        "key id changelog fields",
        created_at="fields.created", updated_at="fields.updated", solved_at="fields.resolutiondate",
        summary="fields.summary", labels="fields.labels", status="fields.status.name",
        category="fields.status.statusCategory.key", type="fields.issuetype.name",
        priority="fields.priority.name", assignee="fields.assignee.accountId",
        assignee_active="fields.assignee.active", reporter="fields.reporter.accountId",
        email="fields.reporter.emailAddress", creator="fields.creator.accountId",
        creator_kind="fields.creator.accountType", creator_name="fields.creator.displayName",
        comments="fields.comment", links="fields.issuelinks",
    )),
    Form("csv", "tickets", "csv", ("Issue key", "Created"), fields(
        key="Issue key", created_at="Created", updated_at="Updated", solved_at="Resolved",
        summary="Summary", description="Description", labels="Labels[]", status="Status",
        category="Status Category", type="Issue Type", priority="Priority", assignee="Assignee Id",
        reporter="Reporter Id", reporter_name="Reporter", creator_name="Creator",
        rating="Satisfaction rating", firm="Custom field (Organizations)",
        survivor="Outward issue link (Duplicate)",
        reply_left="Custom field (Time to first response)",
        solved_left="Custom field (Time to resolution)",
    ), clock=("created_at", "updated_at", "solved_at")),
    Form("changelogs", "", "json", ("issueId", "changeHistories"), fields(
        issue="issueId", histories="changeHistories",
    )),
)  # fmt: skip
# Words of the desk's own workflows; what a site's other words mean, their category tells.
STATUS = {
    "waiting for support": "open", "in progress": "open", "escalated": "open",
    "waiting for customer": "pending", "pending": "hold", "resolved": "solved",
    "closed": "closed", "canceled": "closed", "cancelled": "closed",
}  # fmt: skip
CATEGORY = {
    "new": "new", "to do": "new", "indeterminate": "open", "in progress": "open", "done": "solved",
}  # fmt: skip
# What words of every new site mean where no category does.
USUAL = {"to do": "new", "open": "open", "reopened": "open", "in review": "open", "done": "solved"}
WROTE = fields(
    "id created", public="jsdPublic", who="author.accountId", kind="author.accountType",
    name="author.displayName",
)  # fmt: skip
MESSAGES = """
    SELECT key, reporter, json_extract(comments, '$.comments[*]') AS items, _file, _row
    FROM latest"""
ENTRIES = """
    SELECT key, reporter, json_extract(changelog, '$.histories[*]') AS items, _file, _row
    FROM latest
    UNION ALL
    SELECT key, reporter, json_extract(histories, '$[*]'), latest._file, latest._row
    FROM latest JOIN changelogs ON issue IN (latest.id, key)
    WHERE json_array_length(changelog, '$.histories') IS NULL"""
ITEMS = f"""
    SELECT DISTINCT ON (key, id) * EXCLUDE (place, item) REPLACE (from_epoch(created) AS created),
           json_extract(item, '$.items[*]') AS items
    FROM ({opened(ENTRIES, WROTE)})"""
ITEM = fields("field", from_id="from", to_id="to", from_word="fromString", to_word="toString")

MACROS = f"""
    CREATE MACRO canonical(word, category) AS
        coalesce(MAP {STATUS}[lower(word)], MAP {CATEGORY}[lower(category)],
                 MAP {USUAL}[lower(word)]);
    CREATE MACRO role(who, kind, name, reporter) AS
        CASE WHEN kind = 'app' THEN 'bot'
             WHEN lower(name) IN ('automation', 'automation for jira') THEN 'system'
             WHEN kind = 'customer' OR who = reporter THEN 'customer'
             WHEN kind = 'atlassian' THEN 'agent' END;
    CREATE MACRO plain(document) AS (
        SELECT ltrim(string_agg(
            CASE WHEN key = 'text' OR key IS NULL THEN value->>'$'
                 WHEN value->>'$' IN ('paragraph', 'heading', 'codeBlock', 'hardBreak') THEN chr(10)
                 ELSE '' END, '' ORDER BY id), chr(10))
        FROM json_tree(document)
        WHERE type = 'VARCHAR' AND (key IN ('text', 'type') OR key IS NULL));"""
CLOCK = "shape = 'clock' AND value->>'$.name' ILIKE '%{}%'"
REPLY, SOLUTION = CLOCK.format("first response"), CLOCK.format("resolution")
ISSUES = f"""
    CREATE TABLE custom AS
    SELECT _file, _row, field, value,
           CASE WHEN json_exists(value, '$.completedCycles') THEN 'clock'
                WHEN json_exists(value, '$.rating') THEN 'rating'
                WHEN list_sort(list_filter(json_keys(value, '$[0]'), lambda k: k <> '_links'))
                     = ['id', 'name'] THEN 'organization' END AS shape
    FROM (SELECT _file, _row, unnest(json_keys(fields)) AS field,
                 unnest(json_extract(fields, '$.*')) AS value FROM api)
    WHERE field LIKE 'customfield%' AND json_type(value) IN ('ARRAY', 'OBJECT');
    CREATE TABLE issues AS
    SELECT * EXCLUDE fields, plain(json_extract(fields, '$.description')) AS description FROM api;
    DROP TABLE api;
    CREATE VIEW latest AS
    SELECT * FROM issues QUALIFY 1 = row_number() OVER (
        PARTITION BY key ORDER BY TRY_CAST(updated_at AS TIMESTAMPTZ) DESC, _file DESC, _row DESC);
    CREATE VIEW words AS
    SELECT lower(status) AS word, min(category) AS category, count(solved_at) = 0 AND
           (SELECT count(solved_at) > 0 FROM csv) AS is_unresolved
    FROM (SELECT status, category, solved_at FROM issues
          UNION ALL SELECT status, category, solved_at FROM csv) GROUP BY 1;
    CREATE MACRO meaning(said) AS
        canonical(said, (SELECT category FROM words WHERE words.word = lower(said)));
    CREATE VIEW duplicates AS
    SELECT _file, _row, max(link->>'$.outwardIssue.key') AS survivor
    FROM (SELECT _file, _row, unnest(json_extract(links, '$[*]')) AS link FROM issues)
    WHERE link->>'$.type.name' IN ('Duplicate', 'Merge') GROUP BY _file, _row;
    CREATE VIEW customs AS
    SELECT _file, _row, max(value->>'$.rating') AS rating,
           max(CASE WHEN shape = 'organization' THEN value->>'$[0].id' END) AS organization,
           max(CASE WHEN shape = 'organization' THEN value->>'$[0].name' END) AS firm,
           max(CASE WHEN shape = 'organization' THEN json_array_length(value) END) AS organizations,
           max(CASE WHEN {REPLY} THEN value->>'$.completedCycles[0].stopTime.iso8601' END)
               AS replied_at,
           max(CASE WHEN {REPLY} THEN value->>'$.completedCycles[0].elapsedTime.millis' END)
               AS reply_time,
           max(CASE WHEN {SOLUTION} THEN value->>'$.completedCycles[#-1].elapsedTime.millis' END)
               AS solved_time,
           bool_or(contains(value, '"breached":true')) FILTER ({REPLY}) AS reply_late,
           bool_or(contains(value, '"breached":true')) FILTER ({SOLUTION}) AS solved_late
    FROM custom
    WHERE shape <> 'organization' OR 1 = (
        SELECT count(DISTINCT field) FROM custom WHERE shape = 'organization')
    GROUP BY _file, _row;"""
CHANGES = f"""
    CREATE VIEW messages AS
    SELECT *, plain(json_extract(item, '$.body')) AS body FROM ({opened(MESSAGES, WROTE)});
    CREATE TABLE changes AS SELECT * EXCLUDE item FROM ({opened(ITEMS, ITEM)});
    CREATE VIEW beginnings AS
    SELECT key, arg_min(from_word, (TRY_CAST(created AS TIMESTAMPTZ), TRY_CAST(id AS BIGINT),
                                    place)) AS word
    FROM changes WHERE field = 'status' GROUP BY key;
    CREATE VIEW resolutions AS
    SELECT key, id, CASE WHEN max(to_id) IS NULL THEN 'open' ELSE 'solved' END AS status
    FROM changes WHERE field = 'resolution' GROUP BY key, id;
    CREATE VIEW whole AS
    SELECT issues._file, issues._row,
           coalesce(count(public || kind), 0) = TRY_CAST(any_value(comments)->>'$.total' AS BIGINT)
               AS messages,
           json_array_length(any_value(changelog), '$.histories')
               = TRY_CAST(any_value(changelog)->>'$.total' AS BIGINT)
               OR (any_value(changelog) IS NULL
                   AND (any_value(issues.id) IN (SELECT issue FROM changelogs)
                        OR any_value(issues.key) IN (SELECT issue FROM changelogs))) AS changes
    FROM issues LEFT JOIN messages USING (_file, _row) GROUP BY ALL;"""
EVERY = """
    CREATE VIEW every AS
    SELECT issues.*, survivor, customs.* EXCLUDE (_file, _row),
           canonical(status, category) AS means,
           creator_kind = 'atlassian' AND creator IS DISTINCT FROM reporter AS by_agent,
           listed([CASE WHEN assignee_active = 'false' THEN 'deleted_agent' END,
                   CASE WHEN organizations > 1 THEN 'several_organizations' END,
                   CASE WHEN messages IS NOT TRUE THEN 'messages_missing' END,
                   CASE WHEN changes IS NOT TRUE THEN 'changes_missing' END]) AS odd, 1 AS _rank
    FROM issues LEFT JOIN duplicates USING (_file, _row) LEFT JOIN customs USING (_file, _row)
                LEFT JOIN whole USING (_file, _row)
    UNION ALL BY NAME
    SELECT *, starts_with(reply_left, '-') AS reply_late, starts_with(solved_left, '-')
               AS solved_late, meaning(status) AS means, creator_name <> reporter_name AS by_agent,
           listed([_twice]) AS odd, 2 AS _rank
    FROM csv;"""
VIEWS = MACROS + ISSUES + CHANGES + EVERY
TICKETS = """
    SELECT key AS ticket_id, created_at, updated_at, summary AS subject, description,
           labels AS tags,
           coalesce(means, CASE WHEN solved_at IS NOT NULL THEN 'solved'
                                WHEN _rank = 2 AND is_unresolved THEN 'open'
                                ELSE 'unknown' END) AS status,
           status AS status_raw, type, lower(priority) AS priority, reporter AS requester_id,
           organization AS organization_id, assignee AS assignee_id, replied_at AS first_reply_at,
           solved_at AS last_solved_at,
           CASE WHEN survivor IS NOT NULL THEN TRUE WHEN _rank = 1 THEN FALSE END AS is_merged,
           survivor AS merged_into_ticket_id, rating AS satisfaction_raw,
           in_minutes(reply_time, 'milliseconds') AS vendor_first_reply_business_minutes,
           in_minutes(solved_time, 'milliseconds') AS vendor_resolution_business_minutes,
           reply_late AS vendor_first_reply_breached, solved_late AS vendor_resolution_breached,
           rating AS vendor_satisfaction,
           by_agent AS is_agent_created, odd AS dq_flags, _rank, _file, _row
    FROM every LEFT JOIN words ON word = lower(status) ORDER BY _rank, _file, _row"""
TICKET_EVENTS = """
    SELECT 'created ' || key AS event_id, key AS ticket_id, created_at AS event_at,
           'created' AS event_type, creator AS actor_id,
           role(creator, creator_kind, creator_name, reporter) AS actor_role, 'status' AS field,
           NULL AS value_from,
           coalesce(meaning(coalesce(beginnings.word, status)), 'unknown') AS value_to,
           NULL AS is_public, NULL AS body, 0 AS _number, 0 AS _place, _file, _row
    FROM latest LEFT JOIN beginnings USING (key)
    UNION ALL
    SELECT 'comment ' || id, key, created, CASE public WHEN 'true' THEN 'reply'
               WHEN 'false' THEN 'note' ELSE 'comment' END,
           who, role(who, kind, name, reporter), NULL, NULL, NULL, public, body, 0, 0, _file,
           _row
    FROM messages
    UNION ALL
    SELECT 'change ' || id || '-' || place, changes.key, created,
           CASE WHEN field = 'status' THEN 'status' WHEN field = 'assignee' THEN 'assignment'
                WHEN field = 'Link' AND to_id = survivor THEN 'merge' ELSE 'change' END,
           who, role(who, kind, name, reporter),
           CASE field WHEN 'assignee' THEN 'assignee_id' ELSE field END,
           CASE field WHEN 'status' THEN meaning(from_word)
                      WHEN 'assignee' THEN from_id ELSE from_word END,
           CASE field WHEN 'status' THEN coalesce(meaning(to_word), resolutions.status, 'unknown')
                      WHEN 'assignee' THEN to_id WHEN 'Link' THEN to_id ELSE to_word END,
           NULL, NULL, TRY_CAST(id AS BIGINT), place, _file, _row
    FROM changes LEFT JOIN duplicates USING (_file, _row)
                 LEFT JOIN resolutions USING (key, id)
    ORDER BY TRY_CAST(event_at AS TIMESTAMPTZ), _number, _place"""
PEOPLE = """
    SELECT DISTINCT reporter AS requester_id, organization AS organization_id, firm AS organization,
           email AS "e-mail"
    FROM every WHERE reporter IS NOT NULL"""
HISTORY = {"SELECT 1": (*histories.STATUS, *histories.REPLIES, "assignee_changes")}
OWN = f"word NOT IN {tuple(STATUS)}"
KNOWN = f"word NOT IN {(*STATUS, *USUAL)}"
UNSAID = f"""
    SELECT word FROM words WHERE category IS NULL AND {KNOWN}
    UNION SELECT lower(to_word) FROM changes WHERE field = 'status' AND meaning(to_word) IS NULL"""
LISTED = "SELECT string_agg(word, ', ' ORDER BY word) AS words FROM ({}) HAVING words IS NOT NULL"
NOTES = {
    LISTED.format(f"SELECT word FROM words WHERE category IS NOT NULL AND {OWN}"):
        "Statuses of this site's own are told by their category: {}. None of them is taken for "
        "waiting on the customer.",
    LISTED.format(UNSAID):
        "What these statuses mean is not said: {}. Only resolutions tell which of their issues are "
        "solved, and one in which no issue is resolved is taken for open. The column Status "
        "Category would say it.",
    """SELECT count(*) AS n FROM changelogs
       WHERE issue NOT IN (SELECT key FROM latest UNION SELECT id FROM latest WHERE id IS NOT NULL)
       HAVING n > 0""":
        "{} changelogs are of issues that are not in the export.",
    "SELECT count(*) AS n FROM whole WHERE messages IS NOT TRUE HAVING n > 0":
        "{} issues came without all of their messages: nothing is told from them. Fetch the other "
        "pages (/rest/api/3/issue/KEY/comment) and put them into the issue.",
    "SELECT count(*) AS n FROM whole WHERE changes IS NOT TRUE HAVING n > 0":
        "{} issues came without all of their changes: nothing is told from them. Fetch the other "
        "pages (/rest/api/3/issue/KEY/changelog) and put them into the issue.",
    """SELECT string_agg(DISTINCT field, ', ' ORDER BY field) FROM custom
       WHERE shape = 'organization' HAVING count(DISTINCT field) > 1""":
        "Which of {} holds the organizations is not said: none is read.",
    "SELECT 1 WHERE has('csv') AND NOT has('api')":
        "The CSV holds no history and does not say which comments are internal: replies, "
        "reopenings and first solutions are unknown. It names people and organizations without "
        "their ids; the columns Reporter Id and Assignee Id would say who they are.",
}  # fmt: skip
