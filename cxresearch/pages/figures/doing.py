"""Figures of waiting and of the scorecard."""

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from cxresearch.kpis.measure import share_by
from cxresearch.pages.figures.style import ACCENT, INK, PALETTE, QUIET, WARN, axes, in_figure, title
from cxresearch.pages.figures.style import xlabel as name_x
from cxresearch.study.answers import CannotTell, Picture, cannot_tell_passes

FIRST, LAST = 0.1, 720  # hours drawn
TICKS = {0.1: "6 min", 1: "1 h", 8: "8 h", 24: "1 day", 168: "7 days", 720: "30 days"}
COLOURS = {"met": PALETTE[2], "not met": WARN, "cannot tell": QUIET, "no target": ACCENT}


@cannot_tell_passes
def first_replies(curves: pd.DataFrame, hours: float, target: float) -> Picture | CannotTell:
    """Share answered by each hour, a step curve a group with its band, against the target."""
    if curves.empty:
        return CannotTell("how soon tickets are answered: no ticket is timed.")
    names = list(dict.fromkeys(curves["group"]))[: len(PALETTE)]
    ax, ends = axes(4.2), []
    for name, colour in zip(names, PALETTE, strict=False):
        curve = curves[curves["group"] == name]
        shown = curve[curve["time"] <= LAST]
        end = shown.tail(1).assign(time=min(LAST, curve["time"].max()))
        shown = pd.concat([shown, end]).assign(time=lambda c: c["time"].clip(lower=FIRST))
        ax.step(shown["time"], shown["share"], where="post", color=colour, lw=2)
        ax.fill_between(shown["time"], shown["low"], shown["high"], step="post", color=colour,
                        alpha=0.13, lw=0)  # fmt: skip
        ends.append((shown["share"].iloc[-1], shown["time"].iloc[-1], name, colour))
    _labels(ax, ends)
    ax.axvline(hours, color=INK, lw=1, ls=":")
    ax.plot([hours], [target], marker="x", ms=9, mew=2, color=INK, zorder=4)
    ax.annotate("target  ", (hours, target), ha="right", va="center", fontsize=9, color=INK)
    ax.set_xscale("log")
    ax.set_xticks(list(TICKS), list(TICKS.values()))
    ax.minorticks_off()
    ax.set_xlim(FIRST, LAST)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set(xlabel="time since the customer wrote (log scale)", ylabel="share of tickets answered")
    return Picture(ax, _said(ax, curves, names, hours, target))


@cannot_tell_passes
def scorecard(card: pd.DataFrame) -> Picture | CannotTell:
    """The shares of the scorecard with their intervals, and a mark at each target."""
    rows = card[(card["unit"] == "%") & card["estimate"].notna()][::-1]
    if rows.empty:
        return CannotTell("where we stand: no share can be counted.")
    ax, places = axes(0.36 * len(rows) + 1.7), np.arange(len(rows))
    colours = rows["verdict"].map(COLOURS)
    ax.hlines(places, rows["low"], rows["high"], colors=colours, lw=3)
    ax.scatter(rows["estimate"], places, c=colours, s=42, zorder=3)
    aims = rows["target"].notna().to_numpy()
    ax.vlines(rows["target"][aims], places[aims] - 0.33, places[aims] + 0.33, color=INK, lw=2)
    ax.set_yticks(places, [in_figure(name, 46) for name in rows["kpi"]])
    ax.set_xlim(-0.01, 1.01)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    name_x(ax, "share of tickets or of answers; upright marks are targets")
    for place, said in zip(places, rows["verdict"], strict=True):
        ax.annotate(f" {said}", (1.01, place), color=COLOURS[said], va="center", fontsize=9,
                    annotation_clip=False)  # fmt: skip
    missed = (rows["verdict"] == "not met").sum()
    title(ax, f"{missed} of {aims.sum()} shares with a target clearly miss it")
    listed = "; ".join(
        f"{in_figure(r['kpi'])} {r['estimate']:.1%} ({r['low']:.1%} to {r['high']:.1%}), "
        + r["verdict"]
        for _, r in rows[::-1].iterrows()
    )
    return Picture(ax, f"Dots are shares, bars 95% intervals. {listed}.")


def _said(ax, curves: pd.DataFrame, names: list[str], hours: float, target: float) -> str:
    """Titles the figure and describes it: each group's share at the target time."""
    found = {n: share_by(curves[curves["group"] == n], hours) for n in names}
    told = {n: f for n, f in found.items() if not np.isnan(f["estimate"])}
    best = sorted(told, key=lambda n: told[n]["estimate"], reverse=True)
    short = ", ".join(f"{in_figure(n, 20)} {told[n]['estimate']:.0%}" for n in best)
    title(ax, f"Answered within {hours:g} hours: {short or 'not known'}; target {target:.0%}")
    said = "; ".join(f"{in_figure(n)} {told[n]['estimate']:.1%} ({told[n]['low']:.1%} to "
                     f"{told[n]['high']:.1%})" for n in best)  # fmt: skip
    more = curves["group"].nunique() - len(names)
    rest = f" {more} smaller groups are not drawn." if more else ""
    return (
        "One minus Kaplan–Meier with tickets still waiting counted, shaded intervals that hold "
        f"together at 95%. Within {hours:g} hours: {said or 'not known'}.{rest}"
    )


def _labels(ax, ends: list[tuple]) -> None:
    """Names each curve at its right end, moved apart where they would touch."""
    place = 1.07
    for share, time, name, colour in sorted(ends, reverse=True):
        place = min(share, place - 0.055)
        ax.annotate(f" {in_figure(name, 18)}", (time, place), color=colour, va="center",
                    fontsize=9, annotation_clip=False)  # fmt: skip
