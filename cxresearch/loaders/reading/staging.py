"""Where the files of an export lie as tables of text, one row a record, before SQL reads them."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import duckdb

from cxresearch.loaders.reading import excel, times, values
from cxresearch.loaders.reading.batches import Batch, batches, originals
from cxresearch.loaders.reading.declared import Declared
from cxresearch.loaders.reading.faulty import FAULTY, worked_out
from cxresearch.loaders.reading.files import File, Row
from cxresearch.loaders.reading.forms import Form, Look, at, folded, form_of, in_table, in_words
from cxresearch.loaders.reading.json_lines import AROUND
from cxresearch.loaders.reading.json_places import path_of
from cxresearch.loaders.reading.json_records import WRONG
from cxresearch.loaders.reading.wrappers import looks
from cxresearch.study.conform import ORIGIN
from cxresearch.study.conform_files import MEMORY as FOR_FILES
from cxresearch.study.conform_files import keep
from cxresearch.study.db import connect, frame, quoted
from cxresearch.study.schema import InputError

# What the tables may hold in memory; what is more lies in a temporary folder (see db).
MEMORY = "1GB"
UNREADABLE = 200_000  # rows that cannot be read: more are an export that cannot be read
# What every loader's SQL may use. has: is there a file of this form? has_column: has a row's file a
# column of this header, in small letters? listed: words as a JSON list, without those that are null
# or empty.
MACROS = """
    CREATE TABLE staged (file VARCHAR, form VARCHAR, names VARCHAR[]);
    CREATE MACRO has(wanted) AS wanted IN (SELECT form FROM staged);
    CREATE MACRO has_column(path, header) AS
        path IN (SELECT file FROM staged WHERE list_contains(names, header));
    CREATE MACRO listed(words) AS
        CAST(to_json(list_filter(words, lambda w: w <> '')) AS VARCHAR);"""


class Staging:
    """The staged files of one export: a DuckDB table by form, with _file and _row of each record.

    db answers the loader's SQL; sql() gives its answer as a frame of text, or writes it into a
    folder. A form of which there is no file is an empty table, so SQL holds for every mixture of
    files; has() tells. progress hears the name of a file and how many records were read of it.
    """

    def __init__(
        self,
        files: list[File],
        forms: Iterable[Form],
        declared: Declared,
        progress: Callable[[str, int], None] = lambda file, records: None,
        into: Path | None = None,
    ):
        self.declared, self.progress = declared, progress
        self.db, self.into = connect(FOR_FILES if into else MEMORY), into
        self.read: dict[str, int] = {}
        self.unreadable: list[dict] = []
        self.unknown: list[Look] = []
        self.notes: list[str] = []
        self.forms: dict[str, Form] = {}
        self.looks: dict[str, tuple[Look, Form]] = {}
        self.again: list[tuple[Look, Form]] = []
        self.db.execute(MACROS + times.MACROS + values.MACROS)
        self.add(files, tuple(forms))

    def add(self, files: list[File], forms: tuple[Form, ...]) -> None:
        """Stages further files, which may have these forms only."""
        for form in forms:
            if form.name not in self.forms:
                names = ", ".join(f'"{n}" {_type(form.lists.get(n))}' for n in form.columns)
                self.db.execute(f"CREATE TABLE {form.name} ({names}, _file VARCHAR, _row BIGINT)")
                self.forms[form.name] = form
        for file in files:
            seen, without = looks(file, self.declared.encoding)
            for one in seen:
                self._stage(one, forms)
            if without:
                self.notes.append(
                    f"{file.name} wraps its records; lines that hold none, such as schemas, states "
                    f"and deletions, were passed over: {without:,}."
                )

    def put_into_utc(self, form: Form) -> None:
        """Makes a view in place of a form's table, with its times on the clock in UTC.

        Raises InputError if their zone, or the order of day and month, is not declared.
        """
        told, twice = {name: name for name in form.clock}, "FALSE"
        if self.has(form.name):
            what = self.files_of(form.name)
            told = times.clock(self.db, form.name, form.clock, self.declared, what)
            twice = times.ambiguous("created_at", self.declared)
        utc = ", ".join(f"{sql} AS {name}" for name, sql in told.items())
        self.db.execute(f"""
            ALTER TABLE {form.name} RENAME TO {form.name}_as_written;
            CREATE VIEW {form.name} AS
            SELECT * REPLACE ({utc}), CASE WHEN {twice} THEN 'created_at_comes_twice' END AS _twice
            FROM {form.name}_as_written""")

    def has(self, form: str) -> bool:
        """Is there a file of this form?"""
        return bool(self.looks_of(form))

    def files_of(self, form: str) -> str:
        """The names of the files of a form, for sentences."""
        return ", ".join(seen.file.name for seen in self.looks_of(form))

    def looks_of(self, form: str) -> list[Look]:
        """The files of a form, and those that were read for it again."""
        return [seen for seen, f in (*self.looks.values(), *self.again) if f.name == form]

    def read_again(self, seen: Look, form: Form) -> None:
        """Reads a file that was staged already for a second form, whose rows come from it too."""
        self.again.append((seen, form))
        for batch in batches(seen):
            self._insert(form, seen, batch)

    def sql(self, query: str) -> Any:
        """The rows of a query over the forms' tables, as a frame of text (see conform), or a file.

        A column whose name begins with _ serves the query's order and does not come. Records that
        the query cannot be worked out for are set aside first.
        """

        def answer() -> Any:
            rows = self.db.sql(query)
            names = [name for name in rows.columns if name in ORIGIN or not name.startswith("_")]
            text = (n if n in ORIGIN else f'CAST("{n}" AS VARCHAR) AS "{n}"' for n in names)
            told = rows.project(", ".join(text))
            return keep(self.into, told) if self.into else frame(told)

        return self._worked_out(answer)

    def run(self, sql: str) -> list[tuple]:
        """Runs SQL, and gives what comes of it; records that it cannot be worked out for are set
        aside first."""
        return self._worked_out(lambda: self.db.execute(sql).fetchall()) if sql else []

    def _worked_out(self, work: Callable):
        return worked_out(self.db, work, self._set_aside)

    def _set_aside(self, file: str, row: int) -> None:
        form = self.looks[file][1]
        self.unreadable.append({"table": form.table or form.name, "file": file, "row": row,
                                "reason": FAULTY, "original": None})  # fmt: skip

    def originals(self, wanted: dict[str, set[int]]) -> dict[tuple[str, int], str]:
        """The text of these rows as it lies in the files, by file and row; files are read again."""
        return {
            (name, number): text
            for name, numbers in wanted.items()
            if name in self.looks
            for number, text in originals(self.looks[name][0], numbers).items()
        }

    def _stage(self, seen: Look, forms: tuple[Form, ...]) -> None:
        file, form = seen.file, form_of(seen, forms)
        if form is None:
            self.unknown.append(seen)
            return
        self.looks[file.name], self.read[file.name] = (seen, form), 0
        row = [file.name, form.name, sorted(folded(seen.names))]
        self.db.execute("INSERT INTO staged VALUES (?, ?, ?)", row)
        self._say_how(seen)
        for batch in batches(seen):
            self.read[file.name] += len(batch)
            broken = [*batch.broken, *self._insert(form, seen, batch)]
            table = form.table or form.name
            self.unreadable += [
                {"table": table, "file": file.name, "row": row.number, "reason": row.reason,
                 "original": row.original} for row in broken
            ]  # fmt: skip
            if len(self.unreadable) > max(UNREADABLE, sum(self.read.values()) // 2):
                first = self.unreadable[0]
                raise InputError(
                    f"More rows cannot be read than can. The first: {first['file']}, row "
                    f"{first['row']:,}: {first['reason']}. Export it again."
                )
            self.progress(file.name, self.read[file.name])

    def _say_how(self, seen: Look) -> None:
        file, encoding = seen.file, seen.encoding
        if encoding and not encoding.startswith("utf-8"):
            sure = encoding == "utf-16" or self.declared.encoding
            why = "" if sure else ", as no encoding was named"
            self.notes.append(f"{file.name} is not UTF-8; it was read as {encoding}{why}.")
        if file.kind == "excel" and (others := excel.other_sheets(file)):
            self.notes.append(f"Of {file.name} only one sheet was read, not {', '.join(others)}.")

    def _insert(self, form: Form, seen: Look, batch: Batch) -> list[Row]:
        """Puts a batch into the form's table; records with what is no JSON come back."""
        if not len(batch.table):
            return []
        self.db.register("batch", batch.table)
        values, why = _values(seen, form)
        insert = f"INSERT INTO {form.name} {values}"
        try:
            self.db.execute(insert.format(rows="batch"), [seen.file.name])
            return []
        except duckdb.Error:
            if not why:
                raise
            cases = f"(SELECT *, CASE {why} END AS why FROM batch)".format()
            sound = f"(FROM {cases} WHERE why IS NULL)"
            self.db.execute(insert.format(rows=sound), [seen.file.name])
            wrong = f"SELECT _row, why, c0 FROM {cases} WHERE why IS NOT NULL"
            return [
                Row(number, None, why, text.strip(AROUND) if seen.kind == "json" else None)
                for number, why, text in self.db.execute(wrong).fetchall()
            ]
        finally:
            self.db.unregister("batch")


