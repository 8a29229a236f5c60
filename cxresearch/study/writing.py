"""Writing a study folder: all of it or nothing, and never over something that is there."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cxresearch.study.conform import Conformed
from cxresearch.study.exchange import replacing
from cxresearch.study.readable import BLANK, SEAL, seal
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.settings import Settings, settings_text
from cxresearch.study.told_dates import REPORT


def write_study(
    folder: Path,
    settings: Settings,
    conformed: Conformed,
    notes: tuple[str, ...] = (),
    told: Mapping = MappingProxyType({}),
    **files: str,
) -> None:
    """Writes a study folder: study.toml, one Parquet file a table, quarantine and import report.

    Everything is written to a hidden folder beside it and then renamed, so that nothing
    half-written is left behind. told is what import.json keeps beside the counts (told_dates);
    files are further texts by name ("truth_json" -> truth.json).
    Raises InputError if the folder is there already or no ticket was kept.
    """
    refuse_existing(folder)
    if not any(map(len, conformed.parts("tickets", ["ticket_id"]))):
        raise InputError(
            "No ticket was kept, so no study was written: look at the reasons above. What lies "
            "beside tickets joins a study that has them: --add."
        )
    with new_folder(folder) as new:
        for file in conformed.written.values():
            shutil.move(file, new / file.name)
        for name, frame in conformed.tables.items():
            write_parquet(frame, new / f"{name}.parquet")
        write_parquet(conformed.quarantine, new / "quarantine.parquet")
        report = {"rows": conformed.rows.reset_index().to_dict("records"), "notes": list(notes)}
        if conformed.files is not None:
            report["files"] = conformed.files.reset_index().to_dict("records")
        write_report(new, report | dict(told))
        (new / "study.toml").write_text(settings_text(settings), encoding="utf-8")
        for name, text in files.items():
            (new / name.replace("_", ".")).write_text(text, encoding="utf-8")


def write_report(folder: Path, report: dict) -> None:
    """Writes what is known of a study's imports to its folder."""
    (folder / REPORT).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def refuse_existing(folder: Path) -> None:
    """Raises InputError if something is there already: a study is never written over."""
    if os.path.lexists(folder):
        raise InputError(f"{folder} is there already: remove it or choose another name.")


def write_parquet(frame: pd.DataFrame, file: Path) -> None:
    """Writes a frame to a Parquet file at once: a killed run leaves the old file or the new one.

    Among its metadata is a checksum of all its bytes, which readable.unbroken compares.
    """
    told = {"PANDAS_ATTRS": json.dumps(frame.attrs)} if frame.attrs else {}
    table = _to_be_sealed(pa.Table.from_pandas(frame, preserve_index=False), told)
    with replacing(file) as part:
        pq.write_table(table, part, compression="zstd", compression_level=9, **_encodings(frame))
        seal(part)


class GrowingTable:
    """The Parquet file of a canonical table, into which frames are written one after the other, a
    row group each. It is a context manager, which seals the file at its end."""

    def __init__(self, folder: Path, name: str):
        self.file, self._writer = folder / f"{name}.parquet", None
        self._lists = [column.name for column in TABLES[name].columns if column.kind == "list"]

    def append(self, frame: pd.DataFrame) -> None:
        """Writes a frame, whose columns are those of the first."""
        schema = pa.Schema.from_pandas(frame, preserve_index=False)
        for name in self._lists:  # where all are empty, their kind could not be told
            words = pa.field(name, pa.list_(pa.string()))
            schema = schema.set(schema.get_field_index(name), words)
        table = _to_be_sealed(pa.Table.from_pandas(frame, schema), {})
        self._writer = self._writer or pq.ParquetWriter(
            self.file, table.schema, compression="zstd", **_encodings(frame)
        )
        self._writer.write_table(table)

    def __enter__(self) -> "GrowingTable":
        return self

    def __exit__(self, *error: object) -> None:
        if self._writer:
            self._writer.close()
            seal(self.file)


def _to_be_sealed(table: pa.Table, told: dict[str, str]) -> pa.Table:
    blank = told | {"sealed": (SEAL + BLANK).decode()}
    return table.replace_schema_metadata((table.schema.metadata or {}) | blank)


def _encodings(frame: pd.DataFrame) -> dict:
    """Columns whose values hardly repeat are kept as differences: times, and keys in a row.

    This halves the files of a help desk's history; every reader of Parquet knows the encodings.
    """
    once = [
        name
        for name in frame
        if frame[name].dtype in ("str", "datetime64[us, UTC]")
        and 2 * frame[name].nunique() > frame[name].count() > 0
    ]
    rows = {
        name: "DELTA_BYTE_ARRAY" if frame[name].dtype == "str" else "DELTA_BINARY_PACKED"
        for name in once
        if frame[name].dtype != "str" or frame[name].is_monotonic_increasing
    }
    return {"use_dictionary": [n for n in frame if n not in rows], "column_encoding": rows}


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder that becomes the one wanted at the end; nothing is left if that fails. Raises
    InputError if something is there already."""
    refuse_existing(folder)
    made = [parent for parent in folder.parents if not parent.exists()]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with replacing(folder) as new:
            new.mkdir()
            yield new
            refuse_existing(folder)  # another run may have made it
    except BaseException as error:
        with suppress(OSError):
            for parent in made:
                parent.rmdir()
        if isinstance(error, OSError):
            raise InputError(f"{folder} cannot be written: {error.strerror or error}.") from error
        raise
