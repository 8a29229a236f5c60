"""The language of tickets: by script, by words where these are sure, else by the export's locale.

The detector of words is py3langid (langid.py: Lui & Baldwin 2012): naive Bayes over byte n-grams,
its model a file of the package.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from cxresearch.topics.text.scrubbing import scrub
from cxresearch.topics.text.ticket_text import joined_text

SURE, WORDS, READ = 0.9, 5, 1000  # confidence and words that tell a language; characters read
SHORT, MARKED = 0.8, 0.6  # confidence that fewer words need, and fewer with a letter as below
SPOKEN = ("en", "de", "es", "fr", "it", "pt", "nl", "pl", "sv", "da", "tr")  # with Latin letters
SCRIPTS = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "CYRILLIC": "ru",
    "ARABIC": "ar", "THAI": "th", "HEBREW": "he", "GREEK": "el", "DEVANAGARI": "hi",
}  # fmt: skip
LETTERS = 2.5  # Latin letters that a sign of a script of syllables or words is worth
OTHER = 0.3  # of the letters: then the text is in their script's language
_MARK = re.compile(r"[äöüßñ¿¡áéíóúàèìòùâêîôûçãõåøæşğ]", re.I)


def language_of(texts: Sequence[str], locales: pd.Series | None = None) -> pd.Series:
    """The language of each text as two letters such as de; null where it cannot be told.

    The script tells it (Cyrillic is taken for Russian, Chinese signs without Japanese ones for
    Chinese); else words do, at a confidence of 0.9, of fewer than five words at 0.8, and a single
    one only with a letter that English lacks; else the locale (de-AT) does.
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
    text = text[:READ]
    if not text.isascii() and (language := _by_script(text)):
        return language
    words, marked = len(text.split()), _MARK.search(text) is not None
    if words < 2 and not marked:
        return None
    language, confidence = _detector().classify(text if words >= WORDS else text.lower())
    return (
        language
        if confidence >= (SURE if words >= WORDS else MARKED if marked else SHORT)
        else None
    )


def _by_script(text: str) -> str | None:
    found: Counter = Counter()
    for sign in text:
        if sign.isalpha():
            found[unicodedata.name(sign, "").split(" ")[0].split("-")[0]] += 1
    others = {script: n for script, n in found.items() if script in SCRIPTS}
    worth = sum(n * (LETTERS if SCRIPTS[s] in ("ja", "ko", "zh") else 1) for s, n in others.items())
    if sum(others.values()) < 2 or worth <= OTHER * (worth + found["LATIN"]):
        return None
    kana = {"HIRAGANA", "KATAKANA"} & others.keys()
    return "ja" if kana else SCRIPTS[max(others, key=lambda script: (others[script], script))]


@lru_cache(maxsize=1)
def _detector():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    detector.set_languages(list(SPOKEN))
    return detector
