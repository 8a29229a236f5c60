"""The prior of a group of log hazard ratios: some causes do nothing, the others something.

A priori a coefficient is nothing (normal about 0 with sd NOTHING) or, with chance share, normal
with mean and sd. All three are averaged over a grid, each point by how likely it makes the
estimates. Beside two bad causes the harmless are drawn to nothing, and the bad ones hardly at all;
under one normal prior the harmless would borrow harm, and the bad would lose it. Something is
harm: a group that protects on the whole is told too near to nothing.

Sources: Stephens (2017), Biostatistics 18 (adaptive shrinkage); Minka (2001), Proc. UAI (a prior of
any shape as a normal site of the same moments).
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

NOTHING = 0.05
SHARES, MEANS, SDS = (0.05, 0.2, 0.4, 0.6, 0.8, 0.95), (0.0, 0.3, 0.6, 0.9), (0.2, 0.4, 0.7, 1.1)
GRID = np.array(list(product(SHARES, MEANS, SDS)))


@dataclass(frozen=True)
class Prior:
    """The share of a group that does anything, and the mean and sd of these log hazard ratios, each
    averaged over what the data allow."""

    names: list[str]
    share: float
    mean: float
    sd: float


def moments(estimate: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray, list]:
    """Posterior mean and variance of each coefficient from its estimate and sampling variance, and
    the averages of share, mean and sd."""
    share, mean, sd = (of[:, None, None] for of in GRID.T)
    centre = np.concatenate([0 * mean, mean], axis=2)  # grid, coefficients, parts
    own = np.concatenate([0 * sd + NOTHING**2, sd**2], axis=2)
    chance = np.concatenate([1 - share, share], axis=2)
    b, noise = estimate[None, :, None], variance[None, :, None]
    log = np.log(chance) - (b - centre) ** 2 / (2 * (own + noise)) - np.log(own + noise) / 2
    part = np.exp(log - log.max(axis=2, keepdims=True))
    likely = (np.log(part.sum(axis=2)) + log.max(axis=2)).sum(axis=1)
    weight = np.exp(likely - likely.max())
    weight /= weight.sum()
    part *= (weight[:, None] / part.sum(axis=2))[:, :, None]
    middle, width = (b * own + centre * noise) / (own + noise), own * noise / (own + noise)
    posterior = (part * middle).sum(axis=(0, 2))
    spread = (part * (width + (middle - posterior[None, :, None]) ** 2)).sum(axis=(0, 2))
    return posterior, spread, list(weight @ GRID)
