"""Office hours: when the help desk works, in its own time zone, without public holidays."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from cxresearch.lab.simulate.parameters import DAY, World

BEFORE, AFTER = 40, 400  # days around the world's own for which office hours are known


class OfficeHours:
    """The seconds at which each working day opens, and how long it lasts."""

    def __init__(self, world: World):
        zone = ZoneInfo(world.time_zone)
        first = date.fromisoformat(world.opened_on) - timedelta(days=BEFORE)
        last = date.fromisoformat(world.observed_until) + timedelta(days=AFTER)
        days = [first + timedelta(days=n) for n in range((last - first).days)]
        working = [d for d in days if d.weekday() < 5 and not is_holiday(world, d)]
        hour, minute = map(int, world.opens_at.split(":"))
        opens = [datetime(d.year, d.month, d.day, hour, minute, tzinfo=zone) for d in working]
        self._opens = np.array([int(at.timestamp()) for at in opens], dtype=np.int64)
        self._length = _clock(world.closes_at) - _clock(world.opens_at)

    def after(self, time: np.ndarray, wait: np.ndarray) -> np.ndarray:
        """The time at which `wait` seconds of office hours have passed since `time`.

        Long after the end of the world nobody looks at the clock: the wait is simply added.
        """
        time, wait = np.asarray(time, dtype=np.int64), np.asarray(wait).astype(np.int64)
        day = np.maximum(np.searchsorted(self._opens, time, side="right") - 1, 0)
        today = np.clip(time - self._opens[day], 0, self._length)
        day, rest = np.divmod(day * self._length + today + wait, self._length)
        known = (day < len(self._opens)) & (time < self._opens[-1])
        ends = self._opens[np.minimum(day, len(self._opens) - 1)] + rest
        return np.where(known, ends, time + wait)


@cache
def office_hours(world: World) -> OfficeHours:
    """The office hours of a world, worked out once."""
    return OfficeHours(world)


def is_holiday(world: World, day: date) -> bool:
    """Is it one of the world's holidays, of that year or of every year?"""
    return day.isoformat() in world.holidays or f"{day:%m-%d}" in world.holidays


def holiday_seconds(world: World) -> np.ndarray:
    """Midnight UTC of each holiday on which the company was open, in seconds since 1970."""
    start = date.fromisoformat(world.opened_on)
    days = (start + timedelta(days=n) for n in range(world.days))
    since = date(1970, 1, 1)
    return np.array([(d - since).days * DAY for d in days if is_holiday(world, d)], dtype=np.int64)


def _clock(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    return hour * 3600 + minute * 60
