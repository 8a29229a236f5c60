"""Fewer tickets because they are content, or because they give up? Contact before and after."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from cxresearch.episodes import customer_lives, known_since, match_gate, open_spells
from cxresearch.outcomes.recurrence import departures
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study

DAY = pd.Timedelta(days=1)
WINDOW = 90  # days before the issue, and after the day on which its promise ran out
GROUPS = ("solved in time", "unresolved")
CELLS = [(group, when) for group in GROUPS for when in ("before", "after")]
ENOUGH = 30  # issues in each group


def contacts(study: Study) -> pd.DataFrame | CannotTell:
    """Issues whose customer was still there when the promise ran out, by whether it was solved by
    then: customer_id, group, and of both 90 days tickets and days watched (before, days before,
    after, days after).

    before ends when the issue was written, after begins when its promise ran out, so that the
    issue itself, and what was written while it was in time, count in neither. Days end when the
    customer does. Requests to leave are not counted. Return studies cannot tell: who has left and
    who needs nothing look alike, and nobody is known before their first ticket.
    """
    if study.outcome == "return":
        return CannotTell(
            "who gives up writing: nobody is known before their first ticket, nor whether they are "
            "still there. A list of all customers, with when they came and left, would tell."
        )
    if gate := match_gate(study):
        return gate
    issues = open_spells(study).sort_values("opened_at").drop_duplicates("ticket_id")
    issues = issues.merge(customer_lives(study)[["customer_id", "started_at"]], on="customer_id")
    issues = issues.merge(departures(study), on="customer_id")
    gone, zero = issues["left_at"].fillna(issues["watched_until"]), issues["overdue_at"]
    first = issues["started_at"].clip(lower=known_since(study))
    issues = issues.assign(
        from_at=pd.concat([issues["opened_at"] - WINDOW * DAY, first], axis=1).max(axis=1),
        to_at=pd.concat([zero + WINDOW * DAY, gone], axis=1).min(axis=1),
    )
    seen = (issues["from_at"] < issues["opened_at"]) & (zero < issues["to_at"])
    issues = issues[seen].reset_index(drop=True)
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


def giving_up(rows: pd.DataFrame | CannotTell) -> pd.DataFrame | CannotTell:
    """Tickets in 90 days before and after: group, issues, customers, before, after, change, low,
    high, p; the last row is the difference in differences, unresolved less solved in time.

    Rates are sums of tickets over sums of days. Intervals (normal, 95%) add up each customer's
    influence over all of their issues, in both groups.
    """
    if isinstance(rows, CannotTell):
        return rows
    sizes = rows.groupby("group").size().reindex(GROUPS, fill_value=0)
    if sizes.min() < ENOUGH:
        return CannotTell(
            f"who gives up writing: {sizes.iloc[0]:,} issues solved in time and {sizes.iloc[1]:,} "
            f"unresolved were watched; {ENOUGH} of each are needed."
        )
    cells = {cell: _rate(rows, *cell) for cell in CELLS}
    changes = {g: _minus(cells[g, "after"], cells[g, "before"]) for g in GROUPS}
    found = [
        {"group": g, "issues": int(sizes[g]),
         "customers": rows.loc[rows["group"] == g, "customer_id"].nunique(),
         "before": cells[g, "before"][0], "after": cells[g, "after"][0], **_told(changes[g])}
        for g in GROUPS
    ]  # fmt: skip
    gap = _minus(changes["unresolved"], changes["solved in time"])
    found.append({"group": "difference", "issues": len(rows),
                  "customers": rows["customer_id"].nunique(), **_told(gap)})  # fmt: skip
    return pd.DataFrame(found)


def _rate(rows: pd.DataFrame, group: str, when: str) -> tuple[float, pd.Series]:
    """Tickets in 90 days and, by customer, the influence of their rows on it."""
    rows = rows[rows["group"] == group]
    days = rows[f"days {when}"].sum()
    rate = rows[when].sum() / days
    part = (rows[when] - rate * rows[f"days {when}"]) / days
    return WINDOW * rate, WINDOW * part.groupby(rows["customer_id"]).sum()


def _minus(one: tuple, other: tuple) -> tuple[float, pd.Series]:
    return one[0] - other[0], one[1].sub(other[1], fill_value=0)


def _told(change: tuple[float, pd.Series]) -> dict[str, float]:
    value, parts = change
    error = float(np.sqrt((parts**2).sum() * len(parts) / max(len(parts) - 1, 1)))
    width = norm.ppf(0.975) * error
    p = float(2 * norm.sf(abs(value) / error)) if error > 0 else np.nan
    return {"change": value, "low": value - width, "high": value + width, "p": p}


def _wrote(study: Study, issues: pd.DataFrame, since: str, until: str) -> np.ndarray:
    """How many tickets each issue's customer wrote from since on and before until, neither of which
    holds the moment when the issue itself was written."""
    asks = study.whole.ticket_causes.query("is_exit_request")["ticket_id"]
    tickets = study.whole.customer_tickets[["ticket_id", "customer_id", "created_at"]]
    tickets = tickets[~tickets["ticket_id"].isin(asks)]
    span = issues[["customer_id", since, until]].reset_index(names="row")
    pairs = span.merge(tickets, on="customer_id")
    inside = (pairs["created_at"] >= pairs[since]) & (pairs["created_at"] < pairs[until])
    return np.bincount(pairs.loc[inside, "row"], minlength=len(issues))
