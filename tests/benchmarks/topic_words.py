"""The words of topics by one measure for every way to find them: coherence and diversity."""

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

TOP, FEWEST = 10, 5  # words a topic, texts that hold a word


def word_counts(texts: list[str]) -> sparse.csr_matrix:
    """How often each text (row) holds each word, but stop words and those in few texts."""
    return CountVectorizer(stop_words="english", min_df=FEWEST).fit_transform(texts).tocsr()


def telling(labels: np.ndarray, counts: sparse.csr_matrix) -> list[np.ndarray]:
    """The columns of the 10 most telling words of each topic by c-TF-IDF, outliers left out."""
    kept = labels >= 0
    topics = np.unique(labels[kept], return_inverse=True)[1]
    members = sparse.csr_matrix((np.ones(len(topics)), (topics, np.flatnonzero(kept))))
    by_topic = (members @ counts[: members.shape[1]]).toarray()
    each = by_topic.sum(axis=1, keepdims=True)
    scores = by_topic / np.maximum(each, 1) * np.log1p(each.mean() / np.maximum(by_topic.sum(0), 1))
    return [
        row[scores[t][row] > 0] for t, row in enumerate(np.argsort(-scores, kind="stable")[:, :TOP])
    ]


def npmi(top: list[np.ndarray], counts: sparse.csr_matrix) -> float:
    """The mean over topics of the normalised mutual information of their words in one text."""
    held = (counts > 0).astype(float).tocsc()
    return float(np.mean([_npmi(held[:, words]) for words in top if len(words) > 1]))


def _npmi(held: sparse.csc_matrix) -> float:
    both = (held.T @ held).toarray() / held.shape[0]
    one, other = np.triu_indices(len(both), 1)
    single, pair = both.diagonal(), both[one, other]
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(pair / (single[one] * single[other])) / -np.log(pair)
    return float(np.where(pair == 0, -1, np.where(pair == 1, 1, values)).mean())


def diversity(top: list) -> float:
    """The share of the topics' words that differ."""
    words = [word for each in top for word in each]
    return len(set(words)) / len(words) if words else np.nan
