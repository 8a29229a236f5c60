"""A change in tickets is split over customers, mix and rate without a rest."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cxresearch import CannotTell, Study
from cxresearch.kpis.shapley import split
from cxresearch.kpis.volume import (
    NO_CAUSE,
    Volume,
    latest_change,
    rate_by_cause,
    two_periods,
    volume_change,
)
from cxresearch.study.schema import InputError

START = pd.Timestamp("2024-01-01", tz="UTC")


def counts(before, after) -> np.ndarray:
    """One draw of [[days], [tickets]] by segment, before and after."""
    return np.array([[before, after]], dtype=float)


def test_more_customers_at_a_higher_rate_by_hand():
    # 10 to 20 days, 2 to 3 tickets a day: 10 days x 2.5 a day, and 1 a day x 15 days
    parts = split(counts([[10], [20]], [[20], [60]]))[0]
    assert parts.tolist() == pytest.approx([25, 0, 15])


def test_another_mix_by_hand():
    # 10 days in all; from 8:2 to 2:8 at rates of 1 and 3
    parts = split(counts([[8, 2], [8, 6]], [[2, 8], [2, 24]]))[0]
    assert parts.tolist() == pytest.approx([0, 12, 0])


def test_a_segment_that_comes_is_mix_and_no_rate():
    parts = split(counts([[10, 0], [10, 0]], [[5, 5], [5, 15]]))[0]
    assert parts.tolist() == pytest.approx([0, 10, 0])


TABLES = hnp.arrays(np.int64, (1, 2, 2, 3), elements=st.integers(0, 50)).filter(
    lambda c: (c[:, :, 0].sum(axis=2) > 0).all()
)


def cleaned(c: np.ndarray) -> np.ndarray:
    """Nobody writes in a segment in which nobody was watched."""
    c = c.astype(float)
    c[:, :, 1] *= c[:, :, 0] > 0
    return c


@given(TABLES)
def test_the_parts_add_up_to_the_change(c):
    c = cleaned(c)
    change = c[0, 1, 1].sum() - c[0, 0, 1].sum()
    assert split(c)[0].sum() == pytest.approx(change, abs=1e-9)


@given(TABLES)
def test_back_again_is_the_same_with_the_other_sign(c):
    c = cleaned(c)
    assert split(c)[0] == pytest.approx(-split(c[:, ::-1])[0], abs=1e-9)


@given(TABLES, st.permutations(range(3)))
def test_the_order_of_segments_does_not_matter(c, order):
    c = cleaned(c)
    assert split(c)[0] == pytest.approx(split(c[:, :, :, order])[0], abs=1e-9)


def company(tickets, customers, causes="abcd") -> Study:
    """tickets: (customer, day, cause); customers: (name, from, until or None, segment)."""
    at = lambda d: START + pd.Timedelta(days=d)  # noqa: E731
    ids = [str(i) for i in range(len(tickets))]
    who = pd.DataFrame(
        {"customer_id": [c[0] for c in customers], "started_at": [at(c[1]) for c in customers],
         "ended_at": pd.to_datetime(pd.Series([c[2] and at(c[2]) for c in customers]), utc=True),
         "segment": [c[3] for c in customers], "observed_until": at(100)}
    )  # fmt: skip
    told = pd.DataFrame(
        {"ticket_id": ids, "requester_id": [t[0] for t in tickets], "status": "solved",
         "created_at": [at(t[1]) for t in tickets]}
    )  # fmt: skip
    cause = pd.DataFrame(
        {"ticket_id": ids, "topic": [causes.find(t[2]) for t in tickets],
         "cause": [t[2] for t in tickets], "weight": 1.0, "is_exit_request": False}
    )  # fmt: skip
    tables = {"tickets": told, "ticket_causes": cause, "customers": who}
    return Study.from_tables(tables, tickets_from=START.isoformat(),
                             observed_until=at(100).isoformat())  # fmt: skip


SMALL = company(
    [("p", 10, "a"), ("p", 20, "a"), ("q", 30, "b"), ("p", 60, "a"), ("r", 70, "b"), ("r", 71, "b"),
     ("r", 72, "b"), ("q", 80, "a"), ("x", 90, "a"), ("q", 40, "?")],
    [("p", 0, None, "s"), ("q", 0, 75, "s"), ("r", 50, None, "l")],
)  # fmt: skip


def test_a_study_s_change_by_hand():
    """p and q: 100 days, 4 tickets. Then p 50, q 25 (left on day 75), r 50 days: 1, 0 and 3.
    The tickets of q after the end and of x, who is no customer, are a part of their own."""
    before, after = two_periods(SMALL)
    change = volume_change(SMALL, before, after)
    assert change.periods[["tickets", "counted", "customers"]].to_numpy().tolist() == [
        [4, 4, 2], [6, 4, 3]]  # fmt: skip
    parts = change.frame["tickets"]
    assert parts.sum() == pytest.approx(2)
    assert parts["others"] == 2
    # Shapley by hand: days 100 to 125; shares s 1 to .6, l 0 to .4; rates s .04 to 1/75, l .06
    v = {(d, m, r): d * (m * r + (1 - m) * 0.06)
         for d in (100, 125) for m in (1, 0.6) for r in (0.04, 1 / 75)}  # fmt: skip
    means = [
        (v[125, a, b] - v[100, a, b], {(1, 0.04): 2, (0.6, 1 / 75): 2}.get((a, b), 1) / 6)
        for a in (1, 0.6) for b in (0.04, 1 / 75)
    ]  # fmt: skip
    assert parts["customers"] == pytest.approx(sum(x * w for x, w in means))


def test_the_rate_s_part_is_split_over_causes_without_a_rest():
    change = volume_change(SMALL, *two_periods(SMALL))
    rate = change.frame.loc["rate", "tickets"]
    assert change.causes["tickets"].sum() == pytest.approx(rate)
    assert change.causes.set_index("cause")[["before", "after"]].loc[NO_CAUSE].tolist() == [1, 0]


def test_the_order_of_rows_does_not_matter_and_the_seed_does_the_rest():
    tables = {n: SMALL.table(n).sample(frac=1, random_state=3)
              for n in ("tickets", "ticket_causes", "customers")}  # fmt: skip
    mixed = Study.from_tables(tables, tickets_from=SMALL.settings.tickets_from,
                              observed_until=SMALL.settings.observed_until)  # fmt: skip
    one, two = (volume_change(s, *two_periods(s)) for s in (SMALL, mixed))
    pd.testing.assert_frame_equal(one.frame, two.frame)
    pd.testing.assert_frame_equal(one.causes, two.causes)


def test_where_only_writers_are_known_the_rate_is_tickets_a_writer():
    tables = {n: SMALL.table(n) for n in ("tickets", "ticket_causes")}
    study = Study.from_tables(tables, tickets_from=START.isoformat(),
                              observed_until=SMALL.settings.observed_until)  # fmt: skip
    parts = latest_change(study).frame["tickets"]
    assert parts.index.tolist() == ["customers", "rate", "others"]
    # 2 writers of 2 tickets each, then 4 of 1.5: 2 x 1.75 and -0.5 x 3
    assert parts.tolist() == pytest.approx([3.5, -1.5, 0])


def test_periods_that_were_not_watched_are_refused_with_what_to_choose():
    early = (START - pd.Timedelta(days=9), START + pd.Timedelta(days=9))
    with pytest.raises(InputError, match="choose it between"):
        volume_change(SMALL, early, two_periods(SMALL)[1])
    with pytest.raises(InputError, match="every ticket is known"):
        volume_change(SMALL, two_periods(SMALL)[0], (START, START))


def test_a_study_of_a_month_cannot_tell():
    tables = {n: SMALL.table(n) for n in ("tickets", "ticket_causes", "customers")}
    short = Study.from_tables(tables, tickets_from=(START + pd.Timedelta(days=70)).isoformat(),
                              observed_until=SMALL.settings.observed_until)  # fmt: skip
    assert isinstance(two_periods(short), CannotTell)
    assert isinstance(latest_change(short), CannotTell)


def made(mix: bool = True, low: float = -5.0, days: int = 60) -> Volume:
    """From 100 to 124 tickets: 10 for customers, 2 for mix, 8 for the rate and 4 of others."""
    frame = pd.DataFrame({"part": list("abcd"), "tickets": [10.0, 2, 8, 4]},
                         index=["customers", "mix", "rate", "others"])  # fmt: skip
    frame = frame.assign(low=frame["tickets"] + low, high=frame["tickets"] + 5)
    frame = frame.assign(verdict=["more", "cannot tell", "more" if low > -8 else "cannot tell",
                                  "counted"])  # fmt: skip
    ends = pd.Timedelta(days=days)
    periods = pd.DataFrame(
        {"start": [START, START + ends], "tickets": [100, 124], "end": [START + ends,
         START + 2 * ends]}, index=["before", "after"],
    )  # fmt: skip
    causes = pd.DataFrame({"cause": ["mail"], "before": [3], "after": [5], "tickets": [-1.6]})
    return Volume(frame if mix else frame.drop(index="mix"), causes, periods)


def test_the_change_is_said_with_its_parts():
    assert made(days=365).said().text == (
        "From 100 to 124 tickets: the number of customers made +10 of the change. How often they "
        "write made **+8** (+3 to +13)."
    )
    assert made().said().text.endswith(" The periods lie in different seasons.")
    assert made(mix=False).said().text == made().said().text


def test_a_rate_that_may_not_have_moved_is_said_to_be_perhaps_nothing():
    assert "**+8** (-1 to +13), so perhaps nothing." in made(low=-9).said().text


def test_the_parts_are_shown_with_their_intervals_and_add_up():
    shown = made().table()
    assert shown["tickets"].tolist() == ["+10 (+5 to +15)", "+2 (-3 to +7)", "+8 (+3 to +13)", "+4",
                                         "+24"]  # fmt: skip
    assert shown["part"].tolist() == [*"abcd", "change in all"]


def test_a_study_s_parts_are_judged_by_their_intervals_and_others_are_counted():
    change = latest_change(SMALL)
    assert change.frame["part"].tolist() == [
        "more or fewer customers", "another mix of segments", "more or fewer tickets a customer",
        "not of a customer at the time",
    ]  # fmt: skip
    known = change.frame.drop(index="others")
    assert (known["verdict"] == "cannot tell").equals((known["low"] <= 0) & (known["high"] >= 0))
    assert change.frame.loc["others", "verdict"] == "counted"
    assert change.said().text.startswith("From 4 to 6 tickets: ")


def test_causes_are_shown_with_whole_tickets():
    assert rate_by_cause(made()).to_dict("records") == [
        {"cause": "mail", "before": 3, "after": 5, "part of the rate's change": -2}
    ]
    unknown = CannotTell("nobody.")
    assert rate_by_cause(unknown) is unknown


@pytest.mark.parametrize(("days", "length"), [(730, 365), (728, 364), (900, 365)])
def test_two_years_are_compared_year_by_year_and_less_in_halves(days, length):
    until = START + pd.Timedelta(days=days)
    tables = {n: SMALL.table(n) for n in ("tickets", "ticket_causes", "customers")}
    study = Study.from_tables(tables, tickets_from=START.isoformat(),
                              observed_until=until.isoformat())  # fmt: skip
    before, after = two_periods(study)
    assert before[1] == after[0] == until - pd.Timedelta(days=length)
    assert (before[0], after[1]) == (until - pd.Timedelta(days=2 * length), until)
