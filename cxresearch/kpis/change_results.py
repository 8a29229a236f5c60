"""What changed between two periods, as it says itself: KPIs, volume and causes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import pandas as pd

from cxresearch.kpis.causes_changed import CausesChanged, some
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.intervals import LEVEL
from cxresearch.study.results import Result
from cxresearch.study.words import NONE, interval

UNTOLD = "cannot tell"
WORSE, BETTER, CHANGED = "worse", "better", "changed"
COLOURS = {WORSE: drawing.WARN, BETTER: drawing.ACCENT}  # else quiet
NO_END = "an interval has no end."


@dataclass(frozen=True, eq=False)
class Change(Result):
    """KPIs and volume in two periods, a row each and named by it: unit, before and after, each with
    its low, high and n; change (after less before) with an interval of its own (alone low, alone
    high), and with low and high, which hold together over all rows, causes and looks of a year;
    worse, the side that is bad ("": none is); verdict: more, less or cannot tell; applies, and why
    nothing can be told of a row. causes are rows of the same kind by cause and what (tickets,
    share). looks are those of a year, comparisons those of a look."""

    before: str
    after: str
    causes: pd.DataFrame
    looks: int
    comparisons: int

    def said(self, row: str = "") -> Finding | CannotTell:
        """What got worse, the surest first, or else what got better; "better": that; "changed": the
        volume that is more or less, which is neither; of a row, its change."""
        if row in (WORSE, BETTER, CHANGED):
            return self._side(row)
        if row:
            return self._row(row)
        told = [said for said in map(self._side, (WORSE, BETTER)) if said.text]
        return told[0] if told else CannotTell(
            f"whether any KPI got better or worse from {self.before} to {self.after}: no change "
            "is surely more than chance."
        )  # fmt: skip

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """What got worse, what better, what else and which causes changed, and what is left."""
        told = [*map(self._side, (WORSE, BETTER, CHANGED)), by_cause(self).said()]
        told = [each for each in told if isinstance(each, Finding) and each.text]
        return (*told, self._rest())

    def short(self, row: str) -> str:
        """A row's change in few words, for a tile."""
        told = self.frame.loc[row]
        if not self.compared()[row]:
            return f"change since {self.before}: cannot tell"
        if told["verdict"] == UNTOLD:
            return f"no clear change since {self.before}"
        return f"{told['verdict']} since {self.before}: {_ends(told)} {_unit(told['unit'])[0]}"

    def table(self) -> pd.DataFrame:
        """Both periods and the change of every row, those that changed first; last, with the
        reason, those that cannot be compared."""
        rows = self.frame.assign(compared=self.compared())[self.frame["applies"]]
        rows = rows.iloc[(rows["verdict"] == UNTOLD).argsort(kind="stable")]
        each = [
            (name, _value(row, "before"), _value(row, "after"), _ends(row), _judged(row))
            for name, row in rows.sort_values("compared", ascending=False, kind="stable").iterrows()
        ]
        columns = ["what", self.before, self.after, "change (interval)", "verdict"]
        return pd.DataFrame(each, columns=columns)

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes | CannotTell:
        """The changes of shares, in points; orange what got worse, blue what got better."""
        rows = self.frame[(self.frame["unit"] == "%") & self.compared()]
        if rows.empty:
            return CannotTell("how changes look: no share can be compared.")
        rows = rows.sort_values("change", ascending=False, kind="stable")
        ax = drawing.axes(0.34 * len(rows) + 1.6, ax)
        drawing.forest(ax, rows, rows.index, "change", line=0)
        judged = [_judged(row) for _, row in rows.iterrows()]
        for drawn in ax.collections[-2:]:
            drawn.set_color([COLOURS.get(each, drawing.QUIET) for each in judged])
        drawing.numbers(ax, "x", "+.0%")
        drawing.xlabel(ax, f"change of shares from {self.before} to {self.after}, in points")
        worse, better = (judged.count(said) for said in (WORSE, BETTER))
        told = f"Of {len(rows)} shares {worse} surely got worse and {better} better"
        drawing.title(ax, told if worse + better else f"None of {len(rows)} shares surely changed")
        return ax

    def described(self) -> str:
        """What dots, bars and colours are."""
        return (
            "Dots are changes of shares, bars their intervals, which hold together: orange got "
            "worse, blue got better, of grey ones no change can be told. The dotted line is none."
        )

    def compared(self) -> pd.Series:
        """Which rows have a change with both its ends."""
        return self.frame[["change", "low", "high"]].notna().all(axis=1)

    def _side(self, side: str) -> Finding:
        """The rows that got worse or better, or that are more or less and neither, with both
        numbers; nothing where there are none."""
        rows = self.frame[self.frame["verdict"] != UNTOLD]
        sure = (rows["change"] / (rows["high"] - rows["low"])).abs()
        rows = rows.loc[sure.sort_values(ascending=False, kind="stable").index]
        named = [
            f"{_within(str(name))} (from {_value(row, 'before')} to {_value(row, 'after')})"
            for name, row in rows.iterrows()
            if (_judged(row) if row["worse"] else CHANGED) == side
        ]
        if not named:
            return Finding("")
        than = "since" if side == CHANGED else "in {after} than in"
        return finding(
            "**{side}** " + than + " {before}: {named}.",
            side=side.capitalize(), before=self.before, after=self.after, named=some(named),
        )  # fmt: skip

    def _rest(self) -> Finding | CannotTell:
        """Of how much no change can be told; where of nothing, this alone is said."""
        told = self.said()
        if isinstance(told, CannotTell):
            return told
        rest = int((self.compared() & (self.frame["verdict"] == UNTOLD)).sum())
        return finding("Of {rest} other rows no change can be told.", rest=rest)

    def _row(self, name: str) -> Finding | CannotTell:
        row = self.frame.loc[name]
        if not self.compared()[name]:
            return CannotTell(f"how it changed: {row['why'] or NO_END}")
        unit, by = _unit(row["unit"])
        told = "" if row["verdict"] != UNTOLD else "no change can be told: "
        return finding(
            told + "{change:+.1f} {unit} ({low:+.1f} to {high:+.1f}) from {before} to {after}",
            change=row["change"] * by, low=row["low"] * by, high=row["high"] * by, unit=unit,
            before=self.before, after=self.after,
        )  # fmt: skip


