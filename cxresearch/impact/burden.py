"""Causes beside each other by what they weigh: tickets, customers, waiting, departures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.impact.issue_rows import Counting, counting, issues
from cxresearch.outcomes import outcome
from cxresearch.outcomes.cause_ratios import CauseRatios, by_name
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import of_many, wilson
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.small_groups import counted, without
from cxresearch.study.study import Study
from cxresearch.study.told import cannot_tell
from cxresearch.study.words import intervals

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWN = 15  # rows
RATIO = ["hazard ratio", "low", "high", "left while exposed"]
BEYOND = {"departures": "hazard ratio", "departures low": "low", "departures high": "high"}


@dataclass(frozen=True, eq=False)
class Burden(Result):
    """What causes weigh, a row a cause and named by it, the most frequent first.

    tickets; customers, their share of all customers with low and high (Wilson); late, known, share
    late with low and high (Wilson, by issue), p (against all other causes; Fisher's exact test,
    Holm over causes) and verdict (more, less, cannot tell: whether it is late more often than the
    whole, from that p); days, late days, replies (see issues; sums, weighted where a ticket has
    several causes; null where the export cannot tell), told (tickets whose replies are). Where it
    can be seen who leaves also hazard ratio with low and high, left while exposed, and departures:
    those of them beyond what the same customers would have had at a ratio of one, if the
    association is causal, with low and high.

    how says what is counted, ratios which causes go with a different rate of leaving.
    """

    how: Counting
    ratios: CauseRatios | CannotTell

    @property
    def whole(self) -> float:
        """The share late over all causes; null where none is known."""
        known = self.frame["known"].sum()
        return float(self.frame["late"].sum() / known) if known else np.nan

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many causes keep customers waiting more often than the others, and which most."""
        late = self.how.late
        if np.isnan(self.whole):
            return CannotTell(f"which cause is {late} most: no issue is old enough to tell.")
        more = without(self.frame)[0].query("verdict == 'more'")
        if more.empty:
            return CannotTell(
                f"which cause is {late} more often than the others: no share differs."
            )
        most = more.loc[more["share late"].idxmax()]
        return finding(
            "{n} of {of} causes are {late} more often than the others. Most often: {cause}, "
            "{share:.0%} ({low:.0%} to {high:.0%}), against {whole:.0%} of {known:,} {first} in "
            "all.",
            n=len(more), of=len(self.frame), late=late, whole=self.whole, cause=most["cause"],
            share=most["share late"], low=most["share late low"], high=most["share late high"],
            known=int(self.frame["known"].sum()), first=self.how.firsts,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """How many customers each cause reaches and how often it is late, with intervals."""
        rows = self.frame
        late = [
            f"{of:.0f} of {known}" for of, known in zip(rows["late"], rows["known"], strict=True)
        ]
        reach = [f"{n:,}" for n in rows["customers"]]
        shown = pd.DataFrame(
            {
                "cause": rows["cause"].to_numpy(),
                "tickets": rows["tickets"].round().astype(int).to_numpy(),
                "customers": _counted(reach, rows, "share of customers"),
                self.how.late: _counted(late, rows, "share late"),
            }
        )
        shown.attrs["groups"] = counted(rows)
        return shown

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """How many customers each cause reaches and how often it is late, two panels of dots (on
        axes of one's own the first)."""
        late, rows = self.how.late, self._shown()
        if np.isnan(self.whole):
            return CannotTell(f"how often causes are {late}: no issue is old enough to tell.")
        panels = drawing.panels(0.34 * len(rows) + 1.7, 2) if ax is None else [ax]
        sides = [("share of customers", "share of all customers", np.nan)]
        sides += [("share late", f"share {late}", self.whole)]
        for panel, (name, label, line) in zip(panels, sides, strict=False):
            drawing.forest(panel, rows, rows["cause"], name, line=line, length=38)
            panel.set_xlim(0, None)
            drawing.percent(panel)
            panel.set_xlabel(label, fontsize=9)
        drawing.title(panels[0], self._title())
        return panels[0]

    def described(self) -> str:
        """The widest and the slowest of the causes that are drawn."""
        rows = self._shown()
        wide, slow = (rows.loc[rows[c].idxmax()] for c in ("customers", "share late"))
        return (
            f"Dots are shares, bars 95% intervals (Wilson). Left, most customers: {wide['cause']}, "
            f"{wide['share of customers']:.0%}. Right, most often {self.how.late}: "
            f"{slow['cause']}, {slow['share late']:.0%}, against {self.whole:.0%} in all (dotted)."
        )

    def _shown(self) -> pd.DataFrame:
        return self.frame.nlargest(DRAWN, "customers")

    def _title(self) -> str:
        places = self.frame["share late"].rank(ascending=False, method="min")
        place = places.fillna(len(places))[self.frame["customers"].idxmax()]
        return (
            f"The cause of most customers is number {place:.0f} of {len(places)} by share "
            f"{self.how.late}"
        )


@once
def cause_burden(study: Study) -> Burden | CannotTell:
    """What each cause weighs: how many tickets and customers, how often late, how much waiting and
    work, and how many departures beyond those to be expected."""
    how = counting(study)
    if lacks := cannot_tell(study, how.needs):
        return lacks
    rows = issues(study)
    if rows.empty:
        return CannotTell("what weighs most: no ticket of a known customer tells a cause.")
    ratios = outcome(study).by_cause(study) if how.leavers else CannotTell(how.no_departures)
    sums = _sums(rows)
    customers = how.everyone(study).nunique()
    frame = sums.join(_shares(sums["customers"], customers, "share of customers"))
    frame = frame.join(_shares(sums["late"], sums["known"], "share late"))
    frame["p"] = _against_rest(sums["late"], sums["known"])
    whole = sums["late"].sum() / max(sums["known"].sum(), 1)
    frame["verdict"] = np.select([frame["p"] >= 0.05, frame["share late"] > whole],
                                 ["cannot tell", "more"], "less")  # fmt: skip
    frame = frame.join(_departures(ratios)).reset_index()
    frame = frame.sort_values(["tickets", "cause"], ascending=[False, True])
    return Burden(by_name(frame), how, ratios)


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    """By cause: tickets, customers, late, known, told, days, late days, replies."""
    weighted = ("days", "late_days", "replies")
    told = rows["weight"].where(rows["replies"].notna(), 0.0)
    rows = rows.assign(told=told, **{c: rows[c].astype(float) * rows["weight"] for c in weighted})
    by = rows.groupby("cause")
    counts = by.agg(
        tickets=("weight", "sum"),
        customers=("customer_id", "nunique"),
        late=("late", "sum"),
        known=("late", "count"),
        told=("told", "sum"),
    )
    sums = by[list(weighted)].sum(min_count=1).rename(columns={"late_days": "late days"})
    return counts.astype({"late": float}).join(sums)


def _shares(counts: pd.Series, of: pd.Series | int, name: str) -> pd.DataFrame:
    of = pd.Series(of, index=counts.index).astype(float)
    low, high = wilson(counts.astype(float), of)
    return pd.DataFrame({name: counts / of.where(of > 0), f"{name} low": low, f"{name} high": high})


def _against_rest(late: pd.Series, known: pd.Series) -> np.ndarray:
    """p of each cause's share late against that of all others, Holm-corrected."""
    from scipy.stats import fisher_exact

    late, in_time = late.astype(int), (known - late).astype(int)
    tables = zip(late, in_time, late.sum() - late, in_time.sum() - in_time, strict=True)
    p = [fisher_exact(np.reshape(counts, (2, 2))).pvalue for counts in tables]
    return of_many(p)


def _departures(ratios: CauseRatios | CannotTell) -> pd.DataFrame:
    """By cause the hazard ratio of leaving and the departures beyond it; empty where unknown."""
    known = ratios.frame.reindex(columns=RATIO).astype(float)
    left = known["left while exposed"]
    return known.assign(**{name: left * (1 - 1 / known[of]) for name, of in BEYOND.items()})


def _counted(counts: list[str], rows: pd.DataFrame, share: str) -> list[str]:
    """Each count with its share and interval behind it, where that is known."""
    shares = zip(counts, rows[share], intervals(rows, share, ".0%"), strict=True)
    return [f"{count}: {said}" if pd.notna(of) else count for count, of, said in shares]
