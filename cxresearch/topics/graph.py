"""Topics as communities in a graph of tickets that share their nearest neighbours."""

import hashlib

import graspologic_native
import numpy as np
from scipy import sparse

NEIGHBOURS, RUNS, BLOCK = 15, 20, 1024
SMALLEST = 5  # tickets; a smaller community joins the topic nearest to it
LOWEST, HIGHEST = 1e-3, 1e3  # resolutions among which the number of topics is sought


class SharedNeighbourTopics:
    """A clusterer for BERTopic's hdbscan_model slot that gives every row a label.

    Exact cosine neighbours (k = 15) make a graph whose edges weigh what two tickets' neighbours
    have in common (Jarvis & Patrick 1973; Jaccard). Leiden (Traag, Waltman & van Eck 2019) finds
    communities in it 20 times; the edges are weighed again by how often their ends fell together,
    and Leiden has the last word (consensus: Lancichinetti & Fortunato 2012). The order of rows
    changes nothing. After fit: labels_ (0 is the largest), resolution_, graph_ (of distinct rows),
    node_ (the row of graph_ that each row of the input is).
    """

    def __init__(
        self, target_topics: int | None = None, resolution: float | None = None, seed: int = 42
    ):
        self.target_topics, self.resolution, self.seed = target_topics, resolution, seed

    def fit(self, X: np.ndarray, y=None) -> "SharedNeighbourTopics":
        """Finds the labels of the rows of X, which are vectors of length 1."""
        first, self.node_ = distinct_rows(X)
        self.vectors_ = X[first]
        self.graph_ = shared_neighbours(self.vectors_)
        self.rows_ = np.bincount(self.node_)
        target = min(self.target_topics or default_topics(len(X)), len(first))
        tries = [self._found(self.resolution or self._resolution(target))]
        count = tries[0][1].max() + 1
        if self.resolution is None and abs(count - target) > 0.1 * target:
            tries.append(self._found(self._resolution(target * target / count)))
        self.resolution_, found = min(tries, key=lambda each: abs(each[1].max() + 1 - target))
        self.node_labels_ = by_size(found, self.rows_)
        self.labels_ = self.node_labels_[self.node_]
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The topic that most of the 15 nearest fitted rows have; of equals the larger topic."""
        k = min(NEIGHBOURS, len(self.vectors_))
        near = np.concatenate(
            [
                np.argpartition(-(X[i : i + BLOCK] @ self.vectors_.T), k - 1, axis=1)[:, :k]
                for i in range(0, len(X), BLOCK)
            ]
        )
        votes = self.node_labels_[near]
        return np.array([np.bincount(row).argmax() for row in votes])

    def stability(self, runs: int = 10, share: float = 0.8) -> np.ndarray:
        """How far each topic comes back when a fifth of the tickets is left out, from 0 to 1.

        The mean over runs of the best Jaccard overlap with a community of the rest. It says how
        reproducible a topic is, not whether it is right.
        """
        rng = np.random.default_rng(self.seed)
        n, topics = len(self.rows_), self.node_labels_.max() + 1
        overlap = np.full((runs, topics), np.nan)
        for run in range(runs):
            kept = np.sort(rng.permutation(n)[: max(1, round(share * n))])
            part = self.graph_[kept][:, kept].tocsr()
            again = leiden(part, self.resolution_, self.seed + run)
            overlap[run] = _best_jaccard(self.node_labels_[kept], again, self.rows_[kept], topics)
        seen = ~np.isnan(overlap)
        return np.where(seen, overlap, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)

    def _found(self, resolution: float) -> tuple[float, np.ndarray]:
        labels = consensus(self.graph_, resolution, self.seed)
        return resolution, join_small(labels, self.vectors_, self.rows_)

    def _resolution(self, target: float) -> float:
        """The resolution at which one run gives the number of topics asked for, by halving."""
        low, high = np.log(LOWEST), np.log(HIGHEST)
        best, off = 1.0, np.inf
        for _ in range(14):
            middle = (low + high) / 2
            labels = leiden(self.graph_, float(np.exp(middle)), self.seed)
            count = join_small(labels, self.vectors_, self.rows_).max() + 1
            if abs(count - target) < off:
                best, off = float(np.exp(middle)), abs(count - target)
            if count == target:
                break
            low, high = (middle, high) if count < target else (low, middle)
        return round(best, 6)


def default_topics(n: int) -> int:
    """How many topics to aim for: half the root of the number of texts, at most 40, a report's."""
    return int(np.clip(round(np.sqrt(n) / 2), 1, 40))


