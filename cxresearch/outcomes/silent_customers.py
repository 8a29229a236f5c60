"""Customers from a landmark to their next ticket, by whether their issue was solved."""

import numpy as np
import pandas as pd

from cxresearch.episodes import customer_lives, exposure_gate, open_spells
from cxresearch.outcomes import outcome, returning
from cxresearch.outcomes.recovery import groups
from cxresearch.outcomes.recurrence import last_seen
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study

DAY = pd.Timedelta(days=1)


@once
def silence_cohort(study: Study) -> pd.DataFrame | CannotTell:
    """Customers from a landmark to their next ticket: customer_id, group, time, status (1 wrote
    again, 2 left first, 0 censored).

    Churn studies: the first issue in view, from the day its promise ran out, among those who can
    still write; solved by then or still open. A request to leave is a ticket like any other. Return
    studies: the first ticket, from the landmark; solved, answered, or neither.
    """
    if outcome(study) is returning:
        return groups(study)
    if not study.has("ticket_causes"):
        return CannotTell("who goes silent: causes are not known; run the topic model first.")
    if gate := exposure_gate(study):
        return gate
    issues = open_spells(study).sort_values("opened_at").drop_duplicates("ticket_id")
    issues = issues.merge(customer_lives(study)[["customer_id", "enters_at"]], on="customer_id")
    issues = issues.merge(last_seen(study), on="customer_id")
    ends = issues["left_at"].fillna(issues["watched_until"])
    zero = issues["overdue_at"]
    first = issues[(zero >= issues["enters_at"]) & (zero < ends)].drop_duplicates("customer_id")
    if first.empty:
        return CannotTell("who goes silent: nobody with an issue was watched past its promise.")
    first = _next_ticket(study, first)
    far = pd.Timestamp("2200-01-01", tz="UTC")
    stops = pd.DataFrame({1: first["next_at"], 2: first["left_at"], 0: first["watched_until"]})
    stops = stops.fillna(far)
    in_time = first["resolved_at"] <= first["overdue_at"]
    return pd.DataFrame(
        {
            "customer_id": first["customer_id"],
            "group": np.where(in_time, "solved in time", "still open"),
            "time": (stops.min(axis=1) - first["overdue_at"]) / DAY,
            "status": stops.idxmin(axis=1),
        }
    )


def _next_ticket(study: Study, first: pd.DataFrame) -> pd.DataFrame:
    later = study.whole.customer_tickets[["customer_id", "created_at"]].dropna()
    return pd.merge_asof(
        first.sort_values("overdue_at"),
        later.rename(columns={"created_at": "next_at"}).sort_values("next_at"),
        left_on="overdue_at",
        right_on="next_at",
        by="customer_id",
        direction="forward",
        allow_exact_matches=False,
    )
