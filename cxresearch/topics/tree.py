"""Which topics would join first, if fewer were wanted, and the themes that they join to."""

import numpy as np
import pandas as pd

FEW, MANY = 8, 15  # themes; where there are no more topics than that, each is its own


def topic_tree(centres: np.ndarray) -> pd.DataFrame:
    """The joins of topics, the nearest first: parent, left, right, distance, topics.

    Average linkage of the topics' mean directions; distance is one minus their cosine. A parent
    bears the next number after the topics'; topics lists all that it holds.
    """
    n, joins = len(centres), _joins(centres)
    held = [[topic] for topic in range(n)]
    for left, right in joins[:, :2].astype(int):
        held.append(sorted(held[left] + held[right]))
    return pd.DataFrame(
        {
            "parent": np.arange(n, n + len(joins)),
            "left": joins[:, 0].astype(int),
            "right": joins[:, 1].astype(int),
            "distance": joins[:, 2].clip(min=0).round(4),
            "topics": pd.Series(held[n:], dtype=object),
        }
    )


def themes(centres: np.ndarray) -> np.ndarray:
    """The theme of each topic: 8 to 15 of them, numbered by their first topic, by Ward's joins of
    the topics' mean directions, cut before the join that costs most more than the one before.
    (Average linkage, as of the tree, would leave one theme of half the topics.)"""
    from scipy.cluster.hierarchy import fcluster, linkage

    n = len(centres)
    if n <= MANY:
        return np.arange(n)
    joins = linkage(centres, "ward")
    steps = np.diff(np.round(joins[:, 2], 6))
    number = max(range(FEW, MANY + 1), key=lambda k: (steps[n - k - 1], k))
    cut = fcluster(joins, number, "maxclust")
    _, first, theme = np.unique(cut, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[theme]


def _joins(centres: np.ndarray) -> np.ndarray:
    from scipy.cluster.hierarchy import linkage

    return linkage(centres, "average", metric="cosine") if len(centres) > 1 else np.zeros((0, 4))
