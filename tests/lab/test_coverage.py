"""Bias, coverage and rejection over many companies, and what the page says of them."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch.lab.coverage import by_estimator, read_runs
from cxresearch.lab.estimators import OURS
from cxresearch.lab.runs import cause_runs, estimator_runs, expected_runs, our_runs


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def runs(held: int, of: int, without: int = 0, **more) -> pd.DataFrame:
    """Companies whose intervals held a planted 2 or not; the last had no estimate."""
    low = [1.0] * held + [2.5] * (of - held) + [np.nan] * without
    frame = pd.DataFrame({"seed": range(of + without), "low": low}).assign(
        world="w", kind="analysis", name=OURS, planted=2.0, expected="right"
    )
    return frame.assign(high=4 * frame["low"], ratio=2 * frame["low"]).assign(**more)


def around(log_ratio: float, planted: float, **more) -> pd.DataFrame:
    """Twenty companies whose estimates lie 0.1 around exp(log_ratio), with errors of 0.1."""
    log = log_ratio + 0.1 * np.tile([-1, 1], 10)
    bounds = {"ratio": np.exp(log), "low": np.exp(log - 0.196), "high": np.exp(log + 0.196)}
    return runs(20, 20, planted=planted, **more).assign(**bounds)


def test_coverage_is_the_share_that_held_with_clopper_pearson_bounds():
    # Exact bounds of 9 of 10 (R: binom.test(9, 10)$conf.int): 0.5549839 to 0.9974714.
    row = by_estimator(runs(9, 10, without=3)).iloc[0]
    assert row[["companies", "estimated", "held"]].tolist() == [13, 10, 9]
    assert row[["coverage", "low", "high"]].tolist() == pytest.approx(
        [0.9, 0.5549839, 0.9974714], abs=1e-6
    )
    # Nine estimates of 2 and one of 5: the mean log is off by log(2.5) / 10.
    assert row["bias"] == pytest.approx(np.log(2.5) / 10)
    assert row["ratio"] == pytest.approx(2 * 2.5**0.1)
    assert row["se"] == pytest.approx(np.log(4) / (2 * 1.959964))


def test_the_error_of_a_bias_is_the_spread_over_the_root_of_the_companies():
    # Ten estimates 0.1 below and ten 0.1 above: sd 0.1 × sqrt(20 / 19).
    row = by_estimator(around(np.log(2), 2.0)).iloc[0]
    assert row["sd"] == pytest.approx(0.1 * np.sqrt(20 / 19))
    assert row["bias error"] == pytest.approx(row["sd"] / np.sqrt(20))
    assert row["sd error"] == pytest.approx(row["sd"] / np.sqrt(38))


def test_rejection_is_the_share_of_intervals_that_leave_out_one():
    row = by_estimator(runs(6, 10, without=2, high=[0.9] * 3 + [8.0] * 9)).iloc[0]
    # Three end below 1; of the other seven three begin at 1 and four at 2.5.
    assert row["rejection"] == pytest.approx(7 / 10)
    assert row["rejection error"] == pytest.approx(np.sqrt(0.7 * 0.3 / 10))


@pytest.mark.parametrize(("held", "bounds"), [(0, (0, 0.3084971)), (10, (0.6915029, 1))])
def test_coverage_of_none_or_all_is_bounded_by_zero_or_one(held, bounds):
    # R: binom.test(0, 10)$conf.int and binom.test(10, 10)$conf.int
    row = by_estimator(runs(held, 10)).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(bounds, abs=1e-6)


def test_what_was_never_estimated_has_no_by_estimator():
    row = by_estimator(runs(0, 0, without=4)).iloc[0]
    assert row["companies"] == 4
    assert row[["coverage", "low", "high", "bias", "rejection"]].isna().all()
    assert row["found"] == "cannot"


def test_an_interval_without_end_has_no_error_but_holds_the_truth():
    row = by_estimator(runs(4, 4, low=0.0, high=np.inf)).iloc[0]
    assert np.isnan(row["se"])
    assert row["coverage"] == 1


@pytest.mark.parametrize(
    ("ratio", "planted", "word"),
    [(1.96, 2, "right"), (1.7, 2, "too low"), (2.4, 2, "too high"), (0.7, 2, "flips"),
     (0.7, 1, "too low"), (1.02, 1, "right")],
)  # fmt: skip
def test_what_came_out_is_one_word(ratio, planted, word):
    assert by_estimator(around(np.log(ratio), planted))["found"].tolist() == [word]


def runs_of(*ratios: float) -> pd.DataFrame:
    """A world for each mean estimate of ours, all planted at 2 and expected to be right."""
    return by_estimator(pd.concat([around(np.log(r), 2.0, world=f"w{r}") for r in ratios]))


def test_failures_of_our_own_estimator_are_named():
    found = our_runs(runs_of(2.0, 1.4))
    said = found.said()
    assert said.numbers["right"] == 1
    assert "right in 1 of 2 kinds" in said.text
    failed = found.fails(pd.Series({"w1.4": 0.25}))
    assert failed.loc[0, ["where it fails", "told on a page"]].tolist() == ["w1.4", "25%"]
    assert len(failed) == 1
    assert found.table()["coverage"].str.startswith(("100%", "0%")).all()


def test_surprises_are_counted_and_named():
    found = expected_runs(runs_of(2.0, 1.4, 0.5))
    assert found.said().numbers["same"] == 1
    assert "turned somewhere by 1 of 1 estimators" in found.said().text
    table = found.table().set_index("world")
    assert table.loc["w1.4"].tolist() == [OURS, "right", "too low"]
    assert "w2.0" not in table.index


def test_the_table_of_estimators_tells_where_each_is_farthest_off():
    row = estimator_runs(runs_of(2.0, 1.4)).table().iloc[0]
    assert row["right in"] == "1 of 2"
    assert row["farthest off"] == "w1.4"
    assert row["most false alarms"] == "–"


def test_the_runs_are_drawn_with_their_bias_a_dot_where_they_cover_and_a_cross_where_they_cannot():
    found = pd.concat([runs_of(2.0, 1.4), by_estimator(runs(0, 0, without=4, world="x"))])
    ax = estimator_runs(found).plot()
    cells, dots, crosses = ax.collections
    drawn = np.ma.filled(cells.get_array(), np.nan).ravel()
    assert drawn == pytest.approx([0, np.log(0.7), np.nan], nan_ok=True, abs=1e-9)
    assert dots.get_offsets()[:, 1].tolist() == [0.5]
    assert crosses.get_offsets()[:, 1].tolist() == [2.5]
    assert ax.get_figure().get_suptitle().startswith("Ours finds the truth in 1 of")


def test_causes_estimated_in_few_companies_are_left_out_of_the_sentence():
    often = runs(9, 10, kind="cause", name="sync")
    seldom = runs(3, 3, without=7, kind="cause", name="login")
    said = cause_runs(by_estimator(pd.concat([often, seldom]))).said()
    assert said.numbers["n"] == 10
    assert said.numbers["seldom"] == 1


def test_without_the_runs_nothing_can_be_told(tmp_path):
    nothing = read_runs(tmp_path / "none.csv")
    assert "python -m tests.benchmarks.estimator_bias" in nothing.reason
    found = by_estimator(nothing)
    for result in (our_runs, expected_runs, estimator_runs, cause_runs):
        assert result(found) is found
