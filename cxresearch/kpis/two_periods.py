"""Did it change? Two periods of a study, each watched for as long as the other."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from cxresearch.kpis.change_results import Change
from cxresearch.kpis.period_kpis import kpi_rows, readings
from cxresearch.kpis.period_volume import volume_rows
from cxresearch.kpis.periods import LOOKS, is_watched, kind_of, last_two
from cxresearch.kpis.said_before import said_before
from cxresearch.study.answers import CannotTell
from cxresearch.study.intervals import difference, wider
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.words import side


def compare(study: Study, before: str, after: str) -> Change:
    """KPIs, volume and causes of one period against those of an earlier one of the same kind, such
    as "2025Q2" and "2025Q3" or "2025-05" and "2025-06", in the study's time zone.

    Both must be watched for WATCHED days after their end, and the promise besides, so that late
    ones had as long to fail; volume is that of the first whole weeks, as many in both. Seasons are
    not taken out. Intervals (Zou and Donner 2008, and by customer) are widened so that all rows,
    all causes and all looks of a year hold together at 95% (Bonferroni, by Student's t where they
    rest on few), and once more where past intervals held less than they promised (said_before).
    Raises InputError for periods that cannot be read, overlap, or are of different length.
    """
    change = compared(study, before, after)
    factor = said_before(study).factor()
    if factor == 1:
        return change
    frame, causes = _widened(change.frame, factor), _widened(change.causes, factor)
    return replace(change, frame=frame, causes=causes)


@once
def compared(study: Study, before: str, after: str) -> Change:
    """compare, whatever was said before."""
    by = kind_of(before, after)
    rows = kpi_rows(readings(study, by), before, after, is_watched(study, after))
    for row in rows.values():
        ends = [[row[n] for n in (k, f"{k} low", f"{k} high")] for k in ("after", "before")]
        row |= dict(zip(("change", "low", "high"), map(float, difference(*ends)), strict=True))
    volume, causes = volume_rows(study, before, after)
    frame = pd.DataFrame.from_dict(rows | volume, orient="index")
    asked = sum(
        len(each.dropna(subset=["change", "low", "high"])) for each in (frame, causes) if len(each)
    )
    frame, causes = (
        each
        if each.empty
        else _widened(each.assign(**_alone(each)), wider(asked * LOOKS[by], df=_fewest(each)))
        for each in (frame, causes)
    )
    return Change(frame, before, after, causes, LOOKS[by], asked)


def latest(study: Study) -> Change | CannotTell:
    """The last two periods of a study that can be compared, beside each other."""
    periods = last_two(study)
    return periods if isinstance(periods, CannotTell) else compare(study, *periods)


def _alone(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """The interval of each row alone, kept beside the one that holds with all others."""
    return {f"alone {end}": rows[end] for end in ("low", "high")}


def _fewest(rows: pd.DataFrame) -> pd.Series:
    """How many each interval rests on, less one: customers, or the fewer facts of both periods."""
    facts = rows[["before n", "after n"]].min(axis=1)
    customers = rows["customers"] if "customers" in rows else facts
    return customers.fillna(facts).clip(lower=2).sub(1).astype(float)


def _widened(rows: pd.DataFrame, factor: float | pd.Series) -> pd.DataFrame:
    """Rows with intervals so many times as wide, shares within what they can be."""
    if rows.empty:
        return rows
    ends = {end: rows["change"] + factor * (rows[end] - rows["change"]) for end in ("low", "high")}
    share = rows["unit"] == "%"
    ends = {end: values.where(~share, values.clip(-1, 1)) for end, values in ends.items()}
    return rows.assign(**ends, verdict=side(ends["low"], ends["high"], 0.0))
