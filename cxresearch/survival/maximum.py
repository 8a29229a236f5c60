"""The largest partial likelihood, of coefficients one by one or of some drawn together.

Partial pooling: the prior of a named group is that of two_parts. Each of its coefficients meets it
given the others, and the normal site that leaves it the same mean and variance takes its place in
the likelihood of all; both are repeated until nothing moves.

Sources: Efron and Morris (1975), J. Am. Stat. Assoc. 70; Minka (2001), Proc. UAI.
"""

from dataclasses import replace

import numpy as np

from cxresearch.study.schema import InputError
from cxresearch.survival.risk_sets import Partition, RiskSets, State
from cxresearch.survival.two_parts import Prior, moments

ROUNDS, STILL = 100, 1e-9


def penalty_matrix(names: list[str], group: list[str]) -> np.ndarray:
    """A unit penalty on each of the group."""
    return np.diag(np.isin(names, group).astype(float))


def pool(sets: RiskSets, null: State, names: list[str], group: list[str]):
    """The fit under the prior of the group, the penalty of its sites, and the prior; and how much
    wider than these sites allow each coefficient is known to be (variances)."""
    member = np.isin(names, group)
    at = newton(sets, null, names, 4 * penalty_matrix(names, group))
    for _ in range(ROUNDS):
        precision = np.maximum(np.diag(at.information)[member], 1e-9)
        b = at.beta[member] + at.gradient[member] / precision
        mean, variance, prior = moments(b, 1 / precision)
        site = np.maximum(1 / variance - precision, 0.0)
        P, pull = np.zeros(len(names)), np.zeros(len(names))
        P[member], pull[member] = site, mean * (precision + site) - precision * b
        posterior = at.information + np.diag(P)
        step = np.clip(np.linalg.solve(posterior, at.gradient + pull - P * at.beta), -1, 1)
        if np.abs(step).max() < STILL:
            break
        at = sets.evaluate(at.beta + step)
    else:
        raise InputError(f"{', '.join(group)} could not be drawn together: merge the rarest.")
    wider = np.zeros(len(names))
    wider[member] = variance - np.diag(np.linalg.inv(posterior))[member]
    return at, np.diag(P), Prior(group, *prior), np.maximum(wider, 0)


def newton(sets: RiskSets, at: State, names: list[str], penalty: np.ndarray) -> State:
    """Newton's method with step halving from `at`, less half of beta' penalty beta."""
    for _ in range(50):
        slope = at.gradient - penalty @ at.beta
        step = np.linalg.solve(at.information + penalty, slope)
        if step @ slope < 1e-18 * sets.events:
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

    def read(part: Partition) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        values = np.round(part.X[k] + sets.centre[k], 9)
        return *np.unique(values, return_counts=True), values[part.events]

    kinds, counts, at_events = map(np.concatenate, zip(*map(read, sets.parts), strict=True))
    least = kinds.min()
    where = dict.fromkeys(f"{value:g}" for value in (at_events.min(), at_events.max()))
    above, left = counts[kinds > least].sum(), (at_events > least).sum()
    return (
        f"'{names[k]}' is {' to '.join(where)} at all {sets.events:,} events; {above:,} "
        f"episodes with {left:,} events lie above its least value. It parts those who left from "
        "those who stayed, so its hazard ratio has no finite estimate: leave it out, merge it with "
        "another, or name it in `pooled`."
    )
