"""By when something was promised: a day, a time, or a length of time, said in English.

As late as the words allow: a day ends at midnight, a range with its larger number, a week on its
Sunday, and a day of the week is the next one of that name. Days and times are those of the desk.
"""

import re

import pandas as pd

from cxresearch.topics.text.desk_words import says, when, written_sentences

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
         "seven": 7, "eight": 8, "nine": 9, "ten": 10, "couple": 2, "few": 3}  # fmt: skip
_LENGTH = re.compile(
    rf"\b(\d{{1,3}}|{'|'.join(WORDS)})(?: of)?[ -]?(?:full |more )?(working|business|work)?[ -]?"
    r"(min|hour|hr|day|week|month)(?:ute)?s?\b"
)
_CLOCK = re.compile(
    r"(?:\b(?:at|by|before|around|until|and|to) (?:about )?|\d(?: ?[ap]m)? ?[-–] ?)(\d{1,2})"
    r"(?:[:.](\d\d))? ?(?:([ap]\.?m)\b)?(?![\w.-]\w| ?(?:working|business|days?|hours?|weeks?))"
    r"|\b(?:noon|midday)\b"
)
_HALF = re.compile(r"\b(\d{1,2})(?:[:.](\d\d))? ?([ap]\.?m)\b")
_WEEKDAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur|r)?(?:day)?\b")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_YEAR = r"(?:,? (20\d\d))?\b"
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH}){_YEAR}"
    rf"|\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?{_YEAR}|\b(\d{{4}}-\d\d-\d\d)\b"
)
_NTH = re.compile(r"\bthe (\d{1,2})(?:st|nd|rd|th)\b")
DAY = pd.Timedelta(days=1)


def due_at(body: str | None, at: pd.Timestamp) -> pd.Timestamp | None:
    """The moment by which the first promise of a message, written at a moment of the desk's own
    time zone, is due; None where none is read.

    >>> due_at("We will call you by Friday.", pd.Timestamp("2025-01-01 09:00", tz="UTC"))
    Timestamp('2025-01-04 00:00:00+0000', tz='UTC')
    """
    clauses = (c for sentence in written_sentences(body) for c in sentence.split("; "))
    told = next((c for c in clauses if says("date_promised", c)), "")
    return (_due(told[when().search(told).start() :], at) or _due(told, at)) if told else None


def _due(words: str, at: pd.Timestamp) -> pd.Timestamp | None:
    """The moment that words name, as late as they allow."""
    try:
        day = _named_day(words, at)
        if day is None and (length := _LENGTH.search(words)):
            return _after(at, *length.groups())
        times = _DATE.sub(" ", words)
        if clock := _HALF.search(times) or _CLOCK.search(times):
            return _on_clock(at.normalize() if day is None else day, clock, at)
        return None if day is None else day + pd.DateOffset(days=1)
    except (ValueError, OverflowError):  # no such day or hour, or one after the end of years
        return None


def _named_day(words: str, at: pd.Timestamp) -> pd.Timestamp | None:
    today = at.normalize()
    if found := _DATE.search(words):
        return _date(found, today)
    if found := _NTH.search(words):
        month = today if int(found[1]) >= today.day else today + pd.DateOffset(months=1)
        return month.replace(day=int(found[1]))
    if "tomorrow" in words:
        return today + pd.DateOffset(days=1)
    if re.search(r"\b(?:today|tonight|eod|cob|end of (?:the |this )?(?:day|business)"
                 r"|this (?:morning|afternoon|evening))\b", words):  # fmt: skip
        return today
    if found := _WEEKDAY.search(words):
        return today + pd.DateOffset(days=(DAYS.index(found[1]) - at.day_of_week) % 7)
    if re.search(r"\b(?:this week|end of (?:the |this )?week|eow|weekend)\b", words):
        return today + pd.DateOffset(days=6 - at.day_of_week)
    if "next week" in words:
        return today + pd.DateOffset(days=13 - at.day_of_week)
    return None


def _date(found: re.Match, today: pd.Timestamp) -> pd.Timestamp:
    """The day of that name in the year told, else the next one, counted from a month ago."""
    if found[7]:
        return pd.Timestamp(found[7], tz=today.tz)
    month, day = MONTHS.index((found[2] or found[4])[:3]) + 1, int(found[1] or found[5])
    if year := found[3] or found[6]:
        return today.replace(year=int(year), month=month, day=day)
    same = today.replace(month=month, day=day)
    return same if same >= today - 30 * DAY else same + pd.DateOffset(years=1)


def _after(at: pd.Timestamp, number: str, work: str | None, unit: str) -> pd.Timestamp:
    n = int(WORDS.get(number, 0) or number)
    if unit in ("min", "hour", "hr"):
        return at + pd.Timedelta(**{"minutes" if unit == "min" else "hours": n})
    if unit == "day" and work:
        return (at + n * pd.offsets.BDay()).normalize() + pd.DateOffset(days=1)
    return at.normalize() + pd.DateOffset(**{f"{unit}s": n}) + pd.DateOffset(days=1)


def _on_clock(day: pd.Timestamp, clock: re.Match, at: pd.Timestamp) -> pd.Timestamp:
    """A time on a day; an hour before eight without am or pm is one of the afternoon, and what is
    over today is tomorrow's."""
    hour, half = int(clock[1] or 12), (clock[3] or "")[:1]
    late = half == "p" or (not half and hour < 8)
    hour = hour % 12 + 12 if late else hour % (12 if half else 24)
    told = day.replace(hour=hour, minute=int(clock[2] or 0))
    return told if told > at or day != at.normalize() else told + pd.DateOffset(days=1)
