"""From text to canonical tables: each row is kept, cast and checked, or set aside with a reason."""

import json
from dataclasses import dataclass

import pandas as pd

from cxresearch.db import connect
from cxresearch.schema import TABLES, Column, InputError, Table

SQL_TYPE = {
    "text": "VARCHAR",
    "time": "TIMESTAMPTZ",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "flag": "BOOLEAN",
    "list": "VARCHAR[]",
}
PANDAS_TYPE = {
    "text": "str",
    "time": "datetime64[us, UTC]",
    "integer": "Int64",
    "number": "float64",
    "flag": "boolean",
    "list": "object",
}
# What text must look like before it is cast: DuckDB alone would round "12.5" to 13 and take a
# time without an offset for UTC.
TEXT_FORM = {
    "time": r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$",
    "integer": r"^[+-]?\d+$",
    "flag": r"^(true|false)$",
}
IN_WORDS = {
    "time": "a time with its offset from UTC",
    "integer": "a whole number",
    "number": "a number",
    "flag": "true or false",
    "list": "a list of words",
}
QUARANTINE = ["table", "file", "row", "reason", "original"]


@dataclass(frozen=True)
class Conformed:
    """Canonical tables, the rows set aside, and how many rows were read of each table."""

    tables: dict[str, pd.DataFrame]
    quarantine: pd.DataFrame
    rows: pd.DataFrame

    def __post_init__(self):
        lost = self.rows["read"] - self.rows["kept"] - self.rows["quarantined"]
        if lost.any():
            raise AssertionError(
                f"rows read are not rows kept plus rows set aside: {lost.to_dict()}"
            )


def conform(raw: dict[str, pd.DataFrame], files: dict[str, str]) -> Conformed:
    """Canonical tables from frames of text.

    raw holds, by table name, frames whose columns are canonical names and whose values are text or
    null; files names the file that each came from. Of rows with the same key the newest is kept.
    Rows that break a rule, or belong to a row that is not there, come back in .quarantine with the
    file, the row's number in it (from 1), the reason in words, and the original as JSON.
    Raises InputError for a table or column that the schema does not know.
    """
    unknown = sorted(set(raw) - set(TABLES))
    if unknown:
        raise InputError(f"'{unknown[0]}' is no canonical table; these are: {', '.join(TABLES)}.")
    tables, aside = {}, []
    for name in [name for name in TABLES if name in raw]:
        kept, refused = _conform_table(TABLES[name], raw[name], files.get(name, name), tables)
        tables[name] = kept
        aside.append(refused)
    rows = pd.DataFrame(
        {
            "read": {name: len(raw[name]) for name in tables},
            "kept": {name: len(frame) for name, frame in tables.items()},
            "quarantined": {
                name: len(refused) for name, refused in zip(tables, aside, strict=True)
            },
        }
    ).rename_axis("table")
    quarantine = pd.concat(aside, ignore_index=True) if aside else pd.DataFrame(columns=QUARANTINE)
    return Conformed(tables, quarantine, rows)


