"""Short names of topics: a phrase that customers use, and the words that tell the topic apart."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from cxresearch.topics.text import redact
from cxresearch.topics.topic_words import STOP_WORDS

NAMED_BY = 3  # phrases in a topic's name
COMMON = 3  # a word that more than one topic in three is known by names none of them
SHORTEST, LONGEST = 2, 5  # words in a customer's phrase
OFFERED = 12  # phrases of a topic among which the nearest to its middle is chosen
FIRST = 5  # central texts that phrases are taken from
SHARED = 3  # texts of the topic that must hold each telling word of it, so that it is nobody's own
_STOP = frozenset(STOP_WORDS)
_PART = re.compile(r"[.!?;:,()\n]+")
_TOKEN = re.compile(r"[^\W_](?:[\w'’-]*[^\W_])?")


def topic_names(words: list[list[str]], own: Sequence[str] = ()) -> list[str]:
    """A short name for each topic, redacted, never empty, no two alike.

    words are each topic's, the most telling first; own is a phrase of its customers, which leads
    the name, before words that it lacks. Words that most topics share, such as the product's name,
    tell none of them apart and are not used, unless a topic has no others.
    """
    counts = Counter(word for each in words for word in each)
    common = {w for w, n in counts.items() if len(words) > COMMON and n > len(words) / COMMON}
    names: list[str] = []
    for topic, each in enumerate(words):
        telling = [word for word in each if common.isdisjoint(word.split())] or each
        phrases = _led_by(own[topic] if len(own) else "", phrases_of(telling)) or ["topic"]
        tries = [" · ".join(phrases[:n]) for n in range(NAMED_BY, max(NAMED_BY, len(phrases)) + 1)]
        tries = [redact(name) for name in [*tries, f"{tries[0]} ({topic + 1})"]]
        names.append(next(name for name in tries if name not in names))
    return names


def own_phrases(
    texts: Sequence[str], telling: Sequence[str], people: Collection[str] = ()
) -> list[str]:
    """Runs of two to five words in the first five texts that have any, the most telling first.

    A run starts and ends with a telling word and stays within a sentence. Each of its words is an
    everyday one or stands in three of the texts and is none of people's names.
    """
    rank = {word: 1 / (place + 2) for place, word in enumerate(telling) if " " not in word}
    held = Counter(word for text in texts for word in set(_tokens(text)).difference(people))
    phrases: list[str] = []
    for text in [text for text in texts if _runs(text, rank, held)][:FIRST]:
        phrases += [run for run in _runs(text, rank, held) if run not in phrases]
    return sorted(phrases, key=lambda run: -round(_worth(run, rank), 6))[:OFFERED]


def nearest_phrases(
    offered: Sequence[Sequence[str]], vectors: np.ndarray, centres: np.ndarray
) -> list[str]:
    """Of the phrases offered for each topic the one whose meaning is nearest to the topic's middle
    and far from others'; "" where none is. vectors are the phrases', topic after topic."""
    alike = np.round(vectors @ centres.T, 5) if len(vectors) else np.zeros((0, len(centres)))
    chosen, start = [], 0
    for topic, phrases in enumerate(offered):
        rows = alike[start : start + len(phrases)]
        others = np.delete(rows, topic, axis=1).max(axis=1, initial=0)
        lead = rows[:, topic] - others / 2
        chosen.append(phrases[int(lead.argmax())] if len(phrases) else "")
        start += len(phrases)
    return chosen


def phrases_of(words: Sequence[str]) -> list[str]:
    """The words without repetition: a pair takes the place of the single words that it holds.

    >>> phrases_of(["password", "password reset", "link", "reset", "links"])
    ['password reset', 'link']
    """
    phrases: dict[frozenset[str], str] = {}
    for word in words:
        parts = frozenset(map(_stem, word.split()))
        alike = [other for other in phrases if parts & other]
        if len(parts) < len(word.split()) or not all(other < parts for other in alike):
            continue
        if alike:  # in the place of the first of them
            phrases = {parts if k == alike[0] else k: v for k, v in phrases.items()}
        phrases[parts] = word
        phrases = {k: v for k, v in phrases.items() if k not in alike[1:]}
    return list(phrases.values())


def _led_by(phrase: str, others: list[str]) -> list[str]:
    """The phrase, then of the others those that share no word with it."""
    if not phrase:
        return others
    said = set(map(_stem, _tokens(phrase)))
    return [phrase, *(o for o in others if said.isdisjoint(map(_stem, o.split())))]


def _runs(text: str, rank: dict[str, float], held: Counter) -> list[str]:
    runs = []
    for part in _PART.split(text):
        words = _tokens(part)
        safe = [word in _STOP or held[word] >= SHARED for word in words]
        ends = [at for at, word in enumerate(words) if word in rank and safe[at]]
        runs += [
            " ".join(words[a : b + 1])
            for a in ends
            for b in ends
            if SHORTEST <= b - a + 1 <= LONGEST and all(safe[a : b + 1])
        ]
    return runs


def _worth(run: str, rank: dict[str, float]) -> float:
    return sum(rank.get(word, 0) for word in set(run.split()))


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
