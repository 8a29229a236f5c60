"""Which cause's overdue issues are associated with leaving: all causes in one model."""

import numpy as np
import pandas as pd

from cxresearch.episodes import build_episodes, exposure_gate
from cxresearch.episodes.checks import YEAR, exposed_time
from cxresearch.outcomes.cause_ratios import CauseRatios, by_name, verdicts
from cxresearch.outcomes.cause_rows import cause_rows, enough_expected, in_time, pooled_fit
from cxresearch.outcomes.hazards import RATIO
from cxresearch.outcomes.models import (
    NOBODY,
    STRATA,
    modelled,
    says,
)
from cxresearch.outcomes.rules import stopped
from cxresearch.outcomes.topic_doubt import topic_doubt
from cxresearch.study.answers import CannotTell, finding
from cxresearch.study.intervals import of_many
from cxresearch.study.once import once
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import LEAVING
from cxresearch.survival import coxph

DECADE = 120  # months; what would take longer is not told as a number of months
COLUMNS = (
    "cause",
    "left while exposed (expected)",
    "hazard ratio ±.2f",
    "shrunken ±.2f",
    "p",
    "smallest visible ratio",
    "verdict",
)
ANY = "any overdue issue"
SEEN = 32  # departures at which a doubled rate shows in even halves: ((1.96 + 0.84) / ln 2)^2 * 2


@once
def power(study: Study) -> pd.DataFrame | CannotTell:
    """What could be seen at all among customers with an issue overdue or in time: exposed years,
    departures, those expected at everybody's rate, and the smallest visible ratio, overall and by
    cause, the most exposed first."""
    if gate := exposure_gate(study):
        return gate
    rows = modelled(build_episodes(study, by="cause"))
    if rows.empty:
        return NOBODY
    table = _power(rows).drop(columns="left")
    return table.sort_values("years exposed", ascending=False, kind="stable", ignore_index=True)


def more_months(study: Study) -> str:
    """How many more months of the same would show a doubled rate for the most exposed cause;
    nothing where that cannot be told, or it shows now."""
    seen = power(study)
    by_cause = seen.frame if isinstance(seen, CannotTell) else seen[seen["group"] != ANY]
    if by_cause.empty:
        return ""
    cause = by_cause.loc[by_cause["years exposed"].idxmax()]
    months = (study.observed_until - study.tickets["created_at"].min()) / pd.Timedelta(days=30.4)
    if not cause[LEAVING.exposed]:
        return "Nobody has left yet while an issue of the most exposed cause was overdue."
    more = max(SEEN / cause[LEAVING.exposed] - 1, 0) * months
    if more < 1:
        return ""
    if more > DECADE:
        return "A doubled rate of a single cause cannot be told from a company of this size."
    return finding(
        "To see a doubled rate for the cause most often overdue, {cause}, about {more:,.0f} more "
        "months like these {months:,.0f} would do.",
        cause=cause["group"], more=float(np.ceil(more)), months=float(months),
    ).text  # fmt: skip


