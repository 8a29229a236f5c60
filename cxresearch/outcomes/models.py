"""The rows and the Cox models that all comparisons of churn studies share."""

import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from cxresearch.episodes import STATES, WRITTEN
from cxresearch.outcomes.hazards import RATIO
from cxresearch.study.answers import CannotTell
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import LEAVING, listed
from cxresearch.survival import coxph

STRATA = ["quarter", "billing_period", "plan"]
ADJUSTED = ["log activity", "log usual activity"]
NOW = "log activity now"
# In a model beside any overdue issue, so that it is compared with customers who wrote as well and
# whose issue is in time, or was solved in time and is remembered. Against all other days an
# estimate is too low where heavy users stay: who writes is more active just then than any reading
# made before tells (tests/benchmarks/estimator_bias).
BESIDE = ("solved late", "none")
WROTE, AT_START = "wrote ", " at start"
MOST, FREQUENT, LONGEST = 8, 0.02, 40  # words of a column, their share, letters of each
NO_WORD = re.compile(r"[^\w .,()/-]+")  # what must not stand in a formula or on a page
# Below about ten events per variable Cox estimates and their intervals go wrong: Peduzzi, Concato,
# Feinstein and Holford (1995), J. Clin. Epidemiol. 48.
ENOUGH_EVENTS = 10
NOBODY = CannotTell("who leaves: no customer was watched long enough to be at risk.")
FEWEST = 3  # departures on either side of a column of 0 and 1 that is only held alike


def modelled(episodes: pd.DataFrame) -> pd.DataFrame:
    """The episodes as the models take them, with a 0/1 column for any overdue, for harmed (overdue
    or solved late) and for each state, counts by cause cut to 0 and 1, and log activity, log usual
    activity and log activity now.

    Pieces in which an issue from before the export could still be open or remembered are left out:
    what their state is, is not known.
    """
    rows = episodes[episodes["state"].notna()]
    states = {state: rows["state"].eq(state).astype("int8") for state in STATES}
    levels = [c for c in rows if str(c).startswith("overdue: ")]
    logs = {
        f"log {name.replace('_', ' ')}": np.log1p(rows[name].clip(lower=0))
        for name in ("activity", "usual_activity", "activity_now")
    }
    return rows.assign(
        **{c: (rows[c].to_numpy() > 0).astype("int8") for c in levels},
        **{"any overdue": (rows["overdue"] > 0).astype("int8")},
        harmed=rows["state"].isin(["overdue", "solved late"]).astype("int8"),
        **states,
        **logs,
        **_written(rows["since_writing"]),
        **at_start_columns(rows),
    )


def _written(since: pd.Series) -> dict[str, pd.Series]:
    """Columns of 0 and 1: how long ago the last issue was written, but for the longest."""
    spans = {f"{WROTE}{a} to {b} days ago": a for a, b in pairwise(WRITTEN)}
    return {name: since.eq(a).astype("int8") for name, a in spans.items()}


