"""What a second company is like: its causes, its parameters and the kinds of it."""

from dataclasses import dataclass, field, fields

import numpy as np

from cxresearch.study.nearest import refuse_unknown

OPENED = np.datetime64("2022-01-01")  # days count from here
EXPORT, DAYS, STEP, YEAR = 730, 1461, 28, 365.25  # days: first and end of the export, step, year
PROMISE = 7.0  # days; an older open issue is overdue
SETTINGS = {"tickets_from": "2024-01-01T00:00:00Z", "customers_from": "2024-01-01T00:00:00Z",
            "observed_until": "2026-01-01T00:00:00Z", "unresolved_after_days": PROMISE}  # fmt: skip
# name: share of issues, median days until solved for an account of middle size
CAUSES = {
    "Cannot sign in": (0.19, 5.0),
    "Invoice is wrong": (0.16, 12.0),
    "Import fails": (0.14, 16.0),
    "Reports load slowly": (0.12, 16.0),
    "Question about a setting": (0.11, 4.0),
    "Calendar does not sync": (0.11, 20.0),
    "E-mails are not delivered": (0.08, 12.0),
    "Phone app crashes": (0.06, 20.0),
    "Data are lost": (0.03, 16.0),
}
HARM = {"Import fails": 0.18, "Calendar does not sync": 0.34, "Data are lost": 0.50}
FLOOR = 0.1  # a protective issue leaves at least this share of the hazard
PRICE_RISE = 13  # the quarter since the opening: April to June 2025


@dataclass(frozen=True)
class Company:
    """What a company is like. Effects are on a logarithm, of size for one standard deviation."""

    leave_rate: float = 0.19  # decisions to leave a customer-year without harm, at a year's tenure
    involuntary_rate: float = 0.03  # failed payments a customer-year
    tenure_shape: float = 0.8  # Weibull; below 1 the hazard falls with tenure
    quarter_sd: float = 0.05  # of log hazard and of log tickets, between quarters
    price_rise: float = 1.0  # times the hazard, in one quarter
    activity_memory: float = 0.85  # correlation from one 4-week step to the next
    activity_sd: float = 0.6  # of log activity
    activity_on_hazard: float = -0.6  # for each unit of log activity
    activity_on_tickets: float = 0.5  # for each unit of log activity
    size_on_hazard: float = -0.15
    size_on_tickets: float = 0.2
    size_on_resolution: float = -0.3  # on log days until solved
    size_sd: float = 1.0  # of log seats
    tickets_per_year: float = 3.5  # a customer, on average
    resolution_sd: float = 1.2  # of log days, within a cause
    harm: dict = field(default_factory=lambda: dict(HARM))  # cause: departures added a year
    harm_from: float = 7.0  # days since it was written until an open issue begins to harm
    ramp: float = 10.0  # days until harm is full
    linger: float = 30.0  # days in which harm fades, in a line, after a solution
    harm_later: float = 1.0  # times the harm, from the second year of the export on
    harm_on_activity: float = 0.0  # log activity, for each 4 weeks of full harm
    trouble: float = 0.0  # a hidden state; 1 sways logs with the sd of the strongest covariate
    trouble_days: float = 60.0  # mean days of a spell with it, and of one without
    missing: float = 0.08  # share of people who are joined to no account
    missing_by_size: float = 0.0  # on the logarithm of that share
    annual: float = 0.3  # share of contracts by the year; the others are by the month
    notice: bool = True  # is the decision to leave told?
    silent: float = 0.0  # share of leavers who write nothing from 30 days before notice on
    tidied: float = 0.0  # share of leavers whose open issues are closed in the 14 days before
    unknown_ends: float = 0.0  # share of ends of which the kind is not known
    only_who_wrote: bool = False  # are only people joined who wrote a ticket in the export?

    @property
    def harmful(self) -> list[str]:
        """The causes that change the hazard while they are overdue."""
        return [cause for cause, a_year in self.harm.items() if a_year]


MESSY: dict = {"missing_by_size": 0.5, "silent": 0.3, "unknown_ends": 0.02, "price_rise": 1.3}
KINDS: dict[str, dict] = {
    "base": {},  # three causes harm
    "as the export": MESSY,  # people missing, silent leavers, unknown ends and a price rise
    "null": {"harm": {}},  # nothing harms
    "hidden trouble": {"harm": {}, "trouble": 1.0},  # slow answers and leaving share a hidden cause
    "size confounds": {
        "harm": {},
        "size_on_resolution": -0.8,
        "size_on_hazard": -0.5,
    },  # small ones
    "activity fed back": {"harm_on_activity": -0.5},  # harm also lowers activity
    "early harm": {"harm_from": 3.0},  # harm begins before the promise runs out
    "tidying up": {"tidied": 0.8},  # open issues are called solved before notice
    "missing by size 0": {"missing": 0.0, "missing_by_size": 0.5},  # everybody is joined
    "missing by size 15": {"missing": 0.15, "missing_by_size": 0.5},  # more in large accounts
    "known if wrote": {"only_who_wrote": True},  # who never wrote is joined to nothing
    "annual, no notice": {"annual": 1.0, "notice": False},  # only the term's end is told
    "protective": {"harm": {**HARM, "Invoice is wrong": -0.08, "Data are lost": 0.0}},  # one helps
    "milder next year": {"harm_later": 0.5},  # harm halves in the second year
}


def company_of(kind: str, **changes) -> Company:
    """The parameters of a kind of company, with changes."""
    refuse_unknown("A second world", [kind], KINDS, "kind")
    refuse_unknown("A second world", changes, [f.name for f in fields(Company)], "change")
    company = Company(**{**KINDS[kind], **changes})
    refuse_unknown("harm", company.harm, CAUSES, "cause")
    return company
