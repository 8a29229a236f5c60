"""Shares of groups over those of all others: clustered by customer, and within causes."""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cxresearch.study.intervals import normal

ENOUGH = 5  # tickets in a group, or expected there, and customers, for a normal interval


def share_ratios(
    tickets: pd.DataFrame, group: pd.Series, about: pd.Series, within: pd.Series | None = None
) -> pd.DataFrame:
    """The share of each group's tickets that are about something over that of all other tickets: a
    row a group, named by it, with customers (of the group), n (its tickets), tickets (of these
    about it), expected, share, others (their share), ratio, low, high, p, residual.

    Errors are by customer_id of tickets. With within the ratio compares tickets alike in that, each
    of its groups weighted by Mantel and Haenszel (Greenland and Robins 1985, Biometrics 41); share
    and others are as they are. Null with fewer than 5 tickets, or customers, on either side.
    """
    who, customers = pd.factorize(tickets["customer_id"])
    which, names = pd.factorize(group, sort=True)
    level = np.zeros(len(tickets), int) if within is None else pd.factorize(within)[0]
    about = about.to_numpy(bool)
    shape = (len(customers), len(names))

    def counted(rows: np.ndarray) -> np.ndarray:
        return np.bincount(who[rows] * shape[1] + which[rows], minlength=shape[0] * shape[1]) \
            .reshape(shape).astype(float)  # fmt: skip

    top, bottom = np.zeros(shape[1]), np.zeros(shape[1])
    own_parts, other_parts = np.zeros(shape), np.zeros(shape)
    for at in np.unique(level):
        M, B = counted(level == at), counted((level == at) & about)
        n, b = M.sum(0), B.sum(0)
        rest, lacks = n.sum() - n, b.sum() - b
        up, down = rest / n.sum(), n / n.sum()
        top, bottom = top + up * b, bottom + down * lacks
        own_parts += up * (B - M * (b / np.maximum(n, 1)))
        others = (
            B.sum(1, keepdims=True)
            - B
            - (M.sum(1, keepdims=True) - M) * (lacks / np.maximum(rest, 1))
        )
        other_parts += down * others
    M, B = counted(np.ones(len(tickets), bool)), counted(about)
    rows = _row(M, B)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(((own_parts / top - other_parts / bottom) ** 2).sum(0))
        log = np.log(top / bottom)
        few = (rows[["tickets", "expected", "those", "who else"]].min(axis=1) < ENOUGH).to_numpy()
        log, error = np.where(few, np.nan, log), np.where(few | (error == 0), np.nan, error)
        low, high = np.exp(normal(log, error))
    rows = rows.assign(ratio=np.exp(log), low=low, high=high, p=2 * ndtr(-np.abs(log) / error))
    return rows.assign(residual=log / error).set_axis(names).drop(columns=["those", "who else"])


def _row(tickets: np.ndarray, about: np.ndarray) -> pd.DataFrame:
    """What is counted of each group, of customers by groups; those who are about it inside (those)
    and outside (who else) may be few customers with many tickets."""
    n, own, each = tickets.sum(0), about.sum(0), about.sum(1, keepdims=True)
    others = (own.sum() - own) / np.maximum(n.sum() - n, 1)
    return pd.DataFrame(
        {"customers": (tickets > 0).sum(0), "n": n.astype(int), "tickets": own.astype(int),
         "expected": n * others, "share": own / np.maximum(n, 1), "others": others,
         "those": (about > 0).sum(0), "who else": ((each - about) > 0).sum(0)}
    )  # fmt: skip
