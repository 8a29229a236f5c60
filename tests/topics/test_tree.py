"""The order in which topics would join."""

import numpy as np

from cxresearch.topics.tree import topic_tree

CENTRES = np.array([[1, 0], [0.8, 0.6], [-1, 0]])


def test_the_nearest_topics_join_first():
    tree = topic_tree(CENTRES)
    assert tree[["parent", "left", "right"]].to_numpy().tolist() == [[3, 0, 1], [4, 2, 3]]
    assert tree["topics"].tolist() == [[0, 1], [0, 1, 2]]
    np.testing.assert_allclose(tree["distance"], [0.2, (2 + 1.8) / 2], atol=1e-4)


def test_one_topic_or_none_has_nothing_to_join():
    assert topic_tree(CENTRES[:1]).empty
    assert topic_tree(CENTRES[:0]).empty
