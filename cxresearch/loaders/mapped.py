"""Any CSV, Excel, Parquet or JSON file, described by a small TOML file (see mapping).

Where a row is a change, the ticket's history is made of what differs from row to row; a count that
is mapped is taken from the last row instead. status_raw is the word that stood in status.
"""

from collections.abc import Iterator
from dataclasses import replace

from cxresearch.loaders import mapped_rows
from cxresearch.loaders.mapped_rows import listed
from cxresearch.loaders.mapped_values import put_view
from cxresearch.loaders.people import subscriptions
from cxresearch.loaders.people.identities import METHODS, PEOPLE
from cxresearch.loaders.people.mapping import Mapping, Section, read_mapping
from cxresearch.loaders.reading.declared import Declared
from cxresearch.loaders.reading.export import Export
from cxresearch.loaders.reading.forms import Form
from cxresearch.loaders.reading.html_text import text_of
from cxresearch.loaders.reading.staging import Staging
from cxresearch.study.db import quoted
from cxresearch.study.schema import TABLES, TICKETS, InputError

NAME = "the mapping"


def forms(given: Declared) -> tuple[Form, ...]:
    """A form for each section of the mapping file; things are only looked up in files of people."""
    return tuple(map(_form, read_mapping(given.mapping).sections))


def _form(section: Section) -> Form:
    table = section.table if section.table in TABLES else ""
    first = {w for name, w in section.columns.items() if section.column(name).needed}
    free = tuple(where for where in section.needed if first and where not in first)
    return Form(
        section.name, table, "", section.needed, section.columns, only=section.file, may_lack=free
    )


def are_plain(given: Declared) -> bool:
    """Is each row a ticket or a survey, joined to nothing, and told by nothing else?"""
    plain, sections = {"tickets": "ticket", "surveys": ""}, read_mapping(given.mapping).sections
    others = [s for s in sections if plain.get(s.table) != s.row or s.among(METHODS)]
    return not (others or given.escalated)


def read(staging: Staging, given: Declared | None = None) -> Export:
    """The tables that the mapping describes, as text; given, if it is not what staging declares."""
    given = given or staging.declared
    mapping = read_mapping(given.mapping)
    given = replace(
        given,
        time_zone=mapping.time_zone or given.time_zone,
        date_order=mapping.date_order or given.date_order,
    )
    for section in mapping.sections:
        _read_again(staging, mapping, section)
    lacking = [section for section in mapping.sections if not staging.has(section.name)]
    wanted = [section for section in lacking if not section.optional]
    if wanted or len(lacking) == len(mapping.sections):
        raise InputError(" ".join(_no_file(staging, section) for section in wanted or lacking))
    told = tuple(section for section in mapping.sections if section not in lacking)
    mapping = replace(mapping, sections=told)
    for section in mapping.sections:
        _refuse_absent(staging, section)
    _without_headers(staging, mapping)
    notes = [note for s in mapping.sections for note in put_view(staging, s, mapping, given)]
    tables: dict[str, list[str]] = {}
    for section in mapping.sections:
        for table, query in _queries(section, mapping):
            once = _once(staging, mapping, section, query) if table == section.table else query
            tables.setdefault(table, []).append(once)
    people = tables.pop("people", [])
    told = {column for s in mapping.sections for column in mapped_rows.history(staging, s)}
    own = {name for s in mapping.sections if s.table == "tickets" for name in s.columns}
    frames = {t: staging.sql(_in_time(t, queries)) for t, queries in tables.items()}
    if "body" in frames.get("articles", ()):
        frames["articles"] = frames["articles"].assign(
            body=frames["articles"]["body"].map(text_of, na_action="ignore")
        )
    export = Export(
        frames,
        settings=_settings(mapping, given),
        notes=tuple(dict.fromkeys((*_notes(mapping), *notes))),
        history=tuple(sorted(told - own)),
        people=staging.sql(" UNION ALL BY NAME ".join(people)) if people else None,
        match=mapping.match,
    )
    return subscriptions.united(export, given.grace_days)


def _read_again(staging: Staging, mapping: Mapping, section: Section) -> None:
    """Reads for a section the files that it names although another section tells them already."""
    form, own = staging.forms[section.name], staging.has(section.name)
    tables = {s.name: s.table for s in mapping.sections}
    for seen, told in list(staging.looks.values()):
        other = tables.get(told.name, section.table) != section.table or not own
        if section.file != "*" and told.name in tables and other and seen.is_a(form):
            if told.name != section.name:
                staging.read_again(seen, form)


def _refuse_absent(staging: Staging, section: Section) -> None:
    """Raises InputError for a column that it needs and no record of a JSON file has."""
    for seen in staging.looks_of(section.name):
        lacks = seen.absent(section.needed) if seen.kind == "json" else []
        for name in (name for name, where in section.columns.items() if where in lacks):
            held = f'SELECT count("{name}") FROM {section.name} WHERE _file = ?'
            if staging.db.execute(held, [seen.file.name]).fetchall() == [(0,)]:
                raise InputError(
                    f"No record of {seen.file.name} has '{section.columns[name]}', which the "
                    f"mapping names for {name} of {section.table}: correct it, or leave it out."
                )


