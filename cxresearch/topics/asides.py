"""Sentences that customers add to tickets about anything: they tell none of them apart."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256

import numpy as np

from cxresearch.topics.graph import SharedNeighbourTopics, default_topics
from cxresearch.topics.text.scrubbing import has_words, sentence_key
from cxresearch.topics.text.unclear import GENERAL

SAMPLE = 2000  # texts that make rough topics, drawn by seed, whatever their order
FEWEST = 20  # texts that hold a sentence and say more than it, or it is nobody's habit
EVEN = 0.1  # how much further from all texts' topics than chance has it: then it is of its topic
ALONE = 0.1  # of the texts that hold a sentence say nothing else: then it is what they ask
SPREAD = 0.4  # half the mean of |x|, in standard errors: half of sqrt(2 / pi)
LONG = 4  # words of a sentence that is more than a heading
_CAPITAL = re.compile(r"[A-ZÄÖÜÁÉÍÓÚ][\w'’-]*")
_TOKEN = r"(?u)\b\w\w+\b"


def aside_key(sentence: str) -> str:
    """A sentence as sentence_key has it, with what bears a name left open: months, products."""
    first, *rest = sentence.split() or [""]
    named = [_CAPITAL.match(word) is not None and word != "I" for word in rest]
    if 3 * sum(named) > len(rest):  # a title, or German
        return sentence_key(sentence)
    opened = ["0" if name else word for name, word in zip(named, rest, strict=True)]
    return sentence_key(" ".join([first, *opened]))


def asides(
    written: Sequence[Sequence[str]],
    boilerplate: frozenset[str],
    embedded: Callable[[list[str]], np.ndarray],
    seed: int,
) -> frozenset[str]:
    """The keys of sentences that stand in texts of all topics alike, of texts cut into sentences.

    Rough topics of 2,000 texts are taught to naive Bayes (Rennie et al. 2003), which sorts texts by
    their words. A sentence is an aside if, by the other words of the texts that hold it, these are
    of all topics: no more than a tenth further from them, in total variation, than chance has it.
    Twenty texts must hold it, a tenth of them at most nothing else, and it is no heading of a few
    words. embedded makes vectors of texts.
    """
    keys = [list(dict.fromkeys(aside_key(s) for s in each if has_words(s))) for each in written]
    held = Counter(key for each in keys for key in each)
    alone = Counter(each[0] for each in keys if len(each) == 1)
    places: dict[str, list[int]] = {
        key: [] for key, n in held.items()
        if n >= FEWEST and alone[key] < ALONE * n and key not in boilerplate and _long(key)
    }  # fmt: skip
    if not places:
        return frozenset()
    for at, each in enumerate(keys):
        for key in places.keys() & each:
            places[key].append(at)
    texts = [" ".join(s for s in each if sentence_key(s) not in boilerplate) for each in written]
    counts, column, sorter = _rough_sorter(texts, embedded, seed)
    usual = _shares(sorter.predict(counts), len(sorter.classes_))
    found = []
    for key, rows in places.items():
        own = [column[word] for word in re.findall(_TOKEN, key) if word in column]
        others = counts[rows]
        others.data[np.isin(others.indices, own)] = 0
        told = others[np.asarray(others.sum(axis=1)).ravel() > 0]
        if told.shape[0] >= FEWEST and _even(sorter.predict(told), usual):
            found.append(key)
    return frozenset(found)


def _long(key: str) -> bool:
    return len(key.split()) >= LONG or GENERAL.issuperset(key.split())


def _rough_sorter(texts: list[str], embedded: Callable, seed: int) -> tuple:
    """Which words each text holds, each word's column, and what sorts such rows into topics."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import ComplementNB

    by_chance = np.argsort([_digest(text, seed) for text in texts], kind="stable")
    some = [at for at in by_chance if has_words(texts[at])][:SAMPLE]
    read = [texts[at] for at in some]
    rough = SharedNeighbourTopics(default_topics(len(read)), seed=seed)
    made = rough.fit(embedded(read), np.array(read, dtype=object))
    words = CountVectorizer(binary=True, token_pattern=_TOKEN)
    counts = words.fit_transform(texts)
    return counts, words.vocabulary_, ComplementNB(norm=True).fit(counts[some], made.labels_)


def _digest(text: str, seed: int) -> str:
    return sha256(f"{seed}\n{text}".encode("utf-8", "replace")).hexdigest()


def _shares(topics: np.ndarray, n: int) -> np.ndarray:
    return np.bincount(topics, minlength=n) / len(topics)


def _even(topics: np.ndarray, usual: np.ndarray) -> bool:
    chance = SPREAD * np.sqrt(usual * (1 - usual) / len(topics)).sum()
    return bool(np.abs(_shares(topics, len(usual)) - usual).sum() / 2 - chance < EVEN)
