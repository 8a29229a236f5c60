"""Whether few customers write most, beside chance that is known."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy.stats import poisson

from cxresearch import CannotTell
from cxresearch.kpis import concentration as room
from cxresearch.kpis.concentration import (
    UNTOLD,
    TicketsEach,
    TopTenth,
    by_tickets,
    concentration,
    tickets_each,
    zero_truncated_rate,
)
from tests.kpis.desk import customer, desk, ticket


def each(tickets, days=None) -> pd.DataFrame:
    days = np.full(len(tickets), np.nan) if days is None else days
    return pd.DataFrame({"customer_id": range(len(tickets)), "tickets": tickets, "days": days})


def top_tenth(each: pd.DataFrame, **how) -> pd.Series:
    return concentration(each, **how).frame.loc["top"]


def writers(seed: int, rate: float, n: int = 5000) -> np.ndarray:
    drawn = np.random.default_rng(seed).poisson(rate, n)
    return drawn[drawn > 0]


def test_the_top_tenth_by_hand():
    # 20 customers, the two who wrote most wrote 10 and 6 of 34 tickets.
    found = top_tenth(each([10, 6, *[1] * 18]))
    assert (found["top"], found["tickets"]) == (2, 34)
    assert found["share"] == pytest.approx(16 / 34)
    assert found["share"] > found["expected high"]


def test_the_rate_of_those_who_write_at_all():
    # rate / (1 - exp(-rate)) at rate 1 is 1.5819767.
    assert zero_truncated_rate(1.5819767) == pytest.approx(1, abs=1e-6)
    assert zero_truncated_rate(1.0) == 0


def test_writers_at_one_rate_are_no_more_concentrated_than_chance():
    inside = [
        found["expected low"] <= found["share"] <= found["expected high"]
        for found in (top_tenth(each(writers(s, 0.8)), draws=200, seed=s) for s in range(20))
    ]
    assert sum(inside) >= 16


def test_the_expectation_of_writers_agrees_with_its_analytic_value():
    # Top tenth of a zero-truncated Poisson of rate 0.8: expected tickets above the 90% quantile.
    numbers = np.arange(1, 40)
    chance = poisson.pmf(numbers, 0.8) / -np.expm1(-0.8)
    above = np.minimum(chance[::-1].cumsum(), 0.1)
    taken = np.diff(above, prepend=0)
    expected = (taken * numbers[::-1]).sum() / (chance * numbers).sum()
    found = top_tenth(each(writers(1, 0.8, 40000)), draws=200)
    assert found["expected"] == pytest.approx(expected, rel=0.01)


def test_longer_watched_customers_may_write_more_without_being_different():
    rng = np.random.default_rng(4)
    days = np.where(np.arange(2000) < 200, 1000.0, 100.0)
    found = top_tenth(each(rng.poisson(days / 100), days))
    assert found["share"] > 0.4
    assert found["expected low"] <= found["share"] <= found["expected high"]
    naive = top_tenth(each(rng.poisson(days / 100), np.full(2000, 190.0)))
    assert naive["share"] > naive["expected high"]


def test_heavy_writers_are_seen():
    rng = np.random.default_rng(5)
    found = top_tenth(each(rng.poisson(rng.gamma(0.5, 4, 1000)), np.full(1000, 365.0)))
    assert found["p"] < 0.01
    assert found["low"] > found["expected high"]


def test_the_order_of_customers_and_the_time_of_day_change_nothing():
    some = each(writers(7, 1.2))
    one, two = top_tenth(some), top_tenth(some.sample(frac=1, random_state=1))
    pd.testing.assert_series_equal(one, two)


@pytest.mark.parametrize("tickets", [[1] * 50, [3, 1], [0] * 30])
def test_too_few_tickets_or_all_alike_cannot_tell(tickets):
    assert isinstance(concentration(each(tickets)), CannotTell)


def test_customers_and_expected_customers_add_up_alike():
    some = each(writers(8, 1.2))
    table = by_tickets(some).frame
    assert table["customers"].sum() == len(some) == pytest.approx(table["expected"].sum())
    assert table["share of tickets"].sum() == pytest.approx(1)
    assert table["tickets"].tolist() == ["1", "2", "3", "4", "5", f"{room.MOST} or more"]


def test_samples_without_a_ticket_are_no_shares():
    # Most of 60 customers write nothing: a sample drawn again may hold no ticket at all.
    with np.errstate(invalid="raise"):
        found = top_tenth(each([20] + [0] * 59, [365.0] * 60), draws=200)
    assert found["low"] <= found["share"] <= found["high"]


def test_without_causes_customers_are_counted_all_the_same():
    people = [customer(f"p{i}") for i in range(3)]
    rows = [ticket(f"t{i}", "p0", 100 + i if i else 0) for i in range(5)]  # the first too early
    assert tickets_each(desk(rows, customers=people))["tickets"].tolist() == [4, 0, 0]


def top(p: float) -> TopTenth:
    row = {"customers": 60, "top": 6, "tickets": 61, "share": 0.3, "low": 0.25, "high": 0.4, "p": p,
           "expected": 0.26, "expected low": 0.22, "expected high": 0.31}  # fmt: skip
    return TopTenth(pd.DataFrame([{**row, "verdict": UNTOLD}], index=["top"]))


def test_the_top_tenth_is_said_beside_chance():
    assert top(0.08).said().text == (
        "The 10% of customers who write most write **30.0%** of all tickets (95% interval 25.0% to "
        "40.0%; 60 customers). By chance it would be 26.0% (22.0% to 31.0%). Whether "
        "some customers write more than chance gives cannot be told."
    )


def test_a_test_without_a_result_does_not_prove_chance():
    few, many = concentration(each(writers(3, 0.8, 300))), concentration(each([30, *[1] * 40]))
    assert few.frame.loc["top", "p"] >= 0.05 > many.frame.loc["top", "p"]
    assert few.said().text.endswith(
        "Whether some customers write more than chance gives cannot be told."
    )
    assert many.said().text.endswith("So some customers do write more than chance gives.")


def held() -> TicketsEach:
    return TicketsEach(pd.DataFrame(
        {"tickets": ["1", "2 or more"], "customers": [90, 10], "expected": [95.4, 4.6],
         "share of tickets": [0.7, 0.3]}
    ))  # fmt: skip


def test_bars_are_seen_and_dots_expected():
    ax = held().plot()
    assert [bar.get_height() for bar in ax.patches] == [90, 10]
    assert ax.collections[0].get_offsets()[:, 1].tolist() == [95.4, 4.6]
    title = "10 customers wrote 2 or more; chance alone would make it 5"
    assert ax.figure.get_suptitle() == title
    plt.close(ax.figure)
