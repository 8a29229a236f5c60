"""Churn studies: what an overdue issue is associated with, overall and by cause.

Every function takes a Study and answers with a table, or with CannotTell where tickets cannot be
joined to customers. outcomes.returning answers the same questions where nobody can leave.
"""

import numpy as np
import pandas as pd

from cxresearch.episodes import build_episodes, customer_lives, decided, match_gate, open_spells
from cxresearch.episodes.history import activity_as_it_was, as_it_was
from cxresearch.outcomes.doubts import causes_differ, checks, doubts
from cxresearch.outcomes.leaving_by_cause import NOBODY, by_cause, in_time, power
from cxresearch.outcomes.models import (
    ADJUSTED,
    BESIDE,
    ENOUGH_EVENTS,
    NOW,
    STRATA,
    adjustable,
    modelled,
    ratio_row,
)
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.survival import cumulative_incidence, landmark

__all__ = ["ENOUGH_EVENTS", "STRATA", "by_cause", "causes_differ", "checks", "curves", "doubts"]
__all__ += ["exit_requests", "hazards", "landmarks", "population", "power"]

DAY = pd.Timedelta(days=1)
STATUS = {"voluntary": 1, "involuntary": 2}


def population(study: Study) -> pd.DataFrame:
    """Every customer accounted for: step and customers; last, how many of those in the headline's
    rows were ever on each side of it (many on both)."""
    lives = decided(customer_lives(study))
    at_risk = lives[lives["enters_at"] < lives["leaves_at"]]
    unknown, hidden = at_risk["kind_unknown"], ~at_risk["decision_known"]
    steps = {
        "customers in the table": len(lives),
        "gone, or too new, before their exposure could be known": len(at_risk) - len(lives),
        "at risk": len(at_risk),
        "of these, left by choice": int(((at_risk["end"] == "voluntary") & ~unknown).sum()),
        "ended, unknown why: counted as by choice": int(unknown.sum()),
        "yearly contracts ended without a notice: watched until the term began": int(hidden.sum()),
        "ended against their will": int((at_risk["end"] == "involuntary").sum()),
        "still customers when last seen": int((at_risk["end"].isna() & ~hidden).sum()),
    }
    rows = modelled(build_episodes(study))
    inside = rows["customer_id"].nunique()
    name = "at risk, but gone before what could be remembered from before the export had passed"
    steps[name] = inside - len(at_risk)
    known, adjusted = adjustable(rows)
    if adjusted and (without := inside - known["customer_id"].nunique()):
        steps["at risk, but not in rows adjusted for activity: it is not known"] = -without
    for name, on in (
        ("with an issue overdue while watched", known["overdue"] > 0),
        ("with one in time or lately solved in time", in_time(known)),
    ):
        steps[name] = known.loc[on, "customer_id"].nunique()
    return pd.DataFrame({"customers": steps}).rename_axis("step")


def curves(study: Study) -> pd.DataFrame | CannotTell:
    """Share who left by choice by days after the promise on an issue ran out, by group.

    A row an issue: time zero is created + promise (waiting on the customer not counted), among
    customers still there; groups are as of that day, solved in time or still open. Ends against a
    customer's will compete; errors are by customer.
    """
    cohort = issue_cohort(study)
    return cohort if isinstance(cohort, CannotTell) else cumulative_incidence(cohort, "group")


def landmarks(study: Study) -> pd.DataFrame | CannotTell:
    """The same shares as if both groups had been alike when the issue was written, in activity,
    plan, billing period and quarter: curves.landmark of still open against solved in time."""
    cohort = issue_cohort(study)
    if isinstance(cohort, CannotTell):
        return cohort
    names = [*ADJUSTED, *STRATA]
    known = cohort.dropna(subset=names)
    rows = known if len(known) else cohort
    used = [c for c in names if rows[c].notna().all() and rows[c].nunique() > 1]
    if rows["group"].nunique() < 2 or not used:
        return CannotTell("what became of issues still open: all were solved in time, or none.")
    rows = rows.assign(group=rows["group"].map({"solved in time": "0", "still open": "1"}))
    found = landmark(rows, "group", used)
    if isinstance(found, CannotTell):
        return found
    return found.rename(columns={"0": "solved in time", "1": "still open"})


