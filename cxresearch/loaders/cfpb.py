"""CFPB: the consumer complaint database of the US Consumer Financial Protection Bureau, as CSV.

Complaints name no person, so nobody can be seen to come back or leave; the company is the one that
is complained about (group_id). Times are days. Products and issues are the bureau's words of the
time, which changed in April 2017 and August 2023: the tag "taxonomy 2017" names the version. The
word None stands for nothing. Whether the consumer disputed the answer was asked until April 2017;
Yes is the tag "disputed".
"""

from cxresearch.loaders.reading.forms import Form

NAME = "CFPB complaints"
FIELDS = dict(
    id="Complaint ID", received="Date received", product="Product", sub_product="Sub-product",
    issue="Issue", sub_issue="Sub-issue", narrative="Consumer complaint narrative",
    company="Company", tags="Tags", channel="Submitted via",
    response="Company response to consumer",
)  # fmt: skip
NEEDS = ("Complaint ID", "Date received", "Product", "Issue", "Company response to consumer")
FORMS = (
    Form("complaints", "tickets", "csv", NEEDS, FIELDS),
    Form(
        "legacy", "tickets", "csv", (*NEEDS, "Consumer disputed?"),
        FIELDS | {"disputed": "Consumer disputed?"},
    ),
)  # fmt: skip
CHANNELS = {"web referral": "web", "postal mail": "letter"}
# The day as it is written; with slashes, the bureau writes the month first. Hours have no zone.
DAY = r"""
    strftime(try_strptime(regexp_extract(received, '^[\d/-]+'), ['%Y-%m-%d', '%m/%d/%Y']),
             '%Y-%m-%d')"""
TAXONOMY = """
    'taxonomy ' || CASE WHEN day < '2017-04-24' THEN '2011' WHEN day < '2023-08-24' THEN '2017'
                        ELSE '2023' END"""
TICKETS = f"""
    WITH every AS (SELECT *, NULL AS disputed, 1 AS _rank FROM complaints
                   UNION ALL BY NAME SELECT *, 2 AS _rank FROM legacy),
    worded AS (SELECT nullif(COLUMNS(* EXCLUDE (_file, _row, _rank)), 'None'), _file, _row, _rank
               FROM every),
    dated AS (SELECT *, {DAY} AS day FROM worded)
    SELECT id AS ticket_id, coalesce(day || 'T00:00:00Z', received) AS created_at,
           narrative AS description,
           listed(list_concat(
               string_split(tags, ', '),
               [{TAXONOMY}, CASE WHEN disputed = 'Yes' THEN 'disputed' END])) AS tags,
           CASE WHEN response = 'In progress' THEN 'open'
                WHEN response LIKE 'Closed%' THEN 'closed'
                WHEN response IS NULL OR response = 'Untimely response' THEN 'unknown'
                ELSE response END AS status, response AS status_raw,
           issue || coalesce(': ' || sub_issue, '') AS type,
           product || coalesce(': ' || sub_product, '') AS product, company AS group_id,
           coalesce(MAP {CHANNELS}[lower(channel)], lower(channel)) AS created_channel,
           FALSE AS is_deleted, '["date_only"]' AS dq_flags, _rank, _file, _row
    FROM dated ORDER BY _rank, _file, _row"""
ALWAYS = (
    "Complaints name no person: nobody can be seen to come back or to leave.",
    "Days are all that is known, and of answers not even that: when a company was sent a complaint "
    "is not when it answered, so nothing is said about waiting.",
    "Products and issues are the bureau's words, which changed in April 2017 and August 2023: the "
    "same word need not mean the same. The tag taxonomy names the version.",
    "People choose whether their story is published, and fewer do: topics are those of stories.",
)
