"""Short names of topics: a phrase that customers use, and the words that tell the topic apart."""

import re
from collections import Counter
from collections.abc import Sequence

from cxresearch.text import redact
from cxresearch.topics.words import STOP_WORDS

NAMED_BY = 3  # phrases in a topic's name
COMMON = 3  # a word that more than one topic in three is known by names none of them
SHORTEST, LONGEST = 2, 6  # words in a customer's phrase
SHARED = 3  # texts of the topic that must hold each telling word of it, so that it is nobody's own
_STOP = frozenset(STOP_WORDS)
_TOKEN = re.compile(r"[^\W_](?:[\w'’-]*[^\W_])?")


def topic_names(words: list[list[str]], central: Sequence[Sequence[str]] = ()) -> list[str]:
    """A short name for each topic, redacted, never empty, no two alike.

    words are each topic's, the most telling first; central its most central texts. The name is a
    phrase of the first of these that has one, then words that it lacks. Words that most topics
    share, such as the product's name, tell none of them apart and are not used, unless a topic has
    no others.
    """
    counts = Counter(word for each in words for word in each)
    common = {w for w, n in counts.items() if len(words) > COMMON and n > len(words) / COMMON}
    names: list[str] = []
    for topic, each in enumerate(words):
        telling = [word for word in each if common.isdisjoint(word.split())] or each
        texts = central[topic] if len(central) else ()
        phrases = _led_by(own_phrase(texts, telling), phrases_of(telling)) or ["topic"]
        tries = [" · ".join(phrases[:n]) for n in range(NAMED_BY, max(NAMED_BY, len(phrases)) + 1)]
        tries = [redact(name) for name in [*tries, f"{tries[0]} ({topic + 1})"]]
        names.append(next(name for name in tries if name not in names))
    return names


def own_phrase(texts: Sequence[str], telling: Sequence[str]) -> str:
    """The most telling run of two to six words in the first text that has one; else "".

    It starts and ends with a telling word, holds two of them, and stays within a sentence. Each of
    its words is an everyday one or stands in three of the texts, so that no one's name is quoted.
    """
    rank = {word: 1 / (place + 2) for place, word in enumerate(telling) if " " not in word}
    held = Counter(word for text in texts for word in set(_tokens(text)))
    for text in texts:
        runs = [run for part in re.split(r"[.!?;:,()\n]+", text) for run in _runs(part, rank, held)]
        if runs:
            return max(runs, key=lambda run: (round(_worth(run, rank), 6), -len(run)))
    return ""


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


def _runs(part: str, rank: dict[str, float], held: Counter) -> list[str]:
    words = _tokens(part)
    safe = [word in _STOP or held[word] >= SHARED for word in words]
    ends = [at for at, word in enumerate(words) if word in rank and safe[at]]
    return [
        " ".join(words[a : b + 1])
        for a in ends
        for b in ends
        if SHORTEST <= b - a + 1 <= LONGEST and all(safe[a : b + 1])
    ]


def _worth(run: str, rank: dict[str, float]) -> float:
    return sum(rank.get(word, 0) for word in set(run.split()))


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
