"""Estimates with their intervals, and verdicts that are read from the interval only."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from cxresearch.study.answers import CannotTell, DoesNotApply, cannot_tell_passes
from cxresearch.study.intervals import LEVEL, normal, wilson

UNKNOWN = {"estimate": np.nan, "low": np.nan, "high": np.nan, "n": 0}


@dataclass(frozen=True)
class Kpi:
    """What is counted, in words; its unit (%, points, of 10, hours); its target and good side."""

    name: str
    definition: str
    unit: str = "%"
    target: float = np.nan
    wanted: str = "at least"

    def row(self, measure: dict | CannotTell) -> dict:
        """The KPI's row of a scorecard: definition, estimate, low, high, n, target, verdict, why.

        What cannot be told keeps its row; why then says what would tell it. A measure says what to
        beware of in its own "why".
        """
        untold = "does not apply" if isinstance(measure, DoesNotApply) else "cannot tell"
        if isinstance(measure, CannotTell):
            measure = UNKNOWN | {"why": measure.reason}
        said = verdict(measure["low"], measure["high"], self.target, self.wanted)
        if np.isnan(measure["estimate"]):
            said = untold
        return {
            "kpi": self.name, "definition": self.definition, "unit": self.unit,
            **{k: measure[k] for k in UNKNOWN}, "target": self.target, "wanted": self.wanted,
            "verdict": said, "why": measure.get("why", ""),
        }  # fmt: skip


def verdict(low: float, high: float, target: float, wanted: str = "at least") -> str:
    """met, not met or cannot tell: on which side of the target the whole interval lies.

    "no target" where none is set. wanted is "at least" or "at most".
    """
    if pd.isna(target):
        return "no target"
    if pd.isna(low) or pd.isna(high):
        return "cannot tell"
    if wanted == "at most":
        low, high, target = -high, -low, -target
    if low >= target:
        return "met"
    return "not met" if high < target else "cannot tell"


def share(flags: pd.Series, clusters: pd.Series | None = None, level: float = LEVEL) -> dict:
    """The share of rows that are true: estimate, low, high, n.

    Wilson's interval on the effective number of rows, because several rows of one cluster (a
    customer's tickets, say) tell less than as many rows of as many customers.
    """
    n, count = len(flags), float(flags.astype(float).sum())
    return _share(n, count, design_effect(flags, clusters), level)


def share_of_sums(sums: pd.Series | dict, level: float = LEVEL) -> dict:
    """The same share from sums over clusters: customers (how many clusters), n (rows), held (rows
    that are true), and the sums of held squared, held times n, and n squared of each cluster."""
    n, held, clusters = (int(sums[name]) for name in ("n", "held", "customers"))
    if not n:
        return dict(UNKNOWN)
    p = held / n
    together = sums["held_held"] - 2 * p * sums["held_n"] + p**2 * sums["n_n"]
    alike = max(1.0, together / (n * p * (1 - p))) if 0 < held < n else 1.0
    return _share(n, held, _effect(n, clusters, 0 < held < n, alike), level)


def _share(n: int, count: float, effect: float, level: float) -> dict:
    if not n:
        return dict(UNKNOWN)
    effective = n / effect
    low, high = wilson(count / n * effective, effective, level)
    return {"estimate": count / n, "low": low, "high": high, "n": n}


def share_told(facts: pd.DataFrame, flag: str = "held", level: float = LEVEL) -> dict:
    """The share of facts whose flag is true, of the mature ones for which it is told; rows of one
    `who` are alike (see share)."""
    told = facts[facts[flag].notna() & facts.get("mature", True)]
    return share(told[flag].astype(bool), told["who"], level)


@cannot_tell_passes
def share_row(facts: pd.DataFrame) -> pd.DataFrame:
    """share_told as a row, with the design effect that its interval allows for."""
    told = facts[facts["held"].notna() & facts["mature"]]
    effect = design_effect(told["held"].astype(bool), told["who"])
    return pd.DataFrame([share_told(facts) | {"design effect": effect}])


def mean_of(values: pd.Series, who: pd.Series) -> dict:
    """The mean: estimate, low, high, n. Student's t on the customers, the variance times the design
    effect of several rows by one customer; null bounds for a single customer or equal values."""
    n, customers = len(values), who.nunique()
    if not n:
        return dict(UNKNOWN)
    values = values.astype(float)
    mean = float(values.mean())
    if customers < 2 or values.min() == values.max():
        return {**UNKNOWN, "estimate": mean, "n": n}
    error = values.std() * np.sqrt(likeness(values, who) / n)
    width = float(stdtrit(customers - 1, (1 + LEVEL) / 2) * error)
    return {"estimate": mean, "low": mean - width, "high": mean + width, "n": n}


def median_of(values: pd.Series, who: pd.Series) -> dict:
    """The median: estimate, low, high, n. The interval holds the values at the ends of Wilson's
    interval of a half on the effective number of rows (Woodruff 1952, JASA 47)."""
    n = len(values)
    if not n:
        return dict(UNKNOWN)
    values = values.astype(float)
    middle = float(values.median())
    if who.nunique() < 2:
        return {**UNKNOWN, "estimate": middle, "n": n}
    effective = n / design_effect(values <= middle, who)
    low, high = wilson(effective / 2, effective)
    ends = np.quantile(values, low, method="lower"), np.quantile(values, high, method="higher")
    return {"estimate": middle, "low": float(ends[0]), "high": float(ends[1]), "n": n}


def design_effect(values: pd.Series, clusters: pd.Series | None) -> float:
    """How many times larger the variance of a mean is for rows being alike within clusters.

    At least 1; the cluster-robust variance of the mean over that of independent rows (Kish 1965,
    Survey Sampling), times what few clusters add: the squared ratio of Student's t for as many
    clusters and for as many rows as these seem to be worth (after Korn & Graubard 1998). Rows that
    are all in one cluster count as one row, and those that all agree as one a cluster: that nobody
    differed tells nothing of how alike rows are.
    """
    if clusters is None or not len(values):
        return 1.0
    groups, differ = clusters.nunique(), values.nunique() > 1
    alike = likeness(values, clusters) if differ and groups > 1 else 1.0
    return _effect(len(values), groups, differ, alike)


def _effect(n: int, groups: int, differ: bool, alike: float) -> float:
    """design_effect of n rows in so many groups: do values differ, and their likeness."""
    if groups == 1:
        return float(n)
    if not differ:
        return n / groups
    worth = max(n / alike, 2.0)
    few = stdtrit(groups - 1, (1 + LEVEL) / 2) / stdtrit(worth - 1, (1 + LEVEL) / 2)
    return alike * max(1.0, few**2)


def likeness(values: pd.Series, clusters: pd.Series) -> float:
    """The cluster-robust variance of a mean over that of independent rows, at least 1: what is left
    to a design effect for whoever takes Student's t for few clusters himself."""
    apart = values.astype(float) - values.astype(float).mean()
    together = float((apart.groupby(clusters).sum() ** 2).sum())
    return max(1.0, together / float((apart**2).sum()))


