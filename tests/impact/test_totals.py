"""How much it is in all: excess, customers kept, revenue saved and at risk, in words and tables."""

import warnings
from dataclasses import replace

import pandas as pd
import pytest

from cxresearch import CannotTell, Study, impact
from cxresearch.impact.at_risk import AtRisk
from cxresearch.impact.excess import LEFT, Excess
from cxresearch.impact.kept import Kept
from cxresearch.impact.levers import ALL, PREVENT, SOONER
from cxresearch.impact.revenue import Saved
from cxresearch.lab import against_truth as trial
from cxresearch.lab.simulate import WORLDS, simulate_world


@pytest.fixture(scope="module")
def harmful() -> Study:
    return trial.planted_study(*simulate_world(800, 4, text=False, **WORLDS["plain"]))


@pytest.fixture(scope="module")
def model(harmful) -> impact.CauseModel:
    return impact.cause_model(harmful)


def test_the_excess_of_causes_and_of_what_tells_none_adds_up_to_that_of_all(model):
    excess = impact.excess(model)
    table = excess.table().set_index("cause")
    assert table.index[0] == ALL
    assert set(table.index) > set(model.told)
    for lever in impact.LEVERS:
        shares = table[f"excess, {lever}"].str.extract(r"^(-?[\d.]+)%")[0].astype(float)
        assert shares[1:].sum() == pytest.approx(shares.iloc[0], abs=0.05 * len(shares))
        assert not table[f"excess, {lever}"].str.contains("-0.0%").any()
    of = excess.frame["exposed"].unstack("lever")
    assert (of[PREVENT] >= of[SOONER]).all()
    few = of.loc[table.index, PREVENT].between(1, 4).to_numpy()
    assert (table[LEFT[PREVENT]] == "under 5").tolist() == few.tolist()


def test_the_excess_share_is_said_for_each_lever():
    rows = pd.DataFrame(
        {"lever": [SOONER, SOONER, PREVENT, PREVENT], "cause": [ALL, "a", ALL, "a"],
         "exposed": [20, 5, 30, 6], "departures": 100, "excess fraction": [0.1, -0.0001, 0.2, 0.1],
         "low": [0.05, -0.1, 0.1, 0.0], "high": [0.15, 0.1, 0.3, 0.2]}
    )  # fmt: skip
    excess = Excess(rows.set_index(["lever", "cause"]))
    said = excess.said()
    assert said.text.startswith("Of 100 departures, 10.0% (5.0% to 15.0%) were more than")
    assert "no share of departures prevented" in said.text
    assert excess.table().to_dict("records")[1] == {
        "cause": "a", "left with it overdue or late": 5,
        "excess, solve sooner": "0.0% (-10.0% to 10.0%)", "left with it at all": 6,
        "excess, prevent": "10.0% (0.0% to 20.0%)",
    }  # fmt: skip


KEPT = Kept(
    pd.DataFrame(
        {"lever": [SOONER, SOONER, PREVENT], "cause": ALL, "day": [180, 365, 365],
         "customers": 200, "left": [0.1, 0.204, 0.204], "kept": [3.0, 5.0, 8.0],
         "low": [1.0, 2.0, 4.0], "high": [5.0, 8.0, 12.0]}
    ).set_index(["lever", "cause", "day"])
)  # fmt: skip


def test_customers_kept_are_said_as_of_the_last_day():
    sooner, prevent = KEPT.sentences()
    assert sooner.text == (
        "Solving every issue in time may keep **5 of 200 customers** in a year (2 to 8), if "
        "waiting is what makes them leave."
    )
    assert prevent.text.startswith("Preventing every issue may keep **8 of 200 customers**")
    short = replace(KEPT, frame=KEPT.frame.query("day == 180"))
    assert "in 180 days (1 to 5)" in short.said().text
    assert KEPT.table().loc[1].to_dict() == {
        "lever": SOONER, "day": 365, "customers": 200, "left": 41,
        "kept": "5.0 (2.0 to 8.0)",
    }  # fmt: skip


def test_savings_that_may_be_none_cannot_be_told():
    kept = replace(KEPT, frame=KEPT.frame.assign(low=-1.0)).said(SOONER)
    assert isinstance(kept, CannotTell)
    assert "5 (-1 to 8) of 200 in a year" in kept.reason
    saved = replace(SAVED, frame=SAVED.frame.assign(low=-1.0)).said(SOONER)
    assert "EUR 500 (-1 to 900)" in saved.reason


def test_causes_that_are_asked_for_stand_beside_all_of_them(model):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept = impact.customers_kept(model, [PREVENT], model.told[:2], days=(90,))
        assert kept.said(PREVENT).numbers["kept"] > 0
    assert kept.table()["cause"].tolist() == [ALL, *model.told[:2]]
    assert set(kept.frame["verdict"]) <= {"more", "less", "cannot tell"}
    clear = kept.frame["low"] > 0
    assert (kept.frame["verdict"].eq("more") == clear).all()


SAVED = Saved(
    pd.DataFrame(
        {"lever": [SOONER], "cause": [ALL], "customers": [20], "too new": [3], "mrr": [999.6],
         "saved": [500.4], "low": [100.0], "high": [900.0], "saved without largest": [400.0],
         "saved without largest low": [50.0], "saved without largest high": [750.0]}
    ).set_index(["lever", "cause"]),
    "EUR",
)  # fmt: skip


def test_revenue_is_said_in_its_currency():
    (said,) = SAVED.sentences()
    assert said.text == (
        "In money, solving every issue in time may keep **EUR 500** (100 to 900) in a year: 4.2% "
        "of what today's customers pay."  # 500.4 of 365 days at 999.6 a month of 30.4 days
    )
    assert SAVED.table().loc[0].to_dict() == {
        "lever": SOONER, "customers today": 20, "left out": 3, "MRR": 1000,
        "saved": "500 (100 to 900)", "without the largest account": "400 (50 to 750)",
    }  # fmt: skip


def test_without_its_largest_account_less_is_paid(harmful, model):
    mrr = impact.mrr_now(harmful)
    saved = impact.revenue_saved(model, mrr)
    assert saved.coin == mrr.name == "EUR"
    row = saved.frame.loc[(SOONER, ALL)]
    assert row["mrr"] <= mrr.sum()
    assert row["low"] < row["saved"] < row["high"]
    assert row["saved without largest low"] < row["saved without largest"]


def test_what_is_at_risk_today_says_of_whom_and_who_is_not_counted():
    rows = pd.DataFrame(
        {"customers": 12, "overdue": 5, "mrr": 3000.0, "customers kept": [0.26, 0.5],
         "saved": [40.0, 90.0], "low": [10.0, 20.0], "high": [70.0, 160.0], "left out": 2},
        index=pd.Index([30, 90], name="days"),
    )  # fmt: skip
    said = AtRisk(rows, "EUR").said().text
    assert said == (
        "12 of today's customers, who pay EUR 3,000 a month, have an issue open; for 5 it is "
        "overdue. Solving all of them today may keep EUR 90 (20 to 160) over 90 days, if waiting "
        "is what makes them leave."
    )
    more = AtRisk(rows.assign(**{"left out": 7}), "EUR").said().text
    assert "overdue. 7 more could not be counted. Solving" in more
