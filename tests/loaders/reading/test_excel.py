"""Excel files as text: each kind of cell in one fixed form."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from cxresearch import loaders
from cxresearch.loaders.reading import excel
from cxresearch.loaders.reading.batches import batches
from cxresearch.loaders.reading.excel import text_of
from cxresearch.loaders.reading.files import File
from cxresearch.loaders.reading.forms import look
from cxresearch.study.schema import InputError
from tests.loaders.odd_files import packed, workbook

NOON = dt.datetime(2026, 3, 2, 12, 0)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("007", "007"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (0.1 + 0.2, "0.3"),
        (12345678901234567, "12345678901234567"),
        (12345678901234567.0, "1.23456789012346E+16"),
        (1e16, "1.0E+16"),
        (True, "true"),
        (NOON, "2026-03-02 12:00:00"),
        (NOON - dt.timedelta(microseconds=3), "2026-03-02 12:00:00"),
        (NOON + dt.timedelta(milliseconds=250), "2026-03-02 12:00:00.250"),
        (dt.date(2026, 3, 2), "2026-03-02"),
        (dt.time(9, 5), "09:05:00"),
        (dt.timedelta(hours=26), "PT93600S"),
        ("#N/A", "#N/A"),
    ],
)
def test_a_cell_is_text_in_one_form(cell, text):
    assert text_of(cell) == text


@pytest.fixture
def read(tmp_path):
    """Reads these rows of a sheet (and of others) through a mapping of id and created."""

    def write(*rows, more=()):
        (tmp_path / "m.toml").write_text(
            'time_zone="Europe/Madrid"\n[tickets]\ncolumns={ticket_id="id",created_at="created"}\n'
            'fixed={status="open"}\n'
        )
        book = openpyxl.Workbook()
        for row in (("id", "created"), *rows):
            book.active.append(row)
        for name in more:
            book.create_sheet(name).append(("x",))
        book.save(tmp_path / "t.xlsx")
        return loaders.read("mapped", tmp_path / "t.xlsx", mapping=tmp_path / "m.toml")

    return write


def test_cells_that_are_times_are_times_on_the_clock(read):
    tickets = read(("1", NOON), (2, NOON.date()))[1].tables["tickets"]
    created = tickets["created_at"].dt.strftime("%Y-%m-%dT%H:%MZ").tolist()
    assert created == ["2026-03-02T11:00Z", "2026-03-01T23:00Z"]


def test_a_number_of_17_digits_was_rounded_and_is_set_aside(read):
    found = read((12345678901234567.0, NOON), ("12345678901234567", NOON))[1]
    assert found.tables["tickets"]["ticket_id"].tolist() == ["12345678901234567"]
    assert found.quarantine["reason"].str.startswith("ticket_id was rounded by Excel").tolist() == [
        True
    ]


def test_rows_without_a_filled_cell_are_none(read):
    found = read((1, NOON), (None, None), (2, NOON))[1]
    assert found.files.iloc[0].tolist() == [2, 2, 0]


def test_a_row_set_aside_keeps_its_number_and_its_cells(read):
    aside = read((None, None), (5, "soon"))[1].quarantine.iloc[0]
    assert (aside["row"], aside["original"]) == (2, '{"id": "5", "created": "soon"}')


def test_sheets_that_are_not_read_are_said(read):
    notes = read((1, NOON), more=("Old", "Notes"))[0].notes
    assert notes == ("Of t.xlsx only one sheet was read, not Old, Notes.",)


def parts(content):
    """The parts of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as inside:
        return {name: inside.read(name) for name in inside.namelist()}


SOUND = workbook([["id", "created"], ["1", "2026-03-02"]])
SHEET = "xl/worksheets/sheet1.xml"


def changed(before, after):
    """A workbook in whose sheet something stands in place of something else."""
    sheet = parts(SOUND)[SHEET]
    assert before in sheet
    return packed((parts(SOUND) | {SHEET: sheet.replace(before, after)}).items())


OLD_KIND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600  # also of one with a password


@pytest.mark.parametrize(
    "content",
    [
        OLD_KIND,
        SOUND[:-30],
        packed([("a.txt", "no workbook")]),
        packed((parts(SOUND) | {SHEET: b"<worksheet><sheetData><row>"}).items()),
        packed((parts(SOUND) | {SHEET: b""}).items()),
        changed(b't="inlineStr"><is><t>id</t></is>', b't="s"><v>7</v>'),
        changed(b'"A1"', b'"1A"'),
        changed(b'r="2"', b'r="9999999"'),
        packed((n, b) for n, b in parts(SOUND).items() if n != "xl/workbook.xml"),
    ],
)  # fmt: skip
def test_a_damaged_workbook_is_a_sentence(tmp_path, content):
    (tmp_path / "t.xlsx").write_bytes(content)
    file = File("t.xlsx", tmp_path / "t.xlsx")
    with pytest.raises(InputError, match=r"t\.xlsx cannot be read as a workbook: it is damaged"):
        list(excel.rows(file, len(excel.names(file))))


def test_what_a_sheet_says_of_its_size_is_not_believed(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(changed(b'"A1:B2"', b'"A1:XFD1048576"'))
    file = File("t.xlsx", tmp_path / "t.xlsx")
    assert excel.names(file) == ("id", "created")
    assert [row.fields for row in excel.rows(file, 2)] == [["1", "2026-03-02"]]


def test_rows_of_a_workbook_without_a_header_are_not_broken(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(workbook([[], ["1"]]))
    [batch] = batches(look(File("t.xlsx", tmp_path / "t.xlsx")))
    assert (len(batch.table), batch.broken) == (1, ())
