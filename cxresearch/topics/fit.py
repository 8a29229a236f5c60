"""Topics of texts, fitted: vectors, communities, words, and how far each can be trusted."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.topics.coherence import coherence, distinctness
from cxresearch.topics.corpus import unread, words_of
from cxresearch.topics.embed import DEFAULT, embed
from cxresearch.topics.graph import centroids
from cxresearch.topics.map import map_points
from cxresearch.topics.sample import SampledTopics
from cxresearch.topics.text import boilerplate, people
from cxresearch.topics.topic_model import TopicModel
from cxresearch.topics.tree import topic_tree
from cxresearch.topics.votes import topic_weights

WORDS, QUOTES, CENTRAL = 6, 3, 40
REPRODUCIBLE = 0.5  # Jaccard overlap under which a topic is marked


def fit_topics(
    texts: Sequence[str | None],
    *,
    target_topics: int | None = None,
    resolution: float | None = None,
    seed: int = 42,
    cache: str | Path | None = None,
    model: str | None = None,
    served: Sequence[bool] | None = None,
    progress: bool = False,
) -> TopicModel:
    """The topics of texts, which are scrubbed first; every text with words gets one.

    target_topics or resolution sets how many; else half the root of the number of texts, 40 at
    most. model names the encoder, cache the folder of its vectors. served is false for texts in a
    language that the encoder does not serve; without it, and with the default encoder, those are
    set apart whose words are surely not English. Of more than 80,000 distinct texts a stratified
    sample makes the topics and the others follow its vote (made["voters"] says how many made
    them). The same texts and seed give the same topics in any order.

    >>> texts = ["the invoice is wrong", "my invoice is wrong again"] * 20
    >>> texts += ["the app crashes at once", "it crashes when I open the app"] * 20
    >>> len(set(fit_topics(texts, target_topics=2).labels.tolist()))
    2
    """
    shared, encoder = boilerplate(texts), model or DEFAULT
    words = words_of(texts, shared)
    labels = unread(words, encoder, served)
    read = np.flatnonzero(labels == 0)
    made = {"seed": seed, "texts": len(read), "voters": 0, "encoder": encoder, "resolution": None}
    if not len(read):
        return _nothing(labels, made)
    words = [words[at] for at in read]
    vectors = embed(words, encoder=model, cache=cache, progress=progress)
    clusterer = SampledTopics(target_topics, resolution, seed)
    fitted = _described(words, vectors, clusterer, labels, read, made, cache, people(texts))
    return replace(fitted, boilerplate=shared)


def _described(words, vectors, clusterer, labels, read, made, cache, persons) -> TopicModel:
    """The fitted model of the texts that were read, put among those that were not."""
    from cxresearch.topics.names import nearest_phrases, own_phrases, topic_names
    from cxresearch.topics.topic_words import Encoder, fit_bertopic, topic_words

    bertopic = fit_bertopic(words, vectors, clusterer, Encoder(made["encoder"], cache), persons)
    topics, telling = clusterer.labels_, topic_words(bertopic)
    shares = topic_weights(vectors, clusterer)
    centres = centroids(clusterer.node_labels_, clusterer.vectors_, clusterer.rows_)
    central = _central(words, (vectors * centres[topics]).sum(axis=1), topics)
    phrases = [
        own_phrases([words[at] for at in each[:CENTRAL]], of, persons)
        for each, of in zip(central, telling, strict=True)
    ]
    meant = embed([p for each in phrases for p in each], encoder=made["encoder"], cache=cache)
    table = _table(
        np.bincount(topics),
        len(labels),
        name=topic_names(telling, nearest_phrases(phrases, meant, centres)),
        words=[each[:WORDS] for each in telling],
        stability=clusterer.stability().round(3),
        coherence=coherence(words, telling, bertopic.vectorizer_model).round(3),
        distinctness=distinctness(shares, topics).round(3),
        quotes=[read[each].tolist() for each in _quotes(central, made["seed"])],
    )
    weights = np.zeros((len(labels), len(table)))
    labels[read], weights[read] = topics, shares
    made = {**made, "resolution": clusterer.resolution_, "voters": int(clusterer.rows_.sum())}
    return TopicModel(
        labels, weights, np.arange(len(labels)), table, topic_tree(centres),
        map_points(topics, vectors, read, made["seed"]), made, clusterer, bertopic=bertopic,
    )  # fmt: skip


def _nothing(labels: np.ndarray, made: dict) -> TopicModel:
    """The model of texts of which none could be read."""
    lists = {name: [] for name in ("words", "quotes")}
    numbers = {name: np.zeros(0) for name in ("stability", "coherence", "distinctness")}
    table = _table(np.zeros(0, np.int64), max(1, len(labels)), name=[], **lists, **numbers)
    nowhere = map_points(np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros(0, np.int64))
    weights = np.zeros((len(labels), 0))
    tree = topic_tree(np.zeros((0, 2)))
    return TopicModel(labels, weights, np.arange(len(labels)), table, tree, nowhere, made)


def _table(size: np.ndarray, of: int, *, name, words, stability, coherence, distinctness, quotes):
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(size.astype(float), of, method="wilson")
    return pd.DataFrame(
        {
            "topic": np.arange(len(size)),
            "name": pd.Series(name, dtype="str"),
            "size": size.astype(np.int64),
            "customers": pd.array([pd.NA] * len(size), dtype="Int64"),
            "share": (size / of).round(6),
            "low": np.round(low, 6),
            "high": np.round(high, 6),
            "words": pd.Series(words, dtype=object),
            "stability": stability,
            "reproducible": stability >= REPRODUCIBLE,
            "coherence": coherence,
            "distinctness": distinctness,
            "quotes": pd.Series(quotes, dtype=object),
        }
    )


def _central(words: list[str], near: np.ndarray, topics: np.ndarray) -> list[np.ndarray]:
    """Positions of the different texts of each topic, the nearest to its middle first.

    Of texts as near as each other that comes first which does in the alphabet.
    """
    first = pd.Series(words).drop_duplicates().sort_values(kind="stable").index.to_numpy()
    order = first[np.argsort(-np.round(near[first], 5), kind="stable")]
    return [order[topics[order] == topic] for topic in range(topics.max() + 1)]


def _quotes(central: list[np.ndarray], seed: int) -> list[np.ndarray]:
    """Positions of three texts a topic, drawn by seed from its more central half."""
    drawn = []
    for topic, each in enumerate(central):
        half = each[: max(QUOTES, len(each) // 2)]
        few = min(QUOTES, len(half))
        drawn.append(np.random.default_rng([seed, topic]).choice(half, few, replace=False))
    return drawn
