"""Shares of a ticket in topics, on directions made by hand."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from cxresearch.topics.sample import SampledTopics
from cxresearch.topics.votes import in_steps, similarity_to_topics, topic_weights
from tests.topics.test_graph import clouds

VECTORS, AXIS = clouds([90, 70, 60, 50, 30])
CLUSTERER = SampledTopics(target_topics=5).fit(VECTORS)
WEIGHTS = topic_weights(VECTORS, CLUSTERER)


def test_a_ticket_s_shares_add_up_to_one():
    assert WEIGHTS.shape == (len(VECTORS), CLUSTERER.labels_.max() + 1)
    assert WEIGHTS.min() >= 0
    np.testing.assert_allclose(WEIGHTS.sum(axis=1), 1, atol=1e-12)


def test_a_ticket_s_largest_share_is_that_of_its_topic():
    assert (WEIGHTS.argmax(axis=1) == CLUSTERER.labels_).mean() > 0.97


def test_the_number_of_threads_changes_no_bit_of_a_vote():
    given = VECTORS, VECTORS, CLUSTERER.labels_, np.full(len(VECTORS), -1), np.ones(len(VECTORS))
    made = []
    for number in (1, 2, 3):
        with threadpool_limits(number):
            made.append(similarity_to_topics(*given))
    np.testing.assert_array_equal(made[1], made[0])
    np.testing.assert_array_equal(made[2], made[0])


def test_two_issues_in_one_ticket_show_as_two():
    both = VECTORS[:20] + VECTORS[100:120]
    both /= np.linalg.norm(both, axis=1, keepdims=True)
    everyone = np.vstack([VECTORS, both])
    clusterer = SampledTopics(target_topics=5).fit(everyone)
    theirs = clusterer.labels_[[0, 100]]
    shares = topic_weights(everyone, clusterer)[-20:, theirs]
    assert np.median(shares.min(axis=1)) > 0.2


def test_three_others_of_each_topic_vote_and_never_the_ticket_itself():
    X = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1], [0.28, 0.96]])
    topics, once = np.array([0, 0, 0, 1, 1]), np.ones(5)
    found = similarity_to_topics(X, X, topics, np.arange(5), once)
    assert found[0] == pytest.approx([(0.8 + 0.6) / 2, 0.28])
    assert found[3] == pytest.approx([(0.6 + 0.8) / 2, 0.96])


def test_another_ticket_with_the_same_text_does_vote():
    X = np.array([[1.0, 0], [0, 1], [0, 1]])
    found = similarity_to_topics(X, X, np.array([0, 1, 1]), np.arange(3), np.array([2, 1, 1]))
    assert found[0].tolist() == [1, 0]


def test_shares_that_are_too_small_go_to_the_largest():
    assert in_steps(np.array([[0.985, 0.015], [0.3333, 0.6667]])).tolist() == [
        [1, 0],
        [0.333, 0.667],
    ]
