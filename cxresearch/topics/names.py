"""Titles of topics in customers' own words: a phrase of one run that several of them use."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np

from cxresearch.study.toml_text import read_toml
from cxresearch.topics.text import redact
from cxresearch.topics.text.unclear import GENERAL, TELLING

SHORTEST, LONGEST = 2, 7  # words of a title
USED_BY = 3  # customers of the topic, at least
READ, BEGINNING = 400, 80  # texts of a topic, drawn by hashing them; their first words
CENTRAL = 20  # texts among which a sentence is sought where no phrase is found
OFFERED = 60  # phrases of a topic whose meaning is compared
TURNED = 0.25  # of a phrase's uses stand beside a word that turns its sense: then it misleads
ENDS = 0.4  # of its uses must end a thought
ASKED = 4  # words of a question, at least
TORN = 4  # words of a run that is more than a thing's name: it begins a thought, too
NEARBY = 4  # words before a phrase, or after it, that may turn it

_PART = re.compile(r"[.!?;:,()\[\]\n\"“”„«»…|/\\<>=*]+|\s[-–—]+\s|--+")
_TOKEN = re.compile(r"[^\W_](?:[\w'’-]*[^\W_])?")

_LISTED = read_toml(Path(__file__).with_name("title_words.toml"))
_IN = {name: frozenset(words.split()) for name, words in _LISTED.items()}
NEGATIONS = _IN["negations"]
_BEFORE = _IN["no_start"] | _IN["asks"]
_PARTICLE = re.compile(
    r"(?:log(?:ged|ging|s)?|sign(?:ed|ing|s)?|top(?:ped|ping)?|set|back(?:ed)?|shut(?:s|ting)?"
    r"|turn(?:ed|s)?|start(?:s|ed)?|freez\w+|hang\w*|time[ds]?|pop\w*|lock\w*|show\w*|roll\w*|ad+"
    r"|check\w*|down|open\w*|cut|drop\w*|kick\w*|throw\w*|thrown) (?:in|out|up|on|off|down|back)"
)


@dataclass
class _Phrase:
    """Where a run of words is used: by which customers of which topic, how written, how framed."""

    customers: dict[int, set] = field(default_factory=lambda: defaultdict(set))
    written: Counter = field(default_factory=Counter)
    frames: np.ndarray = field(default_factory=lambda: np.zeros(4))

    @property
    def framed(self) -> np.ndarray:
        """Shares of uses: alone, at the end of a thought, turned, as what the customer did."""
        return self.frames / sum(self.written.values())


def topic_names(
    texts: Sequence[Sequence[str]],
    topics: np.ndarray,
    customers: Sequence,
    central: Sequence[np.ndarray],
    centres: np.ndarray,
    embedded: Callable[[list[str]], np.ndarray],
    people: frozenset[str] = frozenset(),
    usual: frozenset[str] = frozenset(),
) -> list[str]:
    """A title for each topic: at most seven words in a row, as three customers or more of the topic
    wrote them; no two topics have the same.

    texts are each cut into sentences; customers says who wrote each; central are places of texts
    of each topic, the nearest to its middle first. Singular and plural are one
    use. A phrase is left out if it names a person, says nothing of its own (text.unclear), begins
    or ends in the middle of a thought, or if in a quarter of its uses a word beside it turns its
    sense ("whether the refund was sent"). Of those left, that one counts whose meaning is nearest
    to the topic's middle and far from others', which many of its customers use and few others, and
    which is a sentence, or a part of one, of its own. Where there is none: the sentence nearest to
    the middle, shortened in the same way.
    """
    read = _drawn(texts, topics)
    offered = _offered(texts, topics, customers, read, len(centres), people, usual)
    meant = embedded([_shown(phrase) for each in offered for _, phrase, _ in each])
    names, taken, at = [], set(), 0
    for topic, each in enumerate(offered):
        rows = meant[at : at + len(each)] @ centres.T if len(each) else np.zeros((0, len(centres)))
        at += len(each)
        others = np.delete(rows, topic, axis=1).max(axis=1, initial=0)
        lead = np.round(rows[:, topic] - others / 2, 4)
        worth = [x + value for x, (_, _, value) in zip(lead, each, strict=True)]
        best = [each[i] for i in np.argsort(-np.round(worth, 5), kind="stable")]
        first = [texts[place] for place in central[topic][:CENTRAL]]
        names.append(_first(best, taken) or _shortened(first, topic, taken, people))
    return names


def _first(best: list[tuple], taken: set[frozenset]) -> str:
    for key, phrase, _ in best:
        said, name = _said(key), _shown(phrase)
        if said not in taken and redact(name) == name:
            taken.add(said)
            return name
    return ""


def _said(key: Sequence[str]) -> frozenset[str]:
    """What tells a title from another: its telling words, whatever their order and number."""
    return frozenset(word for word in key if word not in GENERAL) or frozenset(key)


def _drawn(texts: Sequence[Sequence[str]], topics: np.ndarray) -> list[int]:
    """The places of at most 400 texts of each topic, whatever their order."""
    digests = [sha256("\n".join(each).encode("utf-8", "replace")).digest() for each in texts]
    kept, count = [], Counter()
    for at in sorted(range(len(texts)), key=digests.__getitem__):
        count[topics[at]] += 1
        if count[topics[at]] <= READ:
            kept.append(at)
    return kept


def _offered(texts, topics, customers, read, n: int, people, usual) -> list[list[tuple]]:
    """The phrases of each topic that may be its title, with what they are worth before meaning."""
    used: dict[tuple, Counter] = defaultdict(Counter)
    for at in read:
        for key in {key for key, *_ in _runs(texts[at], people)}:
            used[key][topics[at]] += 1
    kept = {key: _Phrase() for key, by in used.items() if max(by.values()) >= USED_BY}
    wrote: dict[int, set] = defaultdict(set)
    for at in read:
        topic, who = int(topics[at]), customers[at]
        wrote[topic].add(who)
        for key, words, frame in _runs(texts[at], people):
            if phrase := kept.get(key):
                phrase.customers[topic].add(who)
                phrase.written[words] += 1
                phrase.frames += frame
    everyone = sum(map(len, wrote.values()))
    offered: list[list[tuple]] = [[] for _ in range(n)]
    for key, phrase in kept.items():
        _, ends, turned, _ = phrase.framed
        if turned > TURNED or ends < ENDS:
            continue
        total = sum(map(len, phrase.customers.values()))
        for topic, who in phrase.customers.items():
            if len(who) >= USED_BY:
                inside = len(who) / len(wrote[topic])
                outside = (total - len(who) + 0.5) / (everyone - len(wrote[topic]) + 1)
                worth = _worth(key, phrase, len(who), inside / outside, usual)
                offered[topic].append((key, phrase, worth))
    return [sorted(each, key=lambda p: (-p[2], p[0]))[:OFFERED] for each in offered]


def _worth(key: tuple, phrase: _Phrase, customers: int, lift: float, usual) -> float:
    """What a phrase is worth beside its meaning (a cosine). The weights were set by reading names
    of the demo's, a forum's and Banking77's topics, before readers saw any."""
    alone, ends, _, done = phrase.framed
    used = 0.06 * np.log(customers) + 0.07 * min(np.log(lift), 4)
    less = 0.2 * done + 0.12 * bool(usual.intersection(key))
    return float(used + 0.02 * min(len(key), 5) + 0.12 * ends + 0.1 * alone - less)


