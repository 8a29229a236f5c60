"""Titles of topics in customers' own words: one or two phrases that several of them use."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from cxresearch.topics.second_phrase import ALONE, SECOND, TopicWords, second_phrase
from cxresearch.topics.text import redact
from cxresearch.topics.text.doubtful import common_words, in_doubt
from cxresearch.topics.text.unclear import GENERAL
from cxresearch.topics.title_runs import TOKEN, runs, stem, tells, turned, whole, words_of

USED_BY = 3  # customers of the topic, at least
READ = 400  # texts of a topic, drawn by hashing them
LETTERS = 80  # of a title that is a sentence
CENTRAL = 20  # texts among which a sentence is sought where no phrase is found
OFFERED = 80  # phrases of a topic whose meaning is compared
TURNED = 0.25  # of a phrase's uses stand beside a word that turns its sense: then it misleads
ENDS = 0.4  # of its uses must end a thought
NEAR = 0.7  # of the lead of the nearest central sentence, a phrase must have
FULL = 3  # words of a sentence that is one
BETWEEN = " · "


@dataclass
class _Phrase:
    """Where a run of words is used: by which customers of which topic, how written, how framed."""

    key: tuple[str, ...]
    customers: dict[int, set] = field(default_factory=lambda: defaultdict(set))
    written: Counter = field(default_factory=Counter)
    frames: np.ndarray = field(default_factory=lambda: np.zeros(4))

    @property
    def framed(self) -> np.ndarray:
        """Shares of uses: alone, at the end of a thought, turned, as what the customer did."""
        return self.frames / sum(self.written.values())

    @property
    def shown(self) -> str:
        return _most(self.written)


def topic_names(
    texts: Sequence[Sequence[str]],
    vectors: np.ndarray,
    topics: np.ndarray,
    customers: Sequence,
    central: Sequence[np.ndarray],
    embedded: Callable[[list[str]], np.ndarray],
    people: frozenset[str] = frozenset(),
    usual: frozenset[str] = frozenset(),
) -> list[str]:
    """A title for each topic: a phrase of at most seven words in a row, as three customers or more
    of the topic wrote them; where one tells only a part of what they write about, a second one,
    with seven words together. No two topics have the same title.

    texts are each cut into sentences, with their vectors; customers says who wrote each; central
    are places of texts of each topic, the nearest to its middle first. Singular and plural are one
    use. A phrase is left out if it names a person, says nothing of its own (text.unclear), begins
    or ends in the middle of a thought, or if in a quarter of its uses a word beside it turns its
    sense ("whether the refund was sent"). Of those left that one counts whose meaning is near to
    the topic's texts and far from others', whose words many of its customers use and few others,
    and which is a sentence, or a part of one, of its own. The second is that which brings the title
    nearest to the texts that the first is far from (facility location: Lin & Bilmes 2011). Where
    there is none: the sentence nearest to the middle, shortened in the same way.
    """
    read = _drawn(texts, topics, customers)
    offered = _offered(texts, topics, customers, read, people, usual)
    common = common_words((" ".join(texts[at]) for at in read), USED_BY)
    short_ones = [
        _sentences([texts[at] for at in each[:CENTRAL]], people, common) for each in central
    ]
    meant = _cut(embedded, [each.shown for each in offered])
    said = _cut(embedded, [[name for name, _ in each] for each in short_ones])
    near = [vectors[[at for at in read if topics[at] == topic]] for topic in range(len(offered))]
    middles = np.stack([each.mean(axis=0) for each in near])
    names, taken = [], set()
    for topic, (each, short) in enumerate(zip(offered, short_ones, strict=True)):
        leads = _lead(meant[topic], middles, topic)
        further = _lead(said[topic], middles, topic)
        alike = near[topic] @ meant[topic].T if len(meant[topic]) else np.zeros((0, 0))
        name = _title(each, leads, alike, further, taken, people, common)
        names.append(name or _first_of(short, further, taken) or f"Topic {topic + 1}")
    return names


def _cut(embedded, parts: list[list[str]]) -> list[np.ndarray]:
    """The vectors of each part; all are embedded together."""
    ends = np.cumsum([len(part) for part in parts])
    return np.split(embedded([text for part in parts for text in part]), ends[:-1])


def _lead(meant: np.ndarray, middles: np.ndarray, topic: int) -> np.ndarray:
    """How near each phrase is to the topic's texts, less half of how near it is to others'."""
    if not len(meant):
        return np.zeros(0)
    alike = np.round(meant @ middles.T, 5)
    return alike[:, topic] - np.delete(alike, topic, axis=1).max(axis=1, initial=0) / 2


def _title(of: "_Offered", lead, alike, further, taken: set, people, common) -> str:
    """The phrase that is worth most, and a second one; "" where none is as near to the topic as
    its central sentences are."""
    best = max(further, default=0)
    least = min(best, NEAR * best)
    worth = np.round(lead[: len(of.value)] + of.value, 5)
    clean = [redact(each, people) == each and not in_doubt(each, common) for each in of.shown]
    order = [
        at for at in np.argsort(-worth, kind="stable")
        if lead[at] >= least and clean[at] and of.said[at] not in taken
    ]  # fmt: skip
    if not order:
        return ""
    first = order[0]
    taken.update((of.said[first], of.shown[first]))
    worth = np.append(worth - worth[first], np.full(len(of.keys) - len(worth), -ALONE))
    nearer = np.maximum(alike - alike[:, [first]], 0).mean(axis=0)
    may = np.flatnonzero(of.may_follow & clean)
    keys = [of.keys[at] for at in may]
    second = second_phrase(of.keys[first], keys, worth[may], nearer[may], of.words)
    return (
        of.shown[first]
        if second is None
        else BETWEEN.join((of.shown[first], of.shown[may[second]]))
    )


def _first_of(short: list[tuple], lead: np.ndarray, taken: set) -> str:
    """Of central sentences the nearest to the topic; before others those whose title says what no
    other says."""
    order = np.argsort(-np.round(lead, 5), kind="stable")
    for at in sorted(order, key=lambda at: short[at][1] in taken):
        name, said = short[at]
        if name not in taken:
            taken.update((said, name))
            return name
    return ""


def _said(key: Sequence[str], usual: frozenset[str] = frozenset()) -> frozenset[str]:
    """What tells a title from another: its telling words, whatever their order and number."""
    return frozenset(key) - GENERAL - usual or frozenset(key)


def _drawn(texts: Sequence[Sequence[str]], topics: np.ndarray, customers: Sequence) -> list[int]:
    """The places of at most 400 texts of each topic, whatever their order."""
    digests = [sha256("\n".join(each).encode("utf-8", "replace")).digest() for each in texts]
    kept, count = [], Counter()
    for at in sorted(range(len(texts)), key=lambda at: (digests[at], str(customers[at]))):
        count[topics[at]] += 1
        if count[topics[at]] <= READ:
            kept.append(at)
    return kept


@dataclass(frozen=True)
class _Offered:
    """What may be in a topic's title: phrases, the best first, with what each is worth before its
    meaning, then words that may only follow."""

    keys: list[tuple[str, ...]]
    shown: list[str]
    said: list[frozenset[str]]
    value: np.ndarray
    may_follow: np.ndarray
    words: TopicWords


def _offered(texts, topics, customers, read, people, usual) -> list[_Offered]:
    """What may be in the title of each topic."""
    wrote, holds = defaultdict(set), defaultdict(lambda: defaultdict(set))
    written, kept = defaultdict(Counter), _often(texts, topics, read, people)
    for at in read:
        topic, who = int(topics[at]), customers[at]
        wrote[topic].add(who)
        for word, as_written in words_of(texts[at]).items():
            holds[topic][word].add(who)
            written[word][as_written] += 1
        for key, words, frame in runs(texts[at], people):
            if phrase := kept.get(key):
                phrase.customers[topic].add(who)
                phrase.written[words] += 1
                phrase.frames += frame
    users = Counter(word for each in holds.values() for word, who in each.items() for _ in who)
    everyone = sum(map(len, wrote.values()))
    whole = [phrase for phrase in kept.values() if _is_whole(phrase)]
    found = []
    for topic in range(int(topics.max()) + 1 if len(topics) else 0):
        of = len(wrote[topic])

        def lift(who: int, total: int, of: int = of) -> float:
            return who / of / ((total - who + 0.5) / (everyone - of + 1))

        rows = sorted(_rows(topic, of, whole, holds[topic], lift, usual))[:OFFERED]
        own = {
            word: who for word, who in holds[topic].items()
            if word not in people and word not in usual
        }  # fmt: skip
        words = TopicWords(own, {w: lift(len(who), users[w]) for w, who in own.items()}, of)
        alone = words.alone()
        found.append(_Offered(
            [key for _, key, *_ in rows] + [(word,) for word in alone],
            [shown for *_, shown, _ in rows] + [_most(written[word]) for word in alone],
            [_said(key, usual) for _, key, *_ in rows],
            np.array([-less for less, *_ in rows]),
            np.array([*(may for *_, may in rows), *[True] * len(alone)], dtype=bool),
            words,
        ))  # fmt: skip
    return found


def _often(texts, topics, read, people) -> dict[tuple, _Phrase]:
    """The runs of words that three texts of a topic hold."""
    kept: dict[tuple, _Phrase] = {}
    for topic in set(map(int, topics[read])) if len(read) else ():
        here = [texts[at] for at in read if topics[at] == topic]
        used = Counter(key for text in here for key in {key for key, *_ in runs(text, people)})
        kept |= {key: _Phrase(key) for key, n in used.items() if n >= USED_BY and key not in kept}
    return kept


def _is_whole(phrase: _Phrase) -> bool:
    """Does it end a thought, and mean what it says?"""
    _, ends, turned_, _ = phrase.framed
    return turned_ <= TURNED and ends >= ENDS


def _rows(topic: int, of: int, phrases, holds, lift, usual) -> Iterator[tuple]:
    """What each phrase of a topic is worth (less than nought), its key, how it is shown, and
    whether it may follow another."""
    for phrase in phrases:
        who = len(phrase.customers.get(topic, ()))
        if who < USED_BY:
            continue
        own = [w for w in phrase.key if w not in usual] or phrase.key
        told = [w for w in own if w not in ENGLISH_STOP_WORDS] or own
        covers = float(np.mean([len(holds[word]) / of for word in told]))
        lifted = lift(who, sum(map(len, phrase.customers.values())))
        value = _worth(phrase, who, lifted, covers, usual)
        yield -value, phrase.key, phrase.shown, who >= SECOND and usual.isdisjoint(phrase.key)


def _most(written: Counter) -> str:
    """As most customers write it, with a capital letter."""
    name = min(written, key=lambda w: (-written[w], w))
    name = name.lower() if name.isupper() and len(name.split()) > 1 else name
    return name[:1].upper() + name[1:]


def _worth(phrase: _Phrase, customers: int, lift: float, covers: float, usual) -> float:
    """What a phrase is worth beside its meaning (a cosine). The weights were set by reading names
    of the demo's, a forum's and Banking77's topics."""
    alone, ends, _, done = phrase.framed
    used = 0.05 * np.log(customers) + 0.06 * min(np.log(lift), 4) + 0.25 * covers
    less = 0.2 * done + 0.12 * bool(usual.intersection(phrase.key))
    return float(used + 0.02 * min(len(phrase.key), 4) + 0.12 * ends + 0.1 * alone - less)


def _sentences(central: Sequence[Sequence[str]], people, common) -> list[tuple[str, frozenset]]:
    """The first sentences of central texts as titles, redacted, and what each says: without a
    beginning or an end in the middle of a thought, at most seven words. Where some have three words
    or more, tell something and are not turned by what was cut off, only these."""
    best: dict[str, tuple] = {}
    for text in central:
        said = redact(text[0] if text else "", people)
        words = TOKEN.findall(said.partition("[")[0])
        small = [word.lower().replace("’", "'") for word in words]
        a, b = whole(small)
        if b > a:
            torn = (
                not tells(small[a:b])
                or b - a < FULL
                or turned(small, a, b)
                or b < len(small)
                or "[" in said
            )
            name = " ".join(words[a:b])[:LETTERS]
            if in_doubt(name, common) or (name.istitle() and b - a > 1):
                continue  # perhaps somebody's name
            best[name[:1].upper() + name[1:]] = torn, _said([stem(word) for word in small[a:b]])
    least = min((torn for torn, _ in best.values()), default=False)
    return [(name, said) for name, (torn, said) in sorted(best.items()) if torn == least]
