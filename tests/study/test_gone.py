"""Whose ids go, what is left of tables, and who stays away."""

import pandas as pd
import pytest

from cxresearch.study.gone import (
    aside_without,
    forgotten,
    from_before,
    ids_forgotten,
    noted,
    was_forgotten,
    whose,
    without,
)
from cxresearch.study.study import Study

DAY = pd.Timestamp("2025-01-01", tz="UTC")


def days(*told):
    return [DAY + pd.Timedelta(days=day) for day in told]


@pytest.fixture
def study() -> Study:
    """C1 is ann, bob and until day 5 dan; then dan is of C2, as cem is; eve is of nobody."""
    tables = {
        "tickets": {
            "ticket_id": ["t-ann", "t-bob", "t-cem", "t-dan1", "t-dan2", "t-eve"],
            "requester_id": ["ann", "bob", "cem", "dan", "dan", "eve"],
            "created_at": days(0, 1, 2, 3, 8, 9), "status": "open",
            "merged_into_ticket_id": [None, None, "t-ann", None, None, "t-cem"],
            "follow_up_of_ticket_id": [None, None, None, None, "t-dan1", None],
        },
        "ticket_events": {
            "event_id": [*"12345"], "event_at": DAY,
            "ticket_id": ["t-ann", "t-cem", "t-cem", "t-cem", "t-cem"],
            "event_type": ["reply", "reply", "merge", "change", "change"],
            "actor_id": ["agent", "ann", "agent", "agent", "agent"],
            "body": ["a", "I am Ann", "c", None, None],
            "field": [None, None, None, "requester_id", "priority"],
            "value_from": [None, None, None, "bob", "bob"],
            "value_to": [None, None, "t-ann", "cem", None],
        },
        "customers": {"customer_id": ["C1", "C2"], "started_at": days(-9, -9),
                      "ended_at": [DAY + pd.Timedelta(days=6), pd.NaT],
                      "observed_until": days(10, 10)},
        "customer_history": {"customer_id": ["C1", "C2"], "valid_from": DAY, "field": "plan",
                             "value": "x"},
        "identities": {"requester_id": ["ann", "bob", "dan", "dan", "cem"],
                       "customer_id": ["C1", "C1", "C1", "C2", "C2"],
                       "valid_from": [pd.NaT, pd.NaT, pd.NaT, DAY + pd.Timedelta(days=5), pd.NaT],
                       "valid_to": [pd.NaT, pd.NaT, DAY + pd.Timedelta(days=5), pd.NaT, pd.NaT]},
        "surveys": {"survey_id": ["s1", "s2", "s3", "s4"], "kind": "csat",
                    "offered_at": days(1, 2, 3, 4),
                    "customer_id": ["C1", "C2", "eve", "C2"],
                    "ticket_id": [None, "t-ann", None, None]},
    }  # fmt: skip
    return Study.from_tables({name: pd.DataFrame(rows) for name, rows in tables.items()})


def tables(study: Study) -> dict[str, pd.DataFrame]:
    return {name: study.table(name) for name in study.rows}


def left(study: Study, ids) -> dict[str, set]:
    key = {"customer_history": "customer_id", "identities": "requester_id"}
    return {name: set(rows[key.get(name, rows.columns[0])])
            for name, rows in without(tables(study), ids).items()}  # fmt: skip


def test_a_customer_goes_with_all_people_of_that_account_alone_and_their_tickets(study):
    ids = whose(study, {"C1"}, set())
    assert ids["requester_id"] == {"ann", "bob"}
    assert left(study, ids) == {
        "tickets": {"t-cem", "t-dan2", "t-eve"}, "ticket_events": {*"2345"}, "customers": {"C2"},
        "customer_history": {"C2"}, "identities": {"dan", "cem"}, "surveys": {"s3", "s4"},
    }  # fmt: skip


def test_one_who_asks_goes_alone_and_the_account_stays(study):
    ids = whose(study, set(), {"eve"})
    kept = left(study, ids)
    assert "t-eve" not in kept["tickets"]
    assert "s3" not in kept["surveys"]
    assert kept["customers"] == {"C1", "C2"}