def issue_cohort(study: Study) -> pd.DataFrame | CannotTell:
    """A row an issue whose customer was there when its promise ran out: ticket_id, customer_id,
    group, time (days from there), status (1 left by choice, 2 ended otherwise, 0 censored), and
    what was known when it was written: quarter, billing_period, plan, log activity, log usual
    activity."""
    if gate := match_gate(study):
        return gate
    issues = open_spells(study).sort_values("opened_at").drop_duplicates("ticket_id")
    lives = decided(customer_lives(study)).drop(columns=["plan", "activity"])
    issues = issues.merge(lives, on="customer_id")
    zero = issues["overdue_at"]
    watched = (zero >= issues["enters_at"]) & (zero < issues["leaves_at"])
    issues = issues[watched].reset_index(drop=True)
    if issues.empty:
        return NOBODY
    in_time = issues["resolved_at"] <= issues["overdue_at"]
    who, written = issues["customer_id"], issues["opened_at"]
    before = np.log1p(activity_as_it_was(study, who, written).clip(lower=0))
    return issues[["ticket_id", "customer_id", "billing_period"]].assign(
        group=np.where(in_time, "solved in time", "still open"),
        time=(issues["leaves_at"] - issues["overdue_at"]) / DAY,
        status=issues["end"].map(STATUS).fillna(0).astype(int),
        quarter=written.dt.strftime("%Y") + "Q" + written.dt.quarter.astype(str),
        plan=as_it_was(study, "plan", who, written).fillna("unknown"),
        **{name: before[c] for name, c in zip(ADJUSTED, before, strict=True)},
    )


def hazards(study: Study) -> pd.DataFrame | CannotTell:
    """Hazard ratios of leaving: comparison, adjusted for, hazard ratio, low, high, p, left while
    exposed, left in the reference.

    Time-varying Cox, Efron, strata calendar quarter, billing period and plan, robust by customer;
    activity as before the issue. The first row is the headline: while an issue is overdue, against
    customers whose issue is in time, or was solved in time and is remembered (models.BESIDE says
    why). Then the contrasts: overdue or solved late against solved in time, solved in time against
    no issue; and the headline against any other day. Rows adjusted for activity hold the days on
    which it is known. An estimate needs ten departures on either side.
    """
    if gate := match_gate(study):
        return gate
    rows = modelled(build_episodes(study))
    if rows.empty:
        return NOBODY
    known, adjusted = adjustable(rows)
    now, current = adjustable(rows, [NOW])
    late, due = "solved late", "open in time"
    headline = ("any overdue", "overdue now / in time")
    found = [
        ratio_row(known, *headline, adjusted, BESIDE),
        ratio_row(known, "harmed", "overdue or solved late / solved in time", adjusted,
                  ["none", due]),
        ratio_row(known, "solved in time", "solved in time / none", adjusted,
                  ["overdue", late, due]),
        ratio_row(known, "overdue", "overdue / solved in time", adjusted, ["none", late, due]),
        ratio_row(known, late, "solved late / solved in time", adjusted, ["none", "overdue", due]),
        ratio_row(known, "any overdue", "overdue now / any other day", adjusted, [late]),
    ]  # fmt: skip
    if adjusted:
        found.append(ratio_row(rows, *headline, [], BESIDE))
    if current:
        found.append(ratio_row(now, *headline, current, BESIDE))
    return pd.DataFrame(found)


def exit_requests(study: Study) -> tuple[int, int]:
    """Tickets of known customers that ask to leave, and all their tickets."""
    tickets = study.customer_tickets
    own = tickets.loc[tickets["customer_id"].isin(study.customers["customer_id"]), "ticket_id"]
    asks = study.ticket_causes.groupby("ticket_id")["is_exit_request"].any()
    return int(asks.reindex(own).fillna(False).sum()), len(own)
