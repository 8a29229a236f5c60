"""From text to canonical tables: nothing lost, nothing guessed."""

import json
import time

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxresearch.study.conform import conform, typed
from cxresearch.study.schema import SURVEYS, TICKETS, InputError

DAY = "2025-01-01T00:00:00Z"
UTC_DAY = pd.Timestamp(DAY)


def tickets(n=1, **columns):
    made = {"ticket_id": [f"t{i}" for i in range(n)], "created_at": [DAY] * n}
    return pd.DataFrame(made | {"status": ["open"] * n} | columns, dtype="object")


def events(*ticket_ids):
    n = len(ticket_ids)
    made = {"event_id": [f"e{i}" for i in range(n)], "ticket_id": list(ticket_ids)}
    return pd.DataFrame(made | {"event_at": [DAY] * n, "event_type": ["reply"] * n})


def kept(column, texts):
    """What the fields of a column become, a row each; no row may be set aside."""
    found = conform({"tickets": tickets(len(texts), **{column: texts})}, {})
    assert found.quarantine["reason"].tolist() == []
    return found.tables["tickets"][column].tolist()


def reasons(column, texts):
    """Why rows with these fields are set aside; none may be kept."""
    found = conform({"tickets": tickets(len(texts), **{column: texts})}, {})
    assert len(found.tables["tickets"]) == 0, found.tables["tickets"][column].tolist()
    return set(found.quarantine["reason"])


FIELD = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.text(st.characters(), max_size=6).map(lambda text: f"\0{text}\ud83d"),
    st.sampled_from(["", " ", "\u200b", "NA", "open", DAY, "1", "12.5", "true", "[]", '["a"]']),
    st.integers(10_000, 30_000).map("x".__mul__),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(FIELD, min_size=7, max_size=7), max_size=6))
def test_rows_read_are_rows_kept_plus_rows_set_aside(rows):
    columns = "ticket_id created_at status subject tags count_reopens is_spam".split()
    found = conform({"tickets": pd.DataFrame(rows, columns=columns, dtype="object")}, {})
    kept, aside = len(found.tables["tickets"]), found.quarantine
    assert kept + len(aside) == len(rows) == found.rows["read"].sum()
    assert (aside["reason"] != "").all()


@settings(max_examples=6, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=30))
def test_free_text_is_kept_as_it_was_written(texts):
    assert kept("description", texts) == texts


def test_a_time_with_an_offset_is_the_instant_it_names():
    named = {
        "2025-06-01T12:00:00Z": "2025-06-01 12:00",
        "2025-06-01T12:00:00+02:00": "2025-06-01 10:00",
        "2025-06-01 12:00-0530": "2025-06-01 17:30",
        "2025-06-01T12:00:00.25+02": "2025-06-01 10:00:00.25",
    }
    instants = [pd.Timestamp(instant, tz="UTC") for instant in named.values()]
    assert kept("created_at", list(named)) == instants


def test_what_is_no_time_with_an_offset_is_set_aside():
    texts = ["2025-06-01T12:00:00", "2025-06-01", "01/02/2025 12:00Z", "2025-02-30T00:00:00Z"]
    texts += ["2025-06-01T12:00+99:00", "2025-06-01T25:00Z", f" {DAY}", f"{DAY}\n", "now", "17e8"]
    assert reasons("created_at", texts) == {"created_at is not a time with its offset from UTC"}


def test_whole_numbers_are_read():
    assert kept("count_reopens", ["12", "+3", "-1", "007"]) == [12, 3, -1, 7]


def test_what_is_no_whole_number_is_set_aside():
    texts = ["12.5", "1e3", "1_000", "1,000", "9" * 20, "12 ", "１２", "many"]
    assert reasons("count_reopens", texts) == {"count_reopens is not a whole number"}


def test_a_flag_is_the_word_true_or_false_in_any_case():
    assert kept("is_spam", ["true", "True", "TRUE", "False"]) == [True, True, True, False]


def test_no_other_word_is_a_flag():
    texts = ["yes", "no", "1", "0", "t", "maybe", "None"]
    assert reasons("is_spam", texts) == {"is_spam is not true or false"}


