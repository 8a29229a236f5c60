"""Any CSV, Excel or Parquet file, described by a small TOML file: the mapping.

    source = "Our desk"            # what pages call it
    time_zone = "Europe/Madrid"    # of times that are written without one
    date_order = "day"             # what dates begin with, if they do not begin with the year
    times = "local"                # or utc, epoch, offset, or a form such as "%d.%m.%Y %H:%M"
    missing = ["?", "NULL"]        # words that stand for nothing

    [tickets]                      # a canonical table; [[tickets]] if several files tell it
    file = "tickets*.csv"          # only if its columns alone do not tell the file
    row = "ticket"                 # or "change": a row is the ticket as it was after each change
    columns = {ticket_id = "Case no.", created_at = "Opened", type = "Category_2"}
    fixed = {created_channel = "email"}
    words.status = {Offen = "open", Erledigt = "solved"}

The second column called Category is "Category_2". Where a row is a change, event_at is its time and
order, if there is one, tells which of two changes at the same moment was first. The ticket's
history is made of what differs from row to row; a count that is mapped is taken from the last row
instead. status_raw is the word that stood in status.
"""

import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from cxresearch.loaders import histories, times
from cxresearch.loaders.declared import Declared
from cxresearch.loaders.export import Export
from cxresearch.loaders.forms import Form, folded
from cxresearch.loaders.staging import Staging
from cxresearch.schema import TABLES, TICKETS, InputError

NAME = "the mapping"
WATCHED = ("status", "assignee_id", "group_id", "priority")
CHANGE_ONLY = ("event_at", "actor_id", "actor_role", "order")
READERS = {"utc": times.utc, "epoch": times.epoch, "offset": times.offset}


@dataclass(frozen=True)
class Section:
    """How one kind of file tells rows of a canonical table."""

    table: str
    columns: dict[str, str]
    name: str = ""
    file: str = "*"
    row: str = "ticket"
    fixed: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    tells: tuple[str, ...] | None = None


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


def forms(given: Declared) -> tuple[Form, ...]:
    """A form for each section of the mapping file."""
    return tuple(
        Form(s.name, s.table, "csv", tuple(s.columns.values()), s.columns, only=s.file)
        for s in read_mapping(given.mapping).sections
    )


def read(staging: Staging) -> Export:
    """The tables that the mapping describes, as text."""
    mapping = read_mapping(staging.declared.mapping)
    given = replace(
        staging.declared,
        time_zone=staging.declared.time_zone or mapping.time_zone,
        date_order=staging.declared.date_order or mapping.date_order,
    )
    tables: dict[str, list[str]] = {}
    for section in mapping.sections:
        if not staging.has(section.name):
            raise InputError(_no_file(staging, section))
        staging.db.execute(_named(staging, section, mapping, given))
        for table, query in _queries(section):
            tables.setdefault(table, []).append(query)
    frames = {t: staging.sql(_in_time(t, queries)) for t, queries in tables.items()}
    told = {column for section in mapping.sections for column in _tells(section)}
    own = {name for s in mapping.sections if s.table == "tickets" for name in s.columns}
    settings = {"source": mapping.source}
    if given.time_zone:
        settings["time_zone"] = given.time_zone
    if mapping.outcome:
        settings["outcome"] = mapping.outcome
    return Export(frames, settings=settings, history=tuple(sorted(told - own)))


