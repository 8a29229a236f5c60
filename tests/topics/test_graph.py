"""Communities of tickets that share their neighbours, on small made-up vectors."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from cxresearch.topics import communities as module
from cxresearch.topics import neighbours
from cxresearch.topics.communities import by_size, consensus, join_small
from cxresearch.topics.graph import SharedNeighbourTopics, default_topics
from cxresearch.topics.neighbours import (
    drawn_by_labels,
    equally_strong,
    near_rows,
    nearest_rows,
    overlap_graph,
    shared_neighbours,
)


def clouds(sizes: list[int], spread: float = 0.25, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Directions scattered about some axes, and the axis of each."""
    rng = np.random.default_rng(seed)
    axis = np.repeat(np.arange(len(sizes)), sizes)
    vectors = np.eye(24)[axis] + spread * rng.normal(size=(len(axis), 24))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), axis


VECTORS, AXIS = clouds([90, 70, 60, 50, 30])


def test_groups_that_stand_apart_are_found():
    labels = SharedNeighbourTopics(target_topics=5).fit(VECTORS).labels_
    assert adjusted_rand_score(AXIS, labels) > 0.9


def test_labels_are_numbered_by_size_without_outliers():
    labels = SharedNeighbourTopics(target_topics=5).fit(VECTORS).labels_
    assert labels.min() == 0
    assert (np.diff(np.bincount(labels)) <= 0).all()


def test_the_order_of_rows_changes_nothing():
    order = np.random.default_rng(1).permutation(len(VECTORS))
    labels = SharedNeighbourTopics(target_topics=8).fit(VECTORS).labels_
    shuffled = SharedNeighbourTopics(target_topics=8).fit(VECTORS[order]).labels_
    np.testing.assert_array_equal(labels[order], shuffled)


@pytest.mark.parametrize("target", [5, 10, 20])
def test_the_number_of_topics_asked_for_is_met_within_a_tenth(target):
    vectors, _ = clouds([60] * 20, spread=0.3)
    found = SharedNeighbourTopics(target_topics=target).fit(vectors).labels_.max() + 1
    assert abs(found - target) <= max(1, 0.1 * target)


def test_a_number_that_a_higher_resolution_would_miss_again_is_met():
    vectors, _ = clouds([15] * 20, spread=0.3)
    found = SharedNeighbourTopics(target_topics=20).fit(vectors).labels_.max() + 1
    assert abs(found - 20) <= 2


def test_every_seed_finds_the_same_resolution():
    found = {SharedNeighbourTopics(5, seed=seed).fit(VECTORS).resolution_ for seed in range(3)}
    assert len(found) == 1


def test_the_last_digits_of_vectors_change_next_to_nothing():
    noise = 1e-6 * np.random.default_rng(2).normal(size=VECTORS.shape)
    moved = SharedNeighbourTopics(5).fit((VECTORS + noise).astype(np.float32)).labels_
    assert adjusted_rand_score(moved, SharedNeighbourTopics(5).fit(VECTORS).labels_) > 0.95


def test_the_last_bits_of_vectors_change_nothing_where_texts_are_told():
    noise = 1e-7 * np.random.default_rng(2).normal(size=VECTORS.shape)
    texts = np.array([f"text {n}" for n in range(len(VECTORS))])
    moved = SharedNeighbourTopics(12).fit((VECTORS + noise).astype(np.float32), texts)
    plain = SharedNeighbourTopics(12).fit(VECTORS, texts)
    np.testing.assert_array_equal(moved.labels_, plain.labels_)
    assert moved.resolution_ == plain.resolution_


def test_of_topics_of_equal_size_the_one_whose_first_row_is_first_comes_first():
    labels = by_size(np.array([2, 0, 1, 1, 2, 0, 1]), np.ones(7))
    assert labels.tolist() == [1, 2, 0, 0, 1, 2, 0]


def test_a_resolution_that_is_given_is_used():
    coarse = SharedNeighbourTopics(resolution=0.1).fit(VECTORS)
    fine = SharedNeighbourTopics(resolution=5.0).fit(VECTORS)
    assert (coarse.resolution_, fine.resolution_) == (0.1, 5.0)
    assert coarse.labels_.max() < fine.labels_.max()


