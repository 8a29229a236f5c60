"""What stands in the columns of files: how much, how often, and as which times."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from cxresearch.loaders.reading import times
from cxresearch.loaders.reading.batches import batches
from cxresearch.loaders.reading.declared import Declared
from cxresearch.loaders.reading.files import File
from cxresearch.loaders.reading.forms import Look, folded, look
from cxresearch.study.conform_sql import TEXT_FORM
from cxresearch.study.db import connect, frame, put

ROWS, BYTES, COLUMNS, DEPTH = 100_000, 300_000_000, 2_000, 8
SAMPLE = 1_000  # different values of a column that are tried as times
MOST = 0.9  # of a column's values, from which on it holds times, whole numbers, …
NUMERIC_DATE = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}\b")
DATA = re.compile(
    r"@|\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{2}|^\d+$|(\d\D?){7}"
)  # no name of a column
# What stands for nothing wherever it stands.
NOTHING = ("?", "-", "--", "NULL", "null", "(null)", "N/A", "n/a", "#N/A", "nan", "NaN", "\\N")


@dataclass(frozen=True)
class Column:
    """A column by the name that a mapping uses, its values by row, and the share of them that each
    way of writing times reads: offset, epoch, local."""

    name: str
    values: pd.Series
    ways: dict[str, float]

    @cached_property
    def counts(self) -> pd.Series:
        """How many rows hold each value, the most frequent first."""
        counts = self.values.dropna().value_counts()
        return counts.sort_index().sort_values(ascending=False, kind="stable")

    @property
    def filled(self) -> int:
        return int(self.counts.sum())

    @property
    def distinct(self) -> int:
        return len(self.counts)

    @property
    def single(self) -> bool:
        """Does every row have a value of its own, that is no time and no text of several words?"""
        alone = self.filled == self.distinct == len(self.values)
        return alone and not self.way and self.are(r"\S{1,64}")

    @property
    def way(self) -> str:
        """The way that reads its values as times; "" if none reads most."""
        best = max(self.ways, key=self.ways.get, default="")
        return best if self.ways.get(best, 0) >= MOST else ""

    @cached_property
    def orders(self) -> Counter:
        """How many dates begin with day or month, as a number tells it, or with either."""
        dates = filter(None, map(NUMERIC_DATE.match, self.counts.index))
        pairs = [(int(date[1]), int(date[2])) for date in dates]
        return Counter("day" if a > 12 else "month" if b > 12 else "either" for a, b in pairs)

    def are(self, pattern: str) -> bool:
        """Are most filled rows, from end to end, as the pattern says?"""
        fits = self.counts[self.counts.index.str.strip().str.fullmatch(pattern)]
        return fits.sum() >= MOST * self.filled > 0


@dataclass(frozen=True)
class Sight:
    """Files of one form: their columns, how many rows were looked at and whether there are more,
    how many cannot be read, and the words that stand for nothing."""

    files: tuple[File, ...]
    columns: tuple[Column, ...]
    rows: int
    more: bool
    broken: int
    nothing: tuple[str, ...]

    @property
    def headless(self) -> bool:
        """Does the first row look like data, not like names?"""
        return any(DATA.search(column.name) for column in self.columns)


def sights(files: list[File], encoding: str | None = None) -> list[Sight]:
    """What stands in files; those with the same columns are looked at as one."""
    groups: dict[tuple, list[Look]] = {}
    for seen in (look(file, encoding) for file in files):
        names = {name for name in folded(seen.names) if seen.kind != "json" or "." not in name}
        groups.setdefault((seen.kind, seen.record, frozenset(names)), []).append(seen)
    return [_sight(looks) for looks in groups.values()]


def before(one: Column, other: Column) -> float:
    """The share of rows in which a time of one column is before that of another; no date may begin
    with the month."""
    pairs = pd.DataFrame({"a": one.values, "b": other.values}).dropna().head(SAMPLE)
    a, b = (f"TRY_CAST({_local(f'from_epoch({name})', 'day')} AS TIMESTAMPTZ)" for name in "ab")
    with connect() as db:
        db.execute(times.MACROS)
        put(db, "pairs", pairs)
        read = f"SELECT {a} AS a, {b} AS b FROM pairs"
        [(share,)] = db.execute(f"SELECT avg(CAST(a < b AS INTEGER)) FROM ({read})").fetchall()
    return share or 0.0


def _sight(looks: list[Look]) -> Sight:
    parts, rows, size, broken, more = [], 0, 0, 0, False
    for held, unread in (part for seen in looks for part in _frames(seen)):
        if more := rows >= ROWS or size >= BYTES:
            break
        parts.append(held)
        rows, broken = rows + len(held), broken + unread
        size += int(held.memory_usage(index=False).sum())
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    table = table.iloc[:, :COLUMNS].astype("str")
    bare = table.apply(lambda values: values.str.strip())
    empty = bare.isin(NOTHING)
    nothing = {word for name in table for word in bare[name][empty[name]]}
    table = table.mask(empty | (bare == ""))
    ways = _ways(table)
    columns = tuple(Column(name, table[name], ways.get(name, {})) for name in table)
    files = tuple(seen.file for seen in looks)
    return Sight(files, columns, rows, more, broken, tuple(sorted(nothing)))


def _frames(seen: Look) -> Iterator[tuple[pd.DataFrame, int]]:
    """A file's rows as text under the names that a mapping uses, and how many cannot be read."""
    for batch in batches(seen):
        held = batch.table.drop(["_row"]).to_pandas()
        if seen.kind == "json":
            records = [dict(_places(record)) for record in map(_loaded, held["c0"])]
            sound = [record for record in records if record]
            yield pd.DataFrame(sound), len(batch.broken) + len(records) - len(sound)
        else:
            named = held.set_axis(_counted(seen.names), axis=1)
            yield named[[name for name in named if name]], len(batch.broken)


