"""What to fix first: causes by lever, what each would save, and how surely; said, shown, drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.impact.levers import IF, PREVENT, ByLever, rough
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.results import Result
from cxresearch.study.words import view

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWN = 15  # rows
FIRST = "**Solve {cause} within {days:g} days** first. "
SAVING = "That may keep {kept:.0f} customers ({k0:.0f} to {k1:.0f}){money} in a year, {iff}. "
MONEY = " and {coin} {money:,.0f} ({m0:,.0f} to {m1:,.0f})"
PREVENTING = (
    "**Prevent {cause}** first. {alone} How much that would keep cannot be told: it compares with "
    "customers who do not write."
)
SEVERAL = (
    "It is among the best three with a chance of {top:.0%}; {band} of the {rest} other causes "
    "may be just as good."
)
ALONE = "It surely keeps more than each of the {rest} other causes."
BEFORE = "{before} of {n} causes would keep more, but a hidden trouble may have made them look so."
TOP3 = "top 3 .0% as chance to be among the first three"
SURE = "sure"
ONLY = "There is no other to compare it with."


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
    why none is. What is said, drawn and in the table is of the first lever alone.
    """

    coin: str
    drawn: dict[str, pd.DataFrame]
    days: float = 7.0
    stopped: CannotTell | None = None

    @property
    def first(self) -> str:
        """The cause to fix first by the first lever."""
        return str(self.top(self.levers[0]).name)

    def said(self, row: str = "") -> Finding | CannotTell:
        """The first cause of a lever, what it keeps, and how sure it is; in the row "sure", that
        alone. Or why no cause can be named."""
        return self.stopped or self._lever(row if row in self.levers else self.levers[0], row)

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """Of the first lever alone."""
        return (self.said(),)

    def table(self) -> pd.DataFrame:
        """What each cause would keep in a year, and its chance to be among the first three."""
        lever = self.levers[0]
        rows = self.frame.loc[lever].reset_index()
        if lever == PREVENT:
            work = ["tickets saved", "replies saved"]
            rows[work] = rows[work].round().astype("Int64")
            return view(rows, "cause", *work, TOP3)
        coin = [c for c in rows if c.startswith("revenue")]
        rows[coin] = rows[coin].map(rough)
        money = [f"revenue ±,.0f as {self.coin} kept in a year"] * bool(rows["revenue"].any())
        return view(rows, "cause", "customers kept ±.0f as customers kept in a year", *money, TOP3)

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """What solving each cause sooner would save; causes of one band in one colour."""
        if self.levers == [PREVENT]:
            return CannotTell("how much preventing each cause would keep.")
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
        what = self.coin if by == "revenue" else "customers"
        ax.set_xlabel(f"{what} kept in a year by solving sooner, by cause", fontsize=9)
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """What the signs mean, and what keeps most."""
        lever, by = self.levers[0], self._by()
        top = self._most(lever)
        return (
            "Dots are what is kept, bars 95% intervals. Causes in one colour cannot be told apart "
            f"from the first of that colour. Most: {top.name}, {rough(top[by]):,.0f} "
            f"({rough(top[f'{by} low']):,.0f} to {rough(top[f'{by} high']):,.0f})."
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
        lever = self.levers[0]
        alike, of, first = self.alike(lever), len(self.frame.loc[lever]), self._most(lever).name
        if self.stopped:
            return "No cause can be named as the first to fix"
        if alike > 1:
            return f"{first} comes first; {alike - 1} of {of - 1} others may be as good"
        return f"{first} would keep most, and more than any other"

    def _lever(self, lever: str, row: str) -> Finding:
        top, n, others = self.top(lever), len(self.frame.loc[lever]), self.alike(lever) - 1
        before = int(top["rank"]) - 1
        alone = BEFORE if before else SEVERAL if others else ALONE if n > 1 else ONLY
        money = MONEY if np.isfinite(top["revenue"]) else ""
        saving = FIRST + SAVING.replace("{money}", money) + alone
        if lever == PREVENT:
            saving = PREVENTING.replace("{alone}", alone)
        said = finding(
            alone if row == SURE else saving, cause=str(top.name), n=n, rest=n - 1, band=others,
            top=top["top 3"], before=before, days=self.days, iff=IF, coin=self.coin,
            **_told(top, "k", "customers kept", float), **_told(top, "m", "revenue", rough),
        )  # fmt: skip
        key = lever.split()[-1]
        return Finding(said.text, {f"{name} {key}": n for name, n in said.numbers.items()})


def _told(row: pd.Series, key: str, name: str, form) -> dict[str, float]:
    whole = {"k": "kept", "m": "money"}[key]
    return {whole: form(row[name]), f"{key}0": form(row[f"{name} low"]),
            f"{key}1": form(row[f"{name} high"])}  # fmt: skip


@cannot_tell_passes
def of_lever(fixes: FixList, lever: str) -> FixList:
    """The list of one lever alone."""
    return replace(fixes, frame=fixes.frame.loc[[lever]])


@cannot_tell_passes
def order(fixes: FixList, lever: str) -> pd.DataFrame:
    """How sure the order is: the ratio behind each cause, the ranks that hold in 95% of draws, and
    the first cause from which it cannot be told apart."""
    rows = fixes.frame.loc[lever].reset_index()
    ends = zip(rows["rank low"], rows["rank high"], strict=True)
    first = rows.sort_values("rank").drop_duplicates("band").set_index("band")["cause"]
    rows = rows.assign(rank=[f"{low}–{high}" for low, high in ends], like=rows["band"].map(first))
    return view(rows, "cause", "shrunken ±.1f as ratio, shrunken", "rank",
                "like as not told apart from")  # fmt: skip


@cannot_tell_passes
def draws(fixes: FixList, lever: str) -> Result:
    """Savings drawn again, of all causes together, from which a lever's ranks, bands and chances
    come: a column a cause, a row a draw."""
    return Result(fixes.drawn[lever])
