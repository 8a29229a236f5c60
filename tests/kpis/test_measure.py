"""Intervals by hand, against published numbers, and verdicts that no point decides."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from cxresearch import CannotTell
from cxresearch.kpis.measure import (
    Kpi,
    design_effect,
    mean_of,
    median_of,
    median_wait,
    net_score,
    share,
    share_by,
    share_told,
    verdict,
    waiting_curve,
)


def waits(times, events, who=None) -> pd.DataFrame:
    rows = pd.DataFrame({"time": times, "event": events}).astype({"time": float})
    return rows.assign(who=range(len(rows)) if who is None else who)


@pytest.mark.parametrize(
    ("low", "high", "wanted", "said"),
    [
        (0.85, 0.90, "at least", "met"),
        (0.86, 0.90, "at most", "not met"),
        (0.70, 0.84, "at least", "not met"),
        (0.70, 0.85, "at most", "met"),
        (0.80, 0.90, "at least", "cannot tell"),
        (0.80, 0.90, "at most", "cannot tell"),
        (np.nan, np.nan, "at least", "cannot tell"),
    ],
)
def test_a_verdict_is_read_from_the_whole_interval(low, high, wanted, said):
    assert verdict(low, high, 0.85, wanted) == said


def test_without_a_target_there_is_no_verdict():
    assert verdict(0.1, 0.2, np.nan) == "no target"


def test_what_cannot_be_told_keeps_its_row_and_its_reason():
    row = Kpi("Reopened", "of solved", target=0.1).row(CannotTell("no history."))
    assert (row["verdict"], row["why"], row["n"]) == ("cannot tell", "no history.", 0)


def test_a_share_of_unrelated_rows_is_wilsons():
    found = share(pd.Series([True] + [False] * 9), pd.Series(range(10)))
    assert found["estimate"] == pytest.approx(0.1)
    assert (found["low"], found["high"]) == pytest.approx((0.0179, 0.4042), abs=1e-4)


def test_doubling_every_row_within_its_customer_tells_nothing_new():
    flags, who = pd.Series([True, False, False, True, False]), pd.Series(range(5))
    twice = share(
        pd.concat([flags, flags], ignore_index=True), pd.concat([who, who]).reset_index(drop=True)
    )
    assert twice["n"] == 10
    assert twice["low"] == pytest.approx(share(flags, who)["low"])
    assert design_effect(pd.concat([flags] * 2), pd.concat([who] * 2)) == pytest.approx(2)


def test_many_rows_of_one_customer_count_as_one():
    assert design_effect(pd.Series([1, 0, 1, 1]), pd.Series(["a"] * 4)) == 4


def test_rows_that_all_agree_count_once_a_customer():
    flags, who = pd.Series([True] * 200), pd.Series(["a", "b"] * 100)
    assert share(flags, who)["low"] == pytest.approx(proportion_confint(2, 2, method="wilson")[0])


def test_the_interval_of_few_customers_holds_the_truth_as_often_as_it_says():
    """3 and 10 customers of 50 tickets, whose own shares scatter about a half; 400 companies."""
    for customers in (3, 10):
        rng, held = np.random.default_rng(customers), 0
        for _ in range(400):
            own = rng.beta(2, 2, customers)
            flags = pd.Series((rng.random((customers, 50)) < own[:, None]).ravel())
            found = share(flags, pd.Series(np.repeat(np.arange(customers), 50)))
            held += found["low"] <= 0.5 <= found["high"]
        assert held / 400 >= 0.92


def test_the_net_promoter_score_of_the_textbook():
    # Adjusted Wald of Sauro and Lewis: n = 400 with 60% promoters and 15% detractors, 44.7 +- 7.2.
    found = net_score(240, 60, 400)
    assert found["estimate"] == pytest.approx(45)
    assert (found["high"] + found["low"]) / 2 == pytest.approx(44.665, abs=0.001)
    assert (found["high"] - found["low"]) / 2 == pytest.approx(7.23, abs=0.01)
    assert verdict(found["low"], found["high"], 50) == "cannot tell"


def test_a_net_score_of_all_promoters_still_has_an_interval_that_holds_it():
    # 3 of 3: (3.75 - 0.75) / 6 = 0.5 +- 1.96 * sqrt((0.75 - 0.25) / 6), cut at 100.
    found = net_score(3, 0, 3)
    assert found["low"] == pytest.approx(100 * (0.5 - 1.96 * np.sqrt(0.5 / 6)), abs=0.01)
    assert found["high"] == 100
    assert net_score(1, 0, 1)["high"] == 100


def test_waiting_by_hand():
    # 5 tickets: answered at 1 h (1/5), censored at 2 h, answered at 3 h of the 3 left: 4/5 * 2/3.
    curve = waiting_curve(waits([1, 2, 3, 4, 4], [1, 0, 1, 0, 0]), (3,))
    assert share_by(curve, 0.5)["estimate"] == 0
    assert share_by(curve, 1)["estimate"] == pytest.approx(1 / 5)
    assert share_by(curve, 3.5)["estimate"] == pytest.approx(1 - 4 / 5 * 2 / 3)
    assert curve["at_risk"].tolist() == [5, 5, 3, 1]


def test_past_the_last_ticket_watched_nothing_is_known():
    curve = waiting_curve(waits([1, 2, 3], [1, 0, 0]), (1,))
    assert np.isnan(share_by(curve, 3.1)["estimate"])
    assert np.isnan(median_wait(curve)["estimate"])


def test_when_everybody_was_answered_the_share_stays_one():
    found = share_by(waiting_curve(waits([1, 2, 3], [1, 1, 1]), (24,)), 24)
    assert found["estimate"] == 1
    assert found["low"] == pytest.approx(proportion_confint(3, 3, method="wilson")[0])


def test_without_censoring_the_interval_is_wilsons():
    curve = waiting_curve(waits(range(1, 41), 1), (10,))
    found = share_by(curve, 10)
    low, high = proportion_confint(10, 40, method="wilson")
    assert (found["estimate"], found["low"], found["high"]) == pytest.approx((0.25, low, high))


def test_nobody_answered_is_a_share_of_none_with_an_interval():
    found = share_by(waiting_curve(waits([5, 5, 5], 0), (1,)), 1)
    assert (found["estimate"], found["low"]) == pytest.approx((0, 0))
    assert found["high"] == pytest.approx(proportion_confint(0, 3, method="wilson")[1])


def test_the_interval_of_a_median_holds_it():
    # 1 to 40 without ties: half have waited 20; Wilson's interval of a share holds a half from
    # 14 of 40 to 26 of 40 (z = 1.96: 14/40 reaches up to 0.505, 13/40 only to 0.480).
    found = median_wait(waiting_curve(waits(range(1, 41), 1), (20,)))
    assert found == {"estimate": 20, "low": 14, "high": 27}


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 1)), min_size=2, max_size=25),
       st.randoms())  # fmt: skip
def test_the_order_of_rows_changes_nothing_and_an_open_ticket_lowers_no_median(rows, random):
    times, events = map(list, zip(*rows, strict=True))
    curve = waiting_curve(waits(times, events), (5,))
    shuffled = rows.copy()
    random.shuffle(shuffled)
    again = waiting_curve(waits(*map(list, zip(*shuffled, strict=True))), (5,))
    pd.testing.assert_frame_equal(curve, again)
    assert curve["share"].is_monotonic_increasing
    assert (curve["low"] <= curve["share"] + 1e-12).all()
    assert (curve["high"] >= curve["share"] - 1e-12).all()
    still_open = waiting_curve(waits([*times, 10], [*events, 0]), (5,))
    before, after = median_wait(curve)["estimate"], median_wait(still_open)["estimate"]
    assert np.isnan(after) or after >= before


FIVE = pd.Series([1, 2, 2, 3, 7])
EACH = pd.Series(list("abcde"))


def test_a_mean_of_unrelated_rows_has_students_interval():
    # Mean 3, standard deviation sqrt(5.5), t of 4 degrees 2.776.
    found = mean_of(FIVE, EACH)
    assert found["estimate"] == 3
    assert found["high"] - 3 == pytest.approx(2.776 * np.sqrt(5.5 / 5), abs=1e-3)


def test_doubling_the_rows_of_each_customer_tells_nothing_new():
    twice = mean_of(pd.concat([FIVE, FIVE]), pd.concat([EACH, EACH]))
    assert twice["n"] == 10
    assert twice["high"] == pytest.approx(mean_of(FIVE, EACH)["high"], rel=0.05)
    assert twice["high"] - 3 > 0.9 * (mean_of(FIVE, EACH)["high"] - 3)


def test_one_customer_gives_no_interval():
    for measure in (mean_of, median_of):
        found = measure(FIVE, pd.Series(["a"] * 5))
        assert found["n"] == 5
        assert np.isnan(found["low"])


def test_equal_values_are_no_proof_that_the_next_is_equal_too():
    assert np.isnan(mean_of(pd.Series([2, 2, 2]), pd.Series(list("abc")))["high"])


def test_a_median_lies_between_values_that_half_the_rows_may_reach():
    # Wilson's interval of a half on 100 rows is 0.404 to 0.596.
    found = median_of(pd.Series(range(100)), pd.Series(range(100)))
    assert (found["estimate"], found["low"], found["high"]) == (49.5, 39, 60)


def test_no_rows_are_no_number():
    assert mean_of(pd.Series(dtype=float), pd.Series(dtype="str"))["n"] == 0
    assert median_of(pd.Series(dtype=float), pd.Series(dtype="str"))["n"] == 0


def test_a_share_counts_the_mature_rows_of_which_it_is_told():
    facts = pd.DataFrame({"held": [True, False, None, True], "mature": [True, True, True, False],
                          "who": list("abcd")})  # fmt: skip
    found = share_told(facts)
    assert (found["estimate"], found["n"]) == (0.5, 2)
    assert share_told(facts.drop(columns="mature"))["estimate"] == pytest.approx(2 / 3)
    assert share_told(facts.assign(who="a"))["low"] < found["low"]
