"""What to fix first: causes by lever, what each would save, and how surely; said, shown, drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.impact.levers import PREVENT, ByLever
from cxresearch.impact.order import APART
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.results import Result
from cxresearch.study.words import view

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWN = 15  # rows
IF = "if waiting is what makes them leave, in a year like the last one"
SAVING = (
    "**Answer {cause} within {days:g} days** first. That may keep {kept:.1f} customers ({k0:.1f} "
    "to {k1:.1f}){money}, {iff}; it is among the first three in {top:.0%} of draws, and {alone}."
)
MONEY = " and {coin} {money:,.0f} ({m0:,.0f} to {m1:,.0f})"
PREVENTING = (
    "**Prevent {cause}** first: it is among the first three in {top:.0%} of draws, and {alone}. "
    "How much that would save cannot be told: it compares with customers who do not write, and "
    "such numbers held too seldom in simulated companies (page 09)."
)
SEVERAL = "{band} other of {n} causes cannot be told apart from it"
ALONE = "no other of {n} causes is as good in {sure:.0%} of draws"
BEFORE = "{before} of {n} causes would save more, but a hidden trouble could have made their ratios"
ONLY = "there is no other to compare it with"


@dataclass(frozen=True, eq=False)
class FixList(ByLever):
    """Causes in the order of what fixing each would save, a row a lever and cause: tickets,
    customers, share late, hazard ratio (raw) with ratio low and ratio high, shrunken with its low
    and high; customers kept in a year, revenue (null where it cannot be told) and their bounds;
    tickets saved and replies saved in a year (hours saved, if minutes a reply are known); by (what
    ranks: revenue, else customers kept), rank with low and high, top 3 (chance), band; effort and
    saved per effort (of what ranks), where effort is known, and where the price of a day is, cost
    and pays in a year (the chance that what is saved is more); survives (is its ratio surely more
    than a hidden trouble as strong as the strongest measured would make?).

    The band is what can be told of the order, and what sentence, title and colours read: it holds
    the causes that cannot be told apart from its first one. drawn has the draws of each lever,
    money is in coin. Named as the first to fix is the highest that survives, unless stopped says
    why none is.
    """

    coin: str
    drawn: dict[str, pd.DataFrame]
    days: float = 7.0
    stopped: CannotTell | None = None

    def said(self, row: str = "") -> Finding | CannotTell:
        """The first cause of a lever, its savings, and how many cannot be told apart from it; of
        every lever, if none is named. Or why no cause can be named."""
        if self.stopped:
            return self.stopped
        parts = [self._lever(lever) for lever in ([row] if row else self.levers)]
        numbers = {name: n for part in parts for name, n in part.numbers.items()}
        return Finding(" ".join(part.text for part in parts), numbers)

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """All levers in one."""
        return (self.said(),)

    def table(self) -> pd.DataFrame:
        """What each cause would save in a year, and how surely."""
        rows = self.frame.reset_index()
        ends = zip(rows["rank low"], rows["rank high"], strict=True)
        rows["rank"] = [f"{low}–{high}" for low, high in ends]
        columns = ["band", "cause", "shrunken ±.1f as ratio, shrunken"]
        if self.levers != [PREVENT]:
            shown = rows["lever"] == PREVENT
            rows.loc[shown, [c for c in rows if c.startswith(("customers kept", "revenue"))]] = (
                np.nan
            )
            columns += ["customers kept ±.1f", "revenue ±,.0f"]
        columns += ["rank", "top 3 .0%"]
        if "effort" in rows and rows["effort"].notna().any():
            prevented = rows["lever"] == PREVENT
            rows["saved per effort"] = rows["saved per effort"].mask(prevented).round(1)
            columns += ["effort as effort, days", "saved per effort as saved a day"]
            if "cost" in rows:
                rows["pays in a year"] = rows["pays in a year"].mask(prevented)
                columns += ["cost ,.0f", "pays in a year .0%"]
        if PREVENT in self.levers:
            rows["tickets saved"] = rows["tickets saved"].round().astype(int)
            rows["replies saved"] = rows["replies saved"].round().astype("Int64")
            columns += ["tickets saved", "replies saved"]
        return view(rows, *(["lever"] if len(self.levers) > 1 else []), *columns)

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """What answering each cause sooner would save; causes of one band in one colour."""
        if self.levers == [PREVENT]:
            return CannotTell("how much preventing each cause would save: see page 09.")
        if self.stopped and self.frame["customers kept"].isna().all():
            return self.stopped
        order, by = self._shown(), self._by()
        rows = self.frame.loc[self.levers[0]].loc[order]
        ax = drawing.axes(0.34 * len(order) + 1.7, ax)
        drawing.forest(ax, rows, order, by, line=0, length=38)
        places = (rows["band"] - 1) % len(drawing.PALETTE)
        for marks in ax.collections:
            marks.set_color([drawing.PALETTE[place] for place in places])
        drawing.numbers(ax)
        ax.set_xlabel(f"{by} saved in a year by answering sooner", fontsize=9)
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """The first band of the first lever, and what saves most."""
        lever, by = self.levers[0], self._by()
        rows, top = self.frame.loc[lever], self._most(lever)
        band = rows.index[rows["band"] == top["band"]]
        return (
            f"Dots are what is saved, bars 95% intervals, for the {len(self._shown())} causes of "
            f"{len(rows)} that {lever} saves most for. One colour is one band: its causes cannot "
            f"be told apart from the band's first. First band: {', '.join(band)}. Most: "
            f"{top.name}, {top[by]:,.0f} ({top[f'{by} low']:,.0f} to {top[f'{by} high']:,.0f})."
        )

    def _by(self) -> str:
        """What ranks."""
        return str(self.frame["by"].unique().item())

    def _shown(self) -> list[str]:
        return list(self.frame.loc[self.levers[0]].index[:DRAWN])

    def top(self, lever: str) -> pd.Series:
        """The row of the cause to fix first, named by it: the highest rank that survives, or the
        highest."""
        rows = self.frame.loc[lever]
        sure = rows[rows["survives"]] if rows["survives"].any() else rows
        return rows.loc[sure["rank"].idxmin()]

    def alike(self, lever: str) -> int:
        """How many causes cannot be told apart at the top, the first one among them."""
        return int((self.frame.loc[lever, "band"] == self._most(lever)["band"]).sum())

    def _most(self, lever: str) -> pd.Series:
        """The row of what saves most, named by its cause, whether or not it survives."""
        return self.frame.loc[lever].loc[self.frame.loc[lever, "rank"].idxmin()]

    def _title(self) -> str:
        alike, of = self.alike(self.levers[0]), len(self.frame.loc[self.levers[0]])
        if self.stopped:
            return "No cause can be named as the first to fix"
        if alike > 1:
            return f"{alike} of {of} causes cannot be told apart at the top"
        return f"{self._most(self.levers[0]).name} would save most, and more than any other"

    def _lever(self, lever: str) -> Finding:
        top, n, others = self.top(lever), len(self.frame.loc[lever]), self.alike(lever) - 1
        before = int(top["rank"]) - 1
        alone = BEFORE if before else SEVERAL if others else ALONE if n > 1 else ONLY
        money = MONEY if np.isfinite(top["revenue"]) else ""
        of = {"cause": str(top.name), "n": n, "band": others, "sure": APART, "top": top["top 3"],
              "before": before}  # fmt: skip
        if lever == PREVENT:
            said = finding(PREVENTING.replace("{alone}", alone), **of)
        else:
            said = finding(
                SAVING.replace("{money}", money).replace("{alone}", alone),
                days=self.days, iff=IF, coin=self.coin, kept=top["customers kept"],
                k0=top["customers kept low"], k1=top["customers kept high"],
                money=top["revenue"], m0=top["revenue low"], m1=top["revenue high"], **of,
            )  # fmt: skip
        key = lever.split()[-1]
        return Finding(said.text, {f"{name} {key}": n for name, n in said.numbers.items()})


@cannot_tell_passes
def of_lever(fixes: FixList, lever: str) -> FixList:
    """The list of one lever alone."""
    return replace(fixes, frame=fixes.frame.loc[[lever]])


@cannot_tell_passes
def draws(fixes: FixList, lever: str) -> Result:
    """Savings drawn again, of all causes together, from which a lever's ranks, bands and chances
    come: a column a cause, a row a draw."""
    return Result(fixes.drawn[lever])
