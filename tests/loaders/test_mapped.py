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


@pytest.fixture
def of_files(tmp_path):
    """What files, by name, give with a mapping."""

    def of(mapping, **files):
        (tmp_path / "m.toml").write_text(mapping)
        for name, text in files.items():
            stem, _, end = name.rpartition("_")
            (tmp_path / f"{stem}.{end}").write_text(text)
        return loaders.read("mapped", tmp_path, mapping=tmp_path / "m.toml")

    return of


UTC = 'time_zone = "UTC"\n'
TICKETS = """
[tickets]
columns = {ticket_id="id", created_at="at", status="is", first_reply_at="frt", tags="tags"}
"""


def test_a_first_answer_is_told_by_minutes_and_by_what_means_never(of_files):
    more = 'durations.first_reply_at = "minutes"\nmissing.first_reply_at = ["0"]'
    text = "id,at,is,frt,tags\n1,2026-01-01 10:00,open,15,\n2,2026-01-01 10:00,open,0,\n"
    found = of_files(UTC + TICKETS + more, t_csv=text + "3,2026-01-01 10:00,open,soon,\n")[1]
    replied = found.tables["tickets"]["first_reply_at"]
    assert replied[0] == pd.Timestamp("2026-01-01T10:15Z")
    assert replied.isna().tolist() == [False, True]
    assert found.quarantine["row"].tolist() == [3]


def test_each_column_may_write_times_in_its_own_way(of_files):
    more = 'times.first_reply_at = "epoch"\ntimes.created_at = "%d.%m.%Y %H:%M %z"'
    text = "id,at,is,frt,tags\n1,02.03.2026 10:15 +0100,open,1772442930.0,\n"
    found = of_files(TICKETS + more, t_csv=text)[1].tables["tickets"]
    assert found["created_at"].item() == pd.Timestamp("2026-03-02T09:15Z")
    assert found["first_reply_at"].item() == pd.Timestamp("2026-03-02T09:15:30Z")


def test_a_form_of_times_that_is_none_is_refused(of_files):
    with pytest.raises(InputError, match=r"times of created_at are '%Q' .* no form"):
        of_files(UTC + TICKETS + 'times.created_at = "%Q"', t_csv="id,at,is,frt,tags\n1,2,3,4,5\n")


@pytest.mark.parametrize(
    ("texts", "more", "lists", "said"),
    [
        (["credit card", "a,b"], "", [["credit card"], ["a", "b"]], False),
        (["credit card", "['a']"], "", [["credit card"], ["a"]], False),
        (["billing urgent", "vip"], "", [["billing", "urgent"], ["vip"]], True),
        (["credit card", "vip"], 'split.tags = ","', [["credit card"], ["vip"]], False),
        (["a/b-c d", "e"], 'split.tags = "/-"', [["a", "b", "c d"], ["e"]], False),
    ],
)
def test_a_tag_may_have_several_words(of_files, texts, more, lists, said):
    rows = "".join(f'{i},2026-01-01,open,,"{text}"\n' for i, text in enumerate(texts))
    export, found = of_files(UTC + TICKETS + more, t_csv="id,at,is,frt,tags\n" + rows)
    assert [list(words) for words in found.tables["tickets"]["tags"]] == lists
    assert any("write split.tags" in note for note in export.notes) == said


PEOPLE = """
time_zone = "UTC"
match = ["key"]
[tickets]
columns = {ticket_id = "id", created_at = "at", status = "is", requester_id = "who", key = "who"}
[customers]
columns = {customer_id = "account", started_at = "since", key = "account"}
fixed = {observed_until = "2026-07-01T00:00:00Z"}
"""


def test_numbers_that_a_spreadsheet_wrote_join_if_exact_and_are_said(of_files):
    export, found = of_files(
        PEOPLE,
        t_csv="id,at,is,who\n1.0,2026-01-01,open,501.0\n2.0,2026-01-01,open,5.02E+02\n"
        "3.0,2026-01-01,open,5.03E+17\n",
        a_csv="account,since\n501,2025-01-01\n502,2025-01-01\n5.03E+17,2025-01-01\n",
    )
    joined = found.tables["identities"][["requester_id", "customer_id"]].to_numpy().tolist()
    assert joined == [["501", "501"], ["502", "502"]]
    assert found.tables["tickets"]["ticket_id"].tolist() == ["1", "2", "3"]
    assert found.quarantine[["table", "row"]].to_numpy().tolist() == [["customers", 3]]
    for said in ("wrote 3 of the numbers in id as 501.0", "of 1 numbers in who a spreadsheet kept"):
        assert sum(said in note for note in export.notes) == 1


def test_ids_of_which_some_have_decimals_stay_as_they_are(of_files):
    rows = "1.0,2026-01-01,open,,\n1.1,2026-01-01,open,,\n"
    found = of_files(UTC + TICKETS, t_csv="id,at,is,frt,tags\n" + rows)[1]
    assert found.tables["tickets"]["ticket_id"].tolist() == ["1.0", "1.1"]


def test_phone_numbers_in_many_forms_are_one_person_and_no_number_is_left(of_files):
    found = of_files(
        PEOPLE,
        t_csv="id,at,is,who\n1,2026-01-01,open,+49 30 1234567\n2,2026-01-01,open,0049301234567\n",
        a_csv="account,since\n+49 (30) 123-4567,2025-01-01\n",
    )[1]
    who = [*found.tables["tickets"]["requester_id"], *found.tables["customers"]["customer_id"]]
    assert len({*who, *found.tables["identities"]["requester_id"]}) == 1
    assert who[0].startswith("phone:")


