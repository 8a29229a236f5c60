"""Issues on the day when their promise runs out: still open, or solved by then.

The target trial that the headline stands in for has this day as its time zero. Groups never change,
and what they are compared in was known when the issue was written.

Source: Hernan and Robins (2016), Am. J. Epidemiol. 183 (target trials).
"""

import numpy as np
import pandas as pd

from cxresearch.episodes import customer_lives, decided, exposure_gate, open_spells
from cxresearch.episodes.history import activity_as_it_was, as_it_was
from cxresearch.episodes.lives import at_start, quarter_of
from cxresearch.outcomes.hazards import Landmarks
from cxresearch.outcomes.models import ADJUSTED, AT_START, NOBODY, STRATA, at_start_columns
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.words import LEAVING
from cxresearch.survival import balance, landmark

DAY = pd.Timedelta(days=1)
STATUS = {"voluntary": 1, "involuntary": 2}
ORIGIN = "the promise on an issue ran out"
DAYS = (*range(10, 361, 10), 365)
GROUPS = {"solved in time": "0", "still open": "1"}


@once
def landmarks(study: Study) -> Landmarks | CannotTell:
    """The same shares as if both groups had been alike in what was known when the issue was written
    (issue_cohort): survival.landmark of still open against solved in time."""
    compared = _compared(study)
    if isinstance(compared, CannotTell):
        return compared
    shares = landmark(*compared, days=DAYS)
    sizes = compared[0]["group"].value_counts()
    if isinstance(shares, CannotTell):
        return shares
    named = shares.rename(columns={"0": "first", "1": "second"}).assign(issues=sizes.min())
    return Landmarks(named, "was solved in time", "ran over", LEAVING, ORIGIN)


@once
def balanced(study: Study) -> pd.DataFrame | CannotTell:
    """How unlike customers whose issue is still open when its promise runs out are those whose was
    solved by then, in what was known when it was written: survival.balance."""
    compared = _compared(study)
    return compared if isinstance(compared, CannotTell) else balance(*compared)


def _compared(study: Study) -> tuple[pd.DataFrame, str, list[str]] | CannotTell:
    """The rows of issue_cohort of which all is known, their group (1: still open), and what is
    known and differs."""
    cohort = issue_cohort(study)
    if isinstance(cohort, CannotTell):
        return cohort
    names = [*ADJUSTED, *STRATA, *(c for c in cohort if AT_START in c)]
    known = cohort.dropna(subset=names)
    rows = known if len(known) else cohort
    used = [c for c in names if rows[c].notna().all() and rows[c].nunique() > 1]
    if rows["group"].nunique() < 2 or not used:
        return CannotTell("what became of issues still open: all were solved in time, or none.")
    return rows.assign(group=rows["group"].map(GROUPS)), "group", used


@once
def issue_cohort(study: Study) -> pd.DataFrame | CannotTell:
    """A row an issue whose customer was there when its promise ran out: ticket_id, customer_id,
    group, time (days from there), status (1 left by choice, 2 ended otherwise, 0 censored), waits
    (days from there until it was solved, below 0 if before), and what was known when it was
    written: quarter, billing_period, plan, log activity, log usual activity, and what was known of
    customers at their start."""
    if gate := exposure_gate(study):
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
    started = at_start(study)
    cohort = issues[["ticket_id", "customer_id", "billing_period"]].assign(
        group=np.where(in_time, "solved in time", "still open"),
        time=(issues["leaves_at"] - issues["overdue_at"]) / DAY,
        waits=(issues[["resolved_at", "leaves_at"]].min(axis=1) - issues["overdue_at"]) / DAY,
        status=issues["end"].map(STATUS).fillna(0).astype(int),
        quarter=quarter_of(written),
        plan=as_it_was(study, "plan", who, written).fillna("unknown"),
        **{name: before[c] for name, c in zip(ADJUSTED, before, strict=True)},
    )
    cohort = cohort.join(started, on="customer_id")
    return cohort.assign(**at_start_columns(cohort)).drop(columns=started.columns)
