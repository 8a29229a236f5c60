"""Records that a tool wrapped on their way, such as Singer's, Airbyte's or Kafka's.

A file may hold records of several kinds (streams, tables), and between them what is no record: a
schema, a state, a deletion. Each kind is looked at as if it were a file of its own.
"""

import json
from dataclasses import replace

from cxresearch.loaders.reading.batches import batches
from cxresearch.loaders.reading.files import File
from cxresearch.loaders.reading.forms import Look, look, with_record
from cxresearch.study.db import connect
from cxresearch.study.schema import InputError

# Where a record lies in its wrapper, where its kind is named, and what else the wrapper has:
# Airbyte (messages, raw tables), Singer, Debezium with and without schema, Kafka, Stitch,
# Elasticsearch.
WRAPPERS = (
    ("record.data", "record.stream", ("record.emitted_at",)),
    ("record", "stream", ("type", "stream")),
    ("_airbyte_data", "_airbyte_stream", ()),
    ("payload.after", "payload.source.table", ("payload.op",)),
    ("after", "source.table", ("before", "op")),
    ("payload", "topic", ()),
    ("value", "topic", ()),
    ("record_content", "record_metadata.topic", ()),
    ("data", "table_name", ("action",)),
    ("_source", "_index", ("_id",)),
)
MOST_KINDS = 500


def looks(file: File, declared: str | None = None) -> tuple[list[Look], int]:
    """A look at a file or, where its records are wrapped, at each kind of record in it; and how
    many of its records hold none. declared is its encoding, if any."""
    seen = look(file, declared)
    written = {name.casefold(): name for name in seen.names}
    for record, kind, others in WRAPPERS:
        if {record, *others} <= set(written) and ("id" not in written or others):
            return _inside(seen, written[record], kind)
    return [seen], 0


def _inside(seen: Look, record: str, kind: str) -> tuple[list[Look], int]:
    """A look at each kind of wrapped record; the file itself if there is none.

    Raises InputError if there are more kinds than a tool writes into one file.
    """
    column = f"c{seen.names.index(record)}" if seen.kind == "csv" else "c0"
    wrap = (column, f"$.{record}" if seen.kind == "json" else "$", f"$.{kind}")
    query = f"""
        SELECT coalesce(json_extract_string(text, $2), '') AS kind, count(*), count(record),
               arg_min(record, _row, 20) FILTER (json_valid(record))
        FROM (SELECT CASE WHEN held LIKE '{{%' THEN held END AS record, text, _row
              FROM (SELECT json_extract_string(text, $1) AS held, text, _row
                    FROM (SELECT {column} AS text, _row FROM batch WHERE json_valid({column}))))
        GROUP BY kind ORDER BY min(_row)"""
    first, without = {}, 0
    with connect() as db:
        for batch in batches(seen):
            db.register("batch", batch.table)
            for name, rows, records, texts in db.execute(query, wrap[1:]).fetchall():
                if texts:
                    first.setdefault(name, tuple(filter(_fits, texts)))
                without += rows - records
            if len(first) > MOST_KINDS:
                raise InputError(
                    f"{seen.file.name} wraps records of more than {MOST_KINDS} kinds: write each "
                    "stream or table into a file of its own."
                )
    found = []
    for name, texts in first.items():
        called = seen.file.name if len(first) == 1 else f"{name} in {seen.file.name}"
        file = replace(seen.file, name=called)
        inside = replace(seen, file=file, around=seen, wrap=(*wrap, name, not found), first=texts)
        found.append(with_record(inside, json.loads(texts[0]) if texts else {}))
    return (found, without) if found else ([seen], 0)


def _fits(text: str) -> bool:
    """Can Python follow the brackets of a record?"""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
