"""The hazard model on cells of person-time: with a hazard that is constant in each cell, events are
as if Poisson with mean hazard times days, whatever the rows that the cells were summed from.

Sources: Holford (1980), Biometrics 36; Laird and Olivier (1981), J. Am. Stat. Assoc. 76.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cxresearch.study.answers import cannot_tell_passes
from cxresearch.study.intervals import z
from cxresearch.study.schema import InputError
from cxresearch.survival.cox_shown import Shown
from cxresearch.survival.design import design, floats, refuse_missing, refuse_repeats


@dataclass(frozen=True)
class PoissonFit(Shown):
    """A fitted hazard model: log hazard ratios by covariate with their covariance, and the log of
    events a day where all covariates are 0."""

    params: pd.Series
    cov: pd.DataFrame
    baseline: float
    events: int
    rows: int

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Lower and upper bounds of the log hazard ratios."""
        width = z(level) * self.bse
        return pd.DataFrame({"low": self.params - width, "high": self.params + width})

    def summary_frame(self) -> pd.DataFrame:
        """A row a covariate: hazard_ratio, low, high (95%) and p (Wald, two-sided)."""
        ratios = np.exp(self.conf_int().assign(hazard_ratio=self.params))
        ratios = ratios.assign(p=2 * ndtr(-(self.params / self.bse).abs()))
        return ratios[["hazard_ratio", "low", "high", "p"]].rename_axis("covariate")


@cannot_tell_passes
def poisson_hazard(cells: pd.DataFrame, covariates: list[str] | str) -> PoissonFit:
    """Log hazard ratios of covariates (names or a formula) from cells with events and days at risk.

    Time is a covariate: "overdue + C(quarter)" has a hazard that is constant within a quarter. The
    coefficients are those of coxph on the cells' rows with start 0, stop 1, offset log(days), a
    quarter a stratum and Breslow's ties: when in its quarter somebody left is not used. (To give
    rows whole quarters, without the offset, is another model: on the demo it draws overdue against
    solved in time down by 0.7 standard errors.)

    Intervals leave out that a customer's rows are alike in what the model does not know: cells do
    not tell whose they are. On the demo errors by customer are 1.00 to 1.01 times these; use coxph
    where customers can leave more than once, or few weigh much. Raises InputError for days that are
    not above 0, events that are no counts, and covariates that do not vary, repeat others or have
    a level without events.

    >>> cells = pd.DataFrame({"late": [0, 1], "events": [10, 20], "days": [1000, 1000]})
    >>> poisson_hazard(cells, ["late"]).summary_frame().round(2).loc["late"].to_dict()
    {'hazard_ratio': 2.0, 'low': 0.94, 'high': 4.27, 'p': 0.07}
    """
    import statsmodels.api as sm

    refuse_missing(cells, ["events", "days"])
    table, names = design(cells, covariates)
    refuse_missing(table, names)
    events, days = floats(cells, "events"), floats(cells, "days")
    if not (days > 0).all():
        raise InputError("'days' must be above 0: drop the cells in which nobody was at risk.")
    if (events < 0).any() or (events % 1).any():
        raise InputError("'events' must be how many left in each cell: 0, 1, 2 ...")
    if not events.any():
        raise InputError("Nobody left in these cells: there is no event to model.")
    X = np.column_stack([floats(table, name) for name in names])
    centre, spread = np.average(X, axis=0, weights=days), np.ptp(X, axis=0)
    X = X - centre
    even = (X * (days * events.sum() / days.sum())[:, None]).T @ X
    refuse_repeats(names, even, spread, int(events.sum()), f"{len(cells):,} cells")
    model = sm.GLM(events, sm.add_constant(X), sm.families.Poisson(), offset=np.log(days))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as many coefficients as cells; what has no end is below
        fit = model.fit(tol=1e-12)
    step = (fit.cov_params() @ model.score(fit.params))[1:]  # still as long where there is no end
    if (np.abs(step) * spread).max() > 0.1:
        away = names[int((np.abs(step) * spread).argmax())]
        raise InputError(
            f"'{away}', or what it is compared with, has no events, so its hazard ratio has no "
            "finite estimate: leave it out or merge it with another."
        )
    return PoissonFit(
        params=pd.Series(fit.params[1:], names),
        cov=pd.DataFrame(fit.cov_params()[1:, 1:], names, names),
        baseline=float(fit.params[0] - centre @ fit.params[1:]),
        events=int(events.sum()),
        rows=len(cells),
    )
