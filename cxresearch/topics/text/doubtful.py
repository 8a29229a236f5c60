"""May masked words still hold what tells who wrote them? Then they are no quote."""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from cxresearch.topics.text.name_words import is_everyday, is_listed, is_surely_first
from cxresearch.topics.text.word_lists import CAPITALS

COMMON = 5  # texts that hold a word: then it is no stranger's name, but a product's or a place's
_NUMBER = re.compile(
    r"(?<!\d)(?!(?:19|20)\d\d(?!\d))\d{4,}|@|\b(?=\w{0,40}\d)(?=\w{0,40}[^\W\d_])\w{7,}"
)
_CAPITAL = re.compile(rf"(?P<within>(?<=[^\W_] )|(?<=[^\W_], ))?(?P<word>[{CAPITALS}][\w'’-]+)")
_MASK = re.compile(r"\[[a-z -]+\]")
_WORD = re.compile(r"[^\W\d_][\w'’-]+")


def in_doubt(shown: str, common: Collection[str] = ()) -> bool:
    """Is there a number of four figures or more that is no year, an @, a word of letters and
    figures, a first name, a word with a capital letter that few texts hold (it is not in common)
    or, within a sentence, that some people bear as a name? Of words written without capitals, where
    names have none either, any that few texts hold and nobody uses every day.

    >>> in_doubt("It hangs since Thunderbird 115 came in 2023", {"thunderbird"})
    False
    >>> in_doubt("It hangs, as Warren said", {"warren"}), in_doubt("[name] has 48151")
    (True, True)
    >>> in_doubt("it hangs, as thandiwe said", {"hangs"}), in_doubt("it hangs", {"hangs"})
    (True, False)
    """
    if shown[:1].islower() and any(
        _is_rare(w, common) for w in _WORD.findall(_MASK.sub("", shown))
    ):
        return True
    return _NUMBER.search(shown) is not None or any(
        is_surely_first(found["word"])
        or _is_rare(found["word"], common)
        or (found["within"] is not None and is_listed(found["word"]) and _is_odd(found["word"]))
        for found in _CAPITAL.finditer(shown)
    )


def common_words(texts: Iterable[str], least: int = COMMON) -> frozenset[str]:
    """The words, in small letters, that at least five texts hold, or another least number."""
    held = Counter(word for text in texts for word in set(_WORD.findall(text.casefold())))
    return frozenset(word for word, n in held.items() if n >= least)


def _is_odd(word: str) -> bool:
    return len(word) >= 3 and not is_everyday(word)


def _is_rare(word: str, common: Collection[str]) -> bool:
    return _is_odd(word) and word.casefold() not in common
