"""Person-time, Poisson rates and time since an exposure: by hand, against R, and sums kept."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from cxresearch.study.schema import InputError
from cxresearch.survival import coxph, person_time, poisson_hazard, since_exposure
from tests.gold import REFERENCE, r_says

COVARIATES = ["unres", "recovered", "pro", "enterprise"]


@pytest.fixture(scope="module")
def episodes():
    return pd.read_csv(REFERENCE / "episodes.csv")


def test_rates_by_month_equal_r(episodes):
    cells = person_time(episodes, COVARIATES, cut=list(range(30, 721, 30)))
    sums = [len(cells), cells["events"].sum(), cells["days"].sum()]
    assert sums == r_says("pwe_poisson", "n").tolist()
    empty = cells.groupby("band")["events"].transform("sum") == 0  # such cells tell of no ratio
    found = poisson_hazard(cells[~empty], [*COVARIATES, "band"]).loc[COVARIATES]
    assert_allclose(np.log(found["rate_ratio"]), r_says("pwe_poisson", "coef"), rtol=1e-6)
    assert_allclose(found["se"], r_says("pwe_poisson", "se"), rtol=1e-6)


def test_a_rate_ratio_by_hand():
    # 6 events in 100 days against 3 in 150: 3 times the rate; its log has variance 1/6 + 1/3.
    cells = pd.DataFrame({"plan": ["a", "b"], "events": [3, 6], "days": [150.0, 100.0]})
    found = poisson_hazard(cells, ["plan"]).loc["plan_b"]
    assert found[["rate_ratio", "se"]].tolist() == pytest.approx([3, np.sqrt(0.5)])


def test_a_level_without_events_is_refused_by_name():
    cells = pd.DataFrame({"plan": ["a", "b"], "events": [3, 0], "days": [150.0, 100.0]})
    with pytest.raises(InputError, match="'plan_b' has a level without events"):
        poisson_hazard(cells, ["plan"])


row = st.tuples(st.integers(0, 5), st.integers(0, 99), st.integers(1, 99), st.integers(0, 1))


@settings(deadline=None, max_examples=60)
@given(st.lists(row, min_size=1, max_size=30), st.sets(st.integers(1, 150), max_size=5))
def test_splitting_keeps_days_and_events(found, cut):
    rows = pd.DataFrame(found, columns=["customer_id", "start", "stop", "event"])
    rows = rows.assign(stop=rows["start"] + rows["stop"])
    cells = person_time(rows, ["customer_id"], sorted(cut))
    whole = rows.assign(days=rows["stop"] - rows["start"]).groupby("customer_id")
    assert_allclose(cells.groupby("customer_id")["days"].sum(), whole["days"].sum())
    assert_allclose(cells.groupby("customer_id")["events"].sum(), whole["event"].sum())
    assert (cells["customers"] == 1).all()


def test_days_since_an_exposure_by_hand():
    # Ended on day 10: 10 days before, 30 in the first band, 20 in the last with the event.
    rows = pd.DataFrame({"customer_id": ["a", "b"], "start": 0, "stop": [60, 50], "event": [1, 0]})
    found = since_exposure(rows.assign(ended=[10, np.nan]), "ended", [30])
    assert found["since"].tolist() == ["none", "0-30", "30+", "none"]
    assert (found["stop"] - found["start"]).tolist() == [10, 30, 20, 50]
    assert found["event"].tolist() == [0, 0, 1, 0]
    assert found["since 30+"].tolist() == [0, 0, 1, 0]


def test_planted_harm_that_fades_is_found():
    # The rate doubles twice in the 60 days after day 100 for half of the customers, then no more.
    rng, n = np.random.default_rng(5), 6000
    ended = np.where(np.arange(n) % 2, 100.0, np.nan)
    left = rng.exponential(1, n)  # cumulated hazard at which each customer leaves
    extra = np.where(np.isnan(ended), 0, 3 * 60 / 400)  # what the 60 bad days add
    time = np.select(
        [left < 100 / 400, left < 160 / 400 + extra],
        [400 * left, np.where(extra > 0, 100 + (400 * left - 100) / 4, 400 * left)],
        400 * (left - extra),
    )
    rows = pd.DataFrame({"customer_id": range(n), "start": 0.0, "stop": np.minimum(time, 300)})
    rows = rows.assign(event=(time < 300).astype(int), ended=ended)
    split = since_exposure(rows, "ended", [60])
    found = coxph(split, ["since 0-60", "since 60+"]).summary_frame()
    assert found["low"]["since 0-60"] < 4 < found["high"]["since 0-60"]
    assert found["low"]["since 60+"] < 1 < found["high"]["since 60+"]
