"""Every estimator on studies small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import Study
from cxresearch.lab import against_truth as trial
from cxresearch.lab import estimators as rivals
from cxresearch.lab.estimators import ESTIMATORS, CompanyRows, Estimate
from cxresearch.lab.mismeasured import activity_today
from cxresearch.lab.simulate import WORLDS, simulate_world
from tests.benchmarks.mismeasured import with_activity_of_today, with_wrong_causes


@pytest.fixture(scope="module")
def study() -> Study:
    return trial.planted_study(*simulate_world(1200, 3, text=False, **WORLDS["as the demo"]))


@pytest.fixture(scope="module")
def seen(study) -> CompanyRows:
    return CompanyRows(study)


def test_every_estimator_says_something_of_a_usual_company(seen):
    found = rivals.estimates(seen)
    assert found["analysis"].is_unique
    assert found["analysis"].tolist() == [of.name for of in ESTIMATORS]
    told = found.dropna(subset="ratio")
    assert len(told) >= 11
    assert ((told["low"] < told["ratio"]) & (told["ratio"] < told["high"])).all()


def test_those_that_look_ahead_are_marked(seen):
    found = rivals.estimates(seen).set_index("analysis")["looks ahead"]
    assert found[found].index.tolist() == [
        "given activity today (snapshot)", rivals.EVER, "ever overdue: logistic"
    ]  # fmt: skip


def test_the_same_rows_are_built_once(seen):
    assert seen.now is seen.now
    assert not seen.asking.equals(seen.now)


def rows(exposed_left: int, other_left: int, stayed: int = 40) -> pd.DataFrame:
    """Customers followed from day 0, exposed or not; those who left did on different days."""
    left = exposed_left + other_left
    exposed = np.r_[np.ones(exposed_left), np.zeros(other_left), np.tile([1, 0], stayed // 2)]
    stop = np.r_[np.arange(1, left + 1), np.full(stayed, 100)]
    return pd.DataFrame(
        {"customer_id": range(left + stayed), "start": 0.0, "stop": stop, "x": exposed,
         "event": np.r_[np.ones(left), np.zeros(stayed)].astype(int)}
    )  # fmt: skip


@pytest.mark.parametrize(("exposed", "other"), [(9, 30), (30, 9)])
def test_fewer_than_ten_departures_on_either_side_are_no_estimate(exposed, other):
    found = rivals._cox(rows(exposed, other), "x", strata=None)
    assert found.exposed == exposed
    assert np.isnan(found.ratio)


def test_ten_on_either_side_are_enough():
    assert rivals._cox(rows(10, 10), "x", strata=None).ratio > 0


def test_a_covariate_in_which_leavers_do_not_differ_is_left_out():
    frame = rows(15, 15).assign(same=lambda r: 1.0 * (r["event"] == 0))
    plain = rivals._cox(frame, "x", strata=None)
    assert rivals._cox(frame, "x", ["same"], strata=None) == plain


def test_a_covariate_that_is_another_one_again_is_left_out():
    frame = rows(15, 15).assign(once=lambda r: r["customer_id"] % 7, again=lambda r: r["once"])
    once = rivals._cox(frame, "x", ["once"], strata=None)
    assert rivals._cox(frame, "x", ["once", "again"], strata=None) == once
    assert once.ratio > 0


def test_a_logistic_odds_ratio_is_that_of_the_two_by_two_table():
    # Left 20 of 50 exposed and 10 of 60 others: odds ratio (20 / 30) / (10 / 50) = 10 / 3.
    exposed = np.r_[np.ones(50), np.zeros(60)]
    left = np.r_[np.ones(20), np.zeros(30), np.ones(10), np.zeros(50)]
    customers = pd.DataFrame({"ever": exposed, "event": left, "log_activity": 1.0,
                              "billing_period": "month"})  # fmt: skip
    found = rivals._logistic(customers, "ever")
    assert found.exposed == 20
    assert found.ratio == pytest.approx(10 / 3)


def poisson_rows(days_exposed: float, days_other: float) -> pd.DataFrame:
    """20 departures while exposed and 10 while not, in so many days each."""
    each = pd.DataFrame({"exposed": [1] * 20 + [0] * 10, "event": 1, "start": 0.0})
    stop = np.where(each["exposed"] == 1, days_exposed / 20, days_other / 10)
    fixed = {
        "quarter": list("qr") * 15,
        "billing_period": "month",
        "plan": "p",
        "log activity": 1.0,
    }
    return each.assign(stop=stop, **fixed)


def test_the_poisson_ratio_is_a_ratio_of_rates():
    # 20 in 100 days against 10 in 200: 0.2 / 0.05 = 4, log ratio ± 1.96 sqrt(1/20 + 1/10).
    seen = CompanyRows(None)
    seen.now = poisson_rows(100, 200)
    found = rivals.poisson(seen)
    assert found.ratio == pytest.approx(4)
    assert found.high == pytest.approx(4 * np.exp(1.959964 * np.sqrt(0.15)), rel=1e-4)


def test_stacked_landmarks_follow_for_ninety_days_and_no_longer(monkeypatch):
    frame = pd.DataFrame(
        {"customer_id": list("aaaabbb"), "quarter": [1, 1, 2, 3, 1, 2, 3],
         "start": [0, 30, 50, 140, 10, 60, 150], "stop": [30, 50, 140, 230, 60, 150, 260],
         "event": [0, 0, 0, 0, 0, 0, 1], "exposed": 0}
    )  # fmt: skip
    seen, kept = CompanyRows(None), []
    seen.now = frame
    monkeypatch.setattr(rivals, "_cox", lambda rows, *_: kept.append(rows) or Estimate(0))
    rivals.stacked(seen)
    found = kept[0][["customer_id", "quarter", "stop", "event"]].to_numpy().tolist()
    # b left 110 days after its third quarter began: beyond the window.
    assert found == [["a", 2, 90, 0], ["a", 3, 90, 0], ["b", 2, 90, 0], ["b", 3, 90, 0]]


def test_a_snapshot_says_zero_of_whoever_is_gone(study):
    today = activity_today(study)
    gone = study.customers.set_index("customer_id")["ended_at"].notna()
    assert (today[gone.index[gone]] == 0).all()
    last = (
        study.customer_history.query("field == 'activity'").groupby("customer_id")["value"].last()
    )
    stayed = last.reindex(gone.index[~gone]).astype(float)
    assert today[stayed.index].dropna().tolist() == pytest.approx(stayed.dropna().tolist())


def test_a_history_made_today_tells_the_same_of_every_day(study):
    spoilt = with_activity_of_today(study).customer_history.query("field == 'activity'")
    assert spoilt["customer_id"].is_unique
    today = activity_today(study).round(1)
    found = spoilt.set_index("customer_id")["value"].astype(float)
    assert found.tolist() == pytest.approx(today[found.index].tolist(), abs=0.051)
    assert len(study.customer_history.query("field == 'activity'")) > len(spoilt)


def test_mistaken_tickets_swap_their_causes_and_no_cause_is_lost(study):
    wrong = with_wrong_causes(study, 0.3, seed=1).ticket_causes
    true = study.ticket_causes
    changed = (wrong["cause"].to_numpy() != true["cause"].to_numpy()).mean()
    assert 0.24 < changed < 0.30
    assert wrong["cause"].value_counts().equals(true["cause"].value_counts())
    assert (wrong["is_exit_request"] == (wrong["cause"] == "exit_request")).all()


def test_with_no_share_nothing_is_mistaken(study):
    assert with_wrong_causes(study, 0.0, seed=1).ticket_causes.equals(study.ticket_causes)
