"""Where the files of an export lie as tables of text, one row a record, before SQL reads them.

Files are read in a stream: of a file no more is held than a batch of rows and what the forms name
of them, so memory grows with what is kept, not with what the file holds beside it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cxresearch.conform import ORIGIN
from cxresearch.db import connect, frame
from cxresearch.loaders import csv_rows, json_records
from cxresearch.loaders.csv_rows import Row
from cxresearch.loaders.declared import Declared
from cxresearch.loaders.files import File, encoding_of
from cxresearch.loaders.forms import Form, Look, form_of, look

BATCH_ROWS = 20_000
BATCH_LETTERS = 32_000_000
NO_JSON = "the line is no valid JSON"


class Staging:
    """The staged files of one export: a DuckDB table by form, with _file and _row of each record.

    db answers the loader's SQL; sql() gives its answer as a frame of text. A form of which there is
    no file is an empty table, so SQL holds for every mixture of files; has() tells.
    """

    def __init__(self, files: list[File], forms: Iterable[Form], declared: Declared):
        self.declared, self.db = declared, connect()
        self.read: dict[str, int] = {}
        self.unreadable: list[dict] = []
        self.unknown: list[Look] = []
        self.notes: list[str] = []
        self.forms: dict[str, Form] = {}
        self.looks: dict[str, tuple[Look, Form]] = {}
        self.add(files, tuple(forms))

    def add(self, files: list[File], forms: tuple[Form, ...]) -> None:
        """Stages further files, which may have these forms only."""
        for form in forms:
            if form.name not in self.forms:
                names = ", ".join(f'"{name}" VARCHAR' for name in form.columns)
                self.db.execute(f"CREATE TABLE {form.name} ({names}, _file VARCHAR, _row BIGINT)")
                self.forms[form.name] = form
        for file in files:
            self._stage(file, forms)

    def has(self, form: str) -> bool:
        """Is there a file of this form?"""
        return any(f.name == form for _, f in self.looks.values())

    def files_of(self, form: str) -> str:
        """The names of the files of a form, for sentences."""
        return ", ".join(name for name, (_, f) in self.looks.items() if f.name == form)

    def sql(self, query: str) -> pd.DataFrame:
        """The answer to a query over the forms' tables, as a frame of text (see conform)."""
        found = self.db.sql(query)
        text = (n if n in ORIGIN else f'CAST("{n}" AS VARCHAR) AS "{n}"' for n in found.columns)
        return frame(found.project(", ".join(text)))

    def originals(self, wanted: dict[str, set[int]]) -> dict[tuple[str, int], str]:
        """The text of these rows as it lies in the files, by file and row; files are read again."""
        return {
            (name, row.number): row.original
            for name, numbers in wanted.items()
            if name in self.looks
            for row in _rows(self.looks[name][0], self.declared)
            if row.number in numbers
        }

    def _stage(self, file: File, forms: tuple[Form, ...]) -> None:
        seen = look(file, self.declared.encoding)
        form = form_of(seen, forms)
        if form is None:
            self.unknown.append(seen)
            return
        self.looks[file.name], self.read[file.name] = (seen, form), 0
        self._say_encoding(file)
        values = _json_values(form) if seen.kind == "json" else _field_values(seen, form)
        for batch in _batches(_rows(seen, self.declared)):
            self.read[file.name] += len(batch)
            broken = [row for row in batch if row.fields is None]
            broken += self._insert(form, file, values, [row for row in batch if row.fields])
            self.unreadable += [_aside(form, file, row) for row in broken]

    def _say_encoding(self, file: File) -> None:
        if file.kind in ("csv", "json"):
            encoding = encoding_of(file, self.declared.encoding)
            if not encoding.startswith("utf-8"):
                sure = encoding == "utf-16" or self.declared.encoding
                why = "" if sure else ", as no encoding was named"
                self.notes.append(f"{file.name} is not UTF-8; it was read as {encoding}{why}.")

    def _insert(self, form: Form, file: File, values: str, rows: list[Row]) -> list[Row]:
        """Puts rows into the form's table; those that are no JSON come back."""
        fields = [row.fields for row in rows]
        columns = [pa.array(column, pa.string()) for column in zip(*fields, strict=True)]
        names = [f"c{i}" for i in range(len(columns))]
        numbers = pa.array([row.number for row in rows], pa.int64())
        self.db.register("batch", pa.table([*columns, numbers], [*names, "_row"]))
        broken = []
        if file.kind == "json":
            bad = self.db.execute("SELECT _row FROM batch WHERE NOT json_valid(c0)").fetchall()
            wrong = {number for (number,) in bad}
            broken = [replace(r, reason=NO_JSON) for r in rows if r.number in wrong]
        if rows:
            self.db.execute(f"INSERT INTO {form.name} {values}", [file.name])
        self.db.unregister("batch")
        return broken


