"""Topics of texts, fitted: vectors, communities, words, and how far each can be trusted."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.study.model_address import host_of
from cxresearch.topics.apart import nearest_other, words_apart
from cxresearch.topics.came import first_came
from cxresearch.topics.coherence import coherence, distinctness
from cxresearch.topics.communities import central, centroids
from cxresearch.topics.corpus import OTHER_LANGUAGE, read_texts
from cxresearch.topics.embed import DEFAULT, embed
from cxresearch.topics.map import map_points
from cxresearch.topics.neighbours import RECALL
from cxresearch.topics.other_languages import UNTOLD, placed, wanted
from cxresearch.topics.sample import SampledTopics
from cxresearch.topics.text import language_of, people
from cxresearch.topics.text.redaction import excerpt
from cxresearch.topics.text.unclear import GENERAL
from cxresearch.topics.topic_model import QUOTES, TopicModel
from cxresearch.topics.tree import themes, topic_tree
from cxresearch.topics.votes import topic_weights

WORDS = 6
TOLD = 300  # letters of a text that a language model is told
REPRODUCIBLE = 0.5  # Jaccard overlap under which a topic is marked


def fit_topics(
    texts: Sequence[str | None],
    *,
    customers: Sequence | None = None,
    labels: Sequence[str | None] | None = None,
    target_topics: int | None = None,
    resolution: float | None = None,
    seed: int = 42,
    cache: str | Path | None = None,
    model: str | None = None,
    served: Sequence[bool] | None = None,
    other_languages: str = "apart",
    progress: bool = False,
    names_from: str = "",
    names_model: str = "",
) -> TopicModel:
    """The topics of texts, which are scrubbed first; each that tells what it is about gets one.

    target_topics or resolution sets how many; else as many as come back best when part of the texts
    is left out (how_many), and where no number stands out half the root of the number of texts, 40
    at most. customers says who wrote each text, so that a topic's name is in words of three of
    them; without it each is another's. labels, null where not known, are what people said that
    texts are about: they draw alike texts together a little (neighbours.drawn_by_labels). Texts
    that say nothing of what they are about have no topic (text.unclear). model names the encoder,
    cache the folder of its vectors. served is false for texts in a language that the encoder does
    not serve; without it, and with the default encoder, those are set apart whose words are surely
    not English; other_languages may be placed, or auto: then they get topics by the vote of texts
    that mean the same (other_languages.placed). Of more than 80,000 distinct texts a stratified
    sample makes the topics and the others follow its vote (made["voters"] says how many made them).
    Of more than 20,000 that are compared, neighbours are sought in part (neighbours.near_rows;
    made["neighbours"] says their recall).
    names_from, as in study.toml, is the address of a language model that is told some texts of each
    topic, redacted, and suggests a name (suggested_name). The same texts and seed give the same
    topics in any order.

    >>> texts = ["the invoice is wrong", "my invoice is wrong again"] * 20
    >>> texts += ["the app crashes at once", "it crashes when I open the app"] * 20
    >>> len(set(fit_topics(texts, target_topics=2).labels.tolist()))
    2
    """
    host_of(names_from, names_model)
    encoder, persons = model or DEFAULT, people(texts)
    embedded = partial(embed, encoder=model, cache=cache, progress=progress)
    corpus = read_texts(texts, encoder, served, persons, embedded, seed)
    read = np.flatnonzero(corpus.labels == 0)
    made = {"seed": seed, "texts": len(read), "voters": 0, "encoder": encoder, "resolution": None,
            "labelled": int(pd.notna(labels).sum()) if labels is not None else 0}  # fmt: skip
    if not len(read):
        return replace(_nothing(corpus.labels, made), came=first_came(texts))
    wrote = np.arange(len(texts)) if customers is None else np.asarray(customers, dtype=object)
    vectors = embedded([corpus.words[at] for at in read])
    said = None if labels is None else pd.factorize(np.array(labels, dtype=object), sort=True)[0]
    clusterer = SampledTopics(
        target_topics, resolution, seed, labels=None if said is None else said[read]
    )
    asker = None
    if names_from:
        from cxresearch.topics.asked_names import AskedNames

        told = partial(_told, texts, corpus, read, persons)
        asker = AskedNames(names_from, names_model, vectors, told, persons, seed)
    fitted = _described(corpus, wrote, vectors, clusterer, made, embedded, persons, asker,
                        other_languages, cache)  # fmt: skip
    return replace(fitted, boilerplate=corpus.shared, came=first_came(texts))


def _described(
    corpus, customers, vectors, clusterer, made, embedded, persons, asker, other_languages, cache
) -> TopicModel:
    """The fitted model of the texts that were read, put among those that were not."""
    from cxresearch.topics.names import topic_names
    from cxresearch.topics.topic_words import Encoder, fit_bertopic, topic_words

    read, labels = np.flatnonzero(corpus.labels == 0), corpus.labels.copy()
    words, own = [corpus.words[at] for at in read], [corpus.own(at) for at in read]
    encoder = Encoder(made["encoder"], embedded)
    bertopic = fit_bertopic(words, vectors, clusterer, encoder, persons, asker)
    topics, telling = clusterer.labels_, topic_words(bertopic)
    shares = topic_weights(vectors, clusterer)
    centres = centroids(clusterer.node_labels_, clusterer.vectors_, clusterer.rows_)
    nearest_texts = central(words, (vectors * centres[topics]).sum(axis=1), topics)
    theme, nearest = themes(centres), nearest_other(centres)

    def named(group: np.ndarray) -> list[str]:
        middles = centroids(group, vectors)
        first = central(words, (vectors * middles[group]).sum(axis=1), group)
        return topic_names(own, vectors, group, customers[read], first, embedded, persons,
                           corpus.usual)  # fmt: skip

    names = named(topics)
    in_themes = names if theme.max() + 1 == len(names) else named(theme[topics])
    counter = bertopic.vectorizer_model
    known = counter.get_feature_names_out()
    single = np.array([" " not in word and word not in GENERAL for word in known])
    apart = words_apart(counter.transform(words)[:, single], known[single], topics, nearest)
    others, told = _others(corpus, topics, made, other_languages, cache)
    labels[others] = told
    table = _table(
        np.bincount(np.concatenate([topics, told])),
        len(labels),
        name=names,
        suggested_name=asker.suggested(bertopic) if asker else [None] * len(names),
        theme=[in_themes[each] for each in theme],
        nearest=nearest,
        apart=apart,
        words=[each[:WORDS] for each in telling],
        stability=clusterer.stability().round(3),
        coherence=coherence(words, telling, counter).round(3),
        distinctness=distinctness(shares, topics).round(3),
        quotes=[read[each].tolist() for each in _quotes(nearest_texts, made["seed"])],
    )
    weights = np.zeros((len(labels), len(table)))
    labels[read], weights[read] = topics, shares
    weights[others, labels[others]] = 1
    made = {**made, "resolution": clusterer.resolution_, "voters": int(clusterer.rows_.sum())}
    if asker:
        made["names_from"] = asker.made()
    if (recall := clusterer.recall_) is not None:
        made["neighbours"] = {"recall": recall, "all_compared": recall < RECALL}
    if clusterer.by_number_ is not None:
        made["by_number"] = clusterer.by_number_.to_dict("records")
    return TopicModel(
        labels, weights, np.arange(len(labels)), table, topic_tree(centres),
        map_points(topics, vectors, read, made["seed"]), made, clusterer, bertopic=bertopic,
        voted=np.isin(np.arange(len(labels)), others),
    )  # fmt: skip


def _others(corpus, topics: np.ndarray, made: dict, rule: str, cache) -> tuple:
    """Which texts of other languages are placed, and where; made is told of it."""
    rows = np.flatnonzero(corpus.labels == OTHER_LANGUAGE)
    if not wanted(rule, len(rows), len(corpus.labels)):
        return rows[:0], np.zeros(0, np.int64)
    words = [corpus.words[at] for at in rows]
    voters = [corpus.words[at] for at in np.flatnonzero(corpus.labels == 0)]
    languages = language_of(words).fillna(UNTOLD)
    found, made["others"] = placed(words, languages, voters, topics, made["seed"], cache)
    return rows[found >= 0], found[found >= 0]


def _told(texts, corpus, read: np.ndarray, persons: frozenset[str], at: int) -> str:
    """What a language model is told of the text at a place among those that were read."""
    where = read[at]
    own = " ".join(corpus.own(where))
    return excerpt(own, TOLD, persons.union(people([texts[where]])))


def _nothing(labels: np.ndarray, made: dict) -> TopicModel:
    """The model of texts of which none could be read."""
    lists = {name: [] for name in ("name", "suggested_name", "theme", "apart", "words", "quotes")}
    numbers = {name: np.zeros(0) for name in ("stability", "coherence", "distinctness")}
    none = np.zeros(0, np.int64)
    table = _table(none, max(1, len(labels)), nearest=none, **lists, **numbers)
    nowhere = map_points(np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros(0, np.int64))
    weights = np.zeros((len(labels), 0))
    tree = topic_tree(np.zeros((0, 2)))
    return TopicModel(labels, weights, np.arange(len(labels)), table, tree, nowhere, made)


def _table(
    size: np.ndarray, of: int, *,
    name, suggested_name, theme, nearest, apart, words, stability, coherence, distinctness, quotes,
) -> pd.DataFrame:  # fmt: skip
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(size.astype(float), of, method="wilson")
    return pd.DataFrame(
        {
            "topic": np.arange(len(size)),
            "name": pd.Series(name, dtype="str"),
            "suggested_name": pd.Series(suggested_name, dtype="str"),
            "theme": pd.Series(theme, dtype="str"),
            "nearest": pd.Series(nearest, dtype="int64"),
            "apart": pd.Series(apart, dtype=object),
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


def _quotes(central: list[np.ndarray], seed: int) -> list[np.ndarray]:
    """Positions of twelve texts a topic, drawn by seed from its more central half; pages show three
    of them that leave no doubt."""
    drawn = []
    for topic, each in enumerate(central):
        half = each[: max(QUOTES, len(each) // 2)]
        few = min(QUOTES, len(half))
        drawn.append(np.random.default_rng([seed, topic]).choice(half, few, replace=False))
    return drawn
