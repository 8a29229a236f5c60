"""What became of customers without an issue, with one solved in time, solved late, or unresolved.

Groups are as of a landmark day and everybody is followed from it, so nothing looks ahead; a
customer counts at several landmarks, and errors add up a customer's rows. Ends against a
customer's will compete with leaving.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from cxresearch.episodes import (
    STATES,
    build_episodes,
    customer_lives,
    decided,
    match_gate,
    open_spells,
)
from cxresearch.episodes.return_cohort import return_cohort
from cxresearch.outcomes import leaving, returning
from cxresearch.outcomes.models import ENOUGH_EVENTS, Comparison, adjustable, modelled, ratio_row
from cxresearch.study.answers import CannotTell
from cxresearch.study.study import Study
from cxresearch.survival import against_rest
from cxresearch.survival.cox import coxph

DAY = pd.Timedelta(days=1)
GROUPS = {
    "none": "no issue",
    "solved in time": "solved in time",
    "solved late": "solved late",
    "overdue": "unresolved",
    "open in time": "open, not yet due",
}
STATUS = {"voluntary": 1, "involuntary": 2}
WAITED = 4  # promises from writing to the day on which delays are compared
DAYS = (90, 180, 365)


def groups(study: Study) -> pd.DataFrame | CannotTell:
    """Customers by group on their landmark days: customer_id, group, time (days from there to the
    end), status (1 left by choice or, in return studies, came back; 2 ended otherwise; 0 censored).

    Churn studies: the first day of each quarter; the group is the worst issue open then or solved
    in the 90 days before. Return studies: the landmark after the first ticket, and no group without
    an issue, because only those who wrote are known.
    """
    if study.outcome == "return":
        cohort = return_cohort(study)
        cohort = cohort[cohort["solved"].notna()]
        yes = [cohort["solved"].astype(bool), cohort["answered"].astype(bool)]
        group = np.select(yes, ["solved", "answered, not solved"], "no outside answer")
        found = cohort.assign(group=group, status=cohort["event"])
    else:
        if gate := match_gate(study):
            return gate
        found = _at_quarters(build_episodes(study))
    if found.empty:
        return CannotTell("what became of customers: nobody was watched past a landmark day.")
    return found[["customer_id", "group", "time", "status"]].reset_index(drop=True)


def delays(study: Study) -> pd.DataFrame | CannotTell:
    """Issues by how long they were open: customer_id, group (the band), step (0, 1, 2 ...), time,
    status as in groups, and quarter, billing_period, activity where there are such.

    Churn studies: every issue of a customer still there on the landmark, four promises after
    writing; bands by the first solution, "still open" if there was none by then. Return studies:
    first tickets by the first outside answer, up to the landmark.
    """
    if study.outcome == "return":
        return _answer_delays(study)
    if gate := match_gate(study):
        return gate
    promise = study.settings.unresolved_after_days
    issues = open_spells(study).sort_values("opened_at").drop_duplicates("ticket_id")
    issues = issues.merge(decided(customer_lives(study)), on="customer_id")
    issues = issues.assign(zero=issues["opened_at"] + WAITED * promise * DAY)
    issues = issues[
        (issues["zero"] >= issues["enters_at"]) & (issues["zero"] < issues["leaves_at"])
    ]
    took = (issues["resolved_at"] - issues["opened_at"]) / DAY
    step, names = _bands(took, [1, promise, 2 * promise], WAITED * promise, "solved", "still open")
    ends = (issues["leaves_at"] - issues["zero"]) / DAY
    return landmark_rows(issues, step, names, ends, issues["end"].map(STATUS).fillna(0), "zero")


def fates(cohort: pd.DataFrame, curves: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """What became of each group: group, customers, rows, events, then share, low, high by day as
    in the curves; order is that of the rows."""
    size = cohort.groupby("group").agg(
        customers=("customer_id", "nunique"), rows=("time", "size"),
        events=("status", lambda s: int((s == 1).sum())),
    )  # fmt: skip
    found = curves.merge(size.reset_index(), on="group")
    place = {name: i for i, name in enumerate(order)}
    return found.sort_values(
        ["day", "group"], key=lambda c: c.map(place) if c.name == "group" else c
    )


def differences(cohort: pd.DataFrame, group: str, against: str, day: float) -> pd.Series:
    """The share of one group less that of another by a day: difference, low, high, p, events,
    others."""
    pair = cohort[cohort["group"].isin([group, against])]
    found = against_rest(pair, "group", day).set_index("group")
    if not {group, against} <= set(found.index):
        return pd.Series({"difference": np.nan, "low": np.nan, "high": np.nan, "p": np.nan,
                          "events": 0, "others": 0})  # fmt: skip
    return found.loc[group]


def contrasts(study: Study) -> pd.DataFrame | CannotTell:
    """Hazard ratios between the groups, day by day (churn) or from the landmark (return): as
    leaving.hazards and returning.hazards, and for churn also solved late against still overdue.
    p is Holm's over the rows."""
    comes_back = study.outcome == "return"
    hazards = returning.hazards(study) if comes_back else leaving.hazards(study)
    if isinstance(hazards, CannotTell):
        return hazards
    rows = hazards.frame
    if not comes_back:
        rows = rows.loc[["third", "overdue", "solved late"]]
        rows = pd.concat([_late_against_overdue(study), rows])
    rows = rows.drop(columns=["who", "against", "verdict"], errors="ignore").reset_index(drop=True)
    tested = rows["p"].notna()
    if tested.any():
        rows.loc[tested, "p"] = multipletests(rows.loc[tested, "p"], method="holm")[1]
    return rows