def read_mapping(file: str | Path | None) -> Mapping:
    """The mapping in a TOML file. Raises InputError naming the file, the key and what to do."""
    if file is None:
        raise InputError("'mapped' needs a mapping file: say which, with --mapping FILE.toml.")
    try:
        found = tomllib.loads(Path(file).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{file} cannot be read as TOML: {error}.") from error
    sections = []
    for table in [key for key in found if key in TABLES]:
        held = found.pop(table)
        for number, part in enumerate(held if isinstance(held, list) else [held], 1):
            sections.append(_section(file, table, number, part))
    _check_keys(file, found, Mapping)
    if not sections:
        raise InputError(f"{file} describes no table; these can be: {', '.join(TABLES)}.")
    missing = tuple(found.pop("missing", ()))
    return Mapping(tuple(sections), missing=missing, **found)


def _section(file, table: str, number: int, part: dict) -> Section:
    _check_keys(f"{file} [{table}]", part, Section)
    section = Section(**part, table=table, name=f"{table}_{number}")
    known = TABLES[table].names + list(CHANGE_ONLY if section.row == "change" else ())
    for name in (*section.columns, *section.fixed, *section.words):
        if name not in known:
            raise InputError(
                f"{file}: table {table} has no column '{name}'; its columns are {', '.join(known)}."
            )
    if section.row not in ("ticket", "change"):
        raise InputError(f"{file} [{table}]: row is '{section.row}'; it must be ticket or change.")
    if section.row == "change" and (table != "tickets" or "event_at" not in section.columns):
        raise InputError(f"{file} [{table}]: rows that are changes need [tickets] and event_at.")
    return section


def _check_keys(where, found: dict, kind: type) -> None:
    known = [f.name for f in fields(kind) if f.name not in ("sections", "table", "name")]
    for key in found:
        if key not in known:
            raise InputError(f"{where} has an unknown key '{key}'. Known are: {', '.join(known)}.")


def _no_file(staging: Staging, section: Section) -> str:
    wanted = set(section.columns.values())
    lacks = [
        f"{look.file.name} lacks {', '.join(sorted(w for w in wanted if w.casefold() not in held))}"
        for look in staging.unknown
        for held in [folded(look.names)]
    ]
    named = f" in a file named {section.file}" if section.file != "*" else ""
    return (
        f"No file has every column that the mapping names for {section.table}{named}: "
        f"{'; '.join(lacks) or 'none is left'}."
    )


def _named(staging: Staging, section: Section, mapping: Mapping, given: Declared) -> str:
    """SQL for a view of the section's rows under canonical names, words and times turned."""
    kinds = {column.name: column.kind for column in TABLES[section.table].columns}
    values = {}
    for name in section.columns:
        value = _without(f'"{name}"', mapping.missing)
        if kinds.get(name) == "time" or name == "event_at":
            value = _time(staging, section, name, value, mapping, given)
        elif kinds.get(name) == "list":
            value = f"CAST(to_json(string_split_regex({value}, '[,; ]+')) AS VARCHAR)"
        elif kinds.get(name) == "flag":
            value = _flag(value)
        if name in section.words:
            value = _word(value, section.words[name])
        values[name] = value
    if "status" in section.columns and "status_raw" not in section.columns:
        values["status_raw"] = '"status"'
    values |= {name: _quoted(str(fixed)) for name, fixed in section.fixed.items()}
    listed = ", ".join(f'{value} AS "{name}"' for name, value in values.items())
    return f"CREATE VIEW named_{section.name} AS SELECT {listed}, _file, _row FROM {section.name}"


def _time(staging: Staging, section: Section, name: str, value: str, mapping, given) -> str:
    if mapping.times in READERS:
        return READERS[mapping.times](value)
    where = staging.files_of(section.name)
    form = None if mapping.times == "local" else mapping.times
    if form is None:
        times.refuse_open_order(staging.db, section.name, [name], given, where)
    return times.local(value, given, where, form)


def _without(value: str, missing: tuple[str, ...]) -> str:
    words = ", ".join(_quoted(word) for word in missing)
    return f"CASE WHEN trim({value}) NOT IN ({words}) THEN {value} END" if words else value


def _flag(value: str) -> str:
    yes, no = "('1', 'yes', 'y', 'true', 't')", "('0', 'no', 'n', 'false', 'f')"
    return f"""CASE WHEN lower(trim({value})) IN {yes} THEN 'true'
        WHEN lower(trim({value})) IN {no} THEN 'false' ELSE {value} END"""


def _word(value: str, words: dict[str, str]) -> str:
    cases = " ".join(f"WHEN {_quoted(w)} THEN {_quoted(ours)}" for w, ours in words.items())
    return f"CASE trim({value}) {cases} ELSE {value} END"


def _queries(section: Section) -> list[tuple[str, str]]:
    """The canonical tables that a section tells of, each with its SQL."""
    view = f"named_{section.name}"
    if section.row == "ticket":
        return [(section.table, f"SELECT * FROM {view}")]
    order = 'TRY_CAST("order" AS BIGINT), ' if "order" in section.columns else ""
    step = f"""SELECT *, row_number() OVER (
        PARTITION BY ticket_id ORDER BY event_at, {order}_row) AS n FROM {view}"""
    own = [name for name in (*section.columns, *section.fixed) if name in TICKETS.names]
    raw = ["status_raw"] if "status" in section.columns else []
    last = ", ".join(f'"{name}"' for name in dict.fromkeys((*own, *raw)))
    updated = "" if "updated_at" in own else ", event_at AS updated_at"
    tickets = f"""SELECT {last}{updated}, _file, _row FROM ({step})
        QUALIFY row_number() OVER (PARTITION BY ticket_id ORDER BY n DESC) = 1"""
    return [("tickets", tickets), ("ticket_events", _changes(section, step))]


def _changes(section: Section, step: str) -> str:
    """SQL for a ticket's history from its states: one event for each value that differs."""
    watched = [name for name in WATCHED if name in section.columns]
    who = ", ".join(f"{name}" for name in ("actor_id", "actor_role")
                    if name in (*section.columns, *section.fixed))  # fmt: skip
    before = "".join(
        f', lag("{name}" IGNORE NULLS) OVER (PARTITION BY ticket_id ORDER BY n) AS "was {name}"'
        for name in watched
    )
    base = f"ticket_id, event_at{', ' + who if who else ''}, _file, _row, n"
    parts = [
        f"""SELECT {base}, CASE WHEN n = 1 THEN 'created' WHEN '{name}' = 'status' THEN 'status'
                 WHEN '{name}' LIKE '%_id' THEN 'assignment' ELSE 'change' END AS event_type,
               '{name}' AS field, "was {name}" AS value_from, "{name}" AS value_to
            FROM seen WHERE "{name}" IS NOT NULL AND "{name}" IS DISTINCT FROM "was {name}" """
        for name in watched
    ]
    same = " AND ".join(f'("{n}" IS NULL OR "{n}" IS NOT DISTINCT FROM "was {n}")' for n in watched)
    parts.append(
        f"""SELECT {base}, 'update' AS event_type, NULL AS field, NULL AS value_from,
            NULL AS value_to FROM seen WHERE {same or "TRUE"}"""
    )
    return f"""
        WITH seen AS (SELECT *{before} FROM ({step}))
        SELECT ticket_id || '-' || n || coalesce('-' || field, '') AS event_id, * EXCLUDE n
        FROM ({" UNION ALL ".join(parts)})"""


def _in_time(table: str, queries: list[str]) -> str:
    together = " UNION ALL BY NAME ".join(f"({query})" for query in queries)
    by = "event_at, _file, _row, event_id" if table == "ticket_events" else "_file, _row"
    return f"SELECT * FROM ({together}) ORDER BY {by}"


def _tells(section: Section) -> tuple[str, ...]:
    """What the history in a section tells of tickets."""
    if section.tells is not None:
        return tuple(section.tells)
    if section.table != "ticket_events" and section.row != "change":
        return ()
    moves = {"assignee_id": "assignee_changes", "group_id": "group_changes"}
    if section.table == "ticket_events":
        return (*histories.STATUS, *moves.values())
    told = [moves[name] for name in moves if name in section.columns]
    return (*(histories.STATUS if "status" in section.columns else ()), *told)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
