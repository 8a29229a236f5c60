"""What answers are worth: scales with their words, and the score of those who answered."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import UNKNOWN, design_effect, net_score, share, verdict
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.study import Study

TOP = 0.75  # of the scale: 4 or 5 of 1 to 5, 6 or 7 of 1 to 7, "good" of two words


@dataclass(frozen=True)
class Scale:
    """Where a number of a survey lies, between bottom and top, and how it is said: its name in a
    sentence, its axis, the form of its values and their unit; wanted, if there is such a setting,
    names its target."""

    name: str
    axis: str
    form: str
    unit: str
    bottom: float
    top: float
    wanted: str = ""

    def text(self, value: float) -> str:
        """A value with its unit."""
        return f"{value:{self.form}}{self.unit}"

    def target(self, study: Study) -> float:
        """What the study wants at least; null if it wants nothing."""
        return study.settings.target(self.wanted) if self.wanted else np.nan


# A score counts answers: the satisfied, or promoters less detractors. A mean takes all as given.
SCORES = {
    "csat": Scale("the share satisfied", "satisfied, in percent", ".1f", "%", 0, 100),
    "nps": Scale(
        "the net promoter score",
        "net promoter score, in points",
        ".0f",
        "",
        -100,
        100,
        "nps_target",
    ),
}
MEANS = {
    "csat": Scale(
        "mean satisfaction", "mean satisfaction, of 10", ".2f", " of 10", 0, 10,
        "satisfaction_target",
    ),
    "nps": Scale(
        "the net promoter score", "net promoter score, in points", "+.0f", " points", -100, 100,
        "nps_target",
    ),
}  # fmt: skip


@cannot_tell_passes
def score_in(asked: pd.DataFrame, kind: str) -> dict | CannotTell:
    """The score of those who answered, of some rows of invitations: estimate, low, high (clustered
    by customer), n, asked.

    csat: share in the upper quarter of its scale (4 or 5 of 1 to 5). nps: 9 or 10 less 0 to 6 on a
    scale of 0 to 10; another scale is refused.
    """
    own = asked[asked["kind"] == kind]
    values = score_values(own, kind)
    if isinstance(values, CannotTell):
        return values
    return {**score_of(values, own.loc[values.index, "who"], kind), "asked": len(own)}


def score_of(values: pd.Series, who: pd.Series, kind: str) -> dict:
    """The score of counted values: estimate, low, high, n."""
    if not len(values):
        return dict(UNKNOWN)
    if kind == "csat":
        of = share(values, who)
        return {**of, **{k: 100 * of[k] for k in ("estimate", "low", "high")}}
    counts = int((values > 0).sum()), int((values < 0).sum())
    return net_score(*counts, len(values), design_effect(values, who))


@cannot_tell_passes
def score_values(rows: pd.DataFrame, kind: str) -> pd.Series | CannotTell:
    """What each answered row counts in the score: 0 or 1 (csat), -1, 0 or 1 (nps)."""
    if kind not in SCORES:
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


def points(units: pd.DataFrame, kind: str) -> pd.Series | CannotTell:
    """The answered units' scores as a mean is taken of them: csat from 0 to 10 on its own scale,
    nps -100, 0 or 100."""
    values = score_values(units, kind)
    if isinstance(values, CannotTell):
        return values
    return 100 * values if kind == "nps" else 10 * _placed(units.loc[values.index])


def judged(rows: pd.DataFrame, target: float) -> pd.DataFrame:
    """Rows with their verdict: on which side of the target the whole interval lies."""
    ends = zip(rows["low"], rows["high"], strict=True)
    return rows.assign(verdict=[verdict(low, high, target) for low, high in ends])


def _placed(rows: pd.DataFrame) -> pd.Series:
    """Where on its own scale each answer lies, from 0 to 1; null where the scale is unknown."""
    return (rows["score_raw"] - rows["scale_min"]) / (rows["scale_max"] - rows["scale_min"])