def _runs(sentences: Sequence[str], people: frozenset[str]) -> Iterator[tuple]:
    """The runs of words that may be a title: key, as written, and how it is framed there: alone, at
    the end of a thought, turned, told as what the customer did."""
    left = BEGINNING
    for sentence in sentences:
        parts = [part for part in _PART.split(sentence) if part.strip()]
        for part in parts:
            words = _TOKEN.findall(part)[: max(left, 0)]
            left -= len(words)
            small = [word.lower().replace("’", "'") for word in words]
            stems = [_stem(word) for word in small]
            for a, b in _bounds(small, people):
                yield tuple(stems[a:b]), " ".join(words[a:b]), _frame(small, a, b, len(parts) == 1)


def _bounds(small: list[str], people: frozenset[str]) -> Iterator[tuple[int, int]]:
    for a, first in enumerate(small):
        if first in _IN["no_start"] or first.isdigit():
            continue
        for b in range(a + SHORTEST, min(a + LONGEST, len(small)) + 1):
            if not people.isdisjoint(small[a:b]) or small[b - 1].isdigit():
                break
            if _may_end(small, a, b) and _tells(small[a:b]):
                yield a, b


def _frame(small: list[str], a: int, b: int, whole: bool) -> np.ndarray:
    run, ended = small[a:b], b == len(small)
    begins = b - a < TORN or _BEFORE.issuperset(small[:a])
    return np.array([
        whole and ended and _IN["no_start"].issuperset(small[:a]),
        (ended or small[b] in _IN["closes"]) and begins,
        _turned(small, a, b),
        a > 0 and small[a - 1] in _IN["doers"] and NEGATIONS.isdisjoint(run),
    ])  # fmt: skip


