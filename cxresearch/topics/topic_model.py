"""Topics of texts: what is known of them, written to a folder and read back.

Importing this module is quick; the model libraries are imported when texts are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors import SafetensorError

from cxresearch.study.intervals import wilson
from cxresearch.study.schema import InputError
from cxresearch.topics.came import came_of, unchanged
from cxresearch.topics.corpus import (
    NEW_OR_OTHER,
    OTHER_LANGUAGE,
    WITHOUT,
    Corpus,
    read_new,
    read_texts,
)
from cxresearch.topics.embed import embed
from cxresearch.topics.sample import SampledTopics
from cxresearch.topics.text import people
from cxresearch.topics.topic_files import (
    read_tables,
    read_vectors,
    summed,
    write_tables,
    write_vectors,
)
from cxresearch.topics.topic_results import Sizes, Stability, TopicMap

QUOTES = 12  # tickets of a topic from which pages choose


@dataclass(frozen=True)
class TopicModel:
    """The topic of every text, and what is known of every topic.

    labels holds a topic's number (0 is the largest), -1 for a text without words, -2 for one in a
    language that the encoder does not serve, -4 for one that says nothing of what it is about
    (text.unclear), -5 for a new or other one that is near to no topic (assigning). weights, texts ×
    topics, is what share of a text belongs to each topic: rows add up to 1, to 0 where there is no
    topic. ids names the texts: their positions, or ticket_ids. points are places in the plane
    (ticket_id, topic, x, y) of a sample, for a map. made says how the model was fitted. clusterer
    holds the vectors that new texts are compared with, corpus the texts of these as they were read,
    boilerplate the sentences that they shared; None and nothing where these were not kept. bertopic
    is the BERTopic object; None where the topics were read. came says how each text came in.
    """

    labels: np.ndarray
    weights: np.ndarray
    ids: np.ndarray
    table: pd.DataFrame
    tree: pd.DataFrame
    points: pd.DataFrame
    made: dict = field(default_factory=dict)
    clusterer: SampledTopics | None = None
    boilerplate: frozenset[str] = frozenset()
    bertopic: object | None = None
    voted: np.ndarray | None = None
    came: pd.DataFrame | None = None
    corpus: Corpus | None = None

    def info(self) -> pd.DataFrame:
        """One row a topic, the largest first: topic, name, suggested_name, theme, nearest, apart,
        size, customers, share, low, high, words, stability, reproducible, coherence, distinctness,
        quotes.

        name and theme, of which topics are parts, are in customers' own words (topics.names).
        suggested_name is what a language model said when it was asked (fit_topics); else null.
        nearest is the topic most like it (-1: none), apart up to three words that set it apart from
        that.

        share is of all texts, with a 95% Wilson interval from low to high; customers is null where
        it is not known who wrote. words are the six most telling; quotes names twelve texts drawn
        from the topic's more central half. stability is the best Jaccard overlap with a topic of
        a fit on 80% of the texts (mean of ten); reproducible if it is at least a half. coherence
        and distinctness: see topics.trust.
        """
        return self.table.copy()

    @property
    def sizes(self) -> Sizes:
        """How large each topic is: says, shows and draws itself."""
        none = [int((self.labels == label).sum()) for label in WITHOUT]
        by_size = self.info().sort_values("size", ascending=False, kind="stable")
        return Sizes(by_size.reset_index(drop=True), len(self.labels), *none)

    @property
    def stability(self) -> Stability:
        """How far to trust each topic, the least reproducible first."""
        return Stability(self.info().sort_values(["stability", "topic"]))

    @property
    def map(self) -> TopicMap:
        """Tickets in the plane, near where their meaning is near."""
        return TopicMap(self.points, self.info())

    def _repr_html_(self) -> str:
        return self.sizes._repr_html_()

    def names(self) -> pd.Series:
        """Each topic's name, by its number."""
        return self.table.set_index("topic")["name"]

    def hierarchy(self) -> pd.DataFrame:
        """The joins of topics, the nearest first: parent, left, right, distance, topics."""
        return self.tree.copy()

    @property
    def made_fit(self) -> np.ndarray:
        """Which texts the topics were fitted on; the others were assigned later (assigning)."""
        none = np.ones(len(self.labels), bool)
        return none if self.came is None else self.came["assigned"].isna().to_numpy()

    @property
    def by_vote(self) -> np.ndarray:
        """Which texts are in another language, and placed (other_languages)."""
        return np.zeros(len(self.labels), bool) if self.voted is None else self.voted

    def assign(
        self,
        texts: Sequence[str | None],
        cache: str | Path | None = None,
        served: Sequence[bool] | None = None,
    ) -> np.ndarray:
        """The topics of new texts: that of most of the 15 nearest fitted ones; -1 without words,
        -2 in another language, -4 if it says nothing of what it is about.

        Raises InputError if the model was kept without vectors; recalled() makes them again.
        """
        words, labels = self.read(texts, served)
        read = np.flatnonzero(labels == 0)
        if len(read):
            vectors = embed([words[at] for at in read], encoder=self.made["encoder"], cache=cache)
            labels[read] = self.clusterer.predict(vectors)
        return labels

    def read(
        self, texts: Sequence[str | None], served: Sequence[bool] | None = None
    ) -> tuple[list[str], np.ndarray]:
        """The words of new texts, each read alone, and 0 where they may have a topic, else a label
        below 0. Raises InputError as assign() does."""
        if self.clusterer is None:
            raise InputError(
                "These topics were kept without vectors, so no new text can be placed among them: "
                "give the texts they were fitted on to recalled() first."
            )
        persons = self.corpus.people if self.corpus else frozenset()
        return read_new(texts, self.made["encoder"], served, self.boilerplate, persons)

    def recalled(
        self, texts: Sequence[str | None], cache: str | Path | None = None
    ) -> "TopicModel":
        """The same model, able to place new texts, from its texts, in their order: those vote that
        made the fit and are as they were then."""
        fit = np.flatnonzero(self.made_fit & unchanged(self.came, texts))
        encoder, seed = self.made["encoder"], self.made["seed"]
        labels, voted = self.labels[fit], self.by_vote[fit]
        embedded = partial(embed, encoder=encoder, cache=cache)
        theirs = [texts[at] for at in fit]
        served = (labels != OTHER_LANGUAGE) & ~voted
        corpus = read_texts(theirs, encoder, served, people(theirs), embedded, seed)
        told = (labels >= 0) & ~voted & (np.array(corpus.words, dtype=object) != "")
        words = [corpus.words[at] for at in np.flatnonzero(told)]
        again = SampledTopics.of(embedded(words), labels[told], seed)
        again.places_, again.words_ = fit[told], words
        return replace(self, clusterer=again, boilerplate=corpus.shared, corpus=corpus)

    def vectors_of(
        self, texts: Sequence[str | None], cache: str | Path | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The places of the texts that have a topic, or are new or other, and their vectors, of the
        model's texts, in their order."""
        model, fit = self.recalled(texts, cache), self.made_fit & unchanged(self.came, texts)
        words, others = np.full(len(texts), "", dtype=object), np.flatnonzero(~fit)
        words[fit] = model.corpus.words
        words[others] = model.read([texts[at] for at in others])[0]
        told = ((self.labels >= 0) & ~self.by_vote) | (self.labels == NEW_OR_OTHER)
        rows = np.flatnonzero(told & (words != ""))
        return rows, embed(words[rows].tolist(), encoder=self.made["encoder"], cache=cache)

    def named(self, ids: Sequence, customers: Sequence | None = None) -> "TopicModel":
        """The same model whose texts go by these ids instead of their positions; with customers,
        who wrote each (null if unknown), info() also counts these."""
        ids = np.asarray(ids, dtype=object)
        table = self.table.assign(quotes=[[ids[at] for at in row] for row in self.table["quotes"]])
        if customers is not None:
            each = pd.Series(np.asarray(customers, dtype=object)).groupby(self.labels).nunique()
            table["customers"] = table["topic"].map(each).astype("Int64")
        points = self.points.assign(ticket_id=ids[self.points["ticket_id"].to_numpy(dtype=int)])
        return replace(self, ids=ids, table=table, points=points)

    def among(self, ids: Sequence, customers: pd.Series) -> "TopicModel":
        """The same topics, as found in all texts, with the texts of these ids only: sizes, shares,
        quotes and points are theirs, and a topic that none of them has is not there. customers says
        by id who wrote each. Stability and words stay those of the whole."""
        part = self.left(ids, customers)
        table = part.table[part.table["size"] > 0].reset_index(drop=True)
        held = self.tree["topics"].map(lambda joined: set(joined) <= set(table["topic"]))
        return replace(part, table=table, tree=self.tree[held.astype(bool)].reset_index(drop=True))

    def left(self, ids: Sequence, customers: pd.Series) -> "TopicModel":
        """As among(), but a topic that none of these texts has stays, empty."""
        kept = pd.Index(self.ids).isin(list(ids))
        part = replace(
            self, labels=self.labels[kept], weights=self.weights[kept], ids=self.ids[kept],
            voted=None if self.voted is None else self.voted[kept],
            came=None if self.came is None else self.came[kept].reset_index(drop=True),
        )  # fmt: skip
        return part.counted(customers)

    def counted(self, customers: pd.Series) -> "TopicModel":
        """The same model with sizes, shares, quotes and points as its texts are now; a topic that
        none has stays. customers says by id who wrote each."""
        labels, table = self.labels, self.table.set_index("topic")
        size = pd.Series(labels).value_counts().reindex(table.index).fillna(0).astype("int64")
        low, high = wilson(size, max(1, len(labels)))
        wrote = pd.Series(self.ids).map(customers).groupby(labels).nunique()
        told = zip(table.index, table["quotes"], strict=True)
        table = table.assign(
            size=size,
            customers=wrote.reindex(table.index).fillna(0).astype("Int64"),
            share=(size / max(1, len(labels))).round(6),
            low=np.round(low, 6),
            high=np.round(high, 6),
            quotes=[_quotes(quotes, self.ids, self.weights[:, topic]) for topic, quotes in told],
        )
        table = table.sort_values("size", ascending=False, kind="stable").reset_index()
        points = self.points[self.points["ticket_id"].isin(self.ids)].reset_index(drop=True)
        return replace(self, table=table[self.table.columns], points=points)

    def save(self, folder: str | Path, *, vectors: bool = True) -> None:
        """Writes the model to a folder: Parquet, JSON, and vectors as safetensors.

        Without vectors no new text can be placed, and nothing that a customer wrote is kept but
        phrases of topics' names and words; with them the sentences that many texts share are too.
        """
        folder = Path(folder)
        row, topic = np.nonzero(self.weights)
        shares = {"row": row, "topic": topic, "weight": self.weights[row, topic]}
        voted = {"voted": self.by_vote} if self.by_vote.any() else {}
        labels = pd.DataFrame({"ticket_id": self.ids, "topic": self.labels} | voted)
        came = None if self.came is None else self.came.dropna(axis="columns", how="all")
        frames = {
            "labels": labels if came is None else labels.join(came),
            "weights": pd.DataFrame(shares).astype({"row": "int32", "topic": "int16"}),
            "info": self.table,
            "map": self.points,
            "hierarchy": self.tree,
        }
        write_tables(folder, frames, self.made)
        if vectors and self.clusterer is not None:
            held = self.clusterer
            write_vectors(folder, held.vectors_, held.node_labels_, self.boilerplate)
        summed(folder)


def load_topics(folder: str | Path) -> TopicModel:
    """The topics that were saved in a folder. Raises InputError if they are not all there or, with
    the checksums that this version saves, not as they were saved."""
    folder = Path(folder)
    try:
        read, made = read_tables(folder)
        vectors, topics, shared = read_vectors(folder) or (None, None, frozenset())
        labels, shares = read["labels"], read["weights"]
        weights = np.zeros((len(labels), len(read["info"])))
        weights[shares["row"], shares["topic"]] = shares["weight"]
        _ = labels[["ticket_id", "topic"]], read["info"][["topic", "name"]]
    except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
        why = error if isinstance(error, InputError) else "they are not as they were saved"
        raise InputError(
            f"The topics in {folder} cannot be used ({why}): copy them back, or fit them anew "
            f"with 'cxresearch topics {folder.parent} --refit --accept'; labels may change then."
        ) from error
    return TopicModel(
        labels["topic"].to_numpy(),
        weights,
        labels["ticket_id"].to_numpy(dtype=object),
        read["info"],
        read["hierarchy"],
        read["map"],
        made,
        None if vectors is None else SampledTopics.of(vectors, topics),
        shared,
        came=came_of(labels),
        voted=labels["voted"].to_numpy() if "voted" in labels else None,
    )


def _quotes(quotes: Sequence, ids: np.ndarray, weights: np.ndarray) -> list:
    """Those of the quotes that are among the ids, and the nearest to the topic up to twelve."""
    nearest = ids[np.argsort(-weights, kind="stable")][: np.count_nonzero(weights)]
    return list(dict.fromkeys([*(q for q in quotes if q in set(ids)), *nearest]))[:QUOTES]
