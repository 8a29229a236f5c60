"""From text to canonical tables: each row is kept, cast and checked, or set aside with a reason."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cxresearch.study.column_types import PANDAS_TYPE, check_columns, typed
from cxresearch.study.conform_sql import as_it_is, check_sql
from cxresearch.study.db import connect, frame, put
from cxresearch.study.schema import TABLES, InputError, Table

__all__ = ["Conformed", "conform", "typed"]

# Without these, whole numbers with nulls would be rounded to floats on the way.
NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
QUARANTINE = ["table", "file", "row", "reason", "original"]
# Where a row comes from, and which form it has: of two forms that tell the same, the lower counts;
# and why it is no row of the table, where a loader knows that better than the rules.
ORIGIN = ("_file", "_row", "_rank", "_aside")
PLACE = ["file", "row"]


@dataclass(frozen=True)
class Conformed:
    """Canonical tables, the rows set aside, and how many rows were read of each table and file.

    origins names the table, file, row and key of every row kept (of a table without one, null).
    written are tables that lie in Parquet files instead (see conform_files); kept holds, by file, a
    1 at the number of each row of which anything was kept.
    """

    tables: dict[str, pd.DataFrame]
    quarantine: pd.DataFrame
    rows: pd.DataFrame
    files: pd.DataFrame | None = None
    origins: pd.DataFrame | None = None
    written: Mapping[str, Path] = field(default_factory=dict)
    kept: Mapping[str, bytearray] = field(default_factory=dict)

    def parts(self, name: str, columns: list[str]) -> Iterator[pd.DataFrame]:
        """Some columns of all rows of a table, wherever it lies, in parts; nothing without it."""
        if name in self.tables:
            yield self.tables[name][columns]
        elif name in self.written:
            yield from row_groups(self.written[name], columns)

    def __post_init__(self):
        for counts in (self.rows, self.files):
            if counts is None:
                continue
            lost = counts["read"] - counts["kept"] - counts["quarantined"]
            if lost.any():
                raise AssertionError(
                    f"rows read are not rows kept plus rows set aside: {lost[lost != 0].to_dict()}"
                )


def conform(
    raw: dict[str, pd.DataFrame],
    files: dict[str, str],
    beside: Mapping[str, pd.DataFrame] | None = None,
) -> Conformed:
    """Canonical tables from frames of text.

    raw holds, by table name, frames whose columns are canonical names and whose values are text or
    null; files names the file that each came from. A field in which nothing can be seen is null,
    except in free text, which stays as written. Flags are true and false in any case, lists are
    JSON; "NA" and "null" are words. Of rows with the same key the newest is kept. A frame may say
    where each row came from, in _file and _row, and the rank of its form, in _rank: rows of several
    forms with the same key become one, each field from the best form that fills it. A row with
    words in _aside is set aside for that reason.
    Rows that break a rule, or belong to a row that is neither there nor in the tables beside (of a
    study that they are added to), come back in .quarantine with the file, the row's number in it
    (from 1), the reason in words, and the original as JSON.
    Raises InputError for a table or column that the schema does not know.
    """
    unknown = sorted(set(raw) - set(TABLES))
    if unknown:
        raise InputError(f"'{unknown[0]}' is no canonical table; these are: {', '.join(TABLES)}.")
    tables, aside, origins, counts, kept_rows = {}, [], [], {}, {}
    for name in [name for name in TABLES if name in raw]:
        kept, refused, origin = conform_table(
            TABLES[name], raw[name], files.get(name, name), _parents(name, tables, beside or {})
        )
        tables[name] = kept
        aside.append(refused)
        origins.append(origin)
        counts[name] = (len(raw[name]), len(origin), len(refused))
        note(origin, kept_rows)
    rows = counted(counts)
    quarantine = pd.concat(aside, ignore_index=True) if aside else pd.DataFrame(columns=QUARANTINE)
    where = pd.concat(origins, ignore_index=True) if origins else None
    whole = rows.rename(index=files).rename_axis("file").groupby(level=0, sort=False).sum()
    apart = any("_file" in frame for frame in raw.values())  # then whoever staged them counts
    return Conformed(tables, quarantine, rows, None if apart else whole, where, kept=kept_rows)


def flagged(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """A typed table whose dq_flags hold what its rules of oddity find now, beside other words."""
    if not table.flags or rows.empty:
        return rows
    cases = ", ".join(f"CASE WHEN {sql} THEN '{word}' END" for word, sql in table.flags)
    ours = ", ".join(f"'{word}'" for word, _ in table.flags)
    others = [c.name for c in table.columns if c.kind == "list" and c.name != "dq_flags"]
    with connect() as db:
        put(db, "rows", rows.drop(columns=others))
        flags = frame(
            db.sql(f"""
            SELECT list_concat(
                list_filter(CAST(dq_flags AS VARCHAR[]), lambda w: w NOT IN ({ours})),
                list_filter([{cases}], lambda w: w IS NOT NULL)) AS flags
            FROM rows""")
        )["flags"]
    return rows.assign(dq_flags=flags.set_axis(rows.index))


def row_groups(file: Path, columns: list[str] | None = None) -> Iterator[pd.DataFrame]:
    """The row groups of a Parquet file, with all columns or some; an empty one has one, too."""
    with pq.ParquetFile(file) as held:
        for group in [[number] for number in range(held.num_row_groups)] or [[]]:
            yield held.read_row_groups(group, columns).to_pandas()


def counted(rows: Mapping[str, Sequence[int]]) -> pd.DataFrame:
    """A row a table: how many rows were read, kept and set aside."""
    names = ["read", "kept", "quarantined"]
    return pd.DataFrame.from_dict(rows, "index", columns=names).rename_axis("table")


def note(origins: pd.DataFrame, kept: dict[str, bytearray]) -> None:
    """Puts a 1 at the number of each row of a file that origins name."""
    for file, rows in origins.groupby("file")["row"]:
        seen = kept.setdefault(file, bytearray())
        seen.extend(bytes(max(0, rows.max() + 1 - len(seen))))
        np.frombuffer(seen, bool)[rows] = True


def conform_table(
    table: Table, raw: pd.DataFrame, file: str, others: dict, older: np.ndarray | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The table kept, the rows set aside, and the file and row of each row kept; older are the
    numbers of sound rows that give way to another, if raw does not tell."""
    check_columns(table, raw.drop(columns=[n for n in ORIGIN if n in raw]), file)
    origin = _origin(raw, file)
    text = pd.DataFrame({n: _as_text(raw, n) for n in table.names if n in raw}, range(len(raw)))
    with connect() as db:
        put(db, "text", text.assign(_at=text.index, _aside=origin["_aside"]))
        checked = _in_order(db.sql(check_sql(table, list(text), others, db)))
    free = [column.name for column in table.columns if as_it_is(column)]
    checked = checked.assign(_rank=origin["_rank"], **{name: _as_text(raw, name) for name in free})
    reasons = checked.pop("_reasons")
    older = _older(table, checked, reasons) if older is None else older
    says = f"another row has the same {table.key} and is newer or later"
    reasons = reasons.mask(reasons.index.isin(older), says)
    kept = checked if (reasons == "").all() else checked[reasons == ""].reset_index(drop=True)
    place = origin.loc[(reasons == "").to_numpy(), PLACE].assign(
        table=table.name, key=kept[table.key].array if table.key else None
    )
    lists = any(column.kind == "list" for column in table.columns)
    if table.key and not lists and kept[table.key].duplicated().any():
        kept = kept.drop_duplicates(table.names, ignore_index=True)
    if table.key and kept["_rank"].nunique() > 1:
        kept = _joined(table, kept)
    aside = _set_aside(table, text, origin, reasons[reasons != ""])
    rows = _in_types(table, _with_list(table, kept))
    return flagged(table, rows), aside, place


