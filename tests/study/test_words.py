"""Shares, ratios and their doubt are worded from the numbers, and refuse where they must."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.study.answers import finding
from cxresearch.study.intervals import difference, normal, of_draws, wilson, z
from cxresearch.study.words import (
    LEAVING,
    RETURNING,
    SHARE,
    interval,
    intervals,
    listed,
    low_to_high,
    ratio,
    share,
    side,
    view,
)


def row(hr, low, high, events=20, reference=30, verdict="more") -> pd.Series:
    counts = {"left while exposed": events, "left in the reference": reference}
    words = {"who": "customers who wait", "against": "others", "verdict": verdict}
    return pd.Series({"hazard ratio": hr, "low": low, "high": high, **counts, **words})


def test_an_interval_above_one_is_a_finding():
    said = ratio(row(2.0, 1.5, 2.7), LEAVING)
    assert said.text == (
        "Customers who wait leave at **2.00 times** the rate of others (1.50 to 2.70)."
    )
    assert said.numbers == {"hr": 2.0, "low": 1.5, "high": 2.7, "events": 20}


def test_an_interval_that_holds_one_cannot_tell():
    said = ratio(row(1.2, 0.9, 2.0, verdict="cannot tell"), LEAVING)
    assert isinstance(said, CannotTell)
    assert "whether customers who wait leave more or less often than others" in said.reason
    assert "1.20 times the rate (0.90 to 2.00)" in said.reason


@pytest.mark.parametrize(
    ("events", "reference", "named"),
    [(3, 30, "only 3 left while exposed"), (30, 9, "only 9 left in the reference"),
     (9, 9, "only 9 left while exposed")],
)  # fmt: skip
def test_without_an_estimate_the_fewer_events_are_named(events, reference, named):
    said = ratio(row(np.nan, np.nan, np.nan, events, reference), LEAVING)
    assert said.reason == f"{named}, too few for a hazard ratio."


def test_each_outcome_brings_its_own_words():
    came = row(0.5, 0.4, 0.6).rename({"left while exposed": "returned while exposed"})
    assert "Customers who wait come back at" in ratio(came, RETURNING).text


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(1.01, 2, "more"), (0.5, 0.99, "less"), (0.9, 2, "cannot tell"), (1.0, 2, "cannot tell"),
     (0.5, 1.0, "cannot tell"), (np.nan, np.nan, "cannot tell")],
)  # fmt: skip
def test_a_side_is_told_only_where_the_whole_interval_lies_on_it(low, high, told):
    assert side([low], [high]) == [told]


def test_a_share_carries_interval_and_denominator():
    # Wilson for 1 of 10: (0.1 + z²/20 ± z sqrt(0.09/10 + z²/400)) / (1 + z²/10) = 1.8% to 40.4%.
    assert finding(SHARE, **share(1, 10)).text == "10.0% (95% interval 1.8% to 40.4%; 1 of 10)"


def test_a_share_of_nothing_is_not_a_number():
    assert np.isnan([share(0, 0)[k] for k in ("share", "low", "high")]).all()


def test_wilson_takes_columns_and_is_null_where_there_is_nobody():
    counts = pd.Series([1, 0], index=["a", "b"])
    low, high = wilson(counts, pd.Series([10, 0], index=["a", "b"]))
    assert low["a"] == pytest.approx(0.0179, abs=1e-4)
    assert high["a"] == pytest.approx(0.4042, abs=1e-4)
    assert np.isnan([low["b"], high["b"]]).all()
    assert wilson(counts, 10)[0].index.tolist() == ["a", "b"]


def test_an_interval_of_an_error_is_1_96_of_it_on_either_side():
    assert normal(1.0, 0.5) == pytest.approx((0.02, 1.98), abs=1e-3)
    assert z(0.9) == pytest.approx(1.645, abs=1e-3)


def test_draws_leave_a_fortieth_on_either_side():
    assert of_draws(np.arange(41)) == pytest.approx([1, 39])


def test_an_estimate_and_its_interval_are_one_text():
    assert interval(0.045, 0.039, 0.052) == "4.5% (3.9% to 5.2%)"
    assert interval(np.nan, 0, 1) == "–"
    frame = pd.DataFrame(
        {"kept": [2.0], "kept low": [1.0], "kept high": [3.0], "low": 9, "high": 9}
    )
    assert intervals(frame, "kept", ".0f") == ["2 (1 to 3)"]


def test_a_view_shows_the_columns_named_in_the_forms_named():
    frame = pd.DataFrame({"a b": ["x"], "s": [0.5], "low": [0.4], "high": [0.6]}, index=["row"])
    shown = view(frame, "a b", "s ±.0%", "s .1% as share", "low as least")
    assert shown.to_dict("records") == [
        {"a b": "x", "s": "50% (40% to 60%)", "share": "50.0%", "least": 0.4}
    ]
    assert shown.index.tolist() == [0]


def test_things_are_listed_with_a_word_before_the_last():
    assert (listed(["a"]), listed(["a", "b"], "or"), listed([])) == ("a", "a or b", "")


def test_two_ends_are_worded_as_one_where_they_agree():
    assert low_to_high([1.0, 2.0, np.nan], [3.04, 2.0, 1.0]) == ["1.0 to 3.0", "2.0", "–"]
    assert low_to_high([-5.0], [5.0], "+.0f") == ["-5 to +5"]


def test_a_difference_has_the_interval_of_newcombes_example():
    # Newcombe 1998, Statistics in Medicine 17, table II (a): 56/70 less 48/80, method 10.
    one, other = (56 / 70, *wilson(56, 70)), (48 / 80, *wilson(48, 80))
    assert difference(one, other) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