def trend(rows: pd.DataFrame, within: tuple[str, ...] = ()) -> pd.Series | CannotTell:
    """The hazard ratio of one step up the bands of delay, with low, high, p, events, adjusted for.

    Cox from the landmark on, strata quarter and billing period and the columns named in within,
    errors by customer: a dose, if each step counted the same.
    """
    if isinstance(rows, CannotTell):
        return rows
    rows = rows.assign(start=0.0, stop=rows["time"], event=(rows["status"] == 1).astype(int))
    activity = np.log1p(rows["activity"].clip(lower=0))
    known = activity.notna() if activity.nunique() > 1 else pd.Series(True, index=rows.index)
    rows = rows.assign(activity=activity)[known]
    used = ["step", "activity"] if activity.nunique() > 1 else ["step"]
    events = rows[rows["event"] == 1]
    in_steps = events["step"].nunique()
    if len(events) < ENOUGH_EVENTS or in_steps < 2:
        what = f"only {len(events):,} events" if in_steps > 1 else "all events are in one group"
        return CannotTell(f"whether the rate rises from step to step: {what}.")
    strata = ["quarter", "billing_period", *within]
    fit = coxph(rows, used, strata=strata).summary_frame().loc["step"]
    says = ", ".join([*["activity at entry"] * (len(used) > 1), *within]) or "nothing more"
    found = fit.rename({"hazard_ratio": "hazard ratio"}).to_dict()
    return pd.Series({**found, "events": len(events), "adjusted for": says})


def _at_quarters(episodes: pd.DataFrame) -> pd.DataFrame:
    """Each customer on the first day of each quarter but that of entry, followed to the end; from
    when on what was remembered then is known."""
    by = episodes.groupby("customer_id")
    last = by["stop"].transform("last")
    end = by["end"].transform("last")
    begins = ~episodes.duplicated(["customer_id", "quarter"]) & episodes.duplicated("customer_id")
    begins &= episodes["state"].notna()
    return episodes.assign(
        group=episodes["state"].map(GROUPS),
        time=last - episodes["start"],
        status=end.map(STATUS).fillna(0).astype(int),
    )[begins]


def _late_against_overdue(study: Study) -> pd.DataFrame:
    rows, adjusted = adjustable(modelled(build_episodes(study)))
    others = tuple(s for s in STATES if s not in ("overdue", "solved late"))
    of = Comparison("solved late", "solved late / still overdue", others, "", "")
    return pd.DataFrame([ratio_row(rows, of, adjusted)])


def _answer_delays(study: Study) -> pd.DataFrame | CannotTell:
    cohort = return_cohort(study)
    when = study.tickets[["ticket_id", "created_at", "first_reply_at"]]
    cohort = cohort.merge(when, on="ticket_id")
    took = (cohort["first_reply_at"] - cohort["created_at"]) / DAY
    day = study.settings.landmark_days
    step, names = _bands(took, [1 / 24, 1], day, "answered", "no outside answer by then")
    cohort = cohort.assign(billing_period="none", activity=np.nan)
    return landmark_rows(cohort, step, names, cohort["time"], cohort["event"], "created_at")


def _bands(took: pd.Series, inner: list[float], last: float, done: str, never: str):
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


def landmark_rows(
    rows: pd.DataFrame, step: np.ndarray, names: list[str], time, status, when: str
) -> pd.DataFrame | CannotTell:
    """Rows as delays returns them, of issues in the band of that step; when names the column whose
    quarter counts."""
    if rows.empty:
        return CannotTell("what delay goes with: nobody was watched past the landmark day.")
    at = rows[when]
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "group": np.array(names)[step],
            "step": step,
            "time": time,
            "status": status.astype(int),
            "quarter": at.dt.strftime("%Y") + "Q" + at.dt.quarter.astype(str),
            "billing_period": rows["billing_period"],
            "activity": rows["activity"],
        }
    ).reset_index(drop=True)
