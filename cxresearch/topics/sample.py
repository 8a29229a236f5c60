"""More texts than can be compared with each other: some are, and the rest follow their vote."""

import numpy as np

from cxresearch.topics.graph import SharedNeighbourTopics
from cxresearch.topics.neighbours import distinct_rows, nearest_centre

MOST = 80_000  # distinct texts; their comparison takes half an hour of one core
STRATA = 256


class SampledTopics(SharedNeighbourTopics):
    """The clusterer, which of more than 80,000 distinct rows compares a stratified sample only.

    The other rows get the topic of most of their 15 nearest in the sample. After fit also voter_:
    the place of each row among vectors_, -1 for those outside the sample.
    """

    def __init__(
        self, target_topics=None, resolution=None, seed: int = 42, most: int = MOST, labels=None
    ):
        super().__init__(target_topics, resolution, seed, labels)
        self.most = most

    @classmethod
    def of(cls, vectors: np.ndarray, topics: np.ndarray, seed: int = 42) -> "SampledTopics":
        """The clusterer as it was after fit, as far as placing other rows needs it."""
        first, node = distinct_rows(vectors)
        some = stratified(vectors[first], MOST, seed)
        place = np.full(len(first), -1)
        place[some] = np.arange(len(some))
        made = cls(seed=seed)
        made.vectors_, made.node_labels_ = vectors[first[some]], topics[first[some]]
        made.voter_ = place[node]
        made.rows_ = np.bincount(made.voter_[made.voter_ >= 0], minlength=len(some))
        return made

    def fit(
        self, X: np.ndarray, y: np.ndarray | None = None, labels: np.ndarray | None = None
    ) -> "SampledTopics":
        """Finds the labels of the rows of X, which are vectors of length 1, of the texts y."""
        first, node = distinct_rows(X, y)
        some = np.isin(node, stratified(X[first], self.most, self.seed))
        said = self.labels if labels is None else labels
        super().fit(X[some], None if y is None else y[some], None if said is None else said[some])
        labels, self.voter_ = np.empty(len(X), np.int64), np.full(len(X), -1)
        labels[some], self.voter_[some] = self.labels_, self.node_
        if not some.all():
            labels[~some] = self.predict(X[~some])
        self.labels_ = labels
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The topic that most of the 15 nearest compared rows have; a row that is one of these
        keeps its own."""
        own = {
            v.tobytes(): topic for v, topic in zip(self.vectors_, self.node_labels_, strict=True)
        }
        voted = super().predict(X)
        return np.array([own.get(v.tobytes(), t) for v, t in zip(X, voted, strict=True)])


def stratified(X: np.ndarray, most: int, seed: int) -> np.ndarray:
    """The places of at most so many rows of X, drawn by seed from every part of the space.

    The strata are the rows nearest to each of 256 of them; each gives the same share of its rows.
    """
    n = len(X)
    if n <= most:
        return np.arange(n)
    rng = np.random.default_rng(seed)
    cell = nearest_centre(X, X[rng.permutation(n)[:STRATA]])
    by_cell = np.lexsort((rng.permutation(n), cell))
    return np.sort(by_cell[np.linspace(0, n - 1, most).astype(int)])
