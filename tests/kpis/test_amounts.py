"""Means and medians with intervals, by hand."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.kpis.amounts import mean_of, median_of

FIVE = pd.Series([1, 2, 2, 3, 7])
EACH = pd.Series(list("abcde"))


def test_a_mean_of_unrelated_rows_has_students_interval():
    # Mean 3, standard deviation sqrt(5.5), t of 4 degrees 2.776.
    found = mean_of(FIVE, EACH)
    assert found["estimate"] == 3
    assert found["high"] - 3 == pytest.approx(2.776 * np.sqrt(5.5 / 5), abs=1e-3)


def test_doubling_the_rows_of_each_customer_tells_nothing_new():
    twice = mean_of(pd.concat([FIVE, FIVE]), pd.concat([EACH, EACH]))
    assert twice["n"] == 10
    assert twice["high"] == pytest.approx(mean_of(FIVE, EACH)["high"], rel=0.05)
    assert twice["high"] - 3 > 0.9 * (mean_of(FIVE, EACH)["high"] - 3)


def test_one_customer_gives_no_interval():
    for measure in (mean_of, median_of):
        found = measure(FIVE, pd.Series(["a"] * 5))
        assert found["n"] == 5
        assert np.isnan(found["low"])


def test_equal_values_are_no_proof_that_the_next_is_equal_too():
    assert np.isnan(mean_of(pd.Series([2, 2, 2]), pd.Series(list("abc")))["high"])


def test_a_median_lies_between_values_that_half_the_rows_may_reach():
    # Wilson's interval of a half on 100 rows is 0.404 to 0.596.
    found = median_of(pd.Series(range(100)), pd.Series(range(100)))
    assert (found["estimate"], found["low"], found["high"]) == (49.5, 39, 60)


def test_no_rows_are_no_number():
    assert mean_of(pd.Series(dtype=float), pd.Series(dtype="str"))["n"] == 0
    assert median_of(pd.Series(dtype=float), pd.Series(dtype="str"))["n"] == 0
