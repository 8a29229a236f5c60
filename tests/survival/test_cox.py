"""coxph against R's survival 3.5-3 (tests/reference), by hand, and where it must refuse."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.study.schema import InputError
from cxresearch.survival import coxph

REFERENCE = Path(__file__).parents[1] / "reference"
MAIN = ["unres", "recovered", "log_usage", "pro", "enterprise"]
TOPICS = ["u_billing", "u_login", "u_bug", "u_howto", "u_delivery"]
CASES = {
    "cluster": (MAIN, {}),
    "offset": (["unres", "recovered", "pro", "enterprise"], {"offset": "off"}),
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
        if quantity == "robust_se" and case == "offset":
            continue  # R was asked for none
        np.testing.assert_allclose(ours, r[quantity][covariates], rtol=1e-8, err_msg=quantity)
    np.testing.assert_allclose(fit.loglik, r["loglik"][["null", "model"]], rtol=1e-10)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_eight_rows_equal_r(ties):
    tiny = json.loads((REFERENCE / "tiny.json").read_text(encoding="utf-8"))
    fit = coxph(pd.DataFrame(tiny["data"]), ["x"], ties=ties, cluster="id")
    r = tiny["R"][ties]
    ours = [fit.params["x"], fit.bse["x"], fit.robust_bse["x"], *fit.loglik]
    expected = [r[name] for name in ("coef", "se", "robust_se", "loglik0", "loglik")]
    np.testing.assert_allclose(ours, expected, rtol=1e-8)
    np.testing.assert_allclose(fit.residuals("martingale"), r["martingale"], rtol=1e-8)


def repeats():
    rows = pd.read_csv(REFERENCE / "recurrent.csv")
    return rows.assign(fourth=rows["enum"].clip(upper=4))


@pytest.mark.parametrize(
    ("case", "strata", "gap"),
    [("andersen_gill", None, 0), ("pwp_total", "fourth", 0), ("pwp_gap", ["fourth"], 1)],
)
def test_models_of_repeated_contacts_equal_r(case, strata, gap, gold):
    rows = repeats()
    rows = rows.assign(start=rows["start"] * (1 - gap), stop=rows["stop"] - gap * rows["start"])
    fit = coxph(rows, ["log_usage", "pro"], strata=strata)
    for quantity, ours in [("coef", fit.params), ("se", fit.bse), ("robust_se", fit.robust_bse)]:
        np.testing.assert_allclose(ours, gold.loc[case][quantity], rtol=1e-8)


def test_leaving_by_choice_alone_equals_r(gold):
    rows = pd.read_csv(REFERENCE / "onerow.csv")
    rows = rows.assign(start=0, stop=rows["time"], event=rows["cause"] == 1)
    fit = coxph(rows, ["log_usage", "group"])
    np.testing.assert_allclose(fit.params, gold["cause_specific_vol"]["coef"], rtol=1e-8)
    np.testing.assert_allclose(fit.bse, gold["cause_specific_vol"]["se"], rtol=1e-8)


def test_the_score_test_of_one_group_is_rs_log_rank_test_with_late_entry(gold):
    rows = pd.read_csv(REFERENCE / "onerow.csv")
    rows = rows.assign(start=rows["entry"], stop=rows["time"], event=rows["status"])
    expected = gold["logrank_entry"]["chisq"].item()
    assert coxph(rows, ["group"]).score_test == pytest.approx(expected, rel=1e-8)


def test_a_formula_says_the_same_as_names(episodes):
    listed = coxph(episodes, ["unres", "enterprise", "pro"])
    formula = coxph(episodes, "unres + C(plan)")
    np.testing.assert_allclose(formula.params, listed.params, rtol=1e-8)
    assert formula.params.index[0] == "unres"


def test_a_formula_drops_no_row_in_silence(episodes):
    holed = episodes.assign(unres=episodes["unres"].where(episodes.index > 2))
    with pytest.raises(InputError, match="'unres' is missing in 3 of 1,360"):
        coxph(holed, "unres + C(plan)")


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
        ({"event": 2}, "'event' must be 1"),
        ({"unres": np.inf}, "'unres' is not finite in 1,360 of"),
        ({"unres": "yes"}, r"'unres' is not numeric: write C\(unres\)"),
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


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("unres + colour", "no column 'colour'"),
        ("unres +* pro", "cannot be used"),
        ("log(log_usage)", "log_usage"),
        ("1", "at least one covariate"),
    ],
)
def test_a_formula_that_cannot_be_used_is_refused(formula, says, episodes):
    with pytest.raises(InputError, match=says):
        coxph(episodes, formula)


def test_a_covariate_that_does_not_vary_within_strata_is_named(episodes):
    with pytest.raises(InputError, match="'pro' has one value only among those at risk together"):
        coxph(episodes, ["unres", "pro"], strata="plan")


def test_exposed_rows_without_an_event_are_counted_and_named(episodes):
    spared = (episodes["event"] == 0) & (episodes["stop"] - episodes["start"] > 300)
    with pytest.raises(InputError, match=f"'spared' is 0 .* {spared.sum()} episodes with 0 events"):
        coxph(episodes.assign(spared=spared.astype(int)), ["unres", "spared"])


def test_separation_within_strata_is_named_as_well(episodes):
    """Basic customers leave only when told, others only when not: no one value at all events."""
    basic = episodes["plan"] == "basic"
    told = np.where(basic, 1, 0) * episodes["event"]
    with pytest.raises(InputError, match="'told' is 0 to 1 at all"):
        coxph(episodes.assign(told=told), ["told"], strata="plan")


def test_rows_that_see_no_event_change_nothing(episodes):
    last = episodes["stop"].max()
    idle = episodes.assign(start=last + 1, stop=last + 2, event=0)
    both, alone = coxph(pd.concat([idle, episodes]), MAIN), coxph(episodes, MAIN)
    np.testing.assert_allclose(both.params, alone.params, rtol=1e-9)
    np.testing.assert_allclose(both.robust_bse, alone.robust_bse, rtol=1e-9)
    assert (both.residuals("martingale")[: len(idle)] == 0).all()
