"""Over many simulated companies: which estimator finds the truth, where, and was it expected?"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.lab.estimators import OURS
from cxresearch.lab.truth_results import ratio_text
from cxresearch.study import drawing
from cxresearch.study.answers import Finding, cannot_tell_passes, finding
from cxresearch.study.intervals import LEVEL, wilson, z
from cxresearch.study.results import Result
from cxresearch.study.words import NONE, intervals, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SOME = 10  # with fewer companies a share of them says nothing
USUAL = 0.9  # of companies: below, a cause is estimated only where it was overdue uncommonly long
IN_WORDS = {
    "null": "nothing does harm",
    "tidying up": "agents close tickets just before a customer gives notice",
    "second: tidying up": "the same, in another simulator",
    "snapshot covariates": "billing tells no activity but today's",
    "30% wrong causes": "three tickets of ten have a wrong cause",
    "annual contracts, notice unknown": "yearly contracts whose notice nobody wrote down",
}


@dataclass(frozen=True, eq=False)
class OurRuns(Result):
    """Our own estimator, a row a world (the columns of coverage.by_estimator)."""

    def said(self, row: str = "") -> Finding:
        """In how many worlds it is right, and how often its intervals hold the truth there."""
        told = self.frame[self.frame["found"] != "cannot"]
        fair = told[told["found"] == "right"]
        of, held = int(fair["estimated"].sum()), int(fair["held"].sum())
        pooled, (low, high) = held / max(of, 1), wilson(held, of)
        return finding(
            "**The method is right in {right} of {worlds} kinds of simulated company**: on average "
            "it is not clearly off. There its 95% intervals hold "
            "the truth in {pooled:.0%} ({low:.0%} to {high:.0%}) of {of:,} companies.",
            worlds=len(self.frame), right=len(fair), pooled=pooled, low=low, high=high, of=of,
        )  # fmt: skip

    def fails(self, told: pd.Series) -> pd.DataFrame:
        """Where it is off, gives nothing, or is too sure; told is by world in which share of
        companies a page tells the number all the same."""
        rows = self.frame
        rows = rows[(rows["found"] != "right") | (rows["high"] < LEVEL)]
        rows = rows.sort_values("coverage", kind="stable")
        where = rows["world"].map(lambda world: IN_WORDS.get(world, world))
        shown = told.reindex(rows["world"]).to_numpy()
        rows = rows.assign(where=where, says=mean_estimates(rows), shown=shown)
        return view(rows, "where as where it fails", "planted as planted ratio",
                    "says as mean estimate", "coverage ±.0% as intervals hold",
                    "shown .0% as told on a page")  # fmt: skip

    def table(self) -> pd.DataFrame:
        """World by world: bias, error, coverage, rejection."""
        rows = self.frame
        return pd.DataFrame(
            {
                "world": rows["world"],
                "planted": rows["planted"],
                "mean estimate": mean_estimates(rows),
                "bias of the log": [
                    NONE if np.isnan(b) else f"{b:+.3f} ± {z() * e:.3f}"
                    for b, e in zip(rows["bias"], rows["bias error"], strict=True)
                ],
                "sd / se": pairs(rows["sd"], rows["se"]),
                "coverage": intervals(rows, "coverage", ".0%"),
                "rejects no effect": view(rows, "rejection .0%")["rejection"].to_list(),
            }
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class AsExpected(Result):
    """Worlds and estimators, a row a pair: what was written down beforehand, and what came out."""

    def said(self, row: str = "") -> Finding:
        """How many did as had been written down, and how many turned the sign of real harm."""
        rows = self.frame
        same = int((rows["expected"] == rows["found"]).sum())
        wrong = rows[(rows["found"] == "flips") & (rows["planted"] > 1)]
        return finding(
            "{same} of {n} results came out as written down before the runs. The sign of "
            "real harm was turned somewhere by {turned} of {names} estimators.",
            n=len(rows), same=same, turned=wrong["name"].nunique(),
            names=rows["name"].nunique(),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The surprises."""
        rows = self.frame[self.frame["expected"] != self.frame["found"]]
        return view(rows, "world", "name as estimator", "expected", "found")


