"""Records at which the database stops are found one by one and taken out, so that the rest is read.

A help desk's SQL takes a field for a number, a time or JSON; where something else stands in one, as
in a row whose cells moved by one, the database answers with an error that names no row.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import duckdb

from cxresearch.study.schema import InputError

FAULTS = (duckdb.DataError, duckdb.InvalidInputException)
TRIES = 300
FAULTY = "a value in it is of another kind than stands there"
MANY = (
    "{}: in many rows values are of another kind than stands there. Were columns moved, or was it "
    "written by another program? Export it again, as it comes."
)
TOGETHER = "Values in {} do not fit together. Import the files one by one to see which."
Answer = TypeVar("Answer")


def worked_out(
    db: duckdb.DuckDBPyConnection, work: Callable[[], Answer], aside: Callable[[str, int], None]
) -> Answer:
    """What comes of some work over the tables in which records lie (with _file and _row).

    A record with which alone the work stops is taken out of all of them, and aside is told its file
    and row. Raises InputError if these are too many to be looked for, or if none is found.
    """
    while True:
        try:
            with _tried(db, keep=True):
                return work()
        except FAULTS as error:
            if _stops(db, work):  # whatever the records are
                raise
            faulty = _faulty(db, work)
            if not faulty:
                raise InputError(TOGETHER.format(_files(db))) from error
        for file, row in faulty:
            aside(file, row)
            for table in _tables(db):
                db.execute(f"DELETE FROM {table} WHERE _file = $1 AND _row = $2", [file, row])


def _faulty(db: duckdb.DuckDBPyConnection, work: Callable) -> list[tuple[str, int]]:
    """File and row of each record with which alone the work stops: halves of halves are tried."""
    found, tries = [], 0
    for table in _tables(db):
        [(rows,)] = db.execute(f"SELECT count(*) FROM {table}").fetchall()
        parts = [(0, rows)] if rows else []
        while parts:
            at, size = parts.pop()
            tries += 1
            if tries > TRIES:
                raise InputError(MANY.format(", ".join({file: 0 for file, _ in found})))
            if not _stops(db, work, table, at, size):
                continue
            if size > 1:
                parts += [(at + size // 2, size - size // 2), (at, size // 2)]
                continue
            one = f"SELECT _file, _row FROM {table} ORDER BY rowid LIMIT 1 OFFSET {at}"
            found += db.execute(one).fetchall()
    return list(dict.fromkeys(found))


def _stops(
    db: duckdb.DuckDBPyConnection, work: Callable, table: str = "", at: int = 0, size: int = 0
) -> bool:
    """Does the work stop if these rows of a table are all the records there are?"""
    with _tried(db, keep=False):
        for other in _tables(db):
            kept = f"SELECT rowid FROM {other} ORDER BY rowid LIMIT {size} OFFSET {at}"
            gone = f"rowid NOT IN ({kept})" if other == table else "TRUE"
            db.execute(f"DELETE FROM {other} WHERE {gone}")
        try:
            work()
            return False
        except FAULTS:
            return True


@contextmanager
def _tried(db: duckdb.DuckDBPyConnection, keep: bool) -> Iterator[None]:
    """What is done in the database is undone if it fails, and if it shall not be kept."""
    db.begin()
    try:
        yield
        (db.commit if keep else db.rollback)()
    except BaseException:
        db.rollback()
        raise


def _tables(db: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables in which records lie, as they were staged or as SQL made them of these."""
    sql = """SELECT table_name FROM duckdb_columns() JOIN duckdb_tables() USING (table_name)
        WHERE column_name IN ('_file', '_row') GROUP BY ALL HAVING count(*) = 2"""
    return sorted(name for (name,) in db.execute(sql).fetchall())


def _files(db: duckdb.DuckDBPyConnection) -> str:
    return ", ".join(file for (file,) in db.execute("SELECT DISTINCT file FROM staged").fetchall())
