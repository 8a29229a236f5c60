"""Where a study's SQL runs: DuckDB, a database by its Python driver (PostgreSQL), or Apache Spark.

The texts are the same for all of them, word for word, but for ALIASES: no quoted names, no IGNORE
NULLS, no engine's own functions; times are whole seconds since 1970 UTC, and what comes back is
sums and counts. Nothing is written anywhere: a question is one SELECT, and the views that it names
stand before it by WITH.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cxresearch.study.schema import TABLES, InputError

Views = Mapping[str, str]
# The functions that engines name differently; every text that is asked uses these names.
ALIASES = {
    r"\bseconds\(([^()]+)\)": {
        "duckdb": r"CAST(floor(epoch(\1)) AS BIGINT)",
        "postgres": r"CAST(floor(EXTRACT(EPOCH FROM \1)) AS BIGINT)",
        "spark": r"unix_seconds(\1)",
    },
    r"\bholds\((\w+), ('\w+')\)": {
        "duckdb": r"list_contains(\1, \2)",
        "postgres": r"\2 = ANY(\1)",
        "spark": r"array_contains(\1, \2)",
    },
}
FROM = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)\b(?!\.)")
VALUE = re.compile(r"(?<![:\w']):([a-z_]+)")
TYPES = {  # of a column that is not there, by kind
    "duckdb": "VARCHAR TIMESTAMPTZ BIGINT DOUBLE BOOLEAN VARCHAR[]",
    "postgres": "TEXT TIMESTAMPTZ BIGINT FLOAT8 BOOLEAN TEXT[]",
    "spark": "STRING TIMESTAMP BIGINT DOUBLE BOOLEAN ARRAY<STRING>",
}
KINDS = "text time integer number flag list".split()
THERE = "_there"  # after a canonical table's name: the table as it lies in the engine


@dataclass(frozen=True, eq=False)
class Engine:
    """Asks SQL of the canonical tables in one place: its kind (a column of ALIASES), how a SELECT
    is answered, what stands before the name of a table there, and the tables there, each with its
    columns."""

    kind: str
    answer: Callable[[str], pd.DataFrame]
    place: str
    tables: Mapping[str, tuple[str, ...]]

    def ask(self, text: str, views: Views, **values: int | str) -> pd.DataFrame:
        """The rows of a SELECT that names these views and canonical tables (tickets_there ...);
        values stand for its :names. Raises InputError with what the engine said."""
        asked = self.sql(text, views, **values)
        try:
            return self.answer(asked)
        except Exception as error:  # each driver has its own
            raise InputError(f"{self.kind} cannot answer: {_first(error)}") from error

    def sql(self, text: str, views: Views, **values: int | str) -> str:
        """The one SELECT, as it is asked of this engine."""
        known = {**{f"{name}{THERE}": self._there(name) for name in TABLES}, **views}
        whole = VALUE.sub(lambda name: _literal(values[name[1]]), composed(text, known))
        for called, kinds in ALIASES.items():
            whole = re.sub(called, kinds[self.kind], whole)
        return whole

    def _there(self, name: str) -> str:
        held = self.tables.get(name, ())
        types = dict(zip(KINDS, TYPES[self.kind].split(), strict=True))
        untold = [
            f"CAST(NULL AS {types[column.kind]}) AS {column.name}"
            for column in TABLES[name].columns if column.name not in held
        ]  # fmt: skip
        quote = "`" if self.kind == "spark" else '"'
        own = [f"{quote}{column}{quote}" for column in held if column not in TABLES[name].names]
        held = [column for column in held if column in TABLES[name].names]
        of = f"{self.place}{name}" if held else f"{self.place}tickets WHERE 1 = 0"
        return f"SELECT {', '.join([*held, *untold, *own])} FROM {of}"


def duckdb_engine(folder: Path, memory_limit: str = "2GB") -> Engine:
    """DuckDB over the Parquet tables of a study's folder; what does not fit into the memory limit
    goes to a temporary folder."""
    from cxresearch.study.db import connect  # opening a study does not wait for DuckDB

    files = {name: folder / f"{name}.parquet" for name in TABLES}
    db = connect(memory_limit, folder)
    for name, file in files.items():
        if file.is_file():
            lies = _literal(str(file))
            db.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({lies})")
    return _over(db)


def engine_in_memory(tables: Mapping[str, pd.DataFrame]) -> Engine:
    """DuckDB over canonical tables that are frames."""
    from cxresearch.study.db import connect, put

    db = connect()
    for name, rows in tables.items():
        put(db, name, rows)
    return _over(db)


def _over(db: Any) -> Engine:
    from cxresearch.study.db import frame

    names = [name for (name,) in db.execute("SHOW TABLES").fetchall() if name in TABLES]
    there = {n: [row[0] for row in db.execute(f"DESCRIBE {n}").fetchall()] for n in names}
    return _checked("duckdb", lambda text: frame(db.sql(text)), "main", there)


def dbapi_engine(connection: Any, schema: str, kind: str = "postgres") -> Engine:
    """A database by its Python driver (DB-API 2.0: psycopg and others). The transaction is made
    read only where the driver can say so, and times are UTC."""
    if hasattr(connection, "read_only"):
        connection.read_only = True
    _word(schema)

    def answer(text: str) -> pd.DataFrame:
        cursor = connection.cursor()
        try:
            cursor.execute("SET TIME ZONE 'UTC'")
            cursor.execute(text)
            names = [column[0] for column in cursor.description]
            return pd.DataFrame(cursor.fetchall(), columns=names)
        finally:
            cursor.close()
            connection.rollback()

    found = answer(
        "SELECT table_name, column_name FROM information_schema.columns "
        f"WHERE table_schema = '{schema}' ORDER BY ordinal_position"
    )
    by_table = found.groupby("table_name")["column_name"].agg(list)
    there = {name: columns for name, columns in by_table.items() if name in TABLES}
    return _checked(kind, answer, schema, there)


def spark_engine(session: Any, schema: str) -> Engine:
    """Apache Spark: the tables or views of one of its schemas."""
    _word(schema)
    session.conf.set("spark.sql.session.timeZone", "UTC")
    names = [table.name for table in session.catalog.listTables(schema)]
    there = {name: session.table(f"{schema}.{name}").columns for name in names if name in TABLES}
    return _checked("spark", lambda text: session.sql(text).toArrow().to_pandas(), schema, there)


def engine_at(address: str, schema: str) -> Engine:
    """The engine of an address: postgresql://… (with the extra cxresearch[warehouse]), spark or
    spark://… (cxresearch[spark]). Raises InputError for another, or if its driver is not there."""
    kind = address.partition(":")[0]
    try:
        if kind in ("postgresql", "postgres"):
            import psycopg

            return dbapi_engine(psycopg.connect(address), schema)
        if kind == "spark":
            from pyspark.sql import SparkSession

            builder = SparkSession.builder.appName("cxresearch")
            builder = builder.master(address) if "://" in address else builder
            return spark_engine(builder.getOrCreate(), schema)
    except ImportError as error:
        extra = "spark" if kind == "spark" else "warehouse"
        raise InputError(
            f"--engine {kind} needs {error.name}: pip install 'cxresearch[{extra}]'."
        ) from error
    except InputError:
        raise
    except Exception as error:  # each driver has its own
        raise InputError(f"--engine {kind} cannot be reached: {_first(error)}") from error
    raise InputError(f"--engine {kind!r} is none: write postgresql://… or spark.")


