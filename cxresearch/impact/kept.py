"""How many customers would still be there: the last year again, as it was and under a lever.

The g-formula by weights. Each piece of life has expected departures (model.expected); under the
lever they are exp(change of the linear predictor) of that, and the customer whose piece it is
stands for others: those who left earlier under the natural course, would not have under the lever,
and so stay at risk. Its weight is how much likelier the lever made it to be still there. Both
courses are weighted by one over the chance not to be censored, and scaled so that as many leave
under the natural course as did; where all were there on the first day that is the Kaplan-Meier
curve, exactly. Who comes later counts from then on.

Sources: Robins (1986), Math. Modelling 7 (g-formula); Satten and Datta (2001), Am. Stat. 55
(Kaplan-Meier as a weighted mean); Hernan and Robins (2020), Causal Inference: What If, chapter 21.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from cxresearch.impact.doubt import covariance, delta_interval
from cxresearch.impact.levers import ALL, DOING, IF, LEVERS, SOONER, ByLever, seen, shift
from cxresearch.impact.model import CauseModel, Expected, expected, of_expected
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.words import side, view

DAYS = (90, 180, 365)
NEAR = 1e-6  # of a day: rows that follow each other


@dataclass(frozen=True, eq=False)
class Kept(ByLever):
    """Customers more than there were, a row a lever, cause and day: customers (at first), left
    (share by Kaplan-Meier), left under lever, kept, low, high, verdict (more, less, cannot tell:
    on which side of none the whole interval lies)."""

    def said(self, row: str = SOONER) -> Finding | CannotTell:
        """Customers kept by a lever on all causes together, by the last day."""
        rows = self.frame.loc[row or SOONER].loc[ALL]
        last = rows.loc[rows.index.max()]
        doing = DOING[row or SOONER]
        told = {"kept": last["kept"], "low": last["low"], "high": last["high"], "iff": IF,
                "n": int(last["customers"]), "day": float(rows.index.max())}  # fmt: skip
        span = "a year" if told["day"] == 365 else "{day:g} days"
        if last["low"] <= 0 <= last["high"]:
            doubt = finding(
                "whether {doing} would keep customers: {kept:.0f} ({low:.0f} to {high:.0f}) of "
                "{n:,} in " + span + ", which holds none.", doing=doing, **told,
            )  # fmt: skip
            return CannotTell(doubt.text)
        return finding(
            "{doing} may keep **{kept:.0f} of {n:,} customers** in " + span + " ({low:.0f} to "
            "{high:.0f}), {iff}.", doing=doing.capitalize(), **told,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Customers who left and who would have been kept, by lever and day."""
        left = (self.frame["left"] * self.frame["customers"]).round().astype(int)
        rows = self.frame.assign(left=left).reset_index()
        first = "customers"
        return view(rows, *self.names, first, "left", "kept ±.1f")


@cannot_tell_passes
def customers_kept(
    model: CauseModel,
    levers: Iterable[str] = LEVERS,
    causes: Iterable[str] = (),
    days: tuple[int, ...] = DAYS,
) -> Kept | CannotTell:
    """Customers kept by pulling each lever on all causes together and on each of causes alone.

    The cohort is all who were at risk in the last max(days) days, from their first day in them on;
    by a day, kept counts of those who had come by then (customers), among whom ends against a
    customer's will are censored. Prevented leavers stay at risk. Intervals by the delta method,
    clustered by customer. A difference under the model's associations, which is an effect only if
    nothing else sets exposed customers apart.

    >>> import cxresearch
    >>> model = cxresearch.cause_model(cxresearch.open_study("data/demo"))
    >>> kept = customers_kept(model, ["solve sooner"])
    >>> kept.frame["kept"].round().tolist()
    [17.0, 37.0, 73.0]
    """
    days = tuple(day for day in sorted(days) if day <= -model.rows["begins"].min())
    if not days:
        return CannotTell("how many customers would be kept: the study is shorter than 90 days.")
    cohort = followed(model.rows, max(days))
    if not cohort["event"].any():
        return CannotTell("how many customers would be kept: none of the cohort left.")
    due = expected(model.fit, model.rows)
    chosen = list(product(levers, (ALL, *causes)))
    parts = {of: _rows(model, cohort, days, *savings(due, cohort, *of, days=days)) for of in chosen}
    frame = pd.concat(parts, names=["lever", "cause"])
    return Kept(frame.assign(verdict=side(frame["low"], frame["high"], 0)))