def distinct_rows(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The positions of distinct rows in an order made by hashing, and each row's place there."""
    rows = np.ascontiguousarray(X)
    digests = np.array([hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in rows])
    _, first, place = np.unique(digests, return_index=True, return_inverse=True)
    return first, place


def nearest(X: np.ndarray, k: int) -> np.ndarray:
    """The k most similar other rows of each row by cosine, exact, a block at a time."""
    found = np.empty((len(X), k), dtype=np.int32)
    for start in range(0, len(X), BLOCK):
        alike = X[start : start + BLOCK] @ X.T
        alike[np.arange(len(alike)), np.arange(start, start + len(alike))] = -2
        found[start : start + BLOCK] = np.argpartition(-alike, k - 1, axis=1)[:, :k]
    return found


def shared_neighbours(X: np.ndarray, k: int = NEIGHBOURS) -> sparse.csr_matrix:
    """Symmetric graph of rows that are neighbours, weighed by the Jaccard overlap of their lists.

    A row counts as its own neighbour, so every edge weighs something. Small inputs have fewer
    neighbours than k, lest every row be everyone's.
    """
    n = len(X)
    k = min(n - 1, k, max(2, n // 8))
    if k < 1:
        return sparse.csr_matrix((n, n))
    rows = np.repeat(np.arange(n), k)
    near = sparse.csr_matrix((np.ones(n * k, np.float64), (rows, nearest(X, k).ravel())), (n, n))
    lists = near + sparse.identity(n, format="csr")
    edges = near.maximum(near.T)
    shared = (lists @ lists.T).multiply(edges).tocsr()
    shared.data = np.round(shared.data / (2 * (k + 1) - shared.data), 6)
    shared.sort_indices()
    return shared


def leiden(graph: sparse.csr_matrix, resolution: float, seed: int) -> np.ndarray:
    """A community for every row; a row without edges is its own."""
    n = graph.shape[0]
    if graph.nnz == 0:
        return np.arange(n)
    _, found = graspologic_native.leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        n,
        resolution=resolution,
        seed=seed,
    )
    labels = np.full(n, -1)
    labels[list(found.keys())] = list(found.values())
    alone = labels < 0
    labels[alone] = labels.max() + 1 + np.arange(alone.sum())
    return labels


def consensus(
    graph: sparse.csr_matrix, resolution: float, seed: int, runs: int = RUNS
) -> np.ndarray:
    """Communities of the graph whose edges weigh how often their ends fell together in runs."""
    ends = graph.tocoo()
    together = np.zeros(graph.nnz)
    for run in range(runs):
        labels = leiden(graph, resolution, seed + run)
        together += labels[ends.row] == labels[ends.col]
    agreed = sparse.csr_matrix((np.round(together / runs, 6), (ends.row, ends.col)), graph.shape)
    agreed.eliminate_zeros()
    agreed.sort_indices()
    return leiden(agreed, resolution, seed)


def join_small(
    labels: np.ndarray, X: np.ndarray, rows: np.ndarray, smallest: int = SMALLEST
) -> np.ndarray:
    """The labels, numbered without gaps, of which too small ones went to the nearest large one."""
    labels = np.unique(labels, return_inverse=True)[1]
    small = np.bincount(labels, weights=rows) < smallest
    if not small.any() or small.all():
        return labels
    centres = centroids(labels, X, rows)
    nearest_large = (centres @ centres[~small].T).argmax(axis=1)
    goes_to = np.where(small, np.flatnonzero(~small)[nearest_large], np.arange(len(small)))
    return np.unique(goes_to[labels], return_inverse=True)[1]


def by_size(labels: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The labels numbered anew: 0 is the largest; of equals, the one that comes first."""
    sizes = np.bincount(labels, weights=rows)
    place = np.empty(len(sizes), dtype=np.int64)
    place[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return place[labels]


def centroids(labels: np.ndarray, X: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    """The mean direction of each label's vectors, weighed by rows, as vectors of length 1."""
    weights = np.ones(len(labels)) if rows is None else rows
    members = sparse.csr_matrix((weights, (labels, np.arange(len(labels)))))
    sums = members @ X
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)


def _best_jaccard(
    topic: np.ndarray, other: np.ndarray, rows: np.ndarray, topics: int
) -> np.ndarray:
    """Each topic's best Jaccard overlap with any label of other; NaN where it is absent."""
    both = sparse.csr_matrix((rows, (topic, other)), (topics, other.max() + 1)).tocoo()
    sizes, others = np.bincount(topic, rows, topics), np.bincount(other, rows)
    overlap = both.data / (sizes[both.row] + others[both.col] - both.data)
    best = np.zeros(topics)
    np.maximum.at(best, both.row, overlap)
    return np.where(sizes > 0, best, np.nan)
