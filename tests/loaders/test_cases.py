"""Small inputs in cases/ that people met with real exports, each with what it must give."""

from pathlib import Path

import pandas as pd
import pytest

from cxresearch import loaders

CASES = Path(__file__).parent / "cases"


def read(case, file, mapping="map.toml", **declared):
    folder = CASES / case
    return loaders.read("mapped", folder / file, mapping=folder / mapping, **declared)


def tickets(case, file, *args, **declared):
    return read(case, file, *args, **declared)[1].tables["tickets"]


def test_a_ticket_of_an_event_log_is_created_at_its_first_row():
    found = tickets("event_log_created_at", "log.csv")
    assert found["created_at"].tolist() == [pd.Timestamp("2012-10-09T14:50:17Z")]
    assert found["updated_at"].tolist() == [pd.Timestamp("2012-11-09T12:54:39Z")]


def test_words_come_before_any_reading_of_yes_and_no():
    found = tickets("flag_words_overridden", "tickets.csv")
    assert found["is_merged"].tolist() == [False, False, True]
    assert found["status"].tolist() == ["new", "open", "closed"]


def test_a_list_of_json_records_is_read():
    found = tickets("json_for_mapped", "tickets.json")
    assert found[["ticket_id", "status"]].to_numpy().tolist() == [["1", "open"]]


def test_people_are_joined_by_a_key_without_any_organization(tmp_path):
    folder = CASES / "key_without_organization"
    export, found = read("key_without_organization", ".")
    assert len(found.tables["tickets"]) == 2
    assert found.tables["identities"]["method"].tolist() == ["key", "key"]
    assert "2 of 2 people who wrote were joined to an account: 2 by key." in export.notes
    assert (folder / "accounts.csv").is_file()


def test_a_ticket_and_its_survey_come_from_one_row():
    found = read("one_file_two_tables", "tickets.csv")[1]
    surveys = found.tables["surveys"]
    assert (len(found.tables["tickets"]), len(surveys)) == (3, 3)
    assert surveys["responded_at"].notna().tolist() == [True, True, False]
    assert surveys["score_raw"].dropna().tolist() == [5, 1]
    assert found.files.loc["tickets.csv"].tolist() == [3, 3, 0]


def test_tags_are_lists_of_words_however_they_are_written():
    found = tickets("tags_written_as_lists", "tickets.csv")
    assert [list(words) for words in found["tags"]] == [["security", "credit card"]] * 3


@pytest.mark.parametrize("mapping", ["map.toml", "map_madrid.toml"])
def test_times_that_end_in_z_need_no_zone(mapping):
    found = tickets("z_times_refused_as_local", "tickets.csv", mapping)
    assert found["created_at"].dt.hour.tolist() == [9, 9]


def test_records_that_a_tool_wrapped_are_nine_tickets():
    _, found = loaders.read("auto", CASES / "singer_records")
    assert len(found.tables["tickets"]) == 9
    assert found.files[["read", "quarantined"]].to_numpy().tolist() == [[9, 0]]


def test_the_data_export_service_of_salesforce_is_known():
    found = loaders.load("auto", CASES / "salesforce_data_export_service")["tickets"]
    assert found["created_at"].dt.strftime("%FT%TZ").tolist() == [
        "2026-06-09T18:24:44Z", "2026-06-09T18:30:00Z"
    ]  # fmt: skip
    assert found["status"].tolist() == ["new", "closed"]
    assert found["closed_at"].iloc[1] == pd.Timestamp("2026-06-10T08:00:00Z")
    assert found["follow_up_of_ticket_id"].isna().all()
    assert found["requester_id"].isna().tolist() == [False, True]
