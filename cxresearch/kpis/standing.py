"""Where a KPI stands: its sentence, its table and its bars read one verdict, its interval's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.words import listed

WHOLE = "all"
# How an estimate reads in its unit.
UNITS = {"%": ".1%", "of 10": ".1f", "points": ".0f", "hours": ",.1f", "tickets": ",.0f",
         "answers": ".2f", "times": ".2f", "messages": ".2f", "tickets a month": ".3f"}  # fmt: skip
TOLD = ("%", "hours", "of 10", "points")  # units that stand beside the number, or the target
COLOURS = {"met": drawing.PALETTE[2], "not met": drawing.WARN, "cannot tell": drawing.QUIET,
           "no target": drawing.ACCENT}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Standing(Result):
    """Where KPIs stand: the rows of tidy.measured, named by their group ("all" is the whole), or,
    where there are several KPIs, by their KPI, with the group after it where it is not the whole.
    """

    @classmethod
    def of(cls, several: Iterable[Standing], **more) -> Self:
        """Several KPIs one after the other, their rows named anew."""
        return cls(with_row_names(pd.concat([kpi.frame for kpi in several])), **more)

    def said(self, row: str = "") -> Finding | CannotTell:
        """Where a named row stands; without a name the first, which is a whole."""
        return stands(self.frame.loc[row or self.frame.index[0]])

    def table(self) -> pd.DataFrame:
        """KPI, estimate with interval, n, target and verdict (where there are targets); the group
        where there are any."""
        rows = self.frame
        shown = pd.DataFrame(
            {
                "KPI": rows["kpi"] + rows["unit"].map(lambda u: "" if u in TOLD else f", {u}"),
                "estimate (95% interval)": [with_interval(row) for _, row in rows.iterrows()],
                "n": rows["n"].astype(int),
                "target": [_target(row) for _, row in rows.iterrows()],
                "verdict": rows["verdict"],
            }
        )
        if rows["target"].isna().all():
            shown = shown.drop(columns=["target", "verdict"])
        if (rows["group"] != WHOLE).any():
            shown.insert(1, "group", rows["group"])
        return shown

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes | CannotTell:
        """Shares with their intervals in the colour of their verdict, a mark at each target."""
        rows = self._shares()
        if rows.empty:
            return CannotTell("where we stand: no share can be counted.")
        ax, places = drawing.axes(0.36 * len(rows) + 1.7, ax), np.arange(len(rows))[::-1]
        drawing.forest(ax, rows, rows.index, "estimate")
        for drawn in ax.collections[-2:]:
            drawn.set_color(list(rows["verdict"].map(COLOURS)))
        aims = rows["target"].notna().to_numpy()
        marks = rows["target"][aims], places[aims] - 0.33, places[aims] + 0.33
        ax.vlines(*marks, color=drawing.INK, lw=2)
        for place, said in zip(places[aims], rows["verdict"][aims], strict=True):
            ax.annotate(f" {said}", (1.01, place), color=COLOURS[said], va="center", fontsize=9,
                        annotation_clip=False)  # fmt: skip
        ax.set_xlim(-0.01, 1.01)
        drawing.percent(ax)
        marked = "; upright marks are targets" if aims.any() else ""
        drawing.xlabel(ax, f"share of tickets, of answers or of customers, 95% intervals{marked}")
        met, rest = (rows["verdict"] == "met").sum(), len(self.frame) - len(rows)
        first = f"{rows['kpi'].iloc[0]}: {rows['estimate'].iloc[0]:.0%}"
        told = f"{met} of the {aims.sum()} targets that are shares are met"
        told += "; scores are in the table" * (rest > 0)
        drawing.title(ax, told if aims.any() else first)
        return ax

    def described(self) -> str:
        """Every share that is drawn, with its interval and verdict."""
        verdicts = self._shares()["verdict"].value_counts()
        judged = [] if {*verdicts.index} == {"no target"} else verdicts.items()
        told = ": " * bool(judged) + listed(f"{n} {verdict}" for verdict, n in judged)
        return f"Dots are shares, bars 95% intervals{told}. The table has the numbers."

    def _shares(self) -> pd.DataFrame:
        return self.frame[(self.frame["unit"] == "%") & self.frame["estimate"].notna()]


def with_row_names(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of KPIs with the names of a Standing's rows."""
    several = rows["kpi"].nunique() > 1
    both = rows["kpi"].where(rows["group"] == WHOLE, rows["kpi"] + ", " + rows["group"])
    return rows.set_axis(list(both if several else rows["group"]))


def stands(row: pd.Series) -> Finding | CannotTell:
    """A row of a KPI as a sentence: estimate, interval, n, target, verdict, what to beware of."""
    name = row["kpi"] if row["group"] == WHOLE else f"{row['kpi']}, {row['group']}"
    if pd.isna(row["estimate"]):
        return CannotTell(f"{name}: {row['why'] or 'nothing is counted.'}")
    kept = {k: row[k] for k in ("estimate", "low", "high", "n", "target") if pd.notna(row[k])}
    value, low, high = _texts(row)
    unit = "" if row["unit"] == "%" else f" {row['unit']}"
    bounds = "" if pd.isna(row[["low", "high"]]).all() else "95% interval {from_} to {to}; "
    aim = " The target is {aim}: **{verdict}**." if pd.notna(row["target"]) else ""
    beware = " Beware: {beware}." if row["why"] else ""
    return finding(
        "{name}: **{value}** (" + bounds + "n = {n:,})." + aim + beware,
        name=name, value=value + unit, from_=low, to=high, aim=_target(row) or "",
        verdict=row["verdict"], beware=row["why"], **kept,
    )  # fmt: skip


def with_interval(row: pd.Series) -> str | None:
    """An estimate with its interval as a page shows it; a whole count has none."""
    if pd.isna(row["estimate"]):
        return None
    value, low, high = _texts(row)
    if pd.isna(row[["low", "high"]]).all():
        return value
    return f"{value} ({low} to {high})" + " h" * (row["unit"] == "hours")


def first_said(why: pd.Series) -> str | None:
    """The first thing said of any row."""
    return next(iter(why[why != ""]), None)


def _texts(row: pd.Series) -> list[str]:
    """Estimate, low and high in the row's unit; a bound that was not reached is more."""
    form = UNITS[row["unit"]]
    return ["more" if pd.isna(row[k]) else f"{row[k]:{form}}" for k in ("estimate", "low", "high")]


def _target(row: pd.Series) -> str | None:
    if pd.isna(row["target"]):
        return None
    if row["unit"] == "%":
        return f"{row['wanted']} {100 * row['target']:g}%"
    return f"{row['wanted']} {row['target']:g} {row['unit']}"
