"""How long until the first answer and until the solution: what a customer waits, the open ones too.

Half of the customers wait no longer than a Kaplan-Meier median; a restricted mean is the mean wait
if every wait were cut at the horizon, the area under the curve (Royston and Parmar 2013, BMC Med
Res Methodol 13). The naive mean of those that are over is what a usual report says: it forgets who
still waits. First answers are those of people: no bot, autoresponder or note (kpis.messages).
"""

from functools import partial

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import (
    UNKNOWN,
    Kpi,
    design_effect,
    median_wait,
    share_by,
    waiting_curve,
)
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.tidy import DAY, HOUR, measured, of_them, settled, since, solved_at, who
from cxresearch.study.answers import CannotTell
from cxresearch.study.intervals import normal
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.told import reads, told
from cxresearch.survival import rmst

UNIT = {"calendar": "hours", "business": "business hours"}  # of each clock
REPLY_DAYS, SOLVED_DAYS = 30, 90  # horizons of the restricted means
UNANSWERED = 30  # days
SHUT = "waits in business hours: study.toml does not say when the desk is open; business_hours do."


def first_response_time(
    study: Study, *, clock: str = "calendar", by: str | None = None
) -> Standing:
    """Hours until a person first answers: rows of a median, a restricted mean and a naive mean.

    A ticket without an answer is censored at observed_until, also one that was closed: closing ends
    the work, not the wait. clock is calendar or business (the hours in which the desk is open). The
    horizon is REPLY_DAYS, in business time the open hours of as many days. An answer older than the
    question is not timed (eligible, not n).
    """
    facts = replies(study, clock)
    return _times(study, "First response", "a person's first answer", facts, REPLY_DAYS, clock, by)


def resolution_time(study: Study, *, clock: str = "calendar", by: str | None = None) -> Standing:
    """Hours until a ticket is first solved (else closed): rows as in first_response_time.

    Open tickets are censored at observed_until; the horizon is SOLVED_DAYS. Not timed are tickets
    whose state is unknown or may still change, those solved nobody knows when, and deleted ones.
    """
    facts = solutions(study, clock)
    return _times(study, "Resolution", "the first solution", facts, SOLVED_DAYS, clock, by)


def unanswered(study: Study, by: str | None = None) -> Standing:
    """Share of tickets without any answer after 30 days, younger ones censored; those closed
    without an answer stay unanswered."""
    words = f"of customers' tickets, no answer {UNANSWERED} days after they were written"
    kpi = Kpi("Unanswered", words, wanted="at most")
    return measured(study, kpi, replies(study), _unanswered, by)


def solved_in_time(study: Study, by: str | None = None) -> Standing:
    """Share solved within the promise (calendar days from written to first solved, else closed),
    one minus Kaplan-Meier with open tickets censored. Not timed: as in resolution_time."""
    promise = study.settings.unresolved_after_days
    words = (
        f"of customers' tickets, solved within the promise of {promise:g} days; open ones count "
        "for as long as they were watched"
    )
    none = "how soon tickets are solved: no ticket's state is known for good."
    measure = partial(_over_by, mark=promise * 24, none=none)
    return measured(study, Kpi("Solved in time", words), solutions(study), measure, by)


@reads("first_reply_at")
def replies(study: Study, clock: str = "calendar") -> pd.DataFrame | CannotTell:
    """The waits for a first answer: wait_facts of customers' tickets."""
    tickets = since(study)
    known = told(study, "first_reply_at", tickets)
    return wait_facts(study, tickets.assign(over_at=tickets["first_reply_at"], known=known), clock)


@reads("first_solved_at")
def solutions(study: Study, clock: str = "calendar") -> pd.DataFrame | CannotTell:
    """The waits for a solution: wait_facts of the tickets whose state is known."""
    tickets = settled(study)
    over, known = solved_at(tickets), told(study, "first_solved_at", tickets)
    return wait_facts(study, tickets.assign(over_at=over, known=known), clock)


def elapsed(study: Study, start: pd.Series, end: pd.Series, clock: str) -> pd.Series | CannotTell:
    """Hours from start to end by the calendar, or those in which the desk was open."""
    if clock not in UNIT:
        raise InputError(f"clock is '{clock}'; it must be one of: {', '.join(UNIT)}.")
    if clock == "calendar":
        return (end - start) / HOUR
    opened = study.settings.open_hours
    return CannotTell(SHUT) if opened is None else opened.minutes(start, end) / 60


def promise_clock(study: Study) -> str:
    """The clock by which promises run."""
    return "business" if study.settings.promises_in_business_hours else "calendar"


