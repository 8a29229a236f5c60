"""Does resolved stay resolved? Reopened, come back, or gone: the desk's word against what followed.

The cohorts are those of outcomes.recurrence, so these rows and its curves say the same.
"""

from functools import partial

import pandas as pd

from cxresearch.curves import cumulative_incidence
from cxresearch.kpis.measure import UNKNOWN, Kpi, share, wilson
from cxresearch.kpis.tickets import DAY, asked, is_settled
from cxresearch.kpis.tidy import measured, with_note
from cxresearch.outcomes import recurrence as history
from cxresearch.say import CannotTell, cannot_tell_passes
from cxresearch.study import Study


def reopening(study: Study, days: float = 30, by: str | None = None) -> pd.DataFrame:
    """Share of solved tickets opened again within so many days of their first solution.

    The tidy frame of kpis.tidy. Aalen-Johansen: the customer's departure competes, who is not
    watched for so long is censored. Where an export counts reopenings but does not say when they
    were, those of tickets solved so many days before the end count whenever they were.
    """
    kpi = _kpi(study, "Reopened", "of solved tickets, opened again", days)
    facts = history.cohort(study, "reopened")
    if not isinstance(facts, CannotTell):
        counted = facts["ticket_id"].map(study.tickets.set_index("ticket_id")["count_reopens"])
        facts = facts.assign(reopened=counted > 0)[counted.notna()].reset_index(drop=True)
    facts = _facts(study, facts, days)
    if not isinstance(facts, CannotTell) and not _timed(study, facts):
        told = partial(_at_all, until=study.observed_until - days * DAY)
        old = facts.assign(mature=facts["at"] <= study.observed_until - days * DAY)
        found = measured(study, kpi, old, told, by)
        return with_note(found, "the export counts reopenings and does not say when they were")
    return with_note(measured(study, kpi, facts, partial(by_day, day=days), by), _left_out(study))


def recurrence(study: Study, days: float = 30, by: str | None = None) -> pd.DataFrame:
    """Share of solved tickets whose customer writes about the same cause within so many days.

    The tidy frame of kpis.tidy; target recurrence_target. Aalen-Johansen: the customer's departure
    competes, who is not watched for so long is censored. A second ticket within the hour is a
    duplicate. Without causes any new ticket of the customer counts, and the definition says so.
    """
    of = "the same customer and cause" if study.has("ticket_causes") else "the same customer"
    kpi = _kpi(study, "Recurrence", f"of solved tickets, followed by one of {of}", days,
               target=study.settings.recurrence_target)  # fmt: skip
    facts = _facts(study, history.cohort(study, "same cause"), days)
    return with_note(measured(study, kpi, facts, partial(by_day, day=days), by), _left_out(study))


def true_resolution(study: Study, days: float = 30, by: str | None = None) -> pd.DataFrame:
    """Resolved by the desk's word beside resolved for good: two rows a group, of the same tickets.

    Of customers' tickets of a known cause: solved within so many days of being written; and of the
    same tickets, solved so and for as many days after neither reopened, nor followed by another
    ticket of the same customer and cause, nor by the customer's departure. A ticket younger than
    both windows, or whose customer was lost from sight in them, is eligible and not counted; one
    whose customer left before any solution was not resolved. The gap is the first less the second.
    """
    facts = _resolutions(study, days)
    words = f"of customers' tickets, solved within {days:g} days of being written"
    gone = ", nor gone" if study.outcome == "churn" else ""
    kept = f"{words}, and for {days:g} days after not reopened, nor asked again{gone}"
    rows = [
        measured(study, Kpi(name, definition), facts, partial(_of_mature, flag=flag), by)
        for name, definition, flag in (
            ("Resolved", words, "resolved"), ("Truly resolved", kept, "truly"),
        )
    ]  # fmt: skip
    return with_note(pd.concat(rows, ignore_index=True), _unseen(study))


def by_day(cohort: pd.DataFrame, day: float) -> dict:
    """Share to whom the event has happened by a day, other ends competing: estimate, low, high, n.

    cohort is that of curves.cumulative_incidence. Null past the last day watched, unless nobody was
    censored there. Wilson's interval on the effective number of rows, which is what the variance by
    customer says it is, and at most the rows not censored before: few customers' rows make a robust
    variance too small. Rows that are all one customer's count as one row.
    """
    if cohort.empty:
        return dict(UNKNOWN)
    last = cohort["time"].max()
    if day > last and (cohort.loc[cohort["time"] == last, "status"] == 0).any():
        return {**UNKNOWN, "n": len(cohort)}
    curve = cumulative_incidence(cohort.assign(whole="all"), "whole")
    at = curve[curve["day"] <= day].iloc[-1]
    came, error = at["share"], at["se"]
    rows = len(cohort) - ((cohort["status"] == 0) & (cohort["time"] < day)).sum()
    if cohort["customer_id"].nunique() == 1:
        rows = 1
    if error > 0:
        rows = min(rows, came * (1 - came) / error**2)
    low, high = wilson(came, max(rows, 1))
    found = {"estimate": came, "low": low, "high": high}
    return {**{k: float(v) for k, v in found.items()}, "n": len(cohort)}


