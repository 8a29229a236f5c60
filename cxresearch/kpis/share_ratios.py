"""Shares of groups over those of all others: clustered by customer, and within causes."""

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from cxresearch.study.intervals import LEVEL

ENOUGH = 5  # customers about it in a group, and outside, and tickets expected, for an interval


def share_ratios(
    tickets: pd.DataFrame, group: pd.Series, about: pd.Series, within: pd.Series | None = None
) -> pd.DataFrame:
    """The share of each group's tickets that are about something over that of all other tickets: a
    row a group, named by it, with customers (of the group), n (its tickets), tickets (of these
    about it), expected, share, others (their share), ratio, low, high, p, residual.

    Errors are by customer_id of tickets, each left out in turn (CR3; MacKinnon and White 1985,
    J Econometrics 29), with Student's t for as many customers as carry them if tickets of one are
    as alike as all customers' are (Bell and McCaffrey 2002, Survey Methodology 28): where a few
    write most, little can be told. With within the ratio compares tickets alike in that, by the
    weights of Mantel and Haenszel (Greenland and Robins 1985, Biometrics 41); share and others are
    as they are. Null with fewer than ENOUGH.
    """
    who, customers = pd.factorize(tickets["customer_id"])
    which, names = pd.factorize(group, sort=True)
    level = np.zeros(len(tickets), int) if within is None else pd.factorize(within)[0]
    shape, y = (len(customers), len(names)), about.to_numpy(bool)

    def counted(rows: np.ndarray) -> np.ndarray:
        cells = who[rows] * shape[1] + which[rows]
        return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(float)

    strata = [(counted(level == at), counted((level == at) & y)) for at in np.unique(level)]
    rows = _counts(*(sum(each) for each in zip(*strata, strict=True)))
    own = _side(strata, lambda M: M)
    others = _side(strata, lambda M: M.sum(1, keepdims=True) - M)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(own["top"] / others["top"])
        error = np.sqrt(((own["apart"] - others["apart"]) ** 2).sum(0))
        like = _alike(who, y)
        each = like * (own["sum"] - others["sum"]) ** 2
        each = each + (1 - like) * (own["square"] + others["square"])
        df = np.maximum(each.sum(0) ** 2 / (each**2).sum(0), 1)
        few = (rows.pop("fewest") < ENOUGH).to_numpy() | (error == 0)
        log, error = np.where(few, np.nan, log), np.where(few, np.nan, error)
        width = stdtrit(df, (1 + LEVEL) / 2) * error
        ends = {"ratio": np.exp(log), "low": np.exp(log - width), "high": np.exp(log + width)}
    p = 2 * stdtr(df, -np.abs(log) / error)
    return rows.assign(**ends, p=p, residual=log / error).set_axis(names)


def _side(strata: list, of) -> dict[str, np.ndarray]:
    """Of one side of the comparison (of gives its counts from a stratum's, customers by groups):
    its weighted count (top), and over that by customer how far it lies from what its tickets would
    give (apart), and the sums of tickets' weights, and of their squares, in standard errors."""
    top, apart, total, square, size = (0.0 for _ in range(5))
    for M, B in strata:
        m, b, n = of(M), of(B), M.sum()
        weight = 1 - m.sum(0) / n
        share = b.sum(0) / np.maximum(m.sum(0), 1)
        top, size = top + weight * b.sum(0), size + m
        apart = apart + weight * (b - m * share)
        spread = np.sqrt(share * (1 - share))
        total, square = total + weight * spread * m, square + (weight * spread) ** 2 * m
    left = np.maximum(1 - size / np.maximum(size.sum(0), 1), 0.01)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "top": top,
            "apart": apart / left / top,
            "sum": total / top,
            "square": square / top**2,
        }


def _alike(who: np.ndarray, y: np.ndarray) -> float:
    """The correlation of two tickets of one customer, by moments, at least 0."""
    size, apart = np.bincount(who), y - y.mean()
    pairs = np.bincount(who, apart) ** 2 - np.bincount(who, apart**2)
    return float(np.clip((pairs / size).sum() / max((size - 1).sum() * y.var(), 1e-12), 0, 1))


def _counts(tickets: np.ndarray, about: np.ndarray) -> pd.DataFrame:
    """What is counted of each group, of customers by groups; fewest: of tickets expected, and of
    customers about it inside and outside."""
    n, own = tickets.sum(0), about.sum(0)
    others = (own.sum() - own) / np.maximum(n.sum() - n, 1)
    outside = (about.sum(1, keepdims=True) - about > 0).sum(0)
    fewest = np.minimum.reduce([n * others, (about > 0).sum(0), outside])
    return pd.DataFrame(
        {"customers": (tickets > 0).sum(0), "n": n.astype(int), "tickets": own.astype(int),
         "expected": n * others, "share": own / np.maximum(n, 1), "others": others,
         "fewest": fewest}
    )  # fmt: skip
