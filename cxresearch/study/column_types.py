"""Canonical tables in their types: what a study folder or a frame must hold."""

import numpy as np
import pandas as pd
import pyarrow as pa

from cxresearch.study.nearest import nearest
from cxresearch.study.schema import TABLES, Column, InputError, Table

PANDAS_TYPE = {
    "text": "str",
    "time": "datetime64[us, UTC]",
    "integer": "Int64",
    "number": "float64",
    "flag": "boolean",
    "list": "object",
}
IN_WORDS = {
    "time": "a time with its offset from UTC",
    "integer": "a whole number",
    "number": "a number",
    "flag": "true or false",
    "list": "a list of words",
    "text": "text",
}
# What pandas finds in a column that may stand for a kind; a list is looked at word by word.
FOUND = {
    "text": ("string", "integer", "categorical"),
    "time": ("datetime64", "datetime"),
    "integer": ("integer", "floating", "mixed-integer-float"),
    "number": ("integer", "floating", "mixed-integer-float"),
    "flag": ("boolean", "integer", "floating"),
}

# Names that facts, lives and spells give to columns of their own, beside those of a table.
WORKED_OUT = (
    "at who mature month time event until state begin end told group duplicate undated left_at "
    "watched_until next_at solved_at reopened_at"
).split()


def typed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every column of the table in canonical order and type; missing ones are null.

    Columns of one's own stand behind them, as they are. Raises InputError if a needed column is
    missing or empty, a value has another type, two rows have the same key, or a column of one's own
    has a name that means something else here.
    """
    _check_twice([str(name) for name in frame.columns], f"Table {table.name}")
    own = own_names(table, frame)
    typed = pd.DataFrame({c.name: _typed_column(table, c, frame) for c in table.columns})
    twice = typed[table.key].duplicated() if table.key else pd.Series(dtype=bool)
    if twice.any():
        key = typed[table.key][twice].iloc[0]
        raise InputError(f"Table {table.name} holds {table.key} {key!r} twice: keep one row of it.")
    return typed.assign(**{name: frame[name] for name in own}) if own else typed


def own_names(table: Table, frame: pd.DataFrame) -> list[str]:
    """The columns that the table does not know: a data scientist's own.

    Raises InputError for a name that is no text, or that stands for something else in the package:
    a column of another table, or what is worked out from these columns (at, who, time ...).
    """
    own = [name for name in frame.columns if name not in table.names]
    for name in own:
        others = [t.name for t in TABLES.values() if t is not table and name in t.names]
        if not isinstance(name, str) or not name.strip() or name.startswith("_"):
            why = "a column's name is a text that does not begin with _"
        elif others:
            why = f"'{name}' is a column of {others[0]}"
        elif name in WORKED_OUT:
            why = f"'{name}' is what a column is called that is worked out from these"
        else:
            continue
        raise InputError(f"Table {table.name}: {name!r} cannot be a column of your own, because "
                         f"{why}. Rename it.")  # fmt: skip
    return own


def check_columns(table: Table, frame: pd.DataFrame, where: str) -> None:
    """Raises InputError if the frame has a column that the table does not know, or one twice."""
    names = [str(name) for name in frame.columns]
    for name in sorted(set(names) - set(table.names)):
        like = nearest(name, table.names) or "."
        raise InputError(
            f"{where}: table {table.name} has no column {name}{like} Rename or drop it; "
            f"its columns are {', '.join(table.names)}."
        )
    _check_twice(names, where)


def _check_twice(names: list[str], where: str) -> None:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"{where} holds the column {twice[0]} twice: drop one.")


def _typed_column(table: Table, column: Column, frame: pd.DataFrame) -> pd.Series:
    if column.name not in frame:
        if column.needed:
            like = nearest(column.name, own_names(table, frame)) or "."
            raise InputError(
                f"Table {table.name} lacks the column {column.name}: {column.says}{like}"
            )
        return pd.Series(None, index=frame.index, dtype=PANDAS_TYPE[column.kind])
    values = frame[column.name]
    if values.isna().all() and not column.needed:
        return pd.Series(None, index=frame.index, dtype=PANDAS_TYPE[column.kind])
    _check_kind(table, column, values)
    try:
        values = values.astype(PANDAS_TYPE[column.kind])
    except (TypeError, ValueError) as error:
        raise InputError(
            f"Table {table.name}: {column.name} must hold {IN_WORDS[column.kind]} ({error})."
        ) from error
    empty = _empty(column, values)
    if column.needed and empty.any():
        row = int(empty.to_numpy().argmax()) + 1
        raise InputError(f"Table {table.name}, row {row}: {column.name} is empty and must not be.")
    odd = set(values.dropna().unique()) - set(column.words) if column.words else set()
    if odd:
        raise InputError(
            f"Table {table.name}: {column.name} holds {sorted(odd)[0]!r}; "
            f"it must be one of {', '.join(column.words)}."
        )
    return values


def _empty(column: Column, values: pd.Series) -> pd.Series:
    if column.kind == "text" and column.needed:
        return values.isna() | values.str.strip().eq("")
    return values.isna()


def _check_kind(table: Table, column: Column, values: pd.Series) -> None:
    """pandas would take the number 17.0 for the text "17.0", and a whole number for a time."""
    if values.dtype == PANDAS_TYPE[column.kind] and column.kind != "list":
        return
    held = values.dropna()
    if column.kind == "list":
        wrong = held.head(0) if _all_words(held) else held[~held.map(_is_words).astype(bool)]
    else:
        naive = held.dtype.kind == "M" and held.dt.tz is None
        inferred = pd.api.types.infer_dtype(held)
        wrong = held if naive or inferred not in FOUND[column.kind] else held.head(0)
    if len(wrong):
        raise InputError(
            f"Table {table.name}: {column.name} must hold {IN_WORDS[column.kind]}, "
            f"not {wrong.iloc[0]}."
        )


def _all_words(held: pd.Series) -> bool:
    """Are all values lists of words? Quick, where they are."""
    try:
        return pa.array(held, pa.list_(pa.string())).flatten().null_count == 0
    except pa.ArrowException:
        return False


def _is_words(value) -> bool:
    return isinstance(value, (list, tuple, np.ndarray)) and all(isinstance(w, str) for w in value)