def _parents(name: str, tables: dict, beside: Mapping) -> dict[str, pd.DataFrame]:
    """The table that rows of this one belong to, as far as it is known."""
    parent, key = TABLES[name].belongs_to or ("", "")
    known = [each[parent][[key]] for each in (tables, beside) if parent in each]
    return {parent: pd.concat(known, ignore_index=True)} if known else {}


def _in_order(relation: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """The rows as they came; DuckDB keeps their order where it can."""
    checked = relation.to_arrow_table().to_pandas(types_mapper=NULLABLE.get)
    ordered = checked if checked["_at"].is_monotonic_increasing else checked.sort_values("_at")
    return ordered.reset_index(drop=True)


def _older(table: Table, checked: pd.DataFrame, reasons: pd.Series) -> np.ndarray:
    """The numbers of sound rows that give way to one with the same key: newer or later."""
    if not table.key:
        return np.array([], int)
    key = [table.key, "_rank"]
    by = [*([table.newest_by] if table.newest_by else []), "_at"]
    sound = checked.loc[reasons == "", [*key, *by]]
    several = sound[sound.duplicated(key, keep=False)]
    older = several.sort_values(by, na_position="first").duplicated(key, keep="last")
    return older.index[older].to_numpy()


def _set_aside(
    table: Table, text: pd.DataFrame, origin: pd.DataFrame, reasons: pd.Series
) -> pd.DataFrame:
    """Rows of the quarantine for these reasons, by the rows' numbers in the frame."""
    places = origin.loc[reasons.index]
    originals = [_as_json(row) for row in text.loc[reasons.index].to_dict("records")]
    return pd.DataFrame(
        {
            "table": pd.Series(table.name, index=reasons.index, dtype="str"),
            "file": places["file"],
            "row": places["row"],
            "reason": reasons.astype("str"),
            "original": pd.Series(originals, index=reasons.index, dtype="str"),
        }
    ).astype({"file": "str", "row": "int64"})


def _in_types(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """The columns of the table in their types; the rules have seen to it that they fit."""
    return pd.DataFrame({c.name: rows[c.name].astype(PANDAS_TYPE[c.kind]) for c in table.columns})


def _with_list(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """dq_flags is a list for every row, empty where nothing is odd."""
    if "dq_flags" not in frame:
        return frame
    held = frame["dq_flags"].notna()
    flags = [f if is_told else [] for f, is_told in zip(frame["dq_flags"], held, strict=True)]
    return frame.assign(dq_flags=pd.Series(flags, index=frame.index, dtype="object"))


def _origin(raw: pd.DataFrame, file: str) -> pd.DataFrame:
    """The file, row and form's rank of every row, as the frame says or as it lies."""
    said = {name: raw[name].array for name in ORIGIN if name in raw}
    return pd.DataFrame(
        {
            "file": pd.Series(said.get("_file", file), index=range(len(raw)), dtype="str"),
            "row": said.get("_row", range(1, len(raw) + 1)),
            "_rank": pd.Series(said.get("_rank", 0), index=range(len(raw)), dtype="int64"),
            "_aside": pd.Series(said.get("_aside"), index=range(len(raw)), dtype="str"),
        }
    )


def _joined(table: Table, kept: pd.DataFrame) -> pd.DataFrame:
    """One row a key, in order: each field from the row of the lowest rank that fills it."""
    keys = kept[table.key].drop_duplicates(ignore_index=True)
    ranks = [part for _, part in kept.groupby("_rank")]
    places = [pd.Index(part[table.key]).get_indexer(keys) for part in ranks]
    columns = {table.key: keys}
    for name in (name for name in table.names if name != table.key):
        first, *others = (
            pd.Series(part[name].array.take(at, allow_fill=True))
            for part, at in zip(ranks, places, strict=True)
        )
        for other in others:
            first = first.where(first.notna(), other)
        columns[name] = first
    return pd.DataFrame(columns)


def _as_text(raw: pd.DataFrame, name: str) -> pd.Series:
    """The column as text or null; half of a character (a lone surrogate) is replaced by U+FFFD."""
    values = raw[name] if name in raw else pd.Series(None, index=raw.index, dtype="str")
    values = values.reset_index(drop=True)
    try:
        return values.astype("str")
    except UnicodeEncodeError:
        whole = values.map(
            lambda v: re.sub("[\ud800-\udfff]", "\ufffd", str(v)), na_action="ignore"
        )
        return whole.astype("str")


def _as_json(row: dict) -> str:
    return json.dumps({name: value for name, value in row.items() if isinstance(value, str)})
