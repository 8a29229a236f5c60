"""One way to open DuckDB: in memory, in UTC, shut off from files; frames in and out."""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from cxresearch.study.exchange import alone, locked

PREFIX = "cxresearch-"


def connect(memory_limit: str = "4GB", reads: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A fresh in-memory DuckDB connection whose clock is UTC; its SQL sees what is put into it.

    No SQL can read or write a file (but what lies in the folder reads, where one is given), load
    anything, or change that. What does not fit into the limit
    goes to a temporary folder that nobody else can read, and that is gone when the program ends.
    """
    connection = duckdb.connect(
        config={
            "memory_limit": memory_limit,
            "temp_directory": beside_memory().name,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
        }
    )
    connection.execute("SET TimeZone = 'UTC'; SET arrow_large_buffer_size = true")
    connection.execute("SET enable_progress_bar = false")  # a notebook would show it as a widget
    if reads:
        connection.execute(f"SET allowed_directories = [{quoted(f'{reads.resolve()}/')}]")
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    return connection


@cache
def beside_memory() -> tempfile.TemporaryDirectory:
    """A folder for this program alone, while it runs; those that killed runs left are removed."""
    place = Path(tempfile.gettempdir())
    with alone(place):
        for left in place.glob(f"{PREFIX}*"):
            if (lock := locked(left, wait=False)) is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(lock)
        made = tempfile.TemporaryDirectory(prefix=PREFIX)
        locked(Path(made.name))  # until the program ends
    return made


def frame(relation: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """A relation's rows; text stays in Arrow, which is faster and smaller than df()."""
    return relation.to_arrow_table().to_pandas()


def put(connection: duckdb.DuckDBPyConnection, name: str, rows: pd.DataFrame) -> None:
    """Makes a frame a view of this name, without copying its text."""
    connection.register(name, pa.Table.from_pandas(rows, preserve_index=False))


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
