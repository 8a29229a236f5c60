"""How far a topic can be trusted: do its words belong together, do its tickets stand apart?

How reproducible topics are is told by the clusterer itself (graph.SharedNeighbourTopics.stability).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import CountVectorizer

TOP = 10  # words of a topic that are compared


def coherence(
    texts: Sequence[str], words: list[list[str]], vectorizer: CountVectorizer
) -> np.ndarray:
    """By topic, how often its ten most telling words stand in the same texts, from -1 to 1.

    The mean over pairs of normalised pointwise mutual information (Bouma 2009): 0 where words meet
    as often as by chance, -1 where they never do. Pairs of words are left out, because they meet
    their own parts. NaN for a topic with fewer than two words.
    """
    single = [[word for word in each if " " not in word][:TOP] for each in words]
    counts = vectorizer.transform(texts)
    column = {word: vectorizer.vocabulary_[word] for each in single for word in each}
    place = {word: at for at, word in enumerate(column)}
    held = (counts[:, list(column.values())] > 0).astype(float)
    together = (held.T @ held).toarray() / len(texts)
    return np.array([_mean_npmi(together, [place[w] for w in each]) for each in single])


def distinctness(weights: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """By topic, how far its texts' share in it exceeds that in the next best; 1 is no doubt."""
    rows = np.arange(len(labels))
    others = weights.copy()
    others[rows, labels] = 0
    margin = weights[rows, labels] - others.max(axis=1, initial=0)
    return np.bincount(labels, weights=margin) / np.bincount(labels)


def _mean_npmi(together: np.ndarray, places: list[int]) -> float:
    pairs = [
        _npmi(together[a, b], together[a, a], together[b, b]) for a, b in combinations(places, 2)
    ]
    return float(np.mean(pairs)) if pairs else np.nan


def _npmi(both: float, a: float, b: float) -> float:
    if both == 0:
        return -1.0
    return 1.0 if both == 1 else float(np.log(both / (a * b)) / -np.log(both))
