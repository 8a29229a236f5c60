"""How long until the first answer and until the solution: what a customer waits, the open ones too.

Half of the customers wait no longer than a Kaplan-Meier median; a restricted mean is the mean wait
if every wait were cut at the horizon, the area under the curve (Royston and Parmar 2013, BMC Med
Res Methodol 13). The naive mean of those that are over is what a usual report says: it forgets who
still waits. First answers are those of people: no bot, autoresponder or note (kpis.messages).
"""

import numpy as np
import pandas as pd

from cxresearch.kpis.eligible import settled, since, solved_at, who
from cxresearch.kpis.measure import Kpi, design_effect, median_wait, waiting_curve
from cxresearch.kpis.tidy import measured
from cxresearch.study.answers import CannotTell
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.survival import rmst
from cxresearch.survival.kaplan_meier import Z

HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)
CLOCKS = ("calendar", "business")
REPLY_DAYS, SOLVED_DAYS = 30, 90  # horizons of the restricted means
SHUT = "waits in business hours: study.toml does not say when the desk is open; business_hours do."


def first_response_time(
    study: Study, *, clock: str = "calendar", by: str | None = None
) -> pd.DataFrame:
    """Hours until a person first answers: rows of a median, a restricted mean and a naive mean.

    A ticket without an answer is censored at observed_until, also one that was closed: closing ends
    the work, not the wait. clock is calendar or business (the hours in which the desk is open). The
    horizon is REPLY_DAYS, in business time the open hours of as many days. An answer older than the
    question is not timed (eligible, not n).
    """
    tickets = since(study)
    asked = tickets.assign(over_at=tickets["first_reply_at"], known=True)
    return _times(study, "First response", "a person's first answer", asked, REPLY_DAYS, clock, by)


def resolution_time(
    study: Study, *, clock: str = "calendar", by: str | None = None
) -> pd.DataFrame:
    """Hours until a ticket is first solved (else closed): rows as in first_response_time.

    Open tickets are censored at observed_until; the horizon is SOLVED_DAYS. Not timed are tickets
    whose state is unknown or may still change, those solved nobody knows when, and deleted ones.
    """
    tickets = settled(study)
    over = solved_at(tickets)
    known = over.notna() | ~tickets["status"].isin(["solved", "closed", "deleted"])
    asked = tickets.assign(over_at=over, known=known)
    return _times(study, "Resolution", "the first solution", asked, SOLVED_DAYS, clock, by)


def hours(study: Study, start: pd.Series, end: pd.Series, clock: str) -> pd.Series | CannotTell:
    """Hours from start to end by the calendar, or those in which the desk was open."""
    if clock not in CLOCKS:
        raise InputError(f"clock is '{clock}'; it must be one of: {', '.join(CLOCKS)}.")
    if clock == "calendar":
        return (end - start) / HOUR
    opened = study.settings.open_hours
    return CannotTell(SHUT) if opened is None else opened.minutes(start, end) / 60


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
    time = hours(study, asked["created_at"], ends, clock)
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
    more = len(rows) - len(timed)
    why = f"{more:,} more are not timed: when they were over is not told, or is odd" if more else ""
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
    wide = Z * se * np.sqrt(design_effect(seen["time"].clip(upper=tau), seen["who"]))
    low, high = max(mean - wide, 0.0), min(mean + wide, tau)
    return {"estimate": mean, "low": low, "high": high, "n": len(rows)}


def naive_mean(rows: pd.DataFrame) -> dict | CannotTell:
    """The mean of the waits that are over."""
    rows = rows[rows["known"]]
    over = rows[rows["event"] == 1]
    if len(over) < 2:
        return CannotTell("fewer than two waits are over.")
    mean, n = over["time"].mean(), len(over)
    wide = Z * over["time"].std() * np.sqrt(design_effect(over["time"], over["who"]) / n)
    found = {"estimate": mean, "low": max(mean - wide, 0.0), "high": mean + wide, "n": n}
    open_ = len(rows) - n
    return found | {"why": f"{open_:,} that still wait are forgotten" if open_ else ""}


def _times(study, name, until, asked, days, clock, by) -> pd.DataFrame:
    facts = wait_facts(study, asked, clock)
    tau, unit = horizon(study, days, clock), "hours" if clock == "calendar" else "business hours"
    if not isinstance(facts, CannotTell):
        facts = facts.assign(mature=facts["at"] + days * DAY <= study.observed_until)
    name = name if clock == "calendar" else f"{name} in business hours"
    said = [
        ("median", f"{unit} until {until}, by which half of customers' tickets had it; open ones "
         "count for as long as they were watched", median),
        ("restricted mean", f"mean {unit} until {until}, waits cut at {tau:,.0f} hours ({days} "
         "days); open ones count for as long as they were watched",
         lambda rows: restricted_mean(rows, tau)),
        ("naive mean", f"mean {unit} until {until} of the tickets that had it", naive_mean),
    ]  # fmt: skip
    return pd.concat(
        [measured(study, Kpi(f"{name}, {kind}", words, "hours"), facts, measure, by)
         for kind, words, measure in said], ignore_index=True,
    )  # fmt: skip