@dataclass(frozen=True, eq=False)
class Estimators(Result):
    """Every estimator in every world, a row a pair."""

    def table(self) -> pd.DataFrame:
        """Estimator by estimator: in how many worlds it is right, where it is farthest off, and
        how often it finds an effect in the worlds that have none."""
        by = self.frame.groupby("name", sort=False)
        return pd.DataFrame([_estimator(name, rows) for name, rows in by])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Worlds by estimators: colour is how far the mean estimate is from the truth."""
        rows, told, holds = self.frame, self._told(), self._holds()
        worlds, names = (list(dict.fromkeys(rows[c])) for c in ("world", "name"))
        x, y = rows["name"].map(names.index) + 0.5, rows["world"].map(worlds.index) + 0.5
        bias = rows.assign(bias=rows["bias"].where(told))
        bias = bias.pivot(index="world", columns="name", values="bias").loc[worlds, names]
        ax = drawing.axes(0.36 * len(worlds) + 3.6, ax)
        cells = drawing.tiles(ax, bias, np.log(3))
        ax.scatter(x[told & holds], y[told & holds], s=30, c=drawing.INK)
        ax.scatter(x[~told], y[~told], s=30, c=drawing.QUIET, marker="x")
        bar = ax.figure.colorbar(cells, ax=ax, orientation="horizontal", shrink=0.7, aspect=30)
        ratios = {1 / 3: "⅓ or less", 1 / 2: "½", 1: "1", 2: "2", 3: "3 or more"}
        bar.set_ticks(np.log(list(ratios)), labels=list(ratios.values()))
        bar.set_label("mean estimate / truth", fontsize=11)
        right, by = self._right()
        ours = f"{by['sum'][OURS]} of {by['size'][OURS]} worlds"
        drawing.title(ax, f"Ours finds the truth in {ours}, all in {right} of {told.sum()} pairs")
        return ax

    def described(self) -> str:
        """What colours and signs mean, and in how many worlds each estimator is right."""
        told = self._told()
        return (
            "A row a world, a column an estimator: blue where its mean is too low, orange where it "
            "is too high, pale where it is right. A dot marks 95% intervals that hold the truth as "
            f"often as they should ({int((told & self._holds()).sum())} of {told.sum()}), a cross "
            "that there is no estimate."
        )

    def _told(self) -> pd.Series:
        return self.frame["found"] != "cannot"

    def _holds(self) -> pd.Series:
        return self.frame["low"].le(LEVEL) & self.frame["high"].ge(LEVEL)

    def _right(self) -> tuple[int, pd.DataFrame]:
        told = self.frame[self._told()]
        right = told["found"].eq("right")
        return int(right.sum()), right.groupby(told["name"], sort=False).agg(["sum", "size"])


@dataclass(frozen=True, eq=False)
class CauseRuns(Result):
    """Single causes, a row a world and cause; shown is the world of the table."""

    shown: str = "30% wrong causes"

    def said(self, row: str = "") -> Finding:
        """Coverage by cause over many companies, and where it falls short."""
        causes = self.frame[self.frame["estimated"] > 0]
        usual = causes["estimated"] >= USUAL * causes["companies"]
        often, seldom = causes[usual], causes[~usual]
        off = np.exp(often["bias"]) - 1
        return finding(
            "Intervals of single causes held the planted ratio in {share:.0%} of {n:,} estimates. "
            "They surely hold too seldom in {low} of {cells} pairs of world and cause. "
            "Their means are off by {least:+.0%} to {most:+.0%}. Left out are {seldom} pairs with "
            "an estimate in fewer than {usual:.0%} of companies; they are off by {too_high:+.0%} "
            "in the median.",
            share=float(often["held"].sum() / often["estimated"].sum()),
            n=int(often["estimated"].sum()), least=float(off.min()), most=float(off.max()),
            low=int((often["high"] < LEVEL).sum()), cells=len(often),
            seldom=len(seldom), usual=USUAL,
            too_high=float(np.exp(seldom["bias"].median()) - 1),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Bias and coverage of the causes in the world that is shown."""
        rows = self.frame[self.frame["world"] == self.shown]
        counts = zip(rows["estimated"], rows["companies"], strict=True)
        return pd.DataFrame(
            {
                "cause": rows["name"],
                "planted": rows["planted"],
                "mean estimate": mean_estimates(rows),
                "sd / se": pairs(rows["sd"], rows["se"]),
                "estimated": [f"{n} of {of}" for n, of in counts],
                "coverage": intervals(rows, "coverage", ".0%"),
            }
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Share of intervals that held the planted ratio, by cause, a panel a world."""
        rows, worlds = self._drawn()
        order = rows.groupby("name", sort=False)["planted"].max().sort_values(ascending=False)
        panels = drawing.panels(0.34 * len(order) + 2.0, len(worlds))
        for panel, world in zip(panels, worlds, strict=True):
            part = rows[rows["world"] == world].set_index("name").reindex(order.index)
            drawing.forest(panel, part, part.index, "coverage", clear=part["high"] < LEVEL,
                           line=LEVEL, length=30)  # fmt: skip
            panel.set_xlim(0.4, 1.03)
            drawing.percent(panel)
            panel.set_title(fill(world, 14), fontsize=9, loc="left")
        drawing.xlabel(panels[0], "share of companies whose 95% interval holds the planted ratio")
        low = int((rows["high"] < LEVEL).sum())
        drawing.title(
            panels[0],
            f"Intervals surely hold too seldom for {low} of {len(rows)} pairs of world and cause",
        )
        return panels[0]

    def described(self) -> str:
        """What the dots, bars and panels are."""
        rows, _ = self._drawn()
        return (
            "Dots are shares of simulated companies, bars exact binomial 95% intervals, dotted the "
            f"wanted 95%; a panel a world. Causes estimated in fewer than {SOME} companies are not "
            f"drawn. The lowest share is {rows['coverage'].min():.0%}."
        )

    def _drawn(self) -> tuple[pd.DataFrame, list[str]]:
        rows = self.frame[self.frame["estimated"] >= SOME]
        return rows, list(dict.fromkeys(rows["world"]))


@cannot_tell_passes
def our_runs(table: pd.DataFrame) -> OurRuns:
    """Of coverage.by_estimator, our own estimator."""
    return OurRuns(table[table["name"] == OURS])


@cannot_tell_passes
def expected_runs(table: pd.DataFrame) -> AsExpected:
    """Of coverage.by_estimator, all of which something was written down beforehand."""
    return AsExpected(table[table["expected"].notna()])


@cannot_tell_passes
def estimator_runs(table: pd.DataFrame) -> Estimators:
    """Of coverage.by_estimator, every estimator of any overdue issue."""
    return Estimators(table[table["kind"] == "analysis"].reset_index(drop=True))


@cannot_tell_passes
def cause_runs(table: pd.DataFrame) -> CauseRuns:
    """Of coverage.by_estimator, the single causes."""
    return CauseRuns(table[table["kind"] == "cause"])


def _estimator(name: str, rows: pd.DataFrame) -> dict:
    told = rows[rows["found"] != "cannot"]
    none = told.loc[told["planted"] == 1, "rejection"].max()
    row = {"estimator": name, "right in": f"{(told['found'] == 'right').sum()} of {len(told)}"}
    if told.empty:
        return row | {"farthest off": NONE, "estimate for planted": NONE, "most false alarms": NONE}
    worst = told.loc[told["bias"].abs().idxmax()]
    return row | {
        "farthest off": worst["world"],
        "estimate for planted": f"{worst['ratio']:.2f} for {worst['planted']:.2f}",
        "most false alarms": NONE if np.isnan(none) else f"{none:.0%}",
    }


def mean_estimates(rows: pd.DataFrame) -> list[str]:
    """Mean ratios with their intervals."""
    columns = (rows[c] for c in ("ratio", "ratio low", "ratio high"))
    return [ratio_text(*row) for row in zip(*columns, strict=True)]


def pairs(first: pd.Series, second: pd.Series) -> list[str]:
    """Two numbers beside each other, "0.19 / 0.16"; a dash where one is not known."""
    both = zip(first, second, strict=True)
    return [NONE if np.isnan(a) or np.isnan(b) else f"{a:.2f} / {b:.2f}" for a, b in both]
