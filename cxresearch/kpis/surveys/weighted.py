"""A mean that weighs who answered like who was asked, and how wrong that may be.

The weights help only if alike customers answer alike (missing at random), which no data can show.
So the adjusted mean never comes without Manski's bounds, which assume nothing, and `tipping` says
how far the silent would have to be from those who answered before the verdict changes.
"""

import warnings

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import t

from cxresearch.kpis.measure import LEVEL, mean_of, verdict
from cxresearch.kpis.surveys.known import known_when_asked
from cxresearch.kpis.surveys.reach import eligible
from cxresearch.kpis.surveys.scores import points
from cxresearch.study.answers import CannotTell, cannot_tell_passes
from cxresearch.study.study import Study

RANGE = {"csat": (0.0, 10.0), "nps": (-100.0, 100.0)}
FEWEST = 30  # answers, and silent ones, for weights
STEPS = 2001
SPOKE, ASKED, ALL = "those who answered", "all who were asked", "all who could have been asked"
ALIKE, SAME, WORST = "as alike customers who answered", "as those who answered", "whatever they say"


def adjusted(study: Study, kind: str) -> pd.DataFrame | CannotTell:
    """The mean of a survey under rival assumptions about the silent, from none of them to all.

    Columns: of whom, the silent would say, n, lowest, highest (equal but for Manski's bounds), low,
    high (with the 95% sampling interval, Student's t on the customers; null where one customer or
    equal answers leave none), verdict, and for the adjusted row
    weight from, weight to (1 over the fitted chance to answer when asked), worth (as many answers
    of equal weight as it rests on) and adjusted for. csat: mean of 0 to 10; nps: points.

    The chance is logistic in what was known when asked (Robins, Rotnitzky and Zhao 1994, JASA 89;
    Hajek's ratio); the interval takes it as known, which errs to the wide side. The adjusted row
    speaks for those asked; the bounds (Manski 1989) also cover who was never asked.
    """
    return _adjusted(eligible(study, kind), study, kind)


@cannot_tell_passes
def _adjusted(units: pd.DataFrame, study: Study, kind: str) -> pd.DataFrame | CannotTell:
    score = _score(units, kind)
    if isinstance(score, CannotTell):
        return score
    asked = units["invited"]
    known = known_when_asked(study, units[asked])
    fitted = {} if known.empty else weighted(score[asked], known, units.loc[asked, "who"])
    rows = [
        {"of whom": SPOKE, "n": int(score.notna().sum()), **_as_heard(score, units["who"])},
        {"of whom": ASKED, "the silent would say": ALIKE, "n": int(asked.sum()), **fitted}
        | {"adjusted for": ", ".join(known.columns)},
        {"of whom": ASKED, "n": int(asked.sum())}
        | manski(score[asked], units.loc[asked, "who"], kind),
        {"of whom": ALL, "n": len(units), **manski(score, units["who"], kind)},
    ]
    found = pd.DataFrame(rows)
    found[["low", "high"]] = found[["low", "high"]].clip(*RANGE[kind])
    told = [verdict(*of, target(study, kind)) for of in found[["low", "high"]].to_numpy()]
    return found.assign(verdict=told)


def tipping(study: Study, kind: str) -> pd.DataFrame | CannotTell:
    """How wrong it may be that the silent are like those who answered: where the verdict changes.

    For all who were asked, and all who could have been: of whom, the silent would say, silent (the
    mean assumed of them), apart (from those who answered), mean (of all), low, high, verdict. Rows
    go from the bottom of the scale to its top, with a row wherever the verdict changes in between.
    Intervals are clustered by customer and take apart as known (Rubin 1987, Multiple Imputation:
    a pattern mixture).
    """
    return _tipping(eligible(study, kind), study, kind)


@cannot_tell_passes
def _tipping(units: pd.DataFrame, study: Study, kind: str) -> pd.DataFrame | CannotTell:
    score = _score(units, kind)
    if isinstance(score, CannotTell):
        return score
    asked = units["invited"]
    model = _adjusted(units, study, kind).iloc[1]
    alike = _implied(score[asked], model["lowest"])
    aim = target(study, kind)
    parts = [
        _scan(score[asked], units.loc[asked, "who"], kind, aim, alike).assign(**{"of whom": ASKED}),
        _scan(score, units["who"], kind, aim).assign(**{"of whom": ALL}),
    ]
    columns = ["of whom", "the silent would say", "silent", "apart", "mean", "low", "high"]
    found = pd.concat(parts, ignore_index=True)[[*columns, "verdict"]]
    found[["low", "high"]] = found[["low", "high"]].clip(*RANGE[kind])
    return found


def target(study: Study, kind: str) -> float:
    """What the study wants of this score at least, on the scale of adjusted."""
    return {"csat": study.settings.satisfaction_target, "nps": study.settings.nps_target}[kind]