def horizon(study: Study, days: float, clock: str) -> float:
    """Hours in so many days: by the calendar, or as many as the desk is open in an average week."""
    if clock == "calendar" or study.settings.open_hours is None:
        return days * 24.0
    spans = study.settings.open_hours.open_on.values()
    return days / 7 * sum(end - begin for day in spans for begin, end in day) / 60


def wait_facts(study: Study, asked: pd.DataFrame, clock: str) -> pd.DataFrame | CannotTell:
    """Tickets with over_at (null: still waits) and known: ticket_id, customer_id, at, who, time
    (hours; until the end of observation where it still waits), event, known (is it timed)."""
    event = asked["over_at"].notna() & (asked["over_at"] <= study.observed_until)
    ends = asked["over_at"].where(event, study.observed_until)
    time = elapsed(study, asked["created_at"], ends, clock)
    if isinstance(time, CannotTell):
        return time
    known = asked["known"] & (ends >= asked["created_at"])
    facts = asked[["ticket_id", "customer_id"]].assign(at=asked["created_at"], who=who(asked))
    return facts.assign(time=time, event=event.astype(int), known=known)


def median(rows: pd.DataFrame) -> dict | CannotTell:
    """The time by which half are over (Brookmeyer and Crowley), tickets of one customer alike."""
    timed = rows[rows["known"]]
    if timed.empty:
        return CannotTell("no ticket is timed.")
    first = median_wait(waiting_curve(timed, ()))["estimate"]
    if np.isnan(first):
        return CannotTell("fewer than half were over while they were watched.")
    more = "more are not timed: when they were over is not told, or is odd"
    why = of_them(len(rows) - len(timed), more)
    return median_wait(waiting_curve(timed, (first,))) | {"n": len(timed), "why": why}


def restricted_mean(rows: pd.DataFrame, tau: float) -> dict | CannotTell:
    """The mean of waits cut at tau; Greenwood's error, widened for customers' tickets being alike
    by the design effect among waits known until tau."""
    rows = rows[rows["known"]]
    if rows.empty:
        return CannotTell("no ticket is timed.")
    mean, se = rmst(rows, tau).loc[0, ["rmst", "se"]]
    if np.isnan(mean):
        return CannotTell(f"no ticket was watched for {tau:,.0f} hours.")
    seen = rows[(rows["event"] == 1) | (rows["time"] >= tau)]
    low, high = normal(mean, se * np.sqrt(design_effect(seen["time"].clip(upper=tau), seen["who"])))
    return {"estimate": mean, "low": max(low, 0.0), "high": min(high, tau), "n": len(rows)}


def naive_mean(rows: pd.DataFrame) -> dict | CannotTell:
    """The mean of the waits that are over."""
    rows = rows[rows["known"]]
    over = rows[rows["event"] == 1]
    if len(over) < 2:
        return CannotTell("fewer than two waits are over.")
    mean, n = over["time"].mean(), len(over)
    error = over["time"].std() * np.sqrt(design_effect(over["time"], over["who"]) / n)
    low, high = normal(mean, error)
    why = of_them(len(rows) - n, "that still wait are forgotten")
    return {"estimate": mean, "low": max(low, 0.0), "high": high, "n": n, "why": why}


def _unanswered(rows: pd.DataFrame) -> dict:
    none = "how many stay unanswered: no ticket is timed."
    over = _over_by(rows, UNANSWERED * 24, none)
    ends = {"estimate": over["estimate"], "low": over["high"], "high": over["low"]}
    return over | {name: 1 - end for name, end in ends.items()}


def _over_by(rows: pd.DataFrame, mark: float, none: str) -> dict:
    """The share whose wait is over by so many hours; none says why there is none."""
    rows = rows[rows["known"]]
    if rows.empty:
        return UNKNOWN | {"why": none}
    return share_by(waiting_curve(rows, (mark,)), mark) | {"n": len(rows)}


def _times(study, name, until, facts, days, clock, by) -> Standing:
    tau, unit = horizon(study, days, clock), UNIT[clock]
    if not isinstance(facts, CannotTell):
        facts = facts.assign(mature=facts["at"] + days * DAY <= study.observed_until)
    name = name if clock == "calendar" else f"{name} in business hours"
    said = [
        ("median", f"{unit} until {until}, by which half of customers' tickets had it; open ones "
         "count for as long as they were watched", median),
        ("restricted mean", f"mean {unit} until {until}, waits cut at {tau:,.0f} hours ({days} "
         "days); open ones count for as long as they were watched",
         partial(restricted_mean, tau=tau)),
        ("naive mean", f"mean {unit} until {until} of the tickets that had it", naive_mean),
    ]  # fmt: skip
    return Standing.of(
        measured(study, Kpi(f"{name}, {kind}", words, "hours"), facts, measure, by)
        for kind, words, measure in said
    )
