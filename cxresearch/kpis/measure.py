"""Estimates with their intervals, and verdicts that are read from the interval only."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm, t
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from cxresearch.study.answers import CannotTell

UNKNOWN = {"estimate": np.nan, "low": np.nan, "high": np.nan, "n": 0}
LEVEL = 0.95


@dataclass(frozen=True)
class Kpi:
    """What is counted, in words; its unit (%, points, of 10, hours); its target and good side."""

    name: str
    definition: str
    unit: str = "%"
    target: float = np.nan
    wanted: str = "at least"

    def row(self, found: dict | CannotTell, why: str = "") -> dict:
        """The KPI's row of a scorecard: definition, estimate, low, high, n, target, verdict, why.

        What cannot be told keeps its row; why then says what would tell it. A measure says what to
        beware of in its own "why".
        """
        if isinstance(found, CannotTell):
            found, why = UNKNOWN, found.reason
        why = why or found.get("why", "")
        said = verdict(found["low"], found["high"], self.target, self.wanted)
        if np.isnan(found["estimate"]):
            said = "cannot tell"
        return {
            "kpi": self.name, "definition": self.definition, "unit": self.unit,
            **{k: found[k] for k in UNKNOWN},
            "target": self.target, "wanted": self.wanted, "verdict": said, "why": why,
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
    if not n:
        return dict(UNKNOWN)
    low, high = wilson(count / n, n / design_effect(flags, clusters), level)
    return {"estimate": count / n, "low": float(low), "high": float(high), "n": n}


def wilson(estimate, effective, level: float = LEVEL):
    """Wilson's interval of a share that is known as well as from so many independent rows."""
    return proportion_confint(estimate * effective, effective, 1 - level, method="wilson")


def design_effect(values: pd.Series, clusters: pd.Series | None) -> float:
    """How many times larger the variance of a mean is for rows being alike within clusters.

    At least 1; the cluster-robust variance of the mean over that of independent rows (Kish 1965,
    Survey Sampling), times what few clusters add: the squared ratio of Student's t for as many
    clusters and for as many rows as these seem to be worth (after Korn & Graubard 1998). Rows that
    are all in one cluster count as one row, and those that all agree as one a cluster: that nobody
    differed tells nothing of how alike rows are.
    """
    groups, n = (0 if clusters is None else clusters.nunique()), len(values)
    if clusters is None or not n:
        return 1.0
    if groups == 1:
        return float(n)
    if values.nunique() == 1:
        return n / groups
    effect = likeness(values, clusters)
    worth = max(n / effect, 2.0)
    few = t.ppf((1 + LEVEL) / 2, groups - 1) / t.ppf((1 + LEVEL) / 2, worth - 1)
    return effect * max(1.0, few**2)


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
    width = norm.ppf((1 + LEVEL) / 2) * np.sqrt((up + down - (up - down) ** 2) / more)
    score = (promoters - detractors) / n
    low, high = min(max(up - down - width, -1), score), max(min(up - down + width, 1), score)
    return {"estimate": 100 * score, "low": 100 * low, "high": 100 * high, "n": n}


def waiting_curve(rows: pd.DataFrame, marks: tuple[float, ...], level: float = LEVEL):
    """Share to whom the event has happened by each time, one minus Kaplan–Meier, with its interval.

    rows has time, event (1, or 0 = censored) and who (the cluster). Columns: time, share, low,
    high, at_risk; ends at the last time watched. Interval: Wilson's on the effective number of
    rows, which is what Greenwood's variance says it is (Rothman 1978, J Chronic Dis 31), or the
    rows not censored before, where that variance is 0; divided by the largest design effect at the
    marks. Without censoring and with a row each, it is Wilson's.
    """
    curve = SurvfuncRight(rows["time"].to_numpy(float), rows["event"].to_numpy(int))
    times = np.r_[0.0, curve.surv_times]
    gone = 1 - np.r_[1.0, curve.surv_prob]
    error = np.r_[0.0, np.nan_to_num(curve.surv_prob_se)]
    censored = np.sort(rows.loc[rows["event"] == 0, "time"].to_numpy(float))
    plain = len(rows) - np.searchsorted(censored, times)
    some = (error > 0) & (gone < 1)
    effective = np.where(some, gone * (1 - gone) / np.where(some, error, 1) ** 2, plain)
    effect = max([_effect_at(rows, mark) for mark in marks], default=1.0)
    low, high = wilson(gone, np.maximum(effective / effect, 1), level)
    at_risk = len(rows) - np.searchsorted(np.sort(rows["time"].to_numpy(float)), times)
    found = pd.DataFrame({"time": times, "share": gone, "low": low, "high": high})
    found = found.assign(at_risk=at_risk)
    return pd.concat([found, found.tail(1).assign(time=rows["time"].max(), at_risk=1)])


def share_by(curve: pd.DataFrame, time: float) -> dict:
    """A waiting curve's value at a time: estimate, low, high; null past the last time watched.

    Where everybody's wait has ended, the share stays 1 for ever after.
    """
    last = curve.iloc[-1]
    known = time <= last["time"] or last["share"] >= 1
    found = curve[curve["time"] <= time].iloc[-1]
    values = {"estimate": found["share"], "low": found["low"], "high": found["high"]}
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
