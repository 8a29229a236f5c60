"""Kaplan-Meier, the mean under it and power by hand, and against R's survival 3.5-3."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from statsmodels.duration.survfunc import survdiff

from cxresearch import CannotTell
from cxresearch.study.schema import InputError
from cxresearch.survival import at_days, cumulative_share, kaplan_meier, rmst, smallest_hazard_ratio
from tests.gold import REFERENCE, after, r_says


@pytest.fixture(scope="module")
def one():
    return pd.read_csv(REFERENCE / "onerow.csv").assign(event=lambda rows: rows["status"])


@pytest.fixture
def five():
    return pd.DataFrame({"time": [1.0, 2, 3, 4, 4], "event": [1, 0, 1, 0, 0], "group": "x"})


def test_shares_by_hand(five):
    # One leaves on day 1 (1/5), one is censored on day 2, one leaves on day 3 of the 3 still there.
    curve = cumulative_share(five, "group").set_index("day")["share"]
    assert curve[[1, 2, 3, 4]].tolist() == pytest.approx([1 / 5, 1 / 5, 7 / 15, 7 / 15])


def test_without_censoring_the_share_is_the_empirical_one():
    time = np.random.default_rng(1).permutation(np.arange(1, 41))
    rows = pd.DataFrame({"time": time, "event": 1, "group": "x"})
    found = at_days(cumulative_share(rows, "group"), "group", [10, 20])
    assert found["share"].tolist() == pytest.approx([0.25, 0.5])


@pytest.mark.parametrize(("case", "entry"), [("km_loglog", None), ("km_entry", "entry")])
def test_the_curve_its_error_and_its_band_equal_r(case, entry, one):
    curve, days = kaplan_meier(one, entry=entry), r_says(case, "surv").index
    pairs = {"surv": "survival", "se": "se", "lower": "low", "upper": "high"}
    for quantity, column in pairs.items():
        assert_allclose(after(curve, days)[column], r_says(case, quantity), rtol=1e-10)
    at_risk = curve.set_index("day")["at_risk"].reindex(days, method="bfill")
    assert at_risk.tolist() == r_says(case, "n.risk").tolist()


@pytest.mark.parametrize(("case", "entry"), [("km_plain", None), ("km_entry", "entry")])
def test_the_restricted_mean_equals_r(case, entry, one):
    found = rmst(one, 365, entry=entry).loc[0, ["rmst", "se"]].astype(float)
    assert_allclose(found, r_says(case, "rmst365"), rtol=1e-10)


def test_days_kept_by_hand_and_against_the_first_group(five):
    # 1 day of 5/5, 2 of 4/5, 1 of 8/15; the other group keeps everybody.
    rows = pd.concat([five, five.assign(event=0, group="y")])
    found = rmst(rows, 4, by="group").set_index("group")
    assert found["rmst"].tolist() == pytest.approx([1 + 8 / 5 + 8 / 15, 4])
    assert found.loc["y", "difference"] == pytest.approx(4 - 47 / 15)
    assert found.loc["y", "difference_se"] == pytest.approx(found.loc["x", "se"])


def test_days_kept_are_null_past_the_last_day_watched(five):
    assert rmst(five, 5)[["rmst", "se"]].isna().all(axis=None)
    gone = five.assign(event=1)
    assert rmst(gone, 9).loc[0, "rmst"] == pytest.approx(gone["time"].mean())


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 1)), min_size=1, max_size=30))
def test_a_curve_never_rises_and_lies_in_its_band(lives):
    curve = kaplan_meier(pd.DataFrame(lives, columns=["time", "event"]))
    assert curve["survival"].is_monotonic_decreasing
    assert curve["survival"].between(curve["low"] - 1e-12, curve["high"] + 1e-12).all()


def test_who_enters_late_is_at_risk_from_then_on():
    # Day 2: one leaves of the two already there; day 5: one of the three there.
    rows = pd.DataFrame({"time": [2.0, 6, 5, 6], "event": [1, 0, 1, 0], "in": [0, 0, 2, 3]})
    curve = kaplan_meier(rows, entry="in").set_index("day")
    assert curve.loc[[2, 5], "survival"].tolist() == pytest.approx([1 / 2, 1 / 3])
    assert curve.loc[[2, 5], "at_risk"].tolist() == [2, 3]


def test_past_the_last_customer_nothing_is_known():
    rows = pd.DataFrame({"time": [5, 9], "event": [1, 0], "group": "x"})
    found = at_days(cumulative_share(rows, "group"), "group", [8, 30])
    assert found["share"].notna().tolist() == [True, False]


def test_what_has_no_curve_is_said(five):
    assert isinstance(cumulative_share(five.head(0), "group"), CannotTell)
    with pytest.raises(InputError, match="'event' is missing"):
        kaplan_meier(five.assign(event=np.nan))
    with pytest.raises(InputError, match="'late' is not before"):
        kaplan_meier(five.assign(late=4), entry="late")


@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("logrank", {}),
        ("logrank_strata", {"strata": "plan"}),
        ("logrank_peto", {"weight_type": "fh", "fh_p": 1}),
    ],
)
def test_the_log_rank_test_of_statsmodels_equals_r(case, options, one):
    if "strata" in options:
        options = {"strata": one[options["strata"]].to_numpy()}
    found = survdiff(*one[["time", "status", "group"]].to_numpy().T, **options)[0]
    assert found == pytest.approx(r_says(case, "chisq")["chisq"], rel=1e-8)


def test_sixty_six_events_show_a_doubled_rate_of_half_the_customers():
    # Schoenfeld: 4 (1.96 + 0.84)^2 / log(2)^2 = 65.3 events.
    assert smallest_hazard_ratio(65.35, 0.5) == pytest.approx(2, abs=0.001)


def test_without_exposure_no_effect_could_be_seen():
    assert smallest_hazard_ratio(100, 0) == np.inf


def test_where_all_had_the_event_the_restricted_mean_is_the_mean_with_its_error():
    rows = pd.DataFrame({"time": [1.0, 2, 30, 40] * 10, "event": 1})
    found = rmst(rows, 720.0).iloc[0]
    assert found["rmst"] == pytest.approx(18.25)
    assert found["se"] == pytest.approx(np.sqrt(293.1875 / 40))  # variance 293.1875, 40 rows
