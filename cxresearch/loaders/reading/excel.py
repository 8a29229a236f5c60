"""The first sheet of an Excel file as text, each kind of cell in one fixed form."""

import datetime as dt
import warnings
import zipfile
from collections.abc import Callable, Iterator

import openpyxl

from cxresearch.loaders.reading.files import File, Row, refuse_bomb
from cxresearch.study.schema import InputError

MILLISECOND = dt.timedelta(milliseconds=1)
MOST_ROWS = 1_048_576  # that a sheet can have


def names(file: File) -> tuple[str, ...]:
    """The header: the cells of the first row. Raises InputError if the file is damaged."""
    first = next(_read(file, _cells), ())
    return tuple("" if name is None else str(name) for name in first)


def other_sheets(file: File) -> tuple[str, ...]:
    """The names of the sheets that are not read: all but the one that is shown first."""
    return tuple(_read(file, lambda book: (s.title for s in book if s is not _first(book))))


def rows(file: File, width: int) -> Iterator[Row]:
    """The rows under the header; those in which no cell is filled are none."""
    for number, values in enumerate(_read(file, _cells)):
        fields = [None if value is None else text_of(value) for value in values]
        if number and any(fields):
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


def _read(file: File, told: Callable) -> Iterator:
    """What is told of the workbook. Raises InputError in place of whatever a damaged part makes
    openpyxl meet, which can be anything."""
    with file.bytes() as stream:
        try:
            inside = zipfile.ZipFile(stream).infolist()
            refuse_bomb(file.name, stream.seek(0, 2), sum(part.file_size for part in inside))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles, which are not read
                book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            yield from told(book)
        except InputError:
            raise
        except Exception as error:
            raise InputError(
                f"{file.name} cannot be read as a workbook: it is damaged, locked by a password or "
                "of an old kind. Open it in Excel and save it as .xlsx without a password, or as "
                "CSV."
            ) from error


def _first(book: openpyxl.Workbook):
    """The sheet that is shown first, or the first with cells where that is a chart."""
    return book.active if book.active in book.worksheets else book.worksheets[0]


def _cells(book: openpyxl.Workbook) -> Iterator[tuple]:
    """The rows of the first sheet, as far as their cells go: what a file says of its size may be
    false, and Excel itself writes that of a coloured column as a million rows."""
    sheet = _first(book)
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True)):
        if number == MOST_ROWS:
            raise ValueError("a row after the last one")
        yield values
