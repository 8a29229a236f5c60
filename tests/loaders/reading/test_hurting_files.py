"""Files that hurt: the exact outcome of each, told by a mapping of three columns.

What hurts, and the test that tells its outcome (those not here are in the file named):

    byte-order mark, utf-16
        test_marked_text_is_read_as_it_is_marked
    latin-1, windows-1252
        test_text_that_is_not_utf8_is_windows_1252_and_that_is_said
    an encoding that is declared
        test_an_encoding_that_is_declared_is_used
    line ends in fields
        test_line_ends_within_quotes_are_kept_as_they_are
    a line end first met at row 300,000
        test_a_line_end_first_met_at_row_300000_loses_nothing
    an unclosed quote
        test_a_quote_that_is_never_closed_costs_its_line_and_no_other
    one that is open until the end
        test_a_quote_that_is_open_until_the_end_costs_its_line_and_no_other
    one in a file too large to be held
        test_a_quote_that_is_open_for_too_long_costs_its_line_and_no_other
    ragged rows
        test_ragged_rows_are_set_aside_with_their_text
    quotes escaped with a backslash
        test_quotes_escaped_with_a_backslash_are_read
    leading zeros, 17-digit ids, NA, null, None
        test_what_is_written_stays_what_it_is
    naive times through both changes of clocks, +02:00, +0100, epoch seconds and milliseconds
        test_mapped: test_times_are_the_instants_they_name
    a time that never was, a time that came twice
        test_mapped: test_a_time_that_the_clocks_skipped_is_set_aside
        test_a_time_that_came_twice_is_flagged_and_said
    day or month first
        test_mapped: test_a_date_whose_order_is_open_is_refused
    duplicate headers
        test_of_two_columns_with_one_name_the_first_is_meant
    an id that Excel ruined
        test_an_id_that_excel_ruined_is_said_not_mended
    one in a cell that is a number
        test_excel: test_a_number_of_17_digits_was_rounded_and_is_set_aside
    cells that are dates or numbers
        test_excel: test_a_cell_is_text_in_one_form
    zip with several files, gz
        test_gz_and_zip_with_several_files_are_read
    an empty file, a web page, a truncated download
        test_what_is_no_export_or_cut_short_is_said
    truncated JSON
        test_json_that_is_cut_short_is_said
        test_json_records: test_a_list_that_is_cut_short_anywhere_is_said
    a broken line of JSON
        test_a_broken_line_of_json_is_set_aside_with_its_text
    a broken record in a list
        test_a_broken_record_of_a_page_is_set_aside_with_its_text
        test_json_records: test_a_broken_record_in_a_list_costs_itself_only
    a field of 100 MB
        test_a_field_of_100_megabytes_is_read
    a file larger than the bound of memory
        test_memory: test_what_is_not_kept_takes_no_memory
    null bytes, formulas, scripts, right-to-left text
        test_formulas_scripts_and_nulls_are_text
    ten thousand bad rows
        test_ten_thousand_broken_rows_give_one_line_of_reasons
    a ticket in two overlapping pages
        test_zendesk: test_a_ticket_in_two_pages_is_kept_once_by_its_newest_update
    resolved before it was created
        test_zendesk: test_a_ticket_solved_before_it_was_created_is_kept_and_flagged
    merged
        test_zendesk: test_a_merged_ticket_points_to_its_survivor
    who closed it
        test_zendesk: test_who_closed_is_kept
    assignee, group and priority at export
        test_zendesk: test_what_is_at_export_is_not_what_was_then_but_history_says_so
        test_without_history_nothing_is_said_about_changes
    a deleted requester
        test_zendesk: test_a_deleted_requester_keeps_a_number_that_nobody_has_and_is_flagged
        test_github: test_a_deleted_account_is_nobody
    a bot's reply, a note
        test_zendesk: test_only_an_agents_public_message_is_a_reply
    opened by an agent, by phone
        test_zendesk: test_a_ticket_that_an_agent_opened_by_phone_is_the_customers
"""

import gzip
import json
import re
import zipfile
from pathlib import Path

import pytest

