"""The rows of the model of leaving in which all causes stand together, and that model."""

import pandas as pd

from cxresearch.episodes import build_episodes, exposure_gate
from cxresearch.outcomes.models import (
    BESIDE,
    ENOUGH_EVENTS,
    STRATA,
    adjustable,
    modelled,
    usable,
    with_departures,
)
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.survival import CoxFit, coxph
from cxresearch.topics.causes import named

# Of a cause no ratio is told unless so many departures were to be expected while it was overdue,
# at everybody's rate. To ask for so many that did leave would tell, of rare causes, only those that
# are too high by chance. How often intervals hold, cause by cause: tests/benchmarks/calibration.
EXPECTED = 3


@once(on_disk=False)
def cause_rows(study: Study) -> tuple[pd.DataFrame, set[str], list[str], list[str]] | CannotTell:
    """What by_cause is fitted on: the rows, the columns of causes that are told, what else is in
    the model, and which of that is activity."""
    if gate := exposure_gate(study):
        return gate
    rows, adjusted = adjustable(modelled(build_episodes(study, by="cause")))
    told = set("overdue: " + named(study)["cause"])
    if rows.empty or not told & set(rows):
        return CannotTell("which cause matters: no issue of a known cause was ever overdue.")
    reference = int(rows.loc[in_time(rows), "event"].sum())
    if reference < ENOUGH_EVENTS:
        return CannotTell(
            f"which cause matters: only {reference} left while all their issues were in time, and "
            "those are whom causes are compared with."
        )
    rows, beside = with_departures(rows, BESIDE)
    return rows, told, [*beside, *usable(rows, adjusted)], adjusted


def pooled_fit(rows: pd.DataFrame, others: list[str]) -> CoxFit | None:
    """The model of all causes drawn together; None with fewer than three, or too few departures."""
    left = rows.loc[rows["event"] == 1]
    seen = [c for c in rows if c.startswith("overdue: ") and rows[c].nunique() > 1]
    if len(seen) < 3 or (left[seen] > 0).any(axis=1).sum() < ENOUGH_EVENTS:
        return None
    used = [c for c in others if left[c].nunique() > 1]
    return coxph(rows, [*seen, *used], strata=STRATA, pooled=seen)


def enough_expected(rows: pd.DataFrame, columns: list[str], least: float = EXPECTED) -> list[str]:
    """The columns of exposure of which a ratio can be told, the longest exposed first: with so many
    departures expected, and any seen; of two columns that are the same, neither."""
    days, left = rows["stop"] - rows["start"], rows["event"] == 1
    rate = left.sum() / days.sum()
    same = pd.Series({c: rows[c].to_numpy().tobytes() for c in columns}).duplicated(keep=False)
    columns = [c for c in columns if (rows.loc[left, c] > 0).any() and not same[c]]
    expected = {c: days[rows[c] > 0].sum() * rate for c in columns}
    return [c for c in sorted(expected, key=lambda c: -expected[c]) if expected[c] >= least]


def in_time(rows: pd.DataFrame) -> pd.Series:
    """The rows of the reference: an issue in time, or solved in time and remembered, none late."""
    return ~rows[list(BESIDE)].any(axis=1) & ~(rows["overdue"] > 0)
