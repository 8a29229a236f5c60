"""How surely things are in their order: by their ranks when the numbers are drawn again."""

import numpy as np
import pandas as pd

from cxresearch.study.intervals import LEVEL

APART = 0.95  # of draws, for one thing to be told apart from another
TOP = 3


def ranges(ranks: pd.DataFrame) -> pd.DataFrame:
    """From drawn ranks (a column a thing, a row a draw) a row a thing: low and high, which hold its
    rank in 95% of draws, and top 3, the share of draws in which it is among the first three."""
    low = ranks.quantile(0.5 - LEVEL / 2, interpolation="lower").astype(int)
    high = ranks.quantile(0.5 + LEVEL / 2, interpolation="higher").astype(int)
    return pd.DataFrame({"low": low, "high": high, "top 3": (ranks <= TOP).mean()})


def bands(values: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """The band of each of some numbers; drawn holds draws of them in columns. A band begins with
    the largest number that is left, and all that are not apart from it are in it, wherever they
    stand in the order."""
    left, band, number = list(np.argsort(-values, kind="stable")), np.empty(len(values), int), 0
    while left:
        number += 1
        more = (drawn[:, [left[0]]] > drawn[:, left]).mean(axis=0)
        band[[k for k, share in zip(left, more, strict=True) if share < APART]] = number
        left = [k for k, share in zip(left, more, strict=True) if share >= APART]
    return band