def test_rows_of_others_no_longer_name_who_went_nor_hold_what_they_wrote(study):
    rows = without(tables(study), whose(study, {"C1"}, set()))
    named = rows["tickets"].set_index("ticket_id")
    assert named.loc["t-cem", ["merged_into_ticket_id"]].isna().all()
    assert pd.isna(named.loc["t-dan2", "follow_up_of_ticket_id"])
    assert named.loc["t-eve", "merged_into_ticket_id"] == "t-cem"
    events = rows["ticket_events"].set_index("event_id")
    assert events.loc["2", ["actor_id", "body"]].isna().all()
    assert events.loc["3", "actor_id"] == "agent"
    assert pd.isna(events.loc["3", "value_to"])
    assert pd.isna(events.loc["4", "value_from"])
    assert events.loc["5", "value_from"] == "bob"  # a priority of that word is nobody


def test_what_holds_nothing_of_them_is_the_same_frame(study):
    old = tables(study)
    new = without(old, whose(study, set(), {"eve"}))
    assert new["customer_history"] is old["customer_history"]
    assert new["tickets"] is not old["tickets"]


def test_in_a_return_study_each_who_asks_is_a_customer(study):
    desk = Study.from_tables({"tickets": study.tickets, "ticket_events": study.ticket_events})
    assert whose(desk, set(), {"dan"})["ticket_id"] == {"t-dan1", "t-dan2"}


def test_all_from_before_a_day_are_tickets_invitations_and_customers_who_had_left(study):
    ids = from_before(study, DAY + pd.Timedelta(days=2))
    assert ids["ticket_id"] == {"t-ann", "t-bob"}
    assert ids["survey_id"] == {"s1"}
    assert ids["customer_id"] == set()
    assert "C1" in from_before(study, DAY + pd.Timedelta(days=7))["customer_id"]


@pytest.mark.parametrize(
    "original",
    [
        "t-ann;7;open",
        '{"requester_id": "bob"}',
        '{"id": {"of": "t-dan1"}',
        "1,reply",
        '{"x": "t ann"}',
    ],
)
def test_a_row_set_aside_goes_with_any_word_that_is_theirs(study, original):
    ids = whose(study, {"C1"}, set())
    ids["ticket_id"].add("t ann")
    aside = pd.DataFrame({"original": [original, "t-cem;annette;t-ann2", None]})
    kept = aside_without(aside, tables(study), ids, lambda words: words)
    assert kept["original"].tolist() == aside["original"].tolist()[1:]


def test_the_note_names_nobody_and_knows_them_all(study, tmp_path):
    ids = whose(study, {"C1"}, set())
    (tmp_path / "forgotten.json").write_text(noted(forgotten(tmp_path), ids, {"tickets": 3}))
    text = (tmp_path / "forgotten.json").read_text()
    assert not any(each in text for of in ids.values() for each in of)
    note = forgotten(tmp_path)
    assert note["notes"][0]["rows"] == {"tickets": 3}
    assert was_forgotten(note, "customer_id", "C1")
    assert was_forgotten(note, "ticket_id", "t-dan1")
    assert not was_forgotten(note, "ticket_id", "C1")
    assert not was_forgotten(note, "requester_id", "dan")


def test_two_studies_have_no_digest_in_common(study, tmp_path):
    ids = whose(study, {"C1"}, set())
    one, other = (forgotten(tmp_path / each) for each in "ab")
    assert one["salt"] != other["salt"]
    assert noted(one, ids, {}) != noted(other, ids, {})


def test_the_same_rows_do_not_come_back_nor_new_tickets_of_theirs(study, tmp_path):
    ids = whose(study, {"C1"}, set())
    (tmp_path / "forgotten.json").write_text(noted(forgotten(tmp_path), ids, {}))
    expected, new = without(tables(study), ids), tables(study)
    later = new["tickets"].iloc[[0]].assign(ticket_id="t-later")
    new["tickets"] = pd.concat([new["tickets"], later], ignore_index=True)
    again = without(new, ids_forgotten(tmp_path, new))
    assert again.keys() == expected.keys()
    for name, rows in again.items():
        pd.testing.assert_frame_equal(rows, expected[name])


def test_a_study_that_forgot_nobody_refuses_nobody(study, tmp_path):
    given = tables(study)
    left = without(given, ids_forgotten(tmp_path, given))
    assert all(rows is given[name] for name, rows in left.items())