JSON = """
[tickets]
columns = {ticket_id = "id", created_at = "at", status = "is", requester_id = "by.id",
"""


@pytest.mark.parametrize("layout", ["[{}]", "{}", '{{"meta": {{}}, "data": [{}]}}'])
def test_json_is_read_with_nested_fields_and_lists(of_files, layout):
    records = [
        '{"id": 1, "at": "2026-03-02T09:15:30Z", "is": "open", "by": {"id": 7},'
        ' "first": ["a", "b"], "labels": [{"name": "credit card"}, {"name": "x"}]}',
        '{"id": 2, "at": "2026-03-02T09:15:30Z", "is": "open", "by": null, "labels": []}',
    ]
    mapping = JSON.replace("\ncolumns", "columns").strip() + (
        ' subject = "first[0]", tags = "labels[].name"}'
    )
    text = layout.format(("\n" if layout == "{}" else ",").join(records))
    found = of_files(mapping.replace("[tickets]", "[tickets]\n"), t_json=text)[1]
    tickets = found.tables["tickets"]
    assert tickets["ticket_id"].tolist() == ["1", "2"]
    assert [list(words) for words in tickets["tags"]] == [["credit card", "x"], []]
    assert (tickets["requester_id"][0], tickets["subject"][0]) == ("7", "a")
    assert tickets[["requester_id", "subject"]].isna().to_numpy().tolist()[1] == [True, True]


def test_a_field_that_comes_late_is_read_and_one_that_never_comes_is_refused(of_files):
    mapping = JSON.replace('requester_id = "by.id",', 'product = "p"}')
    record = '{"id": %d, "at": "2026-03-02T09:15:30Z", "is": "open"%s}'
    early = [record % (i, "") for i in range(150)]
    text = "[" + ",".join([*early, record % (999, ', "p": "car"')]) + "]"
    assert of_files(mapping, t_json=text)[1].tables["tickets"]["product"].iloc[-1] == "car"
    with pytest.raises(
        InputError, match=r"No record of t.json has 'p', which the mapping names for"
    ):
        of_files(mapping, t_json="[" + ",".join(early) + "]")


def test_satisfaction_with_a_scale_is_a_survey_of_whose_ticket_was_solved(of_files):
    mapping = (
        UTC
        + """
    [tickets]
    fixed = {scale_min = 1, scale_max = 5}
    columns = {ticket_id="id", created_at="at", status="is", closed_at="end", satisfaction_raw="cs"}
    """
    )
    rows = ["1,2026-01-01,closed,2026-01-02,5", "2,2026-01-01,closed,2026-01-02,",
            "3,2026-01-01,open,,", "4,2026-01-01,open,,1", "5,2026-01-01,open,,9"]  # fmt: skip
    export, found = of_files(mapping, t_csv="id,at,is,end,cs\n" + "\n".join(rows) + "\n")
    surveys = found.tables["surveys"].set_index("ticket_id")
    assert surveys["score_raw"].dropna().to_dict() == {"1": 5, "4": 1}
    assert surveys["responded_at"].notna().to_dict() == {"1": True, "2": False, "4": True}
    assert (len(found.tables["tickets"]), found.quarantine["table"].tolist()) == (5, ["surveys"])
    assert any("every ticket that was solved counts as asked" in note for note in export.notes)


def test_a_file_is_read_for_a_second_table_only_if_that_names_it(of_files):
    text = "id,at,is,frt,tags\n1,2026-01-01,open,,\n"
    more = (
        '[surveys]\n{}columns = {{survey_id = "id", offered_at = "at"}}\nfixed = {{kind = "csat"}}'
    )
    with pytest.raises(
        InputError, match=r't.csv has them all, but tells tickets already.*file = "t'
    ):
        of_files(UTC + TICKETS + more.format(""), t_csv=text)
    found = of_files(UTC + TICKETS + more.format('file = "t.csv"\n'), t_csv=text)[1]
    assert found.rows["kept"].tolist() == [1, 1]
    assert found.files.loc["t.csv"].tolist() == [1, 1, 0]


def test_a_pattern_names_the_only_column_that_fits(of_files):
    mapping = UTC + TICKETS.replace('"is"', '"*status*"')
    rows = "1,2026-01-01,open,,\n"
    found = of_files(mapping, t_csv="id,at,The status of it,frt,tags\n" + rows)[1]
    assert found.tables["tickets"]["status"].tolist() == ["open"]
    with pytest.raises(InputError, match=r"t.csv lacks \*status\* \(one column must fit\)"):
        of_files(mapping, t_csv="id,at,status a,status b,frt,tags\n1,2026-01-01,open,x,,\n")


@pytest.mark.parametrize(
    "more",
    [
        "fixed = {subject = \"x' || (SELECT 1) || '\"}",
        'words.status = {"o\'pen" = "open"}',
        'missing.status = ["\'); DROP TABLE tickets_1; --"]',
        'split.tags = "\']"',
        'times.first_reply_at = "%d\'), (SELECT 1) --"',
    ],
)
def test_nothing_of_a_mapping_becomes_sql(of_files, more):
    text = "id,at,is,frt,tags\n1,2026-01-01,open,,a\n"
    found = of_files(UTC + TICKETS + more, t_csv=text)[1]
    assert found.files.loc["t.csv"].tolist() == [1, 1, 0]
