"""Cumulative incidence with competing ends, by hand, and its errors with customers as clusters."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from statsmodels.duration.survfunc import CumIncidenceRight

from cxresearch import CannotTell
from cxresearch.survival import against_rest, at_days, cumulative_share, event_weights, share_by_day
from cxresearch.survival import cumulative_incidence as incidence
from tests.gold import REFERENCE, after, r_says


def rows(times, status, customers=None, group="all") -> pd.DataFrame:
    who = customers or [str(i) for i in range(len(times))]
    return pd.DataFrame({"customer_id": who, "time": times, "status": status, "group": group})


def test_who_left_can_no_longer_come_back():
    # At risk 5, 4, 2, 1: 1/5 at day 1; the one who left at 2 and the censored at 3 are gone, so at
    # day 4 the share is 1/5 + 3/5 * 1/2 = 1/2. Taking who left for censored would say 3/5.
    curve = incidence(rows([1.0, 2, 3, 4, 5], [1, 2, 0, 1, 0]), "group")
    shares = at_days(curve, "group", [1, 3, 4])["share"]
    assert shares.tolist() == pytest.approx([1 / 5, 1 / 5, 1 / 5 + 3 / 5 / 2])


def test_without_censoring_and_ties_the_error_is_that_of_a_share():
    curve = incidence(rows([1.0, 2, 3, 9, 9, 9, 9, 9, 9, 9], [1] * 3 + [0] * 7), "group")
    row = at_days(curve, "group", [5]).iloc[0]
    error = np.sqrt(0.3 * 0.7 / 10)
    width = np.exp(1.959964 * error / (0.7 * -np.log(0.7)))
    assert [row["low"], row["high"]] == pytest.approx([1 - 0.7 ** (1 / width), 1 - 0.7**width])


def test_the_same_rows_twice_for_each_customer_tell_nothing_new():
    times, status = [1.0, 2, 3, 4, 5, 6, 7, 8], [1, 0, 2, 1, 0, 1, 0, 0]
    who = [str(i) for i in range(8)]
    once = incidence(rows(times, status, who), "group")
    twice = incidence(rows(times * 2, status * 2, who * 2), "group")
    columns = ["day", "share", "low", "high"]
    seen = twice["share"] > 0
    assert twice.loc[seen, columns].to_numpy() == pytest.approx(once.loc[seen, columns].to_numpy())


def test_before_the_first_event_the_bound_is_exact():
    row = at_days(incidence(rows([5.0] * 10, [0] * 10), "group"), "group", [5]).iloc[0]
    assert (row["share"], row["low"]) == (0, 0)
    assert row["high"] == pytest.approx(1 - 0.025**0.1)


def test_nobody_in_the_cohort_cannot_tell():
    assert isinstance(incidence(rows([], []), "group"), CannotTell)


@pytest.mark.parametrize("cause", [1, 2])
def test_the_share_and_its_error_by_customer_equal_r(cause):
    one = pd.read_csv(REFERENCE / "onerow.csv").assign(group="all")
    one["status"] = one["cause"].map({0: 0, cause: 1, 3 - cause: 2})
    days = r_says("aalen_johansen", f"cif_{cause}").index
    found = after(incidence(one, "group"), days)
    assert_allclose(found["share"], r_says("aalen_johansen", f"cif_{cause}"), rtol=1e-10)
    assert_allclose(found["se"], r_says("aalen_johansen", f"se_{cause}"), rtol=1e-10)


def test_with_nothing_competing_it_is_one_minus_kaplan_meier():
    times, status = [1.0, 1, 2, 3, 4, 5, 5, 8], [1, 0, 0, 1, 1, 0, 1, 1]
    cohort = rows(times, status).assign(event=status)
    ours, known = incidence(cohort, "group"), cumulative_share(cohort, "group")
    assert_allclose(ours[known.columns[1:]], known[known.columns[1:]].astype(float), atol=1e-12)


lives = st.lists(st.tuples(st.integers(1, 9), st.sampled_from([0, 1, 2])), min_size=3, max_size=40)


@settings(deadline=None, max_examples=60)
@given(lives)
def test_the_shares_are_those_of_aalen_and_johansen(found):
    cohort = rows([float(t) for t, _ in found], [s for _, s in found])
    weights = event_weights(cohort)
    if not any(s == 1 for _, s in found):
        assert (weights == 0).all()
        return
    with np.errstate(all="ignore"):
        known = CumIncidenceRight(cohort["time"].to_numpy(), cohort["status"].to_numpy())
    ours = [weights[cohort["time"] <= t].sum() for t in known.times]
    assert ours == pytest.approx(list(known.cinc[0]))
    curve = incidence(cohort, "group")
    assert (curve["low"] <= curve["share"] + 1e-12).all()
    assert (curve["share"] <= curve["high"] + 1e-12).all()
    assert curve["share"].is_monotonic_increasing


def test_a_group_is_compared_with_the_rest_by_the_two_sample_error():
    # 3 of 10 against 1 of 10: difference 0.2, error sqrt(0.3*0.7/10 + 0.1*0.9/10).
    one = rows([1.0] * 3 + [9.0] * 7, [1] * 3 + [0] * 7, [f"a{i}" for i in range(10)], "a")
    two = rows([1.0] + [9.0] * 9, [1] + [0] * 9, [f"b{i}" for i in range(10)], "b")
    found = against_rest(pd.concat([one, two]), "group", 5).set_index("group").loc["a"]
    assert (found["events"], found["others"]) == (3, 1)
    assert found["difference"] == pytest.approx(0.2)
    width = 1.959964 * np.sqrt(0.03)
    assert [found["low"], found["high"]] == pytest.approx([0.2 - width, 0.2 + width])


def test_one_customers_rows_have_a_wide_interval_and_count_as_one():
    found = share_by_day(rows([1.0, 2.0, 9.0, 9.0], [1, 1, 0, 0], ["p"] * 4), 5)
    assert (found["estimate"], found["n"], found["effect"]) == (0.5, 4, 4)
    assert found["low"] < 0.15
    assert found["high"] > 0.85


def test_the_design_effect_is_that_of_customers_who_are_alike_within():
    # Ten customers of two rows that are always alike: 20 rows tell as much as 10.
    cohort = rows([1.0] * 10 + [9.0] * 10, [1] * 10 + [0] * 10, [i // 2 for i in range(20)])
    assert share_by_day(cohort, 5)["effect"] == pytest.approx(2)
    assert share_by_day(cohort.assign(customer_id=range(20)), 5)["effect"] == pytest.approx(1)


def test_the_last_value_stays_where_everybodys_end_was_seen():
    # One back, one gone, by day 3: nothing is left to see. Censored there, it cannot be told.
    for statuses, share in (([1, 2], 0.5), ([1, 0], np.nan)):
        cohort = rows([2.0, 3.0], statuses)
        found = at_days(incidence(cohort, "group"), "group", [1, 30])["share"]
        assert found.tolist() == pytest.approx([0, share], nan_ok=True)
        assert share_by_day(cohort, 30)["estimate"] == pytest.approx(share, nan_ok=True)


def test_an_interval_holds_its_share_where_nobody_came():
    found = share_by_day(rows([9.0] * 78, [0] * 78), 5)
    assert (found["estimate"], found["low"]) == (0, 0)
