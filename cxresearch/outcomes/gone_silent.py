"""Solved, or gone silent? Who writes again after a landmark, by whether the issue was solved."""

import numpy as np
import pandas as pd

from cxresearch.episodes import customer_lives, match_gate, open_spells
from cxresearch.outcomes.recovery import groups
from cxresearch.outcomes.recurrence import departures
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.survival import against_rest, at_days
from cxresearch.survival import cumulative_incidence as incidence

DAY = pd.Timedelta(days=1)
SOLVED = ("solved in time", "solved")
OUTCOMES = (
    ("silent", {0: 0, 1: 1, 2: 1}, -1),  # one less the share with any end
    ("wrote again", {0: 0, 1: 1, 2: 2}, 1),
    ("left", {0: 0, 1: 2, 2: 1}, 1),
)


def silence_cohort(study: Study) -> pd.DataFrame | CannotTell:
    """Customers from a landmark to their next ticket: customer_id, group, time, status (1 wrote
    again, 2 left first, 0 censored).

    Churn studies: the first issue in view, from the day its promise ran out, among those who can
    still write; solved by then or still open. A request to leave is a ticket like any other. Return
    studies: the first ticket, from the landmark; solved, answered, or neither.
    """
    if study.outcome == "return":
        return groups(study)
    if not study.has("ticket_causes"):
        return CannotTell("who goes silent: causes are not known; run the topic model first.")
    if gate := match_gate(study):
        return gate
    issues = open_spells(study).sort_values("opened_at").drop_duplicates("ticket_id")
    issues = issues.merge(customer_lives(study)[["customer_id", "enters_at"]], on="customer_id")
    issues = issues.merge(departures(study), on="customer_id")
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


def silent(cohort: pd.DataFrame | CannotTell, day: int = 90) -> pd.DataFrame | CannotTell:
    """Each group by a day after the landmark: group, customers, silent (share still there, or not
    seen to leave, and without a further ticket), low, high, wrote again, left (shares; the three
    add up to 1)."""
    if isinstance(cohort, CannotTell):
        return cohort
    ended = cohort.assign(status=(cohort["status"] > 0).astype(int))
    left = cohort.assign(status=cohort["status"].map({0: 0, 1: 2, 2: 1}))
    parts = [at_days(incidence(c, "group"), "group", [day]) for c in (ended, cohort, left)]
    any_end, wrote, gone = (part.set_index("group") for part in parts)
    return pd.DataFrame(
        {
            "customers": cohort.groupby("group").size(),
            "silent": 1 - any_end["share"],
            "low": 1 - any_end["high"],
            "high": 1 - any_end["low"],
            "wrote again": wrote["share"],
            "left": gone["share"],
        }
    ).reset_index()


def excess(cohort: pd.DataFrame | CannotTell, day: int = 90) -> pd.DataFrame | CannotTell:
    """What became of those whose issue was not solved less what became of the solved, by a day
    after the landmark: what (silent, wrote again, left), not solved, solved (shares), difference,
    low, high, p. Errors are by customer; what everybody or nobody did has no p.
    """
    if isinstance(cohort, CannotTell):
        return cohort
    pair = cohort.assign(group=np.where(cohort["group"].isin(SOLVED), "solved", "not solved"))
    if pair["group"].nunique() < 2 or pair.groupby("group")["time"].max().min() < day:
        return CannotTell("whether the unsolved fall silent more: a group was not watched so long.")
    rows = []
    for what, status, sign in OUTCOMES:
        seen = pair.assign(status=pair["status"].map(status))
        gap = against_rest(seen, "group", day).set_index("group").loc["not solved"]
        ends = sorted([sign * gap["low"], sign * gap["high"]])
        row = {"what": what, "difference": sign * gap["difference"], "p": gap["p"]}
        rows.append(row | {"low": ends[0], "high": ends[1]})
    shares = silent(pair, day).set_index("group")[["silent", "wrote again", "left"]].T
    return pd.DataFrame(rows).assign(**{g: shares[g].to_numpy() for g in shares})


def afterwards(
    cohort: pd.DataFrame | CannotTell, day: int = 90, later: int = 180
) -> pd.DataFrame | CannotTell:
    """What became of those who were silent on a day, so many days later still: as silent()."""
    if isinstance(cohort, CannotTell):
        return cohort
    still = cohort[cohort["time"] > day]
    if still.empty:
        return CannotTell("what became of the silent: nobody was watched so long.")
    return silent(still.assign(time=still["time"] - day), later)


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
