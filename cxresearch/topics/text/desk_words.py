"""What a message at a help desk does, sentence by sentence: rules on words, English only.

The words are in desk_words.toml; how far a rule agrees with two readers, in desk_words.csv.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from cxresearch.study.toml_text import read_toml

BY_AGENT = ("acknowledged", "info_asked", "workaround", "date_promised")
BY_CUSTOMER = ("confirmed", "not_solved")
OF_FIRST = ("version", "error", "steps")  # of the customer's first message
READ = 5_000  # characters of a message that are read
_QUOTED = re.compile(r"^(?:>|On .{5,80} wrote:|-{3,} ?Original)", re.M)
_ENDS = re.compile(r"(?<=[.!?])(?<!\bno\.)\s+|\n+", re.I)


@dataclass(frozen=True)
class Rule:
    """A sentence does it that holds `does` and not `unless`."""

    does: re.Pattern
    unless: re.Pattern

    def holds(self, sentence: str) -> bool:
        """Does a sentence in small letters do it?"""
        return bool(self.does.search(sentence)) and not self.unless.search(sentence)


@lru_cache(maxsize=4_000)
def written_sentences(body: str | None) -> list[str]:
    """The sentences of a message above what it quotes, in small letters, courtesies too."""
    text = (body or "")[:READ].replace("’", "'").replace("‘", "'")
    if (quoted := _QUOTED.search(text)) and text[: quoted.start()].strip():
        text = text[: quoted.start()]
    return [s.strip().lower() for s in _ENDS.split(text) if s.strip()]


def says(rule: str, body: str | None) -> bool:
    """Does any sentence of a message do what the rule of that name looks for?

    >>> says("date_promised", "We will call you by Friday."), says("confirmed", "I hope it works.")
    (True, False)
    """
    return any(rules()[rule].holds(sentence) for sentence in written_sentences(body))


def asks_again(body: str | None, before: Iterable[str]) -> bool:
    """Does a message ask for what one of the texts before it has told?"""
    questions = [s for s in written_sentences(body) if rules()["info_asked"].holds(s)]
    told_before = " \n".join(" \n".join(written_sentences(text)) for text in before)
    return any(
        again.search(question) and told.search(told_before)
        for question in questions
        for again, told in _asked()
    )


@cache
def rules() -> dict[str, Rule]:
    """The rules by name."""
    names = (*BY_AGENT, *BY_CUSTOMER, *OF_FIRST, "told_twice")
    read = {name: _words()[name] for name in names}
    return {
        name: Rule(_pattern(rule["does"]), _pattern(rule.get("unless", r"(?!)")))
        for name, rule in read.items()
    }


@cache
def _asked() -> list[tuple[re.Pattern, re.Pattern]]:
    return [(_pattern(of["again"]), _pattern(of["told"])) for of in _words()["asked"].values()]


@cache
def _words() -> dict:
    return read_toml(Path(__file__).with_name("desk_words.toml"))


def _pattern(lines: str) -> re.Pattern:
    """Lines as alternatives, each <part> filled in."""
    words = _words()
    parts = words["parts"] | {name: words[name]["does"] for name in OF_FIRST}
    lines = _alternatives(lines)
    while found := re.search(r"<(\w+)>", lines):
        lines = lines.replace(found[0], f"(?:{_alternatives(parts[found[1]])})")
    return re.compile(lines)


def _alternatives(lines: str) -> str:
    return "|".join(filter(None, lines.split("\n")))


def when() -> re.Pattern:
    """A day or a moment in a sentence, or how long something takes."""
    return _pattern("<when>")
