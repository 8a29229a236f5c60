"""The questions that pages are for: what each needs, which page answers it, and what it lacks.

The list is questions.toml, beside this module. docs/questions.md shows it whole; page 01 shows what
of it a study cannot be asked for want of data.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

KINDS = {
    "tickets": "fields of tickets",
    "ticket_events": "history of tickets",
    "customers": "customers and billing",
    "customer_history": "customers and billing",
    "identities": "customers and billing",
    "surveys": "surveys",
    "reviews": "reviews and posts",
    "bot_sessions": "talks with bots",
    "articles": "articles",
    "article_views": "articles",
    "incidents": "incidents and releases",
    "agents": "agents and teams",
}
OF_DATA = "D"  # so begin the ids of questions whether data can be read


@dataclass(frozen=True)
class Question:
    """A question in plain words with the tables or fields that it needs; by has, by page, whose
    results answer it; read_by the loaders that read its data; lacks what is missing, if anything.
    """

    id: str
    question: str
    needs: tuple[str, ...]
    by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    read_by: tuple[str, ...] = ()
    lacks: str = ""

    @property
    def state(self) -> str:
        """Is it answered, partly, or not yet?"""
        return "not yet" if not self.by else "partly" if self.lacks else "answered"


@cache
def questions() -> tuple[Question, ...]:
    """All questions, in the order of the list."""
    told = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(_question(name, **entry) for name, entry in told.items())


def _question(
    name: str,
    question: str,
    needs: list[str],
    by: dict[str, list[str]] | None = None,
    read_by: list[str] | None = None,
    lacks: str = "",
) -> Question:
    here = __name__.partition(".")[0]  # the list names no package: see study/sources.py
    by_page = {page: tuple(f"{here}.{each}" for each in of) for page, of in (by or {}).items()}
    return Question(name, question, tuple(needs), by_page, tuple(read_by or ()), lacks)


def needing(name: str) -> tuple[Question, ...]:
    """The questions that pages answer, for a part at least, and that need a table or field; a table
    is needed for its fields, too. Whether data can be read is no such question."""
    return tuple(each for each in on_pages() if any(_is_in(need, name) for need in each.needs))


def on_pages() -> tuple[Question, ...]:
    """The questions about customers and the desk that pages answer, for a part at least."""
    return tuple(each for each in questions() if each.by and not each.id.startswith(OF_DATA))


def _is_in(need: str, name: str) -> bool:
    return need == name or need.startswith(f"{name}.")


def kind_of(name: str) -> str:
    """Of which kind of data a table or field (table.field) is, in words."""
    return KINDS[name.partition(".")[0]]
