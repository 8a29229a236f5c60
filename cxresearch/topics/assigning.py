"""New texts among topics that stand: each is placed by itself, and what is near to none is apart.

No text moves that was placed before, and none depends on which others came with it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from cxresearch.study.schema import InputError
from cxresearch.topics import other_languages, votes
from cxresearch.topics.came import first_came, unchanged
from cxresearch.topics.corpus import NEW_OR_OTHER, OTHER_LANGUAGE
from cxresearch.topics.embed import embed
from cxresearch.topics.text import language_of
from cxresearch.topics.topic_model import TopicModel

ROWS = 8192  # texts that are placed at a time
FAR = 0.015  # of the texts that made the fit would be held apart if they came now ...
CLOSE_CALL = 0.1  # ... and of so many the second topic is hardly behind: their margin is low
LOOSE = 0.1  # of topics have texts that are less alike than two texts of one topic have to be
NEAREST, ALIKE = 0.9, 0.6  # what is asked for at most, where the fit's texts are nearly the same


def assigned(
    topics: TopicModel,
    texts: pd.Series,
    served: Mapping[str, bool],
    at: pd.Timestamp,
    cache: str | Path | None = None,
) -> TopicModel:
    """The model with those of the texts, by id, that it does not hold yet, as they came at a time.

    A new text gets the topic of most of the 15 nearest texts that made the fit (TopicModel.assign).
    It is new or other (-5) where it is less near than all but 1.5% of these are to each other
    (votes.placed). made["placing"] keeps that bound (least), the margin that nine in ten of the
    fit's texts had at least (close), the mean cosine of two texts of a topic that nine in ten
    topics have at least (alike), and how many texts of the fit no longer say what they did then
    (changed): these keep their topic, and have no vote. Where the fit's texts are nearly the same,
    least is 0.9 and alike 0.6 at most, and no margin is low (close is 0). served says by id which
    texts are in a language that the encoder serves. Raises InputError if no text that made the fit
    is left.
    """
    topics = measured(topics, texts, cache)
    new = texts[~texts.index.isin(topics.ids)]
    labels, shares, came, voted = _placed(topics, new, served, cache)
    came = came.assign(assigned=at).astype(topics.came.dtypes)
    return replace(
        topics,
        labels=np.concatenate([topics.labels, labels]),
        weights=np.concatenate([topics.weights, shares]),
        ids=np.concatenate([topics.ids, new.index.to_numpy(dtype=object)]),
        voted=np.concatenate([topics.by_vote, voted]),
        came=pd.concat([topics.came, came], ignore_index=True),
    )


def measured(topics: TopicModel, texts: pd.Series, cache: str | Path | None = None) -> TopicModel:
    """The model with its texts' vectors again, by ticket_id; the first time also how near these
    are. Raises InputError if no text that made the fit is as it was."""
    theirs = texts.reindex(topics.ids).fillna("").tolist()
    model = topics.recalled(theirs, cache)
    fit = model.clusterer
    if not len(fit.vectors_):
        raise InputError(
            "No text that made the topics is as it was, so no new one can be placed among them: "
            "fit again with 'cxresearch topics --refit --accept'."
        )
    if "placing" in topics.made:
        return model
    _, *told = votes.placed(fit.vectors_, fit, np.arange(len(fit.vectors_)))
    sampled = fit.voter_ >= 0
    margin, near = (each[fit.voter_[sampled]] for each in told)
    came = topics.came.copy()
    came.loc[fit.places_[sampled], ["near", "margin"]] = np.column_stack([near, margin])
    placing = {
        "least": min(round(float(np.quantile(near, FAR)), 4), NEAREST),
        "close": close if (close := round(float(np.quantile(margin, CLOSE_CALL)), 3)) < 1 else 0,
        "alike": min(round(float(np.quantile(_alike(fit), LOOSE)), 4), ALIKE),
        "changed": int((topics.made_fit & ~unchanged(topics.came, theirs)).sum()),
    }
    return replace(model, came=came, made={**topics.made, "placing": placing})


def _alike(fit) -> list[float]:
    """The mean cosine of two texts of each topic that has any."""
    of = (fit.vectors_[fit.node_labels_ == topic] for topic in np.unique(fit.node_labels_))
    return [float((each.mean(axis=0) ** 2).sum()) for each in of]


def assign_batches(
    model: TopicModel, batches: Iterable[pa.RecordBatch], cache: str | Path | None = None
) -> Iterator[pa.RecordBatch]:
    """A batch of places for each batch of new texts, made when it is asked for; so memory grows
    with the batch and not with their number, and a run that was stopped finds its vectors again.

    In: ticket_id, text, and if it is known served (is the language one that the encoder serves?).
    Out: ticket_id, topic, near and margin (votes.placed; null without words that could be read) and
    weights, its share of each topic. Each text is placed by itself, so batches of any size give the
    same. A text is new or other (-5) if it is less near than made["placing"] of the model says; a
    model without that holds none apart. Raises InputError for a batch without ticket_id or text,
    and for a model without vectors (TopicModel.recalled).
    """
    sharp = None
    for batch in batches:
        if lacking := {"ticket_id", "text"} - set(batch.schema.names):
            raise InputError(
                f"A batch has no column {' and no '.join(sorted(lacking))}: name its columns so."
            )
        if sharp is None and model.clusterer is not None:
            sharp = votes.sharpness(model.clusterer)
        yield _places(model, batch, sharp, cache)


def _places(model: TopicModel, batch: pa.RecordBatch, sharp, cache) -> pa.RecordBatch:
    told = batch["served"].to_pylist() if "served" in batch.schema.names else None
    words, labels = model.read(batch["text"].to_pylist(), told)
    read = np.flatnonzero(labels == 0)
    shares = np.zeros((len(labels), model.weights.shape[1]))
    near, margin = np.full((2, len(labels)), np.nan)
    if len(read):
        vectors = embed([words[at] for at in read], encoder=model.made["encoder"], cache=cache)
        votes_of, margin[read], near[read] = votes.placed(vectors, model.clusterer, sharp=sharp)
        labels[read], shares[read, : votes_of.shape[1]] = model.clusterer.predict(vectors), votes_of
        far = read[near[read] < model.made.get("placing", {}).get("least", -1)]
        labels[far], shares[far] = NEW_OR_OTHER, 0
    ends = np.arange(len(labels) + 1) * shares.shape[1]
    found = {
        "ticket_id": batch["ticket_id"], "topic": pa.array(labels),
        "near": pa.array(near, from_pandas=True), "margin": pa.array(margin, from_pandas=True),
        "weights": pa.ListArray.from_arrays(pa.array(ends, pa.int32()), shares.ravel()),
    }  # fmt: skip
    return pa.RecordBatch.from_pydict(found)


def _placed(topics: TopicModel, new: pd.Series, served: Mapping[str, bool], cache) -> tuple:
    """Labels, shares of topics, how they came, and whether they were placed by vote, of texts."""
    speaks = [served[each] for each in new.index]
    texts = pa.array(new.tolist(), pa.string())
    given = pa.table({"ticket_id": np.arange(len(new)), "text": texts, "served": speaks})
    labels, voted = np.zeros(len(new), np.int64), np.zeros(len(new), bool)
    shares, came = np.zeros((len(new), topics.weights.shape[1])), first_came(new.tolist())
    for batch in assign_batches(topics, given.to_batches(ROWS), cache):
        at = batch["ticket_id"].to_numpy()
        labels[at] = batch["topic"]
        shares[at] = np.reshape(batch["weights"].flatten(), (len(at), -1))
        came.loc[at, ["near", "margin"]] = batch.select(["near", "margin"]).to_pandas().to_numpy()
    others = np.flatnonzero(labels == OTHER_LANGUAGE)
    if len(others) and "others" in topics.made:
        theirs, _ = topics.read(new.iloc[others].tolist(), [False] * len(others))
        fit, languages = topics.clusterer, language_of(theirs).fillna(other_languages.UNTOLD)
        labels_of_fit, seed = topics.labels[fit.places_], topics.made["seed"]
        found, _ = other_languages.placed(theirs, languages, fit.words_, labels_of_fit, seed, cache)
        voted[others] = found >= 0
        labels[voted], shares[voted, found[found >= 0]] = found[found >= 0], 1
    return labels, shares, came, voted
