"""Sums over customers in two periods, by hand: each customer is their own unit."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.kpis.period_volume import changed
from cxresearch.study.intervals import z


def counts(before, after) -> pd.DataFrame:
    return pd.DataFrame({"before": before, "after": after})


def test_a_sum_is_as_sure_as_its_customers_are_many():
    # ten customers with 1 ticket before, ten others with 3 after: 10 x 1 + 10 x 9 squared
    row = changed(counts([1] * 10 + [0] * 10, [0] * 10 + [3] * 10))
    assert (row["before"], row["after"], row["change"]) == (10, 30, 20)
    assert row["high"] - row["change"] == pytest.approx(z() * np.sqrt(100))
    assert row["before high"] - row["before"] == pytest.approx(z() * np.sqrt(10))
    assert (row["before n"], row["after n"], row["customers"]) == (10, 10, 20)


def test_who_writes_as_often_in_both_periods_brings_no_doubt():
    row = changed(counts([2] * 12, [2] * 12))
    assert row["low"] == row["change"] == row["high"] == 0


def test_a_ratio_knows_that_its_denominator_varies_too():
    # 20 customers of one ticket each, half of them of the cause: Wald's share of independent rows
    of = counts([1] * 20 + [0] * 20, [0] * 20 + [1] * 20)
    own = counts([1, 0] * 10 + [0] * 20, [0] * 20 + [1, 1, 1, 0] * 5)
    row = changed(own, of)
    assert (row["before"], row["after"], row["change"]) == (0.5, 0.75, 0.25)
    error = np.sqrt(0.5 * 0.5 / 20 + 0.75 * 0.25 / 20)
    assert row["high"] - row["change"] == pytest.approx(z() * error)


def test_of_fewer_than_ten_customers_the_count_is_told_and_no_interval():
    row = changed(counts([1] * 9, [2] * 9))
    assert row["change"] == 9
    assert np.isnan([row["low"], row["high"], row["after low"]]).all()
    assert row["why"] == "fewer than 10 customers wrote."


def test_times_a_factor_all_of_it_is():
    of = counts([1.0] * 20, [1.0] * 20)
    own = counts([1, 0] * 10, [1, 1] * 10)
    one, hundred = changed(own, of), changed(own, of, times=100)
    for name in ("before", "after", "change", "low", "high"):
        assert hundred[name] == pytest.approx(100 * one[name])
