"""Records at which the database stops are set aside, and the rest is kept."""

import json

import duckdb
import pytest

from cxresearch import loaders
from cxresearch.loaders.reading import faulty, staging
from cxresearch.loaders.reading.declared import Declared
from cxresearch.loaders.reading.files import find
from cxresearch.loaders.reading.forms import Form, fields
from cxresearch.loaders.reading.staging import Staging
from cxresearch.study.schema import InputError

FORM = Form("notes", "tickets", "json", ("id", "size"), fields("id size labels"))


@pytest.fixture
def staged(tmp_path):
    """Stages records of notes."""

    def write(*records, form=FORM):
        (tmp_path / "t.ndjson").write_text("\n".join(map(json.dumps, records)))
        return Staging(find(tmp_path)[0], [form], Declared())

    return write


def notes(sizes, labels="[]"):
    return [{"id": n, "size": size, "labels": labels} for n, size in enumerate(sizes, 1)]


def test_each_record_at_which_a_query_stops_is_set_aside_alone(staged):
    one = staged(*notes([1, "Ann", 2, "Bo", 3]))
    rows = one.sql("SELECT id, CAST(size AS INTEGER) + 1 AS size, _file, _row FROM notes")
    assert rows["size"].tolist() == ["2", "3", "4"]
    told = [(row["table"], row["file"], row["row"], row["reason"]) for row in one.unreadable]
    assert told == [("tickets", "t.ndjson", n, faulty.FAULTY) for n in (2, 4)]
    assert one.sql("SELECT id, _file, _row FROM notes")["id"].tolist() == ["1", "3", "5"]


def test_tables_that_sql_makes_are_made_without_the_records_at_which_it_stops(staged):
    one = staged(*notes([1, 2, 3]), {"id": 4, "size": 4, "labels": "abc"})
    made = """CREATE TABLE held AS
        SELECT id, json_array_length(labels) AS n, size, _file, _row FROM notes"""
    one.run(f"CREATE TABLE seen AS SELECT 1; {made}; ALTER TABLE held DROP COLUMN size")
    assert one.run("SELECT count(*), max(n) FROM held") == [(3, 0)]
    one.run("UPDATE held SET id = 'Ann' WHERE id = '2'")
    assert one.sql("SELECT CAST(id AS BIGINT) AS id, _file, _row FROM held")["id"].tolist() == [
        "1", "3",
    ]  # fmt: skip
    assert [row["row"] for row in one.unreadable] == [4, 2]


def test_more_faulty_records_than_can_be_looked_for_are_said(staged, monkeypatch):
    monkeypatch.setattr(faulty, "TRIES", 10)
    with pytest.raises(InputError, match=r"t\.ndjson: in many rows values are of another kind"):
        staged(*notes(["Ann"] * 20)).sql("SELECT CAST(size AS INTEGER) AS size FROM notes")


def test_values_that_stop_only_together_are_said(staged):
    with pytest.raises(InputError, match=r"Values in t\.ndjson do not fit together"):
        staged(*notes([1, 0])).sql("SELECT CAST('a' || sum(CAST(size AS INTEGER)) AS INTEGER) AS n "
                                   "FROM notes HAVING count(*) > 1")  # fmt: skip


def test_a_fault_in_the_sql_itself_is_no_fault_of_the_rows(staged):
    faults = {"colour": duckdb.BinderException, "id ~ '('": duckdb.InvalidInputException}
    for sql, error in faults.items():
        with pytest.raises(error):
            staged(*notes([1])).sql(f"SELECT {sql} FROM notes")


def test_a_place_in_a_record_is_no_sql(staged):
    odd = Form("notes", "tickets", "json", ("id", "it's"), {"id": "id", "size": "it's"})
    one = staged({"id": 1, "it's": "x"}, form=odd)
    assert one.sql("SELECT size FROM notes")["size"].tolist() == ["x"]


def test_an_export_of_which_most_cannot_be_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "UNREADABLE", 100)
    head = "id,created,subject\n"
    (tmp_path / "a.csv").write_text(head + "1,2026-03-02,a\n" * 90 + "1,2\n" * 200)
    (tmp_path / "m.toml").write_text(
        'time_zone = "UTC"\n[tickets]\n'
        'columns = {ticket_id = "id", created_at = "created", subject = "subject"}\n'
        'fixed = {status = "open"}\n'
    )
    with pytest.raises(InputError, match=r"The first: a\.csv, row 91: the row has 2 fields"):
        loaders.read("mapped", tmp_path / "a.csv", mapping=tmp_path / "m.toml")
