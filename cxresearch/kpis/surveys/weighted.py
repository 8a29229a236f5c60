"""A mean that weighs who answered like who was asked, beside the bounds that assume nothing.

The weights help only if alike customers answer alike (missing at random), which no data can show.
So the adjusted mean never comes without Manski's bounds, and `tipping` says how far the silent
would have to be from those who answered before the verdict changes.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import mean_of
from cxresearch.kpis.surveys.bounds import ALL, ASKED, SPOKE
from cxresearch.kpis.surveys.known import known_when_asked
from cxresearch.kpis.surveys.reach import eligible
from cxresearch.kpis.surveys.scores import MEANS, Scale, judged, points
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import low_to_high, view

FEWEST = 30  # answers, and silent ones, for weights
HARDLY = 1e-3  # a chance to answer
FIRST = 5  # rows shown of a model's data
ALIKE, SAME, WORST = "as alike customers who answered", "as those who answered", "whatever they say"


@dataclass(frozen=True, eq=False)
class Weighed(Result):
    """The mean under rival assumptions about the silent, in rows answered, alike, asked and all: of
    whom, the silent would say, n, lowest, highest (equal but for Manski's bounds), low, high (with
    the 95% interval; null where one customer or equal answers leave none), verdict; of alike also
    weight from, weight to, worth (answers of equal weight) and adjusted for."""

    scale: Scale

    def said(self, row: str = "") -> Finding | CannotTell:
        """The adjusted mean, its weights, and in the same breath the bounds that assume nothing."""
        alike, asked, could = (self.frame.loc[name] for name in ("alike", "asked", "all"))
        if pd.isna(alike["lowest"]):
            return CannotTell(
                f"{self.scale.name} weighed for silence: too few answered, or all alike, or some "
                "kinds of customers hardly ever did."
            )
        values = {"low": alike["low"], "high": alike["high"], "a": asked["low"], "b": asked["high"]}
        values |= {"c": could["low"], "d": could["high"]}
        values |= {"heard": self.frame.loc["answered", "lowest"]}
        return finding(
            "If alike customers answer alike, {name} of all asked is **{score}** (95% interval "
            "{low} to {high}), and {heard} as heard. Nothing in the data can show that they do. "
            "**Assuming nothing**, it lies anywhere from {a} to {b}. Of all who could have been "
            "asked, it lies anywhere from {c} to {d}. Alike is by {known}. So weighed, {n:,} "
            "answers are worth {worth:,.0f}.",
            name=self.scale.name, score=self.scale.text(alike["lowest"]),
            known=alike["adjusted for"], n=int(self.frame.loc["answered", "n"]),
            worth=alike["worth"],
            **{k: f"{value:{self.scale.form}}" for k, value in values.items()},
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The mean under each assumption, without and with chance, and its verdict."""
        rows, form = self.frame, self.scale.form
        columns = {self.scale.axis: low_to_high(rows["lowest"], rows["highest"], form)}
        columns |= {"with the 95% interval": low_to_high(rows["low"], rows["high"], form)}
        named = ("of whom", "the silent would say", "n", *columns, "verdict as target met?")
        return view(rows.assign(**columns), *named)


