"""What a canonical table is: columns, types, rules, and the error that says what is wrong."""

from dataclasses import dataclass

from cxresearch.study.visible import visible


class InputError(ValueError):
    """What was given cannot be used; the message says what is wrong, where, and what to do."""

    def __str__(self) -> str:
        """The message, in which nothing hides."""
        return visible(super().__str__())


@dataclass(frozen=True)
class Column:
    """A column of a canonical table.

    kind is one of text, time, integer, number, flag (true, false or null) and list (of words);
    words are the only values allowed, if any are named.
    """

    name: str
    kind: str
    says: str
    needed: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A canonical table; rules and flags are pairs of a sentence (or word) and the SQL that is true
    for a row that breaks it. A row that breaks a rule is set aside, a flagged row is kept."""

    name: str
    says: str
    key: str | None
    columns: tuple[Column, ...]
    rules: tuple[tuple[str, str], ...] = ()
    flags: tuple[tuple[str, str], ...] = ()
    newest_by: str | None = None
    belongs_to: tuple[str, str] | None = None

    @property
    def names(self) -> list[str]:
        """The table's column names, in order."""
        return [column.name for column in self.columns]


# A number of which a spreadsheet kept too few digits, as text.
ROUNDED = "^[0-9]([.,][0-9]+)?[eE][+][0-9]+$"


def whole(name: str) -> tuple[str, str]:
    """The rule that a number has all its digits."""
    says = f"{name} was rounded by Excel and cannot be mended: export it without Excel"
    return says, f"regexp_matches({name}, '{ROUNDED}')"


def columns_of(kind: str, needed: bool = False, **says: str) -> tuple[Column, ...]:
    """Columns of one kind, by name with what each holds."""
    return tuple(Column(name, kind, text, needed) for name, text in says.items())
