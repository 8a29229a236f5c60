"""The records of a JSON file as text: one a line, in a list, or in a page of an API."""

import json
import re
from collections.abc import Iterator
from typing import TextIO

from cxresearch.loaders.files import CUT_SHORT, File
from cxresearch.schema import InputError

PIECE = 1 << 20
LONGEST_RECORD = 400_000_000
SPACE = re.compile(r"[\s,]*")
# "tickets": [ in a page; the key names the records
LIST_KEY = re.compile(r'"([\w-]+)"\s*:\s*\[\s*(?=\{|\])')
DECODER = json.JSONDecoder()


def layout(file: File, text: TextIO) -> tuple[str, str]:
    """How the records lie: ("lines", ""), ("list", "") or ("page", key of the records).

    A page is an object that holds a list of objects, such as {"tickets": [...], "next_page": ...};
    an object without such a list is a record on a line of its own.
    """
    start = text.read(PIECE).lstrip("\ufeff")
    first = start.lstrip()[:1]
    if first == "[":
        return "list", ""
    if first != "{":
        raise InputError(f"{file.name} is no JSON: it begins with {start[:20]!r}.")
    found = _whole_object(start.lstrip().splitlines()[0])
    if found is None:
        return "page", _list_key(start) or ""
    alone = "\n" not in start.strip() and "id" not in found
    return ("page", _list_key(start)) if alone and _list_key(start) else ("lines", "")


def records(file: File, text: TextIO, how: str, key: str) -> Iterator[str]:
    """Each record as the JSON that it was written as; of the file no more is held than a record.

    Raises InputError if a list or page ends before its closing bracket.
    """
    if how != "lines":
        yield from _listed(file, text, key)
        return
    for line in text:
        record = line.strip("\ufeff\r\n\t ")
        if record and not line.endswith(("\n", "\r")) and _whole_object(record) is None:
            raise InputError(f"{file.name} ends in the middle of a record: {CUT_SHORT}")
        if record:
            yield record


def _listed(file: File, text: TextIO, key: str) -> Iterator[str]:
    held, at = _begin(file, text, key)
    while True:
        at = SPACE.match(held, at).end()
        if held[at : at + 1] == "]":
            return
        end = _end_of_value(held, at)
        if end is None or end == len(held):
            more = text.read(max(PIECE, len(held) - at))
            if not more or len(held) - at > LONGEST_RECORD:
                raise InputError(f"{file.name} ends in the middle of its list: {CUT_SHORT}")
            held, at = held[at:] + more, 0
            continue
        yield held[at:end]
        at = end


def _begin(file: File, text: TextIO, key: str) -> tuple[str, int]:
    """Text from before the first record on, and where the list begins in it."""
    held = text.read(PIECE)
    if not key:
        if "[" in held[:64]:
            return held, held.index("[") + 1
        raise InputError(f"{file.name} holds no list of records.")
    found = re.search(rf'"{re.escape(key)}"\s*:\s*\[', held)
    return held, found.end()


def _end_of_value(held: str, at: int) -> int | None:
    try:
        return DECODER.raw_decode(held, at)[1]
    except json.JSONDecodeError:
        return None


def _whole_object(line: str) -> dict | None:
    try:
        found = json.loads(line)
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _list_key(start: str) -> str | None:
    """The key of the page's own list: the first list of objects directly in the page."""
    depth, inside, at = 0, False, 0
    while at < len(start):
        letter = start[at]
        if inside:
            at += letter == "\\"
            inside = letter != '"'
        elif letter == '"':
            found = LIST_KEY.match(start, at) if depth == 1 else None
            if found:
                return found[1]
            inside = True
        else:
            depth += (letter in "{[") - (letter in "}]")
        at += 1
    return None


def keys(record: str) -> dict[str, list[str]]:
    """The keys of a record, and under each the keys of the object that it holds, if it does."""
    found = _whole_object(record) or {}
    return {k: list(v) if isinstance(v, dict) else [] for k, v in found.items()}
