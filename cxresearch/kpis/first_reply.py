"""How long customers wait for a first answer, with those still waiting counted."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxresearch.kpis.durations import replies
from cxresearch.kpis.measure import LEVEL, share_by, waiting_curve
from cxresearch.kpis.tidy import group_of, since
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.told import reads
from cxresearch.study.words import interval

HOURS = (1.0, 8.0, 24.0, 168.0)
GROUPS = 8
ALL = "all tickets"
FIRST, LAST = 0.1, 720  # hours drawn
TICKS = {0.1: "6 min", 1: "1 h", 8: "8 h", 24: "1 day", 168: "7 days", 720: "30 days"}


@dataclass(frozen=True, eq=False)
class ReplyCurves(Result):
    """Shares answered by each hour, a curve a group, all tickets first: group, time (hours), share,
    low, high, at_risk. hours and target are the promise; counts: how many of customers' own
    tickets are timed and out (not timed; of these odd, answered before asked), how many of those
    timed are waiting, and of these closed (without an answer)."""

    hours: float
    target: float
    counts: dict[str, int]

    def said(self, row: str = "") -> Finding:
        """Which tickets are timed, and how many were closed without any answer."""
        more = "; {out:,} more are not ({odd:,} carry an answer older than the question). "
        return finding(
            "{timed:,} tickets are timed"
            + (more if self.counts["out"] else ", all there are. ")
            + "Unanswered when last seen: {waiting:,}; {closed:,} of them were solved or closed "
            "all the same.",
            **self.counts,
        )  # fmt: skip

    def within(self, hours: tuple[float, ...] = HOURS) -> pd.DataFrame:
        """Share answered within each of the hours: group, hours, estimate, low, high, n (tickets);
        all tickets (95% interval), then each group where there are two or more."""
        curves = list(self.frame.groupby("group", sort=False))
        rows = [
            {"group": group, "hours": at, **share_by(curve, at), "n": int(curve["at_risk"].max())}
            for group, curve in (curves if len(curves) > 2 else curves[:1])
            for at in hours
        ]
        return pd.DataFrame(rows, columns=["group", "hours", "estimate", "low", "high", "n"])

    def table(self) -> pd.DataFrame:
        """Shares answered within so many hours, in percent with intervals, a row a group."""
        within = self.within()
        if within.empty:
            return within
        ends = within[["estimate", "low", "high"]].to_numpy()
        texts = within.assign(
            text=[interval(*row, ".0%") for row in ends], within=within["hours"].map(_span)
        )
        wide = texts.pivot(index="group", columns="within", values="text")
        wide = wide.loc[texts["group"].unique(), texts["within"].unique()]
        wide.insert(0, "tickets", texts.groupby("group")["n"].max())
        return wide

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes | CannotTell:
        """A step curve a group with its band, against the target."""
        if self.frame.empty:
            return CannotTell("how soon tickets are answered: no ticket is timed.")
        groups = self._groups()
        shown = pd.concat(
            [_drawn(self.frame[self.frame["group"] == name]) for name in self._names()]
        )
        ax = drawing.axes(4.2, ax)
        drawing.curves(ax, shown, "group", "time", "share")
        _lowered(ax, shown["group"].nunique())
        ax.axvline(self.hours, color=drawing.INK, lw=1, ls=":")
        if aimed := not pd.isna(self.target):
            at = (self.hours, self.target)
            ax.plot(*at, marker="x", ms=9, mew=2, color=drawing.INK, zorder=4)
            ax.annotate("target  ", at, ha="right", va="center", fontsize=9, color=drawing.INK)
        ax.set_xscale("log")
        ax.set_xticks(list(TICKS), list(TICKS.values()))
        ax.minorticks_off()
        ax.set_xlim(FIRST, LAST)
        ax.set_ylim(0, 1.02)
        drawing.percent(ax, "y")
        ax.set(
            xlabel="time since the customer wrote (log scale)", ylabel="share of tickets answered"
        )
        ends = groups.iloc[[0, -1]] if len(groups) > 1 else groups
        told = ", ".join(
            f"{drawing.in_figure(name, 20)} {row['estimate']:.0%}" for name, row in ends.iterrows()
        )
        aim = f"; target {self.target:.0%}" if aimed else ""
        drawing.title(ax, f"Answered within {self.hours:g} hours: {told or 'not known'}{aim}")
        return ax

    def described(self) -> str:
        """Each group's share at the target time, and how many groups are not drawn."""
        told = "; ".join(
            f"{drawing.in_figure(name)} {interval(row['estimate'], row['low'], row['high'])}"
            for name, row in self._groups().iterrows()
        )
        more = self.frame["group"].nunique() - 1 - len(self._names())
        rest = f" {more} smaller groups are not drawn." if more else ""
        return (
            "Tickets still waiting are counted (one minus Kaplan–Meier); shaded intervals hold "
            f"together at 95%. Within {self.hours:g} hours: {told or 'not known'}.{rest}"
        )

    def _names(self) -> list[str]:
        """The groups that are drawn, the largest first."""
        return [g for g in self.frame["group"].unique() if g != ALL][: len(drawing.PALETTE)]

    def _groups(self) -> pd.DataFrame:
        """The share of each drawn group at the target time, the best first."""
        curves = self.frame.groupby("group")
        told = {name: share_by(curves.get_group(name), self.hours) for name in self._names()}
        rows = pd.DataFrame.from_dict(told, orient="index").dropna(subset="estimate")
        return rows.sort_values("estimate", ascending=False, kind="stable")


