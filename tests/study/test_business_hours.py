"""Working time: hand-computed moments, both changes of clocks, and a count minute by minute."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.study.business_hours import BusinessHours
from cxresearch.study.schema import InputError

MADRID = BusinessHours("Europe/Madrid", ("Mon-Fri 08:00-18:00",), ("2026-01-06",))
ALWAYS = BusinessHours("Europe/Madrid", ("Mon-Sun 00:00-24:00",))


def minutes(start, end, hours=MADRID):
    """Working minutes between two moments in UTC."""
    moments = [pd.Series(pd.to_datetime([text], utc=True)) for text in (start, end)]
    return hours.minutes(*moments).item()


def test_a_weekend_in_which_the_clocks_go_forward_holds_five_working_minutes():
    assert minutes("2026-03-27T22:50:00Z", "2026-03-30T06:05:00Z") == 5


def test_a_fixed_offset_would_have_found_none():
    fixed = BusinessHours("Etc/GMT-1", ("Mon-Fri 08:00-18:00",))
    assert minutes("2026-03-27T22:50:00Z", "2026-03-30T06:05:00Z", fixed) == 0


def test_a_day_is_ten_hours_and_a_week_fifty():
    assert minutes("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z") == 600
    assert minutes("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z") == 3000


def test_a_holiday_is_not_worked():
    assert minutes("2026-01-05T17:00:00Z", "2026-01-07T07:30:00Z") == 30


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_days_on_which_clocks_change_are_as_long_as_they_are(day, hours):
    midnight = pd.Timestamp(day, tz="Europe/Madrid")
    start, end = (t.tz_convert("UTC").isoformat() for t in (midnight, midnight + pd.DateOffset(1)))
    assert minutes(start, end, ALWAYS) == hours * 60


def test_an_hour_that_comes_twice_is_worked_twice():
    night = BusinessHours("Europe/Madrid", ("Sun 02:00-03:00",))
    assert minutes("2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z", night) == 120
    assert minutes("2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z", night) == 0


def test_an_unknown_moment_gives_an_unknown_duration():
    start = pd.Series(pd.to_datetime(["2026-03-02T09:00:00Z", None], utc=True))
    assert MADRID.minutes(start, start[::-1].set_axis(start.index)).isna().all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 30_000), st.integers(0, 4_000))
def test_it_is_the_count_of_minutes_that_lie_within_the_hours(after, length):
    start = pd.Timestamp("2026-03-20T00:00:00Z") + pd.Timedelta(minutes=after)
    clock = pd.date_range(start, periods=length, freq="min").tz_convert("Europe/Madrid")
    counted = ((clock.day_of_week < 5) & (clock.hour >= 8) & (clock.hour < 18)).sum()
    end = start + pd.Timedelta(minutes=length)
    assert minutes(start.isoformat(), end.isoformat()) == counted


@pytest.mark.parametrize("line", ["Mon-Fri 8-18", "Mo-Fr 08:00-18:00", "Fri-Mon 08:00-18:00",
                                  "Mon 18:00-08:00", "Mon 08:00-18:75"])  # fmt: skip
def test_hours_that_cannot_be_read_are_said(line):
    with pytest.raises(InputError, match="Business hours"):
        BusinessHours("Europe/Madrid", (line,))


def test_lines_that_overlap_are_said():
    with pytest.raises(InputError, match="two lines for Tue overlap"):
        BusinessHours("UTC", ("Mon-Fri 08:00-18:00", "Tue 17:00-20:00"))
