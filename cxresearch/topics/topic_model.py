"""Topics of texts: what is known of them, written to a folder and read back.

Importing this module is quick; the model libraries are imported when texts are read.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from cxresearch.study.readable import read_json, read_parquet, sha256
from cxresearch.study.schema import InputError
from cxresearch.study.writing import write_parquet
from cxresearch.topics.corpus import NO_WORDS, OTHER_LANGUAGE, UNCLEAR, read_new, read_texts
from cxresearch.topics.embed import embed
from cxresearch.topics.sample import SampledTopics
from cxresearch.topics.text import people
from cxresearch.topics.topic_results import Sizes, Stability, TopicMap

TABLES = ("labels", "weights", "info", "map", "hierarchy")
QUOTES = 12  # tickets of a topic from which pages choose
LISTS = {"info": ("apart", "words", "quotes"), "hierarchy": ("topics",)}
VECTORS, SHARED, SUMS = "vectors.safetensors", "boilerplate.json", "SHA256SUMS"
FILES = (*(f"{name}.parquet" for name in TABLES), "made.json", VECTORS, SHARED)


@dataclass(frozen=True)
class TopicModel:
    """The topic of every text, and what is known of every topic.

    labels holds a topic's number (0 is the largest), -1 for a text without words, -2 for one in a
    language that the encoder does not serve, -4 for one that says nothing of what it is about
    (text.unclear). weights, texts × topics, is what share of a text
    belongs to each topic: rows add up to 1, to 0 where there is no topic. ids names the texts:
    their positions, or ticket_ids. points are places in the plane (ticket_id, topic, x, y) of a
    sample, for a map. made says how the model was fitted. clusterer holds the vectors that new
    texts are compared with, boilerplate the sentences that they shared; None and nothing where
    these were not kept. bertopic is the BERTopic object; None
    where the topics were read.
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
        none = [int((self.labels == label).sum()) for label in (NO_WORDS, OTHER_LANGUAGE, UNCLEAR)]
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
        if self.clusterer is None:
            raise InputError(
                "These topics were kept without vectors, so no new text can be placed among them: "
                "give the texts they were fitted on to recalled() first."
            )
        encoder = self.made["encoder"]
        words, labels = read_new(texts, encoder, served, self.boilerplate, people(texts))
        read = np.flatnonzero(labels == 0)
        if len(read):
            vectors = embed([words[at] for at in read], encoder=encoder, cache=cache)
            labels[read] = self.clusterer.predict(vectors)
        return labels

    def recalled(
        self, texts: Sequence[str | None], cache: str | Path | None = None
    ) -> "TopicModel":
        """The same model, able to place new texts, from those it was fitted on, in their order."""
        corpus, told, vectors = self._read_again(texts, cache)
        again = SampledTopics.of(vectors, self.labels[told], self.made["seed"])
        return replace(self, clusterer=again, boilerplate=corpus.shared)

    def vectors_of(
        self, texts: Sequence[str | None], cache: str | Path | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The places of the texts that have a topic, and their vectors, of the texts that the model
        was fitted on, in their order."""
        return self._read_again(texts, cache)[1:]

    def _read_again(self, texts, cache) -> tuple:
        encoder, seed = self.made["encoder"], self.made["seed"]
        embedded = partial(embed, encoder=encoder, cache=cache)
        voted = np.zeros(len(self.labels), bool) if self.voted is None else self.voted
        served = (self.labels != OTHER_LANGUAGE) & ~voted
        corpus = read_texts(texts, encoder, served, people(texts), embedded, seed)
        told = np.flatnonzero((self.labels >= 0) & ~voted)
        return corpus, told, embedded([corpus.words[at] for at in told])

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
        from statsmodels.stats.proportion import proportion_confint

        kept = pd.Index(self.ids).isin(list(ids))
        labels, weights, own = self.labels[kept], self.weights[kept], self.ids[kept]
        voted = None if self.voted is None else self.voted[kept]
        table = self.table[self.table["topic"].isin(labels)].set_index("topic")
        size = pd.Series(labels).value_counts().reindex(table.index)
        low, high = proportion_confint(size.astype(float), len(labels), method="wilson")
        wrote = pd.Series(own).map(customers).groupby(labels).nunique()
        table = table.assign(
            size=size,
            customers=wrote.reindex(table.index).astype("Int64"),
            share=(size / len(labels)).round(6),
            low=low.round(6),
            high=high.round(6),
            quotes=[
                _quotes(row["quotes"], own, weights[:, topic]) for topic, row in table.iterrows()
            ],
        )
        table = table.sort_values("size", ascending=False, kind="stable").reset_index()
        held = self.tree["topics"].map(lambda joined: set(joined) <= set(table["topic"]))
        points = self.points[self.points["ticket_id"].isin(own)].reset_index(drop=True)
        return replace(
            self, labels=labels, weights=weights, ids=own, voted=voted, points=points,
            table=table[self.table.columns],
            tree=self.tree[held.astype(bool)].reset_index(drop=True),
        )  # fmt: skip

    def save(self, folder: str | Path, *, vectors: bool = True) -> None:
        """Writes the model to a folder: Parquet, JSON, and vectors as safetensors.

        Without vectors no new text can be placed, and nothing that a customer wrote is kept but
        phrases of topics' names and words; with them the sentences that many texts share are too.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        row, topic = np.nonzero(self.weights)
        shares = {"row": row, "topic": topic, "weight": self.weights[row, topic]}
        voted = {} if self.voted is None or not self.voted.any() else {"voted": self.voted}
        frames = {
            "labels": pd.DataFrame({"ticket_id": self.ids, "topic": self.labels} | voted),
            "weights": pd.DataFrame(shares).astype({"row": "int32", "topic": "int16"}),
            "info": self.table,
            "map": self.points,
            "hierarchy": self.tree,
        }
        for name in TABLES:
            write_parquet(frames[name], folder / f"{name}.parquet")
        if vectors and self.clusterer is not None:
            held = {"vectors": self.clusterer.vectors_, "topics": self.clusterer.node_labels_}
            save_file(held, folder / VECTORS)
            _write_json(folder / SHARED, sorted(self.boilerplate))
        _write_json(folder / "made.json", self.made)
        (folder / SUMS).write_text(_sums(folder), encoding="utf-8", newline="\n")


def load_topics(folder: str | Path) -> TopicModel:
    """The topics that were saved in a folder. Raises InputError if they are not all there or, with
    the checksums that this version saves, not as they were saved."""
    folder = Path(folder)
    try:
        _refuse_damaged(folder)
        read = {name: read_parquet(folder / f"{name}.parquet") for name in TABLES}
        made = read_json(folder / "made.json", {})
        clusterer, shared = _kept(folder) if (folder / VECTORS).exists() else (None, frozenset())
        read["info"] = _with_themes(read["info"])
        for name, columns in LISTS.items():
            read[name] = read[name].assign(**{c: read[name][c].map(list) for c in columns})
        labels, shares = read["labels"], read["weights"]
        weights = np.zeros((len(labels), len(read["info"])))
        weights[shares["row"], shares["topic"]] = shares["weight"]
        _ = labels[["ticket_id", "topic"]], read["info"][["topic", "name"]]
    except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
        why = error if isinstance(error, InputError) else "they are not as they were saved"
        raise InputError(
            f"The topics in {folder} cannot be used ({why}): copy them back, or fit them anew "
            f"with 'cxresearch topics {folder.parent} --refit'; labels may change then."
        ) from error
    return TopicModel(
        labels["topic"].to_numpy(),
        weights,
        labels["ticket_id"].to_numpy(dtype=object),
        read["info"],
        read["hierarchy"],
        read["map"],
        made,
        clusterer,
        shared,
        voted=labels["voted"].to_numpy() if "voted" in labels else None,
    )


def _with_themes(info: pd.DataFrame) -> pd.DataFrame:
    """The table of topics; in one of an older version each topic is its own theme."""
    if "suggested_name" not in info:
        info = info.assign(suggested_name=pd.Series(None, info.index, dtype="str"))
    if "theme" in info:
        return info
    return info.assign(theme=info["name"], nearest=-1, apart=[[] for _ in info.index])


def _quotes(quotes: Sequence, ids: np.ndarray, weights: np.ndarray) -> list:
    """Those of the quotes that are among the ids, and the nearest to the topic up to twelve."""
    nearest = ids[np.argsort(-weights, kind="stable")][: np.count_nonzero(weights)]
    return list(dict.fromkeys([*(q for q in quotes if q in set(ids)), *nearest]))[:QUOTES]


def _kept(folder: Path) -> tuple[SampledTopics, frozenset[str]]:
    """What new texts are placed by."""
    held = load_file(folder / VECTORS)
    shared = json.loads((folder / SHARED).read_text(encoding="utf-8"))
    return SampledTopics.of(held["vectors"], held["topics"]), frozenset(shared)


def _sums(folder: Path) -> str:
    """The checksums of the files of saved topics, as sha256sum writes and compares them."""
    held = [name for name in FILES if (folder / name).exists()]
    return "".join(f"{sha256((folder / name).read_bytes())}  {name}\n" for name in held)


def _refuse_damaged(folder: Path) -> None:
    """Raises InputError, naming files, where they are not those that were saved together."""
    if (folder / SUMS).exists():
        kept, found = (folder / SUMS).read_text("utf-8", "replace"), _sums(folder)
        if other := set(kept.splitlines()) ^ set(found.splitlines()):
            names = {line.partition("  ")[2] for line in other}
            raise InputError(f"{', '.join(sorted(names & {*FILES}))}: not as {SUMS} says")


def _write_json(file: Path, what) -> None:
    file.write_text(json.dumps(what, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
