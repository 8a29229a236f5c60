"""The rows of a Parquet file as text, each kind of value as DuckDB writes it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cxresearch.loaders.reading.files import File, refuse_bomb
from cxresearch.study.db import connect
from cxresearch.study.schema import InputError

ROWS = 20_000
LETTERS = 16_000_000
CONTENTS = 30_000_000  # bytes in which a file says where its columns lie: those of thousands
WORDS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary)


def names(file: File) -> tuple[str, ...]:
    """The names of the columns. Raises InputError if the file is damaged."""
    with file.bytes() as stream, _wall(file):
        stream.seek(-8, io.SEEK_END)
        if (size := int.from_bytes(stream.read(4), "little")) > CONTENTS:
            raise InputError(
                f"{file.name} takes {size:,} bytes to name its columns: export fewer of them."
            )
        return tuple(pq.read_schema(stream).names)


def table(file: File) -> pa.Table:
    """All rows as they are. Raises InputError if the file is damaged, or packed too densely."""
    with file.bytes() as stream, _wall(file):
        return _opened(file, stream).read()


def columns(file: File) -> Iterator[list[pa.Array]]:
    """The columns as text, some rows at a time. Raises InputError if the file is damaged, packed
    too densely, or holds what is no text, number, truth value or time."""
    with file.bytes() as stream, connect() as db:
        with _wall(file):
            held = pq.read_schema(stream)
            repeated = [f.name for f in held if any(fits(f.type) for fits in WORDS)]
            parts = _opened(file, stream, repeated).iter_batches(ROWS)
        size, letters = stream.seek(0, io.SEEK_END), 0
        while True:
            with _wall(file):
                part = next(parts, None)
            if part is None:
                return
            letters += (own := _letters(part))
            refuse_bomb(file.name, size, letters)
            step = max(1, len(part) * LETTERS // max(own, LETTERS))
            for at in range(0, len(part), step):
                yield _text(file, db, part.slice(at, step))


@contextmanager
def _wall(file: File) -> Iterator[None]:
    """Whatever a damaged file makes pyarrow meet is an InputError; only its calls stand within."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{file.name} is no readable Parquet file, or is damaged: export it again."
        ) from error


def _opened(file: File, stream, repeated: list[str] | None = None) -> pq.ParquetFile:
    """The file, in which each of the words of the columns that repeat words is held once."""
    held = pq.ParquetFile(stream, read_dictionary=repeated)
    cells = held.metadata.num_rows * held.metadata.num_columns
    refuse_bomb(file.name, stream.seek(0, io.SEEK_END), cells)
    return held


def _letters(part: pa.RecordBatch) -> int:
    """How large the rows are once repeated words are written out."""
    return sum(
        pc.sum(pc.binary_length(column.dictionary).take(column.indices)).as_py() or 0
        if pa.types.is_dictionary(column.type) and any(f(column.type.value_type) for f in WORDS)
        else column.nbytes
        for column in part.columns
    )


def _text(file: File, db: duckdb.DuckDBPyConnection, part: pa.RecordBatch) -> list[pa.Array]:
    try:
        return _cast(db, pa.table(part.columns, [f"c{i}" for i in range(part.num_columns)]))
    except (duckdb.Error, pa.ArrowException):
        for name, column in zip(part.schema.names, part.columns, strict=True):
            try:
                with connect() as another:  # the first may be of no more use
                    _cast(another, pa.table([column], ["c0"]))
            except (duckdb.Error, pa.ArrowException) as error:
                raise InputError(
                    f"{file.name}: column {name} holds {column.type}, which cannot be written as "
                    "text: export it as text, or without that column."
                ) from error
        raise


def _cast(db: duckdb.DuckDBPyConnection, rows: pa.Table) -> list[pa.Array]:
    told = ", ".join(
        f"CAST(to_json({name}) AS VARCHAR)"  # a list or a record in a cell, as JSON
        if pa.types.is_nested(column.type)
        else f"CAST({name} AS VARCHAR)"
        for name, column in zip(rows.column_names, rows.columns, strict=True)
    )
    db.register("part", rows)
    text = db.sql(f"SELECT {told} FROM part").to_arrow_table()
    db.unregister("part")
    return [column.combine_chunks() for column in text.columns]