from cxresearch import loaders
from cxresearch.loaders.reading import csv_rows, files, json_lines
from cxresearch.study.schema import InputError

MAPPING = """
time_zone = "UTC"
[tickets]
columns = {ticket_id = "id", created_at = "created", subject = "subject"}
fixed = {status = "open"}
"""
HEAD = "id,created,subject\n"
DAY = "2026-03-02 09:15"


@pytest.fixture
def read(tmp_path):
    """Reads a file of these bytes (or this text) through a mapping: (export, what became of it)."""
    (tmp_path / "m.toml").write_text(MAPPING)

    def write(content, name="in.csv", **declared):
        (tmp_path / "export").mkdir(exist_ok=True)
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "export" / name).write_bytes(data)
        return loaders.read("mapped", tmp_path / "export", mapping=tmp_path / "m.toml", **declared)

    return write


def subjects(found):
    return found[1].tables["tickets"]["subject"].tolist()


def reasons(found):
    aside = found[1].quarantine
    return aside[["row", "reason", "original"]].to_numpy().tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marked_text_is_read_as_it_is_marked(read, encoding):
    assert subjects(read(f"{HEAD}1,{DAY},Añadir 😡 مرحبا\n".encode(encoding))) == [
        "Añadir 😡 مرحبا"
    ]


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252"])
def test_text_that_is_not_utf8_is_windows_1252_and_that_is_said(read, encoding):
    found = read(f"{HEAD}1,{DAY},Añadir\n".encode(encoding))
    assert subjects(found) == ["Añadir"]
    assert found[0].notes == (
        "in.csv is not UTF-8; it was read as windows-1252, as no encoding was named.",
    )


def test_an_encoding_that_is_declared_is_used(read):
    found = read(f"{HEAD}1,{DAY},Żółw\n".encode("iso8859-2"), encoding="iso8859-2")
    assert subjects(found) == ["Żółw"]


def test_a_quote_that_is_never_closed_costs_its_line_and_no_other(read):
    found = read(f'{HEAD}1,{DAY},a\n2,{DAY},"b\n3,{DAY},c\n4,{DAY},"d"\n')
    assert subjects(found) == ["a", "c", "d"]
    assert reasons(found) == [
        [2, "a quote stands where none may stand", f'2,{DAY},"b\n'],
    ]


def test_a_quote_that_is_open_until_the_end_costs_its_line_and_no_other(read):
    found = read(f'{HEAD}1,{DAY},"a\n2,{DAY},b\n3,{DAY},c\n')
    assert subjects(found) == ["b", "c"]
    assert reasons(found)[0][:2] == [1, "a quote is opened and never closed"]


def test_a_quote_that_is_open_for_too_long_costs_its_line_and_no_other(read, monkeypatch):
    monkeypatch.setattr(csv_rows, "LONGEST", 100)
    many = "".join(f"{n},{DAY},s\n" for n in range(50))
    found = read(f'{HEAD}x,{DAY},"a\n{many}')
    assert len(subjects(found)) == 50
    assert reasons(found) == [[1, csv_rows.TOO_LONG, f'x,{DAY},"a\n']]


def test_ragged_rows_are_set_aside_with_their_text(read):
    found = read(f"{HEAD}1,{DAY}\n2,{DAY},b,more\n3,{DAY},c\n")
    assert subjects(found) == ["c"]
    assert reasons(found) == [
        [1, "the row has 2 fields where the header has 3", f"1,{DAY}\n"],
        [2, "the row has 4 fields where the header has 3", f"2,{DAY},b,more\n"],
    ]


def test_quotes_escaped_with_a_backslash_are_read(read):
    found = read(f'{HEAD}1,{DAY},"say \\"hi\\", or\nnot"\n2,{DAY},"b ""b"""\n')
    assert subjects(found) == ['say "hi", or\nnot', 'b "b"']


def test_line_ends_within_quotes_are_kept_as_they_are(read):
    assert subjects(read(f'{HEAD}1,{DAY},"a\r\nb\n\nc"\r\n2,{DAY},d\r\n')) == ["a\r\nb\n\nc", "d"]


