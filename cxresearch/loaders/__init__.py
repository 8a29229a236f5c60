"""Loaders: one module a help desk; each turns an export into text under canonical names."""

from pathlib import Path
from types import ModuleType

import pandas as pd

from cxresearch.conform import Conformed, conform
from cxresearch.loaders import kitsune
from cxresearch.loaders.export import Export
from cxresearch.schema import InputError

__all__ = ["SYSTEMS", "Export", "load", "read"]

SYSTEMS: dict[str, ModuleType] = {"kitsune": kitsune}


def read(system: str, path: str | Path) -> tuple[Export, Conformed]:
    """An export as text, and what the schema makes of it.

    Raises InputError for a system that is not known, a path that is not there, or a file that lacks
    what the loader needs; the message names the file and what to do.
    """
    if system not in SYSTEMS:
        raise InputError(f"'{system}' is no known help desk; these are: {', '.join(SYSTEMS)}.")
    if not Path(path).exists():
        raise InputError(f"There is no export at {path}: check the path.")
    export = SYSTEMS[system].read(Path(path))
    return export, conform(export.tables, export.files)


def load(system: str, path: str | Path) -> dict[str, pd.DataFrame]:
    """The canonical tables in an export; rows that break a rule are left out (see read)."""
    return read(system, path)[1].tables
