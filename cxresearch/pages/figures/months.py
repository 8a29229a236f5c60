"""Months beside each other: a month whose window is not over is drawn hollow."""

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator, PercentFormatter

from cxresearch.pages.figures.style import ACCENT, INK, QUIET, axes, in_figure, title
from cxresearch.study.answers import Picture, cannot_tell_passes


@cannot_tell_passes
def by_month(months: pd.DataFrame, what: str, heading: str) -> Picture:
    """Shares by month with 95% intervals: full where mature, hollow where the window is not over.

    months has month ("2024-01"), share, low, high and mature, and a target where there is one; a
    month without a share is named.
    """
    rows = months[months["share"].notna()].reset_index(drop=True)
    ax, places = axes(3.6), np.arange(len(rows))
    ripe = rows["mature"].to_numpy(bool)
    for kind, face, colour in ((ripe, ACCENT, ACCENT), (~ripe, "white", QUIET)):
        of = rows[kind]
        ax.vlines(places[kind], of["low"], of["high"], color=colour, lw=2, alpha=0.7,
                  ls="-" if face == ACCENT else ":")  # fmt: skip
        ax.scatter(places[kind], of["share"], s=40, facecolor=face, edgecolor=colour, zorder=3,
                   label="over for all" if face == ACCENT else "not over yet")  # fmt: skip
    if "target" in rows and rows["target"].notna().any():
        target = rows["target"].iloc[0]
        ax.axhline(target, color=INK, lw=1, ls=":")
        ax.annotate(" target", (1, target), xycoords=("axes fraction", "data"), va="center",
                    fontsize=9, color=INK)  # fmt: skip
    step = max(1, len(rows) // 12)
    ax.set_xticks(places[::step], rows["month"][::step], rotation=45, ha="right")
    top = rows["high"].where(rows["mature"], rows["share"]).max()  # a thin month is cut off
    top = max(top, *rows.get("target", pd.Series(0.0)).fillna(0)) if len(rows) else 1
    ax.set_ylim(0, min(1.02, max(1.1 * top, 0.01)))
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set(xlabel="month", ylabel=in_figure(what, 34))
    ax.legend(frameon=False, ncols=2, loc="upper right", bbox_to_anchor=(1, 1.14))
    title(ax, heading)
    return Picture(ax, _said(months, rows))


def _said(months: pd.DataFrame, rows: pd.DataFrame) -> str:
    ripe = rows[rows["mature"]].sort_values("share", kind="stable")
    ends = ripe.iloc[[0, -1]] if len(ripe) > 1 else ripe
    told = " to ".join(
        f"{r['share']:.1%} ({r['low']:.1%} to {r['high']:.1%}) in {r['month']}"
        for _, r in ends.iterrows()
    )
    young = ", ".join(months.loc[~months["mature"], "month"]) or "none"
    return (
        f"Dots are shares, bars their 95% intervals. Over for all tickets ({len(ripe)} months): "
        f"{told or 'none'}. Hollow or not drawn, because their window is not over: {young}."
    )
