"""Months beside each other: only those whose window is over for all of them are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.tidy import WHOLE
from cxresearch.outcomes.back_by_group import by_month
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import view

FEWEST = 5  # expected in every month, for a chi-squared test
LEAST = 3  # months
TICKS = 12


@dataclass(frozen=True, eq=False)
class Months(Result):
    """Shares by month: month ("2024-01"), of, count, share, low, high, and mature (is the window
    over for all of them?); where there are, effect (design effect: rows for each effective one, of
    several by one customer) and target.

    what is the share in a sentence ("the share that comes back"), axis beside the figure.
    """

    what: str
    axis: str

    def over(self) -> pd.DataFrame:
        """The months to compare: their window is over, and they have a share."""
        months = self.frame
        return months[months["mature"].astype(bool) & months["share"].notna() & (months["of"] > 0)]

    def said(self, row: str = "") -> Finding | CannotTell:
        """Do the months that are over differ by more than chance?

        Chi-squared is divided by the months' mean design effect, weighed by of (Rao and Scott 1981,
        JASA 76); without effects rows are taken as independent, which is said. With 20 customers a
        month it still errs to the alarming side.
        """
        from statsmodels.stats.proportion import proportions_chisquare

        over, rest = self.over(), self._rest()
        whether = f"whether {self.what} changed by month"
        if len(over) < LEAST:
            return CannotTell(f"how {self.what} changed by month: too few months are over.{rest}")
        count, of = (over[name] / _effect(over) for name in ("count", "of"))
        least = of.min() * min(count.sum(), (of - count).sum()) / of.sum()
        if least < FEWEST:
            return CannotTell(
                f"{whether}: in the smallest month chance alone would bring {least:.1f}, too few "
                f"to compare {len(over)} months.{rest}"
            )
        _, p, _ = proportions_chisquare(count, of)
        alone = "" if "effect" in over else ", rows taken as independent"
        low, high = over["share"].min(), over["share"].max()
        if p >= 0.05:
            return CannotTell(
                f"{whether}: over {len(over)} months it ran from {low:.1%} to {high:.1%}, no more "
                f"than chance gives (p = {p:.2f}{alone}).{rest}"
            )
        return finding(
            "From month to month {what} differs by more than chance: over {n} months it ran from "
            "{low:.1%} to {high:.1%} (p {p}{alone})." + rest,
            what=self.what, low=float(low), high=float(high), n=len(over),
            p=f"= {p:.3f}" if p >= 0.001 else "below 0.001", alone=alone,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """A row a month, an estimate and its interval side by side."""
        return view(self.frame, "month", "of", "share ±.1%", "mature as over for all")

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """Shares with 95% intervals: full where the window is over for all, else hollow."""
        rows, ax = self._drawn(), drawing.axes(3.6, ax)
        for over, face, colour, line, label in (
            (True, drawing.ACCENT, drawing.ACCENT, "-", "over for all"),
            (False, "white", drawing.QUIET, ":", "not over yet"),
        ):
            of = rows[rows["mature"].astype(bool) == over]
            ax.vlines(of.index, of["low"], of["high"], color=colour, lw=2, alpha=0.7, ls=line)
            ax.scatter(of.index, of["share"], s=40, facecolor=face, edgecolor=colour, zorder=3,
                       label=label)  # fmt: skip
        step = max(1, len(rows) // TICKS)
        ax.set_xticks(rows.index[::step], rows["month"][::step], rotation=45, ha="right")
        _shares_up(ax, rows)
        ax.set(xlabel="month", ylabel=drawing.in_figure(self.axis, 34))
        ax.legend(frameon=False, ncols=2, loc="upper right", bbox_to_anchor=(1, 1.14))
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """The lowest and the highest month that is over, and which months are not."""
        over = self.over().sort_values("share", kind="stable")
        ends = pd.concat([over.head(1), over.tail(1)]) if len(over) > 1 else over
        told = " to ".join(
            f"{r['share']:.1%} ({r['low']:.1%} to {r['high']:.1%}) in {r['month']}"
            for _, r in ends.iterrows()
        )
        young = ", ".join(self._young()["month"]) or "none"
        return (
            "Dots are shares, bars their 95% intervals. Over for all tickets "
            f"({len(over)} months): {told or 'none'}. Hollow or not drawn, because their window is "
            f"not over: {young}."
        )

    def _title(self) -> str:
        """The range over the months that are over."""
        shares = self.over()["share"]
        if shares.empty:
            return f"No month is over yet for {self.what}"
        what = self.what[:1].upper() + self.what[1:]
        return f"{what} by month: {shares.min():.0%} to {shares.max():.0%}"

    def _drawn(self) -> pd.DataFrame:
        return self.frame[self.frame["share"].notna()].reset_index(drop=True)

    def _young(self) -> pd.DataFrame:
        return self.frame[~self.frame["mature"].astype(bool)]

    def _rest(self) -> str:
        young = len(self._young())
        return f" Not over and not compared: {young} of {len(self.frame)} months." if young else ""


@dataclass(frozen=True, eq=False)
class KpiMonths(Months):
    """A KPI month by month, beside its target; of is what the estimate rests on (tidy's n)."""

    def said(self, row: str = "") -> Finding:
        """The range over the months that are over."""
        return finding("{title}.", title=self._title())

    def _title(self) -> str:
        shares = self.over()["share"]
        if shares.empty:
            return f"{self.what}: no month is over yet"
        span = f"{shares.min():.0%} to {shares.max():.0%}"
        return f"{self.what}, month by month: {span} in months that are over"


def of_kpi(rows: pd.DataFrame, axis: str = "share of tickets") -> KpiMonths | CannotTell:
    """A KPI by month (see kpis.tidy) as months side by side."""
    months = rows[rows["group"] != WHOLE].reset_index(drop=True)
    if months["estimate"].isna().all():
        why = rows.set_index("group").at[WHOLE, "why"] or "no month can be told."
        return DoesNotApply(f"how months differ: {why}")
    names = {"group": "month", "estimate": "share", "n": "of"}
    return KpiMonths(months.rename(columns=names), months["kpi"].max(), axis)


@once
def came_back_by_month(study: Study) -> Months | CannotTell:
    """The share of solved tickets that came back within 30 days on the same cause, by the month of
    their solution: see back_by_group.by_month."""
    months = by_month(study)
    if isinstance(months, CannotTell):
        return months
    return Months(months, "the share that comes back", "share that came back")


def _effect(months: pd.DataFrame) -> float:
    if "effect" not in months:
        return 1.0
    return float(np.average(months["effect"], weights=months["of"]))


def _shares_up(ax: drawing.Axes, rows: pd.DataFrame) -> None:
    """Shares on the axis up, as far as the months that are over and the target reach."""
    top = rows["high"].where(rows["mature"].astype(bool), rows["share"]).max()
    if "target" in rows and rows["target"].notna().any():
        target = rows["target"].max()
        ax.axhline(target, color=drawing.INK, lw=1, ls=":")
        ax.annotate(" target", (1, target), xycoords=("axes fraction", "data"), va="center",
                    fontsize=9, color=drawing.INK)  # fmt: skip
        top = max(top, target)
    ax.set_ylim(0, min(1.02, max(1.1 * top, 0.01)) if len(rows) else 1.02)
    ax.locator_params(axis="y", nbins=6, steps=[1, 2, 5, 10])
    drawing.percent(ax, "y")
