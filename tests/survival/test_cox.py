"""coxph against R's survival 3.5-3 (tests/reference), by hand, and where it must refuse."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.schema import InputError
from cxresearch.survival import coxph

REFERENCE = Path(__file__).parents[1] / "reference"
MAIN = ["unres", "recovered", "log_usage", "pro", "enterprise"]
TOPICS = ["u_billing", "u_login", "u_bug", "u_howto", "u_delivery"]
CASES = {
    "cluster": (MAIN, {}),
    "strata": (["unres", "recovered", "log_usage"], {"strata": ["plan"]}),
    "weights": (MAIN, {"weights": "w"}),
    "topics": ([*TOPICS, "recovered", "log_usage", "pro", "enterprise"], {}),
}


@pytest.fixture(scope="module")
def episodes():
    return pd.read_csv(REFERENCE / "episodes.csv")


@pytest.fixture(scope="module")
def gold():
    gold = pd.read_csv(REFERENCE / "gold.csv", keep_default_na=False, na_values={"time": [""]})
    return gold.set_index(["case", "quantity", "name"])["value"]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("case", CASES)
def test_coefficients_errors_and_likelihood_equal_r(case, ties, episodes, gold):
    covariates, options = CASES[case]
    fit = coxph(episodes, covariates, ties=ties, **options)
    r = gold.loc[f"cox_{ties}_{case}"]
    for quantity, ours in [("coef", fit.params), ("se", fit.bse), ("robust_se", fit.robust_bse)]:
        np.testing.assert_allclose(ours, r[quantity][covariates], rtol=1e-8, err_msg=quantity)
    np.testing.assert_allclose(fit.loglik, r["loglik"][["null", "model"]], rtol=1e-10)


def test_four_customers_by_hand():
    rows = pd.DataFrame(
        {
            "customer_id": list("abcd"),
            "start": [0, 0, 1, 1],
            "stop": [1, 2, 2, 3],
            "event": [1, 1, 0, 1],
            "x": [1, 0, 1, 0],
        }
    )
    # Day 1: a (x = 1) leaves from {a, b}; day 2: b (x = 0) from {b, c, d}; day 3: d, alone.
    # log L = b - log(e^b + 1) - log(e^b + 2), whose derivative is zero where e^(2b) = 2.
    fit = coxph(rows, ["x"])
    assert fit.params["x"] == pytest.approx(np.log(2) / 2, abs=1e-9)
    assert fit.loglik[0] == pytest.approx(-np.log(2) - np.log(3))


def test_a_row_that_starts_at_the_event_is_not_at_risk_there():
    late = pd.DataFrame(
        {
            "customer_id": list("abcde"),
            "start": [0, 0, 5, 0, 0],
            "stop": [5, 9, 9, 7, 8],
            "event": [1, 0, 0, 1, 1],
            "x": [1.0, 0.0, 1.0, 0.0, 1.0],
        }
    )
    later = late.assign(start=[0, 0, 5.5, 0, 0])
    assert coxph(late, ["x"]).params["x"] == pytest.approx(coxph(later, ["x"]).params["x"])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_order_and_splitting_of_rows_change_nothing(seed):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"customer_id": range(60), "start": 0.0, "stop": rng.integers(2, 20, 60)})
    rows = rows.assign(event=rng.integers(0, 2, 60), x=rng.normal(size=60))
    if rows["event"].sum() < 3:
        return
    cut = rows.assign(stop=rows["stop"] / 2, event=0)
    split = pd.concat([cut, rows.assign(start=rows["stop"] / 2)]).sample(frac=1, random_state=seed)
    whole, parts = coxph(rows, ["x"]), coxph(split, ["x"])
    assert parts.params["x"] == pytest.approx(whole.params["x"], abs=1e-8)
    assert parts.robust_bse["x"] == pytest.approx(whole.robust_bse["x"], rel=1e-6)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"unres": np.nan}, "'unres' is missing in 1,360 of"),
        ({"event": 0}, "Nobody left"),
        ({"unres": 1}, "one value only"),
        ({"stop": 0.0}, "start before it stops"),
    ],
)
def test_what_cannot_be_fitted_is_refused_by_name(change, says, episodes):
    with pytest.raises(InputError, match=says):
        coxph(episodes.assign(**change), ["unres"])


def test_a_covariate_that_parts_leavers_from_stayers_is_named(episodes):
    with pytest.raises(InputError, match="'told' is 1 at all"):
        coxph(episodes.assign(told=episodes["event"]), ["unres", "told"])


def test_a_covariate_that_repeats_others_is_named(episodes):
    twice = episodes.assign(again=2 * episodes["pro"] + episodes["unres"])
    with pytest.raises(InputError, match="'again' only repeats"):
        coxph(twice, ["unres", "pro", "again"])
