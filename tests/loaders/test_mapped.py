"""Tables described by a mapping file: times, words, histories from changes, and the real log."""

import csv
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from cxresearch import loaders
from cxresearch.study.schema import InputError

LOG = Path(__file__).parents[3] / "shared" / "data" / "uci_incident_log" / "incident_event_log.zip"
UCI = Path(__file__).parent / "uci_incident_log.toml"


@pytest.fixture
def read(tmp_path):
    """Reads rows through a mapping of id, created, status with these further lines on top."""

    def write(rows, top="", words="", **declared):
        (tmp_path / "m.toml").write_text(
            f'{top}\n[tickets]\n{words}\ncolumns = {{ticket_id="id", created_at="created", '
            'status="status"}\n'
        )
        (tmp_path / "t.csv").write_text("id,created,status\n" + "\n".join(rows) + "\n")
        return loaders.read("mapped", tmp_path / "t.csv", mapping=tmp_path / "m.toml", **declared)

    return write


def created(found):
    return found[1].tables["tickets"]["created_at"].dt.strftime("%Y-%m-%dT%H:%M:%S").tolist()


MADRID = 'time_zone = "Europe/Madrid"'


@pytest.mark.parametrize(
    ("text", "top", "instant"),
    [
        ("2026-01-05 10:00", MADRID, "2026-01-05T09:00:00"),
        ("2026-07-05 10:00:30", MADRID, "2026-07-05T08:00:30"),
        ("2026-07-05T10:00:00+02:00", MADRID, "2026-07-05T08:00:00"),
        ("2026-07-05T10:00:00+0100", 'times = "offset"', "2026-07-05T09:00:00"),
        ("1772442930", 'times = "epoch"', "2026-03-02T09:15:30"),
        ("1772442930123", 'times = "epoch"', "2026-03-02T09:15:30"),
        ("2026-03-02 09:15:30", 'times = "utc"', "2026-03-02T09:15:30"),
        ("02/03/2026 10:15", MADRID + '\ndate_order = "day"', "2026-03-02T09:15:00"),
        ("02/03/2026 10:15 AM", MADRID + '\ndate_order = "month"', "2026-02-03T09:15:00"),
        ("2.3.26 10h15", MADRID + '\ntimes = "%d.%m.%y %Hh%M"', "2026-03-02T09:15:00"),
        ("02/Mar/26 10:15 AM", MADRID, "2026-03-02T09:15:00"),
        # clocks go back: the hour comes twice, and the first is meant
        ("2026-10-25 02:30", MADRID, "2026-10-25T00:30:00"),
        ("2026-10-25 03:30", MADRID, "2026-10-25T02:30:00"),
    ],
)
def test_times_are_the_instants_they_name(read, text, top, instant):
    assert created(read([f"1,{text},open"], top)) == [instant]


def test_a_time_that_came_twice_is_flagged_and_said(read):
    rows = ["1,2026-10-25 02:30,open", "2,2026-10-25 03:30,open", "3,2026-03-29 03:30,open"]
    export, found = read(rows, MADRID)
    flags = [list(words) for words in found.tables["tickets"]["dq_flags"]]
    assert ["created_at_comes_twice" in words for words in flags] == [True, False, False]
    assert export.notes[0].startswith("t.csv: a time came twice in 1 of the rows")


def test_a_time_that_carries_its_offset_never_comes_twice(read):
    export, found = read(["1,2026-10-25T02:30:00+0200,open"], 'times = "offset"')
    assert "created_at_comes_twice" not in found.tables["tickets"]["dq_flags"].item()
    assert export.notes == ()


def test_a_time_that_the_clocks_skipped_is_set_aside(read):
    found = read(["1,2026-03-29 02:30,open", "2,2026-03-29 03:30,open"], MADRID)
    assert created(found) == ["2026-03-29T01:30:00"]
    assert found[1].quarantine["row"].tolist() == [1]


def test_a_date_whose_order_is_open_is_refused(read):
    with pytest.raises(InputError, match="'02/03/2026 10:15' may begin with the day or with the"):
        read(["1,02/03/2026 10:15,open"], MADRID)


def test_times_without_an_offset_need_a_zone(read):
    with pytest.raises(InputError, match="say in which time zone they are"):
        read(["1,2026-03-02 10:15,open"])


def test_words_of_status_are_mapped_and_others_set_aside(read):
    found = read(["1,2026-03-02 10:15,Offen", "2,2026-03-02 10:15,Egal", "3,2026-03-02 10:15,?"],
                 MADRID + '\nmissing = ["?"]', 'words.status = {Offen = "open"}')  # fmt: skip
    tickets = found[1].tables["tickets"]
    assert tickets[["status", "status_raw"]].to_numpy().tolist() == [["open", "Offen"]]
    assert found[1].quarantine["row"].tolist() == [2, 3]


