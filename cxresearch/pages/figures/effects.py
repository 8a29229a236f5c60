"""Figures of effects: hazard ratios, curves, and causes beside each other."""

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, PercentFormatter

from cxresearch.pages.figures.style import (
    INK,
    PALETTE,
    QUIET,
    WARN,
    axes,
    in_figure,
    intervals,
    title,
    xlabel,
)
from cxresearch.study.answers import CannotTell, Picture, cannot_tell_passes


@cannot_tell_passes
def causes(by_cause: pd.DataFrame, event: str, heading: str) -> Picture:
    """Causes beside each other: who is left without an answer where that is known, else ratios."""
    if "unanswered" not in by_cause:
        return ratios(by_cause, "cause", event, heading)
    rows = by_cause.nlargest(15, "customers").sort_values("unanswered")
    whole = (by_cause["unanswered"] * by_cause["customers"]).sum() / by_cause["customers"].sum()
    ax = axes(0.34 * len(rows) + 1.6)
    intervals(ax, rows, "cause", ("unanswered", "unanswered low", "unanswered high"))
    ax.axvline(whole, color=INK, lw=1, ls=":")
    ax.set_xlim(0, None)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    xlabel(ax, "share of first tickets without an outside answer by the landmark day")
    top = rows.iloc[-1]
    title(ax, f"{in_figure(top['cause'], 40)}: {top['unanswered']:.0%} unanswered, "
               f"{whole:.0%} overall")  # fmt: skip
    return Picture(
        ax,
        f"Dots are shares of customers' first tickets, bars 95% intervals (Wilson), for the "
        f"{len(rows)} largest of {len(by_cause)} causes; the dotted line is the share over all "
        f"causes, {whole:.1%}.",
    )


@cannot_tell_passes
def ratios(
    table: pd.DataFrame, by: str, event: str, heading: str, estimate: str = "hazard ratio"
) -> Picture | CannotTell:
    """Hazard ratios with 95% intervals, a row each, against the line of no difference."""
    rows = table[table[estimate].notna()].head(12)[::-1]
    if rows.empty:
        return CannotTell("how the rows compare: none has enough events for an estimate.")
    ax = axes(0.42 * max(len(rows), 1) + 1.6)
    places = range(len(rows))
    seen = (rows["low"] > 1) | (rows["high"] < 1)
    colours = np.where(seen, WARN, QUIET)
    ax.hlines(places, rows["low"], rows["high"], colors=colours, lw=2.5)
    ax.scatter(rows[estimate], places, c=colours, s=45, zorder=3)
    ax.axvline(1, color=INK, lw=1, ls=":")
    ax.set_yticks(list(places), [in_figure(v, 46) for v in rows[by]])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xscale("log")
    ax.set_xticks(_ratio_ticks(rows), minor=False)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    ax.minorticks_off()
    xlabel(ax, f"hazard ratio: how often customers {event} (log scale, 1 = no difference)")
    title(ax, heading)
    clear = in_figure(", ".join(map(str, rows.loc[seen, by][::-1])), 200) or "none"
    return Picture(
        ax,
        f"Dots are hazard ratios, bars their 95% intervals, for {len(rows)} rows. Intervals that "
        f"exclude one: {clear}. {_left_out(table, rows, estimate)}",
    )


@cannot_tell_passes
def shares_over_time(curves: pd.DataFrame, by: str, event: str, origin: str) -> Picture:
    """Share to whom the event has happened by each day, a step curve a group with its 95% band."""
    shown = curves[curves["day"] <= min(curves["day"].max(), 730)]
    ax = axes(4.2)
    for (_, curve), colour in zip(shown.groupby(by), PALETTE, strict=False):
        ax.step(curve["day"], curve["share"], where="post", color=colour, lw=2)
        ax.fill_between(curve["day"], curve["low"], curve["high"], step="post", color=colour,
                        alpha=0.13, lw=0)  # fmt: skip
    _label_ends(ax, shown, by)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_ylim(0, None)
    ax.set_xlabel(f"days since {origin}")
    ax.set_ylabel(f"share of customers who {event}")
    ends = _last_common(shown, by).sort_values("share", ascending=False)
    most, least = ends.iloc[0], ends.iloc[-1]
    day = ends["until"].iloc[0]
    title(ax, f"After {day:.0f} days {most['share']:.0%} of “{most[by]}” {event}, "
               f"{least['share']:.0%} of “{least[by]}”")  # fmt: skip
    said = "; ".join(f"{r[by]} {r['share']:.0%} ({r['low']:.0%} to {r['high']:.0%})"
                     for _, r in ends.iterrows())  # fmt: skip
    return Picture(
        ax,
        f"Cumulative incidence, shaded 95% bands. After {day:.0f} days: {said}.",
    )


def _label_ends(ax, shown: pd.DataFrame, by: str) -> None:
    """Names each curve at its right end, moved apart where they would touch."""
    ends = shown.groupby(by).tail(1).assign(colour=PALETTE[: shown[by].nunique()])
    gap = 0.055 * max(shown["high"].max(), 1e-9)
    place = -gap
    for _, row in ends.sort_values("share").iterrows():
        place = max(row["share"], place + gap)
        ax.annotate(f" {row[by]}", (row["day"], place), color=row["colour"], va="center",
                    fontsize=9, annotation_clip=False)  # fmt: skip


def _last_common(curves: pd.DataFrame, by: str, wanted: float = 365) -> pd.DataFrame:
    """Each curve's values on one day that all of them reach: a year, or less."""
    until = min(wanted, curves.groupby(by)["day"].max().min())
    return curves[curves["day"] <= until].groupby(by).tail(1).assign(until=until)


def _ratio_ticks(rows: pd.DataFrame) -> list[float]:
    low, high = min(rows["low"].min(), 0.8), max(rows["high"].max(), 1.25)
    ticks = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3, 5, 7, 10, 20, 50]
    kept = [t for t in ticks if low * 0.95 <= t <= high * 1.05]
    return kept if len(kept) < 9 else [t for t in kept if t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)]


def _left_out(table: pd.DataFrame, rows: pd.DataFrame, estimate: str) -> str:
    hidden, empty = len(table) - len(rows), int(table[estimate].isna().sum())
    return f"{hidden} rows are not drawn, {empty} of them for want of events." if hidden else ""