def _type(objects: tuple[str, ...] | None) -> str:
    """SQL for the type of a column: text, or a list of objects of which these places are kept."""
    return f"STRUCT({', '.join(f'{n} VARCHAR' for n in objects)})[]" if objects else "VARCHAR"


def _values(seen: Look, form: Form) -> tuple[str, str]:
    """SQL for the values of a form's columns in {rows}, and cases of records that are no JSON; of a
    row's fields, blank is null."""
    wanted = form.columns.values()
    if seen.kind != "json":
        cells = {
            name: _in_cell(seen.names, name, place)
            if form.kind == "json"
            else _field(seen.names, place if at(seen.names, place) else in_words(place))
            for name, place in form.columns.items()
        }
        told = ", ".join(_as_list(form, name, text) for name, text in cells.items())
        why = (f"WHEN NOT json_valid({cells[n]}) THEN {quoted(FAULTY)}" for n in form.lists)
        return f"SELECT {told}, $1, _row FROM {{rows}}", " ".join(why)
    inside = f"""CASE WHEN contains(c0, '"{form.inside}"')
        THEN coalesce(json_extract(c0, '$.{form.inside}'), c0) ELSE c0 END"""
    record = inside if form.inside else "c0"
    paths = [f"$.{w}" if form.kind else path_of(seen, w) for w in wanted]
    single = [path for path in paths if "[*]" not in path]
    fields = [f"v[{single.index(p) + 1}]" if p in single else _all(record, p) for p in paths]
    fields = fields if form.kind else [f"nullif({field}, '')" for field in fields]
    told = ", ".join(_as_list(form, *pair) for pair in zip(form.columns, fields, strict=True))
    why = [f"WHEN NOT json_valid(c0) THEN {quoted(WRONG)}"]
    for place in (form.columns[name] for name in form.lists):
        text = f"json_extract_string({record}, {_path('$.' + place)})"
        why.append(f"WHEN NOT json_valid({text}) THEN {quoted(FAULTY)}")
    return (
        f"""SELECT {told}, $1, _row FROM (
        SELECT *, json_extract_string({record}, [{", ".join(map(_path, single))}]) AS v
        FROM {{rows}})""",
        " ".join(why),
    )


