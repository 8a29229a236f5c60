"""The one model that every number of savings comes from: all causes at once, shrunken."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.outcomes.leaving_by_cause import cause_rows, enough_expected
from cxresearch.outcomes.models import ENOUGH_EVENTS, STRATA
from cxresearch.study.answers import CannotTell
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.survival import CoxFit, coxph

DAY = pd.Timedelta(days=1)
NOBODY_LEAVES = CannotTell(
    "what fixing a cause would save: who leaves is not in this data. A customers table from "
    "billing would tell."
)

TOO_FEW = CannotTell(
    "what fixing a cause would save: no cause was overdue so long, among so many, that the "
    f"{ENOUGH_EVENTS} departures which an estimate needs were to be expected. More months would "
    "tell."
)


@dataclass(frozen=True)
class CauseModel:
    """Leaving by cause: the fit, and the rows it was fitted on, in order of customer and time.

    Beside the columns of episodes rows have begins and ends, in days before the study's end (so
    below 0). told are the causes that tickets tell; other levels are "no words" and the like. rare
    are those of them without a ratio of their own: they are in the model together, and no lever
    moves them.
    """

    fit: CoxFit
    rows: pd.DataFrame
    told: tuple[str, ...]
    rare: tuple[str, ...] = ()


def cause_model(study: Study) -> CauseModel | CannotTell:
    """The model of outcomes.leaving.by_cause in which the logs of the causes' hazard ratios share a
    normal prior. It needs ten exposed departures. With one or two causes there is no prior, and a
    cause needs ten expected ones of its own; those with fewer are together in a column, rare, so
    that they do not count among what causes are compared with."""
    if study.outcome != "churn":
        return NOBODY_LEAVES
    found = cause_rows(study)
    if isinstance(found, CannotTell):
        return found
    rows, told, others, _ = found
    left = rows[rows["event"] == 1]
    seen = [c for c in rows if c.startswith("overdue: ") and rows[c].nunique() > 1]
    exposed = int((left[seen] > 0).any(axis=1).sum())
    if exposed < ENOUGH_EVENTS:
        return CannotTell(
            f"what fixing a cause would save: only {exposed} customers left while an issue was "
            f"overdue, and an estimate needs {ENOUGH_EVENTS}. More months would tell."
        )
    few = []
    if len(seen) < 3:
        few = sorted(set(seen) - set(enough_expected(rows, seen, ENOUGH_EVENTS)))
        rows = rows.assign(rare=rows[few].any(axis=1).astype(int))
        seen, others = [c for c in seen if c not in few], ["rare", *others]
    if not seen:
        return TOO_FEW
    left = rows[rows["event"] == 1]
    used = [c for c in others if left[c].nunique() > 1]
    rows = _in_days(study, rows)
    try:
        fit = coxph(rows, [*seen, *used], strata=STRATA, pooled=seen if len(seen) >= 3 else None)
    except InputError as error:
        return CannotTell(f"what fixing a cause would save: {error}")
    return CauseModel(fit, rows, _causes(told - set(few)), _causes(told & set(few)))


def _causes(columns: set[str]) -> tuple[str, ...]:
    return tuple(sorted(c.removeprefix("overdue: ") for c in columns))


def _in_days(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    started = study.customers.set_index("customer_id")["started_at"]
    zero = (rows["customer_id"].map(started) - study.observed_until) / DAY
    rows = rows.assign(begins=rows["start"] + zero, ends=np.minimum(rows["stop"] + zero, 0))
    return rows.sort_values(["customer_id", "begins"], ignore_index=True)
