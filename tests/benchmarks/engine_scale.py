"""The same cells and KPI sums on every engine: processor time, memory, and are they identical?

    python -m tests.benchmarks.engine_scale [tickets ...] [rivals ...] [in=FOLDER]

writes the rows of these sizes into tests/benchmarks/engine_scale.csv, unless rivals are named.
Simulated companies without text, of 100 thousand, 1 million and 10 million tickets (of 1 million
DuckDB alone, with both limits; of 10 million with the usual one, so nothing is compared there).
Each row is a process of its own: it makes episodes.person_time_cells and
kpis.totals.kpi_sums, and is over. pandas is what serves tables in memory (build_episodes, and the
facts of compliance, escalating and overdue); partitions is the same by 16 parts of whole customers,
added up. DuckDB limited has 300 MB and spills. cpu_seconds are of all its processes, those of a
server and of a Java machine too, loading of tables into a server apart; megabytes are the most that
any one of them held. Companies lie in FOLDER, where they stay, or in a temporary one. cpu_to_duckdb
is the ratio among the rows of a size, which one run made. polars is not here: its SQL lacks
window frames and md5. identical compares every count with DuckDB's.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import psutil

from cxresearch.episodes import build_episodes
from cxresearch.episodes.cells import CELL, person_time_cells
from cxresearch.kpis.compliance import response_facts
from cxresearch.kpis.escalating import escalations
from cxresearch.kpis.overdue import overdue_facts
from cxresearch.kpis.totals import kpi_sums
from cxresearch.study.engine import dbapi_engine, duckdb_engine, spark_engine
from cxresearch.study.study import Study, open_study
from cxresearch.study.told_dates import settings_of
from cxresearch.study.whole_customers import partitions
from tests.engines import SCHEMA, postgres, spark

FILE = Path(__file__).with_suffix(".csv")
RIVALS = ("duckdb", "duckdb limited", "partitions", "pandas", "postgres", "spark")
SIZES = {100_000: RIVALS, 1_000_000: RIVALS[:2], 10_000_000: RIVALS[:1]}
PARTS = 16
Counts = tuple[pd.DataFrame, pd.DataFrame]


def by_sql(engine, study: Study) -> Counts:
    return person_time_cells(engine, study.settings), kpi_sums(engine, study.settings)


def by_pandas(study: Study) -> Counts:
    rows = build_episodes(study)
    rows = rows.assign(state=rows["state"].fillna("unknown"), days=rows["stop"] - rows["start"])
    cells = rows.groupby(CELL, as_index=False).agg(
        events=("event", "sum"), customers=("customer_id", "nunique"), days=("days", "sum")
    )
    facts = {
        "first_answers": response_facts(study),
        "escalated": escalations(study, "flag").rename(columns={"escalated": "held"}),
        "late": overdue_facts(study),
    }
    return cells, pd.DataFrame({name: _sums(rows) for name, rows in facts.items()}).T


def _sums(rows: pd.DataFrame) -> dict[str, int]:
    told = rows[rows["mature"] & rows["held"].notna()]
    of = told["held"].astype(int).groupby(told["who"]).agg(["size", "sum"])
    n, held = of["size"], of["sum"]
    return {"customers": len(of), "n": n.sum(), "held": held.sum(), "held_held": (held**2).sum(),
            "held_n": (held * n).sum(), "n_n": (n**2).sum()}  # fmt: skip


def by_partitions(study: Study) -> Counts:
    cells, sums = zip(*(by_pandas(part) for part in partitions(study, PARTS)), strict=True)
    return pd.concat(cells).groupby(CELL, as_index=False).sum(), sum(sums)


def counted(rival: str, folder: Path) -> tuple[Counts, float, float]:
    """Cells and sums as a rival makes them, the processor seconds of all its processes, and the
    most megabytes of one."""
    study = Study(settings_of(folder), folder, {})
    if rival == "postgres":
        import psycopg

        with postgres(folder) as address, psycopg.connect(address) as connection:
            server = [p for p in psutil.process_iter() if p.name() == "postgres"]
            return _watched(lambda: by_sql(dbapi_engine(connection, SCHEMA), study), server)
    if rival == "spark":
        with spark(folder) as session:
            java = psutil.Process().children(recursive=True)
            return _watched(lambda: by_sql(spark_engine(session, SCHEMA), study), java)
    limit = "300MB" if rival == "duckdb limited" else "2GB"
    return _watched(
        {
            "pandas": lambda: by_pandas(open_study(folder)),
            "partitions": lambda: by_partitions(study),
        }.get(rival, lambda: by_sql(duckdb_engine(folder, limit), study)),
        [],
    )


def _watched(make, others: list[psutil.Process]) -> tuple[Counts, float, float]:
    every = [psutil.Process(), *others]
    before = sum(map(_seconds, every))
    made = make()
    return made, sum(map(_seconds, every)) - before, max(map(_megabytes, every))


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _megabytes(process: psutil.Process) -> float:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _measure(rival: str, folder: Path) -> None:
    """In a process of its own: prints seconds, megabytes, and a hash of every count."""
    (cells, sums), seconds, megabytes = counted(rival, folder)
    cells = cells.sort_values(CELL).assign(seconds=(cells["days"] * 86_400).round().astype(int))
    told = cells[[*CELL, "seconds", "events", "customers"]].to_csv(index=False)
    told += sums.loc[["first_answers", "escalated", "late"]].astype(int).to_csv(index=False)
    same = sha256(told.encode()).hexdigest()[:12]
    print(json.dumps({"cpu_seconds": seconds, "mb_highest": megabytes, "hash": same}))


def _run(rival: str, folder: Path) -> dict:
    command = [sys.executable, "-m", "tests.benchmarks.engine_scale", "--measure", rival]
    got = subprocess.run([*command, str(folder)], stdout=subprocess.PIPE, text=True, check=False)
    if got.returncode:
        return {"rival": rival, "failed": got.returncode}
    return {"rival": rival, **json.loads(got.stdout.splitlines()[-1])}


def simulated(tickets: int, folder: Path) -> Path:
    """A company with so many tickets, without text."""
    to = folder / str(tickets)
    if to.exists():
        return to
    command = [sys.executable, "-m", "cxresearch.cli", "simulate", "--tickets", str(tickets)]
    subprocess.run([*command, "--no-text", "--seed", "7", "--to", str(to)], check=True)
    return to


def main(sizes: list[int], rivals: list[str], place: str | None) -> None:
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            study = simulated(size, Path(place or folder))
            asked = rivals or SIZES.get(size, RIVALS)
            made = pd.DataFrame([_run(rival, study) for rival in asked])
        first = made.iloc[0]
        rows.append(made.assign(
            tickets=size, cpu_to_duckdb=made["cpu_seconds"] / first["cpu_seconds"],
            identical=made.pop("hash") == first["hash"],
        ))  # fmt: skip
        print(pd.concat(rows).round(2).to_string(index=False), flush=True)
    found = pd.concat(rows).assign(
        cores=os.cpu_count(), python=platform.python_version(),
        **{name: version(name) for name in ("duckdb", "pandas", "pyspark", "psycopg")},
    )  # fmt: skip
    if not rivals:
        held = pd.read_csv(FILE)
        found = pd.concat([held[~held["tickets"].isin(sizes)], found.round(2)])
        found = found.sort_values("tickets", kind="stable")
        found.to_csv(FILE, index=False, lineterminator="\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        _measure(sys.argv[2], Path(sys.argv[3]))
    else:
        asked = sys.argv[1:]
        rivals = [word for word in asked if word in RIVALS]
        place = next((word.removeprefix("in=") for word in asked if "in=" in word), None)
        main([int(word) for word in asked if word.isdigit()] or list(SIZES), rivals, place)
