"""How many customers would still be there: the last year again, as it was and under a lever.

The g-formula by weights. A departure under the lever counts exp(change of the linear predictor) of
one; and the customer it is counted for stands for others, who left earlier under the natural
course, would not have under the lever, and so stay at risk: its weight is how much likelier the
lever made it to still be there. Both courses are weighted by one over the chance not to be
censored, with which the natural course is the Kaplan-Meier curve, exactly.

Sources: Robins (1986), Math. Modelling 7 (g-formula); Satten and Datta (2001), Am. Stat. 55
(Kaplan-Meier as a weighted mean); Hernan and Robins (2020), Causal Inference: What If, chapter 21.
"""

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from cxresearch.impact.doubt import bounds, covariance
from cxresearch.impact.hazard import Expected, expected
from cxresearch.impact.levers import ALL, seen, shift
from cxresearch.impact.model import CauseModel
from cxresearch.say import CannotTell, cannot_tell_passes

DAYS = (90, 180, 365)
NEAR = 1e-6  # of a day: rows that follow each other


@cannot_tell_passes
def customers_kept(
    model: CauseModel,
    lever: str = "answer sooner",
    causes: list[str] | None = None,
    days: tuple[int, ...] = DAYS,
) -> pd.DataFrame | CannotTell:
    """Customers more than there were, by day after the lever is pulled on one cause alone: cause
    (first all causes together), day, customers, left (share by Kaplan-Meier), left under lever,
    kept, low, high.

    The cohort is all who were at risk max(days) days before the study's end, or as long before as
    it goes; kept counts of these, among whom ends against a customer's will are censored. Prevented
    leavers stay at risk. Intervals by the delta method, clustered by customer; the natural hazard
    behind the weights is taken as known. A difference under the model's associations, which is an
    effect only if nothing else sets exposed customers apart.
    """
    days = tuple(day for day in sorted(days) if day <= -model.rows["begins"].min())
    if not days:
        return CannotTell("how many customers would be kept: the study is shorter than 90 days.")
    cohort = followed(model.rows, max(days))
    if not cohort["event"].any():
        return CannotTell("how many customers would be kept: none of the cohort left.")
    chosen = [ALL, *(model.told if causes is None else causes)]
    due = expected(model.fit, model.rows)
    parts = [savings(due, cohort, lever, cause, days) for cause in chosen]
    return pd.concat(
        [
            _table(model, cohort, cause, days, estimate, bounds(estimate, covariance(
                model.fit, model.rows, slope, own)))
            for cause, (estimate, slope, own) in zip(chosen, parts, strict=True)
        ],
        ignore_index=True,
    )  # fmt: skip


def followed(rows: pd.DataFrame, length: float) -> pd.DataFrame:
    """The rows of all who were at risk `length` days before the end, from then on and as long as
    they follow each other: row (its place), customer_id, day (on which it ends, from then), share
    (of it that lies after then), event, last, weight (of a departure: one over the chance not to
    be censored before)."""
    after = np.flatnonzero(rows["ends"] > -length + NEAR)
    found = rows.iloc[after][["customer_id", "begins", "ends", "event"]].assign(row=after)
    by = found.groupby("customer_id")
    gap = found["begins"] > by["ends"].shift().fillna(-length) + NEAR
    found = found[~gap.groupby(found["customer_id"]).cummax()]
    since = found["begins"].clip(lower=-length)
    found = found.assign(
        day=found["ends"] + length,
        share=(found["ends"] - since) / (found["ends"] - found["begins"]),
        last=~found.duplicated("customer_id", keep="last"),
    )
    return found.assign(weight=_seen(found)).reset_index(drop=True)


def _seen(found: pd.DataFrame) -> pd.Series:
    """One over the chance not to be censored before; on a day with both, leaving is first."""
    ends = found[found["last"]].sort_values(["day", "event"], ascending=[True, False])
    at_risk = len(ends) - np.arange(len(ends))
    stays = np.append(1.0, np.cumprod(1 - (1 - ends["event"]) / at_risk)[:-1])
    weight = pd.Series(1 / np.where(stays > 0, stays, 1), ends.index)
    return weight.where(ends["event"] == 1, 0.0).reindex(found.index, fill_value=0.0)


def savings(of_all: Expected, cohort: pd.DataFrame, lever: str, cause: str, days: tuple[int, ...]):
    """Customers kept by each day, their slope in the log hazard ratios, and what each row adds."""
    fit, rows, place = of_all.fit, of_all.rows, cohort["row"].to_numpy()
    names = list(fit.params.index)
    of = seen(rows.iloc[place])
    moved = shift(of, lever, of.causes if cause == ALL else [cause], names)
    factor = np.exp(moved @ fit.params.to_numpy())
    usual = of_all.due[place] * cohort["share"].to_numpy()
    stay = pd.Series((1 - factor) * usual).groupby(cohort["customer_id"].to_numpy()).cumsum()
    events = np.flatnonzero(cohort["event"] == 1)
    due = np.exp(stay.to_numpy()[events]) * factor[events]
    weight = (cohort["weight"] * of_all.weight[place]).to_numpy()[events]
    day = cohort["day"].to_numpy()[events]
    by = weight * (day <= np.array(days)[:, None] + NEAR)  # days by events
    each = by * (1 - due)
    bent = _bent(cohort, moved, factor * usual)[events] + moved[events]
    slope = -(csr_matrix(by * due) @ bent).toarray()
    own = np.zeros((len(rows), len(days)))
    own[place[events]] = each.T
    first = place[~cohort.duplicated("customer_id").to_numpy()]
    own[first] -= each.sum(axis=1) / len(first)
    return each.sum(axis=1), slope, own


def _bent(cohort: pd.DataFrame, moved: csr_matrix, due: np.ndarray) -> csr_matrix:
    """Slope of the log weight in the log hazard ratios: the sum of -due * moved over the rows of
    the customer up to each row."""
    who = pd.factorize(cohort["customer_id"])[0]
    events = cohort["event"].to_numpy() == 1
    to = np.full(who.max() + 1, -1)
    to[who[events]] = np.flatnonzero(events)  # the last row of who left
    at = to[who]
    leavers = np.flatnonzero(at >= 0)
    shape = (len(cohort), len(cohort))
    add = csr_matrix((-due[leavers], (at[leavers], leavers)), shape)
    return add @ moved


def _table(model, cohort, cause, days, estimate, limits) -> pd.DataFrame:
    n = cohort["customer_id"].nunique()
    left = [cohort.loc[cohort["day"] <= day + NEAR, "weight"].sum() / n for day in days]
    return pd.DataFrame(
        {
            "cause": cause,
            "day": days,
            "customers": n,
            "left": left,
            "left under lever": left - estimate / n,
            "kept": estimate,
            **limits,
        }
    )
