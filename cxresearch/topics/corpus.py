"""The texts as the topic model reads them, and those that it does not read."""

from collections.abc import Sequence

import numpy as np

from cxresearch.topics.embed import DEFAULT
from cxresearch.topics.text import has_words, language_of, scrub

NO_WORDS, OTHER_LANGUAGE = -1, -2
SERVED = {DEFAULT: ("en",)}  # languages, of encoders that do not serve every one


def words_of(texts: Sequence[str | None], boilerplate: frozenset[str]) -> list[str]:
    """What tells each text's topic; "" where there is no word."""
    scrubbed = (scrub(text, boilerplate) for text in texts)
    return [words if has_words(words) else "" for words in scrubbed]


def unread(words: Sequence[str], encoder: str, served: Sequence[bool] | None) -> np.ndarray:
    """0 for texts to be read, -1 for those without words, -2 for those in another language.

    served says which are in a language that the encoder serves; else their words do.
    """
    if served is None and encoder in SERVED:
        told = language_of(words)
        served = told.isna() | told.isin(SERVED[encoder])
    served = np.ones(len(words), bool) if served is None else np.asarray(served, bool)
    worded = np.array([bool(each) for each in words], dtype=bool)
    return np.where(~worded, NO_WORDS, np.where(served, 0, OTHER_LANGUAGE)).astype(np.int64)
