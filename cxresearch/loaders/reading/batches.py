"""The rows of a file in batches of Arrow text, whatever kind of file it is.

Files are read in a stream: of a file no more is held than a batch, which is some megabytes, or one
row or record where that is longer (files.LONGEST letters at most).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cxresearch.loaders.reading import csv_rows, excel, json_lines, json_records, parquet
from cxresearch.loaders.reading.files import Row
from cxresearch.loaders.reading.forms import Look
from cxresearch.loaders.reading.parquet import LETTERS, ROWS
from cxresearch.study.db import connect


@dataclass(frozen=True)
class Batch:
    """Rows as columns of text (c0, c1, …; of JSON the record is c0) with their numbers in the file
    as _row, and the rows that cannot be read."""

    table: pa.Table
    broken: tuple[Row, ...] = ()

    def __len__(self) -> int:
        return len(self.table) + len(self.broken)


def batches(seen: Look) -> Iterator[Batch]:
    """The rows of a file, each once and in order."""
    if seen.around:
        yield from _unwrapped(seen)
    elif seen.file.kind == "json" and seen.how == "lines":
        yield from _numbered([array] for array in json_lines.blocks(seen.file, seen.encoding))
    elif seen.file.kind == "parquet":
        yield from _numbered(parquet.columns(seen.file))
    else:
        for rows in _bounded(_rows(seen)):
            sound = [row for row in rows if row.fields is not None]
            columns = zip(*(row.fields for row in sound), strict=True)
            numbers = pa.array([row.number for row in sound], pa.int64())
            yield Batch(
                _table([pa.array(column, pa.string()) for column in columns], numbers),
                tuple(row for row in rows if row.fields is None),
            )


def originals(seen: Look, numbers: set[int]) -> dict[int, str]:
    """The text of these rows as it lies in the file, by number; the file is read again."""
    seen = seen.around or seen
    if seen.file.kind in ("csv", "json") and seen.how != "lines":
        return {row.number: row.original for row in _rows(seen) if row.number in numbers}
    wanted, texts = pa.array(sorted(numbers), pa.int64()), {}
    for batch in batches(seen):
        part = batch.table.filter(pc.is_in(batch.table["_row"], wanted)).to_pydict()
        for number, *fields in zip(part.pop("_row"), *part.values(), strict=True):
            texts[number] = _as_written(seen, fields)
    return texts


def _as_written(seen: Look, fields: list[str | None]) -> str:
    if seen.file.kind == "json":
        return fields[0].strip(json_lines.AROUND)
    return json.dumps(dict(zip(seen.names, fields, strict=False)), ensure_ascii=False)


def _unwrapped(seen: Look) -> Iterator[Batch]:
    """The records of one kind in a file of wrapped ones; what is no JSON is of the first kind."""
    column, record, kind, name, is_first = seen.wrap
    query = f"""
        SELECT record AS c0, _row FROM (
            SELECT _row, CASE WHEN json_valid({column}) THEN json_extract_string({column}, $1)
                              ELSE {column} END AS record,
                   CASE WHEN NOT json_valid({column}) THEN CAST($4 AS VARCHAR)
                        ELSE coalesce(json_extract_string({column}, $2), '') END AS kind
            FROM batch) WHERE (record LIKE '{{%' OR NOT json_valid(record)) AND kind = $3"""
    with connect() as db:
        for batch in batches(seen.around):
            db.register("batch", batch.table)
            given = [record, kind, name, name if is_first else None]
            table = db.sql(query, params=given).to_arrow_table()
            db.unregister("batch")
            yield Batch(table, batch.broken if is_first else ())


def _numbered(blocks: Iterable[list[pa.Array]]) -> Iterator[Batch]:
    number = 1
    for columns in blocks:
        rows = len(columns[0]) if columns else 0
        yield Batch(_table(columns, pa.array(range(number, number + rows), pa.int64())))
        number += rows


def _table(columns: list[pa.Array], numbers: pa.Array) -> pa.Table:
    return pa.table([*columns, numbers], [*(f"c{i}" for i in range(len(columns))), "_row"])


def _bounded(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows in lists that are bounded in rows and, roughly, in letters."""
    batch, letters = [], 0
    for row in rows:
        batch.append(row)
        letters += len(row.original)
        if len(batch) == ROWS or letters > LETTERS:
            yield batch
            batch, letters = [], 0
    if batch:
        yield batch


def _rows(seen: Look) -> Iterator[Row]:
    """The rows of a file: fields of text, or the whole record where it is JSON."""
    file = seen.file
    if file.kind == "excel":
        yield from excel.rows(file, len(seen.names))
        return
    with file.text(seen.encoding) as text:
        if file.kind == "json":
            yield from json_records.records(file, text, seen.key)
        else:
            csv_rows.header(text, file.name)
            yield from csv_rows.rows(file, text, len(seen.names), seen.how)
