"""Figures of the data: which fields are filled when, and whether the clock is right."""

import pandas as pd
import seaborn as sns
from matplotlib.ticker import PercentFormatter

from cxresearch.figures.style import ACCENT, axes, title
from cxresearch.say import Picture, cannot_tell_passes


@cannot_tell_passes
def coverage(shares: pd.DataFrame) -> Picture:
    """Which share of tickets has each field, by quarter, as a heat map."""
    ax = axes(0.3 * len(shares) + 1.6)
    sns.heatmap(
        shares, ax=ax, vmin=0, vmax=1, cmap=sns.light_palette(ACCENT, as_cmap=True), linewidths=0.5,
        cbar_kws={"label": "share of tickets", "format": PercentFormatter(1, decimals=0)},
    )  # fmt: skip
    ax.set(xlabel="quarter of creation", ylabel="")
    never = int((shares == 0).all(axis=1).sum())
    uneven = shares[(shares.max(axis=1) - shares.min(axis=1)) > 0.5].index
    title(ax, f"{never} of {len(shares)} fields are never filled; "
               f"{len(uneven)} change by more than half over time")  # fmt: skip
    return Picture(
        ax,
        "Rows are fields of a ticket, columns quarters; dark is filled, white is empty. Fields "
        f"that change by more than half: {', '.join(uneven) or 'none'}.",
    )


@cannot_tell_passes
def hours(by_quarter: pd.DataFrame) -> Picture:
    """At which hour of the day tickets are created, quarter by quarter, as a heat map."""
    ax = axes(0.28 * len(by_quarter) + 1.6)
    sns.heatmap(
        by_quarter, ax=ax, vmin=0, cmap=sns.light_palette(ACCENT, as_cmap=True),
        cbar_kws={"label": "share of the quarter's tickets", "format": PercentFormatter(1)},
    )  # fmt: skip
    ax.set(xlabel="hour of the day (UTC, as the export says)", ylabel="")
    quiet = by_quarter.idxmin(axis=1)
    title(ax, f"The quietest hour was {quiet.iloc[0]} o'clock in {quiet.index[0]}, "
               f"{quiet.iloc[-1]} o'clock in {quiet.index[-1]}")  # fmt: skip
    said = ", ".join(f"{q} {h}" for q, h in quiet.items())
    return Picture(ax, f"Share of each quarter's tickets by hour. Quietest hour: {said}.")
