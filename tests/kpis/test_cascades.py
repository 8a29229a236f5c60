"""Which cause follows which, by hand, against a plain count, and on planted pairs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cxresearch import CannotTell
from cxresearch.kpis.cascades import (
    FOLLOWS,
    TOGETHER,
    WITHIN,
    Cascades,
    _swap,
    against_deals,
    cascades,
    followed,
)
from tests.kpis.desk import customer, desk, ticket

DAY = 86400


def count(*tickets) -> list[int]:
    """followed, of tickets (customer, label, day), for two labels: aa, ab, ba, bb."""
    who, label, day = np.array(tickets).T
    return followed(who, label, day * DAY, 2).tolist()


def test_a_customer_counts_once_and_within_a_fortnight():
    a, b = 0, 1
    assert count((1, a, 0), (1, b, 14)) == [0, 1, 0, 0]
    assert count((1, a, 0), (1, b, 15)) == [0, 0, 0, 0]
    assert count((1, a, 0), (1, b, 3), (1, b, 4), (2, a, 0), (2, b, 9)) == [0, 2, 0, 1]
    assert count((1, a, 5), (1, b, 5)) == [0, 0, 0, 0]  # at the same moment none follows
    assert count((1, a, 0), (2, b, 1)) == [0, 0, 0, 0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 40)), min_size=1))
def test_pairs_are_those_of_a_plain_count(rows):
    plain = np.zeros((3, 3), int)
    for first in range(3):
        for then in range(3):
            plain[first, then] = len({
                who for who, label, day in rows if label == first
                for other, kind, later in rows
                if other == who and kind == then and 0 < (later - day) * DAY <= WITHIN
            })  # fmt: skip
    who, label, day = np.array(rows).T
    assert followed(who, label, day * DAY, 3).tolist() == plain.ravel().tolist()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_dealt_dates_stay_in_their_cause_and_within_their_customers_time(seed):
    rng = np.random.default_rng(seed)
    at, label = rng.integers(0, 100, 60), rng.integers(0, 3, 60)
    since, until = at - rng.integers(0, 30, 60), at + rng.integers(0, 30, 60)
    dealt = at.copy()
    for _ in range(5):
        _swap(dealt, label, since, until, rng)
    assert ((since <= dealt) & (dealt <= until)).all()
    for of in range(3):
        assert sorted(dealt[label == of]) == sorted(at[label == of])
    assert (dealt != at).any()


def test_a_count_is_compared_with_deals_as_a_poisson_one():
    dealt = np.repeat([[4.0, 0.5]], 10, axis=0)
    rows = against_deals(np.array([12, 3]), dealt)
    assert rows.loc[0, ["customers", "expected", "ratio"]].tolist() == [12, 4, 3]
    limits = stats.gamma(12.5).ppf([0.025, 0.975]) / 4
    assert rows.loc[0, ["low", "high"]].tolist() == pytest.approx(limits.tolist())
    assert rows.loc[0, "p"] == pytest.approx(2 * stats.gamma(12.5).cdf(4))
    assert np.isnan(rows.loc[1, "p"])  # fewer than one customer is expected


def company(gap: float, both: bool = False, channel: str = "email"):
    """150 customers of a year: each writes about a and, gap days later or anywhere, b; both has
    half of them write b first."""
    rng, tickets, causes = np.random.default_rng(5), [], {}
    for i in range(150):
        day = rng.uniform(0, 340)
        later = day + gap * (-1 if both and i % 2 else 1) if gap else rng.uniform(0, 360)
        for cause, when in (("a", day), ("b", max(later, 0)), ("c", rng.uniform(0, 360))):
            name = f"{cause}{i}"
            tickets.append(ticket(name, f"p{i}", when, created_channel=channel))
            causes[name] = cause
    people = [customer(f"p{i}", segment="s") for i in range(150)]
    return desk(tickets, causes=causes, customers=people)


def pair(found: Cascades, first: str, then: str) -> pd.Series:
    return found.frame.set_index(["first", "then"]).loc[(first, then)]


def test_a_planted_pair_is_found_and_its_reverse_is_not():
    found = cascades(company(3))
    assert pair(found, "a", "b")["customers"] == 150
    assert pair(found, "a", "b")["verdict"] == FOLLOWS
    assert pair(found, "b", "a")["ratio"] == pair(found, "a", "b")["back"] < 1
    assert found.said().text.startswith("**b follows a**: 150 customers wrote so within 14 days")
    assert found.table().iloc[0]["pair"] == "a, then b"


def test_where_dates_are_dealt_anew_already_none_follows():
    found = cascades(company(0))
    assert not found.frame["verdict"].str.startswith(FOLLOWS).any()
    assert found.said().text.startswith("No cause follows another within 14 days more than")


def test_a_bad_time_brings_pairs_either_way_round_and_none_follows():
    found = cascades(company(3, both=True))
    assert pair(found, "a", "b")["verdict"] == pair(found, "b", "a")["verdict"] == TOGETHER
    assert found.said().text.endswith("2 come together more often, but either way round.")


def test_it_is_the_same_each_time():
    one, two = (cascades.__wrapped__(company(3)).frame for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_channels_are_compared_where_more_than_one_is_known():
    assert isinstance(cascades(company(3), "channel"), CannotTell)
    assert isinstance(cascades(company(3, channel=None), "channel"), CannotTell)


def test_without_customers_it_cannot_be_told():
    alone = desk([ticket("a", "p", 0)], causes={"a": "x"})
    assert "customers table would tell" in cascades(alone).reason


def test_too_few_who_wrote_twice_cannot_be_told():
    few = company(3)
    rows = few.tickets[few.tickets["requester_id"].isin(["p1", "p2", "p3"])]
    few.put("tickets", rows)
    assert "too few customers wrote twice" in cascades(few).said().reason
