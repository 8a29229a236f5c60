"""Sums over risk sets: who is at risk when, and what a Cox model's likelihood needs of them.

Every row is at risk for a slice lo:hi of its stratum's distinct event times, so a sum over all
risk sets is one cumulative sum of what enters at lo and leaves at hi. Efron's correction for d
events at one time is d steps, the j-th of which takes the share j/d of the events' own risk away.
Summed over rows instead of times, the second moments are X' diag(q) X with q the events expected
of a row, so only the sum of risks and the mean covariates are needed at each step.

All are sums over rows, so rows may come in partitions, each read anew whenever it is needed: what
is held of all is an entry an event time. One frame is one partition that stays.

Sources: Cox (1972), J. R. Stat. Soc. B 34; Efron (1977), J. Am. Stat. Assoc. 72; Therneau and
Grambsch (2000), Modeling Survival Data.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

BLOCK = 8192  # rows whose covariates fit the processor's cache


@dataclass(frozen=True)
class State:
    """The likelihood and its derivatives near beta, at the coefficients that its sums were taken
    at; S0, means (covariates by step) and hazard (weight / S0) hold an entry a step."""

    beta: np.ndarray
    near: np.ndarray
    S0: np.ndarray
    means: np.ndarray
    hazard: np.ndarray
    loglik: float
    gradient: np.ndarray
    information: np.ndarray


@dataclass(frozen=True)
class EventTimes:
    """When somebody left, stratum by stratum: what all partitions share."""

    calendar: np.ndarray  # the distinct days of all strata, and how many left on each
    died: np.ndarray
    keys: np.ndarray  # one entry an event time: its stratum and day as one number ...
    days: np.ndarray  # ... when ...
    stratum: np.ndarray  # ... and in which stratum
    at: np.ndarray  # one entry an event, in the order of rows: the number of its time
    step: np.ndarray  # one entry an event, in the order of time: the number of its time ...
    share: np.ndarray  # ... Efron's j/d ...
    step_weight: np.ndarray  # ... and the mean weight of the events at that time

    def at_times(self, values: np.ndarray) -> np.ndarray:
        """Sums of a value a step by event time."""
        return np.bincount(self.step, values, len(self.days))

    def slices(self, start, stop, stratum) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """lo and hi of each row; and how many more are at risk on each day of the calendar than on
        the one after, whatever their stratum. stratum may be None."""
        hi = np.searchsorted(self.calendar, stop, "right")
        lo = np.append(0, hi[:-1])  # most rows begin where the row before ended
        new = np.append(True, start[1:] != stop[:-1])
        lo[new] = np.searchsorted(self.calendar, start[new], "right")
        bins = len(self.calendar) + 1
        last = np.bincount(hi, minlength=bins) - np.bincount(lo, minlength=bins)
        if stratum is not None:
            lo, hi = stratum * bins + lo, stratum * bins + hi
            lo, hi = (np.searchsorted(self.keys, key, "right") for key in (lo, hi))
        return lo, hi, last

    def gone(self, last: np.ndarray) -> np.ndarray:
        """The share of all who had left before each event time (Kaplan-Meier), from the third of
        slices over all rows."""
        present = np.cumsum(last[::-1])[-2::-1]
        gone = 1 - np.append(1, np.cumprod(1 - self.died / present)[:-1])
        return gone[self.keys % (len(self.calendar) + 1) - 1]


@dataclass(frozen=True)
class Partition:
    """Rows of whole clusters as slices of event times: what does not depend on beta."""

    names: list[str]  # of the covariates
    rows: pd.Index  # of the input ...
    kept: np.ndarray | slice  # ... and the places of those ever at risk; others count for nothing
    who: pd.Index  # the clusters ...
    codes: np.ndarray  # ... and which of them each row ever at risk is of
    X: np.ndarray  # covariates by rows, less RiskSets.centre
    weights: np.ndarray
    offset: np.ndarray | float
    lo: np.ndarray
    hi: np.ndarray
    events: np.ndarray  # places of the rows with an event ...
    at: np.ndarray  # ... and the number of their event time
    last: np.ndarray  # see EventTimes.slices
    times: EventTimes

    def eta(self, beta: np.ndarray) -> np.ndarray:
        """The linear predictor of each row."""
        return beta @ self.X + self.offset

    def risk(self, eta: np.ndarray) -> np.ndarray:
        """Weight times exp(linear predictor) of each row, in the place of eta."""
        risk = np.exp(eta, out=eta)
        risk *= self.weights
        return risk

    def at_risk(self, values: np.ndarray) -> np.ndarray:
        """Sums of a value a row over the rows at risk at each event time."""
        bins = len(self.times.days) + 1
        leaving = np.bincount(self.hi, values, bins) - np.bincount(self.lo, values, bins)
        return np.cumsum(leaving[:0:-1])[::-1]  # from the end, where few are at risk

    def at_stake(self, values: np.ndarray) -> np.ndarray:
        """The same at each step, less the share that Efron takes from the events' own."""
        times = self.times
        own = np.bincount(self.at, values[self.events], len(times.days))
        return self.at_risk(values)[times.step] - times.share * own[times.step]

    def over_life(self, values: np.ndarray) -> np.ndarray:
        """Sums of a value a step over the steps at which each row is at stake."""
        times = self.times
        total = np.append(0, np.cumsum(times.at_times(values)))
        sums = total[self.hi]
        sums -= total[self.lo]
        sums[self.events] -= times.at_times(times.share * values)[self.at]
        return sums

    def sums(self, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """What it adds to the log likelihood and the gradient by its events, to S0 and to S1."""
        eta, own = self.eta(beta), self.weights[self.events]
        loglik, risk = own @ eta[self.events], self.risk(eta)
        product = np.empty_like(risk)
        S1 = np.stack([self.at_stake(np.multiply(risk, x, product)) for x in self.X])
        return loglik, self.X[:, self.events] @ own, self.at_stake(risk), S1

    def second(self, beta: np.ndarray, hazard: np.ndarray) -> np.ndarray:
        """Second moments of the covariates, summed over steps by hazard."""
        q = self.over_life(hazard)
        q *= self.risk(self.eta(beta))
        second = np.zeros((len(self.X), len(self.X)))
        for a in range(0, len(q), BLOCK):
            block = self.X[:, a : a + BLOCK]
            second += (block * q[a : a + BLOCK]) @ block.T
        return second


@dataclass(frozen=True)
class RiskSets:
    """Partitions, which can be gone through again and again, and what is known of all of them."""

    times: EventTimes
    parts: Iterable[Partition]
    gone: np.ndarray  # what share of all had left before each event time
    centre: np.ndarray
    spread: np.ndarray  # from the least to the most of each covariate
    rows: int
    size: int  # how many of them are ever at risk

    @property
    def events(self) -> int:
        """How many left while at risk."""
        return len(self.times.at)

    def information(self, near, means, hazard, by: np.ndarray | float = 1.0) -> np.ndarray:
        """Variances of the covariates at stake, summed over the steps, each counted `by` times."""
        second = sum(map(lambda part: part.second(near, hazard * by), self.parts))
        return second - (means * (self.times.step_weight * by)) @ means.T

    def evaluate(self, beta: np.ndarray) -> State:
        """Log partial likelihood, its gradient and minus its Hessian at beta."""
        weight = self.times.step_weight
        loglik, gradient, S0, S1 = 0.0, 0.0, 0.0, 0.0
        for of in map(lambda part: part.sums(beta), self.parts):
            loglik, gradient, S0, S1 = loglik + of[0], gradient + of[1], S0 + of[2], S1 + of[3]
        means = S1 / S0
        hazard = weight / S0
        gradient = gradient - means @ weight
        information = self.information(beta, means, hazard)
        loglik -= weight @ np.log(S0)
        return State(beta, beta, S0, means, hazard, float(loglik), gradient, information)


def event_times(stop, stratum, weights, ties: str) -> EventTimes:
    """The event times of events given as arrays; stratum may be None."""
    calendar, died = np.unique(stop, return_counts=True)
    key = np.searchsorted(calendar, stop, "right")
    key += 0 if stratum is None else stratum * (len(calendar) + 1)
    keys, at, left = np.unique(key, return_inverse=True, return_counts=True)
    step = np.repeat(np.arange(len(keys)), left)
    place = np.arange(len(step)) - np.repeat(np.cumsum(left) - left, left)
    share = place / left[step] * (ties == "efron")
    step_weight = (np.bincount(at, weights, len(keys)) / left)[step]
    in_stratum, day = np.divmod(keys, len(calendar) + 1)
    days = calendar[day - 1]
    return EventTimes(calendar, died, keys, days, in_stratum, at, step, share, step_weight)
