"""An odd clock, weekends that begin or end, and days on which nothing came in are seen."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch.kpis import quality
from cxresearch.kpis.quality.clock import Hours
from tests.kpis.quality.studies import START, clock, daily, study


def test_hours_of_a_quarter_add_up_to_one():
    shares = quality.hours(clock(lambda day: 10)).frame
    assert shares.shape[1] == 24
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)


def test_a_clock_set_eight_hours_back_is_found_where_it_happened():
    jumps = quality.clock_jumps(clock(lambda day: np.where(day < 366, 14, 6)))
    assert jumps[["from", "to"]].to_numpy().tolist() == [["2024Q4", "2025Q1"]]
    assert jumps["hours"].item() == pytest.approx(-8, abs=1)


@pytest.mark.parametrize("hour", [0, 6, 12, 23.5])
def test_a_steady_clock_does_not_jump_not_even_around_midnight(hour):
    assert quality.clock_jumps(clock(lambda day: hour)).empty


def test_a_jump_across_midnight_is_told_the_short_way():
    jumps = quality.clock_jumps(clock(lambda day: np.where(day < 366, 22, 2), spread=1))
    assert jumps["hours"].item() == pytest.approx(4, abs=0.5)


@pytest.mark.parametrize("seed", range(5))
def test_customers_all_around_the_world_are_no_jumping_clock(seed):
    hours = np.random.default_rng(seed).uniform(0, 24, 730)
    assert quality.clock_jumps(clock(lambda day: hours)).empty


def test_a_quarter_of_few_tickets_is_no_jump():
    few = START + pd.to_timedelta([*range(10, 2000, 24), 2200, 2260], unit="h")
    assert quality.clock_jumps(study(few)).empty


def test_hours_are_those_of_the_studys_time_zone():
    summer = pd.to_datetime(["2024-07-01T23:30:00Z"])
    made = study(summer, settings={"time_zone": "Europe/Madrid"})
    assert quality.hours(made).frame.idxmax(axis=1).to_dict() == {"2024Q3": 1}


def test_saturdays_and_sundays_are_counted_by_quarter():
    rows = quality.weekends(daily(lambda day: 2 if day % 7 < 5 else 1, days=70)).frame
    assert rows.loc["2024Q1", ["weekend", "tickets"]].tolist() == [20, 120]
    assert rows.loc["2024Q1", "share"] == pytest.approx(1 / 6)


def test_weekends_that_begin_in_a_quarter_are_a_jump():
    both = quality.weekends(daily(lambda day: 2 if day % 7 < 5 or day >= 91 else 0, 182))
    assert both.frame["verdict"].to_dict() == {"2024Q1": "steady", "2024Q2": "jumps"}
    jump = both.frame.loc["2024Q2", ["share before", "share"]].tolist()
    assert jump == pytest.approx([0, 2 / 7], abs=0.01)
    assert "**jumps** (2024Q1 to 2024Q2 from 0% to 29%)" in both.said().text


@pytest.mark.parametrize("seed", range(5))
def test_weekends_that_differ_by_chance_are_no_jump(seed):
    days = np.random.default_rng(seed).poisson(2, 730)
    rows = quality.weekends(daily(lambda day: days[day], 730)).frame
    assert set(rows["verdict"]) == {"steady"}


def test_days_without_a_ticket_are_a_gap_where_many_were_to_be_expected():
    rows = quality.gaps(daily(lambda day: 0 if 70 <= day < 75 else 10)).frame
    assert rows[["from", "to"]].to_numpy().tolist() == [
        [pd.Timestamp("2024-03-11"), pd.Timestamp("2024-03-15")]
    ]
    assert rows[["days", "expected"]].to_numpy().tolist() == [[5, pytest.approx(5 * 160 / 17)]]


def test_a_desk_that_is_closed_at_weekends_has_no_gap():
    assert quality.gaps(daily(lambda day: 50 if day % 7 < 5 else 0)).frame.empty


def test_a_quiet_desk_has_no_gap():
    assert quality.gaps(daily(lambda day: 0 if 70 <= day < 75 else 2)).frame.empty


def test_what_is_steady_is_said_to_be():
    quiet = daily(lambda day: 1, days=200)
    assert quality.hours(quiet).said().text == (
        "The hours of creation keep their shape: no jump of 3 hours or more."
    )
    said = quality.weekends(quiet).said()
    assert said.text.startswith("28.0% (95% interval 22.2% to 34.6%; 56 of 200) of tickets")
    assert said.text.endswith("does not jump from one quarter to the next.")
    assert said.numbers["count"] == 56
    assert "no days in a row" in quality.gaps(quiet).said().text


def test_a_jump_is_said_with_its_quarters_and_hours():
    jumps = pd.DataFrame({"from": ["a", "b"], "to": ["b", "c"], "hours": [-7.94, 4.0]})
    said = Hours(pd.DataFrame(), jumps).said().text
    assert "**jumps** (a to b by -7.9 hours; b to c by +4.0 hours). The clock or its time" in said


def test_the_largest_gap_is_named_with_its_days():
    said = quality.gaps(daily(lambda day: 0 if 70 <= day < 75 or day == 90 else 25)).said()
    assert "were expected: 2. The largest is from 2024-03-11 to 2024-03-15" in said.text
    assert said.numbers["expected"] == pytest.approx(5 * 25 * 16 / 17, abs=9)


def test_the_quietest_hours_are_told_of_the_first_and_the_last_quarter():
    shares = pd.DataFrame([[0.5, 0.1, 0.4], [0.2, 0.3, 0.5], [0.6, 0.3, 0.1]], ["a", "b", "c"])
    made = Hours(shares, pd.DataFrame())
    ax = made.plot()
    assert ax.figure.get_suptitle() == "The quietest hour was 1 o'clock in a, 2 o'clock in c"
    assert made.described().endswith("quietest hour lay between 0 and 2 o'clock.")
    plt.close(ax.figure)
