"""What is near to no topic, watched: groups of it that hold are new themes."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.topics.causes.topic_matching import match_topics
from cxresearch.topics.communities import best_jaccard, central, centroids
from cxresearch.topics.corpus import NEW_OR_OTHER
from cxresearch.topics.embed import embed
from cxresearch.topics.text import people
from cxresearch.topics.text.scrubbing import sentences
from cxresearch.topics.topic_model import TopicModel

TICKETS, CUSTOMERS = 15, 8  # of a theme, at least
HOLDS = 0.5  # Jaccard overlap with a group of four fifths of the tickets, in the mean of so many
RUNS, PART = 20, 0.8


def themed(
    topics: TopicModel,
    texts: pd.Series,
    customers: Mapping[str, str],
    cache: str | Path | None = None,
) -> TopicModel:
    """The model with came["theme"] of the texts that are new or other, and made["themes"] (theme,
    name, stability), the largest first. texts are all by id, customers says by id who wrote each.

    Groups are joined by average linkage while two texts are as alike, in the mean, as two of a
    topic are in nine of ten topics. A group is a theme if it has 15 tickets of 8 customers, and
    comes back by half (Jaccard, mean of 20) where a fifth is left out. The order of texts changes
    nothing. A theme that was told keeps its number and name: it is the group that holds its tickets
    (topic_matching.match_topics). Others get the next numbers, from made["numbered"] on.
    """
    made = {key: value for key, value in topics.made.items() if key != "themes"}
    rows = np.flatnonzero(topics.labels == NEW_OR_OTHER)
    rows = rows[np.argsort(topics.ids[rows].astype(str), kind="stable")]
    came = topics.came.assign(theme=pd.array([pd.NA] * len(topics.labels), dtype="Int64"))
    if len(rows) < TICKETS:
        return replace(topics, came=came, made=made)
    ids, seed = topics.ids[rows], made["seed"]
    words, _ = topics.read([texts.get(each, "") for each in ids])
    embedded = partial(embed, encoder=made["encoder"], cache=cache)
    vectors, bound = embedded(words), made["placing"]["alike"]
    groups, wrote = _groups(vectors, bound), _who(ids, customers)
    large = _large(wrote, groups)
    stability = pd.Series(_stability(groups, vectors, bound, seed)[large], large)
    held = stability[stability >= HOLDS]
    if held.empty:
        return replace(topics, came=came, made=made)
    place = pd.Series(groups).map({group: at for at, group in enumerate(held.index)})
    place = place.fillna(len(held)).astype(int).to_numpy()
    told = {each["theme"]: each["name"] for each in topics.made.get("themes", [])}
    was = _was(topics.came["theme"].iloc[rows], place, len(held))
    numbers, made["numbered"] = _numbers(was, made.get("numbered", len(told)))
    names = _names(words, vectors, place, wrote.to_numpy(), embedded)
    came.loc[rows, "theme"] = pd.array([*numbers, pd.NA], dtype="Int64")[place]
    made["themes"] = [
        {"theme": at, "name": told.get(at) or _other(name, at, told), "stability": round(holds, 3)}
        for at, name, holds in zip(numbers, names, held.tolist(), strict=False)
    ]
    return replace(topics, came=came, made=made)


def themes_left(topics: TopicModel, customers: Mapping[str, str]) -> TopicModel:
    """The model without the themes, and their names, that have fewer than 15 tickets of 8 customers
    among its texts."""
    if "themes" not in topics.made:
        return topics
    theme = topics.came["theme"]
    stay = _large(_who(topics.ids, customers), theme)
    themes = [each for each in topics.made["themes"] if each["theme"] in stay]
    came = topics.came.assign(theme=theme.where(theme.isin(stay)))
    return replace(topics, came=came, made=topics.made | {"themes": themes})


def _who(ids: np.ndarray, customers: Mapping[str, str]) -> pd.Series:
    return pd.Series([customers.get(each, each) for each in ids], dtype=object)


def _large(wrote: pd.Series, groups: np.ndarray | pd.Series) -> pd.Index:
    """The groups of enough tickets and customers, the largest first."""
    sizes = wrote.groupby(groups).agg(["size", "nunique"])
    sizes = sizes[(sizes["size"] >= TICKETS) & (sizes["nunique"] >= CUSTOMERS)]
    return sizes.sort_values("size", ascending=False, kind="stable").index


def _was(before: pd.Series, place: np.ndarray, themes: int) -> pd.Series:
    """The number that each theme had; null of a new one."""
    now = pd.Series(np.where(place < themes, place, -1), before.index)
    return match_topics(before, now)["was"]


def _other(name: str, number: int, told: Mapping[int, str]) -> str:
    """The name of a new theme, told apart from one of before."""
    return f"{name} ({number})" if name in told.values() else name


def _numbers(was: pd.Series, numbered: int) -> tuple[list[int], int]:
    """The number of each theme, that which it had or the next, and the next one after these."""
    new = was.isna()
    numbers = was.mask(new, numbered + new.cumsum() - 1).astype(int).tolist()
    return numbers, numbered + int(new.sum())


def _groups(vectors: np.ndarray, bound: float) -> np.ndarray:
    """A group for each row, numbered without gaps."""
    from scipy.cluster.hierarchy import fcluster, linkage

    return fcluster(linkage(vectors, "average", metric="cosine"), 1 - bound, "distance") - 1


def _stability(groups: np.ndarray, vectors: np.ndarray, bound: float, seed: int) -> np.ndarray:
    """The mean overlap of each group with that most like it in so large a part of the rows."""
    rng, n = np.random.default_rng(seed), int(groups.max()) + 1
    overlap = []
    for _ in range(RUNS):
        kept = np.sort(rng.permutation(len(groups))[: round(PART * len(groups))])
        again = _groups(vectors[kept], bound)
        overlap.append(best_jaccard(groups[kept], again, np.ones(len(kept)), n))
    return np.nan_to_num(np.array(overlap)).mean(axis=0)


def _names(words: list[str], vectors: np.ndarray, theme: np.ndarray, wrote, embedded) -> list[str]:
    """A name for each theme, as topics have; what is of none is told apart from them."""
    from cxresearch.topics.names import topic_names

    near = (vectors * centroids(theme, vectors)[theme]).sum(axis=1)
    texts = [sentences(each) for each in words]
    first = central(words, near, theme)
    return topic_names(texts, vectors, theme, wrote, first, embedded, people(words))
