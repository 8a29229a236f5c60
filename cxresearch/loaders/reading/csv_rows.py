"""The rows of a CSV file, as text, and the lines that are none, as they were written."""

import csv
from collections import deque
from collections.abc import Iterator
from typing import TextIO

from cxresearch.loaders.reading.files import CUT_SHORT, LONGEST, File, Row
from cxresearch.study.schema import InputError

DELIMITERS = ",;\t"
HEADER = 10_000_000
LINES = 1_000_000
NO_ROWS = "is it a table, a row a line? Export it again."
TOO_LONG = (
    f"the row has more than {LONGEST:,} letters or {LINES:,} lines: a quote may never be closed"
)


class _Lines:
    """Lines of a text that can be taken back until the next row begins."""

    def __init__(self, text: TextIO, name: str):
        self.text, self.name, self.again, self.taken, self.size = text, name, deque(), [], 0

    def __iter__(self):
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else self.text.readline(LONGEST + 1)
        if not line:
            raise StopIteration
        if len(line) > LONGEST:
            raise InputError(f"{self.name} has a line of more than {LONGEST:,} letters: {NO_ROWS}")
        self.size += len(line)
        self.taken.append(line)
        if self.size > LONGEST or len(self.taken) > LINES:
            raise csv.Error(TOO_LONG)
        return line

    def next_row(self) -> None:
        self.taken, self.size = [], 0

    def take_back(self, keep: int) -> str:
        """All but the first lines will be read again; those kept come back as text."""
        self.again.extendleft(reversed(self.taken[keep:]))
        kept = "".join(self.taken[:keep])
        self.next_row()
        return kept


def header(text: TextIO, name: str) -> tuple[list[str], str]:
    """The names in a CSV's first line, and what stands between them: comma, semicolon or tab.

    Raises InputError if the line names nothing, or has no end.
    """
    csv.field_size_limit(LONGEST)
    line = text.readline(HEADER + 1)
    between = max(DELIMITERS, key=line.count)
    try:
        if len(line) > HEADER:
            raise csv.Error(line[:60])
        names = next(csv.reader([line], delimiter=between, strict=True))
    except (csv.Error, StopIteration):
        raise InputError(f"{name}: the first line is no header: it names no columns.") from None
    return [field.strip() for field in names], between


def rows(file: File, text: TextIO, width: int, between: str) -> Iterator[Row]:
    """The rows after the header, each with as many fields as the header has, or with a reason.

    Quotes stand around a field and are doubled inside it; a row that this does not fit is tried
    once more with quotes escaped by a backslash. After a line that cannot be read, reading goes on
    with the next line, so a quote that is never closed costs one line. Raises InputError if the
    file ends within a row.
    """
    lines, number = _Lines(text, file.name), 0
    plain = csv.reader(lines, delimiter=between, strict=True)
    escaped = csv.reader(lines, delimiter=between, strict=True, escapechar="\\")
    while True:
        lines.next_row()
        fields, why = _next(plain)
        if fields == []:
            continue
        if fields is None and not why:
            return
        if fields is None or len(fields) != width:
            fields, why, original = _mended(lines, escaped, width, why or _odd(fields, width))
            if fields is None:
                if not lines.again and not original.endswith(("\n", "\r")) and _at_end(lines):
                    raise InputError(f"{file.name} ends in the middle of a row: {CUT_SHORT}")
                number += 1
                yield Row(number, None, why, original)
                continue
        number += 1
        yield Row(number, fields, "", "".join(lines.taken))


def _next(reader) -> tuple[list[str] | None, str]:
    try:
        return next(reader, None), ""
    except csv.Error as error:
        if str(error) == TOO_LONG:
            return None, TOO_LONG
        if "unexpected end" in str(error):
            return None, "a quote is opened and never closed"
        return None, "a quote stands where none may stand"


def _mended(lines: _Lines, escaped, width: int, why: str) -> tuple[list[str] | None, str, str]:
    """The row read with backslashes as escapes; else its first line, the others to be read again.

    A row with the wrong number of fields over several lines is one whose quote was closed by
    chance.
    """
    if '\\"' in "".join(lines.taken[:1]):
        lines.take_back(0)
        fields, _ = _next(escaped)
        if fields is not None and len(fields) == width:
            return fields, "", ""
    return None, why, lines.take_back(1)


def _odd(fields: list[str], width: int) -> str:
    return f"the row has {len(fields)} fields where the header has {width}"


def _at_end(lines: _Lines) -> bool:
    line = next(lines, None)
    if line is not None:
        lines.take_back(0)
    return line is None
