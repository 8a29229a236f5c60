"""Savings over all causes together, from models that do not tell causes apart.

A sum needs no shrinking: of every cause's ratio, drawn to the mean of all, a third to a half of the
harm is lost, and the sum of what is left inherits that. So here all issues are one cause. What is
told is the mean over ANALYSES, a fixed set of comparisons each of which could be defended; its
error holds the sampling error and how far they differ (Rubin's rule, with analyses in the place of
imputations). Harm that the data prove to be out of sight is added, with half of it as its error.

A second estimator (clone-censor-weight, a marginal structural model) would be one more of ANALYSES.

Source: Rubin (1987), Multiple Imputation for Nonresponse in Surveys, chapter 3; Young and Holsteen
(2017), Sociol. Methods Res. 46 (a model's error beside its sampling error).
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from cxresearch.episodes import build_episodes, exposure_gate
from cxresearch.episodes.match_rate import out_of_sight
from cxresearch.impact.kept import DAYS, Kept, customers_kept
from cxresearch.impact.levers import SOONER
from cxresearch.impact.model import NOBODY_LEAVES, CauseModel, in_days
from cxresearch.impact.revenue import Saved, mrr_now, revenue_saved
from cxresearch.outcomes.hidden import yardstick
from cxresearch.outcomes.models import (
    BESIDE,
    COMPARISONS,
    ENOUGH_EVENTS,
    STRATA,
    WROTE,
    adjustable,
    modelled,
    usable,
    with_departures,
)
from cxresearch.outcomes.rules import stopped
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import normal, z
from cxresearch.study.once import once
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import side
from cxresearch.survival import coxph

ISSUE = "any issue"
OVERDUE = f"overdue: {ISSUE}"
# What stands beside an overdue issue in the model, and whether time since writing does.
ANALYSES: dict[str, tuple[tuple[str, ...], bool]] = {
    "against issues in time": (BESIDE, True),
    "against any other day": (COMPARISONS["second"].beside, True),
    "against issues solved in time": (COMPARISONS["overdue"].beside, True),
    "without time since writing": (BESIDE, False),
}


@once(on_disk=False)
def total_models(study: Study) -> dict[str, CauseModel] | CannotTell:
    """The model of each of ANALYSES, all issues as one cause; those without a finite estimate are
    left out. It needs ten departures while an issue was overdue, and ten while none was."""
    if study.outcome != "churn":
        return NOBODY_LEAVES
    if gate := exposure_gate(study):
        return gate
    rows, held = adjustable(modelled(build_episodes(study)))
    states = {f"{word}: {ISSUE}": rows[word] for word in ("solved late", "solved in time")}
    rows = rows.assign(
        **states, **{f"open: {ISSUE}": rows["open in time"], OVERDUE: rows["any overdue"]}
    )
    exposed = int((rows.loc[rows["event"] == 1, OVERDUE] > 0).sum())
    if min(exposed, int(rows["event"].sum()) - exposed) < ENOUGH_EVENTS:
        return CannotTell(
            f"what solving sooner would save: {exposed} customers left while an issue was "
            f"overdue, and an estimate needs {ENOUGH_EVENTS}, and as many others. More months "
            "would tell."
        )
    rows = in_days(study, rows)
    models = {name: _model(rows, held, *of) for name, of in ANALYSES.items()}
    if next(iter(models.values())) is None:
        return CannotTell("what solving sooner would save: too few left while their issues were "
                          "in time, and those are whom they are compared with.")  # fmt: skip
    return {name: model for name, model in models.items() if model is not None}


def _model(rows: pd.DataFrame, held: list[str], beside: tuple[str, ...], wrote: bool):
    seen, used = with_departures(rows, beside)
    others = seen.loc[seen["event"] == 1, [OVERDUE, *used]]
    if (others == 0).all(axis=1).sum() < ENOUGH_EVENTS:
        return None
    held = [name for name in usable(seen, held) if wrote or not name.startswith(WROTE)]
    try:
        fit = coxph(seen, [OVERDUE, *used, *held], strata=STRATA)
    except InputError:
        return None
    return CauseModel(fit, seen.reset_index(drop=True), (ISSUE,))


@once
def total_kept(study: Study, days: tuple[int, ...] = DAYS) -> Kept | CannotTell:
    """Customers kept had every issue been solved within the promise, by day: as customers_kept,
    stacked over ANALYSES and with what is out of sight; withheld where a rule speaks."""
    models = _unless_stopped(study)
    if isinstance(models, CannotTell):
        return models
    parts = [customers_kept(model, [SOONER], days=days) for model in models.values()]
    return stacked(parts, study, ["kept"])


@once
def total_saved(study: Study) -> Saved | CannotTell:
    """Revenue saved had every issue been solved within the promise: as revenue_saved, stacked
    over ANALYSES and with what is out of sight; withheld where a rule speaks."""
    models, mrr = _unless_stopped(study), mrr_now(study)
    if isinstance(models, CannotTell):
        return models
    parts = [revenue_saved(model, mrr, [SOONER]) for model in models.values()]
    return stacked(parts, study, ["saved", "saved without largest"])


@once
def bounded(study: Study) -> Finding | CannotTell:
    """What a hidden trouble as strong as the strongest that was measured would leave of customers
    kept in a year, by the first of ANALYSES and without what is out of sight."""
    models = _unless_stopped(study)
    if isinstance(models, CannotTell):
        return models
    measure = yardstick(study)
    if isinstance(measure, CannotTell):
        return measure
    model = next(iter(models.values()))
    less = model.fit.params.where(model.fit.params.index != OVERDUE,
                                  model.fit.params - np.log(measure.bound))  # fmt: skip
    people = [customers_kept(replace(model, fit=fit), [SOONER])
              for fit in (model.fit, replace(model.fit, params=less))]  # fmt: skip
    for needed in people:
        if isinstance(needed, CannotTell):
            return needed
    usual, left = (of.frame["kept"].iloc[-1] for of in people)
    if not usual > 0:
        return CannotTell("what a hidden trouble would leave of it: nothing is kept.")
    return finding(
        "A hidden trouble as strong as the strongest that was measured, in leaving and in waiting, "
        "would take {usual:.0f} customers kept to {left:.0f}.", usual=usual, left=left,
    )  # fmt: skip


def _unless_stopped(study: Study) -> dict[str, CauseModel] | CannotTell:
    models = total_models(study)
    return models if isinstance(models, CannotTell) else stopped(study) or models


def sight(study: Study) -> Finding | CannotTell:
    """How much of customers' issues is out of sight, and what was done about it."""
    if study.outcome != "churn":
        return NOBODY_LEAVES
    of = out_of_sight(study)
    if not of["unmatched"]:
        return Finding("Every ticket belongs to somebody known: nothing was added for others.")
    return finding(
        "{unmatched:,} of {tickets:,} tickets have no known customer. The savings allow for as "
        "many overdue days out of sight, with half of them as error.",
        unmatched=of["unmatched"], tickets=of["tickets"],
    )  # fmt: skip


