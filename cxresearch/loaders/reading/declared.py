"""What a person declares about an export, because no file can tell it."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings

ORDERS = ("day", "month", "year")


@dataclass(frozen=True)
class Declared:
    """time_zone of times that are written without one; whether dates begin with the day, month or
    year; encoding of text that is neither UTF-8 nor marked; a SQL condition on a ticket or an event
    of its history that means escalated; the TOML file that describes a foreign layout; the billing
    system that a ready mapping describes; and within how many days who pays again never left.
    """

    time_zone: str | None = None
    date_order: str | None = None
    encoding: str | None = None
    escalated: str | None = None
    mapping: str | Path | None = None
    billing: str | None = None
    grace_days: float = Settings.grace_days

    def __post_init__(self):
        Settings(grace_days=self.grace_days)
        if self.date_order not in (None, *ORDERS):
            raise InputError(f"date_order is '{self.date_order}'; it must be day, month or year.")
        if self.time_zone is None:
            return
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise InputError(
                f"time_zone is '{self.time_zone}'; it must be a name such as Europe/Madrid or UTC."
            ) from error

    def zone_of(self, what: str) -> str:
        """The declared time zone. Raises InputError, naming what needs it, if there is none."""
        if self.time_zone is None:
            raise InputError(
                f"{what} has times without an offset from UTC: say in which time zone they are, "
                "such as --time-zone Europe/Madrid (the zone of the help desk's account)."
            )
        return self.time_zone
