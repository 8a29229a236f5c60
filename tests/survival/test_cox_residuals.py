"""Residuals, tests, hazards and ranks of a Cox fit against R's survival 3.5-3, and by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxresearch.study.schema import InputError
from cxresearch.survival import coxph

REFERENCE = Path(__file__).parents[1] / "reference"
MAIN = ["unres", "recovered", "log_usage", "pro", "enterprise"]


@pytest.fixture(scope="module")
def episodes():
    return pd.read_csv(REFERENCE / "episodes.csv")


@pytest.fixture(scope="module")
def gold():
    gold = pd.read_csv(REFERENCE / "gold.csv", keep_default_na=False, na_values={"time": [""]})
    return gold.set_index(["case", "quantity"]).sort_index(kind="stable")


@pytest.fixture(scope="module", params=["efron", "breslow"])
def ties(request):
    return request.param


@pytest.fixture(scope="module")
def fit(episodes, ties):
    return coxph(episodes, MAIN, ties=ties, cluster=None)


@pytest.mark.parametrize("kind", ["martingale", "deviance"])
def test_residuals_by_row_equal_r(kind, fit, ties, gold, episodes):
    ours = fit.residuals(kind)
    np.testing.assert_allclose(ours, gold.loc[(f"resid_{ties}", kind), "value"], rtol=1e-8)
    assert ours.index.equals(episodes.index)


@pytest.mark.parametrize("kind", ["score", "dfbeta", "schoenfeld"])
def test_residuals_by_covariate_equal_r(kind, fit, ties, gold):
    r = gold.loc[(f"resid_{ties}", f"{kind}_unres")]
    ours = fit.residuals(kind)["unres"]
    np.testing.assert_allclose(ours, r["value"], rtol=1e-8, atol=1e-14)  # some are 0
    if kind == "schoenfeld":
        np.testing.assert_allclose(ours.index, r["time"])


def test_residuals_of_an_unknown_kind_are_refused(fit):
    with pytest.raises(InputError, match="'pearson'"):
        fit.residuals("pearson")


def test_score_residuals_add_to_zero_and_dfbeta_to_the_sandwich(episodes):
    fit = coxph(episodes, MAIN, weights="w")
    weighted = fit.residuals("score").mul(episodes["w"], axis=0)
    np.testing.assert_allclose(weighted.sum(), 0, atol=1e-8)
    by_customer = fit.residuals("dfbeta").groupby(episodes["customer_id"]).sum()
    np.testing.assert_allclose(by_customer.T @ by_customer, fit.robust_cov, rtol=1e-8)


@pytest.mark.parametrize("transform", ["identity", "km", "log"])
def test_cox_zph_equals_r(transform, fit, ties, gold):
    ours, r = fit.cox_zph(transform), gold.loc[f"zph_{ties}_{transform}"]
    np.testing.assert_allclose(ours["chisq"], r.loc["chisq", "value"], rtol=1e-8)
    np.testing.assert_allclose(ours["p"], r.loc["p", "value"], rtol=1e-8)
    assert list(ours.index) == [*MAIN, "GLOBAL"]


def test_an_effect_that_turns_around_is_seen_and_a_steady_one_is_not():
    rng = np.random.default_rng(4)
    rows = pd.DataFrame({"start": 0.0, "turns": rng.integers(0, 2, 3000)})
    rows["steady"] = rng.integers(0, 2, 3000)
    early = rng.exponential(1 / np.exp(rows["turns"] + rows["steady"]))
    late = 0.3 + rng.exponential(1 / np.exp(-rows["turns"] + rows["steady"]))
    rows["stop"] = np.where(early < 0.3, early, late)
    found = coxph(rows.assign(event=1), ["turns", "steady"], cluster=None).cox_zph()
    assert found.loc["turns", "p"] < 1e-6
    assert found.loc["steady", "p"] > 0.01


def test_concordance_equals_r(fit, ties, gold):
    expected = gold.loc[(f"concordance_{ties}", "C"), "value"].iloc[0]
    assert fit.concordance() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_concordance_counts_pairs_that_were_at_risk_together(seed):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"start": rng.integers(0, 5, 60), "x": rng.integers(0, 6, 60)})
    rows = rows.assign(stop=rows["start"] + rng.integers(1, 6, 60), s=rng.integers(0, 2, 60))
    rows = rows.assign(event=rng.integers(0, 2, 60), w=rng.uniform(1, 2, 60))
    fit = coxph(rows, ["x"], strata="s", weights="w", cluster=None)
    risk, agree, pairs = fit.params["x"] * rows["x"], 0.0, 0.0
    for i in rows.index[rows["event"] == 1]:
        at = rows["stop"][i]
        later = (rows["stop"] > at) | ((rows["stop"] == at) & (rows["event"] == 0))
        others = rows[(rows["start"] < at) & later & (rows["s"] == rows["s"][i])].index
        weight = rows["w"][i] * rows["w"][others]
        agree += weight @ ((risk[others] < risk[i]) + 0.5 * (risk[others] == risk[i]))
        pairs += weight.sum()
    assert fit.concordance() == pytest.approx(agree / pairs, rel=1e-9)


def test_baseline_hazard_equals_r(fit, ties, gold):
    r = gold.loc[f"basehaz_{ties}"]
    ours = fit.baseline_hazard()
    known = np.append(0, ours["cumulative_hazard"])
    carried = known[np.searchsorted(ours["time"], r["time"], "right")]
    np.testing.assert_allclose(carried, r["value"], rtol=1e-8)


def test_martingale_residuals_follow_from_the_baseline_hazard_of_each_stratum(episodes):
    fit = coxph(episodes, ["unres", "log_usage"], ties="breslow", strata="plan")
    hazard, expected = fit.baseline_hazard(), np.zeros(len(episodes))
    for plan, rows in episodes.groupby("plan").indices.items():
        here = hazard[hazard["plan"] == plan]
        known = np.append(0, here["cumulative_hazard"])
        until = [
            known[np.searchsorted(here["time"], episodes[c].iloc[rows], "right")]
            for c in ("start", "stop")
        ]
        expected[rows] = until[1] - until[0]
    eta = episodes[["unres", "log_usage"]] @ fit.params
    left = episodes["event"] - expected * np.exp(eta)
    np.testing.assert_allclose(fit.residuals("martingale"), left, rtol=1e-8, atol=1e-12)


PATH = pd.DataFrame(
    {
        "start": [0, 100, 160],
        "stop": [100, 160, 365],
        "unres": [0, 1, 0],
        "recovered": [0, 0, 1],
        "log_usage": 0.0,
        "pro": 0,
        "enterprise": 0,
    }
)


def test_survival_along_a_path_equals_r(fit, ties, gold):
    ours, r = fit.survival(PATH), gold.loc[f"tvpath_{ties}"]
    at = np.searchsorted(ours["time"], r.loc["surv", "time"], "right") - 1
    np.testing.assert_allclose(ours["survival"].iloc[at], r.loc["surv", "value"], rtol=1e-8)
    error = np.log(ours["survival"] / ours["low"]) / 1.959963984540054 * ours["survival"]
    np.testing.assert_allclose(error.iloc[at[:2]], r.loc["se", "value"], rtol=1e-8)


def test_cutting_a_path_at_an_event_changes_nothing(fit):
    day = fit.baseline_hazard()["time"].iloc[30]
    whole = PATH.iloc[[0]].assign(stop=365.0)
    cut = pd.concat([whole.assign(stop=day), whole.assign(start=day)])
    pd.testing.assert_frame_equal(fit.survival(cut), fit.survival(whole))


def test_a_path_in_a_stratum_meets_that_stratum_alone(episodes):
    fit = coxph(episodes, ["unres"], strata=["plan"])
    path = pd.DataFrame({"start": [0], "stop": [400], "unres": [0], "plan": ["pro"]})
    alone = fit.baseline_hazard().query("plan == 'pro' and time <= 400")
    np.testing.assert_allclose(
        fit.survival(path)["survival"], np.exp(-alone["cumulative_hazard"]), rtol=1e-8
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [({"start": [0, 110, 160]}, "follow each other"), ({"unres": np.nan}, "'unres' is missing")],
)
def test_a_path_with_holes_is_refused(change, says, fit):
    with pytest.raises(InputError, match=says):
        fit.survival(PATH.assign(**change))


def test_a_path_in_an_unknown_stratum_is_refused(episodes):
    fit = coxph(episodes, ["unres"], strata="plan")
    path = pd.DataFrame({"start": [0], "stop": [9], "unres": [0], "plan": ["gold"]})
    with pytest.raises(InputError, match="no row when the model was fitted"):
        fit.survival(path)
