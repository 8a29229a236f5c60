"""What is seen of columns: how much is filled, which words, which times."""

import json

import pandas as pd
import pytest

from cxresearch.loaders.drafting import sights as module
from cxresearch.loaders.drafting.sights import before, sights
from cxresearch.loaders.reading import files


def sight(tmp_path, text, name="t.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    (seen,) = sights(files.find(tmp_path / name)[0])
    return seen, {column.name: column for column in seen.columns}


def test_columns_are_counted_as_they_are(tmp_path):
    seen, columns = sight(tmp_path, "a,b,B,\nx,1,,z\nx,2,?,z\ny, ,3,z\n")
    assert list(columns) == ["a", "b", "B_2"]
    assert seen.rows == 3
    assert seen.nothing == ("?",)
    assert columns["a"].counts.to_dict() == {"x": 2, "y": 1}
    assert [columns[name].filled for name in ("a", "b", "B_2")] == [3, 2, 1]


def test_rows_that_cannot_be_read_are_counted(tmp_path):
    seen, _ = sight(tmp_path, "a,b\n1,2\n1,2,3\n3,4\n")
    assert (seen.rows, seen.broken) == (2, 1)


def test_of_a_long_file_the_first_rows_are_looked_at_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ROWS", 2)
    monkeypatch.setattr("cxresearch.loaders.reading.batches.ROWS", 2)
    seen, _ = sight(tmp_path, "a\n1\n2\n3\n4\n")
    assert (seen.rows, seen.more) == (2, True)


def test_records_are_told_by_place_and_numbers_as_they_are_written(tmp_path):
    record = {"id": 12345678901234567890, "user": {"ok": True}, "tags": ["a", "b"],
              "notes": [{"body": "x"}, {"body": "y"}], "none": None}  # fmt: skip
    _, columns = sight(tmp_path, json.dumps([record]), "t.json")
    told = {name: column.counts.index[0] for name, column in columns.items()}
    assert told == {
        "id": "12345678901234567890", "user.ok": "true", "tags": '["a", "b"]', "tags[0]": "a",
        "notes[0].body": "x",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "way"),
    [
        ("2026-03-02T09:15:30+02:00", "offset"), ("2026-03-02 09:15", "local"),
        ("1772442930123", "epoch"), ("13/02/2026", "local"), ("Mar 2, 2026 9:15 AM", "local"),
        ("1001", ""), ("v4.2.1", ""), ("2.3.26 10h15", ""),
    ],
)  # fmt: skip
def test_times_are_known_by_what_the_import_would_read(tmp_path, value, way):
    _, columns = sight(tmp_path, f't\n"{value}"\n"{value}"\n')
    assert columns["t"].way == way


def test_which_time_is_first_is_compared_row_by_row(tmp_path):
    rows = "\n".join(f"{d}/01/2026,{d + 1 if d > 13 else d - 1}/01/2026" for d in range(13, 17))
    _, columns = sight(tmp_path, f"a,b\n{rows}\n")
    assert before(columns["b"], columns["a"]) == pytest.approx(0.25)


def test_excel_and_parquet_are_looked_at_too(tmp_path):
    held = pd.DataFrame(
        {"Nummer": [1, 2], "Erstellt": pd.to_datetime(["2026-01-01", "2026-01-02"])}
    )
    held.to_excel(tmp_path / "t.xlsx", index=False)
    held.to_parquet(tmp_path / "t.parquet")
    seen = sights(files.find(tmp_path)[0])
    assert [[column.way for column in one.columns] for one in seen] == [["", "local"]]
