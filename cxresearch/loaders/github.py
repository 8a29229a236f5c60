"""GitHub: issues of one repository as the REST API lists them, and timelines of issues (history).

Only maintainers (owner, member, collaborator) reply; other people who comment are customers. Pull
requests lie in the same list and are set aside. A timeline does not say whose it is: the number of
the issue is the first number in its file's name, such as timeline_1002.json. Issues that were made
with a form keep its "### headings" in their description.
"""

from cxresearch.loaders import histories
from cxresearch.loaders.reading.forms import Form, fields

NAME = "GitHub"
FORMS = (
    Form(
        "issues", "tickets", "json", ("number", "title", "user", "labels", "state", "comments"),
        fields(
            "number title body labels state created_at updated_at closed_at pull_request",
            repository="repository_url", author="user.login", association="author_association",
            kind="type.name", reason="state_reason", assignee="assignee.login",
            closer="closed_by.login", closer_type="closed_by.type",
        ),
    ),
    Form("timeline", "ticket_events", "json", ("event", "actor", "created_at"), fields(
        "id event body created_at",
        issue="issue_url", actor="actor.login", actor_type="actor.type",
        association="author_association", assignee="assignee.login",
    )),
)  # fmt: skip
MAINTAINERS = "('OWNER', 'MEMBER', 'COLLABORATOR')"
# what only its author or a maintainer can do to an issue
BY_RIGHT = "('closed', 'reopened', 'assigned', 'unassigned', 'labeled', 'unlabeled', 'locked')"
# a deleted account is null or the account called ghost
GHOST = "nullif({}, 'ghost')"
LABELS = """
    listed(list_transform(json_extract(labels, '$[*]'), lambda label:
        coalesce(json_extract_string(label, '$.name'), json_extract_string(label, '$'))))"""
TICKETS = f"""
    SELECT number AS ticket_id, created_at, updated_at, title AS subject, body AS description,
           {LABELS} AS tags, state AS status, state AS status_raw, kind AS type,
           'web' AS created_channel, {GHOST.format("author")} AS requester_id,
           assignee AS assignee_id, closed_at AS last_solved_at, closed_at,
           CASE WHEN state <> 'closed' OR closer IS NULL THEN NULL
                WHEN reason = 'duplicate' THEN 'merge' WHEN closer = author THEN 'customer'
                WHEN closer_type = 'Bot' THEN 'automation' ELSE 'agent' END AS closed_by,
           CASE WHEN reason = 'duplicate' THEN TRUE END AS is_merged, FALSE AS is_deleted,
           coalesce(association IN {MAINTAINERS}, FALSE) AS is_agent_created,
           CASE WHEN reason = 'reopened' THEN '["reopens_at_least_1"]' END AS dq_flags,
           CASE WHEN pull_request IS NOT NULL THEN 'it is a pull request, not an issue' END
               AS _aside, _file, _row
    FROM issues ORDER BY _file, _row"""
TICKET_EVENTS = f"""
    WITH numbered AS (
        SELECT *, coalesce(nullif(regexp_extract(issue, '/issues/(\\d+)$', 1), ''),
                           nullif(regexp_extract(_file, '(\\d+)[^/]*$', 1), '')) AS number
        FROM timeline),
    asked AS (SELECT number, max({GHOST.format("author")}) AS author FROM issues GROUP BY number)
    SELECT coalesce(id, 'event ' || number || '-' || _row) AS event_id, number AS ticket_id,
           created_at AS event_at,
           CASE WHEN event = 'commented' THEN 'reply'
                WHEN event IN ('closed', 'reopened') THEN 'status'
                WHEN event IN ('assigned', 'unassigned') THEN 'assignment'
                WHEN event = 'marked_as_duplicate' THEN 'merge' ELSE event END AS event_type,
           {GHOST.format("actor")} AS actor_id,
           CASE WHEN actor_type = 'Bot' OR actor LIKE '%[bot]' THEN 'bot'
                WHEN actor = author THEN 'customer'
                WHEN association IN {MAINTAINERS} OR event IN {BY_RIGHT} THEN 'agent'
                WHEN association IS NOT NULL THEN 'customer' END AS actor_role,
           CASE WHEN event IN ('closed', 'reopened') THEN 'status'
                WHEN event IN ('assigned', 'unassigned') THEN 'assignee_id' END AS field,
           CASE event WHEN 'closed' THEN 'closed' WHEN 'reopened' THEN 'open'
                WHEN 'assigned' THEN assignee END AS value_to,
           CASE WHEN event = 'commented' THEN 'true' END AS is_public, body,
           CASE WHEN number IS NULL THEN 'the number of its issue is not in the name of the file'
                END AS _aside, _file, _row
    FROM numbered LEFT JOIN asked USING (number) ORDER BY created_at, _file, _row"""

HISTORY = {"SELECT 1": (*histories.STATUS, "first_reply_at")}
REFUSES = {
    """SELECT count(DISTINCT repository) AS n,
              string_agg(DISTINCT repository, ', ' ORDER BY repository)
       FROM issues HAVING n > 1""":
        "The issues are of {} repositories ({}) that number them alike: import the files of one "
        "repository at a time.",
}  # fmt: skip
NOTES = {
    "SELECT 1 WHERE NOT has('timeline')":
        "There are no timelines of issues: first replies, first closings and reopenings are "
        "unknown. Fetch /repos/OWNER/REPO/issues/NUMBER/timeline into timeline_NUMBER.json.",
}  # fmt: skip
ALWAYS = ("Nobody rates an answer on GitHub: there is no satisfaction.",)
