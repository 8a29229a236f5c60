"""The texts of a study's tickets, and the sentences that many of them share."""

from collections import Counter
from collections.abc import Sequence
from math import ceil

import pandas as pd

from cxresearch.topics.text.scrubbing import has_words, sentence_key, sentences

SHARED, FEWEST = 0.01, 10  # share of tickets, and tickets, that make a sentence boilerplate
OWN = 0.1  # unless it is all that so many of them say


def joined_text(tickets: pd.DataFrame) -> pd.Series:
    """Each ticket's subject and first message, as one text. Never its tags."""
    subject = tickets["subject"].fillna("").str.strip()
    subject = subject.where(subject.str.endswith((".", "!", "?")) | (subject == ""), subject + ".")
    return (subject + "\n" + tickets["description"].fillna("")).str.strip()


def boilerplate(texts: Sequence[str | None]) -> frozenset[str]:
    """Sentences that at least 1% and at least 10 texts hold, digits masked, as scrub() takes them.

    A sentence that is all the words of one in ten texts that hold it is no boilerplate: it is what
    customers ask.
    """
    return shared_sentences([sentences(text) for text in texts])


def shared_sentences(written: Sequence[Sequence[str]]) -> frozenset[str]:
    """The same of texts that are cut into sentences."""
    keys = [{sentence_key(s) for s in each if has_words(s)} for each in written]
    held = Counter(key for each in keys for key in each)
    alone = Counter(key for each in keys if len(each) == 1 for key in each)
    least = max(FEWEST, ceil(SHARED * len(written)))
    return frozenset(k for k, n in held.items() if n >= least and alone[k] < OWN * n)
