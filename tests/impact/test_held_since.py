"""The committed table of "did it work?": intervals hold, and nothing works by chance."""

import pandas as pd
import pytest

from tests.benchmarks.did_it_work import FILE, summary


@pytest.fixture(scope="module")
def held() -> pd.DataFrame:
    runs = pd.read_csv(FILE, keep_default_na=False, na_values=[""])
    return summary(runs).reset_index()


def test_intervals_hold_what_was_planted_in_both_simulators(held):
    ours = held[held["method"] == "ours"]
    assert ours.groupby("world").size().tolist() == [29, 29]
    assert (ours["told"] == 100).all()
    assert (ours["high"] >= 0.95).all()


def test_what_changed_nothing_is_not_said_to_have_worked(held):
    fixes = ["none", "peak none", "surge", "group none"]
    ours = held[(held["method"] == "ours") & held["fix"].isin(fixes)]
    assert (ours["worked"] <= 0.05).all()


def test_a_peak_that_is_not_left_out_works_by_itself(held):
    rows = held[(held["world"] == "second: base") & (held["fix"] == "surge")]
    worked = rows[rows["of"] == "tickets"].set_index("method")["worked"]
    assert worked["ours"] <= 0.05 < min(worked["all before"], worked["convex"])
