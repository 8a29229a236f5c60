"""The forms in which a help desk writes its files, and how a file is told to be one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from cxresearch.loaders.reading import csv_rows, excel, json_records, parquet
from cxresearch.loaders.reading.files import File, encoding_of
from cxresearch.study.schema import InputError

COLUMNS = 20_000  # Excel has 16,384


@dataclass(frozen=True)
class Form:
    """One kind of file of a help desk; it becomes a table of text under this name.

    columns are our names and where each value lies: the header of a CSV column ("Labels[]" is all
    columns of that header, as a JSON list), or the place in a JSON record ("via.channel"; a list or
    object comes as JSON). A file is of this form if it has all that the form needs, such as a name
    or "properties.stage", a key of an object in the record. table is the canonical table that its
    rows tell of; empty for a file that things are only looked up in.
    Records may be wrapped in an object under the key inside; only is a pattern that the file's name
    must have, such as "billing*.csv". clock names the columns that hold times on the clock of the
    account: the table has them in UTC, and in _twice the word created_at_comes_twice where it did,
    because clocks went back.
    """

    name: str
    table: str
    kind: str
    needs: tuple[str, ...]
    columns: dict[str, str]
    inside: str = ""
    only: str = "*"
    clock: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """A file and what a first look shows: the names in it, and how its records lie.

    encoding is that of its text, if it is a text file.
    """

    file: File
    names: tuple[str, ...]
    encoding: str = ""
    how: str = ""
    key: str = ""
    inside: tuple[str, ...] = ()
    record: str = ""

    @property
    def kind(self) -> str:
        """json, or csv for all that has a header."""
        return "json" if self.file.kind == "json" else "csv"

    def is_a(self, form: Form) -> bool:
        """Has the file all that the form needs?"""
        names = self.inside if form.inside and form.inside == self.record else self.names
        named = fnmatch(Path(self.file.name).name, form.only)
        return named and form.kind == self.kind and folded(form.needs) <= folded(names)


def fields(same: str = "", **others: str) -> dict[str, str]:
    """The columns of a form: names that are ours as well, and the places of others by our names."""
    return {name: name for name in same.split()} | others


def opened(rows: str, columns: dict[str, str]) -> str:
    """SQL for each object in a list of objects: the other columns of its row, and its own values.

    rows is a query whose column items holds lists of JSON; columns are as in a form. place tells
    an object's place in its list, from 1, and item is the object itself.
    """
    values = ", ".join(f"v[{i}] AS {name}" for i, name in enumerate(columns, 1))
    paths = [f"$.{where}" for where in columns.values()]
    return f"""
        SELECT * EXCLUDE v, {values} FROM (
            SELECT *, json_extract_string(item, {paths}) AS v FROM (
                SELECT * EXCLUDE items, generate_subscripts(items, 1) AS place,
                       unnest(items) AS item FROM ({rows})))"""


def folded(names: Sequence[str]) -> set[str]:
    """Names as they are compared, without case and spaces around; the second "Tags" is "tags_2"."""
    seen, compared = {}, set()
    for name in (name.strip().casefold() for name in names):
        seen[name] = seen.get(name, 0) + 1
        compared |= {name, f"{name}_{seen[name]}"} if seen[name] > 1 else {name}
    return compared


def look(file: File, declared: str | None = None) -> Look:
    """What a file is seen to be from its first line or record; declared is its encoding, if any.

    Raises InputError if it cannot be read, or has more columns than a table has.
    """
    seen = _seen(file, declared)
    if len(seen.names) > COLUMNS:
        raise InputError(
            f"{file.name} has {len(seen.names):,} columns; a table with more than {COLUMNS:,} is "
            "not read: is a row of it a line, and is its first line the header?"
        )
    return seen


def _seen(file: File, declared: str | None) -> Look:
    if file.kind == "parquet":
        return Look(file, parquet.names(file))
    if file.kind == "excel":
        return Look(file, excel.names(file))
    encoding = encoding_of(file, declared)
    if file.kind == "json":
        return _look_at_json(file, encoding)
    with file.text(encoding) as text:
        names, between = csv_rows.header(text, file.name)
    return Look(file, tuple(names), encoding, between)


def _look_at_json(file: File, encoding: str) -> Look:
    with file.text(encoding) as text:
        how, key = json_records.layout(file, text)
    if how == "page" and not key:
        return Look(file, (), encoding, how)
    with file.text(encoding) as text:
        record = json_records.first_record(file, text, how, key)
    under = {name: tuple(held) if isinstance(held, dict) else () for name, held in record.items()}
    names = (*under, *(f"{name}.{key}" for name, keys in under.items() for key in keys))
    first = next(iter(under), "")
    inside = under[first] if len(under) == 1 else ()
    return Look(file, names, encoding, how, key, inside, first)


def form_of(seen: Look, forms: Sequence[Form]) -> Form | None:
    """The form that a file has: of those that fit, the one that needs most."""
    fitting = [form for form in forms if seen.is_a(form)]
    return max(fitting, key=lambda form: len(form.needs), default=None)
