"""Shares by group, beside the share of all: one verdict for the dots and their description."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.outcomes.hazards import told
from cxresearch.study import drawing
from cxresearch.study.results import Result
from cxresearch.study.words import each

DRAWN = 15  # rows


@dataclass(frozen=True, eq=False)
class GroupShares(Result):
    """Shares with 95% intervals, a row a group in the order of the figure: a column by the name of
    `by`, share, low, high, and verdict where rows are told from the rest.

    axis says what is counted among whom, heading is the title, and whole the share of all.
    """

    by: str
    axis: str
    heading: str = ""
    whole: float = np.nan

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """Shares with their intervals, orange where the verdict can tell; dotted, that of all."""
        rows = self._drawn()
        ax = drawing.axes(0.36 * max(len(rows), 1) + 1.6, ax)
        clear = told(rows) if "verdict" in rows else None
        drawing.forest(ax, rows, rows[self.by], "share", clear=clear, line=self.whole)
        ax.set_xlim(0, min(1.0, 1.15 * rows["high"].max()) if len(rows) else 1)
        drawing.percent(ax, decimals=None)
        drawing.xlabel(ax, self.axis)
        drawing.title(ax, self._title())
        return ax

    def described(self) -> str:
        """Each share with its interval, from the top."""
        rows = self._drawn()
        shares = each(rows[self.by], rows, "share") or "no row was watched so long"
        dots = f"Dots are shares, bars their 95% intervals: {drawing.in_figure(shares, 900)}."
        line = f" The dotted line is the share of all, {self.whole:.1%}."
        return dots + (line if np.isfinite(self.whole) else "")

    def _title(self) -> str:
        return self.heading

    def _drawn(self) -> pd.DataFrame:
        return self.frame[self.frame["share"].notna()].head(DRAWN)
