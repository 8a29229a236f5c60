"""A row of a file before anything is known of it but where it lies."""

from dataclasses import dataclass

# A row or record of more letters than this is taken for one that has no end.
LONGEST = 200_000_000


@dataclass(frozen=True)
class Row:
    """A row by its number in the file (from 1, without the header): its fields, or why it has none.

    original is the row as it was written. A record of JSON is a row of one field.
    """

    number: int
    fields: list[str] | None
    reason: str = ""
    original: str = ""