def _as_list(form: Form, name: str, text: str) -> str:
    if name not in form.lists:
        return text
    return f"from_json({text}, {_path(json.dumps([dict.fromkeys(form.lists[name], 'VARCHAR')]))})"


def _all(record: str, path: str) -> str:
    return f"CAST(to_json(json_extract_string({record}, {_path(path)})) AS VARCHAR)"


def _path(path: str) -> str:
    return quoted(path).replace("{", "{{").replace("}", "}}")


def _in_cell(names: tuple[str, ...], name: str, place: str) -> str:
    """A place of a record in a table; times of records are UTC, also where a table does not say."""
    found = in_table(names, place)
    if found is None:
        return "NULL"
    text = f"nullif(c{found[0]}, '')"
    if found[1]:
        inside = f"json_extract_string({text}, '$.{found[1]}')"
        text = f"CASE WHEN json_valid({text}) THEN {inside} END"
    is_time = name.endswith(("_at", "time", "created", "updated", "createdAt", "updatedAt"))
    return f"from_utc({text})" if is_time else text


def _field(names: tuple[str, ...], where: str) -> str:
    """ "Labels[]" is all columns of that name; see forms.at."""
    found = at(names, where)
    if where.endswith("[]") and found:
        fields = ", ".join(f"c{i}" for i in found)
        return f"CAST(to_json(list_filter([{fields}], lambda f: f <> '')) AS VARCHAR)"
    return f"nullif(c{found[0]}, '')" if found else "NULL"
