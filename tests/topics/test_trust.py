"""Coherence by hand, and margins of shares."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from cxresearch.topics.coherence import coherence, distinctness

TEXTS = ["cat dog", "cat dog", "cat", "fish", "fish", "bird bird"]
VECTORIZER = CountVectorizer().fit(TEXTS)


def test_words_that_meet_more_often_than_by_chance_are_coherent():
    # cat in 3 of 6 texts, dog in 2, both in 2: log((2/6) / (3/6 * 2/6)) / -log(2/6)
    found = coherence(TEXTS, [["cat", "dog"]], VECTORIZER)
    assert found == pytest.approx([np.log(2) / np.log(3)])


def test_words_that_never_meet_are_not_and_the_mean_is_over_pairs():
    apart, mixed = coherence(TEXTS, [["cat", "fish"], ["cat", "dog", "bird"]], VECTORIZER)
    assert apart == -1
    assert mixed == pytest.approx((np.log(2) / np.log(3) - 2) / 3)


def test_pairs_of_words_are_not_compared_and_one_word_tells_nothing():
    assert np.isnan(coherence(TEXTS, [["cat", "cat dog"]], VECTORIZER)).all()


def test_words_that_stand_in_every_text_meet_by_chance_or_always():
    texts = ["a1 b1", "a1 b1"]
    assert coherence(texts, [["a1", "b1"]], CountVectorizer().fit(texts)).tolist() == [1]


def test_distinctness_is_the_mean_lead_over_the_next_topic():
    weights = np.array([[0.7, 0.3, 0], [1, 0, 0], [0.6, 0.2, 0.2]])
    assert distinctness(weights, np.array([0, 0, 1])) == pytest.approx([0.7, -0.4])