def test_a_line_end_first_met_at_row_300000_loses_nothing(read):
    many = "".join(f"{i},{DAY},s\n" for i in range(300_000))
    found = read(f'{HEAD}{many}x,{DAY},"one\ntwo"\ny,{DAY},last\n')
    assert found[1].files.iloc[0].tolist() == [300_002, 300_002, 0]
    assert subjects(found)[-2:] == ["one\ntwo", "last"]


def test_what_is_written_stays_what_it_is(read):
    ids = ["007", "12345678901234567", "NA", "null", "None", "1e5"]
    found = read(HEAD + "".join(f"{i},{DAY},{i}\n" for i in ids))
    assert found[1].tables["tickets"]["ticket_id"].tolist() == ids
    assert subjects(found) == ids


def test_formulas_scripts_and_nulls_are_text(read):
    nasty = ['=HYPERLINK("http://evil.example","x")', "<script>alert(1)</script>", "a\0b", "مرحبا"]
    rows = "".join(f'{i},{DAY},"{s.replace(chr(34), chr(34) * 2)}"\n' for i, s in enumerate(nasty))
    assert subjects(read(HEAD + rows)) == nasty


def test_a_field_of_100_megabytes_is_read(read):
    found = read(f"{HEAD}1,{DAY},{'x' * 100_000_000}\n2,{DAY},b\n")
    assert [len(subject) for subject in subjects(found)] == [100_000_000, 1]


def test_of_two_columns_with_one_name_the_first_is_meant(read):
    assert subjects(read(f"id,created,subject,subject\n1,{DAY},a,b\n")) == ["a"]


def test_semicolons_and_tabs_are_told_from_the_header(read):
    assert subjects(read(f"id;created;subject\n1;{DAY};a,b\n")) == ["a,b"]
    assert subjects(read(f"id\tcreated\tsubject\n1\t{DAY}\ta;b\n")) == ["a;b"]


def test_gz_and_zip_with_several_files_are_read(read, tmp_path):
    read(gzip.compress(f"{HEAD}1,{DAY},a\n".encode()), "a.csv.gz")
    with zipfile.ZipFile(tmp_path / "export" / "b.zip", "w") as packed:
        packed.writestr("x/b.csv", f"{HEAD}2,{DAY},b\n")
        packed.writestr("x/c.csv", f"{HEAD}3,{DAY},c\n")
        packed.writestr("x/photo.png", b"\x89PNG")
    export, found = loaders.read("mapped", tmp_path / "export", mapping=tmp_path / "m.toml")
    assert found.files["kept"].to_dict() == {"a.csv.gz": 1, "b.zip/x/b.csv": 1, "b.zip/x/c.csv": 1}
    assert export.not_read == ("b.zip/x/photo.png",)


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        ("", "in.csv", "in.csv is empty: export it again"),
        ("  \n", "in.csv", "in.csv is empty"),
        ("<!DOCTYPE html><html>Log in", "in.csv", "in.csv is a web page, not an export"),
        (f"{HEAD}1,{DAY},a\n2,2026-03", "in.csv", "in.csv ends in the middle of a row"),
        (f'{HEAD}1,{DAY},a\n2,{DAY},"b', "in.csv", "in.csv ends in the middle of a row"),
        (gzip.compress(HEAD.encode() * 9, mtime=0)[:-12], "in.csv.gz", "in.csv.gz ends too early"),
        (b"PK\x03\x04 and no end", "in.zip", "in.zip is no whole .zip file"),
    ],
)
def test_what_is_no_export_or_cut_short_is_said(read, content, name, says):
    with pytest.raises(InputError, match=says.replace("(", r"\(")):
        read(content, name)


