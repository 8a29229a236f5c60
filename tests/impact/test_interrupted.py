"""A rate before and after a day beside others: by hand, with a planted truth, at the edges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import CannotTell
from cxresearch.impact.interrupted import RateRatio, rate_ratio, smallest_drop, times

OTHERS = list("abcde")


def panel(before: int, after: int, own: tuple, others: tuple) -> pd.DataFrame:
    """The same counts in each period before, and in each after."""
    rows = range(-before, after)
    values = {c: [others[r >= 0] for r in rows] for c in OTHERS}
    return pd.DataFrame(values | {"x": [own[r >= 0] for r in rows]}, index=rows, dtype=float)


def drawn(seed: int, left: float = 1.0, size: float = 30, periods: tuple = (16, 8), n: int = 9):
    """Poisson counts of n others and x, whose rates share a season; x falls to left at 0."""
    rng, rows = np.random.default_rng(seed), np.arange(-periods[0], periods[1])
    season = 1 + 0.3 * np.sin(rows / 3)
    counts = rng.poisson(size * season[:, None] * np.exp(0.4 * rng.standard_normal(n)), None)
    frame = pd.DataFrame(counts, rows, [f"o{k}" for k in range(n)], dtype=float)
    return frame.assign(x=rng.poisson(size * season * np.where(rows < 0, 1, left)).astype(float))


def test_the_ratio_by_hand():
    made = rate_ratio(panel(8, 2, (20, 10), (10, 10)), ["x"])
    assert made.ratio == pytest.approx(20.5 / 160.5 * 8 / 2)  # half a count is added to each
    assert (made.before, made.after, made.others) == (160, 20, pytest.approx(1))
    made = rate_ratio(panel(8, 2, (20, 10), (10, 20)), ["x"])
    assert made.ratio == pytest.approx(20.5 / 160.5 * 4 * 100.5 / 200.5)
    assert made.others == pytest.approx(2)


def test_the_ratio_of_shares_by_hand():
    late, of = panel(8, 2, (10, 5), (4, 4)), panel(8, 2, (20, 20), (10, 10))
    made = rate_ratio(late, ["x"], of)
    # 5 of 20 late where 10 of 20 were; the others stay at 4 of 10
    assert made.ratio == pytest.approx(10.5 / 80.5 * 160 / 40)
    later = of.copy()
    later.loc[0:, OTHERS] = 20  # the others: as many late of twice as many
    assert rate_ratio(late, ["x"], later).ratio == pytest.approx(
        10.5 / 80.5 * 4 / (40.5 / 80.5), rel=1e-3
    )


def test_the_product_of_two_ratios_by_hand():
    one = rate_ratio(panel(8, 2, (20, 10), (10, 10)), ["x"])
    made = times(one, one)
    assert made["ratio"] == pytest.approx(one.ratio**2)
    far = np.sqrt(2) * np.log(one.low / one.ratio)
    assert np.log(made["low"] / made["ratio"]) == pytest.approx(far)


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        (panel(6, 4, (20, 10), (10, 10)), "only 24 whole weeks before it are known; it takes 28"),
        (panel(8, 1, (20, 10), (10, 10)), "only 4 whole weeks since can be seen; it takes 8"),
        (panel(8, 0, (20, 10), (10, 10)), "only 0 whole weeks since"),
        (panel(8, 4, (1, 0), (10, 10)), "only 8 were counted before it; it takes 10"),
        (panel(8, 4, (20, 10), (1, 10)), "only 0 others had 10 or more before it"),
        (panel(8, 4, (20, 10), (9, 9)).drop(columns="a"), "only 4 others"),
    ],
)
def test_what_is_too_little_cannot_tell(counts, says):
    made = rate_ratio(counts, ["x"])
    assert isinstance(made, CannotTell)
    assert made.reason.startswith(says)


@given(st.permutations(["x", "o0", "o1", "o2", "o3", "o4", "o5", "o6", "o7", "o8"]))
@settings(max_examples=10, deadline=None)
def test_the_order_of_units_changes_nothing(names):
    counts = drawn(1, 0.6)
    pd.testing.assert_series_equal(
        pd.Series(vars(rate_ratio(counts[names], ["x"]))),
        pd.Series(vars(rate_ratio(counts, ["x"]))),
    )


@given(st.floats(0.2, 5), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_growth_of_all_alike_changes_little(growth, seed):
    counts = drawn(seed, size=300)
    more = counts.copy()
    more.loc[0:] *= growth
    assert rate_ratio(more, ["x"]).ratio == pytest.approx(rate_ratio(counts, ["x"]).ratio, rel=0.02)


def test_intervals_hold_what_was_planted():
    for left in (1.0, 0.6):
        made = [rate_ratio(drawn(seed, left), ["x"]) for seed in range(80)]
        held = np.mean([m.low <= left <= m.high for m in made])
        assert held >= 0.9
        worked = np.mean([m.high < 1 for m in made])
        assert worked <= 0.05 if left == 1 else worked > 0.8


def test_others_that_stray_widen_the_interval():
    quiet, rng = drawn(3), np.random.default_rng(3)
    wild = quiet * np.exp(0.5 * np.cumsum(rng.standard_normal(quiet.shape), axis=0) / 3)
    one, other = (rate_ratio(of.assign(x=quiet["x"]), ["x"]) for of in (quiet, wild))
    assert other.spread > one.spread
    assert other.high / other.low > 1.3 * one.high / one.low


def test_a_peak_before_the_day_is_left_out():
    counts = drawn(5)
    counts.loc[-3:-1, "x"] *= 2
    made, kept = rate_ratio(counts, ["x"]), rate_ratio(counts, ["x"], apart=False)
    assert made.left_out == 3
    assert made.peak > 1.5
    assert kept.ratio < made.ratio
    assert made.low <= kept.low
    assert rate_ratio(drawn(5), ["x"]).left_out == 0


def test_agents_freed_for_the_others_are_no_failure():
    late, of = panel(16, 8, (20, 20), (20, 10)), panel(16, 8, (40, 40), (40, 40))
    made = rate_ratio(late, ["x"], of)
    assert made.ratio > 1.8
    assert made.low < 1


def test_more_tickets_and_more_weeks_show_smaller_drops():
    few, many = drawn(7, size=10), drawn(7, size=300)
    assert smallest_drop(many, ["x"], 6) < smallest_drop(few, ["x"], 6)
    assert smallest_drop(many, ["x"], 8) <= smallest_drop(many, ["x"], 2)
    assert np.isnan(smallest_drop(few[few.index >= -6], ["x"], 6))


def test_a_drop_that_can_be_seen_mostly_is():
    drop = smallest_drop(drawn(0), ["x"], 8)
    made = [rate_ratio(drawn(seed, 1 - drop), ["x"]) for seed in range(60)]
    assert 0.6 < np.mean([m.high < 1 for m in made if isinstance(m, RateRatio)]) <= 1