def of_a_change(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Makes a function of a result say nothing where there is none: that is said once."""

    @wraps(function)
    def asked(change: Any) -> Any:
        return DoesNotApply(change.reason) if isinstance(change, CannotTell) else function(change)

    return asked


@of_a_change
def by_cause(change: Change) -> CausesChanged | CannotTell:
    """The causes of which there is more, or less."""
    if change.causes.empty:
        return DoesNotApply("which causes grew: no ticket of these periods has one.")
    return CausesChanged(change.causes, change.before, change.after)


@of_a_change
def errs(change: Change) -> Finding | CannotTell:
    """How often such a page is wrong, by the number of its looks and comparisons."""
    if not change.comparisons:
        return DoesNotApply("how often such a page errs: nothing is compared.")
    return finding(
        "If nothing changed, at most {rate:.0%} of years would bring a false alarm: {looks} looks "
        "a year at {rows} numbers are allowed for.",
        rate=1 - LEVEL, looks=change.looks, rows=change.comparisons,
    )  # fmt: skip


@of_a_change
def alone(change: Change) -> pd.DataFrame:
    """The change of each row with the interval of it alone, and with the one that holds with all
    others."""
    rows = change.frame[change.compared()]
    each = [(name, _ends(row, "alone "), _ends(row)) for name, row in rows.iterrows()]
    return pd.DataFrame(each, columns=["what", "of it alone", "of all together"])


def _judged(row: pd.Series) -> str:
    """A row's verdict, as worse or better where it has a bad side; why there is none."""
    if not row.get("compared", True):
        return f"{UNTOLD}: {row['why'] or NO_END}"
    if row["verdict"] == UNTOLD or not row["worse"]:
        return row["verdict"]
    return WORSE if row["verdict"] == row["worse"] else BETTER


def _within(name: str) -> str:
    """A name as it stands within a sentence."""
    return name[:1].lower() + name[1:]


def _value(row: pd.Series, name: str) -> str:
    """A number in its unit; a dash where there is none."""
    if pd.isna(row[name]):
        return NONE
    whole = row["unit"] in ("tickets", "customers")
    form = ".1%" if row["unit"] == "%" else ",.0f" if whole else ",.1f"
    return f"{row[name]:{form}}" + (" h" if row["unit"] == "hours" else "")


def _ends(row: pd.Series, kind: str = "") -> str:
    """A change with its interval, or with another kind of it, shares in points."""
    if pd.isna(row[f"{kind}low"]) or pd.isna(row[f"{kind}high"]):
        return NONE
    form = "+,.0f" if row["unit"] in ("tickets", "customers") else "+,.1f"
    by = _unit(row["unit"])[1]
    return interval(*(row[name] * by for name in ("change", f"{kind}low", f"{kind}high")), form)


def _unit(unit: str) -> tuple[str, float]:
    """How a change of this unit is said, and times what."""
    return ("percentage points", 100.0) if unit == "%" else (unit, 1.0)
