"""Curves with competing ends, and shares by group."""

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from cxresearch.pages.figures.effects import shares_over_time
from cxresearch.pages.figures.style import (
    INK,
    WARN,
    axes,
    in_figure,
    intervals,
    title,
    xlabel,
)
from cxresearch.study.answers import Picture, cannot_tell_passes


@cannot_tell_passes
def incidence_over_time(
    curves: pd.DataFrame, event: str, origin: str, heading: str, until: float = 365
) -> Picture:
    """Share to whom the event has happened by each day, where other ends rule it out; the groups
    are the first column, event says of what ("customers who left")."""
    by = curves.columns[0]
    picture = shares_over_time(curves[curves["day"] <= until], by, event, origin)
    picture.axes.set_ylabel(f"share of {event}")
    title(picture.axes, heading)
    return picture


@cannot_tell_passes
def shares(table: pd.DataFrame, by: str, what: str, heading: str, whole: float = np.nan) -> Picture:
    """Shares with 95% intervals, a row each, in the order given; orange where the verdict tells
    them from the rest, and a dotted line at the share of all."""
    rows = table[table["share"].notna()].head(15)[::-1]
    ax = axes(0.36 * max(len(rows), 1) + 1.6)
    intervals(ax, rows, by, ("share", "low", "high"))
    verdict = rows["verdict"] if "verdict" in rows else pd.Series("cannot tell", index=rows.index)
    places = np.flatnonzero(~verdict.str.startswith("cannot"))
    clear = rows.iloc[places]
    ax.hlines(places, clear["low"], clear["high"], color=WARN, lw=2.5)
    ax.scatter(clear["share"], places, color=WARN, s=40, zorder=4)
    if np.isfinite(whole):
        ax.axvline(whole, color=INK, lw=1, ls=":")
    ax.set_xlim(0, min(1.0, 1.15 * rows["high"].max()) if len(rows) else 1)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    xlabel(ax, what)
    title(ax, heading)
    told = [f"{r[by]} {r['share']:.1%} ({r['low']:.1%} to {r['high']:.1%})"
            for _, r in rows[::-1].iterrows()]  # fmt: skip
    line = f" The dotted line is the share of all, {whole:.1%}." if np.isfinite(whole) else ""
    listed = in_figure("; ".join(told) or "no row was watched so long", 900)
    return Picture(ax, f"Dots are shares, bars their 95% intervals: {listed}.{line}")
