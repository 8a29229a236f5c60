"""Figures of surveys."""

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter

from cxresearch.pages.figures.style import ACCENT, INK, QUIET, WARN, axes, in_figure, title
from cxresearch.pages.figures.style import xlabel as name_x
from cxresearch.study.answers import Picture, cannot_tell_passes


@cannot_tell_passes
def survey_bounds(bounds: pd.DataFrame, word: str, target: float) -> Picture:
    """The score of those who answered beside what it can be of those who did not."""
    rows = bounds[::-1].reset_index(drop=True)
    ax, places = axes(0.5 * len(rows) + 1.6), np.arange(len(rows))
    ax.hlines(places, rows["low"], rows["high"], color=QUIET, lw=2)
    ax.hlines(places, rows["lowest"], rows["highest"], color=WARN, lw=9)
    heard = rows["lowest"] == rows["highest"]
    ax.scatter(rows["lowest"][heard], places[heard], color=ACCENT, s=60, zorder=3)
    if not np.isnan(target):
        ax.axvline(target, color=INK, lw=1, ls=":")
    ax.set_yticks(places, [in_figure(f"{r['of whom']} ({r['n']:,})") for _, r in rows.iterrows()])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlim((-102, 102) if rows["low"].min() < 0 else (-1, 101))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    name_x(ax, word)
    spoke, every = bounds.iloc[0], bounds.iloc[-1]
    unit = "%" if "percent" in word else ""
    title(ax, f"{spoke['lowest']:.0f}{unit} of those who answered; of all, anything from "
               f"{every['lowest']:.0f}{unit} to {every['highest']:.0f}{unit}")  # fmt: skip
    return Picture(
        ax,
        "The dot is the score of those who answered; thick bars run from every silent one at the "
        "bottom to every silent one at the top (Manski), thin lines add the 95% interval: "
        + "; ".join(f"{r['of whom']} {r['low']:.1f} to {r['high']:.1f}"
                    for _, r in bounds.iterrows()) + ".",
    )  # fmt: skip
