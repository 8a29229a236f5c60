"""What the first phrase of a title leaves out of its topic."""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from cxresearch.topics.text.unclear import GENERAL
from cxresearch.topics.title_runs import LISTED, LONGEST

SECOND = 5  # customers of a second phrase, at least
WORDS = 20  # single words of a topic that may be a second phrase
LIKE = 4  # letters after which two words are one, so that sync and synchronised are
OFTEN = 1.0  # log lift of a word that could stand in any ticket, and still tells of this topic
GAIN = 0.04  # what a second phrase must bring
ALONE = 0.35  # less is a single word worth than the first phrase
TELLS, WORTH = 0.06, 0.05  # what telling of more customers, and being a good title, counts


class TopicWords:
    """Which of a topic's customers use which words.

    held: by word, the customers who use it; lift: how many times as often as others do; customers:
    how many there are.
    """

    def __init__(self, held: Mapping[str, set], lift: Mapping[str, float], customers: int):
        self.held, self.customers = held, customers
        self.weight = {word: max(0.0, float(np.log(lift[word]))) for word in held}
        known = sorted(set().union(*held.values()), key=str)
        self._row = {who: row for row, who in enumerate(known)}

    def tells_more(self, first: Sequence[str], key: Sequence[str]) -> float:
        """The share of customers that a phrase tells of beyond the first, times the mean log lift
        of its words. It tells of a customer by the share of its telling words that they use,
        weighed by log lift."""
        telling = self._telling(key)
        beyond = np.maximum(self._told(telling) - self._told(self._telling(first)), 0).sum()
        said = [word for word in key if word not in ENGLISH_STOP_WORDS] or key
        weight = sum(self.weight[word] for word in telling) / np.sqrt(len(said) * len(telling) or 1)
        return float(beyond / self.customers * weight)

    def alone(self) -> list[str]:
        """The words that by themselves tell of most customers. One that says that something is so
        would need its not, and is left out."""
        worth = {
            word: round(self.tells_more((), [word]), 5)
            for word, who in self.held.items()
            if len(who) >= SECOND and _may_stand_alone(word)
        }
        return sorted(worth, key=lambda word: (-worth[word], word))[:WORDS]

    def are_other_words(self, first: Sequence[str], key: Sequence[str]) -> bool:
        """Do both fit one title, and begin no telling word alike?"""
        told, new = self._telling(first), self._telling(key)
        if not told or not new:
            told, new = first, key
        within, begins = "".join(first), {word[:LIKE] for word in told}
        return len(first) + len(key) <= LONGEST and not any(
            word[:LIKE] in begins or word in within for word in (w.replace("-", "") for w in new)
        )

    def _told(self, telling: Sequence[str]) -> np.ndarray:
        share, total = np.zeros(len(self._row)), sum(self.weight[word] for word in telling)
        for word in telling if total else ():
            share[[self._row[who] for who in self.held[word]]] += self.weight[word] / total
        return share**2

    def _telling(self, key: Sequence[str]) -> list[str]:
        said = [word for word in key if word in self.held and word not in GENERAL]
        return [word for word in said if word not in ENGLISH_STOP_WORDS] or [
            word for word in key if self.weight.get(word, 0) >= OFTEN
        ]


def _may_stand_alone(word: str) -> bool:
    dull = GENERAL | ENGLISH_STOP_WORDS | LISTED["states"] | LISTED["negations"]
    return word not in dull and word.isalpha() and not word.endswith("ed") and len(word) > 2


def second_phrase(
    first: tuple[str, ...],
    keys: Sequence[tuple[str, ...]],
    worth: np.ndarray,
    nearer: np.ndarray,
    words: TopicWords,
) -> int | None:
    """Which phrase tells most of what the first leaves out: the place in keys; none where that is
    too little.

    worth: of each, less that of the first; nearer: how much nearer than the first it is to the
    topic's texts, on average, where it is at all (facility location: Lin & Bilmes 2011).
    """
    more = np.array([words.tells_more(first, key) for key in keys])
    gain = np.round(nearer + TELLS * more + WORTH * worth, 5)
    fits = [at for at, key in enumerate(keys) if words.are_other_words(first, key)]
    best = max(fits, key=lambda at: gain[at], default=None)
    return None if best is None or gain[best] < GAIN else best
