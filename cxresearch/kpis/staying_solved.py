"""Does resolved stay resolved? Reopened, come back, or gone: the desk's word against what followed.

The cohorts are those of outcomes.recurrence, so these rows and its curves say the same.
"""

from functools import partial

import pandas as pd

from cxresearch.kpis.measure import UNKNOWN, Kpi, share_told
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.tidy import DAY, asked, is_settled, measured, of_them, sees_leaving
from cxresearch.outcomes import recurrence as history
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.study import Study
from cxresearch.study.told import reads
from cxresearch.survival import share_by_day


def reopening(study: Study, days: float = 30, by: str | None = None) -> Standing:
    """Share of solved tickets opened again within so many days of their first solution.

    The tidy frame of kpis.tidy. Aalen-Johansen: the customer's departure competes, who is not
    watched for so long is censored. Where an export counts reopenings but does not say when they
    were, those of tickets solved so many days before the end count whenever they were.
    """
    kpi = _kpi(study, "Reopened", "of solved tickets, opened again", days)
    facts = _facts(study, history.cohort_with_reopens(study, "reopened", days), days)
    if not isinstance(facts, CannotTell) and facts["undated"].any():
        told = partial(_at_all, until=study.observed_until - days * DAY)
        undated = "the export counts reopenings and does not say when they were"
        return measured(study, kpi, facts, told, by, lambda _: undated)
    note = "; ".join(filter(None, (_left_out(study), _unsure(study, days))))
    return measured(study, kpi, facts, partial(by_day, day=days), by, lambda _: note)


def recurrence(study: Study, days: float = 30, by: str | None = None) -> Standing:
    """Share of solved tickets whose customer writes about the same cause within so many days.

    The tidy frame of kpis.tidy; target recurrence_target. Aalen-Johansen: the customer's departure
    competes, who is not watched for so long is censored. A second ticket within the hour is a
    duplicate. Without causes any new ticket of the customer counts, and the definition says so.

    >>> import cxresearch
    >>> back = recurrence(cxresearch.open_study("data/demo"), days=30)
    >>> back.frame["estimate"].round(3).tolist()
    [0.058]
    """
    of = "the same customer and cause" if study.has("ticket_causes") else "the same customer"
    kpi = _kpi(study, "Recurrence", f"of solved tickets, followed by one of {of}", days,
               target=study.settings.target("recurrence_target"))  # fmt: skip
    facts = _facts(study, history.cohort(study, "same cause"), days)
    measure = partial(by_day, day=days)
    return measured(study, kpi, facts, measure, by, lambda _: _left_out(study))


def true_resolution(study: Study, days: float = 30, by: str | None = None) -> Standing:
    """Resolved by the desk's word beside resolved for good: two rows a group, of the same tickets.

    Of customers' tickets of a known cause: solved within so many days of being written; and of the
    same tickets, solved so and for as many days after neither reopened, nor followed by another
    ticket of the same customer and cause, nor by the customer's departure. A ticket younger than
    both windows, whose customer was lost from sight in them, or that was reopened more than once
    and nobody knows whether first in them, is eligible and not counted; one
    whose customer left before any solution was not resolved. The gap is the first less the second.
    """
    facts = _resolutions(study, days)
    words = f"of customers' tickets, solved within {days:g} days of being written"
    gone = ", nor gone" if sees_leaving(study) else ""
    kept = f"{words}, and for {days:g} days after not reopened, nor asked again{gone}"
    both = {"resolved": Kpi("Resolved", words), "truly": Kpi("Truly resolved", kept)}
    return Standing.of(
        measured(study, kpi, facts, partial(share_told, flag=flag), by, lambda _: _unseen(study))
        for flag, kpi in both.items()
    )


def by_day(cohort: pd.DataFrame, day: float) -> dict:
    """curves.share_by_day as a KPI shows it: estimate, low, high, n."""
    share = share_by_day(cohort, day)
    return {name: share[name] for name in UNKNOWN}


def _kpi(study: Study, name: str, what: str, days: float, target: float = float("nan")) -> Kpi:
    competes = "; who leaves first cannot" if sees_leaving(study) else ""
    said = f"{what} within {days:g} days{competes}"
    return Kpi(f"{name} within {days:g} days", said, target=target, wanted="at most")


