"""Working time between two moments, on the clocks of a place, without weekends and holidays.

Zones and changes of clocks are the standard library's (zoneinfo, through pandas). No library is
used for the rest, because none that is well kept answers the question: pandas' CustomBusinessHour
and numpy's busday_count shift one moment by hours or count whole days, and know no minutes between
two moments, lunch breaks by weekday or hours that come twice; holiday calendars by country (the
package holidays) do not know on which days a desk is closed, so study.toml lists these.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from cxresearch.study.schema import InputError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
MINUTE = 60.0


def check_zone(where: str, name: str) -> None:
    """Raises InputError, in a sentence that begins with where, if there is no such time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InputError(
            f"{where}'{name}' is no time zone such as UTC or Europe/Madrid."
        ) from error


@dataclass(frozen=True)
class BusinessHours:
    """When a desk is open: lines such as "Mon-Fri 08:00-18:00" on the clocks of a time zone, and
    the days on which it stays closed, as ISO dates. A day may be in several lines (a lunch break).
    """

    time_zone: str
    hours: tuple[str, ...]
    holidays: tuple[str, ...] = ()

    def __post_init__(self):
        check_zone("Business hours: ", self.time_zone)
        for day in self.holidays:
            _check_day(day)
        _ = self.open_on

    @cached_property
    def open_on(self) -> dict[int, list[tuple[int, int]]]:
        """By day of the week (0 Monday), from and until which minute of the day it is open."""
        by_day: dict[int, list[tuple[int, int]]] = {day: [] for day in range(7)}
        for line in self.hours:
            first, last, begin, end = _parsed(line)
            for day in range(first, last + 1):
                by_day[day].append((begin, end))
        for day, spans in by_day.items():
            spans.sort()
            if any(end > begin for (_, end), (begin, _) in pairwise(spans)):
                raise InputError(f"Business hours: two lines for {DAYS[day]} overlap.")
        return by_day

    def minutes(self, start: pd.Series, end: pd.Series) -> pd.Series:
        """Minutes for which the desk was open from start to end (UTC); null where one is null.

        Negative where end lies before start. An hour that the clocks skip is not worked, one that
        they repeat is worked twice.
        """
        known = start.notna() & end.notna()
        if not known.any():
            return pd.Series(np.nan, index=start.index)
        both = pd.concat([start[known], end[known]])
        opened, closed = self._spans(both.min(), both.max())
        worked = _worked(end, opened, closed) - _worked(start, opened, closed)
        return pd.Series(worked / MINUTE, index=start.index).where(known)

    def _spans(self, first: pd.Timestamp, last: pd.Timestamp) -> tuple[np.ndarray, np.ndarray]:
        """Seconds since 1970 at which the desk opened and closed, from first to last."""
        zone, day = self.time_zone, pd.Timedelta("1D")
        days = pd.date_range(
            first.tz_convert(zone).tz_localize(None).normalize() - day,
            last.tz_convert(zone).tz_localize(None).normalize() + day,
        )
        days = days[~days.isin(pd.to_datetime(list(self.holidays)))]
        spans = [(d, span) for d in days for span in self.open_on[d.day_of_week]]
        opened, closed = (
            pd.to_datetime([day + pd.Timedelta(minutes=span[i]) for day, span in spans])
            for i in (0, 1)
        )
        return _instants(opened, zone, first=True), _instants(closed, zone, first=False)


def _check_day(day: str) -> None:
    try:
        if not DATE.fullmatch(day):
            raise ValueError(day)
        date.fromisoformat(day)
    except ValueError as error:
        raise InputError(f"Holidays: '{day}' is no date such as 2026-12-25.") from error


def _parsed(line: str) -> tuple[int, int, int, int]:
    match = HOURS.fullmatch(line)
    names = [name for name in match.groups()[:2] if name] if match else []
    if not names or not set(names) <= set(DAYS):
        raise InputError(f"Business hours: '{line}' is not as in 'Mon-Fri 08:00-18:00'.")
    h1, m1, h2, m2 = map(int, match.groups()[2:])
    first, last, begin, end = (
        DAYS.index(names[0]),
        DAYS.index(names[-1]),
        h1 * 60 + m1,
        h2 * 60 + m2,
    )
    if first > last or not begin < end <= 24 * 60 or max(m1, m2) > 59:
        raise InputError(f"Business hours: '{line}' ends before it begins.")
    return first, last, begin, end


def _instants(clocks: pd.DatetimeIndex, zone: str, first: bool) -> np.ndarray:
    """Seconds since 1970; of an hour that comes twice, a desk opens in the first."""
    twice = np.full(len(clocks), first)
    return _seconds(clocks.tz_localize(zone, ambiguous=twice, nonexistent="shift_forward"))


def _seconds(times) -> np.ndarray:
    return (times - pd.Timestamp(0, tz="UTC")) / pd.Timedelta("1s")


def _worked(times: pd.Series, opened: np.ndarray, closed: np.ndarray) -> np.ndarray:
    """Seconds worked from the first opening to each moment."""
    moment = np.asarray(_seconds(times), dtype=float)
    before = np.concatenate([[0.0], np.cumsum(closed - opened)])
    place = np.searchsorted(opened, moment, "right")
    begun = np.where(place > 0, opened[np.maximum(place - 1, 0)] if len(opened) else 0.0, moment)
    length = np.where(place > 0, before[place] - before[np.maximum(place - 1, 0)], 0.0)
    return before[np.maximum(place - 1, 0)] + np.minimum(np.maximum(moment - begun, 0.0), length)
