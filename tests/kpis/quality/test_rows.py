"""What came in, was kept, set aside, left out, is odd or is there twice adds up."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.kpis import quality
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.conform import conform
from cxresearch.study.settings import Settings
from cxresearch.study.study import open_study
from cxresearch.study.writing import write_study
from tests.kpis.quality.studies import START, study

FLAG = st.sampled_from([True, False, None])


def test_rows_read_are_rows_kept_plus_rows_set_aside(tmp_path):
    rows = {"ticket_id": ["1", "2", None], "created_at": ["2024-01-01T00:00:00Z"] * 3}
    found = conform({"tickets": pd.DataFrame(rows | {"status": ["open", "?", "open"]})}, {})
    settings = Settings(outcome="return", observed_until="2024-02-01T00:00:00Z")
    write_study(tmp_path / "s", settings, found)
    opened = open_study(tmp_path / "s")
    rows = quality.conservation(opened)
    assert rows.frame.loc["tickets"].tolist() == [3, 1, 2]
    assert rows.said().text.startswith("Of 3 rows read, 1 were kept and 2 set aside (66.67%), each")
    assert quality.reasons(opened)["rows"].sum() == 2


def test_a_study_that_was_not_imported_tells_the_rows_it_holds():
    rows = quality.conservation(study(subject=["a", "b"]))
    assert rows.frame.loc["tickets", "held"] == 2
    assert rows.said().text == "The study holds 2 rows; how many were read is not known."


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(FLAG, FLAG, FLAG, st.sampled_from(["ann", None])), min_size=1))
def test_tickets_left_out_add_up_to_the_tickets_that_count(rows):
    names = ["is_spam", "is_merged", "is_deleted", "requester_id"]
    made = study(**pd.DataFrame(rows, columns=names, dtype="object").to_dict("list"))
    counts = quality.left_out(made).frame["tickets"]
    assert counts["tickets kept"] == len(rows)
    assert counts.iloc[:-1].sum() == counts["tickets counted"] == len(made.customer_tickets)


def test_a_ticket_left_out_for_two_reasons_is_counted_once():
    rows = quality.left_out(study(is_spam=[True, None], is_deleted=[True, None]))
    counts = rows.frame["tickets"]
    assert rows.said().text.startswith("Counted are 1 of 2 tickets")
    assert counts["left out: spam"] == -1
    assert counts["left out: deleted"] == 0


def test_records_are_counted_by_file_as_the_import_did(tmp_path):
    rows = {"ticket_id": ["1"], "created_at": ["2024-01-01T00:00:00Z"], "status": ["open"]}
    counts = pd.DataFrame({"read": [3], "kept": [1], "quarantined": [2]}, index=["a.csv"])
    found = conform({"tickets": pd.DataFrame(rows)}, {})
    found = replace(found, files=counts.rename_axis("file"))
    settings = Settings(outcome="return", observed_until="2024-02-01T00:00:00Z")
    write_study(tmp_path / "s", settings, found)
    assert quality.by_file(open_study(tmp_path / "s")).loc["a.csv"].tolist() == [3, 1, 2]


def test_an_import_that_did_not_count_by_file_cannot_tell():
    assert isinstance(quality.by_file(study(subject=["a"])), CannotTell)


def test_odd_tickets_are_counted_by_flag():
    found = quality.oddities(study(dq_flags=[["no_words"], [], ["no_words", "no_requester"], []]))
    assert found["tickets"].to_dict() == {"no words": 2, "no requester": 1}
    assert found.loc["no words", "share"] == pytest.approx(0.5)


def test_a_study_without_oddities_has_none():
    assert quality.oddities(study(description=["a", "b"])).empty


def test_the_same_words_are_told_apart_by_who_wrote_them_and_when():
    minutes = [0, 60, 121, 130, 140, 150, 160]
    who = ["ann", "ann", "ann", "bob", "bob", "ann", None]
    words = ["help", "help", "help", "help", "other", None, "help"]
    made = study(
        [START + pd.Timedelta(minutes=m) for m in minutes], requester_id=who, description=words
    )
    assert quality.duplicates(made)["tickets"].tolist() == [0, 1, 1, 1]


def test_rows_of_a_ticket_with_a_newer_row_are_counted_as_such(tmp_path):
    rows = {"ticket_id": ["1", "1", "2"], "created_at": ["2024-01-01T00:00:00Z"] * 3}
    rows["updated_at"] = ["2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z", None]
    found = conform({"tickets": pd.DataFrame(rows | {"status": ["open"] * 3})}, {})
    settings = Settings(outcome="return", observed_until="2024-02-01T00:00:00Z")
    write_study(tmp_path / "s", settings, found)
    twice = quality.duplicates(open_study(tmp_path / "s"))
    assert twice["tickets"].iloc[0] == 1
    assert twice["tickets"].iloc[1:].isna().all()  # no ticket has words


def test_a_flag_on_more_than_a_fifth_of_the_tickets_is_an_alarm_the_commonest_first():
    flags = [["no_words", "solved_before_created"]] * 3 + [["no_words"]] * 2 + [["odd"]] * 2
    tickets = study(dq_flags=[*flags, *([[]] * 3)]).tickets
    first, second = quality.alarms(tickets)
    assert first.text.startswith("Alarm: 5 of 10 tickets (50.0%) are flagged “no words”: what cust")
    assert second.text.startswith("Alarm: 3 of 10 tickets (30.0%) are flagged “solved before creat")
    assert second.numbers == {"n": 3, "of": 10, "share": 0.3}


def test_no_flag_on_a_fifth_or_fewer_and_no_ticket_is_no_alarm():
    assert quality.alarms(study(dq_flags=[["odd"], [], [], [], []]).tickets) == ()
    assert quality.alarms(study(dq_flags=[["odd"]]).tickets.head(0)) == ()
    assert len(quality.alarms(study(dq_flags=[["odd"]]).tickets)) == 1


def test_what_each_export_brought_is_listed_the_last_one_first(tmp_path):
    ticket = {"ticket_id": ["1"], "created_at": ["2024-01-01T00:00:00Z"], "status": ["open"]}
    found = conform({"tickets": pd.DataFrame(ticket)}, {})
    rows = [{"table": "tickets", "read": 3, "new": 2, "updated": 1}]
    imports = [{"source": "Desk", "until": f"2025-0{n}-01T00:00:00Z", "rows": rows} for n in (1, 2)]
    told = Settings(outcome="return", observed_until="2024-02-01T00:00:00Z")
    write_study(tmp_path / "one", told, found, (), {"imports": imports[:1]})
    write_study(tmp_path / "two", told, found, (), {"imports": imports})
    assert isinstance(quality.by_import(open_study(tmp_path / "one")), DoesNotApply)
    listed = quality.by_import(open_study(tmp_path / "two"))
    assert listed.index.tolist() == [2, 1]
    assert listed["until"].tolist() == ["2025-02-01", "2025-01-01"]