def _may_end(small: list[str], a: int, b: int) -> bool:
    """Is the run no torn thought? A question, or a clause within, must go on to its end."""
    if small[a] in _IN["asks"] or not _IN["relative"].isdisjoint(small[a + 1 : b]):
        if b < len(small) or (small[a] in _IN["asks"] and b - a < ASKED):
            return False
    if small[b - 1] not in _IN["no_end"] or _denies_last(small, b):
        return True
    return _PARTICLE.fullmatch(" ".join(small[b - 2 : b])) is not None


def _tells(words: list[str]) -> bool:
    return not GENERAL.issuperset(words) or TELLING.search(" ".join(words)) is not None


def _turned(small: list[str], a: int, b: int) -> bool:
    """Does a word beside the run deny it, or ask for it, that is not in it? What somebody wants to
    do, or asks others to, is asked for by its nature."""
    if NEGATIONS.intersection(small[a:b]) or small[a] in _IN["asks"]:
        return False
    if not NEGATIONS.isdisjoint(small[max(0, a - NEARBY) : a] + small[b : b + 2]):
        return True
    if a > 0 and small[a - 1] in _IN["wishers"]:
        return False
    states = any(word in _IN["states"] or word.endswith("ed") for word in small[a:b])
    if a > 0 and small[0] in _IN["auxiliary"] and (states or b - a >= TORN):
        return True
    return states and (
        not _IN["unreal"].isdisjoint(small[:a]) or small[max(0, a - 1)] in _IN["which"]
    )


def _shown(phrase: _Phrase) -> str:
    name = min(phrase.written, key=lambda w: (-phrase.written[w], w))
    name = name.lower() if name.isupper() and len(name.split()) > 1 else name
    return name[:1].upper() + name[1:]


def _shortened(central: Sequence[Sequence[str]], topic: int, taken: set, people) -> str:
    """The first sentence of the most central text, without a beginning or an end in the middle of a
    thought, at most seven words, redacted. One that is as short as that goes first, and before all
    others one that tells something, whose sense is not turned by what was cut off."""
    cut = [_TOKEN.findall(redact(sentence, people)) for text in central for sentence in text[:1]]
    tries = []
    for words in [words for words in cut if len(words) <= LONGEST] + cut:
        small = [word.lower().replace("’", "'") for word in words]
        a, b = _whole(small)
        worse = (not _tells(small[a:b]), b > a and _turned(small, a, b))
        tries.append((worse, small[a:b], words[a:b]))
    for _, small, words in sorted(tries, key=lambda each: each[0]):
        said = _said([_stem(word) for word in small])
        if words and said not in taken:
            taken.add(said)
            name = " ".join(words)
            return name[:1].upper() + name[1:]
    return f"Topic {topic + 1}"


def _whole(small: list[str]) -> tuple[int, int]:
    """Where seven words of a sentence begin and end that are not torn; "nicht" may be the last."""
    a = next((at for at, word in enumerate(small) if word not in _IN["no_start"]), 0)
    b = min(a + LONGEST, len(small))
    while b > a + 1 and small[b - 1] in _IN["no_end"] and not _denies_last(small, b):
        b -= 1
    return a, b


def _denies_last(small: list[str], b: int) -> bool:
    return b == len(small) and small[b - 1] in _IN["deny_last"]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
