"""Lists, durations and numbers are what a person takes them for; what is none stays as it is."""

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.loaders.reading import staging, times, values
from cxresearch.study.db import connect

LETTERS = st.characters(codec="utf-8", exclude_categories=["Z", "C"]) | st.just(" ")


@pytest.fixture(scope="module")
def db():
    with connect() as connection:
        connection.execute(staging.MACROS + times.MACROS + values.MACROS)
        yield connection


def ask(db, sql, *texts):
    [(found,)] = db.execute(f"SELECT {sql}", list(texts)).fetchall()
    return found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("501.0", "501"), ("501.00", "501"), ("5.01E+02", "501"), ("5.01e+02", "501"),
        ("5,01E+02", "501"), ("5.010E+02", "501"), ("1.234567E+06", "1234567"), ("1E+00", "1"),
        # digits are lost, or it is no number of a spreadsheet
        ("5.01E+17", None), ("5E+02", None), ("5.0E+02", None), ("5.012E+02", None),
        ("007.0", None), ("1.5", None), ("5e10", None), ("A-1.0", None), ("", None), ("501", None),
    ],
)  # fmt: skip
def test_a_number_that_a_spreadsheet_wrote_is_mended_only_if_no_digit_is_lost(db, text, number):
    assert ask(db, "as_id($1)", text) == (number or text)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10**15))
def test_a_whole_number_in_powers_of_ten_with_all_its_digits_is_itself(db, number):
    digits = str(number)
    written = f"{digits[0]}.{digits[1:] or '0'}E+{len(digits) - 1:02}"
    assert ask(db, "as_id($1)", written) == digits


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("['security', 'credit card']", ["security", "credit card"]),
        ('["security", "credit card"]', ["security", "credit card"]),
        ("security,credit card", ["security", "credit card"]),
        ("a; b |c", ["a", "b", "c"]),
        ('''["don't", 'it\\'s']''', ["don't", "it's"]),
        ('["caf\\u00e9", null, ""]', ["café"]),
        ("('a', 'b')", ["a", "b"]), ("('a',)", ["a"]), ("[]", []), ("[1, 2]", ["1", "2"]),
        ('{a,"credit card"}', ["a", "credit card"]), ("credit card", ["credit card"]),
        ("[\n 'a',\n 'b'\n]", ["a", "b"]), ("[broken", ["[broken"]), ("a,,b,", ["a", "b"]),
    ],
)  # fmt: skip
def test_a_list_is_its_words_however_it_is_written(db, text, words):
    assert json.loads(ask(db, "as_list($1, '[,;|]')", text)) == words


def test_a_list_of_objects_is_none_of_words(db):
    assert ask(db, "as_list($1, ',')", '[{"name": "x"}]') == '[{"name": "x"}]'


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(LETTERS, max_size=8)))
def test_words_written_by_json_come_back(db, words):
    kept = [word.strip() for word in words if word.strip()]
    assert json.loads(ask(db, "as_list($1, ',')", json.dumps(words))) == kept


@pytest.mark.parametrize(
    ("text", "unit", "seconds"),
    [
        ("90", "minutes", 5400), ("1.5", "hours", 5400), ("1,5", "hours", 5400),
        ("2", "days", 172800),
        ("0", "seconds", 0), ("1500", "milliseconds", 1.5), ("-5", "minutes", -300),
        ("1:02:03", "h:mm:ss", 3723), ("26:00:00", "h:mm:ss", 93600), ("1:02:03", "minutes", 3723),
        ("1 day, 2:03:04", "h:mm:ss", 93784), ("1.02:03:04", "h:mm:ss", 93784),
        ("-0:00:30", "h:mm:ss", -30), ("1:30", "h:mm", 5400), ("1:30", "m:ss", 90),
        ("PT1H30M", "iso", 5400), ("P1DT2H", "minutes", 93600), ("PT93784.5S", "h:mm", 93784.5),
        ("1h 30m", "iso", 5400), ("2 hours, 5 minutes", "iso", 7500), ("45 min", "days", 2700),
        # may mean two things, or nothing
        ("1:30", "minutes", None), ("1:30", "h:mm:ss", None), ("5", "iso", None),
        ("P1M", "iso", None),
        ("1,500", "hours", None), ("soon", "minutes", None), ("1..5 h", "iso", None),
        ("9" * 25, "days", None),
    ],
)  # fmt: skip
def test_a_duration_is_a_time_after_the_start(db, text, unit, seconds):
    found = ask(db, "after('2026-01-01T00:00:00Z', $1, $2)", text, unit)
    if seconds is None:
        assert found == f"{text} is no duration in {unit}"
    else:
        at = dt.datetime(2026, 1, 1) + dt.timedelta(seconds=seconds)
        assert dt.datetime.fromisoformat(found) == at.replace(tzinfo=dt.UTC)


def test_nothing_takes_no_time(db):
    assert ask(db, "after('2026-01-01T00:00:00Z', NULL, 'days')") is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-03-02T09:15:30Z", "2026-03-02T09:15:30Z"),
        ("2026-03-02 09:15:30 UTC", "2026-03-02 09:15:30Z"),
        ("2026-03-02 09:15:30 +0100", "2026-03-02 09:15:30+0100"),
        ("2026/03/02 09:15 -05", "2026-03-02 09:15-05"),
        ("2026-03-02 09:15", "2026-03-02 09:15"),
        ("02/03/2026 09:15 +0100", "02/03/2026 09:15 +0100"),
    ],
)
def test_an_offset_is_read_as_it_is_often_written(db, text, written):
    assert ask(db, "with_offset($1)", text) == written
