"""The dates that a study's exports tell; study.toml holds those that a person decided."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from cxresearch.study.readable import read_json, readable
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings, read_settings
from cxresearch.study.time_text import time_told

REPORT = "import.json"
TOLD = ("tickets_from", "customers_from", "observed_until", "types_by_people_until")


def apart(settings: Mapping) -> tuple[dict, dict]:
    """An export's settings without its dates, and the dates."""
    dates = {name: str(settings[name]) for name in TOLD if settings.get(name)}
    return {name: value for name, value in settings.items() if name not in TOLD}, dates


def dates_told(folder: Path) -> dict[str, str]:
    """The dates in a study's import.json; {} where it has none. Raises InputError, naming the file,
    for one that is no time."""
    file = folder / REPORT
    told = read_json(file, {}).get("told", {}) if file.exists() else {}
    with readable(file):
        if not isinstance(told, dict) or not told.keys() <= {*TOLD}:
            raise InputError("told is not as it was written. Put it back, or import again")
        for name, value in told.items():
            time_told(name, value if isinstance(value, str) else repr(value))
    return told


def settings_of(folder: Path) -> Settings:
    """The settings of a study's folder: study.toml's and, where it leaves a date empty, the date
    that the exports tell. Raises InputError as read_settings does."""
    settings, told = read_settings(folder / "study.toml"), dates_told(folder)
    return replace(
        settings, **{n: told[n] for n in TOLD if told.get(n) and not getattr(settings, n)}
    )


def joined_dates(held: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """What two exports together tell: from the earlier beginning until the later end; a date that
    only one tells is that one's."""
    both = {**held, **new}
    for name in held.keys() & new.keys():
        earlier, later = held[name], new[name]
        if pd.Timestamp(earlier) > pd.Timestamp(later):
            earlier, later = later, earlier
        both[name] = earlier if name.endswith("_from") else later
    return both
