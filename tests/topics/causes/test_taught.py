"""What people teach moves tickets that are alike, and no others."""

import numpy as np
import pytest

from cxresearch.topics.causes.taught import taught_causes
from cxresearch.topics.neighbours import shared_neighbours


@pytest.fixture(scope="module")
def told():
    """Three clouds of forty texts; the third was taken for a part of the second."""
    rng = np.random.default_rng(3)
    vectors = np.repeat(np.eye(3, 8), 40, axis=0) + rng.normal(0, 0.1, (120, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    causes = np.repeat(np.array(["login", "billing", "billing"], dtype=object), 40)
    return shared_neighbours(vectors), vectors, causes


def test_nothing_taught_moves_nothing(told):
    graph, vectors, causes = told
    assert taught_causes(graph, vectors, causes, {}, {}).tolist() == causes.tolist()


def test_a_sentence_splits_a_cause(told):
    graph, vectors, causes = told
    moved = taught_causes(graph, vectors, causes, {"refund": np.eye(3, 8)[[2]]}, {})
    assert set(moved[:40]) == {"login"}
    assert (moved[40:80] == "billing").mean() > 0.9
    assert (moved[80:] == "refund").mean() > 0.9


def test_a_sentence_that_is_central_to_a_cause_gives_it_its_name(told):
    graph, vectors, causes = told
    moved = taught_causes(graph, vectors, causes, {"sign in": np.eye(3, 8)[[0]]}, {})
    assert set(moved[:40]) == {"sign in"}
    assert set(moved[40:]) == {"billing"}


def test_a_correction_stands_and_draws_its_neighbours_along(told):
    graph, vectors, causes = told
    moved = taught_causes(graph, vectors, causes, {}, {80: "refund", 81: "refund", 82: "refund"})
    assert set(moved[80:83]) == {"refund"}
    assert (moved[83:] == "refund").sum() > 5
    assert "refund" not in moved[:80]


def test_no_text_goes_to_a_cause_that_nobody_taught(told):
    graph, vectors, causes = told
    moved = taught_causes(graph, vectors, causes, {"refund": np.eye(3, 8)[[2]]}, {0: "refund"})
    changed = moved != causes
    assert set(moved[changed]) == {"refund"}
