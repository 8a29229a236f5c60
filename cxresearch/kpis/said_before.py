"""What reports said before, and what the same months say now: how past intervals held.

A whole report keeps what it headlined in said.json of the study's folder: numbers, nobody's name.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.period_kpis import readings
from cxresearch.kpis.periods import KINDS, last_two
from cxresearch.outcomes import hazards
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.exchange import replacing
from cxresearch.study.intervals import LEVEL, wilson
from cxresearch.study.once import once
from cxresearch.study.readable import readable
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import interval, view

LOG = logging.getLogger(__name__)
FILE = "said.json"
TEXTS, NUMBERS = (
    ("claim", "period", "counted", "unit", "observed_until"),
    ("estimate", "low", "high"),
)
NOISE = 1e-9  # of what is computed twice
ENOUGH, WIDEST = 20, 3.0  # claims from which on intervals are widened, and by how much at most
RATIO, UNTIL = "Rate of those who wait, against others", "until "
NEVER = Finding("Nothing was said before: no earlier report of this study was kept.")


@dataclass(frozen=True, eq=False)
class SaidBefore(Result):
    """What earlier reports said, a row a claim and its months, as it was said first: claim, period,
    unit, estimate, low, high, observed_until (then); now, what the same months say now (null: can
    no longer be told, or is counted otherwise); held, does the interval hold it?"""

    def said(self, row: str = "") -> Finding | CannotTell:
        """The latest claim that can be read again, then and now; "held": how past intervals held;
        "wider": by how much they were too narrow."""
        if row == "held":
            return self._held()
        if row == "wider":
            return self._wider()
        told = self._again()
        if told.empty:
            return CannotTell("what was said before says now: none of it can be read again.")
        last = told[told["observed_until"] == told["observed_until"].max()].iloc[-1]
        return finding(
            "{claim}, {period}: we said {then}; the same months now say {now}.",
            claim=last["claim"], period=last["period"], then=_then(last), now=_now(last),
        )  # fmt: skip

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """What was said last, how past intervals held, and whether they are wider now."""
        if self.frame.empty:
            return (NEVER,)
        return tuple(self.said(row) for row in ("", "held", "wider"))

    def table(self) -> pd.DataFrame:
        """What the reports said, the latest first, beside what the same months say now."""
        rows = self.frame.iloc[::-1]
        shown = rows.assign(
            said=[_then(row) for _, row in rows.iterrows()],
            now=[_now(row) for _, row in rows.iterrows()],
            held=rows["held"].map({True: "yes", False: "no"}).fillna("cannot tell"),
            until=rows["observed_until"].str[:10],
        )
        return view(shown, "claim", "period", "said as said (interval)", "now as now says",
                    "held as held", "until as said with data until")  # fmt: skip

    def factor(self) -> float:
        """By how much intervals must be wider for 95% of past ones to have held, WIDEST at most; 1
        where fewer than ENOUGH can be read again, or where these held no less than promised, as far
        as can be told: the exact 95% interval (Clopper and Pearson 1934) reaches 95%."""
        from scipy.stats import binomtest

        told = self._again()
        if len(told) < ENOUGH:
            return 1.0
        if binomtest(int(told["held"].sum()), len(told)).proportion_ci().high >= LEVEL:
            return 1.0
        gap = told["now"] - told["estimate"]
        half = np.where(gap > 0, told["high"] - told["estimate"], told["estimate"] - told["low"])
        needed = np.quantile(gap.abs() / np.maximum(half, NOISE), LEVEL, method="inverted_cdf")
        return float(np.clip(needed, 1.0, WIDEST))

    def _again(self) -> pd.DataFrame:
        """What can be read again."""
        told = self.frame[self.frame["now"].notna()]
        return told.assign(held=told["held"].astype(bool))

    def _held(self) -> Finding | CannotTell:
        told = self._again()
        if told.empty:
            return DoesNotApply("how past intervals held: none can be read again.")
        low, high = wilson(int(told["held"].sum()), len(told))
        return finding(
            "Of {n} earlier intervals {held} hold what is known now: {share:.0%} ({low:.0%} to "
            "{high:.0%}), where {promised:.0%} was promised.",
            n=len(told), held=int(told["held"].sum()), share=float(told["held"].mean()), low=low,
            high=high, promised=LEVEL,
        )  # fmt: skip

    def _wider(self) -> Finding:
        factor = self.factor()
        if factor == 1:
            return Finding("")
        why = "so wide, 95% of the earlier ones would have held."
        return finding(
            "That is less than promised, so the intervals of this page are {factor:.2f} times as "
            "wide: {why}", factor=factor, why="more is not done." if factor == WIDEST else why,
        )  # fmt: skip


def claims(study: Study) -> pd.DataFrame:
    """What a report of the study headlines, as the rows of said.json: each KPI of the last period
    that can be compared, and the rate of those who wait. observed_until is the study's."""
    rows, periods = [], last_two(study)
    if not isinstance(periods, CannotTell):
        told = readings(study, KINDS[pd.Period(periods[1]).freqstr[0]])
        told = told[(told["group"] == periods[1]) & told["mature"].astype(bool)]
        told = told.rename(columns={"name": "claim", "definition": "counted", "group": "period"})
        rows.append(told)
    rows.append(_ratio(study))
    held = pd.concat(rows, ignore_index=True).assign(
        observed_until=study.observed_until.isoformat()
    )[[*TEXTS, *NUMBERS]]
    return held[(held["high"] > held["low"]) & held["estimate"].notna()].reset_index(drop=True)


