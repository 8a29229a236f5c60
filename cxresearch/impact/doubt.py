"""How sure a saving is, by the delta method.

Source: Lin and Wei (1989), J. Am. Stat. Assoc. 84 (influence of a customer on a Cox model).
"""

import numpy as np
import pandas as pd

from cxresearch.study.intervals import normal
from cxresearch.survival import CoxFit
from cxresearch.survival.shrinkage import widening


def covariance(fit: CoxFit, rows: pd.DataFrame, slope: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Covariance of numbers that depend on the log hazard ratios by slope (numbers by ratios) and,
    at given ratios, on each row by own (rows by numbers).

    Rows of one customer are added up, so that they may be alike. Of a pooled fit, what its prior
    adds to the sampling error is added here too, and all is widened as its intervals are, so that
    1.96 of these errors hold 95% on average over causes (shrinkage.widening).
    """
    who, known = pd.factorize(rows["customer_id"])
    one = fit.moved_by_cluster().loc[known].to_numpy()
    together = summed(who, own) + one @ slope.T
    prior = fit.robust_cov.to_numpy() - one.T @ one
    usual = together.T @ together + slope @ prior @ slope.T
    bias = np.einsum("ij,jk,ik->i", slope, fit.shrinking.to_numpy(), slope)
    wider = widening(bias, np.diag(usual))
    return usual * np.outer(wider, wider)


def summed(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sums of the rows of values by code."""
    return np.stack([np.bincount(codes, column) for column in values.T], axis=1)


def delta_interval(estimate: np.ndarray, cov: np.ndarray) -> dict[str, np.ndarray]:
    """low and high (95%) by the delta method."""
    low, high = normal(estimate, np.sqrt(np.maximum(np.diag(cov), 0)))
    return {"low": low, "high": high}
