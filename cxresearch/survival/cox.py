"""Cox's proportional hazards model on (start, stop] rows, with Efron's ties and robust errors.

statsmodels' PHReg counts split rows twice and its cluster-robust errors are off on such rows, so
this one fit is our own. It agrees with R's survival::coxph (tests/reference).

Every row is at risk for a slice lo:hi of its stratum's distinct event times, so a sum over a risk
set is a cumulative sum of what enters at lo and leaves at hi. Efron's correction for d events at
one time is d steps, the j-th of which takes the share j/d of the events' own risk away.

Sources: Cox (1972), J. R. Stat. Soc. B 34; Efron (1977), J. Am. Stat. Assoc. 72; Lin and Wei
(1989), J. Am. Stat. Assoc. 84 (robust variance); Therneau and Grambsch (2000), Modeling Survival
Data.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from cxresearch.schema import InputError

MAX_STEPS = 40


@dataclass(frozen=True)
class CoxFit:
    """A fitted Cox model: log hazard ratios by covariate, with model-based and robust errors.

    robust_bse clusters by customer; loglik holds the log partial likelihood at 0 and at the fit.
    """

    params: pd.Series
    bse: pd.Series
    robust_bse: pd.Series
    loglik: tuple[float, float]
    rows: int
    events: int
    customers: int

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Lower and upper bounds of the log hazard ratios, from the robust errors."""
        width = norm.ppf(0.5 + level / 2) * self.robust_bse
        return pd.DataFrame({"low": self.params - width, "high": self.params + width})

    def summary_frame(self) -> pd.DataFrame:
        """A row a covariate: hazard_ratio, low, high (95%, robust) and p (Wald, two-sided)."""
        bounds = np.exp(self.conf_int())
        p = 2 * norm.sf((self.params / self.robust_bse).abs())
        return bounds.assign(hazard_ratio=np.exp(self.params), p=p)[
            ["hazard_ratio", "low", "high", "p"]
        ].rename_axis("covariate")


@dataclass(frozen=True)
class _RiskSets:
    """Rows as slices of event times: what stays the same from one Newton step to the next."""

    X: np.ndarray
    weights: np.ndarray
    event: np.ndarray
    lo: np.ndarray
    hi: np.ndarray
    at: np.ndarray  # for event rows, the number of their event time
    step_time: np.ndarray  # one entry an event: its event time ...
    step_share: np.ndarray  # ... and Efron's j/d
    step_weight: np.ndarray  # mean weight of the events at that time
    times: int

    def at_risk(self, values: np.ndarray) -> np.ndarray:
        """Sums of the rows' values over the rows at risk at each event time."""
        entering = _bin(self.lo, values, self.times + 1) - _bin(self.hi, values, self.times + 1)
        return np.cumsum(entering, axis=0)[:-1]

    def over_life(self, values: np.ndarray) -> np.ndarray:
        """For each row the sum of values by event time over its slice lo:hi."""
        total = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
        return total[self.hi] - total[self.lo]


def coxph(
    episodes: pd.DataFrame,
    covariates: list[str],
    *,
    ties: str = "efron",
    strata: list[str] | None = None,
    weights: str | None = None,
    cluster: str = "customer_id",
) -> CoxFit:
    """Log hazard ratios of covariates from rows with start, stop and event.

    A customer is at risk in (start, stop] of each row and censored where event is 0. Rows of one
    customer are one cluster of the robust errors. Raises InputError that names the covariate if a
    value is missing, a covariate does not vary or repeats others, or parts leavers from stayers.
    """
    if ties not in ("efron", "breslow"):
        raise InputError(f"ties is '{ties}'; it must be efron or breslow.")
    _refuse(episodes, covariates, strata or [])
    X = episodes[covariates].to_numpy(float)
    centre = X.mean(axis=0)
    risk = _risk_sets(episodes, X - centre, strata or [], weights, ties)
    beta, (loglik, null), information = _newton(risk, covariates)
    inverse = np.linalg.inv(information)
    clusters = pd.factorize(episodes[cluster])[0]
    score = _score_residuals(risk, beta) * risk.weights[:, None]
    influence = _bin(clusters, score, clusters.max() + 1) @ inverse
    named = {"index": covariates}
    return CoxFit(
        params=pd.Series(beta, **named),
        bse=pd.Series(np.sqrt(np.diag(inverse)), **named),
        robust_bse=pd.Series(np.sqrt((influence**2).sum(axis=0)), **named),
        loglik=(float(null), float(loglik)),
        rows=len(episodes),
        events=int(risk.event.sum()),
        customers=int(clusters.max() + 1),
    )


def _newton(risk: _RiskSets, names: list[str]):
    """Newton's method with step halving; beta, (loglik, loglik at 0) and the information."""
    beta = np.zeros(risk.X.shape[1])
    loglik, gradient, information = _derivatives(risk, beta)
    null = loglik
    for _ in range(MAX_STEPS):
        step = np.linalg.solve(information, gradient)
        if abs(step @ gradient) < 1e-16 * max(abs(loglik), 1):
            return beta, (loglik, null), information
        for _ in range(30):
            with np.errstate(all="ignore"):  # a step too far overflows, and is halved
                new = _derivatives(risk, beta + step)
            if np.isfinite(new[0]) and new[0] >= loglik - 1e-10 * abs(loglik):
                break
            step = step / 2
        beta, (loglik, gradient, information) = beta + step, new
        if np.abs(step).max() < 1e-10:
            return beta, (loglik, null), information
    worst = names[int(np.abs(beta * risk.X.std(axis=0)).argmax())]
    raise InputError(f"The Cox model does not settle: look at the covariate '{worst}'.")


