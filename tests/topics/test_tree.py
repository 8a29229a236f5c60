"""The order in which topics would join, and the themes that they join to."""

import numpy as np
import pytest

from cxresearch.topics.tree import FEW, MANY, themes, topic_tree

CENTRES = np.array([[1, 0], [0.8, 0.6], [-1, 0]])


def test_the_nearest_topics_join_first():
    tree = topic_tree(CENTRES)
    assert tree[["parent", "left", "right"]].to_numpy().tolist() == [[3, 0, 1], [4, 2, 3]]
    assert tree["topics"].tolist() == [[0, 1], [0, 1, 2]]
    np.testing.assert_allclose(tree["distance"], [0.2, (2 + 1.8) / 2], atol=1e-4)


def test_one_topic_or_none_has_nothing_to_join():
    assert topic_tree(CENTRES[:1]).empty
    assert topic_tree(CENTRES[:0]).empty


def directions(groups: int, each: int, spread: float) -> np.ndarray:
    """Topics' middles, scattered about the axes of so many groups."""
    rng = np.random.default_rng(0)
    middles = np.eye(groups)[np.arange(groups * each) % groups]
    middles = middles + spread * rng.normal(size=middles.shape)
    return middles / np.linalg.norm(middles, axis=1, keepdims=True)


@pytest.mark.parametrize("n", [0, 1, 2, MANY])
def test_so_few_topics_are_their_own_themes(n):
    assert themes(directions(15, 1, 0.3)[:n]).tolist() == list(range(n))


def test_forty_topics_make_eight_to_fifteen_themes():
    theme = themes(directions(20, 2, 0.4))
    assert FEW <= theme.max() + 1 <= MANY
    assert set(theme) == set(range(theme.max() + 1))


@pytest.mark.parametrize("groups", [8, 10, 13, 15])
def test_topics_that_stand_in_groups_make_these_groups_their_themes(groups):
    theme = themes(directions(groups, 4, 0.05))
    assert theme.tolist() == [*range(groups)] * 4


def test_the_order_of_topics_changes_no_theme_but_its_number():
    centres = directions(20, 2, 0.4)
    back, theme = themes(centres[::-1])[::-1], themes(centres)
    assert len({*zip(theme, back, strict=True)}) == len(set(theme)) == len(set(back))
