"""Any CSV, Excel or Parquet file, described by a small TOML file (see mapping).

Where a row is a change, the ticket's history is made of what differs from row to row; a count that
is mapped is taken from the last row instead. status_raw is the word that stood in status.
"""

from dataclasses import replace

from cxresearch.loaders import histories
from cxresearch.loaders.people.identities import METHODS, PEOPLE
from cxresearch.loaders.people.mapping import READINGS, Mapping, Section, read_mapping
from cxresearch.loaders.reading import times
from cxresearch.loaders.reading.declared import Declared
from cxresearch.loaders.reading.export import Export
from cxresearch.loaders.reading.forms import Form, folded
from cxresearch.loaders.reading.staging import Staging
from cxresearch.study.schema import TABLES, TICKETS, InputError

NAME = "the mapping"
WATCHED = ("status", "assignee_id", "group_id", "priority")
# SQL for text of each kind, and for times that are not on a clock.
TURNED = {
    "list": "CAST(to_json(string_split_regex({}, '[,; ]+')) AS VARCHAR)",
    "flag": """CASE WHEN lower(trim({0})) IN ('1', 'yes', 'y', 'true', 't') THEN 'true'
        WHEN lower(trim({0})) IN ('0', 'no', 'n', 'false', 'f') THEN 'false' ELSE {0} END""",
}
TIMES = {"utc": "from_utc({})", "epoch": "from_epoch({})", "offset": "{}"}


def forms(given: Declared) -> tuple[Form, ...]:
    """A form for each section of the mapping file; things are only looked up in files of people."""
    return tuple(
        Form(
            s.name, s.table if s.table in TABLES else "", "csv",
            tuple(dict.fromkeys(s.columns.values())), s.columns, only=s.file,
        )
        for s in read_mapping(given.mapping).sections
    )  # fmt: skip


def read(staging: Staging) -> Export:
    """The tables that the mapping describes, as text."""
    mapping = read_mapping(staging.declared.mapping)
    given = replace(
        staging.declared,
        time_zone=mapping.time_zone or staging.declared.time_zone,
        date_order=mapping.date_order or staging.declared.date_order,
    )
    tables: dict[str, list[str]] = {}
    notes = list(_notes(mapping))
    for section in mapping.sections:
        if not staging.has(section.name):
            raise InputError(_no_file(staging, section))
        staging.db.execute(_named(staging, section, mapping, given))
        notes += _said_twice(staging, section, given)
        for table, query in _queries(section):
            tables.setdefault(table, []).append(query)
    people = tables.pop("people", [])
    told = {column for section in mapping.sections for column in _tells(section)}
    own = {name for s in mapping.sections if s.table == "tickets" for name in s.columns}
    return Export(
        {t: staging.sql(_in_time(t, queries)) for t, queries in tables.items()},
        settings=_settings(mapping, given),
        notes=tuple(notes),
        history=tuple(sorted(told - own)),
        people=staging.sql(" UNION ALL BY NAME ".join(people)) if people else None,
        match=mapping.match,
    )


