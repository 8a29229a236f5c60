"""Topics fitted anew, each matched to the one of before that holds the same tickets."""

from dataclasses import replace

import numpy as np
import pandas as pd

from cxresearch.topics.causes.file import CausesFile, Entry
from cxresearch.topics.causes.vocabulary import KEYS

TAUGHT = ("examples", "forbidden")
SAME = 0.3  # Jaccard overlap below which two topics are not the same
FIRM = 0.8  # and below which what a person confirmed wants to be read again


def match_topics(old: pd.Series, new: pd.Series) -> pd.DataFrame:
    """Which topic of before each new topic is: topic, was, overlap; null where it is none.

    old and new are topics by ticket_id, negative where a ticket has none. Pairs are chosen so that
    their Jaccard overlaps, over the tickets that both fits knew, add up to most (Kuhn 1955, Naval
    Research Logistics 2); a pair that shares less than 0.3 is none. Numbers of topics do not count.
    """
    from scipy.optimize import linear_sum_assignment

    both = pd.DataFrame({"was": old, "topic": new}).dropna()
    counts = pd.crosstab(both["topic"], both["was"])
    union = counts.sum(axis=1).to_numpy()[:, None] + counts.sum().to_numpy() - counts.to_numpy()
    overlap = pd.DataFrame(counts.to_numpy() / union, counts.index, counts.columns)
    overlap = overlap.loc[overlap.index >= 0, overlap.columns >= 0]
    rows, columns = linear_sum_assignment(overlap.to_numpy(), maximize=True)
    pairs = pd.DataFrame(
        {"topic": overlap.index[rows], "was": overlap.columns[columns],
         "overlap": overlap.to_numpy()[rows, columns].round(2)}
    )  # fmt: skip
    topics = pd.DataFrame({"topic": sorted(topic for topic in new.unique() if topic >= 0)})
    matches = topics.merge(pairs[pairs["overlap"] >= SAME], on="topic", how="left")
    return matches.astype({"topic": "int64", "was": "Int64", "overlap": "float64"})


def carried(before: CausesFile, entries: tuple[Entry, ...], matches: pd.DataFrame) -> CausesFile:
    """The entries of a new fit with what people wrote of the topics that they were.

    Only a person's values are carried, and they stay a person's even where the new suggestion is
    the same; what was suggested is suggested anew, and confirmed stays only where the overlap is
    0.8 or more. A topic whose found name a person gave to another, which merges the two, keeps it.
    Entries that a person edited and whose topic is no more stand in gone.
    """
    known = {entry.topic: entry for entry in merged(before.topics)}
    was = matches.dropna(subset="was").set_index("topic")[["was", "overlap"]]
    pairs = {int(t): (known.get(int(w)), float(o)) for t, w, o in was.itertuples(name=None)}
    topics = tuple(_with(entry, *pairs.get(entry.topic, (None, np.nan))) for entry in entries)
    kept = {entry.was for entry in topics}
    gone = [entry for entry in known.values() if entry.told and entry.topic not in kept]
    return CausesFile(topics, (*before.gone, *gone), before.added)


def merged(topics: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries, with a name that a person gave to one of them a person's in all of that name."""
    names = {entry.name for entry in topics if "name" in entry.edited}
    return tuple(
        replace(e, carried=tuple(k for k in KEYS if k in e.carried or k == "name"))
        if e.name in names else e for e in topics
    )  # fmt: skip


def _with(entry: Entry, before: Entry | None, overlap: float) -> Entry:
    if before is None:
        return entry
    firm = before.confirmed and overlap >= FIRM
    keys = before.edited if firm else before.by_person
    values = {key: getattr(before, key) for key in (*before.by_person, *TAUGHT)}
    return replace(entry, **values, carried=keys, confirmed=firm, was=before.topic, overlap=overlap)
