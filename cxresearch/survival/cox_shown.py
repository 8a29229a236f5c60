"""A fitted hazard model as a figure, as HTML, and what in it should make one careful."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.study import drawing
from cxresearch.study.answers import cannot_tell_passes
from cxresearch.study.tables import as_html
from cxresearch.study.words import each, listed, side

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cxresearch.survival.cox import CoxFit


class Shown:
    """A fit that draws and shows its summary_frame, with its events and rows."""

    @property
    def bse(self) -> pd.Series:
        """Standard errors from the information (posterior ones, if pooled)."""
        return pd.Series(np.sqrt(np.diag(self.cov)), self.cov.index)

    def plot(self, ax: Axes | None = None) -> Axes:
        """A forest of the hazard ratios, on axes of one's own, if given; orange where the whole
        interval lies beside 1."""
        rows = self.summary_frame()
        clear = side(rows["low"], rows["high"]) != "cannot tell"
        ax = drawing.axes(0.42 * len(rows) + 1.6, ax)
        drawing.ratio_axis(ax, rows["low"].min(), rows["high"].max())
        drawing.forest(ax, rows, rows.index, "hazard_ratio", clear=clear)
        drawing.xlabel(ax, "hazard ratio (log scale, 1 = no difference)")
        names = listed(rows.index[clear]) or "no covariate"
        drawing.title(ax, f"{self.events:,} events: {names} with a clearly different rate")
        return ax

    def table(self) -> pd.DataFrame:
        """summary_frame, for a page."""
        return self.summary_frame()

    def described(self) -> str:
        """What can be seen in the forest, in words."""
        rows = self.summary_frame()
        ratios = each(rows.index, rows, "hazard_ratio", ".2f")
        return f"Dots are hazard ratios, bars their 95% intervals: {ratios}."

    def _repr_html_(self) -> str:
        rows = f"{self.events:,} events in {self.rows:,} rows."
        return as_html(self.summary_frame(), rows)


@cannot_tell_passes
def fit_checks(fit: CoxFit) -> pd.DataFrame:
    """By covariate: chisq and p of proportional hazards (cox_zph), the cluster that moves the log
    hazard ratio most, and by how many of its standard errors."""
    test = fit.cox_zph().drop("GLOBAL")
    moved = fit.moved_by_cluster() / fit.robust_bse
    return pd.DataFrame(
        {
            "chisq": test["chisq"],
            "p": test["p"],
            "most influential": moved.abs().idxmax(),
            "moves by errors": moved.apply(lambda by: by.iloc[int(np.argmax(by.abs()))]),
        }
    ).rename_axis("covariate")
