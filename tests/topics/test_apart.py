"""What sets a topic apart from its nearest, counted by hand."""

import numpy as np
import pytest
from scipy import sparse

from cxresearch.topics.apart import nearest_other, words_apart

WORDS = np.array(["late", "parcel", "refund", "we"])
# 20 texts a topic: how many of them hold each word
HELD = np.array([[12, 16, 0, 8], [0, 15, 12, 8]])
TOPICS = np.repeat([0, 1], 20)


def texts_that_hold(held: np.ndarray) -> sparse.csr_matrix:
    rows = [[int(text < n) for n in topic] for topic in held for text in range(20)]
    return sparse.csr_matrix(np.array(rows))


def test_the_nearest_other_is_the_one_of_the_most_similar_direction():
    centres = np.array([[1, 0], [0.8, 0.6], [0, 1], [-1, 0]])
    assert nearest_other(centres).tolist() == [1, 0, 1, 2]
    assert nearest_other(centres[:1]).tolist() == [-1]
    assert nearest_other(centres[:0]).tolist() == []


def test_words_that_one_holds_and_the_other_does_not_set_them_apart():
    """late: prior 0.01 * 12 = 0.12 of 0.71. Here 12.12 to 36 - 12 + 0.71 - 0.12 = 24.59, there
    0.12 to 35.59: log odds -0.707 and -5.692, apart 4.985, standard error 2.901 (the root of
    1 / 12.12 + 1 / 0.12), so 1.72: not told. With five times as
    many texts the error is 1.297: told."""
    counts = texts_that_hold(HELD)
    assert words_apart(counts, WORDS, TOPICS, np.array([1, 0])) == [[], []]
    many = sparse.vstack([counts] * 5).tocsr()
    topics = np.tile(TOPICS, 5)
    assert words_apart(many, WORDS, topics, np.array([1, 0])) == [["late"], ["refund"]]


def test_at_most_three_words_are_told_the_surest_first():
    held = np.array([[20, 18, 19, 17], [2, 2, 2, 2]])
    wide = sparse.csr_matrix(np.hstack([texts_that_hold(held).toarray(), np.ones((40, 20))]))
    words = np.array([*WORDS, *(f"w{n}" for n in range(20))])
    told = words_apart(wide, words, TOPICS, np.array([1, 0]))
    assert told == [["late", "refund", "parcel"], []]


def test_how_often_a_text_holds_a_word_counts_once():
    counts, nearest = 7 * texts_that_hold(HELD), np.array([1, 0])
    assert words_apart(counts, WORDS, TOPICS, nearest) == [[], []]


@pytest.mark.parametrize("topics", [np.zeros(40, int)])
def test_a_topic_alone_is_apart_from_none(topics):
    assert words_apart(texts_that_hold(HELD), WORDS, topics, np.array([-1])) == [[]]
