"""Every parameter of the simulated company, and what it means."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime

import numpy as np

from cxresearch.lab.simulate.causes import CAUSES, Cause
from cxresearch.study.schema import InputError

DAY = 86_400
NEVER = 253_402_300_799  # the last second of the year 9999: "not in this world"


@dataclass(frozen=True)
class Plan:
    """A plan: its share of new customers, price a seat and month, seats (median), and how its
    customers differ in leaving (hazard ratio) and in writing (ratio of ticket rates)."""

    name: str
    share: float
    price: float
    seats: float
    hazard_ratio: float
    ticket_ratio: float


@dataclass(frozen=True)
class Incident:
    """A day on which something broke for many at once: its date, cause, how many days it lasted
    and how many tickets it made for each customer in all."""

    date: str
    cause: str
    days: float
    tickets_per_customer: float


@dataclass(frozen=True)
class Cascade:
    """An issue of one cause that sets off one of another: with which chance, within how many days
    (mean) the other follows."""

    cause: str
    follows: str
    chance: float
    days: float


PLANS = (
    Plan("starter", 0.50, 19.0, 3, 1.25, 0.80),
    Plan("team", 0.35, 29.0, 9, 1.00, 1.00),
    Plan("business", 0.15, 39.0, 28, 0.75, 1.35),
)
INCIDENTS = (
    Incident("2024-05-14", "sync", 3, 0.035),
    Incident("2024-11-06", "login", 1, 0.045),
    Incident("2025-03-18", "integration", 4, 0.025),
    Incident("2025-09-02", "app_crash", 5, 0.035),
)
# Public holidays in Spain: those of every year, and Good Friday.
HOLIDAYS = (
    *"01-01 01-06 05-01 08-15 10-12 11-01 12-06 12-08 12-25".split(),
    *"2022-04-15 2023-04-07 2024-03-29 2025-04-18 2026-04-03".split(),
)


@dataclass(frozen=True)
class World:
    """The parameters of a simulated company. Rates are per customer, times in days unless said.

    Calendar
        opened_on, tickets_from, observed_until: the company sells from opened_on; the export holds
        tickets created and customers present from tickets_from on; nothing is seen after
        observed_until (ISO dates, UTC). Customers who left before tickets_from are not in the
        export (left truncation), nor are tickets written before it, although they may be overdue.
        Office hours: opens_at to closes_at in time_zone, Monday to Friday, but not on holidays
        (MM-DD for every year, or a full date), on which holiday_quiet of the customers who would
        have written wait for the next day.
    Leaving (the hazard is drawn once a day at each customer's own moment, so it is exact there)
        leave_per_year: yearly rate of deciding to leave, for a customer on the middle plan with
        average activity and nothing overdue. pay_failure_per_year: rate of involuntary ends,
        which depend on nothing (a negative control) but, with failure_frailty, on what else makes
        customers differ: their log rate changes by failure_frailty for one unit of frailty, so
        that those censored by it are not like the rest. early_ratio, early_days: hazard ratio in a
        customer's first days. activity_effect: change of the log hazard for one unit of log
        activity (negative: heavy users stay). price_rise_on, price_rise_ratio, price_rise_days:
        a hazard ratio for everybody after a price rise. frailty: standard deviation of what else
        makes customers differ in log hazard (nobody sees it).
    Contracts
        annual_share: share of yearly contracts; they end at the renewal after the decision, and
        their notice is recorded with chance notice_recorded. Monthly contracts always have a
        notice and end with the paid month. unknown_end: share of ends whose kind is not known.
    Issues
        issues_per_year: for a customer on the middle plan with average activity.
        write_effect: change of the log rate of issues for one unit of log activity.
        promise_days: an issue open longer (time spent pending does not count) is overdue.
        harm_after_days: the age at which an issue begins to do harm; the same as promise_days
        unless the promise is a wrong one.
        harm: multiplies every cause's log hazard ratio (0: a world in which issues do no harm).
        additive: what is overdue adds to the hazard, whoever the customer is, instead of
        multiplying it: what its hazard ratio would add on the middle plan at average activity.
        mediated: share of that harm that works through lower activity.
        fade_share, fade_days: after a late solution this share of the log hazard ratio remains
        and falls to nothing in four equal steps over fade_days.
        incidents: days on which something broke for many at once. cascades: causes after which
        another follows for the same customer.
        reopened, pending, held, unanswered, escalated: shares of tickets.
    Activity (log of weekly sessions around 10; a new level every 28 days)
        activity_between, activity_within: standard deviations between customers and over time;
        activity_memory: correlation of a customer's level from one period to the next.
    What blurs the picture
        exit_requests: share of leavers who ask to cancel in a ticket, exit_lead_days before their
        notice (mean). silent: share of leavers who write nothing in the last silent_days before
        notice. tidied_up: share of leavers whose open tickets agents close as solved at some
        moment of the last tidied_days before notice, without solving anything.
        unmatched: share of people in no account. merged, spam, deleted: shares of tickets.
    Surveys (mood falls with the wait, with a reopening and with open harm; its spread is about 1)
        csat_share: share of solved tickets after which CSAT is the question; else it is CES.
        asked_after, asked_nps: shares of solved tickets, and of customers at each of nps_on, that
        are asked in an even mood. asked_mood, asked_leaving: change
        of the log odds of being asked for one unit of mood, and within 45 days of the decision to
        leave. answered: log odds of answering in an even mood; answered_strong, answered_mood,
        answered_leaving: their change for one unit of strong feeling of either sign, of good mood,
        and within 45 days of the decision.
    Text
        two_issues: share of tickets about two causes. german, spanish: shares of other languages.
    """

    opened_on: str = "2022-01-01"
    tickets_from: str = "2024-01-01"
    observed_until: str = "2026-01-01"
    time_zone: str = "Europe/Madrid"
    opens_at: str = "09:00"
    closes_at: str = "18:00"
    holidays: tuple[str, ...] = HOLIDAYS
    holiday_quiet: float = 0.6
    leave_per_year: float = 0.185
    pay_failure_per_year: float = 0.03
    failure_frailty: float = 0.0
    early_ratio: float = 1.4
    early_days: int = 90
    activity_effect: float = -0.7
    price_rise_on: str = "2025-04-01"
    price_rise_ratio: float = 1.3
    price_rise_days: int = 91
    frailty: float = 0.0
    annual_share: float = 0.3
    notice_recorded: float = 0.85
    unknown_end: float = 0.02
    issues_per_year: float = 2.15
    write_effect: float = 0.6
    promise_days: float = 7.0
    harm_after_days: float = 7.0
    harm: float = 1.0
    additive: bool = False
    mediated: float = 0.1
    fade_share: float = 0.25
    fade_days: float = 28.0
    reopened: float = 0.07
    pending: float = 0.35
    held: float = 0.5
    unanswered: float = 0.03
    escalated: float = 0.04
    activity_between: float = 0.5
    activity_within: float = 0.35
    activity_memory: float = 0.7
    exit_requests: float = 0.5
    exit_lead_days: float = 5.0
    silent: float = 0.05
    silent_days: float = 60.0
    tidied_up: float = 0.0
    tidied_days: float = 14.0
    unmatched: float = 0.03
    merged: float = 0.02
    spam: float = 0.015
    deleted: float = 0.002
    csat_share: float = 0.75
    asked_after: float = 0.65
    asked_nps: float = 0.90
    asked_mood: float = 0.3
    asked_leaving: float = -0.5
    nps_on: tuple[str, ...] = ("2024-04-08", "2024-10-07", "2025-04-07", "2025-10-06")
    answered: float = -1.15
    answered_strong: float = 0.35
    answered_mood: float = 0.15
    answered_leaving: float = -0.9
    two_issues: float = 0.10
    german: float = 0.018
    spanish: float = 0.015
    causes: tuple[Cause, ...] = CAUSES
    plans: tuple[Plan, ...] = PLANS
    incidents: tuple[Incident, ...] = INCIDENTS
    cascades: tuple[Cascade, ...] = ()

    def seconds(self, name: str) -> int:
        """A date of the world as seconds since 1970 UTC."""
        return seconds(getattr(self, name))

    @property
    def days(self) -> int:
        """Days from opened_on to observed_until."""
        return (self.seconds("observed_until") - self.seconds("opened_on")) // DAY

    @property
    def log_hazard_ratios(self) -> np.ndarray:
        """Planted log hazard ratio of each cause while overdue."""
        return self.harm * np.log([cause.hazard_ratio for cause in self.causes])

    def as_dict(self) -> dict:
        """Every parameter, ready for JSON; additive and cascades only where there are any."""
        told = asdict(self)
        return {k: v for k, v in told.items() if v or k not in ("additive", "cascades")}


def make_world(**changes) -> World:
    """The default world with some parameters changed.

    Raises InputError naming a parameter that does not exist.
    """
    known = [field.name for field in fields(World)]
    for name in changes:
        if name not in known:
            raise InputError(f"A world has no parameter '{name}'; it has {', '.join(known)}.")
    return replace(World(), **changes)


def seconds(date: str) -> int:
    """Seconds since 1970 of an ISO date at midnight UTC."""
    return int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp())
