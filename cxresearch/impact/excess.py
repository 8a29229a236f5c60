"""The excess share of departures: how many more left than had nothing been overdue, or nothing
been written.

It is not a share of churn prevented: who is kept today may leave tomorrow (kept.py counts that).

Sources: Greenland and Robins (1988), Am. J. Epidemiol. 128 (excess fraction); Samuelsen and Eide
(2008), Stat. Med. 27 (from a Cox model); Shapley (1953), Contributions to the Theory of Games 2;
Land and Gefeller (1997), Biometrical Journal 39 (split of attributable risk).
"""

from dataclasses import dataclass
from math import comb

import numpy as np
import pandas as pd

from cxresearch.impact.doubt import covariance, delta_interval
from cxresearch.impact.levers import ALL, LEVERS, PREVENT, SOONER, Seen, seen, shift, touched
from cxresearch.impact.model import CauseModel
from cxresearch.study.answers import Finding, cannot_tell_passes, finding
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.words import intervals, side
from cxresearch.survival import CoxFit

MANY = 16  # causes of one customer at once: beyond that the split has too many parts
LEFT = {SOONER: "left with it overdue or late", PREVENT: "left with it at all"}


@dataclass(frozen=True, eq=False)
class Excess(Result):
    """The excess share of departures, a row a lever and cause, all causes together first: exposed,
    departures, excess fraction, low, high, verdict (more, less, cannot tell: on which side of none
    the whole interval lies)."""

    def said(self, row: str = "") -> Finding:
        """The excess share of what was late, over all causes."""
        of = self.frame.loc[(SOONER, ALL)]
        return finding(
            "Of {n:,} departures, {share:.1%} ({low:.1%} to {high:.1%}) were more than would have "
            "been expected had every issue been solved in time. That is no share of departures "
            "prevented: who is kept today may still leave tomorrow.",
            n=int(of["departures"]), share=of["excess fraction"], low=of["low"], high=of["high"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The share split among causes and what tells none, by lever, so that they add up to all.
        Beside it how many left with anything of the cause for the lever to move; a departure may
        count for several."""
        parts = self.frame.loc[SOONER, "excess fraction"].drop(ALL)
        order = [ALL, *parts.sort_values(ascending=False, kind="stable").index]
        shown = {"cause": order}
        for lever in self.frame.index.unique("lever"):
            rows = self.frame.loc[lever].loc[order]
            rounded = rows[["excess fraction", "low", "high"]].round(3) + 0.0  # no -0.0
            shown[LEFT[lever]] = [n if n == 0 or n > 4 else "under 5" for n in rows["exposed"]]
            shown[f"excess, {lever}"] = intervals(rounded, "excess fraction")
        return pd.DataFrame(shown)


@cannot_tell_passes
def excess(model: CauseModel) -> Excess:
    """The excess share of departures under each lever, split among causes (excess_fraction)."""
    parts = {lever: excess_fraction(model.fit, model.rows, lever=lever) for lever in LEVERS}
    frame = pd.concat({lever: part.set_index("cause") for lever, part in parts.items()},
                      names=["lever"])  # fmt: skip
    return Excess(frame.assign(verdict=side(frame["low"], frame["high"], 0)))


def excess_fraction(
    fit: CoxFit, episodes: pd.DataFrame, by: str | None = "cause", *, lever: str = SOONER
) -> pd.DataFrame:
    """Of all departures, the share in excess of what was to be expected under the lever: cause,
    exposed (departures on which it bears), departures, excess fraction, low, high.

    The mean over departures of 1 - exp(change of the linear predictor under the lever), on all
    causes at once (the row "all causes") and split among causes: for each departure by its Shapley
    value, exactly, so that causes add up to all; one at a time they would add up to more. Values
    below 0 stay. episodes are the rows the fit was made of, by cause. Intervals by the delta
    method, clustered by customer. Raises InputError for episodes without causes.
    """
    names, beta = list(fit.params.index), fit.params.to_numpy()
    events = np.flatnonzero(episodes["event"] == 1)
    of = seen(episodes.iloc[events])

    def each(beta: np.ndarray) -> np.ndarray:
        return shares(of, lever, names, beta, by)

    now = each(beta)
    mean = now.mean(axis=0)
    slope = slope_of(lambda at: each(at).mean(axis=0), beta, _matter(names))
    own = np.zeros((len(episodes), len(mean)))
    own[events] = (now - mean) / len(events)
    limits = delta_interval(mean, covariance(fit, episodes, slope, own))
    bears = touched(of, lever)
    exposed = [int(bears.any(axis=1).sum()), *bears.sum(axis=0)]
    shown = {"cause": [ALL, *of.causes][: len(mean)], "exposed": exposed[: len(mean)]}
    shown |= {"departures": len(events), "excess fraction": mean}
    return pd.DataFrame({**shown, **limits})


def shares(of: Seen, lever: str, names: list[str], beta: np.ndarray, by: str | None) -> np.ndarray:
    """The excess of each departure, in all and (by="cause") split among causes."""
    joint = 1 - np.exp(shift(of, lever, of.causes, names) @ beta)
    if by is None:
        return joint[:, None]
    split = np.zeros_like(of.there, dtype=float)
    players = touched(of, lever)
    number = players.sum(axis=1)
    if number.max(initial=0) > MANY:
        raise InputError(
            f"A customer left with issues of {number.max()} causes at once; at most {MANY} can be "
            "told apart: merge causes."
        )
    for m in np.unique(number[number > 0]):
        rows = np.flatnonzero(number == m)
        which = np.nonzero(players[rows])[1].reshape(-1, m)
        parts = _values(of, lever, names, beta, rows, which) @ _weights(m)
        split[rows[:, None], which] = parts
    return np.column_stack([joint, split])


def slope_of(function, beta: np.ndarray, matter: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Slope of a vector-valued function at beta in the ratios that matter to it, numerically."""
    slope = np.zeros((len(function(beta)), len(beta)))
    for k in np.flatnonzero(matter):
        aside = np.zeros(len(beta))
        aside[k] = step
        slope[:, k] = (function(beta + aside) - function(beta - aside)) / (2 * step)
    return slope


def _matter(names: list[str]) -> np.ndarray:
    return np.array([n.startswith("overdue: ") or n in ("solved late", "none") for n in names])


def _bits(m: int) -> np.ndarray:
    """Every subset of m causes, as rows of 0 and 1."""
    return (np.arange(2**m)[:, None] >> np.arange(m)) & 1


def _weights(m: int) -> np.ndarray:
    """Shapley values as sums over subsets: subsets by causes."""
    member = _bits(m)
    size = member.sum(axis=1)[:, None]
    inside = 1 / (m * np.array([comb(m - 1, s) for s in range(m)]))
    with_it, without = inside[np.maximum(size - 1, 0)], inside[np.minimum(size, m - 1)]
    return np.where(member == 1, with_it, -without)


def _values(of: Seen, lever, names, beta, rows, which) -> np.ndarray:
    """The excess of each departure (of m causes) when the lever moves each subset of its causes:
    departures by subsets."""
    m = which.shape[1]
    member = _bits(m)
    size = dict(zip(names, beta, strict=True))
    late, overdue = (a[rows[:, None], which].astype(float) for a in (of.late, of.overdue))
    ratio = np.array([size.get(f"overdue: {cause}", 0.0) for cause in of.causes])[which]
    change = -(overdue * ratio) @ member.T
    left_late, left_over = late @ (1 - member).T > 0, overdue @ (1 - member).T > 0
    was = (late.any(axis=1) & ~overdue.any(axis=1))[:, None]
    change += size.get("solved late", 0.0) * ((left_late & ~left_over).astype(float) - was)
    if lever == PREVENT:
        change += size.get("none", 0.0) * (member.sum(axis=1) == m)
    return 1 - np.exp(change)
