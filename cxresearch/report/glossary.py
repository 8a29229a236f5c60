"""The words that pages cannot do without, a sentence each, linked where they are used."""

import re
import tomllib
from pathlib import Path

from markupsafe import Markup

WORDS: dict[str, dict] = tomllib.loads(
    Path(__file__).with_name("glossary.toml").read_text(encoding="utf-8")
)
TERMS = {form: word for word, told in WORDS.items() for form in (word, *told.get("also", ()))}
_FORMS = "|".join(re.escape(form) for form in sorted(TERMS, key=len, reverse=True))
_TERM = re.compile(
    rf"<(a|code|pre|h\d)\b.*?</\1>|<[^>]*>|&\w+;|“[^”]*”|https?://\S+|(?<![\w-])(?P<term>{_FORMS})(?![\w-])",
    re.S,
)


def place(word: str) -> str:
    """Where a page says what a word means."""
    return f"word-{re.sub(r'[^a-z]+', '-', word.lower())}"


def without_links(html: str) -> Markup:
    """HTML without links to sentences that stand on another page."""
    return Markup(re.sub(r'<a class="term"[^>]*>(.*?)</a>', r"\1", str(html)))


def linked(html: str, used: set[str]) -> Markup:
    """HTML in which each term leads to its sentence where it is first used; adds these to used."""
    met = set()

    def link(found: re.Match) -> str:
        word = TERMS.get(found["term"] or "")
        if word is None or word in met:
            return found[0]
        met.add(word)
        return f'<a class="term" href="#{place(word)}">{found[0]}</a>'

    written = Markup(_TERM.sub(link, str(html)))
    used |= met
    return written
