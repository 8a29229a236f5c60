"""SQL that turns the ways in which help desks write times into one: ISO 8601 in UTC.

What cannot be read stays as it is written, so that conform sets its row aside with the text.
"""

from collections.abc import Sequence
from functools import cache

import duckdb
from duckdb import DuckDBPyConnection

from cxresearch.loaders.reading.declared import Declared
from cxresearch.study.db import connect, quoted
from cxresearch.study.schema import InputError

UTC_TEXT = "'%Y-%m-%dT%H:%M:%S.%fZ'"
# Times of day, with and without seconds, on 24- and 12-hour clocks; without one it is midnight.
CLOCKS = ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "")
# Years of two digits come first, because %Y takes 26 for the year 26.
DATES = {
    "year": ("%Y-%m-%d", "%Y/%m/%d"),
    "day": ("%d/%m/%y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d.%m.%Y"),
    "month": ("%m/%d/%y", "%m/%d/%Y", "%m-%d-%Y"),
    "named": ("%d/%b/%y", "%d/%b/%Y", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y"),
}
# 02/03/2026 is no date before someone says whether the day or the month comes first.
EITHER = r"^\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b"
# A time that carries its offset, whatever zone is declared.
CARRIES = (
    r"^\s*\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s*"
    r"([zZ]|UTC|GMT|[+-]\d\d(:?\d\d)?)\s*$"
)
SAME_HOUR_AGAIN = ("1 HOUR", "30 MINUTE")
# from_utc: times in UTC that do not say so (2026-03-02 09:15:30). from_epoch: seconds since 1970,
# or milliseconds where there are 13 digits. Text that is neither stays, as do times that carry
# their offset ("+02:00", "+0100", "Z"). with_offset: such a time in the one form that is cast.
MACROS = rf"""
    CREATE MACRO from_utc(text) AS
        coalesce(nullif(regexp_replace(text,
            '^(\d{{4}}-\d\d-\d\d)[T ](\d?\d:\d\d(:\d\d(\.\d+)?)?) ?(UTC|Z|[+-]00:?(00)?)?$',
            '\1T\2Z'), ''), text);
    CREATE MACRO from_epoch(text) AS
        CASE WHEN regexp_matches(text, '^\d{{9,10}}(\.\d+)?$')
             THEN strftime(to_timestamp(CAST(text AS DOUBLE)), {UTC_TEXT})
             WHEN regexp_matches(text, '^\d{{12,13}}$')
             THEN strftime(epoch_ms(CAST(text AS BIGINT)), {UTC_TEXT}) ELSE text END;
    CREATE MACRO with_offset(text) AS
        CASE WHEN regexp_matches(text, '{CARRIES}')
             THEN regexp_replace(replace(trim(text), '/', '-'), '(?i)\s*(z|utc|gmt)$', 'Z')
                  .regexp_replace('\s+([+-])', '\1') ELSE text END;"""


def local(column: str, declared: Declared, what: str, form: str | None = None) -> str:
    """Times on the clock of the declared zone; form is a strptime form, if the order is not enough.

    Of an hour that comes twice, when clocks go back, the first one is taken (see ambiguous); a time
    that never was, when they go forward, is said so in place of the time. Times that carry their
    own offset keep it. what names the file for the error where no zone is declared.
    """
    zone = declared.zone_of(what)
    wall = _wall(column, declared, form)
    instant = f"timezone('{zone}', {wall})"
    first = "least(" + ", ".join([instant, *(_earlier(i, wall, zone) for i in _again(instant))])
    return f"""CASE WHEN {wall} IS NULL THEN {column}
        WHEN timezone('{zone}', {instant}) <> {wall}
        THEN {column} || ' never was in {zone}: clocks went forward'
        ELSE strftime({first}), {UTC_TEXT}) END"""


def clock(
    db: DuckDBPyConnection, table: str, columns: Sequence[str], declared: Declared, what: str
) -> dict[str, str]:
    """SQL by column for times on the clock of the declared zone, in a table of a form: see local.

    Raises InputError if their order of day and month, or the zone, is not declared.
    """
    refuse_open_order(db, table, columns, declared, what)
    return {column: local(column, declared, what) for column in columns}


def ambiguous(column: str, declared: Declared, form: str | None = None) -> str:
    """True where a time on the clock came twice, because clocks went back."""
    zone, wall = declared.time_zone, _wall(column, declared, form)
    both = (f"timezone('{zone}', {i}) = {wall}" for i in _again(f"timezone('{zone}', {wall})"))
    return f"coalesce({' OR '.join(both)}, FALSE)"


def refuse_open_order(
    db: DuckDBPyConnection, table: str, columns: Sequence[str], declared: Declared, what: str
) -> None:
    """Raises InputError if a column of a table holds dates whose order nobody declared."""
    if declared.date_order in ("day", "month"):
        return
    for column in columns:
        sql = f"""SELECT "{column}" FROM {table}
            WHERE regexp_matches("{column}", '{EITHER}') LIMIT 1"""
        for (text,) in db.execute(sql).fetchall():
            raise InputError(
                f"{what}: '{text}' may begin with the day or with the month. Say which, with "
                "--date-order day or --date-order month."
            )


@cache
def _refuse_odd(form: str) -> None:
    """Raises InputError if a strptime form is none."""
    read = f"timezone('UTC', try_strptime('', [{quoted(form)}]))"
    try:
        with connect() as db:
            db.execute(f"SELECT {read} - INTERVAL 1 HOUR")
    except duckdb.Error as error:
        raise InputError(
            f"times is '{form}', which is no form of times such as %d.%m.%Y %H:%M."
        ) from error


def _wall(column: str, declared: Declared, form: str | None) -> str:
    if form:
        _refuse_odd(form)
    order = declared.date_order or "year"
    dates = dict.fromkeys((*DATES[order], *DATES["year"], *DATES["named"]))
    forms = [form] if form else [f"{d}{s}{c}".strip() for d in dates for s in (" ", "T", ", ")
                                 for c in CLOCKS if c or s == " "]  # fmt: skip
    read = f"try_strptime(trim({column}), [{', '.join(map(quoted, forms))}])"
    carries = f"regexp_matches({column}, {quoted(CARRIES)})"  # so no form of ours fits
    return read if form else f"CASE WHEN NOT {carries} THEN {read} END"


def _again(instant: str) -> list[str]:
    return [f"{instant} {sign} INTERVAL {step}" for step in SAME_HOUR_AGAIN for sign in "-+"]


def _earlier(other: str, wall: str, zone: str) -> str:
    return f"CASE WHEN timezone('{zone}', {other}) = {wall} THEN {other} END"
