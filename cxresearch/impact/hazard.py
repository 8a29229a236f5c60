"""How many departures were to be expected in each piece of a customer's life.

A Cox model's own baseline jumps at each departure, by as much as few were at risk just then. Added
up along one customer's life that is mostly noise, and those who stayed seem safer than they were:
somebody at risk with them left, and they did not. So here, with the ratios of the Cox model, the
baseline is one rate in each cell: a stratum (quarter, billing period, plan) and a span of tenure.

Source: Friedman (1982), Ann. Stat. 10 (piecewise exponential models).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.survival import CoxFit

SPANS = (90, 365)  # days of tenure at which the baseline rate may change


@dataclass(frozen=True)
class Expected:
    """Departures to be expected of each row (due), with what they are made of: the cell of each
    row and its hazard ratio times its days (risk). In each cell due adds up to what there was.
    weight is how often the row's customer counts."""

    fit: CoxFit
    rows: pd.DataFrame
    cell: np.ndarray
    risk: np.ndarray
    due: np.ndarray
    weight: np.ndarray


def expected(
    fit: CoxFit,
    rows: pd.DataFrame,
    weight: np.ndarray | None = None,
    strata: list[str] | None = None,
) -> Expected:
    """From a fit and its rows; by weight, if customers were drawn. The cells are of the fit's own
    strata, unless others are given."""
    strata = fit.strata if strata is None else strata
    middle = (rows["start"] + rows["stop"]) / 2
    span = pd.Series(np.digitize(middle, SPANS), rows.index, name="span")
    cell = rows[strata].join(span).groupby([*strata, "span"]).ngroup().to_numpy()
    ratio = np.exp(rows[list(fit.params.index)].to_numpy(float) @ fit.params.to_numpy())
    risk = ratio * (rows["stop"] - rows["start"]).to_numpy()
    one = np.ones(len(rows)) if weight is None else weight
    left, at_risk = (np.bincount(cell, one * of) for of in (rows["event"].to_numpy(), risk))
    due = risk * (left / np.where(at_risk > 0, at_risk, 1))[cell]
    return Expected(fit, rows, cell, risk, due, one)


def of_expected(of: Expected, by: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sum over rows of expected departures times `by`: its slope in the log hazard ratios (the
    baseline found anew), and what each row adds to its error at given ratios."""
    mean = (np.bincount(of.cell, by * of.risk) / np.bincount(of.cell, of.risk))[of.cell]
    X = of.rows[list(of.fit.params.index)].to_numpy(float)
    return ((by - mean) * of.due) @ X, mean * (of.rows["event"].to_numpy() - of.due)
