"""Errors and intervals of estimates that are drawn together (two_parts).

Source: Armstrong, Kolesar and Plagborg-Moller (2022), Econometrica 90 (robust empirical Bayes).
"""

from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from cxresearch.study.intervals import z


def posterior(J: np.ndarray, cov: np.ndarray, penalty: np.ndarray, wider: np.ndarray):
    """Covariance of pooled coefficients: robust sampling variance (J is that of the gradient) and
    what the prior leaves open; nowhere below cov's. And the latter part of it, the squared bias of
    shrinking. wider are variances that the penalty cannot hold (maximum.pool).

    A group without events has next to no J: hence the floor.
    """
    bias = cov @ penalty @ cov + np.diag(wider)
    total = cov @ J @ cov + bias
    scale = np.sqrt(np.maximum((np.diag(cov) + wider) / np.diag(total), 1))
    return total * np.outer(scale, scale), bias


def widening(bias: np.ndarray, variance: np.ndarray, level: float = 0.95) -> np.ndarray:
    """How many times the usual width an interval needs to hold so often on average over its group.

    variance is the square of the error, and bias so much of it as is squared bias of shrinking: as
    if bias were normal. Of all distributions of that mean square the worst is taken: none for most,
    and a large one for some.
    """
    ratio = bias / np.maximum(variance - bias, 1e-12)
    return np.array([_widening(min(round(float(each), 3), 100.0), level) for each in ratio])


@lru_cache(maxsize=10_000)
def _widening(ratio: float, level: float) -> float:
    from scipy.optimize import brentq

    if ratio <= 0:
        return 1.0
    root = np.sqrt(ratio * np.geomspace(1, 1e5, 1000))

    def missed(width: float) -> float:
        never, often = 2 * ndtr(-width), ndtr(root - width) + ndtr(-root - width)
        return (never + ratio / root**2 * (often - never)).max()

    usual = z(level)
    most = usual + np.sqrt((1 + ratio) / (1 - level))  # Chebyshev's inequality is wider
    width = brentq(lambda width: missed(width) - (1 - level), usual, most)
    return width / (usual * np.sqrt(1 + ratio))
