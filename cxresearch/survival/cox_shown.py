"""A fitted Cox model as a figure, as HTML, and what in it should make one careful."""

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


def forest(fit: CoxFit, ax: Axes | None = None) -> Axes:
    """Hazard ratios with their intervals; orange where the whole interval lies beside 1."""
    rows = fit.summary_frame()
    clear = side(rows["low"], rows["high"]) != "cannot tell"
    ax = drawing.axes(0.42 * len(rows) + 1.6, ax)
    drawing.ratio_axis(ax, rows["low"].min(), rows["high"].max())
    drawing.forest(ax, rows, rows.index, "hazard_ratio", clear=clear)
    drawing.xlabel(ax, "hazard ratio (log scale, 1 = no difference)")
    names = listed(rows.index[clear]) or "no covariate"
    drawing.title(ax, f"{fit.events:,} events: {names} with a clearly different rate")
    return ax


def described(fit: CoxFit) -> str:
    """Each hazard ratio with its interval."""
    rows = fit.summary_frame()
    ratios = each(rows.index, rows, "hazard_ratio", ".2f")
    return f"Dots are hazard ratios, bars their 95% intervals: {ratios}."


def as_table(fit: CoxFit) -> str:
    """The table of hazard ratios as HTML, with the events and rows that it rests on."""
    rows = fit.summary_frame()
    return as_html(rows, f"{fit.events:,} events in {len(fit.rows):,} rows.")


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
