"""Topics as communities in a graph of tickets that share their nearest neighbours."""

import numpy as np

from cxresearch.topics.communities import (
    SMALLEST,
    best_jaccard,
    by_size,
    consensus,
    join_small,
    joined_to,
    leiden,
)
from cxresearch.topics.how_many import stability_by_number, stable_number
from cxresearch.topics.neighbours import (
    NEIGHBOURS,
    distinct_rows,
    drawn_by_labels,
    equally_strong,
    graph_and_recall,
    nearest_rows,
)

LEAST = (
    0.1  # a community smaller than this share of the mean topic that was asked for joins another
)
LEAST_TOLD = 100  # distinct texts, of which the number of topics is sought in themselves
TRIES = 4
LOWEST, HIGHEST, HALVINGS = 1e-3, 1e3, 7  # resolutions among which the right one is sought


class SharedNeighbourTopics:
    """A clusterer for BERTopic's hdbscan_model slot that gives every row a label.

    Cosine neighbours (k = 15; exact up to 20,000 rows: near_rows) make a graph whose edges weigh
    what two tickets' neighbours have in common (Jarvis & Patrick 1973; root of Jaccard), scaled so
    that every ticket is tied to its surroundings equally strongly. Leiden (Traag, Waltman & van Eck
    2019) finds communities in it 20 times; the edges are weighed again by how often their ends fell
    together, and Leiden has the last word (consensus: Lancichinetti & Fortunato 2012). What is then
    too small to be a topic among so many as were asked for, such as one letter sent by 20 people,
    joins the topic nearest to it. The order of rows changes nothing. A resolution that is given is
    used as it is. After fit: labels_ (0 is the largest), resolution_, graph_ (of distinct rows),
    node_ (the row of graph_ that each row of the input is), recall_ (of neighbours: near_rows),
    by_number_ (how_many.stability_by_number; None where the number was asked for). labels, a number
    a row and below 0 where it is not known, are what people said that rows are about: they draw a
    little (neighbours.drawn_by_labels).
    """

    def __init__(
        self,
        target_topics: int | None = None,
        resolution: float | None = None,
        seed: int = 42,
        labels: np.ndarray | None = None,
    ):
        self.target_topics, self.resolution, self.seed = target_topics, resolution, seed
        self.labels, self.by_number_ = labels, None

    def fit(
        self, X: np.ndarray, y: np.ndarray | None = None, labels: np.ndarray | None = None
    ) -> "SharedNeighbourTopics":
        """Finds the labels of the rows of X, which are vectors of length 1. y may hold their texts:
        then these decide the order, and the last digits of vectors change next to nothing."""
        first, self.node_ = distinct_rows(X, y)
        self.vectors_ = X[first]
        self.graph_, self.recall_ = graph_and_recall(self.vectors_)
        labels = self.labels if labels is None else labels
        if labels is not None:
            said = np.full(len(first), -1)
            np.maximum.at(said, self.node_, labels)  # of equal texts that differ, whatever order
            self.graph_ = drawn_by_labels(self.graph_, said)
        self.rows_ = np.bincount(self.node_)
        target = min(self.target_topics or self._own_number(len(X)), len(first))
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
            overlap[run] = best_jaccard(self.node_labels_[kept], again, self.rows_[kept], topics)
        seen = ~np.isnan(overlap)
        return np.where(seen, overlap, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)

    def _labels(self, resolution: float) -> tuple[float, np.ndarray]:
        labels = consensus(self.graph_, resolution, self.seed)
        return resolution, join_small(labels, self.vectors_, self.rows_, self.smallest_)

    def _own_number(self, n: int) -> int:
        """How many topics the texts themselves hold (how_many); where none stands out, half the
        root of the number of texts, at most 40."""
        if self.resolution or len(self.vectors_) < LEAST_TOLD:
            return default_topics(n)
        self.by_number_ = stability_by_number(self.vectors_, self.seed)
        return stable_number(self.by_number_) or default_topics(n)

    def _nearest_to(self, target: int) -> tuple[float, np.ndarray]:
        """The resolution and labels within a tenth of the target, else of those tries that have
        more the one with the fewest, of which the nearest topics are then joined.

        A consensus may have more topics than one run, or fewer: what is sought makes up for that.
        """
        aim, tries = float(target), []
        for _ in range(TRIES):
            tries.append(self._labels(self._resolution(aim)))
            count = tries[-1][1].max() + 1
            if abs(count - target) <= 0.1 * target:
                return tries[-1]
            aim *= max(target / count, 1.1) if count < target else target / count
        above = [each for each in tries if each[1].max() + 1 > target]
        resolution, labels = min(above or tries, key=lambda each: abs(each[1].max() + 1 - target))
        return resolution, joined_to(labels, self.vectors_, self.rows_, target)

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
