"""Drafts of mappings: what is not sure is asked, no person's words are shown, imports follow."""

import importlib.util
import json
import tomllib
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cxresearch import loaders
from cxresearch.cli import app
from cxresearch.loaders.drafting.drafts import draft, shape
from cxresearch.study.schema import InputError
from cxresearch.study.toml_text import toml

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "map_layouts.py"
spec = importlib.util.spec_from_file_location("map_layouts", BENCHMARK)
layouts = importlib.util.module_from_spec(spec)
spec.loader.exec_module(layouts)
RIGHT = sorted(layouts.LAYOUTS.glob("*.toml"))
COUNTED = pd.read_csv(layouts.TABLE, index_col="layout")


@pytest.fixture
def drafted(tmp_path):
    """The draft for a CSV with these rows under a header, as text and as TOML."""

    def write(header, *rows, name="t.csv"):
        (tmp_path / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        text = draft(tmp_path / name)
        return text, tomllib.loads(text)

    return write


@pytest.mark.parametrize("right", RIGHT, ids=lambda right: right.stem)
def test_what_a_person_has_to_change_is_as_the_committed_table_says(right):
    assert layouts.counted(right) == COUNTED.loc[right.stem].drop("held_out").to_dict()


def asked_about(export, mapping):
    """The columns for which rows are set aside, or that the mapping does not say."""
    try:
        _, found = loaders.read("mapped", export, mapping=mapping, time_zone="UTC")
    except InputError as error:
        return {str(error).split("does not say ")[1].split(" (")[0]}
    return set(found.quarantine["reason"].str.split(" is ").str[0])


@pytest.mark.parametrize("right", RIGHT, ids=lambda right: right.stem)
def test_a_draft_imports_or_says_what_to_decide(right, tmp_path):
    (tmp_path / "m.toml").write_text(layouts.drafted(right), encoding="utf-8")
    export = layouts.export_of(right)
    _, whole = loaders.read("mapped", export, mapping=right)
    assert len(whole.quarantine) == 0
    assert asked_about(export, tmp_path / "m.toml") <= {"status", "created_at", "observed_until"}


def test_the_table_keeps_what_was_promised():
    seen = COUNTED[~COUNTED["held_out"]]
    assert (COUNTED["wrong"] == 0).all()
    assert (seen["to_change"] <= 3).sum() >= 12
    assert len(COUNTED) - len(seen) == 4


@pytest.mark.parametrize("name", ["zoho_desk.csv", "kustomer.jsonl", "comments.csv", "pqrs_es.csv"])
def test_no_address_name_number_or_text_of_a_person_is_shown(name):
    text = draft(layouts.LAYOUTS / name)
    for word in ("Ada", "Berg", "@e", "600 00", "Scanner", "scanner", "Hello", "sincroniza"):
        assert word not in text


def test_words_of_status_that_are_no_words_are_not_shown(drafted):
    text, _ = drafted(
        "Ticket ID,Created,Status,Channel",
        *(f"{i},2026-01-0{i},anna@firma.example,+49 171 1234567" for i in range(1, 5)),
    )
    assert "anna" not in text
    assert "171" not in text
    assert text.count("what is no word") == 2


@given(st.text())
def test_a_shape_tells_no_letter_and_no_digit(text):
    told = shape(text)
    assert all(c in "x9" or not c.isalnum() for c in told)
    assert told.isprintable()


@given(st.text())
def test_any_text_comes_back_from_toml_and_can_be_seen(text):
    written = toml(text)
    assert written.isprintable()
    assert tomllib.loads(f"{written} = {written}") == {text: text}


def test_hostile_names_are_shown_without_what_they_do(drafted):
    name = 'Status\u202e]\x1b[31m"\\ = \u2028'
    header = ",".join(["Ticket ID", "Created", '"' + name.replace('"', '""') + '"'])
    text, held = drafted(header, *(f"{i},2026-01-0{i}T00:00:00Z,Open" for i in range(1, 5)))
    assert all(c == "\n" or c.isprintable() for c in text)
    assert list(held) == ["source", "tickets"]
    assert "\\u001b[31m" in text


@pytest.mark.parametrize(
    ("dates", "line"),
    [
        (["01/02/2026", "03/04/2026"], '# ? date_order = "day"  # or "month"?'),
        (["01.02.2026", "03.04.2026"], '# ? date_order = "day"  # or "month"?'),
        (["01/02/2026", "13/04/2026"], 'date_order = "day"  # 1 dates'),
        (["01/02/26 9:15 AM", "03/14/26 9:15 PM"], 'date_order = "month"  # 1 dates'),
        (["13/02/2026", "02/13/2026"], "some begin with the day, others with the month"),
    ],
)
def test_the_order_of_day_and_month_is_told_or_asked(drafted, dates, line):
    text, held = drafted("Ticket ID,Created,Status", *(f"{d[:2]},{d},Open" for d in dates))
    assert f"\n{line}" in text or line in text.split("# ? date_order")[1]
    assert ("date_order" in held) == (not line.startswith("# ?") and "some" not in line)


@pytest.mark.parametrize(
    ("name", "value", "clock", "zone"),
    [
        ("Created", "2026-03-02T09:15:30Z", None, False),
        ("Created", "2026-03-02 09:15:30 UTC", None, False),
        ("Created", "1772442930", "epoch", False),
        ("Created (UTC)", "2026-03-02 09:15:30", "utc", False),
        ("Created", "2026-03-02 09:15:30", None, True),
        ("Created", "02/Mar/26 9:15 AM", None, True),
    ],
)
def test_the_clock_of_times_is_told_or_asked(drafted, name, value, clock, zone):
    text, held = drafted(f"Ticket ID,{name},Status", f"1,{value},Open", f"2,{value},Open")
    assert held["tickets"]["columns"]["created_at"] == name
    assert held["tickets"].get("times", {}).get("created_at") == clock
    assert ("# ? time_zone" in text) == zone


def test_times_that_cannot_be_read_are_asked_about(drafted):
    text, held = drafted(
        "Ticket ID,Created,Status", *(f"{i},2.{i}.26 10h15,Open" for i in (1, 2, 3))
    )
    assert '# ? created_at = "Created"' in text
    assert "created_at" not in held["tickets"]["columns"]


def test_a_duration_is_told_with_its_unit_or_asked(drafted):
    rows = [f"{i},2026-01-0{i},Open,{7 * i}" for i in range(1, 6)]
    _, held = drafted("ID,Created,Status,First response time (minutes)", *rows)
    assert held["tickets"]["durations"] == {"first_reply_at": "minutes"}
    text, held = drafted("ID,Created,Status,First response time", *rows)
    assert "durations" in held["tickets"]
    assert "first_reply_at" not in held["tickets"]["columns"]
    assert "how long it took" in text


def test_times_that_are_often_before_the_opening_are_doubted(drafted):
    rows = [f"{i},2026-01-1{i},2026-01-0{i},Open" for i in range(1, 6)]
    text, held = drafted("ID,Created,Closed,Status", *rows)
    assert "closed_at" not in held["tickets"]["columns"]
    assert "100% of its times are before created_at" in text


def test_two_columns_of_one_meaning_are_one_and_a_question(drafted):
    text, held = drafted(
        "ID,Created,Email,Customer Name,Status", "1,2026-01-01,a@b.example,Ann,Open"
    )
    assert held["tickets"]["columns"]["requester_id"] == "Email"
    assert '# ? requester_id = "Customer Name"  # or is it this, instead of Email?' in text


def test_words_are_counted_and_the_unsure_ones_are_asked_about(drafted):
    words = ["Open", "Open", "Snoozed", "Blocked"]
    text, held = drafted("ID,Created,Status", *(f"{i},2026-01-01,{w}" for i, w in enumerate(words)))
    assert held["tickets"]["words"]["status"] == {"Open": "open"}
    assert '"Open" = "open"  # 2 rows' in text
    assert '# ? "Snoozed" = "pending"  # 1 row: which of new,' in text
    assert '# ? "Blocked" = "open"  # 1 row: which of new,' in text


def test_what_stands_for_nothing_hides_no_time(drafted):
    rows = [f"{i},2026-01-0{i},{'2026-02-01' if i == 1 else '?'},Open" for i in range(1, 6)]
    _, held = drafted("ID,Created,Closed,Status", *rows)
    assert held["missing"] == ["?"]
    assert held["tickets"]["columns"]["closed_at"] == "Closed"


def test_what_cannot_be_told_and_what_is_left_is_said(drafted):
    text, _ = drafted("ID,Created,Status,Shoe size", "1,2026-01-01,Open,44")
    assert "# Without first_reply_at it cannot be told: first answers" in text
    assert '# not mapped: "Shoe size": 100% filled, 1 different, as 99' in text


def test_a_repeated_name_is_a_list(drafted):
    _, held = drafted("ID,Created,Status,Labels,Labels", "1,2026-01-01,Open,a,b")
    assert held["tickets"]["columns"]["tags"] == "Labels[]"


def test_json_is_named_by_its_places(tmp_path):
    records = [
        {"id": i, "created_at": f"2026-01-0{i}T00:00:00Z", "state": "open",
         "requester": {"id": i % 2}, "channels": ["email"], "labels": [{"name": "vip"}]}
        for i in range(1, 6)
    ]  # fmt: skip
    (tmp_path / "t.json").write_text(json.dumps({"tickets": records}))
    columns = tomllib.loads(draft(tmp_path / "t.json"))["tickets"]["columns"]
    assert columns["requester_id"] == "requester.id"
    assert columns["created_channel"] == "channels[0]"
    assert columns["tags"] == "labels[].name"


def test_files_of_several_forms_are_sections_with_their_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as packed:
        packed.writestr("a[1].csv", "ID,Created,Status\n1,2026-01-01,Open\n")
        packed.writestr("b.csv", "Nummer,Erstellt,Zustand\n1,2026-01-01,offen\n")
        packed.writestr("read.me", "x")
    text = draft(tmp_path / "e.zip")
    assert [part["file"] for part in tomllib.loads(text)["tickets"]] == ["a[[]1].csv", "b.csv"]
    assert "# Not looked at: e.zip/read.me" in text


def test_files_of_one_form_are_one_section(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"ID,Created,Status\n{name},2026-01-01,Open\n")
    text = draft(tmp_path)
    assert tomllib.loads(text)["tickets"]["columns"]["ticket_id"] == "ID"
    assert "# file a.csv, b.csv: 2 rows" in text


def test_a_first_row_of_data_is_no_header_and_is_not_shown(drafted):
    text, held = drafted("1,2026-01-01 10:00,ann@b.example", "2,2026-01-02 11:00,bob@b.example")
    assert "looks like data" in text
    assert "ann" not in text
    assert list(held) == ["source"]


def test_billing_beside_an_export_is_described_too(tmp_path):
    (tmp_path / "t.csv").write_text("ID,Created,Status\n1,2026-01-01,Open\n")
    (tmp_path / "b.csv").write_text("Account ID,Start date,MRR\nA,2024-01-01,49\nB,2024-02-01,99\n")
    text = draft(tmp_path / "t.csv", tmp_path / "b.csv")
    held = tomllib.loads(text)
    assert "EXPORT --customers BILLING --mapping" in text
    assert held["customers"]["columns"]["started_at"] == "Start date"
    assert held["tickets"]["file"] == "t.csv"


def test_the_command_writes_toml_to_stdout(tmp_path):
    (tmp_path / "t.csv").write_text("Número,Fecha creación,Estado\n1,2026-01-01,Abierto\n", "utf-8")
    ran = CliRunner().invoke(app, ["map", str(tmp_path / "t.csv")])
    assert ran.exit_code == 0
    assert tomllib.loads(ran.stdout)["tickets"]["columns"]["ticket_id"] == "Número"


def test_what_is_no_export_is_one_sentence(tmp_path):
    ran = CliRunner().invoke(app, ["map", str(tmp_path / "no.csv")])
    assert ran.exit_code == 2
    assert "no.csv: check the path" in ran.output
