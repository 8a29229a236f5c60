"""How many words are a person's name where one may stand: a judge for each way to tell of one."""

import re
from dataclasses import dataclass

from cxresearch.topics.text.name_words import (
    LETTER,
    WHOSE,
    capitals,
    is_also_a_word,
    is_everyday,
    is_family,
    is_first,
    is_initial,
    is_listed,
    is_particle,
    is_surely_first,
    is_unknown,
    small_names,
)
from cxresearch.topics.text.word_lists import any_of, words_of

WORD = re.compile(rf"{LETTER}[^\s/,]*")
_ABBREVIATED = re.compile(r"[A-ZÀ-Ý]{2,4}\s+")
_DOTTED = re.compile(rf"{LETTER}\.(?:-?{LETTER}\.)*")
_TITLE = re.compile(rf"{any_of('titles')}\.?", re.I)
_STOP = re.compile(r"[ \t]?(?:[,!:;.\n-]|\Z)")
FROM = re.compile(rf"[ \t]?(?:,|(?:{any_of('speaking')}|{any_of('from')})\b)", re.I)
_KISSES = ("x", "xx", "xxx")
_NEAR, _LEAD = (
    12,
    40,
)  # letters after a name that tell whether it is one, and before what tells of it


@dataclass(frozen=True)
class Candidate:
    """Words that may be a name: as written and apart, and what stands before and after them."""

    whole: str
    words: list[str]
    first: str
    capital: bool  # has the first word one?
    run: int  # words that may be of one name by their capital letters
    lead: str  # before
    before: str
    after: str  # of the pattern that found them
    rest: str

    @classmethod
    def of(cls, match: re.Match) -> "Candidate":
        text, end = match.string, match.end("name")
        words = WORD.findall(match["name"])
        lead = text[max(0, match.start() - _LEAD) : match.start()]
        told = (words, words[0], words[0][0].isupper(), capitals(words), lead, match["before"])
        return cls(match["name"], *told, text[end : match.end()], text[end : end + _NEAR])

    @property
    def shouted(self) -> bool:
        """Have all letters before it, and its own, capital form?"""
        return self.first.isupper() and self.before.isupper()

    def follows(self, n: int) -> str:
        """What stands after the nth word."""
        return self.whole[end_of(self.whole, n) :] or self.rest

    def stops(self, n: int) -> bool:
        """Does a mark or the end of a line follow the nth word?"""
        return _STOP.match(self.follows(n)) is not None


def end_of(whole: str, n: int) -> int:
    """Where the nth word ends, without what is no part of it."""
    end = [word.end() for word in WORD.finditer(whole)][n - 1]
    return end - 2 if whole[:end].endswith(WHOSE) else end - (whole[end - 1] in "-'’")


def in_field(one: Candidate) -> int:
    """All words of a form's field, unless most are no names."""
    dull = sum(
        is_everyday(word) and not (is_first(word) or is_particle(word)) for word in one.words
    )
    return len(one.words) if dull * 2 <= len(one.words) - 1 else 0


def greeted(one: Candidate) -> int:
    """After a greeting and titles."""
    if _TITLE.fullmatch(one.first):  # who it is stands behind it
        return 0
    lead = _led_by_particles(one.words)
    return lead or (_greeted(one) if one.capital else _greeted_small(one))


def titled(one: Candidate) -> int:
    """After a title."""
    if lead := _led_by_particles(one.words):
        return lead
    if _ABBREVIATED.fullmatch(one.before):  # MS Word
        return 0
    if is_everyday(one.first) and not is_first(one.first):
        return 0
    return one.run if one.capital else small_names(one.words, 3)


def _led_by_particles(words: list[str]) -> int:
    """How many words of a name such as "von Braun"."""
    lead = next((at for at, word in enumerate(words[:-1]) if not is_particle(word)), len(words) - 1)
    return lead + capitals(words[lead:]) if lead and words[lead][0].isupper() else 0


def _greeted(one: Candidate) -> int:
    told = is_surely_first(one.first) or one.stops(one.run) or FROM.match(one.follows(one.run))
    if "," in one.before and not told:  # Hi, Outlook stopped
        return 0
    name = is_first(one.first) and (one.run > 1 or one.stops(1))
    return one.run if name or not is_everyday(one.first) else 0


def _greeted_small(one: Candidate) -> int:
    first, n = one.first, small_names(one.words, 3)
    known = is_listed(first) and not is_everyday(first)
    if n and (is_surely_first(first) or (known and one.stops(n))):
        return n
    ended = one.words[1][0].isupper() if len(one.words) > 1 else one.stops(1)
    return 1 if ended and is_unknown(first) and len(first) > 2 else 0


