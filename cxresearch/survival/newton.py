"""The largest (penalised) partial likelihood; a covariate for which there is none is named."""

from dataclasses import replace

import numpy as np

from cxresearch.schema import InputError
from cxresearch.survival.risk_sets import RiskSets, State


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


def refuse_repeats(sets: RiskSets, names: list[str], information: np.ndarray) -> None:
    """InputError if a covariate does not vary among those at risk together, or repeats others."""
    scale = np.sqrt(np.maximum(np.diag(information), 0))
    for name, spread, seen in zip(names, sets.spread, scale, strict=True):
        if seen <= 1e-7 * spread * np.sqrt(len(sets.events)) or spread == 0:
            raise InputError(
                f"'{name}' has one value only among those at risk together "
                f"({sets.X.shape[1]:,} episodes), so its effect cannot be seen: leave it out."
            )
    alike = information / np.outer(scale, scale)
    for k in range(1, len(names)):
        fitted = np.linalg.lstsq(alike[:k, :k], alike[:k, k], rcond=None)[0]
        if alike[k, k] - alike[k, :k] @ fitted < 1e-10:
            said = ", ".join(n for n, part in zip(names, fitted, strict=False) if abs(part) > 1e-6)
            raise InputError(f"'{names[k]}' only repeats {said}: leave one of them out.")


def _runs_away(sets: RiskSets, names: list[str], k: int) -> str:
    """Why covariate k has no finite coefficient, in rows and events."""
    values = sets.X[k] + sets.centre[k]
    events = values[sets.events]
    low, high = np.round([events.min(), events.max()], 9)
    where = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    above = values > values.min()
    return (
        f"'{names[k]}' is {where} at all {len(events):,} events; {above.sum():,} episodes with "
        f"{above[sets.events].sum():,} events lie above its least value. It parts those who left "
        "from those who stayed, so its hazard ratio has no finite estimate: leave it out, merge "
        "it with another, or name it in `pooled`."
    )
