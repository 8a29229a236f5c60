"""The figure of what the silent might have said: the mean of all, whatever theirs is."""

import numpy as np
import pandas as pd

from cxresearch.pages.figures.style import ACCENT, INK, QUIET, WARN, axes, title
from cxresearch.study.answers import Picture, cannot_tell_passes


@cannot_tell_passes
def tipping(rows: pd.DataFrame, word: str, target: float, heading: str) -> Picture:
    """The mean of all against the mean assumed of the silent, a line with its 95% band for each
    population; the target is dotted, and dots show the silent taken as those who answered."""
    ax = axes(4.0)
    for (whom, of), colour in zip(rows.groupby("of whom", sort=False), (ACCENT, WARN), strict=True):
        of = of.sort_values("silent")
        ax.plot(of["silent"], of["mean"], color=colour, lw=2, label=whom)
        ax.fill_between(of["silent"], of["low"], of["high"], color=colour, alpha=0.15, lw=0)
        alike = of[of["the silent would say"].str.startswith("as ")]
        ax.scatter(alike["silent"], alike["mean"], color=colour, s=40, zorder=3)
        turns = of[of["the silent would say"].str.startswith("enough")]
        ax.scatter(turns["silent"], turns["mean"], marker="|", s=240, color=INK, zorder=4)
    if np.isfinite(target):
        ax.axhline(target, color=QUIET, lw=1.4, ls=":")
        ax.annotate(f" target {target:g}", (rows["silent"].min(), target), va="bottom",
                    color=INK, fontsize=9)  # fmt: skip
    ax.set(xlabel=f"if the silent averaged … ({word})", ylabel="… all would average")
    ax.legend(frameon=False, loc="lower right")
    title(ax, heading)
    turns = rows[rows["the silent would say"].str.startswith("enough")]
    told = "; ".join(f"{r['of whom']} at {r['silent']:.1f}, to “{r['verdict']}”"
                     for _, r in turns.iterrows()) or "nowhere"  # fmt: skip
    return Picture(ax, "Lines are the mean of all for each mean that the silent might have, bands "
                   "95% intervals; dots take the silent as those who answered or as alike "
                   f"customers, upright marks are where the verdict turns: {told}.")  # fmt: skip
