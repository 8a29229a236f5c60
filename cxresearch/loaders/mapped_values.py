"""A section's rows under canonical names, each value read as the mapping says (see mapped)."""

import re

import duckdb

from cxresearch.loaders.people.mapping import Mapping, Section
from cxresearch.loaders.people.mapping_keys import NO, START, YES
from cxresearch.loaders.reading import times
from cxresearch.loaders.reading.declared import Declared
from cxresearch.loaders.reading.staging import Staging
from cxresearch.study.db import quoted
from cxresearch.study.schema import ROUNDED, InputError

# SQL for text of each kind, and for times that are not on a clock.
WORD = "lower(as_whole({0}))"
TURNED = {
    "flag": f"""CASE WHEN {WORD} IN ({", ".join(map(quoted, YES))}) THEN 'true'
        WHEN {WORD} IN ({", ".join(map(quoted, NO))}) THEN 'false' ELSE {{0}} END""",
    "integer": "as_whole({0})",
}
TIMES = {"utc": "from_utc({})", "epoch": "from_epoch(as_whole({}))", "offset": "with_offset({})"}
ALSO_IDS = ("key", "organization")


def put_view(staging: Staging, section: Section, mapping: Mapping, given: Declared) -> list[str]:
    """Makes a view of the section's rows; _twice lists the columns whose time came twice.

    What is to be said of how they were read comes back.
    """
    texts = {name: _worded(section, mapping, name) for name in section.columns}
    ids, notes = _ids(staging, section, texts)
    values, twice = {}, []
    for name, text in (texts | {n: quoted(v) for n, v in section.fixed.items()}).items():
        kind = section.column(name).kind
        values[name] = TURNED.get(kind, "{0}").format(text)
        if kind == "list":
            between, said = _between(staging, section, name, text)
            values[name] = f"as_list({text}, {quoted(between)})"
            notes += said
        elif name in ids:
            values[name] = f"as_id({text})"
        elif "[]" in section.columns.get(name, "") and kind == "text":
            words = f"TRY(from_json({text}, '[\"VARCHAR\"]'))"
            values[name] = f"nullif(coalesce(array_to_string({words}, ', '), {text}), '')"
        elif kind == "time" and name in texts and name not in section.durations:
            clock = _clock(staging, section, name, text, mapping.clock(section, name), given)
            values[name], again = _instant(text, clock, given)
            twice += [f"CASE WHEN {again} THEN '{name}_comes_twice' END"] if again else []
    made = {
        "status_raw": '"status"',
        "dq_flags": "_twice",
        "_twice": f"listed([{', '.join(twice)}])",
        "_aside": _aside(section),
    }
    values |= {name: made[name] for name in ("_twice", "_aside", *section.made) if name in made}
    columns = ", ".join(f'{value} AS "{name}"' for name, value in values.items())
    rows = f"SELECT {columns}, _file, _row FROM {section.name}"
    kept = "TABLE" if section.table == "customers" else "VIEW"  # read thrice
    staging.db.execute(f"CREATE {kept} named_{section.name} AS {_after(section, rows)}")
    return [*notes, *(_said_twice(staging, section, given) if twice else ())]


def _aside(section: Section) -> str:
    """SQL for why a row is none of the table: a place in the file holds a word that says so."""
    cases = [
        f"WHEN {WORD.format(f'_aside_{n}')} = {quoted(word.casefold())} THEN {quoted(says)}"
        for n, (place, words) in enumerate(section.aside.items())
        for word, says in ((word, f"its {place} is {word}") for word in words)
    ]
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"


def _worded(section: Section, mapping: Mapping, name: str) -> str:
    """A column's text: what stands for nothing is null, words are ours."""
    value, nothing = f'"{name}"', (*mapping.missing, *section.missing.get(name, ()))
    if nothing:
        listed = ", ".join(quoted(word.strip()) for word in nothing)
        value = f"CASE WHEN trim({value}) NOT IN ({listed}) THEN {value} END"
    words = section.words.get(name, {}).items()
    ours = {word.strip(): quoted(our) if our else "NULL" for word, our in words}
    cases = " ".join(f"WHEN {quoted(word)} THEN {our}" for word, our in ours.items())
    told = f"coalesce(trim({value}), '')" if "" in ours else f"trim({value})"
    return f"CASE {told} {cases} ELSE {value} END" if words else value


def _after(section: Section, rows: str) -> str:
    """The rows with created_at of a ticket's first row, and with times that durations tell."""
    if section.table == "tickets" and "created_at" in section.made:
        at = "TRY_CAST(event_at AS TIMESTAMPTZ)"
        rows = f"""SELECT *, arg_min(event_at, {at}) OVER (PARTITION BY ticket_id) AS created_at
            FROM ({rows})"""
    if section.durations:
        start = START.get(section.table)
        told = ", ".join(
            f'after({start}, "{name}", {quoted(unit)}) AS "{name}"'
            if section.column(name).kind == "time"
            else f'in_minutes("{name}", {quoted(unit)}) AS "{name}"'
            for name, unit in section.durations.items()
        )
        rows = f"SELECT * REPLACE ({told}) FROM ({rows})"
    return rows


