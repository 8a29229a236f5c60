"""The largest partial likelihood, of coefficients one by one or of some drawn together.

Partial pooling: a priori beta_k ~ Normal(mean, sd^2) over a named group, with a flat mean. sd
maximises the Laplace approximation of the restricted marginal partial likelihood, on [0, 3].

Sources: Ripatti and Palmgren (2000), Biometrics 56; Therneau, Grambsch and Pankratz (2003),
J. Comput. Graph. Stat. 12; Efron and Morris (1975), J. Am. Stat. Assoc. 70.
"""

from dataclasses import dataclass, replace

import numpy as np

from cxresearch.study.schema import InputError
from cxresearch.survival.risk_sets import RiskSets, State

SDS = np.array([1e-4, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.4, 2, 3])  # the first is 0


@dataclass(frozen=True)
class Prior:
    """Mean and standard deviation of the log hazard ratios of a group, as estimated."""

    names: list[str]
    mean: float
    sd: float


def penalty_matrix(names: list[str], group: list[str]) -> np.ndarray:
    """The penalty at sd 1: beta' D beta is the sum of squares of the group about its mean."""
    member = np.isin(names, group).astype(float)
    return np.diag(member) - np.outer(member, member) / max(len(group), 1)


def pool(sets: RiskSets, null: State, names: list[str], group: list[str]):
    """The fit at the best sd, its penalty and the prior; and for each of SDS the sd, the restricted
    log likelihood, the coefficients, their information and the penalty (shrinkage.posterior)."""
    from scipy.optimize import minimize_scalar

    D, near, grid = penalty_matrix(names, group), null, []

    def loglik(sd: float) -> float:
        nonlocal near
        near = newton(sets, near, names, D / sd**2)
        logdet = np.linalg.slogdet(near.information + D / sd**2)[1]
        return value(near, D / sd**2) - (len(group) - 1) * np.log(sd) - logdet / 2

    for sd in SDS[::-1]:  # from the loosest, whose coefficients are furthest from null
        grid.insert(0, (sd, loglik(sd), near.beta, near.information, D / sd**2))
    best = int(np.argmax([fit[1] for fit in grid]))
    bounds = SDS[max(best - 1, 0)], SDS[min(best + 1, len(SDS) - 1)]
    minimum = minimize_scalar(lambda sd: -loglik(sd), bounds=bounds, options={"xatol": 1e-4})
    sd = float(minimum.x if -minimum.fun > grid[best][1] else SDS[best])
    loglik(sd)
    mean = float(near.beta[np.isin(names, group)].mean())
    return near, D / sd**2, Prior(group, mean, sd * (sd > 1e-3)), grid


def newton(sets: RiskSets, at: State, names: list[str], penalty: np.ndarray) -> State:
    """Newton's method with step halving from `at`, less half of beta' penalty beta."""
    for _ in range(50):
        slope = at.gradient - penalty @ at.beta
        step = np.linalg.solve(at.information + penalty, slope)
        if step @ slope < 1e-18 * len(sets.events):
            return replace(at, beta=at.beta + step)
        if step @ slope < 1e-4 and (np.abs(step) * sets.spread).max() > 0.5:
            break  # next to nothing to gain, and no end in sight
        floor = value(at, penalty) - 1e-10 * abs(at.loglik)
        for share in 0.5 ** np.arange(30):
            with np.errstate(all="ignore"):  # a step too far overflows, and is halved
                new = sets.evaluate(at.beta + share * step)
            if value(new, penalty) >= floor and np.isfinite(new.information).all():
                break
        at = new
    raise InputError(_runs_away(sets, names, int((np.abs(step) * sets.spread).argmax())))


def value(at: State, penalty: np.ndarray) -> float:
    """The penalised log partial likelihood."""
    return at.loglik - at.beta @ penalty @ at.beta / 2


def _runs_away(sets: RiskSets, names: list[str], k: int) -> str:
    """Why covariate k has no finite coefficient, in rows and events."""
    values = np.round(sets.X[k] + sets.centre[k], 9)
    events, above = values[sets.events], values > values.min()
    where = dict.fromkeys(f"{value:g}" for value in (events.min(), events.max()))
    return (
        f"'{names[k]}' is {' to '.join(where)} at all {len(events):,} events; {above.sum():,} "
        f"episodes with {above[sets.events].sum():,} events lie above its least value. It parts "
        "those who left from those who stayed, so its hazard ratio has no finite estimate: leave "
        "it out, merge it with another, or name it in `pooled`."
    )