@pytest.mark.parametrize("n", [1, 2, 3, 20])
def test_few_rows_get_labels_too(n):
    labels = SharedNeighbourTopics().fit(VECTORS[:n]).labels_
    assert len(labels) == n
    assert labels.min() == 0


def test_equal_rows_are_one_topic():
    labels = SharedNeighbourTopics(target_topics=5).fit(np.repeat(VECTORS[:1], 40, axis=0)).labels_
    assert labels.tolist() == [0] * 40


def test_equal_rows_share_a_topic_among_others():
    labels = SharedNeighbourTopics().fit(np.vstack([VECTORS, VECTORS[[7] * 30]])).labels_
    assert set(labels[-30:]) == {labels[7]}


def test_new_rows_go_where_their_neighbours_are():
    model = SharedNeighbourTopics(target_topics=5).fit(VECTORS)
    assert (model.predict(VECTORS) == model.labels_).mean() > 0.95


def test_neighbours_are_those_that_a_full_sort_finds():
    similar = VECTORS @ VECTORS.T
    np.fill_diagonal(similar, -2)
    expected = np.sort(np.argsort(-similar, axis=1)[:, :4], axis=1)
    np.testing.assert_array_equal(np.sort(nearest_rows(VECTORS, 4), axis=1), expected)


def test_neighbours_among_other_rows_come_with_the_most_similar_first():
    many, _ = clouds([400] * 5, seed=1)  # so many that they are compared in groups
    expected = np.argsort(-(VECTORS @ many.T), axis=1)[:, :15]
    assert (nearest_rows(VECTORS, 15, many) == expected).mean() > 0.999


def test_of_rows_that_are_equally_similar_the_first_are_neighbours():
    many = np.tile(np.eye(3, dtype=np.float32), (40, 1))
    assert nearest_rows(many[:1], 5, many).tolist() == [[0, 3, 6, 9, 12]]


def test_of_more_rows_each_is_compared_with_some_and_nearly_all_neighbours_are_found(monkeypatch):
    monkeypatch.setattr(neighbours, "AMONG", 400)
    many, _ = clouds([400] * 5, seed=1)
    near, recall = near_rows(many, 15)
    exact = nearest_rows(many, 15)
    found = np.mean([len(set(a) & set(b)) / 15 for a, b in zip(near, exact, strict=True)])
    assert 0.95 <= recall < 1
    assert recall == pytest.approx(found, abs=0.02)
    assert not (near == np.arange(len(many))[:, None]).any()
    np.testing.assert_array_equal(near_rows(many, 15)[0], near)


def test_where_too_few_neighbours_are_found_all_rows_are_compared(monkeypatch):
    monkeypatch.setattr(neighbours, "AMONG", 40)
    noise, _ = clouds([1000], spread=5.0)
    near, recall = near_rows(noise, 15)
    assert recall < neighbours.RECALL
    np.testing.assert_array_equal(near, nearest_rows(noise, 15))


def test_few_rows_are_all_compared_and_nothing_is_said_of_recall():
    near, recall = near_rows(VECTORS, 15)
    assert recall is None
    np.testing.assert_array_equal(near, nearest_rows(VECTORS, 15))


def test_an_edge_weighs_the_root_of_the_share_of_neighbours_in_common():
    found = nearest_rows(VECTORS, 15)
    near = [{i, *row} for i, row in enumerate(found.tolist())]
    i = 10
    j = next(iter(near[i] - {i}))
    expected = len(near[i] & near[j]) / len(near[i] | near[j])
    graph = overlap_graph(found)
    assert graph[i, j] == graph[j, i] == pytest.approx(expected**0.5, abs=1e-6)


def test_every_row_is_tied_to_its_surroundings_equally_strongly():
    """A triangle of edges 1, 2 and 4 becomes one of halves: what two ends share is scaled alike."""
    graph = sparse.csr_matrix(np.array([[0, 1, 2, 0], [1, 0, 4, 0], [2, 4, 0, 0], [0, 0, 0, 0]]))
    triangle = np.pad((1 - np.eye(3)) / 2, ((0, 1), (0, 1)))
    assert equally_strong(graph).toarray() == pytest.approx(triangle, abs=2e-3)
    strengths = np.asarray(shared_neighbours(VECTORS).sum(axis=1)).ravel()
    assert strengths == pytest.approx(np.ones(len(VECTORS)), abs=1e-3)


