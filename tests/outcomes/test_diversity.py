"""Hill numbers by hand, and how often a customer writes about a cause."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch import CannotTell, Study
from cxresearch.outcomes.diversity import by_customer, diversity, measures


def rows(counts: dict) -> pd.DataFrame:
    """So many tickets by (customer, cause)."""
    each = [pair for pair, n in counts.items() for _ in range(n)]
    return pd.DataFrame(each, columns=["customer_id", "cause"])


def test_equally_large_causes_are_as_many_as_there_are():
    of = by_customer(rows({("a", "x"): 2, ("b", "y"): 2, ("c", "z"): 2, ("d", "w"): 2}))
    assert measures(of)[:2] == pytest.approx([4, 4])


def test_hill_numbers_of_a_half_and_two_quarters():
    # Shares 1/2, 1/4, 1/4: entropy 1.5 ln 2, concentration 1/4 + 1/16 + 1/16 = 3/8.
    of = by_customer(rows({("a", "x"): 2, ("b", "y"): 1, ("c", "z"): 1}))
    assert measures(of)[:2] == pytest.approx([2**1.5, 8 / 3])


def test_depth_is_tickets_of_a_customer_about_a_cause():
    # Three pairs of customer and cause hold 5, 1 and 2 tickets; 3 of 8 are a third or later.
    of = by_customer(rows({("a", "x"): 5, ("a", "y"): 1, ("b", "x"): 2}))
    assert measures(of)[2:] == pytest.approx([8 / 3, 3 / 8])


def test_a_customer_drawn_twice_counts_twice():
    of = by_customer(rows({("a", "x"): 3, ("b", "y"): 1}))
    twice = by_customer(rows({("a", "x"): 3, ("a2", "x"): 3}))
    assert measures(of, np.array([2, 0])) == pytest.approx(measures(twice))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=40))
def test_a_higher_order_never_counts_more_causes(pairs):
    of = by_customer(pd.DataFrame(pairs, columns=["customer_id", "cause"]))
    one, two = measures(of)[:2]
    assert of.shape[1] + 1e-9 >= one >= two - 1e-9 >= 1 - 2e-9


def study_of(told: pd.DataFrame, asks: bool = False) -> Study:
    ids = told.index.astype(str)
    tickets = pd.DataFrame({
        "ticket_id": ids, "requester_id": told["customer_id"], "status": "open",
        "created_at": pd.Timestamp("2024-01-01", tz="UTC"),
    })  # fmt: skip
    causes = pd.DataFrame({"ticket_id": ids, "topic": 0, "cause": told["cause"], "weight": 1.0,
                           "is_exit_request": asks})  # fmt: skip
    return Study.from_tables({"tickets": tickets, "ticket_causes": causes})


def test_an_interval_comes_from_customers_and_holds_the_estimate():
    counts = {(f"c{i}", "xyzx"[i % 4]): 1 + i % 5 for i in range(60)}
    found = diversity(study_of(rows(counts))).frame
    told = found.loc["shares"]
    assert told["low"] < told["estimate"] < told["high"]
    assert found["n"].eq(sum(counts.values())).all()


def test_without_two_customers_it_cannot_be_told():
    assert isinstance(diversity(study_of(rows({("a", "x"): 3}))), CannotTell)
    asks = study_of(rows({("a", "x"): 1, ("b", "y"): 1}), asks=True)
    assert isinstance(diversity(asks), CannotTell)


def test_forty_equal_causes_are_about_forty_from_ten_tickets_each():
    rng = np.random.default_rng(2)
    told = pd.DataFrame({"customer_id": np.arange(420), "cause": rng.integers(0, 40, 420)})
    found = diversity(study_of(told.astype(str))).frame.loc["shares"]
    assert found["low"] < 40 < found["high"]


def test_too_few_tickets_for_so_many_causes_cannot_tell():
    told = pd.DataFrame({"customer_id": np.arange(60), "cause": np.arange(60) % 40})
    assert isinstance(diversity(study_of(told.astype(str))), CannotTell)
