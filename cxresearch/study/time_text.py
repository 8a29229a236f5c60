"""A time as study.toml writes it: ISO 8601, with its offset from UTC."""

import re

import pandas as pd

from cxresearch.study.conform_sql import TEXT_FORM
from cxresearch.study.schema import InputError

NO_OFFSET = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?"


def time_told(name: str, text: str) -> pd.Timestamp | None:
    """A time as a setting holds it, in UTC, or None where it is empty. Raises InputError naming the
    setting if it is no time, or one without an offset."""
    if not text:
        return None
    if re.fullmatch(NO_OFFSET, text):
        raise InputError(f"{name} = '{text}' has no offset from UTC: write {text}Z if it is UTC.")
    try:
        if not re.fullmatch(TEXT_FORM["time"], text):
            raise ValueError(text)
        return pd.Timestamp(text).tz_convert("UTC")
    except ValueError as error:
        raise InputError(
            f"{name} = '{text}' is not a time such as 2026-01-31T00:00:00Z."
        ) from error