@pytest.mark.parametrize(
    "text",
    [
        '{"tickets": [{"id": 1, "requester_id": 2, "submitter_id": 2, "via": {}, "status": "o',
        '[{"id": 1, "requester_id": 2, "submitter_id": 2, "via": {}, "status": "open"},',
        '{"id": 1, "requester_id": 2, "submitter_id": 2, "via": {}, "status": "open"}\n{"id": 2',
    ],
)
def test_json_that_is_cut_short_is_said(tmp_path, text):
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(InputError, match=r"t\.json ends in the middle of"):
        loaders.read("zendesk", tmp_path)


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"])
def test_a_mark_that_ends_lines_elsewhere_ends_no_line_of_json(tmp_path, mark):
    record = {"sys_id": "x", "number": "INC1", "state": "2", "opened_at": "2026-03-02 09:15:00"}
    line = json.dumps({**record, "description": f"a{mark}b"}, ensure_ascii=False)
    (tmp_path / "tickets.json").write_text(f"{line}\n", encoding="utf-8")
    _, found = loaders.read("servicenow", tmp_path / "tickets.json", time_zone="UTC")
    assert found.files.iloc[0].tolist() == [1, 1, 0]


def test_a_broken_line_of_json_is_set_aside_with_its_text(tmp_path):
    sound = {"id": 1, "requester_id": 2, "submitter_id": 2, "via": {}, "status": "open",
             "created_at": "2026-01-01T00:00:00Z"}  # fmt: skip
    (tmp_path / "t.ndjson").write_text(f'{json.dumps(sound)}\n{{"id": 2,,}}\n')
    _, found = loaders.read("zendesk", tmp_path)
    assert found.files.loc["t.ndjson"].tolist() == [2, 1, 1]
    assert reasons((None, found)) == [[2, "the record is no valid JSON", '{"id": 2,,}']]


def test_a_broken_line_keeps_its_number_in_a_long_file(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PIECE", 100)
    monkeypatch.setattr(json_lines, "BLOCK", 100)
    sound = {"requester_id": 2, "submitter_id": 2, "via": {}, "status": "open"}
    lines = [json.dumps({"id": n, "created_at": "2026-01-01T00:00:00Z"} | sound) for n in range(30)]
    lines[20], lines[25] = '{"id": 20,,}', json.dumps({"id": 25} | sound)
    (tmp_path / "t.ndjson").write_text("\n".join(lines))
    _, found = loaders.read("zendesk", tmp_path)
    aside = found.quarantine[["row", "original"]].to_numpy().tolist()
    assert aside == [[21, lines[20]], [26, lines[25]]]


def test_a_broken_record_of_a_page_is_set_aside_with_its_text(tmp_path):
    sound = {"id": 1, "requester_id": 2, "submitter_id": 2, "via": {}, "status": "open",
             "created_at": "2026-01-01T00:00:00Z"}  # fmt: skip
    page = f'{{"tickets": [{json.dumps(sound)}, {{"id": 2,,}}, {json.dumps(sound | {"id": 3})}]}}'
    (tmp_path / "t.json").write_text(page)
    _, found = loaders.read("zendesk", tmp_path)
    assert found.tables["tickets"]["ticket_id"].tolist() == ["1", "3"]
    assert reasons((None, found)) == [[2, "the record is no valid JSON", '{"id": 2,,}']]


def test_rows_set_aside_by_a_rule_keep_their_own_text(read):
    found = read(f"{HEAD}1,yesterday,a\n2,{DAY},b\n")
    says = "created_at is not a time with its offset from UTC"
    assert reasons(found) == [[1, says, "1,yesterday,a\n"]]


def test_ten_thousand_broken_rows_give_one_line_of_reasons(read):
    found = read(HEAD + "1,2\n" * 10_000 + f"1,{DAY},a\n")
    assert found[1].quarantine.groupby("reason").size().tolist() == [10_000]


def test_an_id_that_excel_ruined_is_said_not_mended(read):
    found = read(f"{HEAD}1.23457E+16,{DAY},a\n1.23457E+16,{DAY},b\n17,{DAY},c\n")
    assert subjects(found) == ["c"]
    assert found[1].quarantine["reason"].str.startswith("ticket_id was rounded by Excel").all()


def test_every_test_that_the_table_names_is_there():
    named = set(re.findall(r"(?<!\w)test_\w{12,}", __doc__)) - {"test_json_records"}
    there = "".join(file.read_text() for file in Path(__file__).parents[1].rglob("test_*.py"))
    assert {name for name in named if f"def {name}(" not in there} == set()