def test_what_is_no_finite_number_is_set_aside():
    texts = ["nan", "inf", "1e999", "1_000", "7,5", "7 of 10"]
    rows = [dict(survey_id=t, kind="nps", offered_at=DAY, score_raw=t) for t in texts]
    found = conform({"surveys": pd.DataFrame(rows)}, {})
    assert found.quarantine["reason"].tolist() == ["score_raw is not a number"] * len(texts)


def test_a_list_is_json():
    read = kept("tags", ["[]", '["a, b", "c"]', r'["\u00e9\"x"]'])
    assert [list(words) for words in read] == [[], ["a, b", "c"], ['é"x']]


def test_what_is_no_json_list_of_words_is_set_aside():
    texts = ["a,b", "[a, b]", '["a"', "null", "[null]", "[1]", '[["a"]]', '{"a": 1}']
    assert reasons("tags", texts) == {"tags is not a list of words"}


def test_ids_stay_as_they_were_written():
    texts = ["00012", "12345678901234567", "1e5", "NA", "null", "None", "nan", "12 "]
    assert kept("ticket_id", texts) == texts


def test_words_for_nothing_are_words():
    texts = ["NA", "null", "None", "nan", "N/A"]
    assert kept("subject", texts) == texts


def test_a_needed_field_in_which_nothing_can_be_seen_is_empty():
    nothing = [None, float("nan"), pd.NA, "", "  ", "\t\n", "\u200b\xa0", "\0"]
    assert reasons("ticket_id", nothing) == {"ticket_id is empty"}


@pytest.mark.parametrize("column", ["requester_id", "updated_at", "count_reopens", "closed_by"])
def test_a_blank_field_is_null_where_it_may_be(column):
    assert all(map(pd.isna, kept(column, ["", " ", None])))


def test_nobody_becomes_a_customer_whose_id_is_blank():
    found = conform({"tickets": tickets(2, requester_id=["", "  "])}, {}).tables["tickets"]
    assert found["requester_id"].isna().all()
    assert all("no_requester" in flags for flags in found["dq_flags"])


def test_a_status_must_be_one_of_the_eight_words():
    (says,) = reasons("status", ["Open", "OPEN", "solved ", "done"])
    assert says.startswith("status is none of new, open, pending")


def test_a_row_that_breaks_two_rules_tells_both():
    found = conform({"tickets": tickets(created_at=["soon"], status=[None])}, {})
    says = "created_at is not a time with its offset from UTC; status is empty"
    assert found.quarantine["reason"].item() == says


def test_half_a_character_is_replaced_and_loses_no_row():
    assert kept("subject", ["thumbs \ud83d up", None])[0] == "thumbs \ufffd up"


def test_of_the_same_ticket_the_newest_row_is_kept():
    updated = ["2025-02-01T00:00:00Z", "2025-03-01T00:00:00Z", None]
    found = conform({"tickets": tickets(3, ticket_id=["7"] * 3, updated_at=updated)}, {})
    assert found.tables["tickets"]["updated_at"].item() == pd.Timestamp(updated[1])
    assert found.quarantine["row"].tolist() == [1, 3]
    assert found.quarantine["reason"].str.contains("the same ticket_id").all()


def test_of_rows_equally_new_the_later_one_is_kept():
    found = conform({"tickets": tickets(2, ticket_id=["7"] * 2, subject=["first", "second"])}, {})
    assert found.tables["tickets"]["subject"].item() == "second"


def test_a_broken_row_never_takes_the_place_of_a_sound_one():
    frame = tickets(2, ticket_id=["7"] * 2, status=["open", "nonsense"])
    assert conform({"tickets": frame}, {}).tables["tickets"]["status"].item() == "open"


def test_events_of_tickets_that_were_set_aside_are_set_aside_too():
    raw = {"ticket_events": events("t0", "t1", "elsewhere"), "tickets": tickets(2)}
    raw["tickets"].loc[1, "status"] = "nonsense"
    found = conform(raw, {})
    assert found.tables["ticket_events"]["ticket_id"].tolist() == ["t0"]
    aside = found.quarantine.query("table == 'ticket_events'")
    assert aside["reason"].str.contains("its ticket_id is not among the tickets kept").all()


def test_events_without_a_tickets_table_are_kept():
    assert len(conform({"ticket_events": events("anything")}, {}).tables["ticket_events"]) == 1


