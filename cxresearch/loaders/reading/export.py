"""What a loader hands over: text, where it came from, and what a person should know about it."""

from dataclasses import dataclass, field

import pandas as pd

from cxresearch.loaders.people.identities import METHODS


@dataclass(frozen=True)
class Export:
    """Frames of text by canonical table name, and what the export says of itself.

    A frame may hold _file, _row and _rank of each row (see conform); files names the file of those
    that do not. settings are values for study.toml; notes are sentences for the page on data
    quality; not_read lists files that the loader does not know; history names the columns of
    tickets that its ticket_events tell (see histories); people, text too, say by what people and
    accounts can be joined, and match in which order (see identities).
    """

    tables: dict[str, pd.DataFrame]
    files: dict[str, str] = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    not_read: tuple[str, ...] = field(default=())
    history: tuple[str, ...] = ()
    people: pd.DataFrame | None = None
    match: tuple[str, ...] = METHODS
