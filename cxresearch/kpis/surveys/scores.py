"""What the score is, of those who answered, and what it can be of those who did not."""

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import UNKNOWN, design_effect, net_score, share
from cxresearch.kpis.surveys.reach import eligible, invitations
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.study import Study

TOP = 0.75  # of the scale: 4 or 5 of 1 to 5, 6 or 7 of 1 to 7, "good" of two words
KINDS = ("csat", "nps")


def score(study: Study, kind: str) -> dict | CannotTell:
    """The score of those who answered: estimate, low, high (clustered by customer), n, asked.

    csat: share in the upper quarter of its scale (4 or 5 of 1 to 5). nps: 9 or 10 less 0 to 6 on a
    scale of 0 to 10; another scale is refused.
    """
    return score_in(invitations(study), kind)


@cannot_tell_passes
def score_in(asked: pd.DataFrame, kind: str) -> dict | CannotTell:
    """score of some rows of invitations."""
    own = asked[asked["kind"] == kind]
    values = _values(own, kind)
    if isinstance(values, CannotTell):
        return values
    return {**_interval(values, own.loc[values.index, "who"], kind), "asked": len(own)}


def mean_of_ten(study: Study) -> dict | CannotTell:
    """Mean satisfaction of those who answered, rescaled from its own scale to 0 to 10."""
    return _mean_of_ten(invitations(study))


@cannot_tell_passes
def _mean_of_ten(asked: pd.DataFrame) -> dict | CannotTell:
    own = asked[(asked["kind"] == "csat") & asked["answered"]]
    values = (10 * _placed(own)).dropna()
    n, spread = len(values), values.std()
    if n < 10 or not spread > 0:
        return CannotTell(f"{n} answers, too few or too alike for an interval of their mean.")
    effect = design_effect(values, own.loc[values.index, "who"])
    width = 1.96 * spread * np.sqrt(effect / n)
    mean = values.mean()
    low, high = max(mean - width, 0), min(mean + width, 10)
    return {
        "estimate": mean,
        "low": low,
        "high": high,
        "n": n,
        "asked": int((asked["kind"] == "csat").sum()),
    }


def bounds(study: Study, kind: str) -> pd.DataFrame | CannotTell:
    """What the score can be for those who answered, all who were asked, all who could have been.

    Columns: of whom, n, answered, lowest, highest, low, high. For the answered lowest and highest
    are the score; else they are Manski's bounds (1989, J Human Resources 24): every silent one at
    the bottom, then at the top, with no assumption at all. low and high add the sampling interval.
    """
    return _bounds(eligible(study, kind), kind)


@cannot_tell_passes
def _bounds(units: pd.DataFrame, kind: str) -> pd.DataFrame | CannotTell:
    values = _values(units, kind)
    if isinstance(values, CannotTell):
        return values
    invited = units["invited"]
    of = {
        "those who answered": units.index.isin(values.index),
        "all who were asked": invited,
        "all who could have been asked": invited | ~invited,
    }
    return pd.DataFrame([_bound(values, units[rows], kind, name) for name, rows in of.items()])


def _bound(values: pd.Series, units: pd.DataFrame, kind: str, of: str) -> dict:
    bottom = 0.0 if kind == "csat" else -1.0
    spoken = values.reindex(units.index)
    worst = _interval(spoken.fillna(bottom), units["who"], kind)
    best = _interval(spoken.fillna(1.0), units["who"], kind)
    return {
        "of whom": of,
        "n": len(units),
        "answered": int(spoken.notna().sum()),
        "lowest": worst["estimate"],
        "highest": best["estimate"],
        "low": worst["low"],
        "high": best["high"],
    }


def points(units: pd.DataFrame, kind: str) -> pd.Series | CannotTell:
    """The answered units' scores as a mean is taken of them: csat from 0 to 10 on its own scale,
    nps -100, 0 or 100."""
    values = _values(units, kind)
    if isinstance(values, CannotTell) or kind == "nps":
        return values if isinstance(values, CannotTell) else 100 * values
    return 10 * _placed(units.loc[values.index])


def _placed(rows: pd.DataFrame) -> pd.Series:
    """Where on its own scale each answer lies, from 0 to 1; null where the scale is unknown."""
    return (rows["score_raw"] - rows["scale_min"]) / (rows["scale_max"] - rows["scale_min"])


def _values(rows: pd.DataFrame, kind: str) -> pd.Series | CannotTell:
    """The answered rows' values: 0 or 1 (csat), -1, 0 or 1 (nps)."""
    if kind not in KINDS:
        return CannotTell(f"a score for {kind}: only csat and nps are scored yet.")
    spoken = rows[rows["answered"] & rows["score_raw"].notna()]
    placed = _placed(spoken).dropna()
    if placed.empty:
        return CannotTell(f"the {kind} score: nobody's answer has both a score and its scale.")
    if kind == "csat":
        return (placed >= TOP).astype(float)
    scale = spoken.loc[placed.index, ["scale_min", "scale_max"]]
    if not (scale["scale_min"].eq(0) & scale["scale_max"].eq(10)).all():
        return CannotTell("the net promoter score: its scale must run from 0 to 10.")
    raw = spoken.loc[placed.index, "score_raw"]
    return (raw >= 9).astype(float) - (raw <= 6).astype(float)


def _interval(values: pd.Series, who: pd.Series, kind: str) -> dict:
    if not len(values):
        return dict(UNKNOWN)
    if kind == "csat":
        found = share(values, who)
        return {**found, **{k: 100 * found[k] for k in ("estimate", "low", "high")}}
    counts = int((values > 0).sum()), int((values < 0).sum())
    return net_score(*counts, len(values), design_effect(values, who))
