"""An odd clock, weekends that begin or end, and days on which nothing came in are seen."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.kpis import quality
from tests.kpis.quality.studies import START, clock, daily, study


def test_hours_of_a_quarter_add_up_to_one():
    shares = quality.hours(clock(lambda day: 10))
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
    assert quality.hours(made).idxmax(axis=1).to_dict() == {"2024Q3": 1}


def test_saturdays_and_sundays_are_counted_by_quarter():
    found = quality.weekends(daily(lambda day: 2 if day % 7 < 5 else 1, days=70))
    assert found.loc["2024Q1"].tolist() == [20, 120, pytest.approx(1 / 6)]


def test_weekends_that_begin_in_a_quarter_are_a_jump():
    jumps = quality.weekend_jumps(daily(lambda day: 2 if day % 7 < 5 or day >= 91 else 0, 182))
    assert jumps[["from", "to"]].to_numpy().tolist() == [["2024Q1", "2024Q2"]]
    assert jumps[["share before", "share"]].to_numpy()[0] == pytest.approx([0, 2 / 7], abs=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_weekends_that_differ_by_chance_are_no_jump(seed):
    days = np.random.default_rng(seed).poisson(2, 730)
    assert quality.weekend_jumps(daily(lambda day: days[day], 730)).empty


def test_days_without_a_ticket_are_a_gap_where_many_were_to_be_expected():
    found = quality.gaps(daily(lambda day: 0 if 70 <= day < 75 else 10))
    assert found[["from", "to"]].to_numpy().tolist() == [
        [pd.Timestamp("2024-03-11"), pd.Timestamp("2024-03-15")]
    ]
    assert found[["days", "expected"]].to_numpy().tolist() == [[5, pytest.approx(5 * 160 / 17)]]


def test_a_desk_that_is_closed_at_weekends_has_no_gap():
    assert quality.gaps(daily(lambda day: 50 if day % 7 < 5 else 0)).empty


def test_a_quiet_desk_has_no_gap():
    assert quality.gaps(daily(lambda day: 0 if 70 <= day < 75 else 2)).empty
