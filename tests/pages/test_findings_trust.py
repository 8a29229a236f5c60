"""Notebook 01 says what the tables of quality hold, and what each missing field costs."""

import pandas as pd
import pytest

from cxresearch.pages import can_we_trust_the_data as trust
from cxresearch.study.answers import CannotTell
from tests.kpis.quality.studies import START, daily, study

ONE = {"customer_id": ["ann"], "started_at": [START], "observed_until": [START]}
CHURN = {"customers": pd.DataFrame(ONE), "identities": pd.DataFrame(
    {"requester_id": ["ann"], "customer_id": ["ann"]})}  # fmt: skip


@pytest.fixture(scope="module")
def quiet():
    return daily(lambda day: 1, days=200)


def test_what_is_steady_is_said_to_be(quiet):
    assert trust.spans(quiet).text == "No field begins or ends in the middle of the time."
    assert "no jump" in trust.clock(quiet).text
    assert trust.weekends(quiet).text.endswith("does not jump from one quarter to the next.")
    assert "no days in a row" in trust.gaps(quiet).text


def test_the_share_of_weekends_has_its_interval_and_count(quiet):
    said = trust.weekends(quiet)
    assert said.text.startswith("28.0% (95% interval 22.2% to 34.6%; 56 of 200) of tickets")
    assert said.numbers["count"] == 56


def test_weekends_that_begin_are_named_with_their_quarters():
    made = daily(lambda day: 2 if day % 7 < 5 or day >= 91 else 0, 182)
    assert "**jumps** (2024Q1 to 2024Q2 from 0% to 29%)" in trust.weekends(made).text


def test_the_largest_gap_is_named_with_its_days():
    said = trust.gaps(daily(lambda day: 0 if 70 <= day < 75 or day == 90 else 25))
    assert "were expected: 2. The largest is from 2024-03-11 to 2024-03-15" in said.text
    assert said.numbers["expected"] == pytest.approx(5 * 25 * 16 / 17, abs=9)


def test_fields_that_begin_are_named_as_plain_text():
    created = [START] * 30 + [START + pd.DateOffset(months=1)] * 30
    made = study(created, first_reply_at=[None] * 30 + [START] * 30)
    assert "middle of the time: 1 (first\\_reply\\_at)" in trust.spans(made).text


def test_each_missing_field_is_a_sentence(quiet):
    said = trust.impossible(quiet).text.splitlines()
    assert (
        "- Without **count\\_reopens** nobody can tell whether a solved ticket stayed solved."
    ) in said
    assert all(line.startswith("- Without **") and line.endswith(".") for line in said)


def test_where_nobody_can_leave_the_match_cannot_be_told(quiet):
    for told in (trust.match_table, trust.months, trust.value_table):
        assert isinstance(told(quiet), CannotTell)


def test_the_match_is_in_percent():
    made = study(subject=["a", "b"], requester_id=["ann", "bob"], tables=CHURN)
    assert trust.match_table(made).loc["tickets with an account", "share %"] == 50
    assert trust.months(made)["of"].tolist() == [2]
    assert isinstance(trust.value_table(made), CannotTell)
    assert "only 50% of tickets find their customer" in trust.linked(made).reason
