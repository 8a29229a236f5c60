"""While whose issue is overdue do customers leave (or come back) more than while others' are?

The model of causes, with a cut's group in the place of each ticket's cause. An issue's group is
that of the day it was written: who had it in the end, or how long it grew, looks ahead.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cxresearch.kpis.cut_columns import cut_groups, later
from cxresearch.kpis.cuts import ByGroup
from cxresearch.kpis.segments import VERDICTS, judged
from cxresearch.outcomes import outcome
from cxresearch.outcomes.cause_rows import cause_rows, enough_expected
from cxresearch.outcomes.models import STRATA
from cxresearch.outcomes.rules import stopped
from cxresearch.study.answers import CannotTell, DoesNotApply
from cxresearch.study.intervals import normal, z
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.swapped import study_with
from cxresearch.survival import coxph
from cxresearch.topics.causes import NO_TOPIC

OVERDUE = "overdue: "
LEAVES = "While an issue of **{who}** is overdue, customers leave at {ratio:.2f} times the rate " \
    "of those with another overdue issue ({low:.2f} to {high:.2f})."  # fmt: skip
RETURNS = "After a first ticket of **{who}** customers come back at {ratio:.2f} times the rate " \
    "of all others ({low:.2f} to {high:.2f})."  # fmt: skip


@once
def leaves_more(study: Study) -> ByGroup | CannotTell:
    """The rate of leaving while an issue of a group is overdue, over that while other groups' are;
    in return studies, of coming back after a first ticket of it, over that after all others.

    customers (ever so), events, ratio, low, high, p; in churn studies also the hazard ratio against
    issues in time. Groups with fewer than 3 expected departures are left out. Errors are the larger
    of the robust and the model's own. DoesNotApply in a part of a study, and where the headline is
    withheld.
    """
    groups, churn = cut_groups(study), study.outcome == "churn"
    if isinstance(groups, CannotTell):
        return DoesNotApply(groups.reason)
    if study.cut or not study.has("ticket_causes") or (why := stopped(study)):
        return DoesNotApply("while whose issue customers leave: " + (why.reason if why else ""))
    groups = groups.drop(columns=later(study), errors="ignore")
    found = _leaving(study, groups) if churn else [_coming_back(study, groups, c) for c in groups]
    if not any(len(rows) for rows in found):
        return CannotTell(f"how groups differ: too few {outcome(study).WORDS.done} of each.")
    rows = judged(pd.concat(found, ignore_index=True), *VERDICTS)
    rows = rows.assign(measure="leaving" if churn else "coming back")
    columns = ["who as group", "customers", "events", "ratio ±.2f as times other groups", "verdict"]
    columns[3:3] = ["against ±.2f as times issues in time"] * churn
    return ByGroup(rows, LEAVES if churn else RETURNS, tuple(columns), "times the rate of others")


def _grouped(study: Study, groups: pd.DataFrame) -> Study:
    """The study with "COLUMN GROUP" in the place of each ticket's cause, a row each."""
    asks = study.ticket_causes.groupby("ticket_id")["is_exit_request"].any()
    untold, word = next(iter(NO_TOPIC.items()))
    rows = groups.rename_axis(columns="column").stack().rename("group").reset_index()
    rows["cause"] = rows["column"] + " " + rows["group"]
    rows = rows.merge(pd.DataFrame({"ticket_id": groups.index}), how="right")
    rows["topic"] = pd.factorize(rows["cause"])[0]
    rows["topic"] = rows["topic"].where(rows["topic"] >= 0, untold)
    rows["weight"] = 1 / rows.groupby("ticket_id")["topic"].transform("size")
    rows["is_exit_request"] = rows["ticket_id"].map(asks).fillna(False).astype(bool)
    names = "ticket_id topic cause weight is_exit_request".split()
    return study_with(study, "ticket_causes", rows.fillna({"cause": word})[names])


def _leaving(study: Study, groups: pd.DataFrame) -> list[pd.DataFrame]:
    """_against_others of each column, all from one table of episodes."""
    fitted_on = cause_rows(_grouped(study, groups))
    if isinstance(fitted_on, CannotTell):
        return []
    rows, _, others, _ = fitted_on
    return [_against_others(rows, others, c, groups[c].dropna().unique()) for c in groups]


def _against_others(rows: pd.DataFrame, others: list[str], column: str, names) -> pd.DataFrame:
    """Each tested group's log ratio less the mean of the others', weighted by time overdue."""
    overdue = {f"{OVERDUE}{column} {name}": name for name in names}
    tested = enough_expected(rows, [c for c in overdue if c in rows])
    if len(tested) < 2:
        return pd.DataFrame()
    left, any_of = rows["event"] == 1, (rows[tested] > 0).any(axis=1)
    rows = rows.assign(rare=((rows["overdue"] > 0) & ~any_of).astype(int))
    used = [c for c in ("rare", *others) if rows.loc[left, c].nunique() > 1]
    fit = coxph(rows, [*tested, *used], strata=STRATA)
    days = np.array([(rows["stop"] - rows["start"])[rows[c] > 0].sum() for c in tested])
    weights = days * (1 - np.eye(len(tested)))
    less = np.eye(len(tested)) - weights / weights.sum(axis=1, keepdims=True)
    log = less @ fit.params[tested].to_numpy()
    covs = (fit.cov.loc[tested, tested].to_numpy(), fit.robust_cov.loc[tested, tested].to_numpy())
    error = np.sqrt(np.max([np.diag(less @ cov @ less.T) for cov in covs], axis=0))
    low, high = np.exp(normal(log, error))
    against = fit.summary_frame(cautious=True).loc[tested]
    return pd.DataFrame({
        "column": column, "group": [overdue[c] for c in tested],
        "customers": [rows.loc[rows[c] > 0, "customer_id"].nunique() for c in tested],
        "events": [int(rows.loc[left, c].sum()) for c in tested],
        "ratio": np.exp(log), "low": low, "high": high, "p": 2 * ndtr(-np.abs(log) / error),
        "against": against["hazard_ratio"].to_numpy(), "against low": against["low"].to_numpy(),
        "against high": against["high"].to_numpy(),
    })  # fmt: skip


def _coming_back(study: Study, groups: pd.DataFrame, column: str) -> pd.DataFrame:
    """Each group's rate of coming back after a first ticket of it; p from its own interval."""
    found = outcome(study).by_cause(_grouped(study, groups[[column]])).frame
    if found.empty:
        return found
    rows = found.rename(columns={"cause": "group", "returned": "events", "hazard ratio": "ratio"})
    error = np.log(rows["high"] / rows["low"]) / (2 * z())
    rows = rows.assign(p=2 * ndtr(-np.abs(np.log(rows["ratio"])) / error), column=column)
    rows["group"] = rows["group"].str.removeprefix(f"{column} ")
    return rows[["column", "group", "customers", "events", "ratio", "low", "high", "p"]]
