"""Runs of words in customers' sentences that may be a title, and how each is framed there."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from cxresearch.study.toml_text import read_toml
from cxresearch.topics.text.unclear import GENERAL, TELLING

SHORTEST, LONGEST = 2, 7  # words of a title
LETTERS = 30  # of a word; a longer one is none
BEGINNING = 80  # words of a text that are read
ASKED = 4  # words of a question, at least
TORN = 4  # words of a run that is more than a thing's name: it begins a thought, too
NEARBY = 4  # words before a phrase, or after it, that may turn it

_PART = re.compile(r"[.!?;:,()\[\]\n\"“”„«»…|/\\<>=*]+|\s[-–—]+\s|--+")
TOKEN = re.compile(r"[^\W_](?:[\w'’-]*[^\W_])?")

_FILE = read_toml(Path(__file__).with_name("title_words.toml"))
LISTED = {name: frozenset(words.split()) for name, words in _FILE.items()}
NEGATIONS = LISTED["negations"]
_BEFORE = LISTED["no_start"] | LISTED["asks"]
_PARTICLE = re.compile(
    r"(?:log(?:ged|ging|s)?|sign(?:ed|ing|s)?|top(?:ped|ping)?|set|back(?:ed)?|shut(?:s|ting)?"
    r"|turn(?:ed|s)?|start(?:s|ed)?|freez\w+|hang\w*|time[ds]?|pop\w*|lock\w*|show\w*|roll\w*|ad+"
    r"|check\w*|down|open\w*|cut|drop\w*|kick\w*|throw\w*|thrown) (?:in|out|up|on|off|down|back)"
)


def runs(sentences: Sequence[str], people: frozenset[str]) -> Iterator[tuple]:
    """The runs of words that may be a title: key, as written, and how it is framed there: alone, at
    the end of a thought, turned, told as what the customer did."""
    left = BEGINNING
    for sentence in sentences:
        parts = [part for part in _PART.split(sentence) if part.strip()]
        for part in parts:
            words = TOKEN.findall(part)[: max(left, 0)]
            left -= len(words)
            small = [word.lower().replace("’", "'") for word in words]
            stems = [stem(word) for word in small]
            for a, b in _bounds(small, people):
                yield tuple(stems[a:b]), " ".join(words[a:b]), _frame(small, a, b, len(parts) == 1)


def words_of(sentences: Sequence[str]) -> dict[str, str]:
    """The words of the beginning of a text, in small letters, singular, and as they are written."""
    words = [word for sentence in sentences for word in TOKEN.findall(sentence)][:BEGINNING]
    return {stem(word.lower().replace("’", "'")): word for word in words}


def _bounds(small: list[str], people: frozenset[str]) -> Iterator[tuple[int, int]]:
    for a, first in enumerate(small):
        if first in LISTED["no_start"] or first.isdigit():
            continue
        for b in range(a + SHORTEST, min(a + LONGEST, len(small)) + 1):
            last = small[b - 1]
            if not people.isdisjoint(small[a:b]) or last.isdigit() or len(last) > LETTERS:
                break
            if _may_end(small, a, b) and tells(small[a:b]):
                yield a, b


def _frame(small: list[str], a: int, b: int, whole: bool) -> np.ndarray:
    run, ended = small[a:b], b == len(small)
    begins = b - a < TORN or _BEFORE.issuperset(small[:a])
    return np.array([
        whole and ended and LISTED["no_start"].issuperset(small[:a]),
        (ended or small[b] in LISTED["closes"]) and begins,
        turned(small, a, b),
        _done(small, a) and NEGATIONS.isdisjoint(run),
    ])  # fmt: skip


def _may_end(small: list[str], a: int, b: int) -> bool:
    """Is the run no torn thought? A question, or a clause within, must go on to its end."""
    if small[a] in LISTED["asks"] or not LISTED["relative"].isdisjoint(small[a + 1 : b]):
        if b < len(small) or (small[a] in LISTED["asks"] and b - a < ASKED):
            return False
    if small[b - 1] not in LISTED["no_end"] or _denies_last(small, b):
        return True
    return _PARTICLE.fullmatch(" ".join(small[b - 2 : b])) is not None


def _done(small: list[str], a: int) -> bool:
    """Does the customer, or the desk when asked to, do what the run says?"""
    if a == 0 or small[a - 1] == "to":
        return False
    needs = not LISTED["needs"].isdisjoint(small[:a]) and _BEFORE.issuperset(small[:a])
    return small[a - 1] in LISTED["doers"] or needs


def tells(words: list[str]) -> bool:
    """Do words say something of their own, or together name a thing?"""
    return not GENERAL.issuperset(words) or TELLING.search(" ".join(words)) is not None


def turned(small: list[str], a: int, b: int) -> bool:
    """Does a word beside the run deny it, or ask for it, that is not in it? What somebody wants to
    do, or asks others to, is asked for by its nature."""
    if small[a] in LISTED["asks"]:
        return False
    if NEGATIONS.intersection(small[a:b]):
        return a > 1 and small[0] in LISTED["auxiliary"]
    if not NEGATIONS.isdisjoint(small[max(0, a - NEARBY) : a] + small[b : b + 2]):
        return True
    if a > 0 and small[a - 1] in LISTED["wishers"]:
        return False
    if a > 0 and small[a - 1] in ("do", "does", "did"):
        return True
    states = any(word in LISTED["states"] or word.endswith("ed") for word in small[a:b])
    if a > 0 and small[0] in LISTED["auxiliary"] and (states or b - a >= TORN):
        return True
    return states and (
        not LISTED["unreal"].isdisjoint(small[:a]) or small[max(0, a - 1)] in LISTED["which"]
    )


def stem(word: str) -> str:
    """An English word without the s of its plural."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def whole(small: list[str]) -> tuple[int, int]:
    """Where seven words of a sentence begin and end that are not torn; "nicht" may be the last."""
    a = next((at for at, word in enumerate(small) if word not in LISTED["no_start"]), 0)
    b = min(a + LONGEST, len(small))
    while b > a + 1 and _torn(small, b):
        b -= 1
    return a, b


def _torn(small: list[str], b: int) -> bool:
    last = small[b - 1]
    return last.isdigit() or (last in LISTED["no_end"] and not _denies_last(small, b))


def _denies_last(small: list[str], b: int) -> bool:
    return b == len(small) and small[b - 1] in LISTED["deny_last"]
