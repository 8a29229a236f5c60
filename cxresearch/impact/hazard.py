"""How many departures were to be expected in each piece of a customer's life.

A Cox model's own baseline jumps at each departure, by as much as few were at risk just then. Added
up along one customer's life that is mostly noise, and those who stayed seem safer than they were:
somebody at risk with them left, and they did not. So here, with the ratios of the Cox model, the
baseline is one rate in each cell: a stratum (quarter, billing period, plan) and a span of tenure.

Source: Friedman (1982), Ann. Stat. 10 (piecewise exponential models).
"""

import numpy as np
import pandas as pd

from cxresearch.survival import CoxFit

SPANS = (90, 365)  # days of tenure at which the baseline rate may change


def expected(fit: CoxFit, rows: pd.DataFrame, weight: np.ndarray | None = None) -> np.ndarray:
    """Departures to be expected of each row; by weight, if rows were drawn. In each cell they add
    up to those there were."""
    cell, risk = _cells(fit, rows), _risk(fit, rows)
    one = np.ones(len(rows)) if weight is None else weight
    left = np.bincount(cell, one * rows["event"].to_numpy())
    at_risk = np.bincount(cell, one * risk)
    return risk * (left / np.where(at_risk > 0, at_risk, 1))[cell]


def of_expected(fit: CoxFit, rows: pd.DataFrame, by: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sum over rows of expected departures times `by`: its slope in the log hazard ratios (the
    baseline found anew), and what each row adds to its error at given ratios."""
    cell, risk, due = _cells(fit, rows), _risk(fit, rows), expected(fit, rows)
    X = rows[list(fit.params.index)].to_numpy(float)
    at_risk = np.bincount(cell, risk)
    mean = np.bincount(cell, by * risk) / at_risk
    slope = (by * due) @ X - (mean[cell] * due) @ X
    return slope, mean[cell] * (rows["event"].to_numpy() - due)


def _cells(fit: CoxFit, rows: pd.DataFrame) -> np.ndarray:
    middle = (rows["start"] + rows["stop"]) / 2
    span = pd.Series(np.digitize(middle, SPANS), rows.index, name="span")
    return rows[fit.strata].join(span).groupby([*fit.strata, "span"]).ngroup().to_numpy()


def _risk(fit: CoxFit, rows: pd.DataFrame) -> np.ndarray:
    ratio = np.exp(rows[list(fit.params.index)].to_numpy(float) @ fit.params.to_numpy())
    return ratio * (rows["stop"] - rows["start"]).to_numpy()
