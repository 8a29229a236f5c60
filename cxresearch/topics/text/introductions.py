"""How many words are a name where somebody says who they are: "my name is", "I am"."""

import re

from cxresearch.topics.text.name_judges import FROM, Candidate
from cxresearch.topics.text.name_words import (
    is_everyday,
    is_family,
    is_first,
    is_initial,
    is_particle,
    is_surely_first,
    is_unknown,
    small_names,
)
from cxresearch.topics.text.word_lists import any_of

_I_AM = re.compile(any_of("i_am"), re.I)
_SPEAKS = re.compile(rf"[ \t]?{any_of('speaking')}\b")
_BEGINS = re.compile(rf"(?:^|[\n.!?:;>|]|\b{any_of('greets')}\b[^\n.]{{0,16}})[ \t,!-]*\Z", re.I)
_BEGINS_SMALL = re.compile(rf"(?:^|\n|\b{any_of('greets')}\b[^\n.]{{0,16}})[ \t,!-]*\Z", re.I)
_GIVES = re.compile(rf"{any_of('introduces')}[ \t]{{0,3}}\Z", re.I)
_ADJECTIVE = re.compile(rf"\w+{any_of('adjective')}", re.I)
_THEN = re.compile(rf"[ \t]?(?:[,.!;\n]|\Z|[ ]?(?:{any_of('speaking')}|{any_of('from')})\b)")
_AND = re.compile(rf"[ \t]{any_of('and')}\b")


def said(one: Candidate) -> int:
    """After "my name is", and of who wrote what is quoted."""
    if is_everyday(one.first) and one.run == 1:
        return 0
    return one.run if one.capital else max(1, small_names(one.words, 3), _two_small(one))


def maybe(one: Candidate) -> int:
    """After "I am" or "it is"."""
    first, run, sure = one.first, one.run, is_surely_first(one.first)
    if not one.capital or one.shouted:
        return _maybe_small(one)
    initial, dull = any(map(is_initial, one.words[:2])), is_everyday(first) and not is_first(first)
    named = initial or is_first(first) or (is_family(one.words[run - 1]) and not dull)
    if sure or (run > 1 and named):
        return run
    if is_unknown(first) and (_two_names(one) or _SPEAKS.match(one.follows(run))):
        return run
    if _introduced(one) and _THEN.match(one.follows(run)) and not is_everyday(first):
        return run
    return 1 if is_first(first) and FROM.match(one.follows(1)) else 0


def _introduced(one: Candidate) -> bool:
    """Does "I am" begin a text or a sentence, or follow a greeting?"""
    return _GIVES.search(one.before) is not None and _BEGINS.search(one.lead) is not None


def _maybe_small(one: Candidate) -> int:
    first, n = one.first, small_names(one.words, 3)
    if is_surely_first(first):
        return max(n, _two_small(one))
    if n > 1 and is_first(first) and one.stops(n):
        return n
    if not (_GIVES.search(one.before) and _BEGINS_SMALL.search(one.lead)):
        return 0
    named = is_first(first) and not is_everyday(first)
    if two := _two_small(one):
        return two
    return 1 if (named or _odd(first)) and _THEN.match(one.follows(1)) else 0


def _two_small(one: Candidate) -> int:
    """2, if two words in small letters that are in no list of words stand before a mark."""
    second = "".join(one.words[1:2])
    odd = len(second) > 2 and (is_unknown(second) if one.shouted else _odd(second))
    names = odd and (_odd(one.first) or is_first(one.first))
    if not names:
        return 0
    rest = one.follows(2)
    return 2 if one.shouted or _THEN.match(rest) or _AND.match(rest) else 0


def _odd(word: str) -> bool:
    """Is it in no list of words, and of no adjective's form?"""
    return len(word) > 2 and is_unknown(word) and _ADJECTIVE.fullmatch(word) is None


def _two_names(one: Candidate) -> bool:
    others = [word for word in one.words[1 : one.run] if not is_initial(word)]
    dull = any(is_everyday(word) and not is_particle(word) for word in others)
    return one.run > 1 and not dull and _I_AM.match(one.before) is not None
