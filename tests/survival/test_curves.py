"""Curves and power by hand, and against R's survival 3.5-3."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxresearch.survival import at_days, cumulative_share
from cxresearch.survival.power import smallest_hazard_ratio

REFERENCE = Path(__file__).parents[1] / "reference"


def test_shares_by_hand():
    # 5 customers: one leaves on day 1 (1/5), one is censored on day 2, one leaves on day 3 of the
    # 3 still there: survival 4/5 * 2/3.
    rows = pd.DataFrame({"time": [1, 2, 3, 4, 4], "event": [1, 0, 1, 0, 0], "group": "x"})
    curve = cumulative_share(rows, "group").set_index("day")["share"]
    assert curve[1] == pytest.approx(1 / 5)
    assert curve[3] == pytest.approx(1 - 4 / 5 * 2 / 3)
    assert curve[4].max() == pytest.approx(1 - 4 / 5 * 2 / 3)


def test_without_censoring_the_share_is_the_empirical_one():
    time = np.random.default_rng(1).permutation(np.arange(1, 41))
    rows = pd.DataFrame({"time": time, "event": 1, "group": "x"})
    found = at_days(cumulative_share(rows, "group"), "group", [10, 20])
    assert found["share"].tolist() == pytest.approx([0.25, 0.5])


def test_the_band_equals_log_log_of_r():
    one = pd.read_csv(REFERENCE / "onerow.csv").rename(columns={"status": "event"})
    one = one.assign(whole="all")
    gold = pd.read_csv(REFERENCE / "gold.csv", keep_default_na=False)
    gold = gold[gold["case"] == "km_loglog"].astype({"time": "str", "value": float})
    gold = gold.assign(time=pd.to_numeric(gold["time"])).set_index(["quantity", "time"])["value"]
    days = [30, 90, 180, 365]
    found = at_days(cumulative_share(one, "whole"), "whole", days).set_index("day")
    for d in days:
        r = [gold[quantity, d] for quantity in ("surv", "lower", "upper")]
        ours = found.loc[d, ["share", "high", "low"]].astype(float)
        assert (1 - ours).tolist() == pytest.approx(r, rel=1e-6)


def test_past_the_last_customer_nothing_is_known():
    rows = pd.DataFrame({"time": [5, 9], "event": [1, 0], "group": "x"})
    found = at_days(cumulative_share(rows, "group"), "group", [8, 30])
    assert found["share"].notna().tolist() == [True, False]


def test_sixty_six_events_show_a_doubled_rate_of_half_the_customers():
    # Schoenfeld: 4 (1.96 + 0.84)^2 / log(2)^2 = 65.3 events.
    assert smallest_hazard_ratio(65.35, 0.5) == pytest.approx(2, abs=0.001)


def test_without_exposure_no_effect_could_be_seen():
    assert smallest_hazard_ratio(100, 0) == np.inf