def _clock(
    staging: Staging, section: Section, name: str, text: str, clock: str, given: Declared
) -> str:
    """How a column's times are written; those that all carry their offset need no zone.

    Raises InputError if nobody declared what is needed to read them, or if the form is none.
    """
    where = f"{staging.files_of(section.name)}, column {section.columns[name]}"
    if clock in TIMES:
        return clock
    if clock != "local":
        try:
            staging.db.execute(f"SELECT try_strptime('', {quoted(clock)})")
        except duckdb.Error as error:
            raise InputError(
                f"times of {name} are '{clock}' in the mapping, which is no form such as "
                f"%d.%m.%Y %H:%M ({str(error).splitlines()[0]})."
            ) from error
        if "%z" not in clock:
            given.zone_of(where)
        return clock
    times.refuse_open_order(staging.db, section.name, [name], given, where)
    sql = f"""SELECT 1 FROM {section.name}
        WHERE trim({text}) <> '' AND NOT regexp_matches({text}, {quoted(times.CARRIES)}) LIMIT 1"""
    if given.time_zone is None and not staging.db.execute(sql).fetchall():
        return "offset"
    given.zone_of(where)
    return clock


def _instant(text: str, clock: str, given: Declared) -> tuple[str, str]:
    """SQL for times in UTC, and for whether one came twice; empty for those not on a clock."""
    if clock in TIMES:
        return TIMES[clock].format(text), ""
    if "%z" in clock:
        instant = f"try_strptime(trim({text}), {quoted(clock)})"
        return f"coalesce(strftime({instant}, {times.UTC_TEXT}), {text})", ""
    form = None if clock == "local" else clock
    utc = f"with_offset({times.local(text, given, '', form)})"
    return utc, "" if given.time_zone == "UTC" else times.ambiguous(text, given, form)


def _between(staging: Staging, section: Section, name: str, text: str) -> tuple[str, list[str]]:
    """What stands between the words of a list, as a regular expression; and what is to be said."""
    if name in section.split:
        marks = section.split[name].strip()
        return (f"[{re.escape(marks)}]" if marks else r"\s+"), []
    sql = rf"""SELECT coalesce(bool_or(regexp_matches({text}, '[,;|]|^\s*[\[{{(]')), FALSE),
                     coalesce(bool_or(contains(trim({text}), ' ')), FALSE) FROM {section.name}"""
    [(marked, spaced)] = staging.db.execute(sql).fetchall()
    where = staging.files_of(section.name)
    said = (
        f"{where}: {name} are taken for words with a space between them; if one has several words, "
        f'write split.{name} = "," in the mapping.'
    )
    return ("[,;|]", []) if marked else (r"\s+", [said] if spaced else [])


def _ids(staging: Staging, section: Section, texts: dict) -> tuple[list[str], list[str]]:
    """The columns of numbers that a spreadsheet wrote as 501.0, which can be mended; and sentences
    on these, and on those of which it kept too few digits."""
    mended, notes = [], []
    where = staging.files_of(section.name)
    for name in (n for n in texts if n.endswith("_id") or n in ALSO_IDS):
        text = texts[name]
        sql = rf"""SELECT count(*) FILTER (as_id({text}) <> {text}),
                count(*) FILTER (regexp_matches({text}, '^\s*\d+\.\d*[1-9]\d*\s*$')),
                count(*) FILTER (regexp_matches(as_id({text}), '{ROUNDED}'))
            FROM {section.name} WHERE regexp_matches({text}, '^\s*\d[\d.,]*([eE]\+?\d+)?\s*$')
                AND NOT regexp_matches({text}, '^\d*$')"""
        [(ours, broken, rounded)] = staging.db.execute(sql).fetchall()
        if ours and not broken:
            mended.append(name)
            notes.append(
                f"{where}: a spreadsheet wrote {ours:,} of the numbers in {section.columns[name]} "
                "as 501.0 or 5.01E+02; they are read as 501."
            )
        if rounded:
            notes.append(
                f"{where}: of {rounded:,} numbers in {section.columns[name]} a spreadsheet kept "
                "too few digits (as in 5.01E+17), so nobody and nothing is joined by them. Export "
                "the file again and do not open it in a spreadsheet."
            )
    return mended, notes


def _said_twice(staging: Staging, section: Section, given: Declared) -> list[str]:
    count = f"SELECT count(*) FROM named_{section.name} WHERE _twice <> '[]'"
    [(rows,)] = staging.db.execute(count).fetchall()
    return [
        f"{staging.files_of(section.name)}: a time came twice in {rows:,} of the rows, because "
        f"clocks in {given.time_zone} went back; the first is taken."
    ] * bool(rows)
