"""Records that tools wrapped: each wrapper of the same records gives the same tables."""

import csv
import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from cxresearch import loaders
from cxresearch.study.schema import InputError

AT = "2026-03-02T{:02}:00:00Z"
TICKETS = [
    {"id": n, "requester_id": 501, "submitter_id": 501, "via": {"channel": "email"},
     "status": "open", "subject": f"Words {n}", "tags": ["a b", "c"], "created_at": AT.format(n),
     "updated_at": AT.format(n), "metric_set": {"replies": n}}
    for n in (1, 2, 3)
]  # fmt: skip
USERS = [
    {"id": 501, "role": "end-user", "email": "a@b.example"},
    {"id": 7, "role": "agent", "email": "c@d.example"},
]
RAW = "_airbyte_data"


def singer(stream, record):
    return {"type": "RECORD", "stream": stream, "record": record}


def airbyte(stream, record):
    held = {"stream": stream, "data": record, "emitted_at": 1772442000000}
    return {"type": "RECORD", "record": held}


def debezium(stream, record):
    payload = {"before": None, "after": record, "source": {"table": stream}, "op": "c"}
    return {"schema": {"type": "struct"}, "payload": payload}


def without_schema(stream, record):
    return debezium(stream, record)["payload"]


def stitch(stream, record):
    return {"table_name": stream, "sequence": 1, "action": "upsert", "data": record}


def kafka(stream, record):
    return {"schema": {}, "payload": record}


def raw_table(stream, record):
    return {"_airbyte_ab_id": "x", RAW: record, "_airbyte_emitted_at": 1772442000000}


def raw_text(stream, record):
    return raw_table(stream, None) | {RAW: json.dumps(record)}


def elastic(stream, record):
    return {"_index": stream, "_id": str(record["id"]), "_source": record}


ALL = (singer, airbyte, debezium, without_schema, stitch, kafka, raw_table, raw_text, elastic)
OF_SEVERAL = (singer, airbyte, debezium, without_schema, stitch, elastic)


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    """The tickets as they are read without a wrapper."""
    folder = tmp_path_factory.mktemp("plain")
    write(folder / "tickets.jsonl", TICKETS)
    write(folder / "users.jsonl", USERS)
    return loaders.load("zendesk", folder)["tickets"]


@pytest.mark.parametrize("wrap", ALL)
def test_a_file_a_stream_gives_what_its_records_give(tmp_path, right, wrap):
    write(tmp_path / "tickets.jsonl", [wrap("tickets", ticket) for ticket in TICKETS])
    write(tmp_path / "users.jsonl", [wrap("users", user) for user in USERS])
    assert_frame_equal(loaders.load("auto", tmp_path)["tickets"], right)


@pytest.mark.parametrize("wrap", OF_SEVERAL)
def test_streams_in_one_file_are_told_apart(tmp_path, right, wrap):
    rows = [wrap("tickets", TICKETS[0]), *(wrap("users", user) for user in USERS)]
    rows += [wrap("tickets", ticket) for ticket in TICKETS[1:]]
    write(tmp_path / "out.jsonl", [*rows, wrap("macros", {"id": 1, "title": "x"})])
    export, found = loaders.read("auto", tmp_path / "out.jsonl")
    assert_frame_equal(found.tables["tickets"], right)
    assert found.files["read"].to_dict() == {"tickets in out.jsonl": 3, "users in out.jsonl": 2}
    assert export.not_read == ("macros in out.jsonl",)


@pytest.mark.parametrize("wrap", ALL)
def test_wrapped_records_in_a_list_are_opened(tmp_path, right, wrap):
    (tmp_path / "l.json").write_text(json.dumps([wrap("tickets", t) for t in TICKETS], indent=1))
    found = loaders.load("zendesk", tmp_path / "l.json")["tickets"]
    assert_frame_equal(
        found[["ticket_id", "subject", "tags"]], right[["ticket_id", "subject", "tags"]]
    )


