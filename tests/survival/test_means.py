"""Means of recurrent events: against R, by hand, by the definition of their error, and by truth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from cxresearch.survival import coxph, mean_cumulative_function
from cxresearch.survival.incidence import mean_events
from tests.gold import REFERENCE, after, r_says


@pytest.fixture(scope="module")
def recurrent():
    return pd.read_csv(REFERENCE / "recurrent.csv")


def test_where_nobody_departs_mean_and_robust_error_equal_r(recurrent):
    days = r_says("mcf", "cumhaz").index
    found = after(mean_cumulative_function(recurrent), days)
    assert_allclose(found["mean"], r_says("mcf", "cumhaz"), rtol=1e-10)
    assert_allclose(found["se"], r_says("mcf", "robust_se"), rtol=1e-10)


def test_recurrent_events_through_coxph_equal_r(recurrent):
    fit = coxph(recurrent, ["log_usage", "pro"])
    for quantity, ours in [("coef", fit.params), ("se", fit.bse), ("robust_se", fit.robust_bse)]:
        assert_allclose(ours, r_says("andersen_gill", quantity)[["log_usage", "pro"]], rtol=1e-8)


def test_who_departed_has_no_more_events():
    # Days 1 and 2: one event of 3 at risk each. On day 3 b departs (2/3 stay), so the event of day
    # 4 among 2 adds 2/3 * 1/2. Taking b for censored adds 1/2.
    rows = pd.DataFrame(
        {
            "customer_id": list("aaabbc"),
            "start": [0, 1, 4, 0, 2, 0],
            "stop": [1, 4, 6, 2, 3, 5],
            "event": [1, 1, 0, 1, 0, 0],
            "left": [0, 0, 0, 1, 1, 0],
        }
    )
    found = mean_cumulative_function(rows, terminal="left").set_index("day")["mean"]
    assert found[[1, 2, 3, 4]].tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1])
    assert mean_cumulative_function(rows)["mean"].max() == pytest.approx(7 / 6)


row = st.tuples(
    st.integers(0, 4), st.integers(0, 4), st.integers(1, 5), st.booleans(), st.booleans()
)


@settings(deadline=None, max_examples=60)
@given(st.lists(row, min_size=3, max_size=15), st.integers(1, 9))
def test_influence_is_the_change_of_the_mean_with_a_customers_weight(found, day):
    who, start, length, event, ends = np.array(found, int).T
    ends = ends * (start + length < 9)  # somebody may be left at the end or nobody
    columns = who, start, start + length, event, ends
    influence = mean_events(*columns)[1](day)[1]
    for customer, ours in influence.items():
        more, less = (mean_events(*columns, 1 + e * (who == customer)) for e in (1e-5, -1e-5))
        changed = (more[1](day)[0] - less[1](day)[0]) / 2e-5
        assert ours == pytest.approx(changed, abs=1e-7)


@settings(deadline=None, max_examples=60)
@given(st.lists(row, min_size=3, max_size=15))
def test_the_error_is_the_root_of_squared_influences(found):
    who, start, length, event, ends = np.array(found, int).T
    table, on = mean_events(who, start, start + length, event, ends)
    squares = [(on(day)[1] ** 2).sum() for day in table["day"]]
    assert_allclose(table["se"] ** 2, squares, atol=1e-12)


def lives(seed: int, n: int = 200) -> pd.DataFrame:
    """Customers who depart at a rate of 1/200 and have a ticket every 50 days on average, some more
    than others, watched for 100 to 400 days."""
    rng = np.random.default_rng(seed)
    departs, watched = rng.exponential(200, n), rng.uniform(100, 400, n)
    last, rate = np.minimum(departs, watched), rng.gamma(2, 0.5, n) / 50
    times = np.cumsum(rng.exponential(1, (n, 60)) / rate[:, None], axis=1)
    who, k = np.nonzero(times < last[:, None])
    stops = pd.DataFrame({"customer_id": who, "stop": times[who, k], "event": 1})
    rows = pd.concat([stops, pd.DataFrame({"customer_id": range(n), "stop": last, "event": 0})])
    rows = rows.sort_values(["customer_id", "stop"], ignore_index=True)
    start = rows.groupby("customer_id")["stop"].shift(fill_value=0.0)
    return rows.assign(start=start, left=(departs < watched)[rows["customer_id"]])


def test_the_mean_with_departures_is_the_true_one_and_its_interval_covers():
    truth, found = 200 / 50 * (1 - np.exp(-1)), []
    for seed in range(150):
        curve = mean_cumulative_function(lives(seed), terminal="left")
        found.append(curve[curve["day"] <= 200].iloc[-1])
    found = pd.DataFrame(found)
    assert found["mean"].mean() == pytest.approx(truth, rel=0.01)
    assert 0.91 <= ((found["low"] < truth) & (truth < found["high"])).mean() <= 0.99
    assert found["se"].mean() == pytest.approx(found["mean"].std(), rel=0.15)
