"""What a loader hands over: text, where it came from, and what a person should know about it."""

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Export:
    """Frames of text by canonical table name, and what the export says of itself.

    files names the file behind each table; settings are values for study.toml; notes are sentences
    for the page on data quality; not_read lists files that the loader does not know.
    """

    tables: dict[str, pd.DataFrame]
    files: dict[str, str]
    settings: dict
    notes: tuple[str, ...] = ()
    not_read: tuple[str, ...] = field(default=())