def test_quarantine_tells_file_row_reason_and_original():
    frame = tickets(3, status=["open", "?", "open"], subject=["a", 'é "b"', "c"])
    row = conform({"tickets": frame}, {"tickets": "export.csv"}).quarantine.iloc[0]
    assert (row["table"], row["file"], row["row"]) == ("tickets", "export.csv", 2)
    assert json.loads(row["original"]) == frame.loc[1].to_dict()


def test_a_row_that_its_loader_sets_aside_has_that_reason_alone():
    frame = tickets(2, _aside=["a pull request", None], status=["nonsense", "open"])
    found = conform({"tickets": frame}, {})
    assert found.quarantine[["row", "reason"]].to_numpy().tolist() == [[1, "a pull request"]]
    assert found.tables["tickets"]["ticket_id"].tolist() == ["t1"]


def test_odd_rows_are_kept_and_flagged():
    frame = tickets(first_solved_at=["2024-12-31T00:00:00Z"], requester_id=["ann"])
    flags = conform({"tickets": frame}, {}).tables["tickets"]["dq_flags"].item()
    assert list(flags) == ["solved_before_created", "no_words"]


def test_a_ticket_last_solved_before_it_was_created_is_flagged_where_the_first_is_unknown():
    frame = tickets(last_solved_at=["2024-12-31T00:00:00Z"])
    flags = conform({"tickets": frame}, {}).tables["tickets"]["dq_flags"].item()
    assert "solved_before_created" in flags


def test_an_unknown_column_or_table_is_named():
    with pytest.raises(InputError, match="no column colour"):
        conform({"tickets": tickets(colour=["red"])}, {})
    with pytest.raises(InputError, match="'orders' is no canonical table"):
        conform({"orders": tickets()}, {})


def test_a_column_that_stands_twice_is_named():
    frame = pd.concat([tickets(), tickets()[["status"]]], axis=1)
    with pytest.raises(InputError, match="holds the column status twice"):
        conform({"tickets": frame}, {})


def test_an_empty_frame_gives_an_empty_table_with_every_column():
    found = conform({"tickets": tickets(0)}, {})
    assert list(found.tables["tickets"].columns) == TICKETS.names
    assert found.rows.loc["tickets"].tolist() == [0, 0, 0]


def test_rows_without_any_column_are_set_aside_not_lost():
    found = conform({"tickets": pd.DataFrame(index=range(3))}, {})
    assert found.quarantine["row"].tolist() == [1, 2, 3]


def test_the_frame_given_stays_as_it_was():
    frame = tickets(2, status=["open", "?"]).set_index(pd.Index([5, 5]))
    before = frame.copy(deep=True)
    conform({"tickets": frame}, {})
    pd.testing.assert_frame_equal(frame, before)


def test_ten_thousand_broken_rows_take_seconds():
    frame = tickets(10_000, created_at=["soon"] * 10_000, subject=["word " * 20] * 10_000)
    begun = time.process_time()
    assert len(conform({"tickets": frame}, {}).quarantine) == 10_000
    assert time.process_time() - begun < 8


@pytest.mark.parametrize(
    ("column", "value"),
    [("ticket_id", 17.0), ("created_at", DAY), ("created_at", 17), ("is_spam", "true"),
     ("created_at", UTC_DAY.tz_localize(None)), ("count_reopens", "1"), ("count_reopens", 1.5),
     ("tags", "a"), ("tags", [1]), ("subject", b"bytes")],
)  # fmt: skip
def test_a_typed_table_refuses_a_column_of_another_type(column, value):
    row = {"ticket_id": "1", "created_at": UTC_DAY, "status": "open", "dq_flags": []}
    with pytest.raises(InputError, match=f"{column} must hold"):
        typed(TICKETS, pd.DataFrame([row | {column: value}]))


def test_a_typed_table_refuses_the_same_key_twice():
    row = {"survey_id": "7", "kind": "nps", "offered_at": UTC_DAY}
    with pytest.raises(InputError, match="holds survey_id '7' twice"):
        typed(SURVEYS, pd.DataFrame([row, row]))


@pytest.mark.parametrize("nothing", [None, "", " "])
def test_a_typed_table_refuses_an_empty_key(nothing):
    rows = [{"survey_id": key, "kind": "nps", "offered_at": UTC_DAY} for key in ("1", nothing)]
    with pytest.raises(InputError, match="row 2: survey_id is empty"):
        typed(SURVEYS, pd.DataFrame(rows))
