"""The language of tickets, by their words where these are sure, else by the export's locale.

The detector is py3langid (langid.py: Lui & Baldwin 2012): naive Bayes over byte n-grams, its model
a file of the package.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from cxresearch.topics.text.scrubbing import scrub
from cxresearch.topics.text.ticket_text import joined_text

SURE, WORDS, READ = 0.9, 5, 1000  # confidence and words that tell a language; characters read


def language_of(texts: Sequence[str], locales: pd.Series | None = None) -> pd.Series:
    """The language of each text as two letters such as de; null where it cannot be told.

    Words tell it at a confidence of 0.9 with five words or more; else the locale (de-AT) does.
    """
    told = pd.Series([_told(text) for text in texts], dtype="str")
    if locales is None:
        return told
    primary = [None if pd.isna(each) else _primary(each) for each in locales]
    return told.fillna(pd.Series(primary, dtype="str")).set_axis(locales.index)


def served(tickets: pd.DataFrame, languages: tuple[str, ...]) -> np.ndarray:
    """Is each ticket in one of the languages that the encoder serves? Unknown counts as yes."""
    language = language_of(joined_text(tickets).map(scrub), tickets["language"])
    return (language.isna() | language.isin([_primary(each) for each in languages])).to_numpy(bool)


def _primary(locale: str) -> str:
    return locale.lower().replace("_", "-").split("-")[0]


def _told(text: str) -> str | None:
    if len(text.split()) < WORDS:
        return None
    language, confidence = _detector().classify(text[:READ])
    return language if confidence >= SURE else None


@lru_cache(maxsize=1)
def _detector():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
