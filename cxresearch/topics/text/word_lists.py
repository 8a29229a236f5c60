"""Words beside which personal data stand, and the letters with which names begin."""

from functools import cache
from pathlib import Path

from cxresearch.study.toml_text import read_toml

# Capital letters of scripts that have them (Latin with all its marks, Greek, Cyrillic), as a class.
CAPITALS = "A-Z" + "".join(filter(str.isupper, map(chr, range(0xC0, 0x530))))


@cache
def lists() -> dict[str, str]:
    """personal.toml."""
    return read_toml(Path(__file__).with_name("personal.toml"))


def any_of(name: str) -> str:
    """A pattern for any word of a list; a space in it stands for any blank."""
    return "(?:" + lists()[name].replace("\n", "").replace(" ", r"\s") + ")"


@cache
def words_of(name: str) -> frozenset[str]:
    """The words of a list that holds no patterns."""
    return frozenset(lists()[name].split())
