"""Kitsune, the engine of Mozilla's support forum: questions.parquet and answers.parquet.

What it can tell: who asked what and when, every answer, and which answer became the solution. What
it cannot: who left (nobody does), when a question was marked as solved, and for part of the rows
whether it ever was.
"""

from pathlib import Path

import duckdb

from cxresearch.loaders.reading import parquet
from cxresearch.loaders.reading.export import Export
from cxresearch.loaders.reading.files import File
from cxresearch.study.db import connect
from cxresearch.study.schema import InputError

QUESTIONS = (
    "question_id created updated customer_id locale topic tags title text is_solved "
    "solution_answer_id is_spam is_locked"
).split()
ANSWERS = "answer_id question_id created author_id by_asker is_spam is_solution".split()
FILES = {"tickets": "questions.parquet", "ticket_events": "answers.parquet"}
DATES = {"created", "updated"}
PEOPLE_UNTIL = "2024-07-01T00:00:00Z"  # then the topic list changed, and later a machine chose
# The forum lets people mark a solution for about this long, so younger questions may yet be solved.
STILL_MARKABLE_DAYS = 180

TICKETS_SQL = f"""
    WITH outside AS (
        SELECT question_id, min(created) AS first_at, count(DISTINCT answer_id) AS replies
        FROM answers WHERE NOT by_asker AND coalesce(NOT is_spam, TRUE) GROUP BY question_id),
    solution AS (
        SELECT question_id, min(created) AS solved_at FROM answers WHERE is_solution
        GROUP BY question_id),
    known AS (
        SELECT *, is_solved AND solution_answer_id IS NOT NULL AS solved,
               NOT is_solved AND created < (SELECT max(created) FROM questions)
               - INTERVAL {STILL_MARKABLE_DAYS} DAY AS unsolved
        FROM questions)
    SELECT CAST(question_id AS VARCHAR) AS ticket_id,
           strftime(created, '%Y-%m-%dT%H:%M:%SZ') AS created_at,
           strftime(updated, '%Y-%m-%dT%H:%M:%SZ') AS updated_at,
           title AS subject, text AS description, locale AS language,
           CAST(to_json(list_filter(string_split(tags, ','), lambda t: trim(t) <> '')) AS VARCHAR)
               AS tags,
           CASE WHEN solved THEN 'solved' WHEN unsolved THEN 'open' ELSE 'unknown' END AS status,
           concat_ws(', ', 'is_solved=' || CAST(is_solved AS VARCHAR),
                     CASE WHEN is_locked THEN 'locked' END) AS status_raw,
           topic AS type, 'forum' AS created_channel, 'Thunderbird' AS product,
           customer_id AS requester_id,
           strftime(first_at, '%Y-%m-%dT%H:%M:%SZ') AS first_reply_at,
           strftime(solved_at, '%Y-%m-%dT%H:%M:%SZ') AS first_solved_at,
           strftime(solved_at, '%Y-%m-%dT%H:%M:%SZ') AS last_solved_at,
           CAST(coalesce(replies, 0) AS VARCHAR) AS total_agent_replies,
           CAST(is_spam AS VARCHAR) AS is_spam
    FROM known LEFT JOIN outside USING (question_id) LEFT JOIN solution USING (question_id)
    ORDER BY file_row_number"""

EVENTS_SQL = """
    SELECT CAST(answer_id AS VARCHAR) AS event_id, CAST(question_id AS VARCHAR) AS ticket_id,
           strftime(created, '%Y-%m-%dT%H:%M:%SZ') AS event_at,
           CASE WHEN is_spam THEN 'spam' ELSE 'reply' END AS event_type,
           author_id AS actor_id,
           CASE WHEN by_asker THEN 'customer' WHEN NOT by_asker THEN 'agent' END AS actor_role,
           CASE WHEN is_solution THEN 'solution' END AS field, 'true' AS is_public
    FROM answers ORDER BY file_row_number"""

SPAN_SQL = """
    SELECT strftime(min(created), '%Y-%m-%dT%H:%M:%SZ'),
           strftime(max(created), '%Y-%m-%dT%H:%M:%SZ') FROM questions"""


