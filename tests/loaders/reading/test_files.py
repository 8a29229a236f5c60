"""Files are found once each, unpacked within bounds, and not believed if they change meanwhile."""

import gzip
import hashlib
import io
import os
import zipfile

import pytest

from cxresearch.loaders.reading import csv_rows, files, forms, json_lines, json_records
from cxresearch.loaders.reading.batches import batches
from cxresearch.loaders.reading.forms import look
from cxresearch.study.schema import InputError
from tests.loaders.odd_files import packed, parquet, workbook

HEAD = "id,subject\n"
MANY = HEAD + "1,aaaaaaaaaaaaaaaa\n" * 5000
TEXT = HEAD + "".join(f"{n},{hashlib.sha256(bytes(n)).hexdigest()}\n" for n in range(2000))


def rows(path):
    """The number of rows of each file at a path."""
    return {one.name: sum(map(len, batches(look(one)))) for one in files.find(path)[0]}


def refusal(path):
    with pytest.raises(InputError) as error:
        rows(path)
    return str(error.value)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_one_name_twice_gives_both_members(tmp_path):
    pairs = [("a.csv", HEAD + "1,x\n"), ("a.csv", HEAD + "2,y\n3,z\n"), ("a.csv", HEAD + "4,w\n")]
    (tmp_path / "e.zip").write_bytes(packed(pairs))
    assert rows(tmp_path / "e.zip") == {
        "e.zip/a.csv": 1,
        "e.zip (2)/a.csv": 2,
        "e.zip (3)/a.csv": 1,
    }
    found = [next(batches(look(one))).table["c1"].to_pylist() for one in files.find(tmp_path)[0]]
    assert found == [["y", "z"], ["w"], ["x"]]


def test_a_zip_that_is_locked_by_a_password_is_said(tmp_path):
    data = bytearray(packed([("a.csv", HEAD)]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "e.zip").write_bytes(data)
    assert "e.zip/a.csv is locked by a password: unpack it" in refusal(tmp_path)


def test_a_zip_packed_in_an_unknown_way_is_said(tmp_path):
    data = bytearray(packed([("a.csv", HEAD)]))
    data[8] = data[data.index(b"PK\x01\x02") + 10] = 97
    (tmp_path / "e.zip").write_bytes(data)
    assert "e.zip is damaged" in refusal(tmp_path)


def bombs():
    in_gz = gzip.compress(MANY.encode(), mtime=0)
    return {
        "a.zip": packed([("a.csv", MANY)]),
        "a.csv.gz": in_gz,
        "gz.zip": packed([("a.csv.gz", in_gz)]),
        "a.json.gz": gzip.compress(b"[" + b" " * 90_000 + b'{"id": 1}]', mtime=0),
        "a.xlsx": workbook([["id"], *([["a" * 30_000]] * 3)]),
        "many.parquet": parquet({"id": ["a"] * 90_000}),
        "long.parquet": parquet({"id": ["a" * 9000] * 1000}),
    }


@pytest.mark.parametrize("name", bombs())
def test_a_little_that_becomes_too_much_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr(files, "SMALL", 10_000)
    monkeypatch.setattr(files, "DENSEST", 10)
    monkeypatch.setattr(files, "PIECE", 1000)
    (tmp_path / name).write_bytes(bombs()[name])
    assert "no export is packed so densely" in refusal(tmp_path)


def test_what_is_packed_as_text_packs_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SMALL", 10_000)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    assert rows(tmp_path) == {"a.csv.gz": 2000}


def test_a_file_that_shrinks_before_or_while_it_is_read_is_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(MANY)
    [file], _ = files.find(tmp_path)
    path.write_text(MANY[:-19])
    with pytest.raises(InputError, match=r"a\.csv was changed while it was read: wait"):
        list(batches(look(file)))
    [file], _ = files.find(tmp_path)
    with pytest.raises(InputError, match=r"a\.csv was changed while"):
        shrunk(file)


def shrunk(file):
    with file.bytes() as stream:
        os.truncate(file.path, stream.tell() + 500)
        stream.read()


def test_a_file_that_is_gone_before_it_is_read_is_an_error(tmp_path):
    (tmp_path / "a.csv").write_text(MANY)
    [file], _ = files.find(tmp_path)
    (tmp_path / "a.csv").unlink()
    with pytest.raises(OSError, match="No such file"):
        look(file)


def test_a_pipe_is_no_export(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    assert "is no file and no folder" in refusal(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("room", "name", "content", "says"),
    [
        (csv_rows, "a.csv", HEAD + "1," + "x" * 200, "a.csv has a line of more than"),
        (json_lines, "a.ndjson", '{"id": 1}\n{"id": "' + "x" * 200, "has a line of more than"),
        (json_records, "a.json", '[{"id": "' + "x" * 200, "has a record of more than"),
    ],
)
def test_a_line_or_record_without_an_end_is_said(tmp_path, monkeypatch, room, name, content, says):
    monkeypatch.setattr(room, "LONGEST", 100)
    for place in (json_records, files):
        monkeypatch.setattr(place, "PIECE", 60)
    (tmp_path / name).write_text(content)
    assert says in refusal(tmp_path)


def test_a_header_without_an_end_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_rows, "HEADER", 100)
    (tmp_path / "a.csv").write_text("x" * 200)
    assert "a.csv: the first line is no header" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["a.csv", "a.ndjson", "a.parquet"])
def test_more_columns_than_a_table_has_are_said(tmp_path, monkeypatch, name):
    monkeypatch.setattr(forms, "COLUMNS", 3)
    made = {
        "a.csv": b"a,b,c,d\n1,2,3,4\n",
        "a.ndjson": b'{"a": 1, "b": 1, "c": 1, "d": 1}\n',
        "a.parquet": parquet({name: ["1"] for name in "abcd"}),
    }
    (tmp_path / name).write_bytes(made[name])
    assert f"{name} has 4 columns; a table with more than 3 is not read" in refusal(tmp_path)


def test_a_quote_over_too_many_lines_costs_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_rows, "LINES", 10)
    (tmp_path / "a.csv").write_text(HEAD + '1,"open\n' + "2,x\n" * 30)
    [file], _ = files.find(tmp_path)
    [batch] = batches(look(file))
    assert [(row.number, row.reason) for row in batch.broken] == [(1, csv_rows.TOO_LONG)]
    assert len(batch) == 31


def test_a_member_without_a_name_is_listed_and_not_read(tmp_path):
    data = packed([("a.csv", HEAD + "1,x\n"), ("b.csv", HEAD)]).replace(b"b.csv", b"\0.csv")
    (tmp_path / "e.zip").write_bytes(data)
    assert rows(tmp_path) == {"e.zip/a.csv": 1}
    assert files.find(tmp_path)[1] == ["e.zip/"]


def test_a_member_that_lies_about_its_size_is_damaged(tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("a.csv", MANY)
    data = bytearray(made.getvalue())
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = (100).to_bytes(4, "little")
    (tmp_path / "e.zip").write_bytes(data)
    assert "ends too early or is damaged" in refusal(tmp_path)
