"""A study's tables, in memory or in files of its folder, and a hash of each as it is."""

import hashlib
from pathlib import Path

import pandas as pd
from pyarrow import parquet as pq

from cxresearch.study.column_types import typed
from cxresearch.study.readable import frame_of, readable, unbroken
from cxresearch.study.schema import TABLES


class InMemory:
    """A frame that is in no file: the same only if it is that very frame."""

    def __init__(self, frame: pd.DataFrame):
        self.frame = frame

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InMemory) and self.frame is other.frame

    def __hash__(self) -> int:
        return id(self.frame)


class Held:
    """Tables by name, read from their files when first asked for."""

    def __init__(self, path: Path | None, tables: dict[str, pd.DataFrame]):
        self.path, self.tables = path, tables
        self._loaded: dict[str, tuple[pd.DataFrame, str]] = {}
        self._hashed: dict[Path, tuple[tuple, str]] = {}

    def with_table(self, name: str, frame: pd.DataFrame) -> "Held":
        """The same with another frame for a table."""
        other = Held(self.path, self.tables | {name: frame})
        other._loaded, other._hashed = dict(self._loaded), self._hashed
        return other

    def file(self, name: str) -> Path | None:
        """The file of this name in the study's folder, if it is there."""
        file = self.path / name if self.path else None
        return file if file and file.is_file() else None

    def has(self, name: str) -> bool:
        """Is there such a table?"""
        return name in self.tables or self.file(f"{name}.parquet") is not None

    def table(self, name: str) -> pd.DataFrame:
        """A table with every column in its type. It must be there."""
        if name not in self.tables:
            file = self.path / f"{name}.parquet"
            with readable(file):
                content = unbroken(file)
                self.tables[name] = typed(TABLES[name], frame_of(content))
            self._loaded[name] = self.tables[name], hashlib.sha256(content).hexdigest()
        return self.tables[name]

    def count(self, name: str) -> int:
        """How many rows a table has; it is not read for that."""
        if name in self.tables:
            return len(self.tables[name])
        with readable(self.path / f"{name}.parquet"):
            return pq.read_metadata(self.path / f"{name}.parquet").num_rows

    def state(self, kind: str, name: str) -> object:
        """What tells a table, whether it is there ("has"), or a file from any other: a hash."""
        if kind == "has":
            return str(self.has(name))
        if kind == "table" and name in self.tables:
            frame, told = self._loaded.get(name, (None, ""))
            return told if frame is self.tables[name] else InMemory(self.tables[name])
        file = self.file(f"{name}.parquet" if kind == "table" else name)
        return self._hash(file) if file else "not there"

    def digest(self, name: str) -> str:
        """The hash of a table's file, else of what tells it from any other."""
        file = self.file(f"{name}.parquet")
        return self._hash(file) if file else str(self.state("table", name))

    def _hash(self, file: Path) -> str:
        stat = file.stat()
        seen = stat.st_mtime_ns, stat.st_size, stat.st_ino
        if self._hashed.get(file, ((), ""))[0] != seen:
            with file.open("rb") as stream:
                self._hashed[file] = seen, hashlib.file_digest(stream, "sha256").hexdigest()
        return self._hashed[file][1]
