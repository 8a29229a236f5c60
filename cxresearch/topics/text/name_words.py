"""Is a word a person's name? Told by lists of names, and of words that are none or are both."""

import re
from functools import cache
from importlib import import_module

from cxresearch.topics.text.everyday import never_a_name
from cxresearch.topics.text.word_lists import words_of

# of the languages that are masked, and of those whose people write in them
PLACES = (
    "de_AT de_CH de_DE en_GB en_IE en_IN en_NG en_NZ en_PK en_US es es_AR es_CL es_CO es_ES es_MX"
    " fr_BE fr_CA fr_CH fr_DZ fr_FR it_IT pt_BR pt_PT nl_BE nl_NL tr_TR pl_PL sv_SE da_DK no_NO"
    " fi_FI ro_RO cs_CZ hr_HR hu_HU ig_NG yo_NG vi_VN id_ID ga_IE"
)
LETTER = r"[^\W\d_]"
WHOSE = ("'s", "’s")
_CODED = re.compile(r"[\d_]")
_INITIALS = re.compile(rf"{LETTER}\.(?:-?{LETTER}\.)*|[^\W\d_a-zà-ÿ]")


def is_first(word: str) -> bool:
    """Is it a first name, or several joined of which the first is one?"""
    first = listed("first_name")
    return _base(word) in first or ("-" in word and not first.isdisjoint(_joined(word)[:1]))


def is_family(word: str) -> bool:
    """Is it a family name, or several joined of which the last is one?"""
    family = listed("last_name")
    return _base(word) in family or not family.isdisjoint(_joined(word)[-1:])


def is_listed(word: str) -> bool:
    """Is it a first or a family name?"""
    return is_first(word) or is_family(word)


def is_everyday(word: str) -> bool:
    """Could it stand in a ticket about anything, or name nobody in a greeting?"""
    return _base(word) in words_of("nobody") or bool(never_a_name([_base(word)]))


def is_also_a_word(word: str) -> bool:
    """Is it a word, a place or a product, even if it is a name, too?"""
    return _base(word) in words_of("words") or bool(never_a_name([_base(word)]))


def is_surely_first(word: str) -> bool:
    """Is it a first name, and nothing else?"""
    return is_first(word) and not is_also_a_word(word)


def is_unknown(word: str) -> bool:
    """Is it in no list of words, and written as one?"""
    return not is_also_a_word(word) and not is_everyday(word) and _CODED.search(word) is None


def is_initial(word: str) -> bool:
    """Is it J., J.-P. or a capital letter alone?"""
    return _INITIALS.fullmatch(word) is not None


def is_particle(word: str) -> bool:
    """May it stand within a name, as van and de la do?"""
    return word.casefold() in words_of("particles")


def capitals(words: list[str]) -> int:
    """How many words after the first may be of its name, and it: capital letters, particles."""
    last = 1
    for at, word in enumerate(words):
        if at and is_particle(word):
            continue
        if not word[0].isupper() and not word.startswith("d'"):
            break
        if at and is_everyday(word) and not is_initial(word) and not is_listed(word):
            break
        last = at + 1
        if word.endswith(WHOSE):
            break
    return last


def small_names(words: list[str], most: int) -> int:
    """How many words from the first on are names of the lists, in small letters or not."""
    last = 0
    for at, word in enumerate(words[:most]):
        particle, first = is_particle(word), not at and is_first(word)
        if not (particle and at) and (not is_listed(word) or (is_everyday(word) and not first)):
            break
        last = last if particle else at + 1
    return last


@cache
def listed(kind: str) -> frozenset[str]:
    """First or last names of some forty countries, in small letters, as the package Faker lists
    them; parts of double names are names of their own."""
    modules = (import_module(f"faker.providers.person.{place}") for place in PLACES.split())
    providers = [module.Provider for module in modules]
    lists = [getattr(one, name) for one in providers for name in dir(one) if name.startswith(kind)]
    held = [names for names in lists if isinstance(names, tuple | list | dict)]
    whole = (str(name).casefold() for names in held for name in names)
    return frozenset(part for name in whole for part in re.split(r"[\s-]", name) if len(part) > 1)


def _base(word: str) -> str:
    return word.casefold().rstrip(".,;:!?").removesuffix("'s").removesuffix("’s")


def _joined(word: str) -> list[str]:
    return [one for one in re.split(r"[-'’]", _base(word)) if len(one) > 1]
