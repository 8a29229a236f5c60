"""Every table goes to Excel: no zone, no formula, nothing that Excel cannot hold."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from cxresearch.study.schema import InputError
from cxresearch.study.study import Study, open_study
from cxresearch.study.workbook import write_workbook

DEMO = Path(__file__).parents[2] / "data" / "demo"
DAY = pd.Timestamp("2025-01-01T10:30:00Z")
SUBJECTS = ["=1+1", "＋1", "-1", "＠x", "a\x00b", "x" * 40_000, None, "plain"]


@pytest.fixture(scope="module")
def sheet(tmp_path_factory):
    n = len(SUBJECTS)
    tickets = pd.DataFrame(
        {"ticket_id": [f"0{i}" for i in range(n)], "created_at": DAY, "status": "open",
         "subject": SUBJECTS, "tags": [["a", "é"]] * n, "count_reopens": [1, None] * (n // 2),
         "is_spam": [True, None] * (n // 2), "dq_flags": [[]] * n,
         "=seen": DAY.tz_convert("Europe/Madrid")}
    )  # fmt: skip
    file = tmp_path_factory.mktemp("book") / "s.xlsx"
    Study.from_tables({"tickets": tickets}).to_excel(file)
    rows = openpyxl.load_workbook(file)["tickets"].iter_rows()
    names = [cell.value for cell in next(rows)]
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_times_are_utc_without_a_zone_and_the_header_says_so(sheet):
    assert sheet[0]["created_at (UTC)"].value == DAY.tz_localize(None)
    assert sheet[0]["=seen (UTC)"].value == DAY.tz_localize(None)


def test_no_text_becomes_a_formula(sheet):
    for row in sheet:
        assert "f" not in {cell.data_type for cell in row.values()}
    assert [row["subject"].value for row in sheet[:4]] == SUBJECTS[:4]
    assert all(row["subject"].quotePrefix for row in sheet[:4])
    assert not sheet[-1]["subject"].quotePrefix


def test_what_excel_cannot_hold_is_written_out_or_cut_and_said(sheet):
    assert sheet[4]["subject"].value == "a\\x00b"
    long = sheet[5]["subject"].value
    assert len(long) == 32_767
    assert long.endswith("x [cut here: a cell of Excel holds no more]")


def test_numbers_flags_lists_and_nulls_are_what_they_are(sheet):
    first, second = sheet[:2]
    assert (first["ticket_id"].value, first["count_reopens"].value) == ("00", 1)
    assert first["is_spam"].value is True
    assert first["tags"].value == '["a", "é"]'
    assert (second["count_reopens"].value, second["is_spam"].value) == (None, None)


def test_every_table_of_a_study_has_its_sheet(tmp_path):
    part = open_study(DEMO).where(product="Stock", segment="large")
    part.to_excel(tmp_path / "s.xlsx")
    book = openpyxl.load_workbook(tmp_path / "s.xlsx", read_only=True)
    assert book.sheetnames == list(part.rows)
    assert book["tickets"].max_row == len(part.tickets) + 1


def test_another_name_or_too_many_rows_are_said(tmp_path):
    with pytest.raises(InputError, match=r"ends in \.xlsx"):
        write_workbook(tmp_path / "s.xls", {})
    with pytest.raises(InputError, match=r"has 1,048,576 rows, and a sheet of Excel holds"):
        write_workbook(tmp_path / "s.xlsx", {"t": pd.DataFrame(index=range(1_048_576))})