def last(one: Candidate) -> int:
    """The last words of a text."""
    words = _without_kisses(one.words)
    n, first = len(words), is_first(one.first)
    dull = [is_everyday(word) and not (is_initial(word) or is_particle(word)) for word in words]
    if not one.capital:
        return n if n <= 2 and first and not any(dull) else 0
    if n > 4 or one.run < n or (dull[0] and not first) or any(dull[1:]):
        return 0
    in_line = n == 1 and is_also_a_word(one.first) and "\n" not in one.before
    return 0 if in_line or (one.before.startswith(",") and not first) else n


def signed(one: Candidate) -> int:
    """After a sign-off."""
    words = _without_kisses(one.words)
    n = len(words)
    if not one.capital and n <= 3 and not is_everyday(one.first):
        if n == 1 or is_first(one.first) or all(map(_of_a_name, words)):
            return n
    nobody = n == 1 and one.first in words_of("nobody")  # grazie mille
    if nobody or not _names_only(one, words):
        return 0
    if n <= 4:
        return n if any(is_first(word) or not is_everyday(word) for word in words) else 0
    return listed_there(one)


def listed_there(one: Candidate) -> int:
    """Of who speaks in a chat."""
    n, first = len(one.words), one.first
    named = is_first(first) and is_family(one.words[-1])
    well = is_surely_first(first) or (n > 1 and (named or _DOTTED.fullmatch(first)))
    return n if n <= 5 and well and _names_only(one, one.words) else 0


def alone(one: Candidate) -> int:
    """On a line of their own."""
    n = len(one.words)
    if n > 5 or not _names_only(one, one.words):
        return 0
    initial = n > 1 and any(map(is_initial, one.words[:2]))
    addressed = n == 1 and "," in one.after and one.capital and is_first(one.first)
    return n if initial or addressed else listed_there(one)


def _without_kisses(words: list[str]) -> list[str]:
    while words and words[-1] in _KISSES:
        words = words[:-1]
    return words


def _of_a_name(word: str) -> bool:
    return is_listed(word) or is_particle(word) or is_initial(word.upper())


def _names_only(one: Candidate, words: list[str]) -> bool:
    return one.run >= len(words) or (not one.capital and all(map(is_listed, words)))


def told(one: Candidate) -> int:
    """Where persons are told of now and then."""
    first, run = one.first, one.run
    if is_surely_first(first):
        return run if one.capital else small_names(one.words, 2)
    two = one.capital and run > 1 and (is_first(first) or is_family(one.words[run - 1]))
    return run if two and not is_everyday(first) else 0


def spoken_of(one: Candidate) -> int:
    """Where a person is told of for sure."""
    first, next_ = one.first, "".join(one.words[1:2]).casefold()
    then = next_ in words_of("when")
    if is_surely_first(first) or is_everyday(first):
        return told(one)
    if not one.capital:
        return 1 if then and is_unknown(first) else 0
    if is_unknown(first) or (is_first(first) and (one.run > 1 or not next_ or then)):
        return one.run
    return told(one)


def family_first(one: Candidate) -> int:
    """Before a comma and a first name."""
    dull = is_everyday(one.words[-1]) or not one.words[-1][0].isupper()
    return 0 if dull else len(one.words)


def spoken(one: Candidate) -> int:
    """Before "speaking", and on a form's line."""
    n, dull = len(one.words), sum(map(is_everyday, one.words))
    return n if one.run == n and not dull and (n > 1 or is_unknown(one.first)) else 0


def second(one: Candidate) -> int:
    """After a name and "and"."""
    if not one.capital:
        return 1 if is_surely_first(one.first) else 0
    if is_everyday(one.first) or (is_also_a_word(one.first) and one.run < 2):
        return 0
    return one.run


def anywhere(words: list[str], small: bool) -> int:
    """By the lists alone; small letters name somebody only in a text without capital ones."""
    first = words[0]
    if not first[0].isupper():
        return 1 if small and len(first) > 3 and is_surely_first(first) else 0
    n, sure, next_ = capitals(words), is_surely_first(first), "".join(words[1:2])
    short = first.isupper() and len(first) < 4
    if sure and not short:
        return n
    if sure and next_.isupper() and len(next_) > 1 and not is_everyday(next_):
        return 2
    family = is_family(words[n - 1]) and is_unknown(words[n - 1])
    named = family or any(map(is_initial, words[:2]))
    return n if n > 1 and named and is_first(first) else 0