def test_parquet_and_excel_are_read_as_text(read, tmp_path):
    read(["007,2026-03-02 10:15,open"], MADRID)
    rows = pd.DataFrame({"id": ["007"], "created": ["2026-03-02 10:15"], "status": ["open"]})
    rows.to_parquet(tmp_path / "t.parquet")
    rows.to_excel(tmp_path / "t.xlsx", index=False)
    for name in ("t.parquet", "t.xlsx"):
        tickets = loaders.load("mapped", tmp_path / name, mapping=tmp_path / "m.toml")["tickets"]
        assert tickets["ticket_id"].tolist() == ["007"]
        assert tickets["created_at"].item() == pd.Timestamp("2026-03-02T09:15:00Z")


def test_billing_and_surveys_come_from_their_own_files(tmp_path):
    (tmp_path / "m.toml").write_text("""
        time_zone = "UTC"
        [customers]
        columns = {customer_id = "account", started_at = "since", ended_at = "until"}
        fixed = {observed_until = "2026-06-01T00:00:00Z"}
        [[customer_history]]
        columns = {customer_id = "account", valid_from = "from", value = "mrr"}
        fixed = {field = "mrr"}
    """)
    (tmp_path / "a.csv").write_text(
        "account,since,until\nA1,2024-01-01,\nA2,2024-02-01,2025-01-01\n"
    )
    (tmp_path / "b.csv").write_text("account,from,mrr\nA1,2024-01-01,100\nA1,2025-01-01,120\n")
    tables = loaders.load("mapped", tmp_path, mapping=tmp_path / "m.toml")
    assert tables["customers"]["ended_at"].notna().tolist() == [False, True]
    assert tables["customer_history"]["value"].tolist() == ["100", "120"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tickets]\ncolumns = {number = 'id'}", "table tickets has no column 'number'"),
        ("[tickets]\ncolums = {}", "unknown key 'colums'"),
        ("colour = 1\n[tickets]\ncolumns = {}", "unknown key 'colour'"),
        ("source = 'x'", "describes no table"),
        (
            "[tickets]\ncolumns = {ticket_id = 'nr', created_at = 'created', status = 'status'}",
            "t.csv lacks nr",
        ),
        ("[tickets]\ncolumns = {ticket_id = 'id', status = 'status'}", "not say created_at"),
        ("[people]\ncolumns = {e-mail = 'id'}", "people need a requester_id or a customer_id"),
        ("match = ['luck']\n[people]\ncolumns = {customer_id = 'id'}", "match holds 'luck'"),
        (
            "[customers]\ncolumns = {customer_id = 'id', started_at = 'created'}\n"
            "fixed = {observed_until = '2026-07-01'}",
            "fixed observed_until is '2026-07-01'; write a time with its offset",
        ),
        (
            "[customers]\ncolumns = {customer_id = 'id', started_at = 'created'}\n"
            "fixed = {observed_until = '2026-07-01T00:00:00Z'}\nas_of_start = ['mrr']",
            "as_of_start holds 'mrr'; it can hold customer_id, started_at",
        ),
        (
            "[tickets]\nrow = 'line'\ncolumns = {ticket_id = 'id'}",
            "it can hold ticket, change, message",
        ),
        ("[tickets", "is not valid TOML"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said(read, tmp_path, text, says):
    read(["1,2026-03-02 10:15,open"], MADRID)
    (tmp_path / "m.toml").write_text(text)
    with pytest.raises(InputError, match=says):
        loaders.read("mapped", tmp_path / "t.csv", mapping=tmp_path / "m.toml")


def test_the_mapping_of_the_incident_log_has_at_most_40_lines():
    assert len(UCI.read_text().splitlines()) <= 40


@pytest.fixture(scope="module")
def log():
    """The real log through its mapping, and the log's own last counts by incident."""
    if not LOG.is_file():
        pytest.skip("the incident log (shared/data/uci_incident_log) is not there")
    with zipfile.ZipFile(LOG).open("incident_event_log/incident_event_log.csv") as stream:
        rows = list(csv.reader(io.TextIOWrapper(stream)))
    own = pd.DataFrame({row[0]: (int(row[4]), int(row[3])) for row in rows[1:]}).T
    return loaders.read("mapped", LOG, mapping=UCI)[1], own


def test_the_incident_log_gives_24918_tickets_and_loses_no_row(log):
    found, _ = log
    assert len(found.tables["tickets"]) == 24_918
    assert found.files.iloc[0].tolist() == [141_712, 141_712, 0]


def test_reopenings_agree_with_the_logs_own_count_but_for_one(log):
    """Incident 0000137 is New again, by its clock, after it was resolved; its counter says 0."""
    tickets, own = log[0].tables["tickets"].set_index("ticket_id"), log[1]
    assert list(tickets.index[tickets["count_reopens"] != own[0].reindex(tickets.index)]) == [
        "0000137"
    ]


def test_reassignments_are_the_logs_own_count(log):
    """Its rows show fewer moves between groups (86% of incidents agree): not every one is a row."""
    tickets, own = log[0].tables["tickets"].set_index("ticket_id"), log[1]
    assert (tickets["group_changes"] == own[1].reindex(tickets.index)).all()