def followed(rows: pd.DataFrame, length: float) -> pd.DataFrame:
    """The rows of all who were at risk in the last `length` days, from their first of these on and
    as long as they follow each other: row (its place), customer_id, since and day (between which it
    lies, counted from then), days (its whole length), event, first, last, weight (one over the
    chance not to be censored before day, of those there since the first)."""
    after = np.flatnonzero(rows["ends"] > -length + NEAR)
    lives = rows.iloc[after][["customer_id", "begins", "ends", "event"]].assign(row=after)
    by = lives.groupby("customer_id")
    gap = lives["begins"] > by["ends"].shift().fillna(lives["begins"]) + NEAR
    lives = lives[~gap.groupby(lives["customer_id"]).cummax()]
    lives = lives.assign(
        since=lives["begins"].clip(lower=-length) + length,
        day=lives["ends"] + length,
        days=lives["ends"] - lives["begins"],
        first=~lives.duplicated("customer_id"),
        last=~lives.duplicated("customer_id", keep="last"),
    )
    return lives.assign(weight=_seen(lives)).reset_index(drop=True)


def _seen(lives: pd.DataFrame) -> np.ndarray:
    """One over the chance not to be censored before; on a day with both, leaving is first."""
    ends = lives[lives["last"]].sort_values(["day", "event"], ascending=[True, False])
    came = np.sort(lives.loc[lives["first"], "since"].to_numpy())
    day = ends["day"].to_numpy()
    at_risk = np.searchsorted(came, day, "left") - np.arange(len(ends))
    goes_on = 1 - (1 - ends["event"].to_numpy()) / at_risk
    stays = np.append(
        1.0, np.cumprod(np.where(goes_on > 0, goes_on, 1.0))
    )  # nobody is left to count
    entered = lives["since"].where(lives["first"]).groupby(lives["customer_id"]).transform("max")
    there, before = (stays[np.searchsorted(day, of, "left")] for of in (entered, lives["day"]))
    return there / np.where(before > 0, before, there)


def savings(of_all: Expected, cohort: pd.DataFrame, lever: str, cause: str, days: tuple[int, ...]):
    """Customers kept by each day, their slope in the log hazard ratios, and what each row adds."""
    names, place = list(of_all.fit.params.index), cohort["row"].to_numpy()
    of = seen(of_all.rows.iloc[place])
    moved = shift(of, lever, of.causes if cause == ALL else [cause], names)
    factor = np.exp(moved @ of_all.fit.params.to_numpy())
    parts = [_by_day(of_all, cohort, moved, factor, day) for day in days]
    estimates, slopes, owns = zip(*parts, strict=True)
    return np.array(estimates), np.array(slopes), np.column_stack(owns)


def _by_day(
    of_all: Expected, cohort: pd.DataFrame, moved: csr_matrix, factor: np.ndarray, day: int
):
    """kept = by model * (left / left by model), its slope, and what each row adds."""
    place = cohort["row"].to_numpy()
    inside = (np.minimum(cohort["day"], day) - cohort["since"]).clip(lower=0).to_numpy()
    part = inside / cohort["days"].to_numpy()
    hazard = of_all.due[place] * part
    weight = cohort["weight"].to_numpy() * of_all.weight[place]
    left = weight * (cohort["event"] * (cohort["day"] <= day + NEAR)).to_numpy()
    kept, by, bent = _kept(cohort, weight, hazard, factor)
    usual, scale = weight @ hazard, left.sum() / max(weight @ hazard, 1e-300)
    change = scale * (by - kept / usual * weight) if usual else by
    slope, own = of_expected(of_all, np.bincount(place, change * part, len(of_all.rows)))
    slope = slope + scale * (csr_matrix(bent[None, :]) @ moved).toarray()[0]
    own[place] += kept / max(usual, 1e-300) * (left - left.sum() * _evenly(cohort))
    return scale * kept, slope, own


def _kept(cohort: pd.DataFrame, weight: np.ndarray, hazard: np.ndarray, factor: np.ndarray):
    """Customers kept by the model; its slope in each row's hazard; and, hazards given, in each
    row's change of the linear predictor."""
    who = cohort["customer_id"].to_numpy()
    spared = (1 - factor) * hazard
    before = pd.Series(spared).groupby(who).cumsum().to_numpy() - spared / 2
    stands = weight * np.exp(before) * factor
    due = stands * hazard
    later = pd.Series(due[::-1]).groupby(who[::-1]).cumsum().to_numpy()[::-1] - due / 2
    return (weight @ hazard - due.sum(), weight - stands - (1 - factor) * later,
            factor * hazard * later - due)  # fmt: skip


def _evenly(cohort: pd.DataFrame) -> np.ndarray:
    """An equal share for each customer, in its first row."""
    first = cohort["first"].to_numpy()
    return first / first.sum()


def _rows(model, cohort, days, estimate, slope, own) -> pd.DataFrame:
    weight = cohort["weight"] * cohort["event"]
    n = np.array([(cohort["first"] & (cohort["since"] < day)).sum() for day in days])
    left = np.array([weight[cohort["day"] <= day + NEAR].sum() for day in days]) / n
    limits = delta_interval(estimate, covariance(model.fit, model.rows, slope, own))
    columns = {"customers": n, "left": left, "left under lever": left - estimate / n}
    return pd.DataFrame({**columns, "kept": estimate, **limits}, pd.Index(days, name="day"))