def test_a_small_community_joins_the_nearest_large_one():
    X = np.array([[1, 0]] * 5 + [[0, 1]] * 5 + [[0.6, 0.8]])
    labels = np.array([0] * 5 + [1] * 5 + [2])
    assert join_small(labels, X, np.ones(11)).tolist() == [0] * 5 + [1] * 6


def test_one_letter_sent_by_a_few_is_no_topic_of_its_own():
    """20 rows far from all others; a tenth of 320 rows' mean topic is 8 of 4 topics, 32 of one."""
    letter = np.zeros((20, 24), dtype=np.float32)
    letter[:, 20], letter[:, 21] = 1, np.linspace(0, 0.1, 20)
    letter /= np.linalg.norm(letter, axis=1, keepdims=True)
    rows = np.concatenate([VECTORS, letter])
    for target, alone in ((4, True), (1, False)):
        labels = SharedNeighbourTopics(target, resolution=0.2).fit(rows).labels_
        assert (np.bincount(labels)[labels[-1]] < 30) == alone


def test_the_largest_label_becomes_zero():
    assert by_size(np.array([0, 1, 1, 2, 2, 2]), np.ones(6)).tolist() == [2, 1, 1, 0, 0, 0]


def test_clear_groups_come_back_and_noise_does_not():
    clear = SharedNeighbourTopics(target_topics=5).fit(VECTORS).stability()
    noise, _ = clouds([300], spread=5.0)
    vague = SharedNeighbourTopics(target_topics=5).fit(noise).stability()
    assert clear.min() > 0.8
    assert vague.mean() < clear.mean() - 0.2


def test_more_tickets_aim_for_more_topics_up_to_forty():
    assert [default_topics(n) for n in (1, 300, 4000, 5000, 10**6)] == [1, 9, 32, 35, 40]


def test_no_two_seeds_share_a_run(monkeypatch):
    seeds = []

    def run(graph, resolution, seed, cycles=1, trials=1):
        seeds.extend([seed] if trials == 1 else [])
        return np.zeros(graph.shape[0], dtype=int)

    monkeypatch.setattr(module, "leiden", run)
    for seed in (0, 1, 42):
        consensus(shared_neighbours(VECTORS), 1.0, seed)
    assert len(seeds) == len(set(seeds)) == 60


def test_labels_pull_as_much_as_neighbours_share_them_by_hand():
    # a line of four: two of label 0, two of label 1; four of six ends meet their own label where
    # three would by chance, so edges weigh a third more or less
    line = sparse.csr_matrix(np.diag([1.0, 1, 1], 1) + np.diag([1.0, 1, 1], -1))
    drawn = drawn_by_labels(line, np.array([0, 0, 1, 1]))
    by_hand = np.diag([4 / 3, 2 / 3, 4 / 3], 1) + np.diag([4 / 3, 2 / 3, 4 / 3], -1)
    wanted = equally_strong(sparse.csr_matrix(by_hand)).toarray()
    np.testing.assert_allclose(drawn.toarray(), wanted, atol=2e-6)


@pytest.mark.parametrize("labels", [[-1, -1, -1, -1], [0, 0, 0, 0], [0, 1, 0, 1]])
def test_labels_that_nobody_gave_or_that_neighbours_do_not_share_pull_nothing(labels):
    line = sparse.csr_matrix(np.diag([1.0, 1, 1], 1) + np.diag([1.0, 1, 1], -1))
    drawn = drawn_by_labels(line, np.array(labels))
    assert abs(drawn - equally_strong(line)).max() < 1e-5 or abs(drawn - line).max() == 0


def test_labels_of_some_rows_help_and_the_order_of_rows_still_changes_nothing():
    vectors, axis = clouds([60] * 4, spread=0.45)
    told = np.where(np.arange(len(axis)) % 3, axis, -1)
    plain = SharedNeighbourTopics(4).fit(vectors).labels_
    drawn = SharedNeighbourTopics(4, labels=told).fit(vectors).labels_
    assert adjusted_rand_score(axis, drawn) > adjusted_rand_score(axis, plain) + 0.05
    order = np.random.default_rng(1).permutation(len(axis))
    again = SharedNeighbourTopics(4, labels=told[order]).fit(vectors[order]).labels_
    np.testing.assert_array_equal(drawn[order], again)
