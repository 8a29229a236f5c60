"""What is said in public, counted by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.kpis.public import in_their_words, reaching, reviewed, speaking_up, spikes
from cxresearch.study.answers import CannotTell, DoesNotApply
from tests.kpis.public.reviews_of import DAY, START, study

TICKETS = [(place % 90, "app", f"C{place}", 1) for place in range(100)]
TICKETS += [(place % 90, "bill", f"B{place}", 1) for place in range(300)]
COMPLAINTS = [(3 * place, 1, "app", None) for place in range(20)]
COMPLAINTS += [(5 * place, 2, "bill", None) for place in range(12)]


def desk():
    return study(TICKETS, [*COMPLAINTS, (7, 5, "bill", None), (8, 1, None, None)])


def test_a_cause_with_more_complaints_a_ticket_reaches_the_public():
    reach = reaching.reach(desk())
    app, bill = reach.frame.set_index("cause").loc[["app", "bill"]].to_dict("records")
    assert app["times"] == pytest.approx((20.5 / 100) / (12.5 / 300))
    assert app["per 1,000"] == pytest.approx(200)
    assert (app["verdict"], bill["verdict"]) == (reaching.PUBLIC, reaching.INSIDE)
    assert bill["times"] == pytest.approx(1 / app["times"])
    assert "**app** is complained about in public most: 20 times, beside 100 tickets" in (
        reach.said().text
    )
    assert "1 of 33 public complaints" in reach.said("elsewhere").text


def test_the_interval_is_no_narrower_than_that_of_counts():
    app = reaching.reach(desk()).frame.set_index("cause").loc["app"]
    least = np.sqrt(1 / 20.5 + 1 / 100 + 1 / 12.5 + 1 / 300)
    assert np.log(app["high"] / app["low"]) / 2 >= 1.96 * least - 1e-3


def test_complaints_that_came_at_once_make_it_wider():
    at_once = [(30 + place / 100, 1, "app", None) for place in range(20)]
    spread, burst = (
        reaching.reach(study(TICKETS, told)).frame.set_index("cause").loc["app"]
        for told in (COMPLAINTS, [*at_once, *COMPLAINTS[20:]])
    )
    assert burst["high"] / burst["low"] > 1.5 * spread["high"] / spread["low"]


def test_one_customer_who_complains_again_and_again_makes_it_wider():
    alike = [(day, 1, cause, "C1" if cause == "app" else None) for day, _, cause, _ in COMPLAINTS]
    many, one = (
        reaching.reach(study(TICKETS, told)).frame.set_index("cause").loc["app"]
        for told in (COMPLAINTS, alike)
    )
    assert one["times"] == pytest.approx(many["times"])
    assert one["high"] / one["low"] > 2 * many["high"] / many["low"]
    assert one["verdict"] == reaching.UNTOLD


def test_of_few_complaints_nothing_is_compared():
    reach = reaching.reach(study(TICKETS, COMPLAINTS[:3]))
    assert (reach.frame["verdict"] == reaching.UNTOLD).all()
    assert isinstance(reach.said(), CannotTell)


def test_with_reviews_alone_no_cause_stays_inside():
    alone = desk()
    tickets = alone.tickets.head(30).assign(ticket_id=alone.reviews["review_id"].head(30))
    alone.put("tickets", tickets)
    alone.put("ticket_causes", alone.ticket_causes.head(30).assign(ticket_id=tickets["ticket_id"]))
    assert isinstance(reaching.reach(alone), DoesNotApply)
    assert reviewed.stars(alone).frame.loc[0, "reviews"] == 34


def test_stars_are_a_mean_with_bounds_of_who_wrote_nothing():
    stars = reviewed.stars(desk())
    told = stars.frame.iloc[0]
    given_stars = [1] * 20 + [2] * 12 + [5, 1]
    assert told["stars"] == pytest.approx(np.mean(given_stars))
    assert told["praise"] == pytest.approx(1 / 34)
    low, high = reviewed.bounded(np.mean(given_stars), 34, 400)
    assert (stars.lowest, stars.highest) == (low, high)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=30), st.data())
def test_no_answer_of_the_silent_leaves_the_bounds(stars, data):
    silent = data.draw(st.lists(st.integers(1, 5), max_size=30))
    low, high = reviewed.bounded(np.mean(stars), len(stars), len(stars) + len(silent))
    assert low - 1e-9 <= np.mean([*stars, *silent]) <= high + 1e-9


def test_a_review_without_stars_is_neither_praise_nor_complaint():
    rows = reviewed.reviewed(study(TICKETS, [(1, None, "app", None), (2, 4, "app", None)]))
    assert rows["tone"].isna().tolist() == [True, False]
    assert reviewed.complaints(rows).tolist() == [False, False]
    none = reviewed.reviewed(study(TICKETS, [(1, None, "app", None)]))
    assert reviewed.complaints(none).all()


def test_the_lowest_stars_are_of_the_cause_that_has_them():
    few = [(day, 1 + day % 2, "app", None) for day in range(20)]
    many = [(day, 4 + day % 2, "bill", None) for day in range(20)]
    rows = reaching.cause_stars(study(TICKETS, [*few, *many])).frame.set_index("cause")
    assert rows.loc["app", "stars"] == pytest.approx(1.5)
    assert rows.loc["app", "less"] == pytest.approx(-3)
    assert rows["verdict"].to_dict() == {"app": "fewer stars", "bill": "more stars"}
    assert rows.loc["app", "customers"] == 100
    assert rows.loc["app", "lowest"] == pytest.approx((1.5 * 20 + 80) / 100)


def test_a_customer_who_reviews_twice_is_one_of_all():
    once = reviewed.stars(study(TICKETS, [(1, 1, "app", "C1"), (9, 5, "app", "C2")]))
    twice = [(1, 1, "app", "C1"), (2, 1, "app", "C1"), (9, 5, "app", "C2"), (9, 5, "app", "C2")]
    again = reviewed.stars(study(TICKETS, twice))
    assert (again.lowest, again.highest) == pytest.approx((once.lowest, once.highest))
    assert once.lowest == pytest.approx((1 + 5 + 398) / 400)


@pytest.mark.filterwarnings("error")
def test_five_who_agree_are_not_certain():
    same = [(day, 1, "app", None) for day in range(5)]
    others = [(day, 1 + 4 * (day % 2), "bill", None) for day in range(20)]
    app = reaching.cause_stars(study(TICKETS, [*same, *others])).frame.set_index("cause").loc["app"]
    assert (app["stars"], app["low"]) == (1, 1)
    assert 1.5 < app["high"] < 3


def test_stars_that_one_customer_gives_five_times_are_no_mean():
    alike = [(day, 1, "app", "C1") for day in range(5)]
    others = [(day, 4, "bill", None) for day in range(9)]
    assert [*reaching.cause_stars(study(TICKETS, [*alike, *others])).frame["cause"]] == ["bill"]


def spoken():
    """Ten issues solved in time, ten late, of which two of the late are praised after a week and
    one is complained about while it is overdue."""
    tickets = [(place, "app", f"C{place}", 2) for place in range(10)]
    tickets += [(place, "app", f"L{place}", 20) for place in range(10)]
    said = [(27, 5, "app", "L0"), (28, 5, "app", "L1"), (15, 1, "app", "L2"), (300, 3, "app", "C9")]
    return study(tickets, said)


def half_known():
    """The same, and a review of nobody known."""
    one = spoken()
    rows = one.reviews.assign(customer_id=one.reviews["customer_id"].where(
        one.reviews["review_id"] != "R3"))  # fmt: skip
    one.put("reviews", rows)
    return one


def test_issues_are_followed_from_their_solution_or_from_when_they_became_overdue():
    rows = speaking_up.speaking_up(spoken()).frame
    assert rows["issues"].to_dict() == {"in time": 10, "late": 10, "overdue": 10}
    assert rows["praise"].to_dict() == {"in time": 0, "late": 2, "overdue": 2}
    assert rows["complaint"].to_dict() == {"in time": 0, "late": 0, "overdue": 1}
    assert rows.loc["late", "praise share"] == pytest.approx(0.2)


def test_of_few_reviews_no_group_is_said_to_speak_up_more():
    told = speaking_up.speaking_up(spoken())
    assert isinstance(told.said(), CannotTell)
    assert "2 of 10, against 0 of 10" in told.said().reason


def test_an_issue_that_was_not_watched_for_long_enough_is_not_counted():
    tickets = [(place, "app", f"C{place}", 2) for place in range(10)]
    tickets += [(place, "app", f"L{place}", 20) for place in range(10)]
    early = study(tickets, [(29, 5, "app", "L0"), (50, 3, "app", None)], days=50)
    assert speaking_up.speaking_up(early).frame["issues"].to_dict() == {
        "in time": 10, "late": 1, "overdue": 10,
    }  # fmt: skip


USUAL = [(7 * week, 1, "bill", None) for week in range(20)]


def test_a_dozen_reviews_within_hours_are_a_spike():
    burst = [(100 + place / 48, 1, "app", None) for place in range(12)]
    found = spikes.spikes(study(TICKETS, [*USUAL, *burst]))
    [spike] = found.frame.to_dict("records")
    assert (spike["reviews"], spike["cause"]) == (12, "app")
    assert spike["since"] == START + 100 * DAY
    assert spike["usual"] == pytest.approx(1 / 7, rel=0.2)
    assert "12 complaints within a day" in found.said().text
    assert "It is over." in found.said().text


def test_the_same_reviews_on_other_days_are_none():
    spread = [(60 + 4 * place, 1, "app", None) for place in range(12)]
    found = spikes.spikes(study(TICKETS, [*USUAL, *spread]))
    assert found.frame.empty
    assert "No case went viral" in found.said().text


def test_a_handful_in_a_day_is_none():
    few = [(100 + place / 48, 1, "app", None) for place in range(spikes.ENOUGH - 1)]
    assert spikes.spikes(study(TICKETS, [*USUAL, *few])).frame.empty
    one_more = [*few, (100.5, 1, "app", None)]
    assert len(spikes.spikes(study(TICKETS, [*USUAL, *one_more])).frame) == 1


def test_the_first_weeks_have_no_history_to_judge_by():
    burst = [(1 + place / 48, 1, "app", None) for place in range(12)]
    assert spikes.spikes(study(TICKETS, burst)).frame.empty


@pytest.mark.parametrize(
    "ask",
    [reviewed.stars, reaching.reach, reaching.cause_stars, speaking_up.speaking_up,
     spikes.spikes, in_their_words.in_their_words],
)  # fmt: skip
def test_without_reviews_it_says_what_would_tell(ask):
    none = desk()
    tables = {name: none.table(name) for name in none.rows if name != "reviews"}
    told = ask(type(none).from_tables(tables, observed_until="2026-02-10T10:00:00Z"))
    assert isinstance(told, CannotTell)
    assert "no table of reviews" in told.reason


def test_quotes_are_masked():
    desked = desk()
    body = "The app crashes. Call me on +44 7700 900123, regards from jo@shop.example.com"
    desked.put("reviews", desked.reviews.assign(body=body))
    told = in_their_words.in_their_words(desked)
    assert len(told) == 4
    assert not told["quote"].str.contains("900123|jo@shop").any()


def test_only_reviews_whose_customer_is_known_can_follow_an_issue():
    assert "75% of all" in speaking_up.speaking_up(half_known()).said("known").text


def test_a_difference_of_stars_has_the_interval_of_student():
    told = [(day, 1.0 + day % 2, "app", None) for day in range(20)]
    told += [(day, 4.0 + day % 2, "bill", None) for day in range(20)]
    row = reaching.cause_stars(study(TICKETS, told)).frame.set_index("cause").loc["app"]
    error = np.sqrt(0.25 * 20 / 19 * 2 / 20)  # of two means of twenty, pooled
    assert row["less high"] - row["less"] == pytest.approx(2.0244 * error, rel=1e-4)  # t, 38


def test_what_is_asked_does_not_depend_on_the_order_of_the_rows():
    one, other = desk(), desk()
    other.put("reviews", other.reviews.sample(frac=1, random_state=3, ignore_index=True))
    pd.testing.assert_frame_equal(reaching.reach(one).frame, reaching.reach(other).frame)
