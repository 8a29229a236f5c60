"""Many texts: a sample is compared, the others follow its vote."""

import numpy as np
from sklearn.metrics import adjusted_rand_score

from cxresearch.topics.graph import SharedNeighbourTopics
from cxresearch.topics.sample import SampledTopics, stratified
from tests.topics.test_graph import clouds

VECTORS, AXIS = clouds([300, 200, 100, 60, 40])


def test_few_texts_are_all_compared():
    ours = SampledTopics(target_topics=5).fit(VECTORS)
    plain = SharedNeighbourTopics(target_topics=5).fit(VECTORS)
    assert ours.labels_.tolist() == plain.labels_.tolist()
    assert ours.voter_.min() == 0


def test_of_many_texts_some_make_the_topics_and_the_others_follow():
    sampled = SampledTopics(target_topics=5, most=350).fit(VECTORS)
    assert len(sampled.vectors_) == (sampled.voter_ >= 0).sum() == 350
    assert adjusted_rand_score(AXIS, sampled.labels_) > 0.9
    outside = sampled.voter_ < 0
    assert (sampled.labels_[outside] == sampled.predict(VECTORS[outside])).all()


def test_the_sample_does_not_depend_on_the_order_of_texts():
    order = np.random.default_rng(2).permutation(len(VECTORS))
    plain = SampledTopics(target_topics=5, most=350).fit(VECTORS)
    other = SampledTopics(target_topics=5, most=350).fit(VECTORS[order])
    np.testing.assert_array_equal(plain.labels_[order], other.labels_)


def test_every_part_of_the_space_gives_its_share_of_the_sample():
    some = stratified(VECTORS, 70, seed=1)
    assert len(set(some)) == 70
    np.testing.assert_allclose(np.bincount(AXIS[some]), [30, 20, 10, 6, 4], atol=4)


def test_a_text_that_many_wrote_is_compared_once():
    many = SampledTopics(target_topics=2, most=40).fit(np.repeat(VECTORS[280:320], 5, axis=0))
    assert len(many.vectors_) == 40
    assert many.voter_.min() == 0


def test_a_text_that_was_fitted_keeps_its_topic():
    model = SampledTopics(target_topics=30).fit(VECTORS)
    assert (model.predict(VECTORS) == model.labels_).all()
    assert (SharedNeighbourTopics.predict(model, VECTORS) != model.labels_).any()