def _counted(names: tuple[str, ...]) -> list[str]:
    """Names as a mapping tells them apart: the second Category is Category_2."""
    seen, told = Counter(), []
    for name in map(str.strip, names):
        seen[name.casefold()] += 1
        again = seen[name.casefold()]
        told.append(f"{name}_{again}" if name and again > 1 else name)
    return told


def _loaded(text: str):
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None


def _places(value, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The texts in a record by their place: user.name, comments[0].body, and short lists whole."""
    if isinstance(value, str | bool):
        yield name, value if isinstance(value, str) else str(value).lower()
    elif depth < DEPTH and isinstance(value, dict):
        for key, held in value.items():
            yield from _places(held, f"{name}.{key}" if name else key, depth + 1)
    elif depth < DEPTH and isinstance(value, list) and value:
        if not any(isinstance(held, dict | list) for held in value):
            yield name, json.dumps(value, ensure_ascii=False)
        yield from _places(value[0], f"{name}[0]", depth + 1)


def _ways(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """By column, the share of its values that each way of writing times reads (see Column)."""
    values = {name: table[name].dropna().drop_duplicates().head(SAMPLE) for name in table}
    tried = [
        pd.DataFrame({"name": name, "v": texts.str.strip()})
        for name, texts in values.items()
        if texts.str[:40].str.contains(r"\d\D+\d|\d{8}").mean() >= MOST
    ]
    if not tried:
        return {}
    with connect() as db:
        db.execute(times.MACROS)
        put(db, "tried", pd.concat(tried, ignore_index=True))
        sql = f"""SELECT name, avg(CAST({_is_utc("with_offset(v)")} AS INTEGER)) AS "offset",
                         avg(CAST(from_epoch(v) <> v AS INTEGER)) AS epoch,
                         avg(CAST({_is_utc("d")} OR {_is_utc("m")} AS INTEGER)) AS local
                  FROM (SELECT *, {_local("v", "day")} AS d, {_local("v", "month")} AS m
                        FROM tried) GROUP BY name"""
        return frame(db.sql(sql)).set_index("name").to_dict("index")


def _local(v: str, order: str) -> str:
    """SQL for a time on a clock as an instant; what cannot be read stays."""
    return times.local(v, Declared("UTC", order), "")


def _is_utc(v: str) -> str:
    return f"regexp_matches({v}, '{TEXT_FORM['time']}')"
