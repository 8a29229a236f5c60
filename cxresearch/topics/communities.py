"""Communities of a graph: Leiden, the consensus of many runs, and what is too small to stand."""

import graspologic_native
import numpy as np
import pandas as pd
from scipy import sparse

RUNS = 20
CYCLES, TRIALS = 3, 2  # of the last word, which alone is not averaged
SMALLEST = 5  # tickets; a smaller community joins the topic nearest to it


def leiden(
    graph: sparse.csr_matrix, resolution: float, seed: int, cycles: int = 1, trials: int = 1
) -> np.ndarray:
    """A community for every row; a row without edges is its own.

    Each trial goes through so many cycles; the one of the greatest modularity counts.
    """
    n = graph.shape[0]
    if graph.nnz == 0:
        return np.arange(n)
    _, communities = graspologic_native.leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        n,
        resolution=resolution,
        seed=seed,
        iterations=cycles,
        trials=trials,
    )
    labels = np.full(n, -1)
    labels[list(communities.keys())] = list(communities.values())
    alone = labels < 0
    labels[alone] = labels.max() + 1 + np.arange(alone.sum())
    return labels


def consensus(
    graph: sparse.csr_matrix, resolution: float, seed: int, runs: int = RUNS
) -> np.ndarray:
    """Communities of the graph whose edges weigh how often their ends fell together in runs.

    No two seeds share a run. The last word is the best of two trials of three cycles each.
    """
    ends = graph.tocoo()
    together = np.zeros(graph.nnz)
    for run in range(runs):
        labels = leiden(graph, resolution, seed * runs + run)
        together += labels[ends.row] == labels[ends.col]
    agreed = sparse.csr_matrix((np.round(together / runs, 6), (ends.row, ends.col)), graph.shape)
    agreed.eliminate_zeros()
    agreed.sort_indices()
    return leiden(agreed, resolution, seed, CYCLES, TRIALS)


def join_small(
    labels: np.ndarray, X: np.ndarray, rows: np.ndarray, smallest: float = SMALLEST
) -> np.ndarray:
    """The labels, numbered without gaps, of which too small ones went to the nearest large one."""
    labels = np.unique(labels, return_inverse=True)[1]
    small = np.bincount(labels, weights=rows) < smallest
    if not small.any() or small.all():
        return labels
    centres = centroids(labels, X, rows)
    nearest_large = np.round(centres @ centres[~small].T, 9).argmax(axis=1)
    goes_to = np.where(small, np.flatnonzero(~small)[nearest_large], np.arange(len(small)))
    return np.unique(goes_to[labels], return_inverse=True)[1]


def joined_to(labels: np.ndarray, X: np.ndarray, rows: np.ndarray, target: int) -> np.ndarray:
    """The labels, of which the nearest (average linkage of mean directions) were joined until there
    are as many as the target, where there are more."""
    from scipy.cluster.hierarchy import fcluster, linkage

    if labels.max() < target:
        return labels
    tree = linkage(centroids(labels, X, rows), "average", metric="cosine")
    return (fcluster(tree, target, "maxclust") - 1)[labels]


def by_size(labels: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The labels numbered anew: 0 is the largest; of equals, the one whose first row is first."""
    _, first, labels = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.lexsort((first, -np.bincount(labels, weights=rows))))[labels]


def centroids(labels: np.ndarray, X: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    """The mean direction of each label's vectors, weighed by rows, as vectors of length 1."""
    weights = np.ones(len(labels)) if rows is None else rows
    members = sparse.csr_matrix((weights, (labels, np.arange(len(labels)))))
    sums = members @ X
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)


def best_jaccard(topic: np.ndarray, other: np.ndarray, rows: np.ndarray, topics: int) -> np.ndarray:
    """Each topic's best Jaccard overlap with any label of other; NaN where it is absent."""
    both = sparse.csr_matrix((rows, (topic, other)), (topics, other.max() + 1)).tocoo()
    sizes, others = np.bincount(topic, rows, topics), np.bincount(other, rows)
    overlap = both.data / (sizes[both.row] + others[both.col] - both.data)
    best = np.zeros(topics)
    np.maximum.at(best, both.row, overlap)
    return np.where(sizes > 0, best, np.nan)


def central(words: list[str], near: np.ndarray, topics: np.ndarray) -> list[np.ndarray]:
    """Positions of the different texts of each topic, the nearest to its middle first.

    Of texts as near as each other that comes first which does in the alphabet.
    """
    first = pd.Series(words).drop_duplicates().sort_values(kind="stable").index.to_numpy()
    order = first[np.argsort(-np.round(near[first], 5), kind="stable")]
    return [order[topics[order] == topic] for topic in range(topics.max() + 1)]
