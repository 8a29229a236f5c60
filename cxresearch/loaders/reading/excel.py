"""The first sheet of an Excel file as text, each kind of cell in one fixed form."""

import datetime as dt
from collections.abc import Iterator

import openpyxl

from cxresearch.loaders.reading.files import File, Row

MILLISECOND = dt.timedelta(milliseconds=1)


def names(file: File) -> tuple[str, ...]:
    """The header: the cells of the first row."""
    with file.bytes() as stream:
        first = next(_sheet(stream).iter_rows(values_only=True), ())
    return tuple("" if name is None else str(name) for name in first)


def other_sheets(file: File) -> tuple[str, ...]:
    """The names of the sheets that are not read: all but the one that is shown first."""
    with file.bytes() as stream:
        book = openpyxl.load_workbook(stream, read_only=True)
        return tuple(name for name in book.sheetnames if name != book.active.title)


def rows(file: File, width: int) -> Iterator[Row]:
    """The rows under the header; those in which no cell is filled are none."""
    with file.bytes() as stream:
        cells = _sheet(stream).iter_rows(min_row=2, values_only=True)
        for number, values in enumerate(cells, 1):
            fields = [None if value is None else text_of(value) for value in values]
            if any(fields):
                yield Row(number, (fields + [None] * width)[:width])


def text_of(value) -> str:
    """A cell as text: ISO 8601 for times, dates at midnight, and numbers in Excel's 15 digits.

    A whole number that had more digits comes in powers of ten, as Excel shows it: it was rounded.
    """
    match value:
        case bool():
            return str(value).lower()
        case float():
            text = f"{value:.15G}"
            return text if "." in text or "E" not in text else text.replace("E", ".0E")
        case dt.datetime():
            return (value + MILLISECOND / 2).isoformat(" ", "milliseconds").removesuffix(".000")
        case dt.time():
            return value.isoformat("seconds")
        case dt.timedelta():
            return f"PT{value.total_seconds():.15G}S"
    return str(value)


def _sheet(stream):
    return openpyxl.load_workbook(stream, read_only=True, data_only=True).active
