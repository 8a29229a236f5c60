"""How soon a first answer is promised, by the channel and priority of a ticket."""

import re
from dataclasses import dataclass

import pandas as pd

from cxresearch.study.schema import InputError

LINE = re.compile(r"([^:,]+)(?:,([^:,]+))?:\s*(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Promise:
    """An answer within so many hours for tickets that carry each name as channel or priority."""

    names: frozenset[str]
    hours: float

    def __str__(self) -> str:
        return f"{', '.join(sorted(self.names))}: {self.hours:g}"

    def holds_for(self, channel: pd.Series, priority: pd.Series) -> pd.Series:
        """For which tickets it was given; channel and priority in lower case."""
        one = channel.isin(self.names) | priority.isin(self.names)
        both = channel.isin(self.names) & priority.isin(self.names) & (channel != priority)
        return both if len(self.names) == 2 else one


def read_promises(lines: tuple[str, ...]) -> tuple[Promise, ...]:
    """Promises from texts such as "chat: 0.5", "urgent: 1" or "email, urgent: 2" (hours).

    Raises InputError for another form, no time, or the same names twice.
    """
    promises = tuple(_parsed(line) for line in lines)
    for promise in promises:
        if sum(promise.names == other.names for other in promises) > 1:
            names = ", ".join(sorted(promise.names))
            raise InputError(f"first_reply_promises: there are two promises for {names}.")
    return promises


def promised_hours(
    promises: tuple[Promise, ...], channel: pd.Series, priority: pd.Series, default: float
) -> pd.Series:
    """Hours promised to each ticket: by a promise with two names, else by the shortest of those
    with one, else the default."""
    channel, priority = (words.str.strip().str.lower() for words in (channel, priority))
    hours = pd.Series(default, index=channel.index)
    for promise in sorted(promises, key=lambda p: (len(p.names), -p.hours)):
        hours = hours.mask(promise.holds_for(channel, priority), promise.hours)
    return hours


def _parsed(line: str) -> Promise:
    match = LINE.fullmatch(line.strip())
    names = [name.strip().lower() for name in match.groups()[:2] if name] if match else []
    if not names or not all(names) or len(set(names)) < len(names):
        raise InputError(
            f"first_reply_promises: '{line}' is not as in 'chat: 0.5' or 'email, urgent: 2': a "
            "channel, a priority or both, a colon, and hours."
        )
    if not float(match[3]) > 0:
        raise InputError(f"first_reply_promises: '{line}' must promise more than 0 hours.")
    return Promise(frozenset(names), float(match[3]))
