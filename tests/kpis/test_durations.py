"""Waits with the open ones counted: medians and means on paper, both clocks, who is left out."""

import numpy as np
import pandas as pd
import pytest
from desks import desk, zendesk
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import Study
from cxresearch.kpis import durations as times
from cxresearch.kpis.durations import (
    first_response_time,
    naive_mean,
    resolution_time,
    solved_in_time,
    unanswered,
)
from cxresearch.kpis.standing import Standing
from cxresearch.study.schema import InputError
from tests.kpis.desk import whole

RESTRICTED, NAIVE = "First response, restricted mean", "First response, naive mean"
OFFICE = {"time_zone": "Europe/Madrid", "business_hours": ("Mon-Fri 08:00-18:00",)}


def estimates(times: Standing) -> list[float]:
    """Median, restricted mean and naive mean of all."""
    return times.frame.loc[times.frame["group"] == "all", "estimate"].tolist()


def test_the_naive_mean_forgets_who_still_waits():
    # Answered after 2, 4 and 6 hours; two still wait after 1000. Half are answered by hour 6:
    # 3 of 5. Cut at 720 hours the waits are 2 + 4 + 6 + 720 + 720. The mean of three is 4.
    study = desk([0] * 5, replied=[2, 4, 6, np.nan, np.nan])
    found = first_response_time(study)
    assert estimates(found) == pytest.approx([6, 1452 / 5, 4])
    assert found.frame["n"].tolist() == [5, 5, 3]
    assert "2 that still wait are forgotten" in whole(found, NAIVE)["why"]


def test_censoring_by_the_calendar_on_paper():
    # 10 h, 30 h (answered), 20 h (censored): S = 2/3 after 10, and 0 after 30, when one is at risk.
    study = desk([0, 80, 70], replied=[10, np.nan, 100], until=100)
    assert estimates(first_response_time(study))[0] == 30


def test_where_nobody_waits_any_more_all_is_plain():
    found = first_response_time(desk([0] * 4, replied=[1, 2, 3, 10]))
    assert estimates(found) == pytest.approx([2, 4, 4])


def test_a_wait_that_was_not_reached_cannot_be_told():
    found = first_response_time(desk([0] * 3, replied=[5, np.nan, np.nan]))
    assert found.frame["verdict"].tolist() == ["cannot tell", "no target", "cannot tell"]
    assert "fewer than half" in whole(found)["why"]


def test_a_horizon_longer_than_the_watch_cannot_be_told():
    study = desk([0, 0], replied=[5, np.nan], until=700)
    longer = first_response_time(desk([0, 0], replied=[5, np.nan], until=721))
    assert "not" not in whole(longer, RESTRICTED)["why"]
    assert "watched for 720 hours" in whole(first_response_time(study), RESTRICTED)["why"]


def test_business_time_leaves_out_the_weekend_and_the_change_of_clocks():
    # 1002, Friday 23:50 to Monday 08:05 in Madrid, over the change of clocks: 55.25 hours, of which
    # the desk was open for five minutes (the business hours' own test).
    study = zendesk()
    tables = {n: study.table(n) for n in ("tickets", "ticket_events")}
    tables["tickets"] = tables["tickets"].query("ticket_id == '1002'")
    tables["ticket_events"] = tables["ticket_events"].query("ticket_id == '1002'")
    ends = "2026-10-25T00:30:00Z"
    one = type(study).from_tables(tables, observed_until=ends, **OFFICE)
    assert estimates(first_response_time(one))[0] == pytest.approx(55.25)
    assert estimates(first_response_time(one, clock="business"))[0] == pytest.approx(5 / 60)


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
    assert (found.frame["verdict"] == "cannot tell").all()
    assert "business_hours" in whole(found)["why"]
    with pytest.raises(InputError, match="calendar, business"):
        first_response_time(desk([0], replied=1), clock="lunar")


def test_a_solution_nobody_knows_the_time_of_is_not_timed():
    study = desk([0] * 12, solved=[10.0] * 10 + [np.nan] * 2,
                 status=["solved"] * 10 + ["closed", "unknown"])  # fmt: skip
    found = whole(resolution_time(study))
    assert (found["n"], found["eligible"], found["estimate"]) == (10, 11, 10)
    assert "1 more are not timed" in found["why"]


