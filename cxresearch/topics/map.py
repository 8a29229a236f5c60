"""A map of tickets: places in the plane where alike tickets stand together."""

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from cxresearch.topics.neighbours import distinct_rows

POINTS, NEAR = 2000, 30


def map_points(
    topics: np.ndarray, vectors: np.ndarray, ids: np.ndarray, seed: int = 42
) -> pd.DataFrame:
    """ticket_id, topic, x and y of 2,000 different texts at most, drawn by seed.

    t-SNE (van der Maaten & Hinton 2008) keeps neighbours together; distances between groups, their
    sizes and the axes mean nothing.
    """
    first, _ = distinct_rows(vectors) if len(vectors) else (np.zeros(0, np.int64), None)
    some = first[np.sort(np.random.default_rng(seed).permutation(len(first))[:POINTS])]
    x, y = _plane(vectors[some], seed).round(2).T + 0.0
    return pd.DataFrame({"ticket_id": ids[some], "topic": topics[some], "x": x, "y": y})


def _plane(vectors: np.ndarray, seed: int) -> np.ndarray:
    from sklearn.manifold import TSNE

    if len(vectors) < 5:  # too few to have neighbours: on a line
        return np.column_stack([np.arange(len(vectors)), np.zeros(len(vectors))])
    spread = TSNE(
        perplexity=min(NEAR, (len(vectors) - 1) / 3),
        metric="cosine",
        init="pca",
        max_iter=500,
        random_state=seed,
    )
    with threadpool_limits(1):  # its short steps lose more to waiting threads than they win
        return spread.fit_transform(vectors).astype(float)
