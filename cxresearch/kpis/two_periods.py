"""Did it change? Two periods of a study, each watched for as long as the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from cxresearch.kpis.durations import first_response_time
from cxresearch.kpis.first_contact import NAME, OURS, first_contact_resolution
from cxresearch.kpis.overdue import overdue
from cxresearch.kpis.standing import Standing
from cxresearch.kpis.staying_solved import recurrence
from cxresearch.kpis.surveys.voice import csat
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import difference, together
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import listed, side, view

WATCHED = 30  # days after its end for which a period must have been watched
# What is compared: by its name its row among those of a KPI, and the KPI.
COMPARED: dict[str, tuple[str, Callable[..., Standing]]] = {
    "Overdue": ("Overdue", partial(overdue, within=WATCHED)),
    "First answer": ("First response, median", first_response_time),
    "First contact resolution": (
        NAME + OURS,
        partial(first_contact_resolution, definition=OURS),
    ),
    "Came back": (f"Recurrence within {WATCHED} days", partial(recurrence, days=WATCHED)),
    "Satisfied": ("Satisfied", csat),
}
WORSE = {"Overdue": "more", "First answer": "more", "First contact resolution": "less",
         "Came back": "more", "Satisfied": "less"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Change(Result):
    """KPIs in two periods, a row a KPI and named by it: unit, before and after, each with its low,
    high and n; change (after less before) with low and high, all of which hold together at 95%
    (Bonferroni); verdict: more, less or cannot tell; why nothing can be told of a row."""

    before: str
    after: str

    def said(self, row: str = "") -> Finding | CannotTell:
        """What changed for better and for worse, and of how many nothing can be told; of a row, its
        change."""
        if row:
            return self._row(row)
        told = self.frame[self.frame["verdict"] != "cannot tell"]
        if told.empty:
            return CannotTell(
                f"whether anything changed from {self.before} to {self.after}: every interval of a "
                "change holds none."
            )
        worse = [name for name in told.index if told.loc[name, "verdict"] == WORSE[name]]
        better = [name for name in told.index if name not in worse]
        parts = [
            f"{said}: {listed(n.lower() for n in names)}"
            for said, names in (("worse", worse), ("better", better))
            if names
        ]
        return finding(
            "From {before} to {after}, {parts}; of {rest} others no change can be told.",
            before=self.before, after=self.after, parts="; ".join(parts),
            rest=len(self.frame) - len(told),
        )  # fmt: skip

    def short(self, row: str) -> str:
        """A row's change in few words, for a tile."""
        told = self.frame.loc[row]
        if told[["change", "low", "high"]].isna().any():
            return f"change since {self.before}: cannot tell"
        if told["verdict"] == "cannot tell":
            return f"no clear change since {self.before}"
        unit, by = _unit(told["unit"])
        said = f"{told['low'] * by:+.1f} to {told['high'] * by:+.1f} {unit}"
        return f"{told['verdict']} since {self.before}: {told['change'] * by:+.1f} ({said})"

    def _row(self, name: str) -> Finding | CannotTell:
        row = self.frame.loc[name]
        if row[["change", "low", "high"]].isna().any():
            return CannotTell(f"how it changed: {row['why'] or 'an interval has no end.'}")
        unit, by = _unit(row["unit"])
        told = "" if row["verdict"] != "cannot tell" else "no change can be told: "
        return finding(
            told + "{change:+.1f} {unit} ({low:+.1f} to {high:+.1f}) from {before} to {after}",
            change=row["change"] * by, low=row["low"] * by, high=row["high"] * by, unit=unit,
            before=self.before, after=self.after,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Both periods and the change, shares in percent."""
        rows = self.frame.reset_index(names="KPI")
        by = np.where(rows["unit"] == "%", 100.0, 1.0)
        numbers = [c for c in rows if rows[c].dtype == float and not c.endswith(" n")]
        rows[numbers] = rows[numbers].mul(by, axis=0)
        return view(
            rows, "KPI", "unit", f"before ±.1f as {self.before}", "before n as of",
            f"after ±.1f as {self.after}", "after n as of them", "change ±+.1f", "verdict",
        )  # fmt: skip


@once
def compare(study: Study, before: str, after: str) -> Change | CannotTell:
    """KPIs of tickets of one period against those of an earlier one, such as "2025Q2" and "2025Q3"
    or "2025-05" and "2025-06", in the study's time zone.

    Both must be watched for WATCHED days after their end (overdue issues: after their promise), so
    that late ones had as long to fail. Seasons are not taken out. Raises InputError for periods
    that cannot be read, overlap, or are of different length.
    """
    by = _kind(before, after)
    rows = {
        name: _changed(kpi(study, by=by).frame, row, before, after)
        for name, (row, kpi) in COMPARED.items()
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    share = frame["unit"] == "%"
    low, high = together(frame["change"], frame["low"], frame["high"])
    low, high = (end.where(~share, end.clip(-1, 1)) for end in (low, high))
    return Change(frame.assign(low=low, high=high, verdict=side(low, high, 0.0)), before, after)


def last_two(study: Study) -> tuple[str, str] | CannotTell:
    """The last two quarters that can be compared, else the last two months."""
    zone = study.settings.time_zone
    begin = study.settings.time("tickets_from") or study.tickets["created_at"].min()
    watched = WATCHED + study.settings.unresolved_after_days
    end = study.observed_until - pd.Timedelta(days=watched)
    first, last = (moment.tz_convert(zone).tz_localize(None) for moment in (begin, end))
    for kind in ("Q", "M"):
        after = last.to_period(kind) - 1
        if (after - 1).start_time >= first:
            return str(after - 1), str(after)
    return CannotTell("what changed: it takes two whole months, watched for a month after.")


def _kind(before: str, after: str) -> str:
    """How tickets are put together by these periods: by quarter or month."""
    try:
        one, other = pd.Period(before), pd.Period(after)
    except ValueError as error:
        raise InputError(f"'{before}' or '{after}' is no period such as 2025Q3: {error}") from error
    kinds = [None if pd.isna(period) else period.freqstr[0] for period in (one, other)]
    if kinds[0] != kinds[1] or kinds[0] not in ("Q", "M") or not one < other:
        raise InputError(
            f"'{before}' and '{after}' must be two quarters such as 2025Q2 and 2025Q3, or two "
            "months such as 2025-05 and 2025-06, the earlier one first."
        )
    return "quarter" if kinds[0] == "Q" else "month"


def _changed(rows: pd.DataFrame, kpi: str, before: str, after: str) -> dict:
    """A KPI's two rows as one of a Change."""
    rows = rows[rows["kpi"] == kpi].set_index("group")
    whole = rows.iloc[0]
    both = [rows.loc[group] if group in rows.index else None for group in (before, after)]
    found = {"unit": whole["unit"], "why": ""}
    for name, row in zip(("before", "after"), both, strict=True):
        told = row is not None and bool(row["mature"])
        ends = row[["estimate", "low", "high"]] if told else [np.nan] * 3
        found |= dict(zip((name, f"{name} low", f"{name} high"), map(float, ends), strict=True))
        found[f"{name} n"] = int(row["n"]) if told else 0
        if not told:
            none = "a period holds none, or was not watched for long enough."
            found["why"] = whole["why"] if np.isnan(whole["estimate"]) else none
    ends = [[found[n] for n in (k, f"{k} low", f"{k} high")] for k in ("after", "before")]
    return found | dict(zip(("change", "low", "high"), difference(*ends), strict=True))


def _unit(unit: str) -> tuple[str, float]:
    """How a change of this unit is said, and times what."""
    return ("percentage points", 100.0) if unit == "%" else (unit, 1.0)
