"""First values of causes.toml: by how near a topic's tickets are to descriptions of each word.

A layer's word is suggested only where readers who sorted tickets by hand would mostly choose the
same: agreement.csv holds how far, and tests/benchmarks/layer_agreement.py how it was measured.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.study.study import Study
from cxresearch.topics.causes.file import Entry
from cxresearch.topics.causes.vocabulary import NOTHING, SUGGESTED
from cxresearch.topics.text import joined_text, scrub

READ = 12  # tickets of a topic, drawn by seed from the half that is most wholly of it
NEAR = 0.3  # mean cosine below which no word is suggested
SEED = 8
AGREE = 0.6  # kappa with readers below which nothing is suggested


def first_entries(study: Study, topics, cache=None) -> tuple[Entry, ...]:
    """An entry for each topic with what the machine suggests; a suggestion is no finding.

    Issue type, cause kind and category, where suggested_layers has them: the word whose nearest
    sentence is nearest to the topic's tickets on average; none ("other", "unknown") below a cosine
    of 0.3. Owner: the group that held most of the topic's tickets, with its share of them. Name:
    the topic's own. What a language model suggested as one stands beside it.
    """
    layers = suggested_layers()
    texts = _texts(study, topics) if layers else {}
    scores = {key: word_scores(texts, SUGGESTED[key], study.settings.encoder, cache)
              for key in layers}  # fmt: skip
    owners = _owners(study, topics)
    rows = topics.info().reindex(columns=["topic", "name", "size", "suggested_name"])
    return tuple(_entry(row, scores, owners) for row in rows.itertuples(index=False, name=None))


def agreement() -> pd.DataFrame:
    """How far people agree with each other on the words of a layer, and a machine with them, by
    layer and set of tickets: of (set, or all), layer, tickets, people and machine (Cohen's kappa),
    low, high, told (share of tickets for which a word is suggested)."""
    return pd.read_csv(Path(__file__).with_name("agreement.csv"))


@cache
def suggested_layers() -> tuple[str, ...]:
    """The layers whose words a machine suggests: its kappa with readers is 0.6 or more."""
    table = agreement()
    good = table.loc[(table["of"] == "all") & (table["machine"] >= AGREE), "layer"]
    return tuple(key for key in SUGGESTED if key in set(good))


def chosen_words(scores: pd.DataFrame, layer: str) -> pd.Series:
    """The nearest word to each topic (see word_scores), or none of the layer's where it is far."""
    return scores.idxmax(axis=1).where(scores.max(axis=1) >= NEAR, NOTHING[layer])


def word_scores(
    texts: dict[int, list[str]], words: dict[str, tuple[str, ...]], encoder: str, cache=None
) -> pd.DataFrame:
    """How near the texts of each topic (rows) are to each word (columns): the mean over texts of
    the largest cosine with one of the word's sentences. Words without sentences are left out."""
    from cxresearch.topics.embed import embed

    told = {word: list(says) for word, says in words.items() if says}
    flat = [text for each in texts.values() for text in each]
    if not flat:
        return pd.DataFrame(columns=list(told), dtype=float)
    topic = np.repeat(list(texts), [len(each) for each in texts.values()])
    vectors = embed(flat, encoder=encoder, cache=cache)
    near = {
        word: (vectors @ embed(says, encoder=encoder, cache=cache).T).max(axis=1)
        for word, says in told.items()
    }
    return pd.DataFrame(near).groupby(topic).mean().round(2)


def _entry(row: tuple, scores: dict[str, pd.DataFrame], owners: pd.DataFrame) -> Entry:
    topic, name, size = int(row[0]), row[1], int(row[2])
    asked = row[3] if isinstance(row[3], str) else None
    words, told = {key: NOTHING[key] for key in scores}, {}
    for key, near in scores.items():
        if topic in near.index:
            told[key] = float(near.loc[topic].max())
            words[key] = chosen_words(near.loc[[topic]], key).iloc[0]
    if topic in owners.index:
        words["owner"] = owners.loc[topic, "group"]
        told["owner"] = float(owners.loc[topic, "share"])
    return Entry(topic, name, size, name, asked, **words, suggested=words, scores=told)


def _texts(study: Study, topics) -> dict[int, list[str]]:
    """Some of each topic's tickets, scrubbed; those without words are left out."""
    said = joined_text(study.tickets.set_index("ticket_id"))
    by_topic = {}
    for topic in topics.table["topic"]:
        rows = np.flatnonzero(topics.labels == topic)
        weight = topics.weights[rows, topic]
        half = rows[weight >= np.median(weight)]
        few = np.random.default_rng([SEED, topic]).permutation(half)[:READ]
        texts = [scrub(said[ticket]) for ticket in topics.ids[np.sort(few)] if ticket in said.index]
        by_topic[int(topic)] = [text for text in texts if text]
    return by_topic


def _owners(study: Study, topics) -> pd.DataFrame:
    """The group that held most of each topic's tickets: group, share (of those with a group)."""
    held = study.tickets.set_index("ticket_id")["group_id"].reindex(topics.ids)
    rows = pd.DataFrame({"topic": topics.labels, "group": held.to_numpy()}).dropna()
    counts = rows[rows["topic"] >= 0].groupby(["topic", "group"]).size().rename("n").reset_index()
    counts["share"] = (counts["n"] / counts.groupby("topic")["n"].transform("sum")).round(2)
    first = counts.sort_values(["topic", "n", "group"], ascending=[True, False, True])
    return first.drop_duplicates("topic").set_index("topic")[["group", "share"]]
