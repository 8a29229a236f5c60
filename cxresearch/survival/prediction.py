"""Hazard and survival that a fitted Cox model foretells.

Sources: Breslow (1972) and Efron (1977), as in Therneau and Grambsch (2000), chapter 10.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from cxresearch.schema import InputError
from cxresearch.survival.risk_sets import RiskSets, State


def baseline(sets: RiskSets, at: State, strata: pd.DataFrame) -> pd.DataFrame:
    """The hazard at each event time of a customer whose covariates are all 0."""
    hazard = sets.at_times(at.hazard) * np.exp(-at.beta @ sets.centre)
    found = pd.DataFrame({"time": sets.days, "hazard": hazard})
    found["cumulative_hazard"] = found.groupby(sets.stratum)["hazard"].cumsum()
    return pd.concat([strata.iloc[sets.stratum].reset_index(drop=True), found], axis=1)


def survival(sets: RiskSets, at: State, cov, path, stratum, X, level: float) -> pd.DataFrame:
    """Survival at the event times of a path whose rows have a stratum's number and covariates X."""
    start, stop = (path[name].to_numpy(float)[:, None] for name in ("start", "stop"))
    if (start >= stop).any() or (start[1:] != stop[:-1]).any():
        raise InputError("The rows of a path must follow each other: each starts where one stops.")
    row, k = np.nonzero(
        (start < sets.days) & (sets.days <= stop) & (stratum[:, None] == sets.stratum)
    )
    away = X[row] - sets.centre
    ratio = np.exp(away @ at.beta)
    hazard, noise = sets.at_times(at.hazard), sets.at_times(at.hazard / at.S0)
    means = np.stack([sets.at_times(at.hazard * mean) for mean in at.means], axis=1)
    total = np.cumsum(ratio * hazard[k])
    slope = np.cumsum(ratio[:, None] * (away * hazard[k, None] - means[k]), axis=0)
    variance = np.cumsum(ratio**2 * noise[k]) + np.einsum("ij,jk,ik->i", slope, cov, slope)
    width = norm.ppf(0.5 + level / 2) * np.sqrt(variance)
    found = {"survival": -total, "low": -total - width, "high": np.minimum(-total + width, 0)}
    return pd.DataFrame({"time": sets.days[k]} | {n: np.exp(v) for n, v in found.items()})