def typed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every column of the table in canonical order and type; missing ones are null.

    Raises InputError if a needed column is missing or null, or a value has another type.
    """
    unknown = sorted(set(frame.columns) - set(table.names))
    if unknown:
        raise InputError(
            f"Table {table.name} has no column {', '.join(unknown)}: rename or drop it."
        )
    return pd.DataFrame({c.name: _typed_column(table, c, frame) for c in table.columns})


def _typed_column(table: Table, column: Column, frame: pd.DataFrame) -> pd.Series:
    if column.name not in frame:
        if column.needed:
            raise InputError(f"Table {table.name} lacks the column {column.name}: {column.says}.")
        return pd.Series(None, index=frame.index, dtype=PANDAS_TYPE[column.kind])
    values = frame[column.name]
    if column.needed and values.isna().any():
        row = int(values.isna().to_numpy().argmax()) + 1
        raise InputError(f"Table {table.name}, row {row}: {column.name} is empty and must not be.")
    try:
        values = values.astype(PANDAS_TYPE[column.kind])
    except (TypeError, ValueError) as error:
        wanted = IN_WORDS.get(column.kind, "text")
        raise InputError(
            f"Table {table.name}: {column.name} must hold {wanted} ({error})."
        ) from error
    odd = set(values.dropna()) - set(column.words) if column.words else set()
    if odd:
        raise InputError(
            f"Table {table.name}: {column.name} holds {sorted(odd)[0]!r}; "
            f"it must be one of {', '.join(column.words)}."
        )
    return values


def _conform_table(
    table: Table, raw: pd.DataFrame, file: str, others: dict[str, pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    unknown = sorted(set(raw.columns) - set(table.names))
    if unknown:
        raise InputError(f"{file}: table {table.name} has no column {', '.join(unknown)}.")
    text = raw.reindex(columns=table.names).astype("str").reset_index(drop=True)
    text = text.where(text.notna(), None).assign(_row=range(1, len(raw) + 1))
    with connect() as db:
        db.register("text", text)
        checked = db.sql(_check_sql(table, others, db)).df()
    bad = checked["_reasons"] != ""
    kept = checked.loc[~bad].sort_values("_row", ignore_index=True)
    refused = checked.loc[bad].sort_values("_row")
    originals = text.loc[refused["_row"] - 1, table.names]
    return typed(table, kept[table.names]), pd.DataFrame(
        {
            "table": pd.Series(table.name, index=refused.index, dtype="str"),
            "file": pd.Series(file, index=refused.index, dtype="str"),
            "row": refused["_row"].astype("int64"),
            "reason": refused["_reasons"].astype("str"),
            "original": pd.Series(
                [json.dumps(r.dropna().to_dict()) for _, r in originals.iterrows()],
                index=refused.index,
                dtype="str",
            ),
        }
    )


def _check_sql(table: Table, others: dict[str, pd.DataFrame], db) -> str:
    """One query: cast every column, then name each rule that a row breaks."""
    casts = ", ".join(_cast(c) for c in table.columns)
    raws = ", ".join(f'"{c.name}" AS "raw {c.name}"' for c in table.columns)
    wrong = [_wrong_text(c) for c in table.columns if c.kind != "text"]
    wrong += [(f"{c.name} is empty", f'"raw {c.name}" IS NULL') for c in table.columns if c.needed]
    wrong += [_wrong_word(c) for c in table.columns if c.words]
    wrong += list(table.rules)
    if table.belongs_to and table.belongs_to[0] in others:
        parent, key = table.belongs_to
        db.register("parent", others[parent][[key]])
        wrong.append(
            (
                f"its {key} is not among the {parent} kept",
                f"{key} NOT IN (SELECT {key} FROM parent)",
            )
        )
    reasons = ", ".join(f"CASE WHEN {sql} THEN {_quoted(says)} END" for says, sql in wrong)
    flags = ", ".join(f"CASE WHEN {sql} THEN '{word}' END" for word, sql in table.flags)
    replace = (
        f"REPLACE (list_filter([{flags}], lambda w: w IS NOT NULL) AS dq_flags)" if flags else ""
    )
    newest = f"{table.newest_by} DESC NULLS LAST," if table.newest_by else ""
    twice = (
        f"row_number() OVER (PARTITION BY {table.key}, reasons = '' "
        f"ORDER BY {newest} _row DESC) > 1"
        if table.key
        else "FALSE"
    )
    again = _quoted(f"another row has the same {table.key} and is newer or later")
    return f"""
        WITH cast_rows AS (SELECT {casts}, _row, {raws} FROM text),
        judged AS (SELECT *, concat_ws('; ', {reasons}) AS reasons FROM cast_rows)
        SELECT * {replace}, CASE WHEN reasons = '' AND {twice} THEN {again} ELSE reasons END
               AS _reasons
        FROM judged"""


def _cast(column: Column) -> str:
    name = f'"{column.name}"'
    if column.kind in TEXT_FORM:
        matches = f"regexp_matches(lower({name}), lower('{TEXT_FORM[column.kind]}'))"
        if column.kind == "time":
            matches = f"regexp_matches({name}, '{TEXT_FORM['time']}')"
        return f"CASE WHEN {matches} THEN TRY_CAST({name} AS {SQL_TYPE[column.kind]}) END AS {name}"
    return f"TRY_CAST({name} AS {SQL_TYPE[column.kind]}) AS {name}"


def _wrong_text(column: Column) -> tuple[str, str]:
    says = f"{column.name} is not {IN_WORDS[column.kind]}"
    return says, f'"raw {column.name}" IS NOT NULL AND "{column.name}" IS NULL'


def _wrong_word(column: Column) -> tuple[str, str]:
    words = ", ".join(_quoted(word) for word in column.words)
    return f"{column.name} is none of {', '.join(column.words)}", f"{column.name} NOT IN ({words})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
