"""What share of a ticket belongs to each topic, by the vote of the tickets nearest to it."""

from itertools import pairwise

import numpy as np

from cxresearch.topics.neighbours import BLOCK, distinct_rows
from cxresearch.topics.sample import SampledTopics
from cxresearch.topics.side_by_side import side_by_side

VOTERS = 3  # of each topic, so that a topic is heard even where another is nearer
LEAST = 0.02  # a smaller share is none
SHARPNESS = np.geomspace(10, 80, 16)
PAIRS = 1000
STEPS = 1000  # shares are whole thousandths, so that they add up to 1 when they are read back


def topic_weights(X: np.ndarray, clusterer: SampledTopics) -> np.ndarray:
    """What share of each fitted text belongs to each topic: texts × topics, rows add up to 1.

    Of each topic the three other texts that are most similar vote, by their mean similarity. How
    much a nearer vote counts is calibrated: it is what best tells texts from pairs of texts of two
    topics that were joined in equal parts (log loss).
    """
    first, node = distinct_rows(X)
    votes = votes_for(X[first], clusterer, clusterer.voter_[first])
    return in_steps(_shares(votes, sharpness(clusterer)))[node]


def placed(
    X: np.ndarray,
    clusterer: SampledTopics,
    own: np.ndarray | None = None,
    sharp: float | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What share of each row belongs to each topic, as topic_weights; its margin: how far the first
    topic is ahead of the second, in shares; how near it is: its mean similarity to the three voters
    of the topic that is most like it. own is its place among the voters, where it has one; sharp
    the clusterer's sharpness, where it was reckoned before."""
    votes = votes_for(X, clusterer, np.full(len(X), -1) if own is None else own)
    sharp = sharpness(clusterer) if sharp is None else sharp
    shares = in_steps(_shares(votes, sharp))
    two = np.sort(np.pad(shares, ((0, 0), (1, 0))), axis=1)[:, -2:]
    return shares, (two[:, 1] - two[:, 0]).round(3), votes.max(axis=1, initial=-1).round(4)


def votes_for(X: np.ndarray, clusterer: SampledTopics, own: np.ndarray) -> np.ndarray:
    """similarity_to_topics of rows to the voters of a clusterer."""
    voters, topics = clusterer.vectors_, clusterer.node_labels_
    return similarity_to_topics(X, voters, topics, own, clusterer.rows_)


def similarity_to_topics(
    X: np.ndarray, voters: np.ndarray, topics: np.ndarray, own: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Mean similarity of each row of X to the three voters of each topic that are most similar.

    own is each row's place among the voters, or -1; rows is how many tickets a voter stands for. A
    ticket does not vote for itself, unless another has the same text; a topic of nobody else is
    its own.
    """
    order = np.argsort(topics, kind="stable")
    place, sorted_voters = np.argsort(order), voters[order].T
    starts = np.searchsorted(topics[order], np.arange(topics.max() + 2))

    def of_block(start: int) -> np.ndarray:
        at = own[start : start + BLOCK]
        alike = np.round(X[start : start + BLOCK] @ sorted_voters, 6)
        lone = np.flatnonzero((at >= 0) & (rows[at] == 1))
        alike[lone, place[at[lone]]] = -1
        similarity = np.empty((len(alike), len(starts) - 1))
        for topic, (low, high) in enumerate(pairwise(starts)):
            if low == high:  # nobody is left of it
                similarity[:, topic] = -2
                continue
            few = min(VOTERS, max(1, high - low - 1))
            best = np.sort(np.partition(alike[:, low:high], -few, axis=1)[:, -few:], axis=1)
            similarity[:, topic] = best.mean(axis=1)
        return similarity

    blocks = side_by_side(of_block, range(0, len(X), BLOCK))
    similarity = np.concatenate([np.empty((0, len(starts) - 1)), *blocks])
    return np.where(similarity == -1, 1, similarity)


def in_steps(shares: np.ndarray) -> np.ndarray:
    """Shares in whole thousandths, none too small; the largest of a row gets what is left over."""
    steps = np.round(np.where(shares < LEAST, 0, shares) * STEPS)
    steps[np.arange(len(steps)), steps.argmax(axis=1)] += STEPS - steps.sum(axis=1)
    return steps / STEPS


def sharpness(clusterer: SampledTopics) -> float:
    """How much a nearer vote counts: least log loss on voters drawn by seed, and on joined pairs.

    Voters stand in an order of their own, whatever that of the texts was.
    """
    voters, topics, rows = clusterer.vectors_, clusterer.node_labels_, clusterer.rows_
    rng = np.random.default_rng(clusterer.seed)
    some = rng.permutation(len(voters))[:PAIRS]
    a, b = rng.integers(0, len(voters), (2, PAIRS))
    a, b = a[topics[a] != topics[b]], b[topics[a] != topics[b]]
    joined = voters[a] + voters[b]
    joined /= np.maximum(np.linalg.norm(joined, axis=1, keepdims=True), 1e-12)
    single = similarity_to_topics(voters[some], voters, topics, some, rows)
    halves = similarity_to_topics(joined, voters, topics, np.full(len(a), -1), rows)

    def loss(sharp: float) -> float:
        both = _surprise(halves, topics[a], sharp) + _surprise(halves, topics[b], sharp)
        return round(_surprise(single, topics[some], sharp) + both / 2, 3)

    return float(min(SHARPNESS, key=loss))


def _shares(votes: np.ndarray, sharp: float) -> np.ndarray:
    odds = np.exp(sharp * (votes - votes.max(axis=1, keepdims=True)))
    return odds / odds.sum(axis=1, keepdims=True)


def _surprise(votes: np.ndarray, topics: np.ndarray, sharp: float) -> float:
    shares = _shares(votes, sharp)[np.arange(len(topics)), topics]
    return float(-np.log(np.maximum(shares, 1e-6)).sum())