def read(path: Path) -> Export:
    """Tickets and ticket events of a forum dump, as text, with notes on what it cannot tell.

    An outside answer is one that neither the asker nor spam wrote (where spam is unknown, it
    counts); first_solved_at is when the answer that became the solution was posted. status is
    unknown where is_solved is missing and, unless solved, for questions younger than 180 days.
    Raises InputError if a file or column that the loader needs is missing or of another type.
    """
    with connect() as db:
        _view(db, path, "questions", QUESTIONS)
        _view(db, path, "answers", ANSWERS)
        try:
            [(first, last)] = db.execute(SPAN_SQL).fetchall()
            if first is None:
                raise InputError(f"{path / 'questions.parquet'} holds no question with a date.")
            tables = {"tickets": db.sql(TICKETS_SQL).df(), "ticket_events": db.sql(EVENTS_SQL).df()}
            notes = _notes(db)
        except duckdb.Error as error:
            raise InputError(
                f"{path} is not as a Kitsune export is: a column holds another kind of value."
            ) from error
    settings = {
        "source": "Mozilla support forum (Kitsune)",
        "outcome": "return",
        "tickets_from": first,
        "observed_until": last,
        "status_settles_after_days": float(STILL_MARKABLE_DAYS),
        "types_by_people_until": PEOPLE_UNTIL,
    }
    not_read = sorted(f.name for f in path.iterdir() if f.name not in FILES.values())
    return Export(tables, FILES, settings, notes, tuple(not_read))


def _view(db: duckdb.DuckDBPyConnection, path: Path, name: str, columns: list[str]) -> None:
    file = path / f"{name}.parquet"
    if not file.is_file():
        raise InputError(f"{path} has no {name}.parquet: a Kitsune export is a folder with both.")
    held = parquet.table(File(str(file), file))
    missing = [column for column in columns if column not in held.column_names]
    if missing:
        raise InputError(f"{file} lacks the column {missing[0]}: is it a Kitsune export?")
    rows = held.select(columns).append_column("file_row_number", [range(len(held))])
    db.register(f"{name}_as_written", rows)
    relation = db.table(f"{name}_as_written")
    dates = [column for column in columns if column in DATES]
    odd = [c for c in dates if not str(relation[c].types[0]).startswith("TIMESTAMP")]
    if odd:
        raise InputError(f"{file}: {odd[0]} holds no times: is it a Kitsune export?")
    # whatever their unit, and whether or not they carry a zone; without one they are UTC
    same = ", ".join(f"CAST({date} AS TIMESTAMPTZ) AS {date}" for date in dates)
    relation.project(f"* REPLACE ({same})").create_view(name)


def _notes(db: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    [(rows, missing, spam_unknown, young, early, self_solved)] = db.execute(f"""
        SELECT count(*), count(*) FILTER (is_solved IS NULL), count(*) FILTER (is_spam IS NULL),
               count(*) FILTER (NOT is_solved AND created >= (SELECT max(created) FROM questions)
                                - INTERVAL {STILL_MARKABLE_DAYS} DAY),
               (SELECT count(*) FROM answers JOIN questions q USING (question_id)
                WHERE answers.created < q.created),
               (SELECT coalesce(avg(CAST(by_asker AS INTEGER)), 0) FROM answers WHERE is_solution)
        FROM questions""").fetchall()
    return (
        f"is_solved is missing in {missing:,} of {rows:,} questions ({missing / rows:.0%}): "
        "whether they were solved is unknown, which is not the same as unsolved.",
        f"is_spam is missing in {spam_unknown:,} of {rows:,} questions; they are kept and counted.",
        f"{young:,} questions are not marked as solved but younger than {STILL_MARKABLE_DAYS} "
        "days, and people may still mark a solution: their status is unknown too.",
        f"The asker wrote {self_solved:.0%} of the answers that became solutions, so a solution "
        "also measures how engaged the asker was. When an answer was marked as the solution "
        "cannot be seen; the time used is when that answer was posted.",
        f"{early:,} answers are dated before their question.",
        "The forum's own topic list changed between 2024 and 2025 and a machine assigns it since "
        "mid-2025; it is kept as type and is not used to find topics. Tags contain it too.",
        "A forum has no contracts: nobody can be seen to leave. What can be seen is who returns.",
    )
