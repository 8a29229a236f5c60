"""Which texts lie nearest to each other, and the graph of what their neighbours have in common."""

import hashlib
from collections.abc import Iterable

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from cxresearch.topics.communities import centroids
from cxresearch.topics.side_by_side import side_by_side

NEIGHBOURS, BLOCK = 15, 256
AMONG = 20_000  # rows that a row is compared with: all, where there are no more
CELL, CELLS, LEARNT = 100, 2000, 10  # rows a cell; cells at most; rows a cell that k-means sees
CHECKED, RECALL = 1000, 0.95  # rows that are also compared with all; found of theirs at least
ROUNDS = 20  # of scaling, after which rows' strengths hardly differ
GROUPS = 64  # of rows at most, of which only those with the greatest maxima are searched
SPARE = 8  # more neighbours than asked for are compared in double precision


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


def nearest_rows(
    X: np.ndarray, k: int, Y: np.ndarray | None = None, own: np.ndarray | None = None
) -> np.ndarray:
    """The k rows of Y that are most similar to each row of X by cosine, the most similar first.

    Without Y, the other rows of X; own is each row's place in Y, where it has one. Exact: products
    in single precision, a block at a time, propose some more than k, and of those double precision
    picks, so that neither the number of threads nor the machine decides between two that are almost
    equal; of equals the first.
    """
    among = X if Y is None else Y
    own = np.arange(len(X)) if Y is None else own
    few = min(k + SPARE, len(among) - (own is not None))
    group = int(np.clip(len(among) // (4 * few), 1, GROUPS))
    rest = -len(among) % group
    padded = np.pad(among, ((0, rest), (0, 0))) if rest else among
    neighbours = np.empty((len(X), k), dtype=np.int32)
    for start in range(0, len(X), BLOCK):
        block = X[start : start + BLOCK]
        alike = block @ padded.T
        alike[:, len(among) :] = -2
        if own is not None:
            alike[np.arange(len(block)), own[start : start + BLOCK]] = -2
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


def near_rows(X: np.ndarray, k: int) -> tuple[np.ndarray, float | None]:
    """The k other rows that are most similar to each row, as nearest_rows, and the recall.

    Of more than 20,000 rows each is compared with those 20,000 only that lie in the cells nearest
    to its own, so that work grows with the rows and not with their square (inverted file: Jegou,
    Douze & Schmid 2011). recall is the share of the exact neighbours of 1,000 rows that are found;
    None where all are compared at once. Below 0.95 all are compared after all.
    """
    if len(X) <= AMONG:
        return nearest_rows(X, k), None
    near = _near_in_cells(X, k)
    some = np.random.default_rng(0).permutation(len(X))[:CHECKED]
    exact = nearest_rows(X[some], k, X, some)
    recall = round(float((exact[:, :, None] == near[some][:, None]).any(axis=2).mean()), 4)
    return near if recall >= RECALL else nearest_rows(X, k), recall


def _near_in_cells(X: np.ndarray, k: int) -> np.ndarray:
    cell = cells(X)
    middles = centroids(cell, X)
    of = np.split(np.argsort(cell, kind="stable"), np.cumsum(np.bincount(cell))[:-1])
    sizes, near = np.bincount(cell), np.empty((len(X), k), dtype=np.int32)

    def of_cell(at: int) -> np.ndarray:
        alike = np.round(middles @ middles[at], 6)
        alike[at] = 2  # its own comes first
        order = np.argsort(-alike, kind="stable")
        many = -(-max(AMONG, sizes[at]) // GROUPS) * GROUPS  # so nothing is padded
        few = np.searchsorted(np.cumsum(sizes[order]), many) + 1
        among = np.sort(np.concatenate([of[each] for each in order[:few]])[:many])
        own = np.searchsorted(among, of[at])
        return among[nearest_rows(X[of[at]], k, X[among], own)]

    for rows, found in zip(of, side_by_side(of_cell, range(len(of))), strict=True):
        near[rows] = found
    return near


def cells(X: np.ndarray) -> np.ndarray:
    """The number of each row's cell, without gaps: k-means of some rows, the same every time."""
    from sklearn.cluster import KMeans

    n = min(len(X) // CELL, CELLS)
    some = np.random.default_rng(0).permutation(len(X))[: LEARNT * n]
    with threadpool_limits(1):
        found = KMeans(n, init="random", n_init=1, max_iter=5, random_state=0).fit(X[some])
    centres = found.cluster_centers_ / np.linalg.norm(found.cluster_centers_, axis=1)[:, None]
    return np.unique(nearest_centre(X, centres), return_inverse=True)[1]


def nearest_centre(X: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The place of the centre that is most similar to each row."""
    with threadpool_limits(1):  # which of two that are almost equal is more depends on threads
        blocks = (X[at : at + BLOCK] for at in range(0, len(X), BLOCK))
        return np.concatenate([np.argmax(block @ centres.T, axis=1) for block in blocks])


def shared_neighbours(X: np.ndarray, k: int = NEIGHBOURS) -> sparse.csr_matrix:
    """Symmetric graph of rows that are neighbours, weighed by the overlap of their lists, every row
    equally strong.

    Small inputs have fewer neighbours than k, lest every row be everyone's.
    """
    return graph_and_recall(X, k)[0]


def graph_and_recall(X: np.ndarray, k: int = NEIGHBOURS) -> tuple[sparse.csr_matrix, float | None]:
    """shared_neighbours, and the recall of near_rows."""
    n = len(X)
    k = min(n - 1, k, max(2, n // 8))
    if k <= 0:
        return sparse.csr_matrix((n, n)), None
    near, recall = near_rows(X, k)
    return equally_strong(overlap_graph(near)), recall


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


def drawn_by_labels(graph: sparse.csr_matrix, labels: np.ndarray) -> sparse.csr_matrix:
    """The graph with stronger edges between rows of one label, weaker ones between rows of two, and
    every row as strong as before. Labels below 0 are unknown.

    An edge weighs 1 + a or 1 - a times as much, where a is the labels' assortativity on the graph
    (Newman 2003): 1 if neighbours always share a label, 0 if no more often than by chance. So
    labels that say nothing of what texts are about change nothing.
    """
    row, column = np.repeat(np.arange(len(labels)), np.diff(graph.indptr)), graph.indices
    both = (labels[row] >= 0) & (labels[column] >= 0)
    if not graph.data[both].sum():
        return graph
    alike = both & (labels[row] == labels[column])
    shares = np.bincount(labels[row[both]], graph.data[both]) / graph.data[both].sum()
    chance = (shares**2).sum()
    if chance >= 1:
        return graph
    share = graph.data[alike].sum() / graph.data[both].sum()
    pull = max(0.0, round((share - chance) / (1 - chance), 6))
    drawn = graph.copy()
    drawn.data = graph.data * np.select([alike, both], [1 + pull, 1 - pull], 1.0)
    return equally_strong(drawn)


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
