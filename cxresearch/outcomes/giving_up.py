"""Fewer tickets because they are content, or because they give up? Contact before and after."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cxresearch.episodes import customer_lives, exposure_gate, known_since, open_spells
from cxresearch.outcomes import outcome, returning
from cxresearch.outcomes.recurrence import last_seen
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, SameReason, finding
from cxresearch.study.intervals import normal
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import side, view

DAY = pd.Timedelta(days=1)
WINDOW = 90  # days before the issue, and after the day on which its promise ran out
GROUPS = ("solved in time", "unresolved")
CELLS = [(group, when) for group in GROUPS for when in ("before", "after")]
ENOUGH = 30  # issues in each group
REST = {"table": "contact before and after"}


@dataclass(frozen=True, eq=False)
class GivingUp(Result):
    """Tickets in 90 days before and after, rows named "solved in time", "unresolved" and
    "difference" (in differences: the unresolved less the solved): group, issues, customers, before,
    after, change, low, high, p, verdict (more, less, cannot tell)."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """Do customers write less after an unresolved issue than after one solved in time?"""
        gap = self.frame.loc["difference"]
        tickets = finding(
            "{gap:+.2f} tickets in {days} days ({low:+.2f} to {high:+.2f})",
            gap=gap["change"], low=gap["low"], high=gap["high"], days=WINDOW,
        )  # fmt: skip
        if gap["verdict"] == "cannot tell":
            return CannotTell(
                "whether customers give up writing after an unresolved issue: they write "
                f"{tickets.text}, against those whose issue was solved in time."
            )
        return Finding(
            f"After an unresolved issue customers write {gap['verdict']} than after one solved in "
            f"time: {tickets.text}.",
            tickets.numbers,
        )

    def table(self) -> pd.DataFrame:
        """Tickets in the 90 days before and after, by group, with the change's interval."""
        counts = ("group", "issues", "customers", "before", "after")
        return view(self.frame, *counts, "change ±+.2f", "p")


@once
def contacts(study: Study) -> pd.DataFrame | CannotTell:
    """Issues whose customer was still there when the promise ran out, by whether it was solved by
    then: customer_id, group, and of both 90 days tickets and days watched (before, days before,
    after, days after).

    before ends when the issue was written, after begins when its promise ran out, so that the
    issue itself, and what was written while it was in time, count in neither. Days end when the
    customer does. Requests to leave are not counted. Return studies cannot tell: who has left and
    who needs nothing look alike, and nobody is known before their first ticket.
    """
    if outcome(study) is returning:
        return DoesNotApply("who gives up writing: nobody is known before their first ticket.")
    if gate := exposure_gate(study):
        return gate
    issues = _watched(study)
    solved = issues["resolved_at"] <= issues["overdue_at"]
    return pd.DataFrame(
        {
            "customer_id": issues["customer_id"],
            "group": np.where(solved, *GROUPS),
            "before": _wrote(study, issues, "from_at", "opened_at"),
            "days before": (issues["opened_at"] - issues["from_at"]) / DAY,
            "after": _wrote(study, issues, "overdue_at", "to_at"),
            "days after": (issues["to_at"] - issues["overdue_at"]) / DAY,
        }
    )


def _watched(study: Study) -> pd.DataFrame:
    """Issues with both their windows, from_at to opened_at and overdue_at to to_at, in which their
    customer was there."""
    issues = open_spells(study).sort_values("opened_at").drop_duplicates("ticket_id")
    issues = issues.merge(customer_lives(study)[["customer_id", "started_at"]], on="customer_id")
    issues = issues.merge(last_seen(study), on="customer_id")
    gone, zero = issues["left_at"].fillna(issues["watched_until"]), issues["overdue_at"]
    first = issues["started_at"].clip(lower=known_since(study))
    issues = issues.assign(
        from_at=pd.concat([issues["opened_at"] - WINDOW * DAY, first], axis=1).max(axis=1),
        to_at=pd.concat([zero + WINDOW * DAY, gone], axis=1).min(axis=1),
    )
    seen = (issues["from_at"] < issues["opened_at"]) & (zero < issues["to_at"])
    return issues[seen].reset_index(drop=True)


def giving_up(rows: pd.DataFrame | CannotTell) -> GivingUp | CannotTell:
    """Tickets before and after by group, and the difference in differences, of contacts.

    Rates are sums of tickets over sums of days. Intervals (normal, 95%) add up each customer's
    influence over all of their issues, in both groups.
    """
    if isinstance(rows, DoesNotApply):
        return rows
    if isinstance(rows, CannotTell):
        return SameReason(rows.reason, REST)
    sizes = rows.groupby("group").size().reindex(GROUPS, fill_value=0)
    if sizes.min() < ENOUGH:
        counts = "{:,} issues solved in time and {:,} unresolved".format(*sizes)
        few = f"who gives up writing: {counts} were watched; {ENOUGH} of each are needed."
        return SameReason(few, REST)
    cells = {cell: _rate(rows, *cell) for cell in CELLS}
    changes = {g: _minus(cells[g, "after"], cells[g, "before"]) for g in GROUPS}
    rates = {g: {when: cells[g, when][0] for when in ("before", "after")} for g in GROUPS}
    gap = _minus(changes["unresolved"], changes["solved in time"])
    told = {g: _row(rows[rows["group"] == g], changes[g], **rates[g]) for g in GROUPS}
    frame = pd.DataFrame.from_dict(told | {"difference": _row(rows, gap)}, orient="index")
    verdict = side(frame["low"], frame["high"], none=0)
    frame.insert(0, "group", frame.index)
    return GivingUp(frame.assign(verdict=verdict))


def _rate(rows: pd.DataFrame, group: str, when: str) -> tuple[float, pd.Series]:
    """Tickets in 90 days and, by customer, the influence of their rows on it."""
    rows = rows[rows["group"] == group]
    days = rows[f"days {when}"].sum()
    rate = rows[when].sum() / days
    part = (rows[when] - rate * rows[f"days {when}"]) / days
    return WINDOW * rate, WINDOW * part.groupby(rows["customer_id"]).sum()


def _minus(one: tuple, other: tuple) -> tuple[float, pd.Series]:
    return one[0] - other[0], one[1].sub(other[1], fill_value=0)


def _row(rows: pd.DataFrame, change: tuple, before: float = np.nan, after: float = np.nan) -> dict:
    value, parts = change
    error = float(np.sqrt((parts**2).sum() * len(parts) / max(len(parts) - 1, 1)))
    low, high = normal(value, error)
    p = float(2 * ndtr(-abs(value) / error)) if error > 0 else np.nan
    counts = {"issues": len(rows), "customers": rows["customer_id"].nunique()}
    counts |= {"before": before, "after": after}
    return counts | {"change": value, "low": low, "high": high, "p": p}


def _wrote(study: Study, issues: pd.DataFrame, since: str, until: str) -> np.ndarray:
    """How many tickets each issue's customer wrote from since on and before until, neither of which
    holds the moment when the issue itself was written."""
    asks = study.whole.ticket_causes.query("is_exit_request")["ticket_id"]
    tickets = study.whole.customer_tickets[["ticket_id", "customer_id", "created_at"]]
    tickets = tickets[~among(tickets["ticket_id"], asks)]
    span = issues[["customer_id", since, until]].reset_index(names="row")
    pairs = span.merge(tickets, on="customer_id")
    inside = (pairs["created_at"] >= pairs[since]) & (pairs["created_at"] < pairs[until])
    return np.bincount(pairs.loc[inside, "row"], minlength=len(issues))
