"""What sets a topic apart from the one nearest to it."""

import numpy as np
from scipy import sparse

SHOWN = 3  # words
PRIOR = 0.01  # of a word, times how common it is: weak, so that frequent words lead
SURE = 1.96


def nearest_other(centres: np.ndarray) -> np.ndarray:
    """For each topic the number of the one whose mean direction is nearest; -1 if it is alone."""
    if len(centres) < 2:
        return np.full(len(centres), -1)
    alike = np.round(centres @ centres.T, 6)
    np.fill_diagonal(alike, -2)
    return alike.argmax(axis=1)


def words_apart(
    counts: sparse.csr_matrix, words: np.ndarray, topics: np.ndarray, nearest: np.ndarray
) -> list[list[str]]:
    """For each topic at most three words that its texts hold more often than the nearest topic's.

    counts says which texts (rows) hold which words (columns). Words are ordered by the log odds
    ratio with an informative Dirichlet prior, in standard errors (Monroe, Colaresi & Quinn 2008,
    Political Analysis 16); those below 1.96 are not told.
    """
    members = sparse.csr_matrix((np.ones(len(topics)), (topics, np.arange(len(topics)))))
    held = np.asarray((members @ (counts > 0).astype(float)).todense())
    usual = PRIOR * held.sum(axis=0) + 1e-9
    apart = []
    for topic, other in enumerate(nearest):
        z = _log_odds(held[topic], held[other], usual) if other >= 0 else np.zeros(len(words))
        best = np.argsort(-np.round(z, 6), kind="stable")[:SHOWN]
        apart.append([str(words[at]) for at in best if z[at] >= SURE])
    return apart


def _log_odds(here: np.ndarray, there: np.ndarray, prior: np.ndarray) -> np.ndarray:
    def odds(held: np.ndarray) -> np.ndarray:
        return np.log((held + prior) / (held.sum() + prior.sum() - held - prior))

    return (odds(here) - odds(there)) / np.sqrt(1 / (here + prior) + 1 / (there + prior))
