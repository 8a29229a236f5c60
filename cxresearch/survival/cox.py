"""Cox's proportional hazards model on (start, stop] rows, with Efron's ties and robust errors.

statsmodels' PHReg counts split rows twice and its cluster-robust errors are off on such rows, so
this one fit is our own; it equals R's survival::coxph (tests/reference). Sources: Lin and Wei
(1989), J. Am. Stat. Assoc. 84 (robust variance); those of the rooms beside it.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr

from cxresearch.study.answers import cannot_tell_passes
from cxresearch.study.intervals import z
from cxresearch.study.schema import InputError
from cxresearch.survival import cox_shown, fitted, maximum
from cxresearch.survival.design import refuse_missing, refuse_repeats
from cxresearch.survival.partitions import Frames, Reading, risk_sets
from cxresearch.survival.risk_sets import Partition, RiskSets, State
from cxresearch.survival.shrinkage import posterior, widening
from cxresearch.survival.two_parts import Prior


@dataclass(frozen=True)
class CoxFit(cox_shown.Shown):
    """A fitted Cox model: log hazard ratios by covariate, with model-based and robust covariance.

    loglik is the log partial likelihood at 0 and at the fit, score_test the chi-squared of all
    coefficients being 0. If some were pooled, prior says how, params are posterior means and cov is
    their posterior covariance; robust_cov is never the narrower.
    """

    params: pd.Series
    cov: pd.DataFrame
    loglik: tuple[float, float]
    score_test: float
    prior: Prior | None
    rows: int
    _sets: RiskSets = field(repr=False)
    _at: State = field(repr=False)
    _strata: pd.DataFrame = field(repr=False)
    _pooled: tuple[np.ndarray, np.ndarray] = field(repr=False)

    @property
    def robust_cov(self) -> pd.DataFrame:
        """Covariance that allows for rows of one cluster being alike (Lin and Wei's sandwich)."""
        return self._uncertain[0]

    @property
    def shrinking(self) -> pd.DataFrame:
        """The part of robust_cov that is squared bias, expected from the prior; 0 if none."""
        return self._uncertain[1]

    @cached_property
    def _uncertain(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        J = fitted.clustered(self._sets, self._at)
        V = self.cov.to_numpy()
        if self.prior is None:
            covariances = V @ J @ V + np.diag(self._pooled[1]), 0 * V
        else:
            covariances = posterior(J, V, *self._pooled)
        return tuple(pd.DataFrame(of, self.cov.index, self.cov.index) for of in covariances)

    def doubted(self, variances: pd.Series) -> "CoxFit":
        """The same fit with these variances of log hazard ratios, by covariate, added to what its
        robust errors hold: of what else is not known of a covariate."""
        penalty, wider = self._pooled
        more = variances.reindex(self.params.index).fillna(0.0).to_numpy(float)
        return replace(self, _pooled=(penalty, wider + more))

    @property
    def robust_bse(self) -> pd.Series:
        """Standard errors that allow for rows of one cluster being alike."""
        return pd.Series(np.sqrt(np.diag(self.robust_cov)), self.cov.index)

    def conf_int(self, level: float = 0.95, *, cautious: bool = False) -> pd.DataFrame:
        """Lower and upper bounds of the log hazard ratios, from the robust errors; cautious, from
        the larger of these and the model's own. Of pooled ones so many hold on average over the
        group, whatever the distribution of its ratios (shrinkage.widening)."""
        width = z(level) * self._errors(cautious)
        width *= widening(np.diag(self.shrinking), np.diag(self.robust_cov), level)
        return pd.DataFrame({"low": self.params - width, "high": self.params + width})

    def summary_frame(self, *, cautious: bool = False) -> pd.DataFrame:
        """A row a covariate: hazard_ratio, low, high (95%, as conf_int) and p (Wald, two-sided,
        from the same errors)."""
        p = 2 * ndtr(-(self.params / self._errors(cautious)).abs())
        limits = self.conf_int(cautious=cautious)
        ratios = np.exp(limits.assign(hazard_ratio=self.params)).assign(p=p)
        return ratios[["hazard_ratio", "low", "high", "p"]].rename_axis("covariate")

    @property
    def events(self) -> int:
        """How many left while at risk."""
        return self._sets.events

    def check(self) -> pd.DataFrame:
        """What should make one careful, by covariate: does its effect change with time (cox_zph),
        and which customer moves it most (see cox_shown.fit_checks)."""
        return cox_shown.fit_checks(self)

    def moved_by_cluster(self) -> pd.DataFrame:
        """How much each cluster, such as a customer, moves each log hazard ratio (dfbeta)."""
        return self._moved

    @cached_property
    def _moved(self) -> pd.DataFrame:
        def added(part: Partition) -> pd.DataFrame:
            scores = (part.weights * of for of in fitted.scores(part, self._at))
            total = [np.bincount(part.codes, of, len(part.who)) for of in scores]
            moved = np.stack(total, axis=1) @ self.cov.to_numpy()
            return pd.DataFrame(moved, part.who, self.params.index)

        return pd.concat(map(added, self._sets.parts)).sort_index()

    def concordance(self) -> float:
        """Of pairs of which one left while the other was at risk, how often that one had the
        higher hazard; a tie is half a time. Pairs are of one stratum."""
        return fitted.concordance(self._sets, self.params.to_numpy())

    def cox_zph(self, transform: str = "km") -> pd.DataFrame:
        """Does an effect change with time? chisq, df and p by covariate and GLOBAL; transform of
        time is identity, log or km (share of all rows' customers gone before)."""
        days = self._sets.times.days
        g = {"identity": days, "log": np.log(days), "km": self._sets.gone}
        if transform not in g:
            raise InputError(f"transform is '{transform}'; it must be km, identity or log.")
        chisq = fitted.proportional_hazards(self._sets, self._at, g[transform])
        df = [1] * len(self.params) + [len(self.params)]
        named = [*self.params.index, "GLOBAL"]
        return pd.DataFrame({"chisq": chisq, "df": df, "p": chdtrc(df, chisq)}, index=named)

    def residuals(self, kind: str) -> pd.Series | pd.DataFrame:
        """martingale or deviance (Series), score or dfbeta (a column a covariate), by row of the
        input; schoenfeld by event, in the order of time, indexed by it."""
        if kind not in ("schoenfeld", "martingale", "deviance", "score", "dfbeta"):
            raise InputError(f"'{kind}' residuals are not known.")
        left = pd.concat(map(partial(self._residuals, kind), self._sets.parts))
        in_time = np.argsort(self._sets.times.at, kind="stable")
        return left.take(in_time) if kind == "schoenfeld" else left

    def _residuals(self, kind: str, part: Partition) -> pd.Series | pd.DataFrame:
        """Of one partition; 0 for rows that were never at risk."""
        if kind == "schoenfeld":
            days = pd.Index(part.times.days[part.at], name="time")
            return pd.DataFrame(fitted.schoenfeld(part, self._at).T, days, self.params.index)
        if kind in ("martingale", "deviance"):
            left = getattr(fitted, kind)(part, self._at)
        else:
            left = np.column_stack(list(fitted.scores(part, self._at)))
        if kind == "dfbeta":
            left = part.weights[:, None] * left @ self.cov.to_numpy()
        every = np.zeros((len(part.rows), *left.shape[1:]))
        every[part.kept] = left
        if left.ndim == 1:
            return pd.Series(every, part.rows, name=kind)
        return pd.DataFrame(every, part.rows, self.params.index)

    @property
    def strata(self) -> list[str]:
        """The names of the strata."""
        return list(self._strata.columns)

    def _errors(self, cautious: bool) -> pd.Series:
        return np.maximum(self.bse, self.robust_bse) if cautious else self.robust_bse

    def baseline_hazard(self) -> pd.DataFrame:
        """hazard and cumulative_hazard at each event time, by stratum, of a customer whose
        covariates (and offset) are all 0."""
        return fitted.baseline(self._sets, self._at, self._strata)

    def survival(self, path: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
        """survival, low and high at each event time of one customer along a path: start, stop, the
        covariates, the strata. It is 1 at the start; bounds are by the delta method on the log
        scale, with model-based errors."""
        refuse_missing(path, ["start", "stop", *self.params.index, *self._strata.columns])
        cov = self.cov.to_numpy()
        return fitted.survival(self._sets, self._at, self._strata, cov, path, self.cov, level)


@cannot_tell_passes
def coxph(
    episodes: pd.DataFrame | Frames,
    covariates: list[str] | str,
    *,
    ties: str = "efron",
    strata: str | list[str] | None = None,
    offset: str | None = None,
    weights: str | None = None,
    cluster: str | None = "customer_id",
    pooled: list[str] | None = None,
) -> CoxFit:
    """Log hazard ratios of covariates (names or a formula) from rows with start, stop and event.

    A customer is at risk in (start, stop] of each row and censored where event is 0. Rows of one
    cluster (None: each row) may be alike in what the model does not know: robust errors allow for
    that. Coefficients named in pooled, at least three of one kind and unit, are drawn together, to
    nothing or to those that are something, by a prior that is estimated (see two_parts). Raises
    InputError that names the covariate if a value is missing, a covariate does not vary or repeats
    others, or parts leavers from stayers.

    episodes may be a function that yields them in partitions of whole clusters, anew at each call.
    The fit is that of all rows in one frame, and one partition is held at a time; of all rows, what
    belongs to event times and strata, and a number a cluster. All are read twice a step, some
    dozen times.

    >>> rows = pd.DataFrame({"customer_id": range(6), "start": 0, "stop": [1, 2, 3, 4, 5, 6],
    ...                      "event": [1, 1, 1, 1, 0, 0], "waits": [1, 0, 1, 1, 0, 0]})
    >>> fit = coxph(rows, ["waits"])
    >>> fit.params.round(2).to_dict()
    {'waits': 1.39}
    """
    if ties not in ("efron", "breslow"):
        raise InputError(f"ties is '{ties}'; it must be efron or breslow.")
    strata = [strata] if isinstance(strata, str) else list(strata or [])
    one = isinstance(episodes, pd.DataFrame)
    if not one and not callable(episodes):
        raise InputError("Give a frame, or a function that yields its partitions each time anew.")
    frames = partial(tuple, [episodes]) if one else episodes
    reading = Reading(frames, covariates, strata, offset, weights, cluster, one)
    sets, names, levels = risk_sets(reading, ties)
    if pooled and (len(set(pooled)) < 3 or not set(pooled) <= set(names)):
        raise InputError("`pooled` must name at least three of the covariates.")
    null = sets.evaluate(np.zeros(len(names)))
    D = maximum.penalty_matrix(names, pooled or [])
    refuse_repeats(names, null.information + D, sets.spread, sets.events, f"{sets.size:,} episodes")
    if pooled:
        at, penalty, prior, wider = maximum.pool(sets, null, names, pooled)
    else:
        at, penalty, prior, wider = maximum.newton(sets, null, names, D * 0), D * 0, None, D[0] * 0
    cov = np.linalg.inv(at.information + penalty)
    return CoxFit(
        params=pd.Series(at.beta, names),
        cov=pd.DataFrame(cov, names, names),
        loglik=(null.loglik, at.loglik),
        score_test=float(null.gradient @ np.linalg.lstsq(null.information, null.gradient)[0]),
        prior=prior,
        rows=sets.rows,
        _sets=sets,
        _at=at,
        _strata=levels,
        _pooled=(penalty, wider),
    )
