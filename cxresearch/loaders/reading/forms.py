"""The forms in which a help desk writes its files, and how a file is told to be one of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path

from cxresearch.loaders.reading import csv_rows, excel, json_records, parquet
from cxresearch.loaders.reading.files import File, encoding_of
from cxresearch.loaders.reading.json_places import places
from cxresearch.study.schema import InputError

COLUMNS = 20_000  # Excel has 16,384


@dataclass(frozen=True)
class Form:
    """One kind of file of a help desk; it becomes a table of text under this name.

    columns are our names and where each value lies: the header of a CSV column ("Labels[]" is all
    columns of that header, as a JSON list), or the place in a JSON record ("via.channel"; a list or
    object comes as JSON). A file is of this form if it has all that the form needs, such as a name
    or "properties.stage", a key of an object in the record; of "public|private" one is enough. It
    needs only what its rows are nothing without. Where warehouses hold records as the rows of a
    table, the table has the form of the records (see in_table). table is the canonical table that
    its rows tell of; empty for a file that things are only looked up in.
    Records may be wrapped in an object under the key inside; only is a pattern that the file's name
    must have, such as "billing*.csv". clock names the columns that hold times on the clock of the
    account: the table has them in UTC, and in _twice the word created_at_comes_twice where it did,
    because clocks went back. lists are the columns that hold a list of objects, and what is kept of
    each object: the table has them as such, not as text.
    A form of any kind of file has an empty kind: a header may then be a pattern (see at), and a
    JSON record may lack may_lack.
    """

    name: str
    table: str
    kind: str
    needs: tuple[str, ...]
    columns: dict[str, str]
    inside: str = ""
    only: str = "*"
    clock: tuple[str, ...] = ()
    may_lack: tuple[str, ...] = ()
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """A file and what a first look shows: the names in it, and how its records lie.

    encoding is that of its text, if it is a text file. Where records are wrapped, around is a look
    at the wrappers, wrap says what is taken out of them (see wrappers), first are some records.
    """

    file: File
    names: tuple[str, ...]
    encoding: str = ""
    how: str = ""
    key: str = ""
    inside: tuple[str, ...] = ()
    record: str = ""
    around: "Look | None" = None
    wrap: tuple[str, ...] = ()
    first: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """json, or csv for all that has a header."""
        return "json" if self.file.kind == "json" or self.around else "csv"

    def is_a(self, form: Form) -> bool:
        """Has the file all that the form needs?"""
        called = (self.file.name, Path(self.file.name).name)
        if not any(name == form.only or fnmatch(name, form.only) for name in called):
            return False
        if not form.kind:
            free = form.may_lack if self.kind == "json" else ()
            return not self.absent(where for where in form.needs if where not in free)
        return form.kind in (self.kind, "json") and not self.lacks(form, form.needs)

    def absent(self, wanted: Iterable[str]) -> list[str]:
        """Those of these places that the file, or the first records of a JSON file, do not have."""
        if self.kind == "json":
            return [where for where in wanted if where.casefold() not in places(self)]
        return [where for where in wanted if not at(self.names, where)]

    def lacks(self, form: Form, wanted: Iterable[str]) -> list[str]:
        """The wanted places of a form that the file does not have."""
        names = self.inside if form.inside and form.inside == self.record else self.names
        held = folded(names)

        def has(place: str) -> bool:
            if not form.kind:
                return not self.absent([place])
            if form.kind != self.kind:
                return in_table(names, place) is not None
            return bool({place.removesuffix("[]").strip().casefold(), in_words(place)} & held)

        return [w for w in wanted if not any(has(place) for place in (w, *w.split("|")))]


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


def at(names: Sequence[str], where: str) -> list[int]:
    """The columns at a place: all of that name, else the second one called Tags for "Tags_2", else
    the only one that fits a pattern such as "*recommend*"."""
    name, held = where.removesuffix("[]").strip().casefold(), [n.strip().casefold() for n in names]
    found = [i for i, other in enumerate(held) if other and other == name]
    first, _, number = name.rpartition("_")
    if not found and number.isdecimal() and int(number):
        again = [i for i, other in enumerate(held) if other == first]
        found = again[int(number) - 1 : int(number)]
    if not found and "*" in name:
        pattern = re.compile(".*".join(map(re.escape, name.split("*"))), re.DOTALL)
        fitting = [i for i, other in enumerate(held) if pattern.fullmatch(other)]
        found = fitting if len(fitting) == 1 else []
    return found


def in_words(place: str) -> str:
    """A header such as CreatedDate as warehouses write it: created_date."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", place).lower()


def in_table(names: Sequence[str], place: str) -> tuple[int, str] | None:
    """The column of a table that holds a place in a record, and the place in the JSON of its cells.

    "via.channel" is a column via.channel, via__channel or via_channel, as those who flatten records
    name it, or lies at "channel" in a column via.
    """
    held = {name.strip().casefold(): column for column, name in reversed(list(enumerate(names)))}
    keys = place.split(".")
    for first in range(len(keys), 0, -1):
        for between in (".", "__", "_"):
            column = held.get(between.join(keys[:first]).casefold())
            if column is not None:
                return column, ".".join(keys[first:])
    return None


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
        record = next(json_records.first_records(file, text, how, key), {})
    return with_record(Look(file, (), encoding, how, key), record)


def with_record(seen: Look, record: dict) -> Look:
    """A look at a file whose first record this is."""
    first, under = next(iter(record.items()), ("", {}))
    inside = _names(under) if len(record) == 1 and isinstance(under, dict) else ()
    return replace(seen, names=_names(record), inside=inside, record=first)


def _names(record: dict) -> tuple[str, ...]:
    """The keys of a record, and those of the objects in it."""
    under = ((name, held) for name, held in record.items() if isinstance(held, dict))
    return (*record, *(f"{name}.{key}" for name, keys in under for key in keys))


def form_of(seen: Look, forms: Sequence[Form]) -> Form | None:
    """The form that a file has: of those that fit, the one of which it has most."""
    fitting = [form for form in forms if seen.is_a(form)]

    def most(form: Form) -> tuple[bool, int, int]:
        return form.kind == seen.kind, held(seen, form), len(form.needs)

    return max(fitting, key=most, default=None)


def held(seen: Look, form: Form) -> int:
    """How many of the places of a form a file has."""
    return len(form.columns) - len(seen.lacks(form, form.columns.values()))


def nearest(seen: Look, known: Mapping[str, Iterable[Form]], least: int = 1) -> str:
    """The form by system that a file comes nearest to, and what it lacks of it, as a sentence's
    part; empty if it has less of any than so many places."""
    near = [
        (held(seen, form) - 3 * len(lacking), name, form, lacking)
        for name, forms in known.items()
        for form in forms
        if form.kind in (seen.kind, "json", "")
        for lacking in [seen.lacks(form, form.needs)]
        if held(seen, form) >= least and (len(lacking) < len(form.needs) or held(seen, form) > 1)
    ]
    if not near:
        return ""
    _, name, form, lacking = max(near, key=lambda one: one[0])
    wanted = ", ".join(place.replace("|", " or ") for place in lacking)
    says = f"lacks {wanted}" if lacking else "may be of another"
    called = form.name.removesuffix("_1")  # a mapping's section
    return f"{seen.file.name} comes nearest to {called} of {name}, but {says}"
