"""Sums over risk sets: who is at risk when, and what a Cox model's likelihood needs of them.

Every row is at risk for a slice lo:hi of its stratum's distinct event times, so a sum over all
risk sets is one cumulative sum of what enters at lo and leaves at hi. Efron's correction for d
events at one time is d steps, the j-th of which takes the share j/d of the events' own risk away.
Summed over rows instead of times, the second moments are X' diag(q) X with q the events expected
of a row, so only the sum of risks and the mean covariates are needed at each step.

Sources: Cox (1972), J. R. Stat. Soc. B 34; Efron (1977), J. Am. Stat. Assoc. 72; Therneau and
Grambsch (2000), Modeling Survival Data.
"""

from dataclasses import dataclass

import numpy as np

BLOCK = 8192  # rows whose covariates fit the processor's cache


@dataclass(frozen=True)
class State:
    """The likelihood and its derivatives at beta; S0, means (covariates by step) and hazard
    (weight / S0) hold an entry a step, risk one a row: its weight times exp(linear predictor)."""

    beta: np.ndarray
    risk: np.ndarray
    S0: np.ndarray
    means: np.ndarray
    hazard: np.ndarray
    loglik: float
    gradient: np.ndarray
    information: np.ndarray


@dataclass(frozen=True)
class RiskSets:
    """Rows that are ever at risk as slices of event times: what does not depend on beta."""

    kept: np.ndarray | slice  # places of these rows in the input; the others count for nothing
    X: np.ndarray  # covariates by rows, less centre
    centre: np.ndarray
    spread: np.ndarray  # from the least to the most of each covariate
    weights: np.ndarray
    offset: np.ndarray | float
    lo: np.ndarray
    hi: np.ndarray
    events: np.ndarray  # places of the rows with an event ...
    at: np.ndarray  # ... and the number of their event time
    days: np.ndarray  # one entry an event time: when ...
    stratum: np.ndarray  # ... in which stratum, and what share of all had left before
    gone: np.ndarray
    step: np.ndarray  # one entry an event: the number of its time ...
    share: np.ndarray  # ... Efron's j/d ...
    step_weight: np.ndarray  # ... and the mean weight of the events at that time

    def at_risk(self, values: np.ndarray) -> np.ndarray:
        """Sums of a value a row over the rows at risk at each event time."""
        bins = len(self.days) + 1
        leaving = np.bincount(self.hi, values, bins) - np.bincount(self.lo, values, bins)
        return np.cumsum(leaving[:0:-1])[::-1]  # from the end, where few are at risk

    def at_stake(self, values: np.ndarray) -> np.ndarray:
        """The same at each step, less the share that Efron takes from the events' own."""
        own = np.bincount(self.at, values[self.events], len(self.days))
        return self.at_risk(values)[self.step] - self.share * own[self.step]

    def over_life(self, values: np.ndarray) -> np.ndarray:
        """Sums of a value a step over the steps at which each row is at stake."""
        total = np.append(0, np.cumsum(self.at_times(values)))
        sums = total[self.hi]
        sums -= total[self.lo]
        sums[self.events] -= self.at_times(self.share * values)[self.at]
        return sums

    def at_times(self, values: np.ndarray) -> np.ndarray:
        """Sums of a value a step by event time."""
        return np.bincount(self.step, values, len(self.days))

    def information(self, risk, means, hazard, by: np.ndarray | float = 1.0) -> np.ndarray:
        """Variances of the covariates at stake, summed over the steps, each counted `by` times."""
        q = self.over_life(hazard * by)
        q *= risk
        second = np.zeros((len(means), len(means)))
        for a in range(0, len(q), BLOCK):
            block = self.X[:, a : a + BLOCK]
            second += (block * q[a : a + BLOCK]) @ block.T
        return second - (means * (self.step_weight * by)) @ means.T

    def evaluate(self, beta: np.ndarray) -> State:
        """Log partial likelihood, its gradient and minus its Hessian at beta."""
        eta = beta @ self.X + self.offset
        own = self.weights[self.events]
        loglik = own @ eta[self.events]
        risk = np.exp(eta, out=eta)
        risk *= self.weights
        S0 = self.at_stake(risk)
        product = np.empty_like(risk)
        means = np.stack([self.at_stake(np.multiply(risk, x, product)) for x in self.X]) / S0
        del product
        hazard = self.step_weight / S0
        gradient = self.X[:, self.events] @ own - means @ self.step_weight
        information = self.information(risk, means, hazard)
        loglik -= self.step_weight @ np.log(S0)
        return State(beta, risk, S0, means, hazard, float(loglik), gradient, information)


def risk_sets(columns: list, start, stop, event, stratum, weights, offset, ties) -> RiskSets:
    """The risk sets of rows given as arrays; stratum, weights and offset may be None.

    columns are functions that return a covariate, so that only one is held at a time.
    """
    lo, hi, *times = _slices(start, stop, event, stratum)
    days = times[0]
    seen = lo < hi
    kept = slice(None) if seen.mean() > 0.9 else np.flatnonzero(seen)  # few cost less than a copy
    lo, hi, events = lo[kept], hi[kept], np.flatnonzero(event[kept])
    X, centre, spread = np.empty((len(columns), len(lo))), *np.empty((2, len(columns)))
    for k, column in enumerate(columns):
        values = column()[kept]
        centre[k], spread[k] = values.mean(), np.ptp(values)
        np.subtract(values, centre[k], out=X[k])
    w = np.broadcast_to(1.0, len(lo)) if weights is None else weights[kept]
    at = hi[events] - 1
    died = np.bincount(at, minlength=len(days))
    step = np.repeat(np.arange(len(days)), died)
    place = np.arange(len(step)) - np.repeat(np.cumsum(died) - died, died)
    share = place / died[step] * (ties == "efron")
    step_weight = (np.bincount(at, w[events], len(days)) / died)[step]
    shift = 0.0 if offset is None else offset[kept]
    return RiskSets(
        kept, X, centre, spread, w, shift, lo, hi, events, at, *times, step, share, step_weight
    )


def _slices(start, stop, event, stratum):
    """lo and hi of each row; when and in which stratum each event time is, and who left before."""
    days, died = np.unique(stop[event], return_counts=True)
    hi = np.searchsorted(days, stop, "right")
    lo = np.append(0, hi[:-1])  # most rows begin where the row before ended
    new = np.append(True, start[1:] != stop[:-1])
    lo[new] = np.searchsorted(days, start[new], "right")
    bins = len(days) + 1
    present = np.cumsum((np.bincount(hi, minlength=bins) - np.bincount(lo, minlength=bins))[::-1])
    gone = 1 - np.append(1, np.cumprod(1 - died / present[-2::-1])[:-1])  # Kaplan-Meier
    if stratum is None:
        return lo, hi, days, np.zeros(len(days), int), gone
    lo, hi = stratum * bins + lo, stratum * bins + hi
    times = np.unique(hi[event])
    lo, hi = (np.searchsorted(times, key, "right") for key in (lo, hi))
    place = times % bins - 1
    return lo, hi, days[place], times // bins, gone[place]