def stacked(parts: list, study: Study, values: list[str]):
    """One result of those of several analyses: of each value, with its low and high, the mean, the
    error of which holds how far the analyses differ; and more by what is out of sight."""
    for part in parts:
        if isinstance(part, CannotTell):
            return part
    shared = parts[0].frame.index
    for part in parts:
        shared = shared.intersection(part.frame.index, sort=False)
    parts = [replace(part, frame=part.frame.loc[shared]) for part in parts]
    frame, more = parts[0].frame.copy(), 1 / (1 - out_of_sight(study)["share"])
    for name in values:
        low, high = ("low", "high") if name == values[0] else (f"{name} low", f"{name} high")
        each = np.array([part.frame[name] for part in parts])
        width = np.array([part.frame[high] - part.frame[low] for part in parts])
        mean, several = each.mean(axis=0), len(parts) > 1
        between = each.var(axis=0, ddof=1) * (1 + 1 / len(parts)) if several else 0.0
        sampling = ((width / (2 * z())) ** 2).mean(axis=0)
        error = np.hypot(more * np.sqrt(sampling + between), mean * (more - 1) / 2)
        frame[name], (frame[low], frame[high]) = more * mean, normal(more * mean, error)
    if "left under lever" in frame:
        frame["left under lever"] = frame["left"] - frame["kept"] / frame["customers"]
    frame["verdict"] = side(frame["low"], frame["high"], 0)
    return replace(parts[0], frame=frame)
