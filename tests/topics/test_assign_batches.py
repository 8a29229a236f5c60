"""New texts are placed a batch at a time: the same in any batches, and none before it is asked."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from cxresearch.study.schema import InputError
from cxresearch.topics import assigning
from cxresearch.topics import embed as embedding
from cxresearch.topics.assigning import assign_batches
from cxresearch.topics.fit import fit_topics
from tests.engines import spark, why_not
from tests.topics.test_model import CAUSES, NEW, SINCE

TEXTS = [f"{text} {since}." for texts in CAUSES.values() for text in texts for since in SINCE]
HERE = [*NEW, "A violin concerto in the old opera house.", *TEXTS[:6]]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def model(cache):
    return fit_topics(TEXTS, cache=cache)


@pytest.fixture
def batch():
    ids = [f"t{at}" for at in range(len(HERE))]
    return pa.record_batch({"ticket_id": ids, "text": HERE})


def in_parts(batch, rows):
    return (batch.slice(at, rows) for at in range(0, len(batch), rows))


def test_each_text_has_the_topic_that_assign_gives_it_and_shares_of_one(model, batch, cache):
    (told,) = assign_batches(model, [batch], cache)
    assert told["ticket_id"].to_pylist() == batch["ticket_id"].to_pylist()
    assert told["topic"].to_pylist() == model.assign(HERE, cache).tolist()
    sums = [sum(row) for row in told["weights"].to_pylist()]
    topics = np.array(told["topic"])
    assert sums == pytest.approx((topics >= 0).astype(float))
    assert np.array(told["near"].is_null()).tolist() == (topics < 0).tolist()


@pytest.mark.parametrize("rows", [1, 3])
def test_batches_of_any_size_give_the_same(model, batch, cache, rows):
    parts = pa.Table.from_batches(assign_batches(model, in_parts(batch, rows), cache))
    assert parts.equals(pa.Table.from_batches(assign_batches(model, [batch], cache)))


def test_what_is_less_near_than_the_model_says_is_new_or_other(model, batch, cache):
    (told,) = assign_batches(model, [batch], cache)
    nearest = np.nanmax(told["near"].to_numpy(zero_copy_only=False))
    model.made["placing"] = {"least": nearest}
    try:
        (held,) = assign_batches(model, [batch], cache)
    finally:
        del model.made["placing"]
    apart = np.array(held["topic"]) == -5
    assert (
        apart == (np.nan_to_num(np.array(told["near"].to_pylist(), float), nan=9) < nearest)
    ).all()
    assert apart.any()
    assert not apart.all()


def test_no_batch_is_read_before_it_is_asked_for(model, batch, cache):
    read = []
    given = (read.append(at) or part for at, part in enumerate(in_parts(batch, 2)))
    places = assign_batches(model, given, cache)
    assert read == []
    next(places)
    assert read == [0]


def test_a_run_that_was_stopped_encodes_only_what_is_left(model, batch, tmp_path, monkeypatch):
    encoded, plain = [], embedding._encode
    monkeypatch.setattr(
        embedding, "_encode", lambda m, texts: encoded.extend(texts) or plain(m, texts)
    )
    next(assign_batches(model, in_parts(batch, 4), tmp_path))
    first = list(encoded)
    assert first
    list(assign_batches(model, in_parts(batch, 4), tmp_path))
    assert len(encoded) == len(set(encoded)) > len(first)


def test_a_batch_without_texts_is_refused(model, batch):
    with pytest.raises(InputError, match="no column text"):
        next(assign_batches(model, [batch.drop_columns(["text"])]))


def test_a_study_s_tickets_are_placed_some_at_a_time(model, cache, monkeypatch):
    new = pd.Series(HERE, [f"n{at}" for at in range(len(HERE))]).fillna("")
    texts = pd.concat([pd.Series(TEXTS, model.ids), new])
    served, at = dict.fromkeys(new.index, True), pd.Timestamp("2026-01-01", tz="UTC")
    whole = assigning.assigned(model, texts, served, at, cache)
    monkeypatch.setattr(assigning, "ROWS", 3)
    parts = assigning.assigned(model, texts, served, at, cache)
    np.testing.assert_array_equal(parts.labels, whole.labels)
    np.testing.assert_array_equal(parts.weights, whole.weights)
    pd.testing.assert_frame_equal(parts.came, whole.came)


@pytest.mark.skipif(bool(why_not("spark")), reason="Apache Spark cannot be started here")
def test_spark_places_texts_where_they_lie(model, batch, cache, tmp_path):
    (wanted,) = assign_batches(model, [batch], cache)
    kinds = "ticket_id string, topic bigint, near double, margin double, weights array<double>"
    with spark(tmp_path) as session:
        texts = session.createDataFrame(batch.to_pandas()).repartition(3)
        told = texts.mapInArrow(lambda parts: assign_batches(model, parts, cache), kinds)
        found = told.toArrow().to_pandas().set_index("ticket_id")
    wanted = wanted.to_pandas().set_index("ticket_id")
    found = found.loc[wanted.index]
    pd.testing.assert_frame_equal(found.drop(columns="weights"), wanted.drop(columns="weights"))
    assert np.array_equal(np.stack(found["weights"]), np.stack(wanted["weights"]))
