"""Figures of the data: which fields are filled when, whether the clock is right, who is matched."""

import pandas as pd
import seaborn as sns
from matplotlib.ticker import PercentFormatter

from cxresearch.pages.figures.style import ACCENT, WARN, axes, title
from cxresearch.study.answers import Picture, cannot_tell_passes


@cannot_tell_passes
def coverage(shares: pd.DataFrame) -> Picture:
    """Which share of tickets has each field, by month, as a heat map."""
    ax = axes(0.24 * len(shares) + 1.6)
    sns.heatmap(
        shares, ax=ax, vmin=0, vmax=1, cmap=sns.light_palette(ACCENT, as_cmap=True), linewidths=0.5,
        yticklabels=True,
        cbar_kws={"label": "share of tickets", "format": PercentFormatter(1, decimals=0)},
    )  # fmt: skip
    ax.set(xlabel="month of creation", ylabel="")
    never = shares.index[(shares == 0).all(axis=1)]
    uneven = shares.index[(shares.max(axis=1) - shares.min(axis=1)) > 0.5]
    title(ax, f"{len(never)} of {len(shares)} fields are never filled; "
               f"{len(uneven)} change by more than half over time")  # fmt: skip
    return Picture(
        ax,
        f"Rows are fields of a ticket, columns months from {shares.columns[0]} to "
        f"{shares.columns[-1]}; dark is filled, white is empty. Never filled: "
        f"{', '.join(never) or 'none'}. Fields that change by more than half: "
        f"{', '.join(uneven) or 'none'}.",
    )


@cannot_tell_passes
def matched(by_month: pd.DataFrame, at_least: float) -> Picture:
    """The share of each month's tickets that find their customer, and the least that is needed."""
    ax = axes(2.8)
    ax.plot(by_month.index, by_month["share"], color=ACCENT, marker="o", ms=4)
    ax.axhline(at_least, color=WARN, lw=1, ls=":")
    step = max(1, len(by_month) // 12)
    ax.set_xticks(range(0, len(by_month), step), by_month.index[::step], rotation=45, ha="right")
    ax.set(ylim=(0, 1.03), ylabel="share of tickets")
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    short, low = by_month["share"] < at_least, by_month["share"].idxmin()
    title(ax, f"In {short.sum()} of {len(by_month)} months fewer than {at_least:.0%} of tickets "
               "find their customer")  # fmt: skip
    return Picture(
        ax,
        f"Share of each month's tickets that find their customer; the dotted line is the least "
        f"that is needed. The lowest is {by_month['share'][low]:.0%} "
        f"({by_month['matched'][low]:,} of {by_month['of'][low]:,} tickets) in {low}.",
    )


@cannot_tell_passes
def hours(by_quarter: pd.DataFrame) -> Picture:
    """At which hour of the day tickets are created, quarter by quarter, as a heat map."""
    ax = axes(0.28 * len(by_quarter) + 1.6)
    sns.heatmap(
        by_quarter, ax=ax, vmin=0, cmap=sns.light_palette(ACCENT, as_cmap=True),
        cbar_kws={"label": "share of the quarter's tickets", "format": PercentFormatter(1)},
    )  # fmt: skip
    ax.set(xlabel="hour of the day, on the clocks of the study's time zone", ylabel="")
    quiet = by_quarter.idxmin(axis=1)
    title(ax, f"The quietest hour was {quiet.iloc[0]} o'clock in {quiet.index[0]}, "
               f"{quiet.iloc[-1]} o'clock in {quiet.index[-1]}")  # fmt: skip
    said = ", ".join(f"{q} {h}" for q, h in quiet.items())
    return Picture(ax, f"Share of each quarter's tickets by hour. Quietest hour: {said}.")
