"""Which topics would join first, if fewer were wanted."""

import numpy as np
import pandas as pd


def topic_tree(centres: np.ndarray) -> pd.DataFrame:
    """The joins of topics, the nearest first: parent, left, right, distance, topics.

    Average linkage of the topics' mean directions; distance is one minus their cosine. A parent
    bears the next number after the topics'; topics lists all that it holds.
    """
    from scipy.cluster.hierarchy import linkage

    n = len(centres)
    joins = linkage(centres, "average", metric="cosine") if n > 1 else np.zeros((0, 4))
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
