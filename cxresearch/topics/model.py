"""Topics of texts: fitted, described, written to a folder and read back.

Importing this module is quick; the model libraries are imported when a model is fitted.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from cxresearch.schema import InputError
from cxresearch.study import write_parquet
from cxresearch.text import has_words, scrub
from cxresearch.topics.embed import DEFAULT, embed
from cxresearch.topics.graph import SharedNeighbourTopics, centroids
from cxresearch.topics.map import map_points

NO_WORDS, OTHER_LANGUAGE = -1, -2
WORDS, QUOTES = 6, 3
INFO = ["topic", "name", "size", "share", "low", "high", "words", "quotes", "stability"]


@dataclass(frozen=True)
class TopicModel:
    """The topic of every text, and what is known of every topic.

    labels holds a topic's number (0 is the largest), -1 for a text without words, -2 for one in a
    language that the encoder does not serve. ids names the texts: their positions, or ticket_ids.
    points are places in the plane (ticket_id, topic, x, y) of a sample, for a map. made says how
    the model was fitted. bertopic is the BERTopic object; None where the topics were read.
    """

    labels: np.ndarray
    ids: np.ndarray
    table: pd.DataFrame
    points: pd.DataFrame
    made: dict = field(default_factory=dict)
    bertopic: object | None = None

    def info(self) -> pd.DataFrame:
        """One row a topic, the largest first.

        share is of all texts, with a 95% Wilson interval from low to high; words are the six most
        telling; quotes names three texts drawn from the topic's more central half; stability is
        how reproducible the topic is when a fifth of the texts is left out (1 = always the same).
        """
        return self.table.copy()

    def names(self) -> pd.Series:
        """Each topic's name, by its number."""
        return self.table.set_index("topic")["name"]

    def named(self, ids: Sequence) -> "TopicModel":
        """The same model whose texts go by these ids instead of their positions."""
        ids = np.asarray(ids, dtype=object)
        quotes = [[ids[at] for at in row] for row in self.table["quotes"]]
        points = self.points.assign(ticket_id=ids[self.points["ticket_id"].to_numpy(dtype=int)])
        return replace(self, ids=ids, table=self.table.assign(quotes=quotes), points=points)

    def save(self, folder: str | Path) -> None:
        """Writes labels, info, map and how it was made to a folder; no word that a customer wrote
        but the topics' own."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        labels = pd.DataFrame({"ticket_id": self.ids, "topic": self.labels})
        write_parquet(labels, folder / "labels.parquet")
        write_parquet(self.table, folder / "info.parquet")
        write_parquet(self.points, folder / "map.parquet")
        (folder / "made.json").write_text(json.dumps(self.made, indent=1) + "\n", encoding="utf-8")


def load_topics(folder: str | Path) -> TopicModel:
    """The topics that were saved in a folder. Raises InputError if they are not all there."""
    folder = Path(folder)
    try:
        labels = pd.read_parquet(folder / "labels.parquet")
        table = pd.read_parquet(folder / "info.parquet")
        points = pd.read_parquet(folder / "map.parquet")
        made = json.loads((folder / "made.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"The topics in {folder} cannot be read ({error}): fit them anew."
        ) from error
    lists = {name: table[name].map(list) for name in ("words", "quotes")}
    ids = labels["ticket_id"].to_numpy(dtype=object)
    return TopicModel(labels["topic"].to_numpy(), ids, table.assign(**lists), points, made)


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

    target_topics or resolution sets how many; else about a quarter of the root of the number of
    texts. model names the encoder, cache the folder of its vectors; served is false for texts in a
    language that it does not serve. The same texts and seed give the same topics in any order.
    """
    clean = [scrub(text) for text in texts]
    labels = _unread(clean, served)
    read = np.flatnonzero(labels == 0)
    made = {"seed": seed, "texts": len(read), "encoder": model or DEFAULT, "resolution": None}
    if not len(read):
        points = map_points(labels[read], np.zeros((0, 2)), read)
        return TopicModel(labels, np.arange(len(clean)), _table([]), points, made)
    words = [clean[at] for at in read]
    vectors = embed(words, encoder=model, cache=cache, progress=progress)
    clusterer = SharedNeighbourTopics(target_topics, resolution, seed)
    return _described(words, vectors, clusterer, labels, read, made, cache)


def _described(words, vectors, clusterer, labels, read, made, cache) -> TopicModel:
    """The fitted model of the texts that were read, put among those that were not."""
    from cxresearch.topics.words import Encoder, fit_bertopic, topic_names, topic_words

    bertopic = fit_bertopic(words, vectors, clusterer, Encoder(made["encoder"], cache))
    telling = topic_words(bertopic)
    labels[read] = topics = clusterer.labels_
    table = _table(
        topic_names(telling),
        size=np.bincount(topics),
        of=len(labels),
        words=[each[:WORDS] for each in telling],
        quotes=[read[each].tolist() for each in _quotes(clusterer, vectors, made["seed"])],
        stability=clusterer.stability().round(3),
    )
    made = {**made, "resolution": clusterer.resolution_}
    points = map_points(topics, vectors, read, made["seed"])
    return TopicModel(labels, np.arange(len(labels)), table, points, made, bertopic)


def _unread(texts: list[str], served: Sequence[bool] | None) -> np.ndarray:
    """0 for texts to be read, -1 for those without words, -2 for those in another language."""
    served = np.ones(len(texts), bool) if served is None else np.asarray(served, bool)
    worded = np.array([has_words(text) for text in texts], dtype=bool)
    return np.where(~worded, NO_WORDS, np.where(served, 0, OTHER_LANGUAGE)).astype(np.int64)


def _table(names: list[str], size=(), of: int = 1, words=(), quotes=(), stability=()):
    low, high = proportion_confint(np.asarray(size, float), of, method="wilson")
    size = np.asarray(size, dtype=np.int64)
    columns = (
        np.arange(len(names)),
        pd.Series(names, dtype="str"),
        size,
        (size / of).round(6),
        np.round(low, 6),
        np.round(high, 6),
        pd.Series(list(words), dtype=object),
        pd.Series(list(quotes), dtype=object),
        np.asarray(stability, dtype=float),
    )
    return pd.DataFrame(dict(zip(INFO, columns, strict=True)))


def _quotes(clusterer, vectors: np.ndarray, seed: int) -> list[np.ndarray]:
    """Positions of three different texts a topic, drawn by seed from its more central half."""
    topics = clusterer.labels_
    near = np.round((vectors * centroids(topics, vectors)[topics]).sum(axis=1), 5)
    drawn = []
    for topic in range(topics.max() + 1):
        members = np.flatnonzero(topics == topic)
        members = members[np.argsort(-near[members], kind="stable")]
        first = np.sort(np.unique(clusterer.node_[members], return_index=True)[1])
        central = members[first][: max(QUOTES, len(first) // 2)]
        few = min(QUOTES, len(central))
        drawn.append(np.random.default_rng([seed, topic]).choice(central, few, replace=False))
    return drawn
