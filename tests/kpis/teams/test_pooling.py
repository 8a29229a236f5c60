"""Groups drawn to their mean: on paper, against least squares, and what must not happen."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cxresearch.kpis.teams.by_team import compared, in_steps
from cxresearch.kpis.teams.going_with import GoesWith, differences
from cxresearch.kpis.teams.pooling import Scores, pooled, scores, slope
from tests.benchmarks.teams import desk


def of_groups(rows):
    return pd.get_dummies(rows["team"], dtype=float)


def test_one_column_is_the_slope_of_least_squares_and_its_error_clustered():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"who": np.repeat(np.arange(200), 4), "cause": rng.integers(0, 3, 800)})
    rows["x"] = rng.normal(size=800) + rows["cause"]
    rows["held"] = 9 + 0.1 * rows["cause"] + rng.normal(size=800)
    told = slope(scores(rows["held"], rows[["x"]], rows[["cause"]], rows["who"]))
    causes = pd.get_dummies(rows["cause"], drop_first=True, dtype=float)
    design = sm.add_constant(causes.join(rows["x"]))
    fit = sm.OLS(rows["held"], design.rename(columns=str)).fit(
        cov_type="cluster", cov_kwds={"groups": rows["who"]}
    )
    assert told["estimate"] == pytest.approx(fit.params["x"])
    assert (told["high"] - told["low"]) / 2 == pytest.approx(1.972 * fit.bse["x"], rel=0.02)


def test_what_the_cause_fixes_is_not_told_apart_from_it():
    """Everybody with cause A begins elsewhere, nobody else: no number is made of rounding."""
    rng = np.random.default_rng(1)
    cause = rng.integers(0, 3, 400)
    rows = pd.DataFrame({"held": rng.integers(0, 2, 400), "other": rng.integers(0, 2, 400),
                         "elsewhere": cause == 0, "cause": cause, "quarter": "q"})  # fmt: skip
    rows = rows.assign(channel=rng.integers(0, 2, 400), priority="p", who=np.arange(400) % 90)
    frame = differences(rows, ["held", "other"], "elsewhere", [], "who")
    assert frame[["difference", "low", "high", "p"]].isna().all(axis=None)
    assert set(frame["verdict"]) == {"cannot be told apart"}
    told = GoesWith(frame, "beginning elsewhere")
    assert "cannot be told apart" in told.said().reason
    assert told.said("held") == told.said()
    assert "e+" not in told.table().to_string()


def test_p_of_few_clusters_is_students_as_the_interval_is():
    rng = np.random.default_rng(1)
    month = rng.integers(0, 4, 200)
    x = pd.DataFrame({"x": rng.normal(size=4)[month] + rng.normal(size=200)})
    held = pd.Series(rng.normal(size=4)[month] + rng.normal(size=200))
    told = slope(scores(held, x, pd.DataFrame({"of": ["a"] * 200}), pd.Series(month)))
    error = (told["high"] - told["low"]) / 2 / stats.t.ppf(0.975, 3)
    assert told["p"] == pytest.approx(2 * stats.t.sf(abs(told["estimate"]) / error, 3))


def test_much_information_draws_to_nothing_and_little_draws_to_the_mean():
    """Three groups of known errors: at 0.001 they stay, at 10 times their distance they are 0."""
    true = np.array([-0.1, 0.0, 0.1])
    for error, drawn in ((0.001, true), (1.0, np.zeros(3))):
        centre = np.eye(3) - 1 / 3
        known = centre / error**2
        told, _ = pooled(Scores(known, known @ true, known, 0.5, 100), np.ones(3))
        assert told["estimate"].to_numpy() == pytest.approx(drawn, abs=0.02)
    assert ((told["low"] < 0) & (told["high"] > 0)).all()


def test_where_a_cause_goes_to_one_team_alone_its_interval_stays_wide():
    rows, _ = desk(3, own=True, groups=8)
    told, between = compared(rows, "held")
    assert (told["p"] > 0.5).all()
    assert between["high"] - between["low"] > 0.2
    plain = in_steps(rows, "held")["points from the mean"].astype(float)
    assert plain.abs().max() > 10


def test_a_team_with_hard_tickets_is_not_blamed():
    rows, _ = desk(5)
    steps = (
        in_steps(rows, "held")
        .set_index("team")
        .astype({"points from the mean": float, "drawn to the mean": float})
    )
    hardest = rows.groupby("team")["cause"].mean().idxmin()
    assert steps.loc[hardest, "points from the mean"] < -5
    assert abs(steps.loc[hardest, "drawn to the mean"]) < 2


def test_a_team_that_is_worse_is_told():
    rows, truth = desk(5, one=-0.12)
    told, between = compared(rows, "held")
    worst = told.set_index("group").loc["team 03"]
    assert worst["p"] < 0.001
    assert worst["difference low"] < truth["team 03"] < worst["difference high"]
    assert between["low"] > 0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_the_differences_weighted_by_tickets_are_nothing_and_order_changes_nothing(seed):
    rows, _ = desk(seed, tickets=400, customers=100)
    told, _ = compared(rows, "held")
    assert np.average(told["difference"], weights=told["tickets"]) == pytest.approx(0, abs=1e-8)
    other, _ = compared(rows.sample(frac=1, random_state=seed), "held")
    pd.testing.assert_frame_equal(told, other, rtol=1e-6, atol=1e-8)
    assert (told["difference low"] <= told["difference high"]).all()