def _derivatives(risk: _RiskSets, beta: np.ndarray):
    """Log partial likelihood, its gradient, and minus its Hessian."""
    eta, r, S0, M, a = _steps(risk, beta)
    expected = r * _per_row(risk, a, np.ones_like(a))
    own = risk.weights * risk.event
    loglik = own @ eta - risk.step_weight @ np.log(S0)
    second = (M * risk.step_weight[:, None]).T @ M
    return loglik, risk.X.T @ (own - expected), (risk.X.T * expected) @ risk.X - second


def _steps(risk: _RiskSets, beta: np.ndarray):
    """Risk of each row; at each step the risk at stake S0, the mean covariates M, and w / S0."""
    eta = risk.X @ beta
    r = risk.weights * np.exp(eta)
    events = risk.event.astype(bool)

    def at_stake(values: np.ndarray) -> np.ndarray:
        dying = _bin(risk.at, values[events], risk.times)
        share = risk.step_share.reshape(-1, *[1] * (values.ndim - 1))
        return risk.at_risk(values)[risk.step_time] - share * dying[risk.step_time]

    S0 = at_stake(r)
    M = at_stake(r[:, None] * risk.X) / S0[:, None]
    return eta, r, S0, M, risk.step_weight / S0


def _per_row(risk: _RiskSets, a: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum of a times values over the steps a row is at risk; less j/d of its own event's steps."""
    product = a.reshape(-1, *[1] * (values.ndim - 1)) * values
    share = risk.step_share.reshape(-1, *[1] * (values.ndim - 1))
    total = risk.over_life(_bin(risk.step_time, product, risk.times))
    total[risk.event.astype(bool)] -= _bin(risk.step_time, share * product, risk.times)[risk.at]
    return total


def _score_residuals(risk: _RiskSets, beta: np.ndarray) -> np.ndarray:
    """Rows by covariates: what each row adds to the gradient, per unit of weight."""
    eta, _, _, M, a = _steps(risk, beta)
    died = _bin(risk.step_time, np.ones(len(a)), risk.times)
    mean = _bin(risk.step_time, M, risk.times) / died[:, None]
    expected = risk.X * _per_row(risk, a, np.ones_like(a))[:, None] - _per_row(risk, a, M)
    score = -np.exp(eta)[:, None] * expected
    events = risk.event.astype(bool)
    score[events] += risk.X[events] - mean[risk.at]
    return score


def _risk_sets(episodes, X, strata, weights, ties) -> _RiskSets:
    start, stop = episodes["start"].to_numpy(float), episodes["stop"].to_numpy(float)
    event = episodes["event"].to_numpy(int)
    w = episodes[weights].to_numpy(float) if weights else np.ones(len(episodes))
    stratum = episodes.groupby(strata, sort=False).ngroup().to_numpy() if strata else start * 0
    lo, hi = np.zeros(len(start), int), np.zeros(len(start), int)
    times = 0
    for rows in pd.Series(range(len(start))).groupby(stratum).indices.values():
        events = np.unique(stop[rows][event[rows] == 1])
        lo[rows] = times + np.searchsorted(events, start[rows], "right")
        hi[rows] = times + np.searchsorted(events, stop[rows], "right")
        times += len(events)
    at = hi[event == 1] - 1
    died = np.bincount(at, minlength=times)
    step_time = np.repeat(np.arange(times), died)
    first = np.concatenate([[0], np.cumsum(died)[:-1]])
    share = (np.arange(len(step_time)) - first[step_time]) / died[step_time]
    mean_weight = np.bincount(at, w[event == 1], times) / died
    return _RiskSets(
        X, w, event, lo, hi, at, step_time,
        share if ties == "efron" else share * 0, mean_weight[step_time], times,
    )  # fmt: skip


def _refuse(episodes: pd.DataFrame, covariates: list[str], strata: list[str]) -> None:
    for name in [*covariates, *strata, "start", "stop", "event"]:
        missing = int(episodes[name].isna().sum())
        if missing:
            raise InputError(f"'{name}' is missing in {missing:,} of {len(episodes):,} episodes.")
    if not (episodes["start"] < episodes["stop"]).all():
        raise InputError("An episode must start before it stops: drop or mend the empty ones.")
    died = episodes["event"] == 1
    if not died.any():
        raise InputError("Nobody left while at risk: there is no event to model.")
    for name in covariates:
        values = episodes[name].astype(float)
        if values.nunique() < 2:
            raise InputError(f"'{name}' has one value only, so its effect cannot be seen.")
        ends = values[died]
        if ends.nunique() == 1 and ends.iloc[0] in (values.min(), values.max()):
            raise InputError(
                f"'{name}' is {ends.iloc[0]:g} at all {len(ends):,} events: it parts those who "
                "left from those who stayed, so its hazard ratio has no finite estimate."
            )
    X = episodes[covariates].to_numpy(float)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    for k in range(1, X.shape[1]):
        rest = X[:, k] - X[:, :k] @ np.linalg.lstsq(X[:, :k], X[:, k], rcond=None)[0]
        if rest.std() < 1e-7:
            raise InputError(f"'{covariates[k]}' only repeats {', '.join(covariates[:k])}.")


def _bin(index: np.ndarray, values: np.ndarray, length: int) -> np.ndarray:
    if values.ndim == 1:
        return np.bincount(index, values, length)
    return np.column_stack([np.bincount(index, column, length) for column in values.T])
