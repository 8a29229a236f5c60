"""Issues on their landmark day, in groups as of that day, and who left or came back after it.

What happened after the landmark is never looked at, so that nobody is in a group because they
stayed.
"""

from itertools import pairwise

import numpy as np
import pandas as pd

from cxresearch.episodes import customer_lives, decided, exposure_gate, open_spells
from cxresearch.episodes.lives import quarter_of
from cxresearch.episodes.return_cohort import first_tickets
from cxresearch.outcomes import outcome, returning
from cxresearch.outcomes.issue_cohort import STATUS
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study

DAY = pd.Timedelta(days=1)
WAITED = 4  # promises from writing to the day on which delays are compared


@once
def issues_at(study: Study, days: float, after: str = "opened_at") -> pd.DataFrame | CannotTell:
    """Issues still in view on their landmark, days after they were opened or resolved: ticket_id,
    customer_id, opened_at, resolved_at, zero (the landmark), time (days from there), status (1 left
    by choice or came back, 2 ended otherwise, 0 censored), billing_period, activity.

    In return studies these are first tickets whose customer had not come back by then, and the
    landmark is the study's own unless the days count from the solution.
    """
    if outcome(study) is returning:
        return _first_issues(study, days, after)
    if gate := exposure_gate(study):
        return gate
    issues = open_spells(study).sort_values("opened_at").drop_duplicates("ticket_id")
    issues = issues.merge(decided(customer_lives(study)), on="customer_id")
    issues = issues.assign(zero=issues[after] + days * DAY)
    seen = (issues["zero"] >= issues["enters_at"]) & (issues["zero"] < issues["leaves_at"])
    issues = issues[seen].reset_index(drop=True)
    return issues.assign(
        time=(issues["leaves_at"] - issues["zero"]) / DAY,
        status=issues["end"].map(STATUS).fillna(0),
    )


def _first_issues(study: Study, days: float, after: str) -> pd.DataFrame:
    first = first_tickets(study)
    first = first.assign(opened_at=first["created_at"], resolved_at=first["first_solved_at"])
    days = study.settings.landmark_days if after == "opened_at" else days
    first = first.assign(zero=first[after] + days * DAY)
    seen = (first["zero"] < study.observed_until) & ~(first["next_at"] <= first["zero"])
    first = first[seen].reset_index(drop=True)
    ends = first["next_at"].fillna(study.observed_until)
    return first.assign(
        time=(ends - first["zero"]) / DAY, status=first["next_at"].notna().astype(int),
        billing_period="none", activity=np.nan,
    )  # fmt: skip


def in_groups(
    issues: pd.DataFrame, step: np.ndarray, names: list[str], when: str = "zero"
) -> pd.DataFrame | CannotTell:
    """Issues in the group of that step: customer_id, group, step (0, 1, 2 ...), time, status,
    quarter (of the column that when names), billing_period, activity."""
    if issues.empty:
        return CannotTell("what delay goes with: nobody was watched past the landmark day.")
    rows = issues.assign(
        group=np.array(names)[step],
        step=step,
        status=issues["status"].astype(int),
        quarter=quarter_of(issues[when]),
    )
    columns = "customer_id group step time status quarter billing_period activity"
    return rows[columns.split()].reset_index(drop=True)


def time_bands(
    took: pd.Series, inner: list[float], last: float, done: str, never: str
) -> tuple[np.ndarray, list[str]]:
    """The number of each time's band, and the bands' names; null and beyond the last is never."""
    limits = sorted({limit for limit in inner if limit < last} | {last})
    step = np.select([took <= limit for limit in limits], range(len(limits)), len(limits))
    names = [f"{done} within {length_of(limits[0])}"]
    for low, high in pairwise(limits):
        unit, many = (1, "days") if low >= 1 else (24, "hours")
        names.append(f"{done} after {low * unit:g} to {high * unit:g} {many}")
    return step, [*names, never]


def length_of(days: float) -> str:
    """A number of days in words: an hour, a day, 36 hours, 7 days."""
    named = {1 / 24: "an hour", 1: "a day"}
    return named.get(days, f"{days:g} days" if days > 1 else f"{days * 24:g} hours")
