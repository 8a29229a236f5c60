"""Which periods of a study can be compared: whole ones, watched for as long as each other."""

from __future__ import annotations

import pandas as pd

from cxresearch.kpis.period_kpis import WATCHED
from cxresearch.study.answers import CannotTell, SameReason
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study

KINDS = {"Q": "quarter", "M": "month"}
LOOKS = {"quarter": 4, "month": 12}  # a year, if each is looked at once


def last_two(study: Study) -> tuple[str, str] | CannotTell:
    """The last two quarters that can be compared, else the last two months."""
    begin = study.settings.time("tickets_from") or study.tickets["created_at"].min()
    first, last = _local(study, begin), _watched_until(study)
    for kind in KINDS:
        after = last.to_period(kind) - 1
        if (after - 1).start_time >= first:
            return str(after - 1), str(after)
    return SameReason(
        "what changed: it takes two whole months, watched for a month after.",
        {"table": "how KPIs and volume changed"},
    )


def kind_of(before: str, after: str) -> str:
    """How tickets are put together by these periods: by quarter or month. Raises InputError for
    what are no two such periods, the earlier first."""
    try:
        one, other = pd.Period(before), pd.Period(after)
    except ValueError as error:
        raise InputError(f"'{before}' or '{after}' is no period such as 2025Q3: {error}") from error
    kinds = [None if pd.isna(period) else period.freqstr[0] for period in (one, other)]
    if kinds[0] != kinds[1] or kinds[0] not in KINDS or not one < other:
        raise InputError(
            f"'{before}' and '{after}' must be two quarters such as 2025Q2 and 2025Q3, or two "
            "months such as 2025-05 and 2025-06, the earlier one first."
        )
    return KINDS[str(kinds[0])]


def is_watched(study: Study, period: str) -> bool:
    """Was a period watched for long enough after its end?"""
    return bool(pd.Period(period).end_time <= _watched_until(study))


def whole_weeks(study: Study, before: str, after: str) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """The first so many whole weeks of both periods, as many as the shorter one has."""
    spans = [pd.Period(period) for period in (before, after)]
    weeks = min(((span + 1).start_time - span.start_time).days // 7 for span in spans)
    return [(_moment(study, span.start_time), _moment(study, span.start_time, weeks))
            for span in spans]  # fmt: skip


def _moment(study: Study, day: pd.Timestamp, weeks: int = 0) -> pd.Timestamp:
    """So many weeks after the beginning of a day where the study is."""
    later = day + pd.Timedelta(weeks=weeks)
    return later.tz_localize(study.settings.time_zone, nonexistent="shift_forward",
                             ambiguous=True).tz_convert("UTC")  # fmt: skip


def _watched_until(study: Study) -> pd.Timestamp:
    """The local moment by which a period must be over: WATCHED days and the promise before the
    end of the observation."""
    wait = pd.Timedelta(days=WATCHED + study.settings.unresolved_after_days)
    return _local(study, study.observed_until - wait)


def _local(study: Study, moment: pd.Timestamp) -> pd.Timestamp:
    return moment.tz_convert(study.settings.time_zone).tz_localize(None)
