"""Rates of events on time at risk, and time split into bands."""

from itertools import pairwise

import numpy as np
import pandas as pd

from cxresearch.study.schema import InputError
from cxresearch.survival.design import refuse_missing


def person_time(
    episodes: pd.DataFrame, by: list[str], cut: list[float] | None = None
) -> pd.DataFrame:
    """Cells of by, and of band (0-30, 30+ ...) if cut names days to split at: days at risk, events,
    customers. episodes has customer_id, start, stop (at risk in between) and event."""
    refuse_missing(episodes, ["customer_id", *by])
    rows = _split(episodes, cut or [], pd.Series(0.0, episodes.index), "band")
    cells = rows.eval("days = stop - start").groupby([*by, *(["band"] if cut else [])])
    sums = {"days": ("days", "sum"), "events": ("event", "sum")}
    return cells.agg(**sums, customers=("customer_id", "nunique")).reset_index()


def poisson_hazard(cells: pd.DataFrame, covariates: list[str]) -> pd.DataFrame:
    """Ratios of the rate in cells of person_time to that in a covariate's first level (of text) or
    per unit (of numbers): covariate, rate_ratio, se (of its log), low, high (95%), p.

    InputError where no events at some level leave a ratio without bound.
    """
    import statsmodels.api as sm

    refuse_missing(cells, ["events", "days", *covariates])
    levels = pd.get_dummies(cells[covariates], drop_first=True, dtype=float)
    levels, offset = levels.loc[:, levels.any()].assign(const=1.0), np.log(cells["days"])
    fit = sm.GLM(cells["events"], levels, sm.families.Poisson(), offset=offset).fit(tol=1e-12)
    if fit.bse.max() > 100:
        raise InputError(f"'{fit.bse.idxmax()}' has a level without events; merge it with another.")
    ratios = np.exp(fit.conf_int()).set_axis(["low", "high"], axis=1)
    ratios = ratios.assign(rate_ratio=np.exp(fit.params), se=fit.bse, p=fit.pvalues).drop("const")
    return ratios[["rate_ratio", "se", "low", "high", "p"]].rename_axis("covariate")


def since_exposure(episodes: pd.DataFrame, marker: str, cut: list[float]) -> pd.DataFrame:
    """episodes split at days since an exposure ended, to see whether harm fades: with since (none,
    0-30, 30+ ...) and a 0/1 column a band (since 0-30) for coxph, "none" the level to leave out.

    marker is the day on which the latest exposure ended, as known in that row; null: none has.
    """
    never = np.finfo(float).max
    rows = _split(episodes, [0, *cut], episodes[marker].fillna(never), "since")
    return rows.join(pd.get_dummies(rows["since"], prefix="since", prefix_sep=" ", dtype=float))


def _split(episodes: pd.DataFrame, cut: list[float], origin: pd.Series, name: str) -> pd.DataFrame:
    """Rows cut at days after each row's origin, the event in the last piece; name has the band."""
    refuse_missing(episodes, ["start", "stop", "event"])
    edges, origin = np.r_[-np.inf, cut, np.inf], origin.to_numpy()[:, None]
    start = np.maximum(episodes["start"].to_numpy()[:, None], origin + edges[:-1])
    stop = np.minimum(episodes["stop"].to_numpy()[:, None], origin + edges[1:])
    row, band = np.nonzero(start < stop)
    pieces, at = episodes.iloc[row].reset_index(drop=True), stop[row, band]
    named = [f"{max(a, 0):g}-{b:g}".replace("-inf", "+") for a, b in pairwise(edges)]
    labels = pd.Categorical.from_codes(band, ["none" if n == "0-0" else n for n in named], True)
    event = pieces["event"] * (at == pieces["stop"])
    return pieces.assign(start=start[row, band], stop=at, event=event, **{name: labels})
