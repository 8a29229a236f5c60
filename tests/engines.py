"""The demo on three engines: DuckDB always, PostgreSQL and Spark where they can be started."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq

from cxresearch.study.engine import Engine, dbapi_engine, duckdb_engine, spark_engine
from cxresearch.study.schema import TABLES

KINDS = ("duckdb", "postgres", "spark")
TYPES = {"text": "text", "time": "timestamptz", "integer": "bigint", "number": "double precision",
         "flag": "boolean", "list": "text[]"}  # fmt: skip
SCHEMA = "support"


def why_not(kind: str) -> str:
    """Why an engine cannot be started here; "" if it can."""
    if kind == "postgres":
        lacks = [] if _postgres() else ["initdb"]
        lacks += [] if find_spec("psycopg") else ["psycopg"]
    elif kind == "spark":
        lacks = [] if shutil.which("java") else ["java"]
        lacks += [] if find_spec("pyspark") else ["pyspark"]
    else:
        lacks = []
    return f"{kind} needs {' and '.join(lacks)}" if lacks else ""


@contextmanager
def engine(kind: str, study: Path) -> Iterator[Engine]:
    """An engine that holds the tables of a study's folder."""
    if kind == "duckdb":
        yield duckdb_engine(study)
    elif kind == "postgres":
        with postgres(study) as address:
            import psycopg

            with psycopg.connect(address) as connection:
                yield dbapi_engine(connection, SCHEMA)
    else:
        with spark(study) as session:
            yield spark_engine(session, SCHEMA)


@contextmanager
def postgres(study: Path) -> Iterator[str]:
    """The address of a server of one's own that holds the tables of a study."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "data"
        who = "nobody" if os.geteuid() == 0 else None  # the server refuses to run as root
        if who:
            shutil.chown(folder, who)
        port = _free_port()
        told = f"-p {port} -k {folder} -c listen_addresses='' -c fsync=off"

        def run(*command: str) -> None:
            subprocess.run(command, check=True, user=who, cwd=folder, capture_output=True)

        run(f"{_postgres()}/initdb", "-D", str(place), "-U", "reader", "-A", "trust",
            "-E", "UTF8", "--locale", "C")  # fmt: skip
        log = str(Path(folder) / "log")
        run(f"{_postgres()}/pg_ctl", "-D", str(place), "-w", "-l", log, "-o", told, "start")
        try:
            address = f"postgresql://reader@/postgres?host={folder}&port={port}"
            _fill(address, study)
            yield address
        finally:
            run(f"{_postgres()}/pg_ctl", "-D", str(place), "-m", "immediate", "stop")


@contextmanager
def spark(study: Path) -> Iterator[object]:
    """A session whose schema holds the tables of a study."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable  # else its workers are of another Python
    with tempfile.TemporaryDirectory() as folder:
        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.warehouse.dir", folder)
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("ERROR")
        try:
            session.sql(f"CREATE DATABASE {SCHEMA}")
            for name, file in _files(study):
                held = f"USING parquet LOCATION '{file.resolve()}'"
                session.sql(f"CREATE TABLE {SCHEMA}.{name} {held}")
            yield session
        finally:
            session.stop()


def _fill(address: str, study: Path) -> None:
    import psycopg

    with psycopg.connect(address) as db:
        db.execute(f"CREATE SCHEMA {SCHEMA}")
        for name, file in _files(study):
            columns = ", ".join(f"{c.name} {TYPES[c.kind]}" for c in TABLES[name].columns)
            db.execute(f"CREATE TABLE {SCHEMA}.{name} ({columns})")
            names = [column.name for column in TABLES[name].columns]
            with db.cursor().copy(f"COPY {SCHEMA}.{name} FROM STDIN") as copy:
                for batch in pq.ParquetFile(file).iter_batches(columns=names):
                    held = batch.select(names).to_pydict()
                    for row in zip(*(held[n] for n in names), strict=True):
                        copy.write_row(row)
        db.execute("ANALYZE")


def _files(study: Path) -> list[tuple[str, Path]]:
    files = [(name, study / f"{name}.parquet") for name in TABLES]
    return [(name, file) for name, file in files if file.is_file()]


def _postgres() -> str:
    """The folder of PostgreSQL's programs; "" if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("pg_ctl")
    return str(found[-1].parent) if found else str(Path(named).parent) if named else ""


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