def _json_values(form: Form) -> str:
    """SQL for the values of a form's columns in records of JSON; each record is parsed once."""
    paths = ", ".join(f"'$.{where}'" for where in form.columns.values())
    record = f"coalesce(json_extract(c0, '$.{form.inside}'), c0)" if form.inside else "c0"
    fields = ", ".join(f"v[{i}]" for i in range(1, len(form.columns) + 1))
    return f"""SELECT {fields}, $1, _row FROM
        (SELECT json_extract_string({record}, [{paths}]) AS v, _row FROM batch WHERE json_valid(c0))
        """


def _field_values(seen: Look, form: Form) -> str:
    """SQL for the values of a form's columns in the fields of a row; blank is null."""
    values = ", ".join(_field(seen.names, where) for where in form.columns.values())
    return f"SELECT {values}, $1, _row FROM batch"


def _field(names: tuple[str, ...], where: str) -> str:
    """ "Labels[]" is all columns of that name, "category_2" the second one called category."""
    name = where.removesuffix("[]").strip().casefold()
    held = [other.strip().casefold() for other in names]
    at = [i for i, other in enumerate(held) if other == name]
    if where.endswith("[]") and at:
        fields = ", ".join(f"c{i}" for i in at)
        return f"CAST(to_json(list_filter([{fields}], lambda f: f <> '')) AS VARCHAR)"
    first, _, number = name.rpartition("_")
    if not at and number.isdigit():
        again = [i for i, other in enumerate(held) if other == first]
        at = again[int(number) - 1 : int(number)] if int(number) else []
    return f"nullif(c{at[0]}, '')" if at else "NULL"


def _aside(form: Form, file: File, row: Row) -> dict:
    return {"table": form.table or form.name, "file": file.name, "row": row.number,
            "reason": row.reason, "original": row.original}  # fmt: skip


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows in batches that are bounded in rows and, roughly, in letters."""
    batch, letters = [], 0
    for row in rows:
        batch.append(row)
        letters += len(row.original)
        if len(batch) == BATCH_ROWS or letters > BATCH_LETTERS:
            yield batch
            batch, letters = [], 0
    if batch:
        yield batch


def _rows(seen: Look, declared: Declared) -> Iterator[Row]:
    """The rows of a file: fields of text, or the whole record where it is JSON."""
    file = seen.file
    if file.kind == "csv":
        with file.text(declared.encoding) as text:
            csv_rows.header(text, file.name)
            yield from csv_rows.rows(file, text, len(seen.names), seen.how)
    elif file.kind == "json":
        with file.text(declared.encoding) as text:
            found = json_records.records(file, text, seen.how, seen.key)
            for number, record in enumerate(found, 1):
                yield Row(number, [record], "", record)
    else:
        values = _parquet_values(file) if file.kind == "parquet" else _excel_values(file)
        for number, fields in enumerate(values, 1):
            shown = json.dumps(dict(zip(seen.names, fields, strict=False)), ensure_ascii=False)
            yield Row(number, fields, "", shown)


def _parquet_values(file: File) -> Iterator[list[str | None]]:
    with file.bytes() as stream, connect() as db:
        for part in pq.ParquetFile(stream).iter_batches(BATCH_ROWS):
            db.register("part", pa.Table.from_batches([part]))
            yield from map(list, db.sql("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM part").fetchall())
            db.unregister("part")


def _excel_values(file: File) -> Iterator[list[str | None]]:
    with file.bytes() as stream:
        sheet = openpyxl.load_workbook(stream, read_only=True, data_only=True).active
        rows = sheet.iter_rows(values_only=True)
        width = len(next(rows, ()))
        for cells in rows:
            fields = [None if cell is None else str(cell) for cell in cells]
            yield (fields + [None] * width)[:width]