def _without_headers(staging: Staging, mapping: Mapping) -> None:
    """Takes out further rows of a header, which are not counted as rows that were read."""
    held = [(s, seen.file.name) for s in mapping.sections for seen in staging.looks_of(s.name)]
    rows: dict[str, int] = {}
    for section, file in held:
        rows[file] = max(section.header_rows, rows.get(file, 1))
    for section, file in ((s, file) for s, file in held if rows[file] > 1):
        delete = f"DELETE FROM {section.name} WHERE _file = ? AND _row < ?"
        [(gone,)] = staging.db.execute(delete, [file, rows[file]]).fetchall()
        if staging.looks[file][1].name == section.name:
            staging.read[file] -= gone


def _settings(mapping: Mapping, given: Declared) -> dict:
    """What the mapping says of the study: values for study.toml."""
    billing = [s for s in mapping.sections if s.table == "customers"]
    currencies = {s.fixed.get("currency") for s in billing}
    known = [s.as_of_start for s in billing if s.as_of_start is not None]
    columns = tuple(name for names in known for name in names if name not in subscriptions.READINGS)
    told = {
        "source": mapping.source,
        "time_zone": given.time_zone,
        "outcome": mapping.outcome,
        "customers_from": mapping.customers_from,
        "currency": currencies.pop() if len(currencies) == 1 else None,
        "as_of_start": columns if known else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _no_file(staging: Staging, section: Section) -> str:
    lacks = [
        f"{seen.file.name} lacks "
        + ", ".join(w + " (one column must fit)" * ("*" in w) for w in sorted(missing))
        for seen in staging.unknown
        if (missing := {*seen.absent(section.needed)})
    ]
    lacks += [
        f"{seen.file.name} has them all, but tells {told.table or told.name} already: if it "
        f'tells {section.table} too, write file = "{seen.file.name}"'
        for seen, told in staging.looks.values()
        if not seen.absent(section.needed)
    ]
    named = f" in a file named {section.file}" if section.file != "*" else ""
    return (
        f"No file has every column that the mapping names for {section.table}{named}: "
        f"{'; '.join(lacks) or 'none is left'}."
    )


def _notes(mapping: Mapping) -> Iterator[str]:
    for section in mapping.sections:
        if mapped_rows.scored(section):
            yield (
                "Surveys are made of the tickets' satisfaction: whom the help desk asked is not "
                "told, so every ticket that was solved counts as asked."
            )
        if section.table == "surveys" and "offered_at" in section.made:
            yield (
                "No column says when somebody was asked: only answers are seen, so which share of "
                "those asked answered cannot be told."
            )
        if section.row == "message" and not section.among(["actor_role"]):
            yield (
                "Who wrote is told by requester_id alone: everyone who is not the requester counts "
                "as an agent. Name a column as actor_role to tell them apart."
            )


def _queries(section: Section, mapping: Mapping) -> list[tuple[str, str]]:
    """The canonical tables, and people, that a section tells of, each with its SQL."""
    told = section.table in ("people", "customers")  # else an account that others tell
    people = [name for name in PEOPLE if told or name != "customer_id"]
    found_by, view = listed(section.among(people)), f"named_{section.name}"
    if section.table == "people":
        return [("people", f"SELECT {found_by} FROM {view}")]
    views = [f"named_{s.name}" for s in mapping.sections if s.table == "tickets"]
    queries = mapped_rows.queries(section, views)
    if section.table == "customers" or section.among(METHODS):
        queries.append(("people", f"SELECT DISTINCT {found_by} FROM {view}"))
    return queries


def _once(staging: Staging, mapping: Mapping, section: Section, query: str) -> str:
    """The query, with a ticket only once that each of its messages in the same file tells."""
    files = {
        table: {seen.file.name for s in mapping.sections if s.table == table
                for seen in staging.looks_of(s.name)} for table in ("tickets", "ticket_events")
    }  # fmt: skip
    both = ", ".join(map(quoted, files["tickets"] & files["ticket_events"]))
    if section.row != "ticket" or not both:
        return query
    own = listed([*section.among(TICKETS.names), *section.made])
    again = f"row_number() OVER (PARTITION BY {own}, _file ORDER BY _row) > 1"
    return f"SELECT * FROM ({query}) QUALIFY NOT (_file IN ({both}) AND {again})"


def _in_time(table: str, queries: list[str]) -> str:
    together = " UNION ALL BY NAME ".join(f"({query})" for query in queries)
    by = f"{mapped_rows.AT}, _file, _row, event_id" if table == "ticket_events" else "_file, _row"
    return f"SELECT * FROM ({together}) ORDER BY {by}"