@dataclass(frozen=True, eq=False)
class Chances(Result):
    """A row an invitation: what was known when it went out, answered, the fitted chance of that,
    and the weight of an answer, 1 over its chance (null of the silent)."""

    def said(self, row: str = "") -> Finding:
        """What the chance is fitted in, and how far it goes."""
        return finding(
            "By a logistic regression in what was known, the chance to answer was {low:.0%} to "
            "{high:.0%}. An answer weighs one over its chance, so it speaks for the silent who "
            "were alike.",
            low=self.frame["chance"].min(), high=self.frame["chance"].max(),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The first invitations, a column each."""
        rows = self.frame.head(FIRST)
        numbers = ("answered", "chance .0% as chance to answer", "weight .1f")
        shown = view(rows, *self._known(), *numbers)
        shown["answered"] = rows["answered"].map({True: "yes", False: "no"}).to_numpy()
        shown.index = [f"invitation {place + 1}" for place in range(len(rows))]
        return shown.T.rename_axis("when asked").reset_index()

    def _known(self) -> list[str]:
        return [c for c in self.frame if c not in ("answered", "chance", "weight")]


@once
def adjusted(study: Study, kind: str) -> Weighed | CannotTell:
    """The mean of a survey under rival assumptions about the silent, from none of them to all.

    csat: mean of 0 to 10; nps: points. Intervals are Student's t on the customers. The chance to
    answer is logistic in what was known when asked (Robins, Rotnitzky and Zhao 1994, JASA 89;
    Hajek's ratio); the interval takes it as known, which errs to the wide side. The adjusted row
    speaks for those asked; the bounds (Manski 1989) also cover who was never asked.
    """
    asking = "what the score would be if the silent were like those who answered"
    units = eligible(study, kind, asking)
    score = scored(units, kind)
    if isinstance(score, CannotTell):
        return score
    asked, scale = units["invited"], MEANS[kind]
    known = known_when_asked(study, units)
    fitted = weighted(score[asked], known, units.loc[asked, "who"])
    fitted |= {"adjusted for": ", ".join(known.columns)}
    bounds = manski(score[asked], units.loc[asked, "who"], kind)
    rows = {
        "answered": {"of whom": SPOKE, "n": int(score.notna().sum())} | _heard(score, units["who"]),
        "alike": {"of whom": ASKED, "the silent would say": ALIKE, "n": int(asked.sum())} | fitted,
        "asked": {"of whom": ASKED, "n": int(asked.sum())} | bounds,
        "all": {"of whom": ALL, "n": len(units)} | manski(score, units["who"], kind),
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame[["low", "high"]] = frame[["low", "high"]].clip(scale.bottom, scale.top)
    return Weighed(judged(frame, scale.target(study)), scale)


def chances_to_answer(units: pd.DataFrame, known: pd.DataFrame, kind: str) -> Chances | CannotTell:
    """The model behind the weights of adjusted: everyone who was asked, with what was known then
    (known_when_asked), and the chance of an answer of this kind fitted in it."""
    score = scored(units, kind)
    if isinstance(score, CannotTell):
        return score
    heard = score[units["invited"]].notna()
    chance = _chance(heard, known)
    if chance is None:
        return CannotTell(
            "how the chance to answer differs: too few answered or were silent, or some kinds of "
            "customers hardly ever answered."
        )
    return Chances(known.assign(answered=heard, chance=chance, weight=(1 / chance).where(heard)))


def weighted(score: pd.Series, known: pd.DataFrame, who: pd.Series) -> dict:
    """The mean of the answers, each weighing 1 over its chance to be given: lowest, highest, low,
    high, weight from, weight to, worth. score is null where nobody answered; known tells of every
    row. Empty where some have hardly any chance to answer, where one customer gave all answers,
    and where all answers are equal. Its interval is that of the mean of score's influences."""
    heard = score.notna()
    chance = _chance(heard, known)
    if chance is None or who[heard].nunique() < 2 or score.nunique() < 2:
        return {}
    weight, said = 1 / chance[heard], score[heard]
    value = float(np.average(said, weights=weight))
    chances = mean_of(value + (said - value) * weight / weight.mean(), who[heard])
    return {
        "lowest": value, "highest": value, "low": chances["low"], "high": chances["high"],
        "weight from": weight.min(), "weight to": weight.max(),
        "worth": weight.sum() ** 2 / (weight**2).sum(),
    }  # fmt: skip


def _chance(heard: pd.Series, known: pd.DataFrame) -> pd.Series | None:
    """Each row's chance to be heard, logistic in what was known; None where too few were heard or
    silent, where nothing is known, or where some are hardly ever heard."""
    import statsmodels.api as sm

    if min(heard.sum(), (~heard).sum()) < FEWEST or known.empty:
        return None
    design = pd.get_dummies(known, drop_first=True, dtype=float)
    design = design.loc[:, design.nunique() > 1].assign(const=1.0)
    with warnings.catch_warnings(action="ignore"):  # of separation, which the chance shows
        chance = sm.GLM(heard * 1.0, design, sm.families.Binomial()).fit().fittedvalues
    return None if np.mean(chance < HARDLY) > 0.01 else chance


def manski(score: pd.Series, who: pd.Series, kind: str) -> dict:
    """The mean with every silent one at the bottom, and at the top: lowest, highest, low, high.

    Where one customer or equal values leave no interval, low and high are the ends of the scale.
    """
    bottom, top = MEANS[kind].bottom, MEANS[kind].top
    worst, best = (mean_of(score.fillna(end), who) for end in (bottom, top))
    return {
        "the silent would say": WORST, "lowest": worst["estimate"], "highest": best["estimate"],
        "low": np.fmax(worst["low"], bottom), "high": np.fmin(best["high"], top),
    }  # fmt: skip


def scored(units: pd.DataFrame, kind: str) -> pd.Series | CannotTell:
    """Each unit's score on the scale of MEANS, null for the silent."""
    values = points(units, kind)
    if isinstance(values, CannotTell):
        return values
    if len(values) < FEWEST:
        return CannotTell(f"the mean of the {kind} score: {len(values)} answers are too few.")
    return values.reindex(units.index)


def _heard(score: pd.Series, who: pd.Series) -> dict:
    mean = mean_of(score.dropna(), who[score.notna()])
    value = mean["estimate"]
    return {"the silent would say": SAME, "lowest": value, "highest": value, "low": mean["low"],
            "high": mean["high"]}  # fmt: skip