def _settings(mapping: Mapping, given: Declared) -> dict:
    """What the mapping says of the study: values for study.toml."""
    billing = [s for s in mapping.sections if s.table == "customers"]
    currencies = {s.fixed.get("currency") for s in billing}
    known = [s.as_of_start for s in billing if s.as_of_start is not None]
    columns = tuple(name for names in known for name in names if name not in READINGS)
    told = {
        "source": mapping.source,
        "time_zone": given.time_zone,
        "outcome": mapping.outcome,
        "customers_from": mapping.customers_from,
        "currency": currencies.pop() if len(currencies) == 1 else None,
        "as_of_start": columns if known else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _notes(mapping: Mapping):
    for section in mapping.sections:
        for name in section.among(READINGS):
            if name not in (section.as_of_start or ()):
                yield (
                    f"{name} of customers is today's value: it is dated to the day on which it was "
                    "true, so no comparison of those who left with those who stayed uses it."
                )


def _said_twice(staging: Staging, section: Section, given: Declared):
    count = f"SELECT count(*) FROM named_{section.name} WHERE _twice <> '[]'"
    [(rows,)] = staging.db.execute(count).fetchall()
    if rows:
        yield (
            f"{staging.files_of(section.name)}: a time came twice in {rows:,} of the rows, because "
            f"clocks in {given.time_zone} went back; the first is taken."
        )


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
    """SQL for a view of the section's rows under canonical names, words and times turned; _twice
    lists the columns whose time came twice."""
    written = {name: _without(f'"{name}"', mapping.missing) for name in section.columns}
    on_clock = [] if mapping.times in TIMES else [n for n in written if section.kind(n) == "time"]
    where, form = staging.files_of(section.name), mapping.form
    if on_clock and form is None:
        times.refuse_open_order(staging.db, section.name, on_clock, given, where)
    turned = TURNED | {"time": TIMES.get(mapping.times)}
    values = {
        name: times.local(text, given, where, form)
        if name in on_clock
        else turned.get(section.kind(name), "{}").format(text)
        for name, text in written.items()
    }
    values |= {n: _word(values[n], words) for n, words in section.words.items() if n in values}
    twice = ", ".join(
        f"CASE WHEN {times.ambiguous(written[n], given, form)} THEN '{n}_comes_twice' END"
        for n in on_clock
    )
    made = {"status_raw": '"status"', "dq_flags": "_twice", "_twice": f"listed([{twice}])"}
    values |= {name: made[name] for name in ("_twice", *section.made)}
    values |= {name: _quoted(str(fixed)) for name, fixed in section.fixed.items()}
    listed = ", ".join(f'{value} AS "{name}"' for name, value in values.items())
    return f"CREATE VIEW named_{section.name} AS SELECT {listed}, _file, _row FROM {section.name}"


def _without(value: str, missing: tuple[str, ...]) -> str:
    words = ", ".join(_quoted(word) for word in missing)
    return f"CASE WHEN trim({value}) NOT IN ({words}) THEN {value} END" if words else value


def _word(value: str, words: dict[str, str]) -> str:
    cases = " ".join(f"WHEN {_quoted(w)} THEN {_quoted(ours)}" for w, ours in words.items())
    return f"CASE trim({value}) {cases} ELSE {value} END"


def _queries(section: Section) -> list[tuple[str, str]]:
    """The canonical tables, and people, that a section tells of, each with its SQL."""
    view = f"named_{section.name}"
    found_by = section.among(PEOPLE)
    if section.table == "people":
        return [("people", f"SELECT {_listed(found_by)} FROM {view}")]
    if section.row == "change":
        queries = _of_changes(section)
    else:
        own = [*section.among(TABLES[section.table].names), *section.made]
        queries = [(section.table, f"SELECT {_listed(own)}, _file, _row FROM {view}")]
    if section.table == "customers":
        queries += _readings(section, view)
    if section.table == "customers" or section.among(METHODS):
        queries.append(("people", f"SELECT DISTINCT {_listed(found_by)} FROM {view}"))
    return queries


def _readings(section: Section, view: str) -> list[tuple[str, str]]:
    """Plan, MRR and activity as history: from the start if known then, else from when seen."""
    known = section.as_of_start or ()
    return [
        (
            "customer_history",
            f"""SELECT customer_id, {"started_at" if name in known else "observed_until"}
                AS valid_from, '{name}' AS field, "{name}" AS value, _file, _row
            FROM {view} WHERE "{name}" IS NOT NULL""",
        )
        for name in section.among(READINGS)
    ]


def _of_changes(section: Section) -> list[tuple[str, str]]:
    """Tickets as they were after their last change, and the changes as events."""
    order = 'TRY_CAST("order" AS BIGINT), ' if "order" in section.columns else ""
    step = f"""SELECT *, row_number() OVER (
        PARTITION BY ticket_id ORDER BY event_at, {order}_row) AS n FROM named_{section.name}"""
    own = section.among(TICKETS.names)
    updated = "" if "updated_at" in own else ", event_at AS updated_at"
    tickets = f"""SELECT {_listed([*own, *section.made])}{updated}, _file, _row FROM ({step})
        QUALIFY row_number() OVER (PARTITION BY ticket_id ORDER BY n DESC) = 1"""
    return [("tickets", tickets), ("ticket_events", _changes(section, step))]


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _changes(section: Section, step: str) -> str:
    """SQL for a ticket's history from its states: one event for each value that differs from the
    one before, and one update for a row in which none does."""
    who = section.among(("actor_id", "actor_role"))
    row = ", ".join(["ticket_id", "event_at", *who, "_file", "_row", "n"])
    values = ", ".join(
        f'"{name}"' if name in section.columns else f"CAST(NULL AS VARCHAR) AS {name}"
        for name in WATCHED
    )
    return f"""
        WITH steps AS ({step}),
        told AS (UNPIVOT (SELECT {row}, {values} FROM steps) ON {", ".join(WATCHED)}
                 INTO NAME field VALUE value_to),
        compared AS (SELECT *, lag(value_to) OVER (PARTITION BY ticket_id, field ORDER BY n)
                                   AS value_from FROM told),
        moves AS (SELECT * FROM compared WHERE value_to IS DISTINCT FROM value_from)
        SELECT ticket_id || '-' || n || coalesce('-' || field, '') AS event_id, * EXCLUDE n,
               CASE WHEN field IS NULL THEN 'update' WHEN n = 1 THEN 'created'
                    WHEN field = 'status' THEN 'status' WHEN field LIKE '%_id' THEN 'assignment'
                    ELSE 'change' END AS event_type
        FROM (SELECT * FROM moves UNION ALL BY NAME
              SELECT {row} FROM steps ANTI JOIN moves USING (ticket_id, n))"""


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