@cannot_tell_passes
def _facts(study: Study, cohort: pd.DataFrame, days: float) -> pd.DataFrame:
    """When each was solved, and whether its window is over by the calendar, whatever became of
    it."""
    at = cohort["ticket_id"].map(study.tickets.set_index("ticket_id")["first_solved_at"])
    return cohort.assign(
        who=cohort["customer_id"], at=at, mature=at + days * DAY <= study.observed_until
    )


def _unsure(study: Study, days: float) -> str:
    """How many tickets were reopened more than once, nobody knows when first, as a note."""
    solved = history.solved_tickets(study)
    if isinstance(solved, CannotTell):
        return ""
    late = int(history.first_unknown(study, solved, solved["solved_at"] + days * DAY).sum())
    said = "reopened more than once, the last time after the window: the first is not told"
    return of_them(late, said)


def _at_all(part: pd.DataFrame, until: pd.Timestamp) -> dict:
    return share_told(part.assign(mature=part["at"] <= until), "reopened")


def _left_out(study: Study) -> str:
    """The steps of outcomes.recurrence that leave tickets out, as a note."""
    steps = history.steps_to_cohort(study)["tickets"]
    parts = [f"{-count:,} {step}" for step, count in steps.items() if count < 0]
    return "left out: " + "; ".join(parts) if parts else ""


@reads("first_solved_at")
def _resolutions(study: Study, days: float) -> pd.DataFrame | CannotTell:
    """A row a ticket: ticket_id, customer_id, cause, at, resolved, truly, mature."""
    every = _judged(study)
    if every.empty:
        return CannotTell("what is resolved for good: no ticket's state and cause are known.")
    window, written, left = days * DAY, every["created_at"], every["left_at"]
    solved_at = every["first_solved_at"]
    resolved = (solved_at <= written + window) & ~(solved_at >= left)
    back = _back(study, every)
    again = back <= solved_at + window
    dated = every[["ticket_id"]].assign(reopened_at=back)
    told = again | ~resolved | ~history.first_unknown(study, dated, solved_at + window)
    gone = left <= solved_at + window
    over = written + 2 * window
    return every[["ticket_id", "customer_id", "cause"]].assign(
        who=every["customer_id"],
        at=written,
        resolved=resolved,
        truly=resolved & ~again & ~gone,
        mature=told
        & (over <= study.observed_until)
        & ((over <= every["watched_until"]) | left.notna()),
    )


def _judged(study: Study) -> pd.DataFrame:
    """Customers' own tickets, each once, whose cause and state are known, with departures."""
    every = history.own_tickets(study)
    every = every[~every["duplicate"] & among(every["ticket_id"], asked(study)["ticket_id"])]
    unsaid = every["status"].isin(["solved", "closed"]) & every["first_solved_at"].isna()
    return every[is_settled(study, every) & ~unsaid].merge(
        history.last_seen(study), on="customer_id"
    )


def _back(study: Study, tickets: pd.DataFrame) -> pd.Series:
    """When each was reopened or asked again, whichever came first. Reopened, and not said when, is
    reopened at once."""
    solved = history.solved_tickets(study)
    if isinstance(solved, CannotTell):
        return pd.Series(pd.NaT, tickets.index, dtype="datetime64[us, UTC]")
    first = solved.set_index("ticket_id")[["next_same", "reopened_at"]].min(axis=1)
    back = tickets["ticket_id"].map(first)
    when = tickets["ticket_id"].map(history.first_reopened(study))
    unsaid = (tickets["count_reopens"] > 0).fillna(False).astype(bool) & when.isna()
    return back.mask(unsaid, tickets["first_solved_at"])


def _unseen(study: Study) -> str:
    """What true resolution cannot see in this study, as a note."""
    parts = [] if sees_leaving(study) else ["who is gone for good"]
    if study.tickets["count_reopens"].isna().all() and not study.has("ticket_events"):
        parts.append("what was reopened")
    return "not seen in this export: " + ", ".join(parts) if parts else ""
