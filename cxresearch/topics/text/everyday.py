"""Words of every day that are names, too: Bill signs a letter, and a bill is paid."""

import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from stop_words import get_stop_words

from cxresearch.study.toml_text import read_toml

OFTEN = 0.2  # texts that use it as a word for each that is signed with it: then it is one, too
_NOUN = re.compile(
    r"\b(?:[Dd](?:er|ie|as|e[nms])|(?:[Kk]|[MmDdSs])?[Ee]in(?:e[nmrs]?)?|[Uu]nsere?[nmrs]?)"
    r" ([A-ZÄÖÜ][\wäöüß-]{1,30})"
)


def used_as_words(text: str, candidates: frozenset[str]) -> frozenset[str]:
    """Which of the candidates, in small letters, the text uses as words.

    They stand in small letters within a line, where others have capital letters; or, as German
    nouns have one, after an article.
    """
    if text.islower():
        return frozenset()
    nouns = {word.lower() for word in _NOUN.findall(text)}
    return candidates.intersection(text.split(" ")[1:-1]) | candidates.intersection(nouns)


def known_as(word: str, signed: int, used: int) -> str:
    """How a word that names persons is known: in small letters if it is a name wherever it stands,
    with a capital one if only that tells it from a word of every day, "" if it is such a word.

    signed is how many texts name a person by it, with a capital letter; used how many that name
    nobody so use it as a word. Once is a slip, unless nobody ever gave it a capital letter.
    """
    everyday = used >= max(2 if signed else 1, OFTEN * signed)
    if not everyday and word not in _general():
        return word
    is_name = used < 2 * signed and word not in _general_in_german()
    return word.capitalize() if is_name else ""


def never_a_name(words: Collection[str]) -> frozenset[str]:
    """Those of the words, in small letters, that could stand in a ticket about anything."""
    return _general().intersection(words)


@lru_cache(maxsize=1)
def listed() -> dict[str, frozenset[str]]:
    """Words that could stand in a ticket about anything, by language: grammar and general.toml."""
    general = read_toml(Path(__file__).with_name("general.toml"))["general"]
    return {lang: frozenset([*get_stop_words(lang), *general[lang].split()]) for lang in general}


@lru_cache(maxsize=1)
def _general() -> frozenset[str]:
    return frozenset().union(*listed().values())


@lru_cache(maxsize=1)
def _general_in_german() -> frozenset[str]:
    """Those that German alone has: there a noun's capital letter tells nothing."""
    others = (words for lang, words in listed().items() if lang != "de")
    return listed()["de"].difference(*others)
