"""Jira Service Management: issues of the REST API with their changelog, and the CSV export.

The API tells all but the channel. An issue whose comments or changelog did not come whole (the API
gives them in pages) is flagged, see histories.PARTIAL. Each site numbers and names its fields, so
organizations, ratings and the clock of first responses are known by their shape. A duplicate link
to another issue is a merge. The CSV names people (their ids lie only in columns such as Reporter
Id), does not say which comments are internal, and holds no history: replies, reopenings and first
solutions are unknown. Its times are on the clock of whoever exported it.
"""

from cxresearch.loaders import histories
from cxresearch.loaders.reading import times
from cxresearch.loaders.reading.export import Export
from cxresearch.loaders.reading.forms import Form
from cxresearch.loaders.reading.staging import Staging

NAME = "Jira Service Management"
FORMS = (
    Form(
        "api", "tickets", "json", ("key", "fields"),
        dict(key="key", fields="fields", changelog="changelog"),
    ),
    Form(
        "csv", "tickets", "csv", ("Issue key", "Issue Type", "Status", "Created"),
        dict(
            key="Issue key", created="Created", updated="Updated", solved="Resolved",
            summary="Summary", description="Description", labels="Labels[]", status="Status",
            category="Status Category", type="Issue Type", priority="Priority",
            assignee="Assignee Id", reporter="Reporter Id", reporter_name="Reporter",
            creator_name="Creator", rating="Satisfaction rating",
            organization="Custom field (Organizations)",
            duplicates="Outward issue link (Duplicate)",
        ),
    ),
)  # fmt: skip
FIELDS = dict(
    created="created", updated="updated", solved="resolutiondate", summary="summary",
    labels="labels", status="status.name", category="status.statusCategory.key",
    type="issuetype.name", priority="priority.name", assignee="assignee.accountId",
    assignee_active="assignee.active", reporter="reporter.accountId",
    email="reporter.emailAddress", creator="creator.accountId",
    creator_kind="creator.accountType", creator_name="creator.displayName", comments="comment",
    links="issuelinks",
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
OWN = f"word NOT IN {tuple(STATUS)}"
STEPS = "SELECT lower(to_word) FROM changes WHERE field = 'status' AND meaning(to_word) IS NULL"
WHO = "'$.author.accountId', '$.author.accountType', '$.author.displayName'"
MACROS = """
    CREATE MACRO canonical(word, category) AS
        coalesce(CASE lower(word) {words} END, CASE lower(category) {categories} END);
    CREATE MACRO resolution(solved) AS CASE WHEN solved IS NULL THEN 'unknown' ELSE 'solved' END;
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
    SELECT key, changelog, {", ".join(f"v[{i}] AS {name}" for i, name in enumerate(FIELDS, 1))},
           plain(json_extract(fields, '$.description')) AS description, _file, _row
    FROM (SELECT *, json_extract_string(fields, [{", ".join(f"'$.{p}'" for p in FIELDS.values())}])
              AS v FROM api);
    DROP TABLE api;
    CREATE VIEW latest AS
    SELECT * FROM issues QUALIFY 1 = row_number() OVER (
        PARTITION BY key ORDER BY TRY_CAST(updated AS TIMESTAMPTZ) DESC, _file DESC, _row DESC);
    CREATE VIEW words AS
    SELECT lower(status) AS word, min(category) AS category
    FROM (SELECT status, category FROM issues UNION SELECT status, category FROM csv) GROUP BY 1;
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
           max(CASE WHEN shape = 'clock' AND value->>'$.name' ILIKE '%first response%'
                    THEN value->>'$.completedCycles[0].stopTime.iso8601' END) AS replied_at
    FROM custom
    WHERE shape <> 'organization' OR 1 = (
        SELECT count(DISTINCT field) FROM custom WHERE shape = 'organization')
    GROUP BY _file, _row;"""
HISTORY = f"""
    CREATE VIEW messages AS
    SELECT key, reporter, v[1] AS id, v[2] AS created, v[3] AS public, v[4] AS who, v[5] AS kind,
           v[6] AS name, plain(json_extract(message, '$.body')) AS body, _file, _row
    FROM (SELECT *, json_extract_string(message, ['$.id', '$.created', '$.jsdPublic', {WHO}]) AS v
          FROM (SELECT *, unnest(json_extract(comments, '$.comments[*]')) AS message FROM latest));
    CREATE TABLE changes AS
    SELECT key, reporter, entry[1] AS id, entry[2] AS created, entry[3] AS who, entry[4] AS kind,
           entry[5] AS name, place, item[1] AS field, item[2] AS from_id, item[3] AS to_id,
           item[4] AS from_word, item[5] AS to_word, _file, _row
    FROM (SELECT *, json_extract_string(entry_json, ['$.id', '$.created', {WHO}]) AS entry,
                 json_extract_string(item_json, ['$.field', '$.from', '$.to', '$.fromString',
                                                 '$.toString']) AS item
          FROM (SELECT * FROM (SELECT *, unnest(json_extract(changelog, '$.histories[*]'))
                                   AS entry_json FROM latest),
                       unnest(json_extract(entry_json, '$.items[*]'))
                           WITH ORDINALITY AS items(item_json, place)));
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
               = TRY_CAST(any_value(changelog)->>'$.total' AS BIGINT) AS changes
    FROM issues LEFT JOIN messages USING (_file, _row) GROUP BY ALL;"""
EVENTS = """
    SELECT * EXCLUDE (number, place) FROM (
    SELECT 'created ' || key AS event_id, key AS ticket_id, created AS event_at,
           'created' AS event_type, creator AS actor_id,
           role(creator, creator_kind, creator_name, reporter) AS actor_role, 'status' AS field,
           NULL AS value_from,
           coalesce(meaning(coalesce(beginnings.word, status)), 'unknown') AS value_to,
           NULL AS is_public, NULL AS body, 0 AS number, 0 AS place, _file, _row
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
                 LEFT JOIN resolutions USING (key, id))
    ORDER BY TRY_CAST(event_at AS TIMESTAMPTZ), number, place"""
OF_API = """
    SELECT key AS ticket_id, created AS created_at, updated AS updated_at, summary AS subject,
           description, labels AS tags,
           coalesce(canonical(status, category), resolution(solved)) AS status,
           status AS status_raw, type, lower(priority) AS priority, reporter AS requester_id,
           organization AS organization_id, assignee AS assignee_id, replied_at AS first_reply_at,
           solved AS last_solved_at, survivor IS NOT NULL AS is_merged,
           survivor AS merged_into_ticket_id, rating AS satisfaction_raw,
           creator_kind = 'atlassian' AND creator IS DISTINCT FROM reporter AS is_agent_created,
           CAST(to_json(list_filter([
               CASE WHEN assignee_active = 'false' THEN 'deleted_agent' END,
               CASE WHEN organizations > 1 THEN 'several_organizations' END,
               CASE WHEN messages IS NOT TRUE THEN 'messages_missing' END,
               CASE WHEN changes IS NOT TRUE THEN 'changes_missing' END],
               lambda w: w IS NOT NULL)) AS VARCHAR) AS dq_flags, 1 AS _rank, _file, _row
    FROM issues LEFT JOIN duplicates USING (_file, _row) LEFT JOIN customs USING (_file, _row)
                LEFT JOIN whole USING (_file, _row)"""
OF_CSV = """
    SELECT key AS ticket_id, {created} AS created_at, {updated} AS updated_at, summary AS subject,
           description, labels AS tags,
           coalesce(meaning(status), resolution(solved)) AS status, status AS status_raw, type,
           lower(priority) AS priority, reporter AS requester_id, assignee AS assignee_id,
           {solved} AS last_solved_at,
           CASE WHEN duplicates IS NOT NULL THEN 'true' END AS is_merged,
           duplicates AS merged_into_ticket_id, rating AS satisfaction_raw,
           creator_name <> reporter_name AS is_agent_created,
           CASE WHEN {twice} THEN '["created_at_comes_twice"]' END AS dq_flags,
           2 AS _rank, _file, _row
    FROM csv"""
# By what billing may know those who asked (see identities).
PEOPLE = """
    SELECT DISTINCT reporter AS requester_id, organization AS organization_id, firm AS organization,
           email AS "e-mail"
    FROM issues LEFT JOIN customs USING (_file, _row) WHERE reporter IS NOT NULL
    UNION SELECT reporter, NULL, organization, NULL FROM csv WHERE reporter IS NOT NULL"""


def read(staging: Staging) -> Export:
    """Issues as tickets, the history of those of the API, and who asked, as text."""
    cases = [" ".join(f"WHEN '{w}' THEN '{ours}'" for w, ours in d.items())
             for d in (STATUS, CATEGORY)]  # fmt: skip
    staging.db.execute(MACROS.format(words=cases[0], categories=cases[1]))
    staging.db.execute(ISSUES + HISTORY)
    tickets = OF_API
    if staging.has("csv"):
        tickets += f" UNION ALL BY NAME {_of_csv(staging)}"
    frames = {"tickets": staging.sql(f"SELECT * FROM ({tickets}) ORDER BY _rank, _file, _row")}
    if staging.has("api"):
        frames["ticket_events"] = staging.sql(EVENTS)
    return Export(
        frames,
        notes=tuple(_notes(staging)),
        people=staging.sql(PEOPLE),
        history=tuple(sorted({*histories.STATUS, *histories.REPLIES, "assignee_changes"})),
    )


def _of_csv(staging: Staging) -> str:
    """SQL for the tickets of the CSV, its times turned to UTC."""
    given, file = staging.declared, staging.files_of("csv")
    local = times.clock(staging.db, "csv", ("created", "updated", "solved"), given, file)
    return OF_CSV.format(**local, twice=times.ambiguous("created", given))


def _notes(staging: Staging):
    def found(query: str) -> list[str]:
        return [str(value) for (value,) in staging.db.execute(query).fetchall()]

    own = found(f"SELECT word FROM words WHERE category IS NOT NULL AND {OWN} ORDER BY word")
    if own:
        yield (
            f"Statuses of this site's own are told by their category: {', '.join(own)}. None of "
            "them is taken for waiting on the customer."
        )
    odd = found(f"SELECT word FROM words WHERE category IS NULL AND {OWN} UNION {STEPS} ORDER BY 1")
    if odd:
        yield (
            f"What these statuses mean is not said: {', '.join(odd)}. Only resolutions tell which "
            "of their issues are solved. The column Status Category would say it."
        )
    for what, path in (("messages", "comment"), ("changes", "changelog")):
        (count,) = found(f"SELECT count(*) FROM whole WHERE {what} IS NOT TRUE")
        if count != "0":
            yield (
                f"{count} issues came without all of their {what}: nothing is told from them. "
                f"Fetch the other pages (/rest/api/3/issue/KEY/{path}) and put them into the issue."
            )
    fields = found("SELECT DISTINCT field FROM custom WHERE shape = 'organization' ORDER BY 1")
    if len(fields) > 1:
        yield f"Which of {', '.join(fields)} holds the organizations is not said: none is read."
    if staging.has("csv") and not staging.has("api"):
        yield (
            "The CSV holds no history and does not say which comments are internal: replies, "
            "reopenings and first solutions are unknown. It names people and organizations without "
            "their ids; the columns Reporter Id and Assignee Id would say who they are."
        )
