"""The texts as the topic model reads them, and those that it does not read."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from cxresearch.topics.asides import aside_key, asides
from cxresearch.topics.embed import DEFAULT
from cxresearch.topics.text import has_words, language_of, people
from cxresearch.topics.text.scrubbing import sentence_key, sentences
from cxresearch.topics.text.ticket_text import shared_sentences
from cxresearch.topics.text.unclear import everywhere, unclear

NO_WORDS, OTHER_LANGUAGE, UNCLEAR = -1, -2, -4  # -3 is the cause of issues outside a study's cut
NEW_OR_OTHER = -5  # of a ticket that came when topics stood already, and is near to none
WITHOUT = (NO_WORDS, OTHER_LANGUAGE, UNCLEAR, NEW_OR_OTHER)
SERVED = {DEFAULT: ("en",)}  # languages, of encoders that do not serve every one


@dataclass(frozen=True, eq=False)
class Corpus:
    """Texts cut into sentences, what is shared by many of them, and what each says of its own.

    labels are 0 for texts to be read, else NO_WORDS, OTHER_LANGUAGE or UNCLEAR. shared are the keys
    of sentences that are nobody's own; usual the words that stand in texts of every kind; people
    those that name somebody.
    """

    written: list[list[str]]
    words: list[str]
    labels: np.ndarray
    shared: frozenset[str]
    usual: frozenset[str]
    people: frozenset[str]

    def own(self, at: int) -> list[str]:
        """The sentences of a text that are its own; all, if none is."""
        return _own_of(self.written[at], self.shared) or self.written[at]


def read_texts(
    texts: Sequence[str | None],
    encoder: str,
    served: Sequence[bool] | None,
    people: Collection[str],
    embedded: Callable[[list[str]], np.ndarray],
    seed: int,
) -> Corpus:
    """The texts of a study as its topics are made of them.

    Sentences that many texts share (boilerplate), or that stand in texts of all topics (asides),
    are left out, unless a text has no other. served says which texts are in a language that the
    encoder serves; else their words do. Texts are unclear that say nothing but what is shared, or
    nothing of what they are about (text.unclear). embedded makes vectors, for asides.
    """
    written = [sentences(text) for text in texts]
    shared = shared_sentences(written)
    labels = _unread(_words(written, shared), encoder, served)
    read = np.flatnonzero(labels == 0)
    shared |= asides([written[at] for at in read], shared, embedded, seed)
    own = _own(written, shared)
    usual = everywhere([own[at] for at in read])
    told = _told(written, own, labels, shared, people)
    return Corpus(written, *told, shared, usual, frozenset(people))


def read_new(
    texts: Sequence[str | None],
    encoder: str,
    served: Sequence[bool] | None,
    shared: frozenset[str],
    silent: Collection[str],
) -> tuple[list[str], np.ndarray]:
    """Words and labels, as in a Corpus, of texts that are held against one that was read before;
    each is read alone. silent are words that name somebody there."""
    words: list[str] = []
    labels = np.zeros(len(texts), np.int64)
    for at, text in enumerate(texts):
        written = [sentences(text)]
        here = None if served is None else [served[at]]
        unread = _unread(_words(written, shared), encoder, here)
        names = people([text]).union(silent)
        told, labels[at : at + 1] = _told(written, _own(written, shared), unread, shared, names)
        words += told
    return words, labels


def _told(written, own, labels, shared, silent) -> tuple[list[str], np.ndarray]:
    quiet = np.array(unclear(own, silent), dtype=bool)
    return _words(written, shared), np.where((labels == 0) & quiet, UNCLEAR, labels)


def _words(written: Sequence[Sequence[str]], shared: frozenset[str]) -> list[str]:
    """What tells each text's topic; "" where there is no word."""
    lines = [" ".join(_own_of(each, shared) or each) for each in written]
    return [line if has_words(line) else "" for line in lines]


def _own(written: Sequence[Sequence[str]], shared: frozenset[str]) -> list[str]:
    return [" ".join(_own_of(each, shared)) for each in written]


def _own_of(each: Sequence[str], shared: frozenset[str]) -> list[str]:
    own = [s for s in each if shared.isdisjoint((sentence_key(s), aside_key(s)))]
    return own if any(map(has_words, own)) else []


def _unread(words: Sequence[str], encoder: str, served: Sequence[bool] | None) -> np.ndarray:
    if served is None and encoder in SERVED:
        told = language_of(words)
        served = told.isna() | told.isin(SERVED[encoder])
    served = np.ones(len(words), bool) if served is None else np.asarray(served, bool)
    worded = np.array([bool(each) for each in words], dtype=bool)
    return np.where(~worded, NO_WORDS, np.where(served, 0, OTHER_LANGUAGE)).astype(np.int64)
