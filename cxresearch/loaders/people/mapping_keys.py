"""The keys of a mapping file, how each is read, and the words that it can hold (see mapping)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from cxresearch.loaders.people import subscriptions
from cxresearch.loaders.people.identities import METHODS
from cxresearch.loaders.reading.declared import ORDERS
from cxresearch.study.beside_tickets import BESIDE
from cxresearch.study.conform_sql import TEXT_FORM
from cxresearch.study.nearest import nearest, refuse_unknown
from cxresearch.study.schema import EVENT_TYPES, TABLES, InputError

if TYPE_CHECKING:
    from cxresearch.loaders.people.mapping import Section

# What a row of a table may be; the first is what it is if nothing is said.
ROWS = {
    "tickets": ("ticket", "change", "message"),
    "ticket_events": ("event", "message"),
    "customers": ("", *subscriptions.KINDS),
}
OF_CHANGE = ("event_at", "actor_id", "actor_role", "order")
OF_ROW = {"change": OF_CHANGE, "message": (*OF_CHANGE, "event_id", "is_public", "body")}
ASKED = ("offered_at", "responded_at", "scale_min", "scale_max")
# Tables beside the tickets whose rows may be somebody's.
OF_PEOPLE = ("reviews", "bot_sessions", "article_views")
MORE = {"tickets": (*METHODS, *ASKED), "customers": (*METHODS, *subscriptions.OWN)}
MORE |= dict.fromkeys(OF_PEOPLE, METHODS)
# Keys that are made where a row has none, of what makes two rows one and the same.
MADE_OF = {
    "reviews": ("review_id", ("written_at", "body", "title", "stars", "product", "place")),
    "article_views": ("view_id", ("viewed_at", "article_id", "query", "requester_id")),
}
CLOCKS = ("local", "utc", "epoch", "offset")
UNITS = ("days", "hours", "minutes", "seconds", "milliseconds", "h:mm:ss", "h:mm", "m:ss", "iso")
# The time from which the durations of a table are counted.
START = {"tickets": "created_at", "surveys": "offered_at", "customers": "started_at",
         "incidents": "started_at", "bot_sessions": "started_at"}  # fmt: skip
YES, NO = ("1", "yes", "y", "true", "t"), ("0", "no", "n", "false", "f")


def _text(value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float | dt.date):
        return str(value)
    raise TypeError


def _texts(value) -> tuple[str, ...]:
    return tuple(map(_text, value)) if isinstance(value, list) else (_text(value),)


def _number(value) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise TypeError
    return value


def _flag(value) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _by_column(read: Callable) -> Callable:
    return lambda value: {name: read(held) for name, held in dict.items(value)}


def _times(value) -> dict[str, str]:
    return {"*": value} if isinstance(value, str) else _by_column(_text)(value)


# How each key is read, and what it must be.
TOP = {
    "source": (_text, "a name"),
    "time_zone": (_text, "a name such as Europe/Madrid"),
    "date_order": (_text, ", ".join(ORDERS)),
    "times": (_text, f"{', '.join(CLOCKS)} or a form such as %d.%m.%Y %H:%M"),
    "missing": (_texts, "a list of words"),
    "outcome": (_text, "churn or return"),
    "customers_from": (_text, "a time with its offset from UTC"),
    "match": (_texts, f"a list of {', '.join(METHODS)}"),
}
KEYS = {
    "file": (_text, "the name of a file, or a pattern such as tickets*.csv"),
    "row": (
        _text,
        "; ".join(f"in {table}: {', '.join(filter(None, held))}" for table, held in ROWS.items()),
    ),
    "header_rows": (_number, "a number from 1 on"),
    "needs": (_texts, "a list of columns that a file must have"),
    "optional": (_flag, "true if there may be no such file, else false"),
    "columns": (_by_column(_text), "by our column, the file's"),
    "fixed": (_by_column(_text), "by column, one value for all rows"),
    "words": (_by_column(_by_column(_text)), "by column, our words by the file's"),
    "missing": (_by_column(_texts), "by column, words that stand for nothing"),
    "times": (_times, f"for all columns or by column, {TOP['times'][1]}"),
    "durations": (_by_column(_text), f"by column, {', '.join(UNITS)}"),
    "split": (_by_column(_text), "by column of lists, what stands between words"),
    "aside": (_by_column(_texts), "by place in the file, words of rows that are none of the table"),
    "as_of_start": (_texts, "a list of columns"),
    "cents": (_flag, "true if amounts are in hundredths, else false"),
}


def read_keys(where: object, written: dict, keys: dict) -> dict:
    """What is written under these keys, each as it is read; raises InputError for any other."""
    refuse_unknown(where, written, keys, "key")
    held = {}
    for key, value in written.items():
        read, says = keys[key]
        try:
            held[key] = read(value)
        except (TypeError, AttributeError) as error:
            raise InputError(f"{where}: {key} is {value!r}; it must be {says}.") from error
    return held


def check_clocks(where: object, clocks: dict[str, str]) -> None:
    """Raises InputError if a word for how times are written is none, nor a form."""
    for key, clock in clocks.items():
        if "%" not in clock:
            check_words(where, key, [clock], CLOCKS)


def check_words(where: object, key: str, words: Iterable[str], known: Iterable[str]) -> None:
    """Raises InputError for the first of the words that is not known, with the nearest that are."""
    known = list(known)
    for word in words:
        if word not in known:
            like = nearest(word, known)
            raise InputError(
                f"{where}: {key} holds '{word}'; it can hold {', '.join(known)}{like or '.'}"
            )


def check_values(where: str, section: Section) -> None:
    """Raises InputError for a closed word, clock, unit or time that is no known one."""
    if section.aside and section.table not in [table.name for table in BESIDE]:
        raise InputError(f"{where}: aside holds for tables beside the tickets, such as reviews.")
    values = [(n, "fixed", [v]) for n, v in section.fixed.items()]
    values += [(n, f"words.{n}", w.values()) for n, w in section.words.items()]
    for name, key, held in values:
        column = section.column(name)
        allowed = EVENT_TYPES if name == "event_type" else column.words
        allowed = (*YES, *NO) if column.kind == "flag" else allowed
        if allowed:
            check_words(where, key, [word for word in held if word], allowed)
        for word in held if column.kind == "time" else ():
            if word and not re.fullmatch(TEXT_FORM["time"], word):
                raise InputError(
                    f"{where}: {key} {name} is '{word}'; write a time with its offset from "
                    'UTC, such as "2026-07-01T00:00:00Z".'
                )
    check_clocks(where, {f"times of {name}": clock for name, clock in section.times.items()})
    check_words(where, "durations", section.durations.values(), UNITS)
    start = START.get(section.table, "")
    for name in (name for name in section.durations if not name.endswith("_minutes")):
        if section.column(name).kind != "time" or name in (start, "event_at") or not start:
            raise InputError(
                f"{where}: {name} cannot be told by a duration; times after {start} can."
            )
        told = (*section.columns, *section.fixed, *section.made)
        if name not in section.columns or start not in told:
            raise InputError(
                f"{where}: {name} is told by how long after {start}: name the columns of both."
            )


def check_told(where: str, section: Section) -> None:
    """Raises InputError where something that every row needs is not told."""
    if section.table not in TABLES:
        if not {"requester_id", "customer_id", "organization_id"} & set(section.columns):
            raise InputError(f"{where}: people need a requester_id or a customer_id.")
        return
    if section.row in OF_ROW and "event_at" not in section.columns:
        raise InputError(f"{where}: a row that is a {section.row} needs event_at, its time.")
    for column in TABLES[section.table].columns:
        told = (*section.among([column.name]), *section.made, "observed_until")
        if column.needed and column.name not in told:
            raise InputError(
                f"{where} does not say {column.name} ({column.says}): name its column, or write "
                "the one value that holds for all rows under fixed."
            )