def engine_named() -> Engine | None:
    """The engine that $CXRESEARCH_ENGINE and $CXRESEARCH_SCHEMA name; None where they do not."""
    address = os.environ.get("CXRESEARCH_ENGINE")
    return engine_at(address, os.environ.get("CXRESEARCH_SCHEMA", "public")) if address else None


def _checked(kind: str, answer, schema: str, there: dict[str, list[str]]) -> Engine:
    if "tickets" not in there:
        raise InputError(f"The schema {schema} has no table or view 'tickets' (see the README).")
    tables = {}
    for name, columns in there.items():
        low = {column.lower(): column for column in columns}
        known = [low.pop(column) for column in TABLES[name].names if column in low]
        tables[name] = columns = (*map(str.lower, known), *low.values())
        needed = [column.name for column in TABLES[name].columns if column.needed]
        if lacks := [column for column in needed if column not in columns]:
            raise InputError(f"The table {name} lacks {', '.join(lacks)} (docs/tables.md).")
    return Engine(kind, answer, f"{schema}.", tables)


def _word(schema: str) -> None:
    if not re.fullmatch(r"\w+(\.\w+)?", schema):
        raise InputError(f"--schema {schema!r} must be a plain name.")


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def composed(text: str, views: Views) -> str:
    """A SELECT with the views that it names before it."""
    parts = ",\n".join(f"{name} AS (\n{views[name]})" for name in _needed(text, views))
    return f"WITH {parts}\n{text}" if parts else text


def _needed(text: str, known: Views) -> dict[str, None]:
    """The names of all views that a text rests on, each after those it rests on itself."""
    found: dict[str, None] = {}
    for name in dict.fromkeys(FROM.findall(text)):
        if name in known:
            found |= _needed(known[name], known) | {name: None}
    return found


def _literal(value: int | str) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(int(value))
