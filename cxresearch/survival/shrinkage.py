"""Partial pooling: coefficients of one kind, drawn together as far as the data cannot part them.

A priori beta_k ~ Normal(mean, sd^2) over the named group, with a flat mean. sd maximises the
Laplace approximation of the restricted marginal partial likelihood, on [0, 3].

Sources: Ripatti and Palmgren (2000), Biometrics 56; Therneau, Grambsch and Pankratz (2003),
J. Comput. Graph. Stat. 12; Efron and Morris (1975), J. Am. Stat. Assoc. 70; Kass and Steffey
(1989), J. Am. Stat. Assoc. 84 (that sd is estimated, too).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from cxresearch.survival.newton import newton, value
from cxresearch.survival.risk_sets import RiskSets, State

SDS = np.array([1e-4, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.4, 2, 3])  # the first is 0


@dataclass(frozen=True)
class Prior:
    """Mean and standard deviation of the log hazard ratios of a group, as estimated."""

    names: list[str]
    mean: float
    sd: float


def differences(names: list[str], group: list[str]) -> np.ndarray:
    """The penalty at sd 1: beta' D beta is the sum of squares of the group about its mean."""
    member = np.isin(names, group).astype(float)
    return np.diag(member) - np.outer(member, member) / max(len(group), 1)


def pool(sets: RiskSets, null: State, names: list[str], group: list[str]):
    """The fit at the best sd, its penalty and that sd; and for each of SDS the restricted log
    likelihood, the coefficients, their information and the penalty."""
    D, near, grid = differences(names, group), null, []

    def loglik(sd: float) -> float:
        nonlocal near
        near = newton(sets, near, names, D / sd**2)
        logdet = np.linalg.slogdet(near.information + D / sd**2)[1]
        return value(near, D / sd**2) - (len(group) - 1) * np.log(sd) - logdet / 2

    for sd in SDS[::-1]:  # from the loosest, whose coefficients are furthest from null
        grid.insert(0, (loglik(sd), near.beta, near.information, D / sd**2))
    best = int(np.argmax([fit[0] for fit in grid]))
    bounds = SDS[max(best - 1, 0)], SDS[min(best + 1, len(SDS) - 1)]
    found = minimize_scalar(
        lambda sd: -loglik(sd), bounds=bounds, method="bounded", options={"xatol": 1e-4}
    )
    sd = float(found.x if -found.fun > grid[best][0] else SDS[best])
    loglik(sd)
    return near, D / sd**2, sd * (sd > 1e-3), grid


def posterior(grid, J: np.ndarray, beta: np.ndarray, cov: np.ndarray) -> np.ndarray:
    """Covariance about beta, averaged over the sd that the data allow; nowhere below cov's.

    At each sd it is the robust sampling variance (J is that of the gradient) plus the squared
    bias of shrinking, averaged over the prior. A group without events has next to no J: hence
    the floor, which is what the prior and the information alone leave open.
    """
    logliks = np.array([fit[0] for fit in grid])
    likely = np.exp(logliks - logliks.max()) * np.gradient(SDS)
    total = np.zeros_like(J)
    for share, (_, b, information, penalty) in zip(likely / likely.sum(), grid, strict=True):
        inverse = np.linalg.inv(information + penalty)
        total += share * (inverse @ (J + penalty) @ inverse + np.outer(b - beta, b - beta))
    wider = np.sqrt(np.maximum(np.diag(cov) / np.diag(total), 1))
    return total * np.outer(wider, wider)
