"""Waits with the open ones counted: medians and means on paper, both clocks, who is left out."""

import numpy as np
import pandas as pd
import pytest
from desks import desk, zendesk
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.kpis import durations as times
from cxresearch.kpis.durations import first_response_time, naive_mean, resolution_time
from cxresearch.study.schema import InputError

OFFICE = {"time_zone": "Europe/Madrid", "business_hours": ("Mon-Fri 08:00-18:00",)}


def estimates(found: pd.DataFrame) -> list[float]:
    """Median, restricted mean and naive mean of all."""
    return found.loc[found["group"] == "all", "estimate"].tolist()


def test_the_naive_mean_forgets_who_still_waits():
    # Answered after 2, 4 and 6 hours; two still wait after 1000. Half are answered by hour 6:
    # 3 of 5. Cut at 720 hours the waits are 2 + 4 + 6 + 720 + 720. The mean of three is 4.
    study = desk([0] * 5, replied=[2, 4, 6, np.nan, np.nan])
    found = first_response_time(study)
    assert estimates(found) == pytest.approx([6, 1452 / 5, 4])
    assert found["n"].tolist() == [5, 5, 3]
    assert "2 that still wait are forgotten" in found["why"].iloc[2]


def test_censoring_by_the_calendar_on_paper():
    # 10 h, 30 h (answered), 20 h (censored): S = 2/3 after 10, and 0 after 30, when one is at risk.
    study = desk([0, 80, 70], replied=[10, np.nan, 100], until=100)
    assert estimates(first_response_time(study))[0] == 30


def test_where_nobody_waits_any_more_all_is_plain():
    found = first_response_time(desk([0] * 4, replied=[1, 2, 3, 10]))
    assert estimates(found) == pytest.approx([2, 4, 4])


def test_a_wait_that_was_not_reached_cannot_be_told():
    found = first_response_time(desk([0] * 3, replied=[5, np.nan, np.nan]))
    assert found["verdict"].tolist() == ["cannot tell", "no target", "cannot tell"]
    assert "fewer than half" in found["why"].iloc[0]


def test_a_horizon_longer_than_the_watch_cannot_be_told():
    study = desk([0, 0], replied=[5, np.nan], until=700)
    assert "not" not in first_response_time(desk([0, 0], replied=[5, np.nan], until=721))["why"][1]
    assert "watched for 720 hours" in first_response_time(study)["why"].iloc[1]


def test_business_time_leaves_out_the_weekend_and_the_change_of_clocks():
    # 1002, Friday 23:50 to Monday 08:05 in Madrid, over the change of clocks: 55.25 hours, of which
    # the desk was open for five minutes (the business hours' own test).
    study = zendesk()
    tables = {n: study.table(n) for n in ("tickets", "ticket_events")}
    tables["tickets"] = tables["tickets"].query("ticket_id == '1002'")
    tables["ticket_events"] = tables["ticket_events"].query("ticket_id == '1002'")
    ends = "2026-10-25T00:30:00Z"
    one = type(study).from_tables(tables, observed_until=ends, **OFFICE)
    assert first_response_time(one)["estimate"].iloc[0] == pytest.approx(55.25)
    assert first_response_time(one, clock="business")["estimate"].iloc[0] == pytest.approx(5 / 60)


def test_an_open_ticket_is_censored_at_the_business_minutes_until_the_end():
    # Wednesday noon in Madrid (START is 01:00 there) to Friday 10:00: 6 + 10 + 2 open hours.
    asked = desk([11], until=57, settings=OFFICE).customer_tickets
    asked = asked.assign(over_at=asked["first_reply_at"], known=True)
    facts = times.wait_facts(desk([11], until=57, settings=OFFICE), asked, "business")
    assert facts[["time", "event"]].values.tolist() == [[18, 0]]


