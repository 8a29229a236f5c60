"""Topics as communities in a graph of tickets that share their nearest neighbours."""

import hashlib
from collections.abc import Iterable

import graspologic_native
import numpy as np
from scipy import sparse

NEIGHBOURS, RUNS, BLOCK = 15, 20, 256
CYCLES, TRIALS = 3, 2  # of the last word, which alone is not averaged
ROUNDS = 20  # of scaling, after which rows' strengths hardly differ
SPARE = 8  # more neighbours than asked for are compared in double precision
SMALLEST = 5  # tickets; a smaller community joins the topic nearest to it ...
LEAST = 0.1  # ... and so does one smaller than this share of the mean topic that was asked for
LOWEST, HIGHEST, HALVINGS = 1e-3, 1e3, 7  # resolutions among which the right one is sought


class SharedNeighbourTopics:
    """A clusterer for BERTopic's hdbscan_model slot that gives every row a label.

    Exact cosine neighbours (k = 15) make a graph whose edges weigh what two tickets' neighbours
    have in common (Jarvis & Patrick 1973; root of Jaccard), scaled so that every ticket is tied to
    its surroundings equally strongly. Leiden (Traag, Waltman & van Eck 2019) finds communities in
    it 20 times; the edges are weighed again by how often their ends fell together, and Leiden has
    the last word (consensus: Lancichinetti & Fortunato 2012). What is then too small to be a topic
    among so many as were asked for, such as one letter sent by 20 people, joins the topic nearest
    to it. The order of rows changes nothing. A resolution that is given is used as it is. After
    fit: labels_ (0 is the largest), resolution_, graph_ (of distinct rows), node_ (the row of
    graph_ that each row of the input is).
    """

    def __init__(
        self, target_topics: int | None = None, resolution: float | None = None, seed: int = 42
    ):
        self.target_topics, self.resolution, self.seed = target_topics, resolution, seed

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> "SharedNeighbourTopics":
        """Finds the labels of the rows of X, which are vectors of length 1. y may hold their texts:
        then these decide the order, and the last digits of vectors change next to nothing."""
        first, self.node_ = distinct_rows(X, y)
        self.vectors_ = X[first]
        self.graph_ = shared_neighbours(self.vectors_)
        self.rows_ = np.bincount(self.node_)
        target = min(self.target_topics or default_topics(len(X)), len(first))
        self.smallest_ = max(SMALLEST, LEAST * len(X) / target if target else 0)
        self.resolution_, communities = (
            self._labels(self.resolution) if self.resolution else self._nearest_to(target)
        )
        self.node_labels_ = by_size(communities, self.rows_)
        self.labels_ = self.node_labels_[self.node_]
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The topic that most of the 15 nearest fitted rows have; of equals the larger topic."""
        near = nearest_rows(X, min(NEIGHBOURS, len(self.vectors_)), self.vectors_)
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
            part = equally_strong(self.graph_[kept][:, kept].tocsr())
            again = leiden(part, self.resolution_, self.seed + run)
            overlap[run] = _best_jaccard(self.node_labels_[kept], again, self.rows_[kept], topics)
        seen = ~np.isnan(overlap)
        return np.where(seen, overlap, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)

    def _labels(self, resolution: float) -> tuple[float, np.ndarray]:
        labels = consensus(self.graph_, resolution, self.seed)
        return resolution, join_small(labels, self.vectors_, self.rows_, self.smallest_)

    def _nearest_to(self, target: int) -> tuple[float, np.ndarray]:
        """The resolution and labels within a tenth of the target, else the nearest of three tries.

        A consensus may have more topics than one run, or fewer: what is sought makes up for that.
        """
        aim, tries = float(target), []
        for _ in range(3):
            tries.append(self._labels(self._resolution(aim)))
            count = tries[-1][1].max() + 1
            if abs(count - target) <= 0.1 * target:
                break
            aim *= target / count
        return min(tries, key=lambda each: abs(each[1].max() + 1 - target))

    def _resolution(self, aim: float) -> float:
        """The least resolution at which one run gives the number of topics asked for.

        Sought upwards and then by halving, for the number falls again where a high resolution
        leaves communities too small to stand alone. The run is the same for every seed.
        """
        low = high = LOWEST
        tries = {high: self._count(high)}
        while tries[high] < aim and high < HIGHEST:
            low, high = high, 4 * high
            tries[high] = self._count(high)
        for _ in range(HALVINGS if low < high else 0):
            middle = float(np.sqrt(low * high))
            tries[middle] = self._count(middle)
            low, high = (middle, high) if tries[middle] < aim else (low, middle)
        return round(min(tries, key=lambda each: abs(tries[each] - aim)), 6)

    def _count(self, resolution: float) -> int:
        labels = leiden(self.graph_, resolution, seed=0)
        return join_small(labels, self.vectors_, self.rows_, self.smallest_).max() + 1


def default_topics(n: int) -> int:
    """How many topics to aim for: half the root of the number of texts, at most 40, a report's."""
    return int(np.clip(round(np.sqrt(n) / 2), 1, 40))