def remember(study: Study) -> int:
    """Adds what a report of the study headlines to its said.json, one entry a claim and end of the
    observation, and says how many are new; none, and a warning, where the folder cannot be written.
    Raises InputError if said.json cannot be read."""
    if study.path is None:
        return 0
    told = read_said(study)
    new = claims(study)
    key = ["claim", "observed_until"]
    seen = pd.MultiIndex.from_frame(told[key])
    new = new[~pd.MultiIndex.from_frame(new[key]).isin(seen)]
    if len(new):
        rows = [*told.to_dict("records"), *new.to_dict("records")]
        try:
            with replacing(study.path / FILE) as file:
                text = json.dumps({"said": rows}, indent=1, ensure_ascii=False)
                file.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            LOG.warning("What this report says is not kept: %s", error)
            return 0
    return len(new)


def read_said(study: Study) -> pd.DataFrame:
    """The rows of a study's said.json, the earliest first; none where there is no such file. Raises
    InputError, naming the file, if it is not as it was written."""
    file = study.file(FILE)
    if file is None or not file.exists():
        return pd.DataFrame(columns=[*TEXTS, *NUMBERS])
    with readable(file):
        held = json.loads(file.read_text(encoding="utf-8"))
        rows = held.get("said") if isinstance(held, dict) else None
        if not isinstance(rows, list) or not all(map(_is_claim, rows)):
            raise InputError("it is not as it was written. Put it back, or remove the file")
        return pd.DataFrame(rows, columns=[*TEXTS, *NUMBERS])


@once
def said_before(study: Study) -> SaidBefore:
    """What reports said of the study before its observation ended where it ends now, and what the
    same months say now. A KPI is read again with all that is known today; the rate of those who
    wait, which runs up to a day, with today's tables up to that day, and only the last one: it
    takes as long as a page."""
    told = read_said(study)
    ended = pd.to_datetime(told["observed_until"], utc=True, format="ISO8601")
    told = told[ended < study.observed_until]
    told = told.drop_duplicates(["claim", "period"], ignore_index=True)
    older = told.index[told["claim"] == RATIO][:-1]
    told = told.drop(index=older).reset_index(drop=True)
    now = pd.Series([_read_again(study, row) for _, row in told.iterrows()], dtype=float)
    held = now.between(told["low"] - NOISE, told["high"] + NOISE).astype("boolean")
    held = held.mask(now.isna())
    return SaidBefore(told.assign(now=now, held=held))


def _read_again(study: Study, row: pd.Series) -> float:
    """What the months of a claim say now; null if it cannot be told, or is counted otherwise."""
    if row["period"].startswith(UNTIL):
        now = _ratio(study.with_settings(observed_until=row["observed_until"]))
    else:
        rows = readings(study, KINDS[pd.Period(row["period"]).freqstr[0]])
        rows = rows[(rows["name"] == row["claim"]) & (rows["group"] == row["period"])]
        now = rows.rename(columns={"definition": "counted"})
    same = now[now["counted"] == row["counted"]]
    return float(same["estimate"].iloc[0]) if len(same) else np.nan


def _ratio(study: Study) -> pd.DataFrame:
    """The headline of who leaves, or comes back, as a claim; no row where it cannot be told."""
    seen = hazards(study)
    if isinstance(seen, CannotTell) or "headline" not in seen.frame.index:
        return pd.DataFrame(columns=[*TEXTS, *NUMBERS])
    row = seen.frame.loc["headline"]
    ends = {"estimate": row["hazard ratio"], "low": row["low"], "high": row["high"]}
    until = f"{study.observed_until.tz_convert(study.settings.time_zone):%Y-%m-%d}"
    told = {"claim": RATIO, "period": UNTIL + until, "counted": study.outcome, "unit": "times"}
    return pd.DataFrame([told | {name: float(value) for name, value in ends.items()}])


def _is_claim(row: object) -> bool:
    return (
        isinstance(row, dict)
        and all(isinstance(row.get(name), str) for name in TEXTS)
        and all(isinstance(row.get(name), int | float) for name in NUMBERS)
    )


def _then(row: pd.Series) -> str:
    return interval(row["estimate"], row["low"], row["high"], _form(row))


def _now(row: pd.Series) -> str:
    return interval(row["now"], row["now"], row["now"], _form(row)).partition(" (")[0]


def _form(row: pd.Series) -> str:
    return ".1%" if row["unit"] == "%" else ",.1f"