def test_the_business_horizon_is_the_open_hours_of_as_many_days():
    study = desk([0], settings=OFFICE)
    assert times.horizon(study, 7, "business") == 50
    assert times.horizon(study, 7, "calendar") == 168


def test_without_business_hours_the_second_clock_cannot_tell():
    found = first_response_time(desk([0], replied=1), clock="business")
    assert (found["verdict"] == "cannot tell").all()
    assert "business_hours" in found["why"].iloc[0]
    with pytest.raises(InputError, match="calendar, business"):
        first_response_time(desk([0]), clock="lunar")


def test_a_solution_nobody_knows_the_time_of_is_not_timed():
    study = desk([0, 0, 0], solved=[10, np.nan, np.nan], status=["solved", "closed", "unknown"])
    found = resolution_time(study).iloc[0]
    assert (found["n"], found["eligible"], found["estimate"]) == (1, 2, 10)
    assert "1 more are not timed" in found["why"]


def test_an_answer_older_than_the_question_is_eligible_and_not_timed():
    found = first_response_time(desk([10, 0], replied=[5, 4])).iloc[0]
    assert (found["n"], found["eligible"], found["estimate"]) == (1, 2, 4)


def test_on_the_fixtures_half_are_answered_within_three_hours():
    # 0.53, 0.5, 2.98 and 55.25 hours; 1004 and 1006 have no answer: the third of six is 2.98.
    found = first_response_time(zendesk())
    assert estimates(found)[0] == pytest.approx(2.9833, abs=1e-4)
    assert naive_mean_by_hand(found) == pytest.approx((31 + 2 / 3 + 30 + 179 + 3315) / 240)


def naive_mean_by_hand(found: pd.DataFrame) -> float:
    return found["estimate"].iloc[2]


def test_a_month_that_is_younger_than_the_horizon_is_marked():
    found = first_response_time(desk([0, 900], replied=[1, 901]), by="month")
    median = found[found["kpi"].str.endswith("median")].set_index("group")
    assert median.loc["2025-01", "mature"]
    assert not median.loc["2025-02", "mature"]


def test_tickets_of_one_person_tell_less():
    replied = [1, 2, 30, 40] * 10
    people, few = (desk([0] * 40, replied=replied, requester_id=who, ticket_id=TICKETS)
                   for who in (TICKETS, ["p", "p", "q", "q"] * 10))  # fmt: skip
    wide = [(f["high"] - f["low"]).iloc[1] for f in map(first_response_time, (people, few))]
    assert wide[1] > 2 * wide[0]


TICKETS = [f"t{i}" for i in range(40)]
WAITS = st.lists(st.tuples(st.integers(0, 300), st.booleans()), min_size=1, max_size=15)


@settings(max_examples=30, deadline=None)
@given(WAITS, st.integers(0, 300))
def test_an_open_ticket_never_lowers_the_median(waits, more):
    def found(rows):
        facts = pd.DataFrame(rows, columns=["time", "event"]).astype({"time": float, "event": int})
        told = times.median(facts.assign(who=range(len(rows)), known=True))
        return getattr(told, "reason", None) or told["estimate"]

    before, then = found(waits), found([*waits, (more, False)])
    if isinstance(before, str):
        assert isinstance(then, str)
    elif not isinstance(then, str):
        assert then >= before


@settings(max_examples=10, deadline=None)
@given(WAITS.filter(lambda rows: len(rows) > 2), st.randoms())
def test_the_order_of_tickets_changes_nothing(waits, chance):
    again = list(waits)
    chance.shuffle(again)
    first, second = (
        first_response_time(
            desk([0] * len(rows), replied=[t if over else np.nan for t, over in rows])
        )
        for rows in (waits, again)
    )
    pd.testing.assert_frame_equal(first, second)


def test_one_wait_is_no_mean():
    rows = pd.DataFrame({"time": [1.0], "event": [1], "known": [True], "who": ["a"]})
    assert "fewer than two" in naive_mean(rows).reason