def net_score(promoters: int, detractors: int, n: int, effect: float = 1.0) -> dict:
    """Promoters less detractors in percent of n: estimate, low, high, n.

    The interval is adjusted Wald's: three more answers, a quarter of them promoters and a quarter
    detractors (Sauro and Lewis 2016, Quantifying the User Experience), so it is centred at its own
    estimate, a little nearer to 0 than the score. effect is the design effect of several answers
    by one customer.
    """
    if not n:
        return dict(UNKNOWN)
    more = n / effect + 3
    up = (promoters / effect + 0.75) / more
    down = (detractors / effect + 0.75) / more
    low, high = normal(up - down, np.sqrt((up + down - (up - down) ** 2) / more))
    score = (promoters - detractors) / n
    low, high = min(max(low, -1), score), max(min(high, 1), score)
    return {"estimate": 100 * score, "low": 100 * low, "high": 100 * high, "n": n}


def waiting_curve(rows: pd.DataFrame, marks: tuple[float, ...], level: float = LEVEL):
    """Share to whom the event has happened by each time, one minus Kaplan–Meier, with its interval.

    rows has time, event (1, or 0 = censored) and who (the cluster). Columns: time, share, low,
    high, at_risk; ends at the last time watched. Interval: Wilson's on the effective number of
    rows, which is what Greenwood's variance says it is (Rothman 1978, J Chronic Dis 31), or the
    rows not censored before, where that variance is 0; divided by the largest design effect at the
    marks. Without censoring and with a row each, it is Wilson's.
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    fit = SurvfuncRight(rows["time"].to_numpy(float), rows["event"].to_numpy(int))
    times = np.r_[0.0, fit.surv_times]
    gone = 1 - np.r_[1.0, fit.surv_prob]
    error = np.r_[0.0, np.nan_to_num(fit.surv_prob_se)]
    censored = np.sort(rows.loc[rows["event"] == 0, "time"].to_numpy(float))
    plain = len(rows) - np.searchsorted(censored, times)
    some = (error > 0) & (gone < 1)
    effective = np.where(some, gone * (1 - gone) / np.where(some, error, 1) ** 2, plain)
    effect = max([_effect_at(rows, mark) for mark in marks], default=1.0)
    worth = np.maximum(effective / effect, 1)
    low, high = wilson(gone * worth, worth, level)
    at_risk = len(rows) - np.searchsorted(np.sort(rows["time"].to_numpy(float)), times)
    curve = pd.DataFrame(
        {"time": times, "share": gone, "low": low, "high": high, "at_risk": at_risk}
    )
    return pd.concat([curve, curve.tail(1).assign(time=rows["time"].max(), at_risk=1)])


def share_by(curve: pd.DataFrame, time: float) -> dict:
    """A waiting curve's value at a time: estimate, low, high; null past the last time watched.

    Where everybody's wait has ended, the share stays 1 for ever after.
    """
    known = time <= curve["time"].max() or curve["share"].max() >= 1
    at = curve[curve["time"] <= time].tail(1).squeeze()
    values = {"estimate": at["share"], "low": at["low"], "high": at["high"]}
    return {k: float(v) if known else np.nan for k, v in values.items()}


def median_wait(curve: pd.DataFrame) -> dict:
    """The time by which half have had the event, with its interval; null where not reached.

    The interval holds the times at which the curve's own interval holds a half (Brookmeyer and
    Crowley 1982, Biometrics 38).
    """
    reached = {"estimate": curve["share"], "low": curve["high"], "high": curve["low"]}
    return {k: float(curve.loc[v >= 0.5 - 1e-9, "time"].min()) for k, v in reached.items()}


def _effect_at(rows: pd.DataFrame, mark: float) -> float:
    """The design effect of the share by a time, among rows watched until it or past their event."""
    known = rows[(rows["event"] == 1) | (rows["time"] >= mark)]
    done = (known["event"] == 1) & (known["time"] <= mark)
    return design_effect(done, known["who"])
