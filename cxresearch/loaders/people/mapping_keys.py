"""The keys of a mapping file, how each is read, and the words that it can hold (see mapping)."""

import datetime as dt
from collections.abc import Callable, Iterable

from cxresearch.loaders.people import subscriptions
from cxresearch.loaders.people.identities import METHODS
from cxresearch.loaders.reading.declared import ORDERS
from cxresearch.study.nearest import nearest, refuse_unknown
from cxresearch.study.schema import InputError

# What a row of a table may be; the first is what it is if nothing is said.
ROWS = {
    "tickets": ("ticket", "change", "message"),
    "ticket_events": ("event", "message"),
    "customers": ("", *subscriptions.KINDS),
}
OF_CHANGE = ("event_at", "actor_id", "actor_role", "order")
OF_ROW = {"change": OF_CHANGE, "message": (*OF_CHANGE, "event_id", "is_public", "body")}
ASKED = ("offered_at", "responded_at", "scale_min", "scale_max")
MORE = {"tickets": (*METHODS, *ASKED), "customers": (*METHODS, *subscriptions.OWN)}
CLOCKS = ("local", "utc", "epoch", "offset")
UNITS = ("days", "hours", "minutes", "seconds", "milliseconds", "h:mm:ss", "h:mm", "m:ss", "iso")
# The time from which the durations of a table are counted.
START = {"tickets": "created_at", "surveys": "offered_at", "customers": "started_at"}
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