@once
def by_cause(study: Study) -> CauseRatios | CannotTell:
    """Hazard ratios of leaving while an issue of each cause is overdue, all causes in one model.

    A row a cause: customers and years exposed, left while exposed, expected (at everybody's rate),
    hazard ratio, low, high, p (Holm over causes), p BH (Benjamini-Hochberg), shrunken ratio with
    low and high (partial pooling: causes are drawn to nothing, or to those that do something, by
    what the data tell of how many do; survival.two_parts), smallest visible ratio, adjusted for,
    verdict (from Holm's p).

    Intervals and p hold what assigning tickets to topics adds
    (topic_doubt).

    Causes with fewer than 3 expected departures, or of which nobody left, have a shrunken ratio
    only. Errors are the larger of the robust and the model's own (Angrist and Pischke 2009, Mostly
    Harmless Econometrics, chapter 8): with few departures robust ones are too small. Customers and
    adjustment are those of the headline. CannotTell with fewer than 10 departures in the reference,
    while all issues were in time, or if no issue of a known cause was ever overdue.
    """
    fitted_on = cause_rows(study)
    if isinstance(fitted_on, CannotTell):
        return fitted_on
    rows, told, others, adjusted = fitted_on
    overdue = [c for c in rows if c.startswith("overdue: ")]
    table = _power(rows).iloc[1:].rename(columns={"group": "cause"})
    tested = enough_expected(rows, [c for c in overdue if c in told])
    table = table[("overdue: " + table["cause"]).isin(told)]
    doubt = topic_doubt(study)
    table = table.merge(_raw(rows, tested, overdue, others, doubt), on="cause", how="left")
    table = table.merge(_pooled(rows, others, doubt), on="cause", how="left")
    table = table.assign(verdict=verdicts(table, LEAVING.verb, "overdue too little"))
    table = table.assign(**{"adjusted for": says(adjusted)}).drop(columns="left")
    table = table.sort_values(LEAVING.exposed, ascending=False)
    counts = zip(table[LEAVING.exposed], table["expected"], strict=True)
    least = study.settings.least_shown
    table["left while exposed (expected)"] = [
        f"under {least:g} ({e:.1f})" if 0 < n < least else f"{n} ({e:.1f})" for n, e in counts
    ]
    lacking = "were overdue too little"
    why = stopped(study)
    if why:
        table["verdict"] = "cannot tell: withheld"
    return CauseRatios(by_name(table), LEAVING, COLUMNS, "issues in time", lacking, why)


def _power(rows: pd.DataFrame) -> pd.DataFrame:
    """checks.power of each group against the reference alone."""
    causes = [c for c in rows if c.startswith("overdue: ")]
    groups = {ANY: rows["overdue"] > 0}
    groups |= {c.removeprefix("overdue: "): rows[c] > 0 for c in causes}
    counted, beside = rows[["customer_id", "start", "stop", "event"]], in_time(rows)
    by_group = [exposed_time(counted[on | beside], c, on[on | beside]) for c, on in groups.items()]
    days = (rows["stop"] - rows["start"]).sum()
    rate = rows["event"].sum() / (days / YEAR) if days else 0.0
    table = pd.DataFrame(by_group)
    place = table.columns.get_loc("left while exposed") + 1
    table.insert(place, "expected", table["years exposed"] * rate)
    return table


def _raw(rows: pd.DataFrame, tested: list[str], overdue: list[str], others: list[str], doubt):
    """Each tested cause's own ratio, the untested together in one further column. If not all have a
    finite one, the shortest exposed is left untested."""
    columns = ["cause", *RATIO, "p BH"]
    if not tested:
        return pd.DataFrame({c: pd.Series(dtype="str" if c == "cause" else float) for c in columns})
    left = rows["event"] == 1
    rows = rows.assign(rare=rows[[c for c in overdue if c not in tested]].any(axis=1).astype(int))
    used = [c for c in ("rare", *others) if rows.loc[left, c].nunique() > 1]
    try:
        fit = coxph(rows, [*tested, *used], strata=STRATA).doubted(doubt)
        fit = fit.summary_frame(cautious=True)
    except InputError:
        return _raw(rows, tested[:-1], overdue, others, doubt)
    ratios = fit.loc[tested].rename(columns={"hazard_ratio": "hazard ratio"})[list(RATIO)]
    ratios["p BH"] = of_many(ratios["p"], "fdr_bh")
    ratios["p"] = of_many(ratios["p"])
    return ratios.assign(cause=[c.removeprefix("overdue: ") for c in tested])[columns]


def _pooled(rows: pd.DataFrame, others: list[str], doubt: pd.Series) -> pd.DataFrame:
    """Every cause's ratio in one model in which they are drawn together: cause, shrunken, shrunken
    low, shrunken high. Without departures enough for a headline, nothing."""
    columns = ["cause", "shrunken", "shrunken low", "shrunken high"]
    fit = pooled_fit(rows, others)
    if fit is None:
        return pd.DataFrame({c: pd.Series(dtype="str" if c == "cause" else float) for c in columns})
    seen = [c for c in fit.params.index if c.startswith("overdue: ")]
    fit = fit.doubted(doubt).summary_frame().loc[seen]
    ratios = fit[["hazard_ratio", "low", "high"]].set_axis(columns[1:], axis=1)
    return ratios.assign(cause=[c.removeprefix("overdue: ") for c in seen])[columns]