def distinct_rows(X: np.ndarray, texts: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The positions of distinct rows in an order made by hashing them, or the texts that they are
    of, and each row's place there."""
    rows = _digests(row.tobytes() for row in np.ascontiguousarray(X))
    by = rows if texts is None else _digests(text.encode("utf-8", "replace") for text in texts)
    order = np.argsort(by, kind="stable")
    _, first, which = np.unique(rows[order], return_index=True, return_inverse=True)
    place = np.empty(len(rows), dtype=np.int64)
    place[order] = np.argsort(np.argsort(first))[which]
    return order[np.sort(first)], place


def _digests(rows: Iterable[bytes]) -> np.ndarray:
    return np.array([hashlib.blake2b(row, digest_size=16).hexdigest() for row in rows])


def nearest_rows(X: np.ndarray, k: int, Y: np.ndarray | None = None) -> np.ndarray:
    """The k rows of Y that are most similar to each row of X by cosine, the most similar first.

    Without Y, the other rows of X. Exact: products in single precision, a block at a time, propose
    some more than k, and of those double precision picks, so that neither the number of threads nor
    the machine decides between two that are almost equal; of equals the first.
    """
    among = X if Y is None else Y
    few = min(k + SPARE, len(among) - (Y is None))
    group = int(np.clip(len(among) // (4 * few), 1, 64))
    padded = np.pad(among, ((0, -len(among) % group), (0, 0)))
    neighbours = np.empty((len(X), k), dtype=np.int32)
    for start in range(0, len(X), BLOCK):
        block = X[start : start + BLOCK]
        alike = block @ padded.T
        alike[:, len(among) :] = -2
        if Y is None:
            alike[np.arange(len(block)), start + np.arange(len(block))] = -2
        near = np.sort(_greatest(alike, few, group), axis=1)
        exact = np.einsum("ij,ikj->ik", block.astype(float), among[near].astype(float))
        best = np.argsort(-np.round(exact, 12), axis=1, kind="stable")[:, :k]
        neighbours[start : start + BLOCK] = np.take_along_axis(near, best, axis=1)
    return neighbours


def _greatest(values: np.ndarray, few: int, group: int) -> np.ndarray:
    """The columns of each row's few greatest values, sought in the groups with greatest maxima."""
    groups = values.reshape(len(values), group, -1)
    best = np.argpartition(-groups.max(axis=1), few - 1, axis=1)[:, :few]
    columns = best[:, :, None] + np.arange(group) * groups.shape[2]
    columns = columns.reshape(len(values), -1)
    kept = np.argpartition(-np.take_along_axis(values, columns, axis=1), few - 1, axis=1)
    return np.take_along_axis(columns, kept[:, :few], axis=1)


def shared_neighbours(X: np.ndarray, k: int = NEIGHBOURS) -> sparse.csr_matrix:
    """Symmetric graph of rows that are neighbours, weighed by the overlap of their lists, every row
    equally strong.

    Small inputs have fewer neighbours than k, lest every row be everyone's.
    """
    n = len(X)
    k = min(n - 1, k, max(2, n // 8))
    return equally_strong(overlap_graph(nearest_rows(X, k))) if k > 0 else sparse.csr_matrix((n, n))


def overlap_graph(near: np.ndarray) -> sparse.csr_matrix:
    """The graph of rows' lists of neighbours; a row is its own, so every edge weighs something.

    An edge weighs the root of the lists' Jaccard overlap: to be a neighbour at all counts too.
    """
    n, k = near.shape
    ends = np.arange(0, near.size + 1, k)
    lists = sparse.csr_matrix((np.ones(near.size), near.ravel(), ends), (n, n))
    edges = lists.maximum(lists.T)
    lists = lists + sparse.identity(n, format="csr")
    shared = (lists @ lists.T).multiply(edges).tocsr()
    shared.data = np.round(np.sqrt(shared.data / (2 * (k + 1) - shared.data)), 6)
    shared.sort_indices()
    return shared


def equally_strong(graph: sparse.csr_matrix) -> sparse.csr_matrix:
    """The symmetric graph scaled so that the weights of every row's edges add up to about 1.

    Modularity expects more between rows that are strong, so it would cut where texts lie close
    together more finely than where they lie apart. (Scaling of rows and columns in turn: Sinkhorn &
    Knopp 1967; with the root of the sums it stays symmetric: Knight, Ruiz & Ucar 2014.)
    """
    scale = np.ones(graph.shape[0])
    for _ in range(ROUNDS):
        strength = scale * (graph @ scale)
        scale /= np.sqrt(np.where(strength > 0, strength, 1))
    ends = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    scaled = graph.astype(float)
    scaled.data = np.round(graph.data * scale[ends] * scale[graph.indices], 6)
    scaled.eliminate_zeros()
    return scaled


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