def at_start_columns(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """What was known at the start as columns of numbers: logs, and 0 or 1 for each of the most
    frequent words but the first; where a number is not known it is the mean, and a column says so.
    """
    columns = {}
    for name in (c for c in rows if str(c).endswith(AT_START) and not _of_a_cause(c)):
        if pd.api.types.is_float_dtype(rows[name]):
            log = np.log1p(rows[name].clip(lower=0))
            columns[f"log {name}"] = log.fillna(log.mean())
            columns[f"unknown {name}"] = log.isna().astype("int8")
        else:
            words = rows[name].fillna("unknown").map(lambda word: NO_WORD.sub(" ", word)[:LONGEST])
            share = words.value_counts(normalize=True)
            levels = share.index[share >= FREQUENT][1:MOST]
            columns |= {f"{name}: {word}": words.eq(word).astype("int8") for word in levels}
    return columns


def _of_a_cause(column: object) -> bool:
    return str(column).startswith(("open: ", "overdue: ", "solved late: ", "solved in time: "))


def adjustable(rows: pd.DataFrame, names: list[str] = ADJUSTED) -> tuple[pd.DataFrame, list[str]]:
    """The rows in which activity is known (all, where it never is, or is always the same), and what
    to adjust for: activity, what was known of the customer at the start, time since writing. Where
    customers have one reading each, latest and mean are one column."""
    known = rows[rows[names].notna().all(axis=1)]
    used = [name for name in names if known[name].nunique() > 1]
    used = [c for i, c in enumerate(used) if not any(known[c].equals(known[b]) for b in used[:i])]
    rows = known if used else rows
    return rows, [*used, *held_alike(rows)]


def usable(rows: pd.DataFrame, names: list[str]) -> list[str]:
    """The covariates of which these rows can tell anything: those who left differ in them and, of
    columns of 0 and 1, a few left on either side."""
    left = rows.loc[rows["event"] == 1, names]
    return [c for c in names if left[c].nunique() > 1 and (
        rows[c].dtype != "int8" or FEWEST <= left[c].sum() <= len(left) - FEWEST
    )]  # fmt: skip


def held_alike(rows: pd.DataFrame) -> list[str]:
    """What models hold alike beside activity: time since writing, and what was known at the start,
    where enough left on either side of it; of columns that are the same, the first."""
    started = (f"{AT_START}: ", *(f"{word} " for word in ("log", "unknown")))
    names = [c for c in rows if str(c).startswith(WROTE) or (
        AT_START in str(c) and not _of_a_cause(c)
        and (started[0] in c or c.startswith(started[1:]))
    )]  # fmt: skip
    left = rows.loc[rows["event"] == 1, names]
    few = [c for c in names if rows[c].dtype == "int8" and not
           ENOUGH_EVENTS <= left[c].sum() <= len(left) - ENOUGH_EVENTS]  # fmt: skip
    kept = [c for c in names if c not in few and left[c].nunique() > 1]
    return [c for i, c in enumerate(kept) if not any(rows[c].equals(rows[b]) for b in kept[:i])]


@dataclass(frozen=True)
class Comparison:
    """An exposure (a 0/1 column) against what is neither it nor beside it, in words: what is
    compared, who does, against whom; and whether it is at the same time since writing, which says
    nothing where the others have not written."""

    exposure: str
    comparison: str
    beside: tuple[str, ...]
    who: str
    against: str
    since_writing: bool = True


HEADLINE = Comparison(
    "any overdue",
    "overdue now / in time",
    BESIDE,
    "customers with an issue open for more than {days} days",
    "those with one in time",
)
DUE, LATE = "open in time", "solved late"
COMPARISONS = {
    "headline": HEADLINE,
    "late": Comparison(
        "harmed", "overdue or solved late / solved in time", ("none", DUE),
        "customers whose issue is, or lately was, open for more than {days} days",
        "those whose issue was solved in time",
    ),
    "third": Comparison(
        "solved in time", "solved in time / none", ("overdue", LATE, DUE),
        "customers whose issue was solved in time", "those without an issue", since_writing=False,
    ),
    "overdue": Comparison(
        "overdue", "overdue / solved in time", ("none", LATE, DUE),
        "customers whose issue is open for more than {days} days",
        "those whose issue was solved in time",
    ),
    "solved late": Comparison(
        LATE, "solved late / solved in time", ("none", "overdue", DUE),
        "customers whose issue was solved late", "those whose issue was solved in time",
    ),
    "second": Comparison(
        "any overdue", "overdue now / any other day", (LATE,),
        "customers with an issue open for more than {days} days", "all with nothing overdue",
    ),
    "concurrent": Comparison(
        "any overdue", "overdue now / open in time", (LATE, "none", "solved in time"),
        "customers with an issue open for more than {days} days",
        "those whose issue is open and in time",
    ),
}  # fmt: skip


def ratio_row(rows: pd.DataFrame, of: Comparison, adjusted: list[str]) -> dict:
    """One model as a row of a table: comparison, adjusted for, hazard ratio, low, high, p, left
    while exposed, left in the reference, who, against. What stands beside the exposure is in the
    model, so that the reference is what is in none of them. Null with fewer than ten departures
    exposed, or there, and where no ratio is finite."""
    if not of.since_writing:
        adjusted = [name for name in adjusted if not name.startswith(WROTE)]
    events = rows[rows["event"] == 1]
    exposed = int((events[of.exposure] > 0).sum())
    reference = int((events[[of.exposure, *of.beside]] == 0).all(axis=1).sum())
    estimate = dict.fromkeys(RATIO, np.nan)
    if min(exposed, reference) >= ENOUGH_EVENTS:
        seen, used = with_departures(rows, of.beside)
        names = [of.exposure, *used, *usable(seen, adjusted)]
        with suppress(InputError):  # no finite ratio
            fit = coxph(seen, names, strata=STRATA).summary_frame()
            columns = ["hazard_ratio", *RATIO[1:]]
            estimate = dict(zip(RATIO, fit.loc[of.exposure, columns], strict=True))
    row = {"comparison": of.comparison, "adjusted for": says(adjusted), **estimate}
    row |= {LEAVING.exposed: exposed, LEAVING.reference: reference}
    return {**row, "who": of.who, "against": of.against}


def in_words(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of ratios that say after how many days an issue is overdue here."""
    days = f"{study.settings.unresolved_after_days:g}"
    return rows.assign(who=[who.format(days=days) for who in rows["who"]])


def with_departures(rows: pd.DataFrame, states: tuple[str, ...]) -> tuple[pd.DataFrame, list[str]]:
    """The rows without those in a state that nobody left in, and the states that are left: without
    its column, time in such a state would count as that of the reference."""
    events = rows[rows["event"] == 1]
    used = [c for c in states if (events[c] > 0).any()]
    lacking = [c for c in states if c not in used]
    return (rows[~rows[lacking].any(axis=1)] if lacking else rows), used


def says(adjusted: list[str]) -> str:
    """What the rows are adjusted for, beside the strata, in words."""
    if NOW in adjusted:
        return "current activity: direct effect"
    kinds = {
        "activity before the issue": any(c in ADJUSTED for c in adjusted),
        "what was known at the start": any(AT_START in c for c in adjusted),
        "time since writing": any(c.startswith(WROTE) for c in adjusted),
    }
    return listed([name for name, on in kinds.items() if on]) or "nothing more"
