"""Tables larger than memory: conformed from a Parquet file of text to one in types, by row groups.

What only all rows tell (which of several is the newest) DuckDB finds, which spills to the disk.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from cxresearch.study.conform import Conformed, conform_table, counted, note, row_groups
from cxresearch.study.conform_sql import check_sql
from cxresearch.study.db import connect, frame, quoted
from cxresearch.study.schema import Table
from cxresearch.study.writing import GrowingTable

MEMORY = "400MB"  # that DuckDB may hold at a time
ROWS, LETTERS = 51_200, 32_000_000  # of a row group


def keep(folder: Path, rows: duckdb.DuckDBPyRelation) -> Path:
    """A new Parquet file in the folder, which holds the rows in their order."""
    file = folder / f"text-{len([*folder.iterdir()])}.parquet"
    reader = rows.to_arrow_reader(ROWS)
    with pq.ParquetWriter(file, reader.schema) as writer:
        for batch in reader:
            size = min(ROWS, max(1, len(batch) * LETTERS // max(batch.nbytes, LETTERS)))
            writer.write_batch(batch, row_group_size=size)
    return file


def conform_files(
    raw: Mapping[str, Path], folder: Path, tables: Mapping[str, Table], finished: Callable
) -> Conformed:
    """Tables, as conform makes them, in Parquet files in the folder (Conformed.written).

    raw holds, by table name, files of text (see keep) whose rows have _file and _row but no _rank,
    and belong to no other table. finished gives what is written of a frame of sound rows, in a dict
    by table name. In memory are a row group, what is set aside, and a byte a row.
    """
    aside: list[pd.DataFrame] = []
    kept: dict[str, bytearray] = {}
    counts = {name: np.zeros(3, int) for name in tables if name in raw}
    for name, count in counts.items():
        older = _older(tables[name], raw[name])
        with GrowingTable(folder, name) as table:
            for text in row_groups(raw[name]):
                gone = older - count[0]
                rows, refused, origin = conform_table(tables[name], text, name, {}, gone)
                table.append(finished({name: rows})[name])
                note(origin, kept)
                aside.append(refused)
                count += len(text), len(origin), len(refused)
    written = {name: folder / f"{name}.parquet" for name in counts}
    quarantine = pd.concat(aside, ignore_index=True)
    return Conformed({}, quarantine, counted(counts), written=written, kept=kept)


def _older(table: Table, file: Path) -> np.ndarray:
    """The numbers of sound rows, from 0, that give way to one with the same key: newer or later."""
    with connect(MEMORY, file.parent) as db:
        db.execute(f"""
            CREATE VIEW lies AS
            SELECT * EXCLUDE file_row_number, file_row_number AS _at, NULL::VARCHAR AS _aside
            FROM read_parquet({quoted(str(file))}, file_row_number = true)""")
        held = [name for name in db.sql("FROM lies").columns if name in table.names]
        db.execute(f"""
            CREATE TABLE twice AS SELECT {table.key} FROM lies GROUP BY ALL HAVING count(*) > 1;
            CREATE VIEW text AS SELECT * FROM lies SEMI JOIN twice USING ({table.key})""")
        query = f"""SELECT _at FROM ({check_sql(table, held, {}, db)}) WHERE _reasons = ''
            QUALIFY row_number() OVER (PARTITION BY {table.key}
                ORDER BY {table.newest_by or "NULL"} DESC NULLS LAST, _at DESC) > 1"""
        return frame(db.sql(query))["_at"].to_numpy()