def _kpi(study: Study, name: str, what: str, days: float, target: float = float("nan")) -> Kpi:
    competes = "; who leaves first cannot" if study.outcome == "churn" else ""
    said = f"{what} within {days:g} days{competes}"
    return Kpi(f"{name} within {days:g} days", said, target=target, wanted="at most")


@cannot_tell_passes
def _facts(study: Study, cohort: pd.DataFrame, days: float) -> pd.DataFrame:
    solved_at = study.tickets.set_index("ticket_id")["first_solved_at"]
    return cohort.assign(
        at=cohort["ticket_id"].map(solved_at),
        mature=(cohort["status"] > 0) | (cohort["time"] >= days),
    )


def _timed(study: Study, facts: pd.DataFrame) -> bool:
    """Is it known of every reopened ticket when it was?"""
    when = facts["ticket_id"].map(history.first_reopened(study))
    return bool(when[facts["reopened"].astype(bool)].notna().all())


def _at_all(part: pd.DataFrame, until: pd.Timestamp) -> dict:
    old = part[part["at"] <= until]
    return share(old["reopened"].astype(bool), old["customer_id"])


def _of_mature(part: pd.DataFrame, flag: str) -> dict:
    known = part[part["mature"]]
    return share(known[flag], known["customer_id"])


def _left_out(study: Study) -> str:
    """The steps of outcomes.recurrence that leave tickets out, as a note."""
    steps = history.accounted(study)["tickets"]
    parts = [f"{-count:,} {step}" for step, count in steps.items() if count < 0]
    return "left out: " + "; ".join(parts) if parts else ""


def _resolutions(study: Study, days: float) -> pd.DataFrame | CannotTell:
    """A row a ticket: ticket_id, customer_id, cause, at, resolved, truly, mature."""
    every = _judged(study)
    if every.empty:
        return CannotTell("what is resolved for good: no ticket's state and cause are known.")
    window, written, left = days * DAY, every["created_at"], every["left_at"]
    solved_at = every["first_solved_at"]
    resolved = (solved_at <= written + window) & ~(solved_at >= left)
    again = _back(study, every) <= solved_at + window
    gone = left <= solved_at + window
    over = written + 2 * window
    return every[["ticket_id", "customer_id", "cause"]].assign(
        at=written,
        resolved=resolved,
        truly=resolved & ~again & ~gone,
        mature=(over <= study.observed_until) & ((over <= every["watched_until"]) | left.notna()),
    )


def _judged(study: Study) -> pd.DataFrame:
    """Customers' own tickets, each once, whose cause and state are known, with departures."""
    every = history.own_tickets(study)
    every = every[~every["duplicate"] & every["ticket_id"].isin(asked(study)["ticket_id"])]
    unsaid = every["status"].isin(["solved", "closed"]) & every["first_solved_at"].isna()
    return every[is_settled(study, every) & ~unsaid].merge(
        history.departures(study), on="customer_id"
    )


def _back(study: Study, tickets: pd.DataFrame) -> pd.Series:
    """When each was reopened or asked again, whichever came first. Reopened, and not said when, is
    reopened at once."""
    found = history.solved_tickets(study)
    if isinstance(found, CannotTell):
        return pd.Series(pd.NaT, tickets.index, dtype="datetime64[us, UTC]")
    first = found.set_index("ticket_id")[["next_same", "reopened_at"]].min(axis=1)
    back = tickets["ticket_id"].map(first)
    when = tickets["ticket_id"].map(history.first_reopened(study))
    unsaid = (tickets["count_reopens"] > 0).fillna(False).astype(bool) & when.isna()
    return back.mask(unsaid, tickets["first_solved_at"])


def _unseen(study: Study) -> str:
    """What true resolution cannot see in this study, as a note."""
    parts = [] if study.outcome == "churn" else ["who is gone for good"]
    if study.tickets["count_reopens"].isna().all() and not study.has("ticket_events"):
        parts.append("what was reopened")
    return "not seen in this export: " + ", ".join(parts) if parts else ""
