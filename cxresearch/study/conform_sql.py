"""SQL that casts text to a column's type, and names in words each rule that a row breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study.column_types import IN_WORDS
from cxresearch.study.schema import Column, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SQL_TYPE = {
    "text": "VARCHAR",
    "time": "TIMESTAMPTZ",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "flag": "BOOLEAN",
    "list": "VARCHAR[]",
}
# What text must look like before it is cast: DuckDB alone would round "12.5" to 13, take a time
# without an offset for UTC, an offset of 99 hours for one, and "nan" for a number.
TEXT_FORM = {
    "time": r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)$",
    "integer": r"^[+-]?\d+$",
    "number": r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?$",
    "flag": r"^([tT][rR][uU][eE]|[fF][aA][lL][sS][eE])$",
}
NOTHING_TO_SEE = r"^[\s\p{Z}\p{C}]*$"
SOMETHING = "BETWEEN '!' AND '~'"  # begins with a sign that can be seen; quicker than the pattern
# A JSON list that holds nothing but words; DuckDB's own cast takes "[a, b]" and loses escapes.
WORDS = """
    CASE WHEN json_valid({text}) AND json_type({text}) = 'ARRAY'
          AND len(list_filter(json_extract({text}, '$[*]'),
                              lambda w: json_type(w) <> 'VARCHAR')) = 0
         THEN TRY(from_json({text}, '["VARCHAR"]')) END"""


def check_sql(
    table: Table, held: list[str], others: dict, db: DuckDBPyConnection, free: bool = False
) -> str:
    """One query over db's table text that casts every column (those that stay as_it_is only if free
    is true) and names each rule that a row breaks, in _reasons, "" where none.

    held are the columns that the text has; the others are null. others are the tables made already,
    in which a row must find the one that it belongs to.
    """
    texts = ", ".join(f'"{n}"' if n in held else f'NULL::VARCHAR AS "{n}"' for n in table.names)
    casts = ", ".join(_cast(c) for c in table.columns)
    raws = ", ".join(f'{_seen(c)} AS "raw {c.name}"' for c in table.columns)
    wrong = _wrong(table, others, db)
    reasons = ", ".join(f"CASE WHEN {sql} THEN {_quoted(says)} END" for says, sql in wrong)
    names = ", ".join(
        f'"{column.name}"' for column in table.columns if free or not as_it_is(column)
    )
    return f"""
        WITH texts AS (SELECT {texts}, _at, _aside FROM text),
        cast_rows AS (SELECT {casts}, _at, _aside, {raws} FROM texts)
        SELECT {names}, _at, coalesce(_aside, concat_ws('; ', {reasons})) AS _reasons
        FROM cast_rows"""


def _wrong(table: Table, others: dict[str, pd.DataFrame], db) -> list[tuple[str, str]]:
    """Pairs of what is wrong with a row, in words, and the SQL that is true for such a row."""
    wrong = [_wrong_text(c) for c in table.columns if c.kind != "text"]
    wrong += [(f"{c.name} is empty", f'"raw {c.name}" IS NULL') for c in table.columns if c.needed]
    wrong += [_wrong_word(c) for c in table.columns if c.words]
    wrong += list(table.rules)
    if table.belongs_to and table.belongs_to[0] in others:
        parent, key = table.belongs_to
        from cxresearch.study.db import put

        put(db, "parent", others[parent][[key]])
        says = f"its {key} is not among the {parent} kept"
        wrong.append((says, f"{key} NOT IN (SELECT {key} FROM parent)"))
    return wrong


def as_it_is(column: Column) -> bool:
    """Does the column hold free text, which stays as it was written?"""
    ours = column.needed or column.words or column.kind != "text" or column.name.endswith("_id")
    return not ours


def _seen(column: Column) -> str:
    """SQL for a field: null if there is nothing to see in it; free text stays as it is."""
    name = f'"{column.name}"'
    seen = f"{name} {SOMETHING} OR NOT regexp_matches({name}, '{NOTHING_TO_SEE}')"
    return name if as_it_is(column) else f"CASE WHEN {seen} THEN {name} END"


def _cast(column: Column) -> str:
    text = _seen(column)
    if column.kind == "list":
        return f'{WORDS.format(text=text)} AS "{column.name}"'
    if column.kind in TEXT_FORM:
        text = f"CASE WHEN regexp_matches({text}, '{TEXT_FORM[column.kind]}') THEN {text} END"
    return f'TRY_CAST({text} AS {SQL_TYPE[column.kind]}) AS "{column.name}"'


def _wrong_text(column: Column) -> tuple[str, str]:
    says = f"{column.name} is not {IN_WORDS[column.kind]}"
    return says, f'"raw {column.name}" IS NOT NULL AND "{column.name}" IS NULL'


def _wrong_word(column: Column) -> tuple[str, str]:
    words = ", ".join(_quoted(word) for word in column.words)
    return f"{column.name} is none of {', '.join(column.words)}", f"{column.name} NOT IN ({words})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