def test_an_answer_older_than_the_question_is_eligible_and_not_timed():
    found = whole(first_response_time(desk([10, 0], replied=[5, 4])))
    assert (found["n"], found["eligible"], found["estimate"]) == (1, 2, 4)


def test_on_the_fixtures_half_are_answered_within_three_hours():
    # 0.53, 0.5, 2.98 and 55.25 hours; 1004 and 1006 have no answer: the third of six is 2.98.
    found = first_response_time(zendesk())
    assert estimates(found)[0] == pytest.approx(2.9833, abs=1e-4)
    assert estimates(found)[2] == pytest.approx((31 + 2 / 3 + 30 + 179 + 3315) / 240)


def test_a_month_that_is_younger_than_the_horizon_is_marked():
    mature = first_response_time(desk([0, 900], replied=[1, 901]), by="month").frame["mature"]
    assert mature["First response, median, 2025-01"]
    assert not mature["First response, median, 2025-02"]


def test_tickets_of_one_person_tell_less():
    replied = [1, 2, 30, 40] * 10
    people, few = (desk([0] * 40, replied=replied, requester_id=who, ticket_id=TICKETS)
                   for who in (TICKETS, ["p", "p", "q", "q"] * 10))  # fmt: skip
    rows = [whole(first_response_time(each), RESTRICTED) for each in (people, few)]
    wide = [row["high"] - row["low"] for row in rows]
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
        ).frame
        for rows in (waits, again)
    )
    pd.testing.assert_frame_equal(first, second)


def test_one_wait_is_no_mean():
    rows = pd.DataFrame({"time": [1.0], "event": [1], "known": [True], "who": ["a"]})
    assert "fewer than two" in naive_mean(rows).reason
    two = pd.concat([rows, rows.assign(time=3.0, who="b")])
    assert naive_mean(two)["estimate"] == 2


def five(until=60.0, **more) -> Study:
    """Solved on days 1, 2, 1 (of day 5) and 20; the last, of day 40, is open."""
    days = [n * 24 for n in (0, 0, 5, 0, 40)]
    return desk(days, solved=[24, 48, 144, 480, np.nan], until=until * 24, **more)


def test_solved_in_time_censors_the_open():
    # Within 7 days 3 of 4 are solved; the fifth is open on day 20, so 3 of 5.
    assert whole(solved_in_time(five()))["estimate"] == pytest.approx(3 / 5)
    # Watched for half a day only, the fifth tells nothing of day 7: 3 of the other 4.
    assert whole(solved_in_time(five(until=40.5)))["estimate"] == pytest.approx(3 / 4)
    weeks = five(settings={"unresolved_after_days": 30.0})
    assert whole(solved_in_time(weeks))["definition"].startswith(
        "of customers' tickets, solved within the promise of 30 days"
    )
    assert whole(solved_in_time(five(settings={"unresolved_after_days": 20.0})))["n"] == 5


def test_unanswered_counts_those_closed_without_an_answer():
    silent = five(replied=np.nan, total_agent_replies=0)
    assert whole(unanswered(silent))["estimate"] == 1
    assert np.isnan(whole(unanswered(five(replied=np.nan)))["estimate"])


def test_unanswered_is_what_is_left_of_those_answered_by_day_30():
    # Of four one is answered on day 31, one never; the interval is Wilson's of 2 in 4, turned.
    row = whole(unanswered(desk([0] * 4, replied=[1, 2, 31 * 24, np.nan])))
    assert row[["estimate", "low", "high"]].tolist() == pytest.approx([0.5, 0.15, 0.85], abs=0.001)
    assert row["wanted"] == "at most"
    none = whole(unanswered(desk([10], replied=[5])))
    assert (none["verdict"], none["n"]) == ("cannot tell", 0)
    assert "no ticket is timed" in none["why"]


def test_a_solution_older_than_its_ticket_is_not_timed():
    row = whole(solved_in_time(desk([0, 10], solved=[1, 5])))
    assert (row["estimate"], row["n"], row["eligible"]) == (1, 1, 2)
