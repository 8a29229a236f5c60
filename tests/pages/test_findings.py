"""Sentences say what the numbers say, and refuse where they must."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.pages import holds, words
from cxresearch.pages import who_leaves as leaves
from cxresearch.pages.words import SHARE, share
from cxresearch.study.answers import finding


def row(hr, low, high, events=20) -> pd.Series:
    return pd.Series({"hazard ratio": hr, "low": low, "high": high, "left while exposed": events})


def test_an_interval_above_one_is_a_finding():
    said = words.ratio(row(2.0, 1.5, 2.7), "customers who wait", "leave", "others")
    assert said.text.startswith("Customers who wait leave at **2.00 times** the rate of others")
    assert said.numbers == {"hr": 2.0, "low": 1.5, "high": 2.7, "events": 20}


@pytest.mark.parametrize("bounds", [(0.9, 2.0), (1.0, 2.0), (0.5, 1.0)])
def test_an_interval_that_holds_one_cannot_tell(bounds):
    said = words.ratio(row(1.2, *bounds), "customers who wait", "leave", "others")
    assert isinstance(said, CannotTell)
    assert f"{bounds[0]:.2f} to {bounds[1]:.2f}, holds 1" in said.reason


def test_without_an_estimate_the_events_are_named():
    said = words.ratio(row(np.nan, np.nan, np.nan, 3), "a", "leave", "b")
    assert "only 3 left while exposed" in said.reason


def test_a_share_carries_interval_and_denominator():
    # Wilson for 1 of 10: (0.1 + z²/20 ± z sqrt(0.09/10 + z²/400)) / (1 + z²/10) = 1.8% to 40.4%.
    assert finding(SHARE, **share(1, 10)).text == "10.0% (95% interval 1.8% to 40.4%; 1 of 10)"


def test_a_share_of_nothing_is_not_a_number():
    assert np.isnan(share(0, 0)["share"])


def causes(**columns) -> pd.DataFrame:
    frame = {"cause": ["mail"], "hazard ratio": [2.0], "low": [1.5], "high": [2.5]}
    return pd.DataFrame({**frame, "verdict": ["leave more"], **columns})


def test_causes_without_a_clear_result_cannot_be_told_apart():
    said = leaves.causes(causes(verdict=["cannot tell"]), None)
    assert isinstance(said, CannotTell)


def test_what_a_cause_lacks_to_be_tested_is_said_in_the_words_of_its_table():
    untold = causes(verdict=["cannot tell: overdue too little"], **{"hazard ratio": [float("nan")]})
    assert "1 had too few events to be tested" in leaves.causes(untold, None).reason
    said = leaves.causes(untold.assign(expected=2.0), None).reason
    assert "1 were overdue too little to be tested" in said


def test_a_hostile_cause_is_said_as_text():
    said = leaves.causes(causes(cause=["<script>alert(1)</script> *x*"]), None)
    assert "<script>" not in said.text
    assert r"\*x\*" in said.text


def test_cannot_tell_travels_through_every_sentence():
    unknown = CannotTell("no customers.")
    for ask in (leaves.causes, holds.steady):
        assert ask(unknown, None) is unknown
    for ask in (leaves.headline, leaves.second, leaves.third):
        assert ask(None, unknown) is unknown
    assert leaves.curve_table(unknown) is unknown