@reads("first_reply_at")
@once
def reply_curves(study: Study, by: str = "created_channel") -> ReplyCurves | CannotTell:
    """Share answered by each hour, of all tickets and a curve a group.

    The largest groups first; beyond GROUPS the rest is "other". Intervals of the groups hold
    together at 95% (Bonferroni), so that they can be compared; see also kpis.measure.
    """
    rows, settings = waits(study), study.settings
    if rows.empty:
        return CannotTell("how soon tickets are answered: no ticket is timed.")
    group = group_of(study, rows, by)
    kept = group.value_counts().index
    group = group.where(group.isin(kept if len(kept) <= GROUPS else kept[: GROUPS - 1]), "other")
    names = group.value_counts().index
    level = 1 - (1 - LEVEL) / max(len(names), 1)
    marks = (*HOURS, settings.first_reply_hours)
    curves = [waiting_curve(rows[group == name], marks, level).assign(group=name) for name in names]
    whole = waiting_curve(rows, marks).assign(group=ALL)
    frame = pd.concat([whole, *curves], ignore_index=True)
    counts = {
        "timed": len(rows),
        "out": len(study.customer_tickets) - len(rows),
        "odd": len(since(study)) - len(rows),
        "waiting": int((rows["event"] == 0).sum()),
        "closed": int(rows["closed_unanswered"].sum()),
    }
    target = settings.target("first_reply_target")
    return ReplyCurves(frame, settings.first_reply_hours, target, counts)


@reads("first_reply_at")
def waits(study: Study) -> pd.DataFrame | CannotTell:
    """One row a timed ticket: ticket_id, customer_id, at, who, time (hours), event, known (true),
    closed_unanswered.

    time runs from created_at to first_reply_at, in calendar hours. A ticket without an answer is
    censored at observed_until, also one that was solved or closed meanwhile: closing ends the work,
    not the customer's wait, and to censor there would assume that it would have been answered like
    the rest. So the share answered is that of all tickets (closing is a competing event; all
    censoring is by the calendar). Tickets answered before they were asked are not timed.
    """
    tickets, rows = since(study), replies(study)
    closed = tickets["first_solved_at"].notna() | tickets["status"].isin(["solved", "closed"])
    rows = rows.assign(closed_unanswered=(rows["event"] == 0) & closed)
    return rows[rows["known"]].reset_index(drop=True)


def _drawn(curve: pd.DataFrame) -> pd.DataFrame:
    """A curve on the axis of hours drawn, to its end or the axis's."""
    shown = curve[curve["time"] <= LAST]
    end = shown.tail(1).assign(time=min(LAST, curve["time"].max()))
    return pd.concat([shown, end]).assign(time=lambda rows: rows["time"].clip(lower=FIRST))


def _lowered(ax: drawing.Axes, curves: int) -> None:
    """Names of curves that all end near the top stand below it."""
    names = ax.texts[-curves:]
    heights = [name.get_position()[1] for name in names]
    for name, height in zip(names, heights, strict=True):
        name.set_y(height - max(1.0, *heights) + 1.0)


def _span(hours: float) -> str:
    return "within " + (f"{hours:g} h" if hours < 48 else f"{hours / 24:g} days")
