from datetime import date

import numpy as np
import pandas as pd
import pytest

from cxresearch.lab.simulate.office import is_holiday, office_hours
from cxresearch.lab.simulate.parameters import World


def after(start: str, hours: float) -> str:
    """When so many office hours have passed since a time in Madrid, as a time in Madrid."""
    time = pd.Timestamp(start, tz="Europe/Madrid")
    found = office_hours(World()).after(np.array([int(time.timestamp())]), np.array([hours * 3600]))
    return pd.Timestamp(int(found[0]), unit="s", tz="Europe/Madrid").strftime("%F %H:%M")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2025-03-05 10:00", 2, "2025-03-05 12:00"),
        ("2025-03-05 16:30", 3, "2025-03-06 10:30"),  # over night
        ("2025-03-07 17:00", 2, "2025-03-10 10:00"),  # Friday to Monday
        ("2025-03-08 12:00", 1, "2025-03-10 10:00"),  # from a Saturday
        ("2025-03-05 03:00", 0.5, "2025-03-05 09:30"),  # before opening
        ("2025-03-28 17:00", 2, "2025-03-31 10:00"),  # over the change to summer time
        ("2025-04-17 17:00", 2, "2025-04-21 10:00"),  # Good Friday
        ("2024-12-24 17:30", 1, "2024-12-26 09:30"),  # Christmas Day
        ("2025-03-03 09:00", 45, "2025-03-10 09:00"),  # a week of nine hours a day
    ],
)
def test_only_office_hours_pass(start, hours, end):
    assert after(start, hours) == end


def test_a_world_may_close_on_other_days():
    closed = World(holidays=("2025-03-05", "07-04"))
    days = [date(2025, 3, 5), date(2024, 3, 5), date(2024, 7, 4), date(2025, 12, 25)]
    assert [is_holiday(closed, day) for day in days] == [True, False, True, False]


def test_agents_write_in_office_hours_only(mute):
    events = mute[0]["ticket_events"]
    by_hand = events["event_type"].isin(["reply", "note"]) & (events["actor_role"] == "agent")
    local = events.loc[by_hand, "event_at"].dt.tz_convert("Europe/Madrid")
    assert (local.dt.day_of_week < 5).all()
    assert local.dt.hour.between(8, 18).all()  # the solution is written shortly before it is booked
    assert not (local.dt.strftime("%m-%d") == "12-25").any()


def test_fewer_write_on_a_holiday(mute):
    days = mute[0]["tickets"]["created_at"].dt.strftime("%F")
    assert (days == "2025-05-01").sum() < 0.7 * (days == "2025-04-24").sum()
