"""The TOML file that describes tables of a foreign layout (see mapped), read and checked.

    source = "Our desk"            # what pages call it
    time_zone = "Europe/Madrid"    # of times that are written without one
    date_order = "day"             # what dates begin with, if they do not begin with the year
    times = "local"                # or utc, epoch, offset, or a form such as "%d.%m.%Y %H:%M"
    missing = ["?", "NULL"]        # words that stand for nothing
    customers_from = "2024-01-01T00:00:00Z"   # if billing forgot who left before
    match = ["key", "organization", "e-mail", "domain"]   # what joins people to accounts, in order

    [tickets]                      # a canonical table; [[tickets]] if several files tell it
    file = "tickets*.csv"          # only if its columns alone do not tell the file
    row = "ticket"                 # or "change": a row is the ticket as it was after each change
    columns = {ticket_id = "Case no.", created_at = "Opened", type = "Category_2"}
    fixed = {created_channel = "email"}
    words.status = {Offen = "open", Erledigt = "solved"}

    [customers]
    columns = {customer_id = "Account", started_at = "Since", e-mail = "Contact", mrr = "MRR"}
    fixed = {observed_until = "2026-07-01T00:00:00Z"}
    as_of_start = ["mrr"]          # columns that hold what was known at the start, not today

The second column called Category is "Category_2". Where a row is a change, event_at is its time and
order, if there is one, tells which of two changes at the same moment was first.

Beside their own columns, tickets and customers may name those by which people are joined to
accounts: key, organization, e-mail, domain (see identities); key may be the column of customer_id,
if the help desk keeps that number. [people] are files of people only: a row has one of these, and
the requester_id or the customer_id it belongs to. Customers may also name
plan, mrr and activity: they become customer_history, from the day that the customer started if they
are as_of_start, and else from observed_until, the day on which they were true.
"""

import re
from dataclasses import dataclass, field, fields
from pathlib import Path

from cxresearch.loaders.people.identities import METHODS, PEOPLE
from cxresearch.study.conform_sql import TEXT_FORM
from cxresearch.study.nearest import refuse_unknown
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.toml_text import read_toml

CHANGE_ONLY = ("event_at", "actor_id", "actor_role", "order")
READINGS = ("plan", "mrr", "activity")
MORE = {"tickets": METHODS, "customers": (*METHODS, *READINGS)}


@dataclass(frozen=True)
class Section:
    """How one kind of file tells rows of a canonical table, or of people."""

    table: str
    columns: dict[str, str]
    name: str = ""
    file: str = "*"
    row: str = "ticket"
    fixed: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    tells: tuple[str, ...] | None = None
    as_of_start: tuple[str, ...] | None = None

    def among(self, names) -> list[str]:
        """Those of these names that the section tells, mapped or fixed."""
        told = (*self.columns, *self.fixed)
        return [name for name in names if name in told]

    def kind(self, name: str) -> str:
        """The kind of one of its columns: text, time, list, flag, …"""
        columns = TABLES[self.table].columns if self.table in TABLES else ()
        kinds = {column.name: column.kind for column in columns}
        return "time" if name == "event_at" else kinds.get(name, "text")

    @property
    def made(self) -> list[str]:
        """Columns that are made of others, where the mapping does not name them."""
        made = ["status_raw"] if "status" in self.columns else []
        made += ["dq_flags"] if self.table == "tickets" else []
        return [name for name in made if not self.among([name])]


@dataclass(frozen=True)
class Mapping:
    """A mapping file: its sections, and what holds for all of them."""

    sections: tuple[Section, ...]
    source: str = "mapped tables"
    time_zone: str | None = None
    date_order: str | None = None
    times: str = "local"
    missing: tuple[str, ...] = ()
    outcome: str | None = None
    customers_from: str | None = None
    match: tuple[str, ...] = METHODS

    @property
    def form(self) -> str | None:
        """The strptime form of times on a clock, if their order is not enough."""
        return None if self.times == "local" else self.times


def read_mapping(file: str | Path | None) -> Mapping:
    """The mapping in a TOML file. Raises InputError naming the file, the key and what to do."""
    if file is None:
        raise InputError("A mapping file says what each column is: name it, --mapping FILE.toml.")
    written = read_toml(file)
    tables = {key: written.pop(key) for key in list(written) if key in TABLES or key == "people"}
    _check_keys(file, written, Mapping)
    sections = [
        _section(file, table, number, part)
        for table, held in tables.items()
        for number, part in enumerate(held if isinstance(held, list) else [held], 1)
    ]
    if not sections:
        raise InputError(f"{file} describes no table; these can be: {', '.join(TABLES)}.")
    _check_words(file, "match", written.get("match", ()), METHODS)
    lists = {name: tuple(written.pop(name)) for name in ("missing", "match") if name in written}
    return Mapping(tuple(sections), **lists, **written)


def _section(file, table: str, number: int, part: dict) -> Section:
    where = f"{file} [{table}]"
    _check_keys(where, part, Section)
    section = Section(**part, table=table, name=f"{table}_{number}")
    if section.row not in ("ticket", "change"):
        raise InputError(f"{where}: row is '{section.row}'; it must be ticket or change.")
    known = (*TABLES[table].names, *MORE.get(table, ())) if table in TABLES else PEOPLE
    if section.row == "change":
        known = (*known, *CHANGE_ONLY)
    for name in (*section.columns, *section.fixed, *section.words):
        if name not in known:
            raise InputError(
                f"{file}: table {table} has no column '{name}'; its columns are {', '.join(known)}."
            )
    if section.row == "change" and (table != "tickets" or "event_at" not in section.columns):
        raise InputError(f"{where}: rows that are changes need [tickets] and event_at.")
    if section.as_of_start is not None:
        own = [name for name in section.columns if name not in METHODS]
        _check_words(where, "as_of_start", section.as_of_start, own)
    _check_told(where, section)
    return section


def _check_told(where: str, section: Section) -> None:
    """Is everything told that every row needs, and can the one value for all rows be read?"""
    if section.table not in TABLES:
        if not {"requester_id", "customer_id", "organization_id"} & set(section.columns):
            raise InputError(f"{where}: people need a requester_id or a customer_id.")
        return
    for column in TABLES[section.table].columns:
        if column.needed and not section.among([column.name]):
            raise InputError(
                f"{where} does not say {column.name} ({column.says}): name its column, or write "
                "the one value that holds for all rows under fixed."
            )
        fixed = section.fixed.get(column.name)
        if column.kind == "time" and fixed and not re.fullmatch(TEXT_FORM["time"], str(fixed)):
            raise InputError(
                f"{where}: fixed {column.name} is '{fixed}'; write a time with its offset from "
                'UTC, such as "2026-07-01T00:00:00Z".'
            )


def _check_keys(where, written: dict, kind: type) -> None:
    known = [f.name for f in fields(kind) if f.name not in ("sections", "table", "name")]
    refuse_unknown(where, written, known, "key")


def _check_words(where, key: str, words, known) -> None:
    for word in words:
        if word not in known:
            raise InputError(f"{where}: {key} holds '{word}'; it can hold {', '.join(known)}.")
