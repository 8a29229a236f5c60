"""The records of a JSON file as text: in a list or in a page of an API (for lines, json_lines)."""

import io
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import TextIO

from cxresearch.loaders.reading.files import CUT_SHORT, LONGEST, File, Row
from cxresearch.study.schema import InputError

PIECE = 1 << 20
FIRST_RECORDS = 100
SPACE = re.compile(r"[\s,]*")
# "tickets": [ in a page; the key names the records, which links to other pages are not
LIST_KEY = re.compile(r'"(?!links")([\w-]+)"\s*:\s*\[\s*(?=\{|\])')
# What tools write between the records that they wrap, as {"type": "SCHEMA", ...} (see wrappers).
MESSAGES = {"SCHEMA", "STATE", "ACTIVATE_VERSION", "LOG", "TRACE", "CONTROL", "CATALOG", "SPEC"}
# What stands after a record, and before the next one; strings and brackets, to find its end.
FOLLOWED = re.compile(r"\s*(\]|,\s*\{)")
NEXT = re.compile(r",\s*(?=\{)")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
# An error so near to the end of what was read may come of its end, unless that is a bracket.
NEAR_END = 12
DEEPEST = 100_000  # brackets in each other
WRONG = "the record is no valid JSON"
BROKEN = object()
DECODER = json.JSONDecoder(parse_int=str)  # Python makes no number of 5,000 digits


def layout(file: File, text: TextIO) -> tuple[str, str]:
    """How the records lie: ("lines", ""), ("list", "") or ("page", key of the records).

    A page is an object that holds a list of objects, such as {"tickets": [...], "next_page": ...};
    an object without such a list is a record on a line of its own.
    """
    start = text.read(PIECE).lstrip("\ufeff \t\r\n")
    if start[:1] == "[":
        return "list", ""
    if start[:1] != "{":
        raise InputError(f"{file.name} is no JSON: it begins with neither {{ nor [.")
    lines = islice(io.StringIO(start, newline=""), FIRST_RECORDS)  # U+2028 and the like end none
    record = next(filter(None, (_object(line) for line in lines if line[:1] == "{")), None)
    if record and ("\n" in start.strip() or "id" in record):
        return "lines", ""
    key, _ = _own_list(start)
    return ("lines", "") if key == "id" or (record and not key) else ("page", key)


def first_records(file: File, text: TextIO, how: str, key: str) -> Iterator[dict]:
    """Those of a file's first records that are sound."""
    lines = iter(lambda: text.readline(LONGEST), "")
    texts = (row.original for row in records(file, text, key)) if how != "lines" else lines
    sound = filter(None, map(_object, islice(texts, FIRST_RECORDS)))
    return (record for record in sound if record.get("type") not in MESSAGES)


def records(file: File, text: TextIO, key: str) -> Iterator[Row]:
    """Each record of a list or page as it was written, or why it is none.

    Of the file no more is held than a record and some text. After a record that cannot be read,
    reading goes on with the next one. Raises InputError if the list ends before its bracket.
    """
    held, number, keys = text.read(PIECE), 0, set()
    at = _begin(file, held, key)
    while True:
        at = SPACE.match(held, at).end()
        if held[at : at + 1] == "]":
            return
        value, end = _value(held, at)
        if value is BROKEN:
            end = _after_broken(held, at, keys)
        if end is None or end == len(held):
            more = text.read(max(PIECE, len(held) - at))
            held, at = held[at:] + more, 0
            if not more and value is BROKEN:
                yield Row(number + 1, None, WRONG, held.strip())
                return
            if len(held) > LONGEST:
                raise InputError(f"{file.name} has a record of more than {LONGEST:,} letters.")
            if not more:
                raise InputError(f"{file.name} ends in the middle of its list: {CUT_SHORT}")
            continue
        number, record, at = number + 1, held[at:end], end
        if value is BROKEN:
            yield Row(number, None, WRONG, record)
        else:
            keys = keys or set(value if isinstance(value, dict) else ())
            yield Row(number, [record], "", record)


def _begin(file: File, held: str, key: str) -> int:
    """Where the list begins."""
    if key:
        return _own_list(held)[1]
    if "[" in held[:64]:
        return held.index("[") + 1
    raise InputError(f"{file.name} holds no list of records.")


def _value(held: str, at: int) -> tuple[object, int | None]:
    """The value that begins here and its end. Without an end it is BROKEN, or None if text to come
    may complete it."""
    try:
        return DECODER.raw_decode(held, at)
    except RecursionError:  # more brackets in each other than Python follows
        return None, _closing(held, at)
    except json.JSONDecodeError as error:
        whole = held.rstrip()
        sure = len(whole) - (0 if whole[-1:] in ("]", "}") else NEAR_END)
        open_end = error.pos >= sure or error.msg.startswith("Unterminated string")
        return None if open_end else BROKEN, None


def _after_broken(held: str, at: int, keys: set[str]) -> int | None:
    """Where a broken record ends: at its closing bracket, if another record or the end of the list
    follows; else before the next record that has most of the keys of a sound one."""
    end = _closing(held, at)
    if end is not None and FOLLOWED.match(held, end):
        return end
    for comma in NEXT.finditer(held, at + 1):
        value, end = _value(held, comma.end())
        if end is not None and 2 * len(keys & set(value)) >= len(keys):
            return comma.start()
    return None


def _closing(held: str, at: int) -> int | None:
    """After the bracket that closes the one here, strings left aside; None if it is not closed."""
    opened = []
    for token in TOKEN.finditer(held, at):
        if token[0] in "{[":
            opened.append(token[0])
        elif token[0] in "}]" and (not opened or opened.pop() + token[0] not in ("{}", "[]")):
            return None
        if not opened or len(opened) > DEEPEST:
            return None if opened else token.end()
    return None


def _object(text: str) -> dict | None:
    try:
        value = DECODER.decode(text.strip("\ufeff\r\n\t "))
    except (json.JSONDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _own_list(start: str) -> tuple[str, int]:
    """The key of the page's own list, the first list of objects directly in the page, and where the
    list begins; ("id", 0) if an id comes first, as in a record, and ("", 0) if there is no list.
    Without one it is the first in an object of the page, such as _embedded, that is no record.
    """
    depth, inner, is_record = 0, ("", 0), False
    for token in TOKEN.finditer(start):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
        elif depth == 1 and token[0] == '"id"':
            return "id", 0
        elif depth == 1 and (opens := LIST_KEY.match(start, token.start())):
            return opens[1], opens.end()
        elif depth == 2 and token[0] == '"id"':
            is_record = True
        elif depth == 2 and not inner[0] and (opens := LIST_KEY.match(start, token.start())):
            inner = opens[1], opens.end()
    return ("", 0) if is_record else inner
