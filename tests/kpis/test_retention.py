"""Retention: on paper, and the cohort's own ratio where nobody is censored."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.kpis.retention import retention
from tests.kpis.desk import customer, day, desk, ticket, whole


def study(lives, until=365, **more):
    """lives are (joined, left or None)."""
    rows = [customer(str(i), left, joined, observed_until=day(until))
            for i, (joined, left) in enumerate(lives)]  # fmt: skip
    return desk([ticket("t", "0", 0)], customers=rows, until=until, **more)


def test_those_still_there_are_censored():
    # One of five leaves on day 10, one is lost from sight on day 20, one of three leaves on day 30.
    lives = [(0, 10), (345, None), (0, 30), (0, None), (0, None)]
    assert whole(retention(study(lives), 100))["estimate"] == pytest.approx(4 / 5 * 2 / 3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 300), min_size=1, max_size=30), st.integers(1, 60))
def test_with_nobody_censored_it_is_the_cohorts_ratio(stays, days):
    lives = [(0, stay if stay < 150 else None) for stay in stays]
    found = whole(retention(study(lives), days))
    assert found["estimate"] == pytest.approx(np.mean([left is None or left > days
                                                       for _, left in lives]))  # fmt: skip
    assert found["low"] <= found["estimate"] <= found["high"]
    assert found["mature"]


def test_who_joined_before_departures_are_known_counts_from_then_on_only():
    # The old customer is under observation from its day 50 on: 1 of 2 leaves on day 60, not of 3.
    since = {"customers_from": day(0).isoformat()}
    lives = [(-50, None), (0, 60), (0, 40)]
    found = whole(retention(study(lives, **since), 100))
    assert found["estimate"] == pytest.approx(1 / 2 * 1 / 2)
    old = whole(retention(study([*lives, (-200, None)], **since), 100))
    assert old["estimate"] == found["estimate"]
    assert old["why"].startswith("1 customers left out")


def test_who_joined_too_lately_to_tell_is_not_told():
    found = whole(retention(study([(300, None), (300, 310)]), 365))
    assert found["verdict"] == "cannot tell"


def test_a_month_is_that_of_joining_and_says_if_its_year_is_over():
    lives = [(0, 20), (0, None), (40, None)]
    found = retention(study(lives, until=70), 60, by="month").frame
    assert found.index.tolist() == ["all", "2025-01", "2025-02"]
    assert found["mature"].tolist() == [False, True, False]
    assert found.loc["2025-01", "estimate"] == 1 / 2


def test_a_forum_cannot_tell_who_stays():
    assert whole(retention(desk([ticket("t", "p", 0)])))["verdict"] == "does not apply"