@pytest.mark.parametrize("name", ["raw.csv", "raw.parquet"])
def test_a_raw_table_is_opened(tmp_path, right, name):
    rows = [raw_text("tickets", ticket) for ticket in TICKETS]
    if name.endswith("csv"):
        pd.DataFrame(rows).to_csv(tmp_path / name, index=False, quoting=csv.QUOTE_ALL)
    else:
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / name)
    found = loaders.load("auto", tmp_path / name)["tickets"]
    assert_frame_equal(
        found[["ticket_id", "subject", "tags"]], right[["ticket_id", "subject", "tags"]]
    )


def test_lines_without_a_record_are_counted_and_said(tmp_path):
    lines = [
        {"type": "SCHEMA", "stream": "tickets", "schema": {}, "key_properties": ["id"]},
        singer("tickets", TICKETS[0]),
        {"type": "STATE", "value": {"bookmarks": {}}},
        singer("tickets", TICKETS[0] | {"status": "solved", "updated_at": AT.format(9)}),
    ]
    write(tmp_path / "t.jsonl", lines)
    export, found = loaders.read("zendesk", tmp_path)
    assert found.tables["tickets"]["status"].tolist() == ["solved"]
    assert found.files.loc["t.jsonl"].tolist() == [2, 1, 1]
    assert json.loads(found.quarantine["original"].item())["type"] == "RECORD"
    assert any(note.endswith("were passed over: 2.") for note in export.notes)


def test_a_line_that_is_no_json_is_set_aside_once(tmp_path):
    rows = [json.dumps(singer("tickets", TICKETS[0])), '{"type": "RECORD", "str']
    rows += [json.dumps(singer("users", USERS[0]))]
    (tmp_path / "t.jsonl").write_text("\n".join(rows) + "\n")
    _, found = loaders.read("zendesk", tmp_path)
    assert found.quarantine["original"].tolist() == [rows[1]]
    assert found.files["read"].sum() == 3


def test_a_record_with_a_field_of_that_name_is_no_wrapper(tmp_path):
    write(tmp_path / "t.jsonl", [TICKETS[0] | {"payload": {"id": 9}, "_source": {"id": 9}}])
    assert loaders.load("zendesk", tmp_path)["tickets"]["ticket_id"].tolist() == ["1"]


FLAT = {"nested": lambda keys: ".".join(keys), "dlt": lambda keys: "__".join(keys),
        "fivetran": lambda keys: "_".join(keys)}  # fmt: skip


@pytest.mark.parametrize("named", FLAT.values(), ids=FLAT)
def test_a_table_of_records_is_read_as_the_records_are(tmp_path, right, named):
    rows = [
        {named([k, i]): v for k, held in ticket.items() if isinstance(held, dict)
         for i, v in held.items()}
        | {k: json.dumps(v) if isinstance(v, list) else str(v).replace("T", " ").removesuffix("Z")
           for k, v in ticket.items() if not isinstance(v, dict)}
        for ticket in TICKETS
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "tickets.csv", index=False)
    pd.DataFrame(USERS).to_csv(tmp_path / "users.csv", index=False)
    assert_frame_equal(loaders.load("auto", tmp_path)["tickets"], right)


def test_nested_columns_of_parquet_are_read_as_the_records_are(tmp_path, right):
    pq.write_table(pa.Table.from_pylist(TICKETS), tmp_path / "tickets.parquet")
    pq.write_table(pa.Table.from_pylist(USERS), tmp_path / "users.parquet")
    assert_frame_equal(loaders.load("auto", tmp_path)["tickets"], right)


def test_a_file_of_countless_kinds_is_refused_at_once(tmp_path):
    write(tmp_path / "t.jsonl", [singer(f"stream {n}", {"id": n}) for n in range(501)])
    with pytest.raises(InputError, match="more than 500 kinds"):
        loaders.read("zendesk", tmp_path)