def weighted(score: pd.Series, known: pd.DataFrame, who: pd.Series) -> dict:
    """The mean of the answers, each weighing 1 over its chance to be given: lowest, highest, low,
    high, weight from, weight to, worth. score is null where nobody answered; known tells of every
    row. Empty where some have hardly any chance to answer, where one customer gave all answers,
    and where all answers are equal. Its interval is that of the mean of score's influences."""
    heard = score.notna().to_numpy()
    if who[heard].nunique() < 2 or score.nunique() < 2:
        return {}
    design = pd.get_dummies(known, drop_first=True, dtype=float)
    design = design.loc[:, design.nunique() > 1].assign(const=1.0)
    with warnings.catch_warnings(action="ignore"):  # of separation, which the chance shows
        fit = sm.GLM(heard * 1.0, design, sm.families.Binomial()).fit()
    chance = np.asarray(fit.fittedvalues)[heard]
    if min(heard.sum(), (~heard).sum()) < FEWEST or np.mean(fit.fittedvalues < 1e-3) > 0.01:
        return {}
    weight, said = 1 / chance, score[heard]
    value = float(np.average(said, weights=weight))
    chances = mean_of(value + (said - value) * weight / weight.mean(), who[heard])
    return {
        "lowest": value, "highest": value, "low": chances["low"], "high": chances["high"],
        "weight from": weight.min(), "weight to": weight.max(),
        "worth": weight.sum() ** 2 / (weight**2).sum(),
    }  # fmt: skip


def manski(score: pd.Series, who: pd.Series, kind: str) -> dict:
    """The mean with every silent one at the bottom, and at the top: lowest, highest, low, high.

    Where one customer or equal values leave no interval, low and high are the ends of the scale.
    """
    bottom, top = RANGE[kind]
    worst, best = (mean_of(score.fillna(end), who) for end in (bottom, top))
    found = {"lowest": worst["estimate"], "highest": best["estimate"]}
    found |= {"low": np.fmax(worst["low"], bottom), "high": np.fmin(best["high"], top)}
    return {"the silent would say": WORST, **found}


def _score(units: pd.DataFrame, kind: str) -> pd.Series | CannotTell:
    """Each unit's score on the scale of RANGE, null for the silent."""
    values = points(units, kind)
    if isinstance(values, CannotTell):
        return values
    if len(values) < FEWEST:
        return CannotTell(f"the mean of the {kind} score: {len(values)} answers are too few.")
    return values.reindex(units.index)


def _as_heard(score: pd.Series, who: pd.Series) -> dict:
    found = mean_of(score.dropna(), who[score.notna()])
    value = found["estimate"]
    return {"the silent would say": SAME, "lowest": value, "highest": value, "low": found["low"],
            "high": found["high"]}  # fmt: skip


def _implied(score: pd.Series, whole: float) -> float:
    """The mean of the silent that makes the mean of all what it is said to be."""
    silent = score.isna().sum()
    return (whole * len(score) - score.sum()) / silent if silent else np.nan


def _scan(score, who, kind: str, aim: float, alike: float = np.nan) -> pd.DataFrame:
    """The rows of tipping for one population; alike is the adjusted mean of its silent."""
    bottom, top = RANGE[kind]
    heard = float(score.mean())
    grid = whole_if(score, who, np.linspace(bottom, top, STEPS) - heard)
    told = [verdict(*of, aim) for of in grid[["low", "high"]].to_numpy()]
    turns = np.flatnonzero([one != other for one, other in zip(told[1:], told[:-1], strict=True)])
    says = {"at the bottom of the scale": bottom, SAME: heard, "at the top of the scale": top}
    says |= {} if np.isnan(alike) else {ALIKE: alike}
    says |= {f"enough for “{told[k + 1]}”": heard + grid["apart"][k + 1] for k in turns}
    rows = whole_if(score, who, np.array(list(says.values())) - heard)
    told = [verdict(*of, aim) for of in rows[["low", "high"]].to_numpy()]
    rows = rows.assign(silent=rows["apart"] + heard, verdict=told)
    return rows.assign(**{"the silent would say": list(says)}).sort_values("silent", kind="stable")


def whole_if(score: pd.Series, who: pd.Series, apart: np.ndarray) -> pd.DataFrame:
    """The mean of all if the silent average so much more than those who answered: apart, mean, low,
    high. Each unit's influence is its own score's and its being heard's; a customer's are summed,
    and count for no less than as many customers' would. At apart 0 the interval is mean_of's of the
    answers; null where one customer gave them all or all are equal.
    """
    heard, apart = score.notna(), np.asarray(apart, float)
    share, mean = heard.mean(), score.mean()
    each = pd.DataFrame({"own": (score - mean).fillna(0) / share, "spoke": share - heard})
    squares = np.maximum(_squares(each, apart), _squares(each.groupby(who).sum(), apart))
    n, customers = int(heard.sum()), who[heard].nunique()
    width = np.nan
    if customers > 1 and score.nunique() > 1:
        width = t.ppf((1 + LEVEL) / 2, customers - 1) * np.sqrt(n / (n - 1)) / len(score)
    whole, reach = mean + (1 - share) * apart, width * np.sqrt(squares)
    return pd.DataFrame({"apart": apart, "mean": whole, "low": whole - reach,
                         "high": whole + reach})  # fmt: skip


def _squares(each: pd.DataFrame, apart: np.ndarray) -> np.ndarray:
    """The sum of the squares of own + apart * spoke, for each apart."""
    own, spoke = each["own"].to_numpy(float), each["spoke"].to_numpy(float)
    return (own**2).sum() + 2 * apart * (own * spoke).sum() + apart**2 * (spoke**2).sum()
