"""What a report costs as companies grow: by page, processor time, memory, and the exponent.

    python -m tests.benchmarks.report_scale [tickets ...] [in=FOLDER]

writes tests/benchmarks/report_scale.csv: the demo (12,207 tickets) and simulated companies of so
many tickets (1 million unless others are named), with text for 50,000 of them and causes given for
the rest (simulate --tickets --text-for), topics found before. All pages run in one process, in
order, with nothing kept, as report_cost does for the demo. exponent is the slope of the logarithm
of cpu_seconds from the demo to the largest. Above sample_tickets in study.toml pages rest on a
sample of whole customers, and what is counted is counted over all; the row "topics" is what comes
before, once, and "report" all pages. Companies lie in FOLDER, where they stay, or in a temporary
one.
"""

import os
import platform
import resource
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from tests.benchmarks.report_cost import HERE, pages

FILE = Path(__file__).with_suffix(".csv")
SIZES, TEXTS = (1_000_000,), 50_000


def company(tickets: int, folder: Path) -> tuple[Path, list]:
    """A company's folder (of no tickets: the demo's), and what finding its topics cost; nothing
    where they were there."""
    if not tickets:
        return HERE / "data" / "demo", []
    to = folder / str(tickets)
    if (to / "topics").exists():
        return to, []
    command = [sys.executable, "-m", "cxresearch.cli"]
    size = ["--tickets", str(tickets), "--text-for", str(min(TEXTS, tickets)), "--seed", "7"]
    if not to.exists():
        subprocess.run([*command, "simulate", *size, "--to", str(to)], check=True)
    before = _seconds()
    subprocess.run([*command, "topics", str(to)], check=True)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return to, [["topics", _seconds() - before, most]]


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(sizes: list[int], place: str | None) -> None:
    rows = []
    for size in (0, *sizes):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
            study, found = company(size, Path(place or folder))
            found += [row[:3] for row in pages(HERE, study, Path(cache))]
        whole = ["report", sum(row[1] for row in found[-12:]), max(row[2] for row in found[-12:])]
        made = pd.DataFrame([*found, whole], columns=["page", "cpu_seconds", "mb_highest"])
        rows.append(made.assign(tickets=pq.read_metadata(study / "tickets.parquet").num_rows))
        print(rows[-1].round(1).to_string(index=False), flush=True)
    table = pd.concat(rows)
    small, large = table["tickets"].min(), table["tickets"].max()
    ends = [table[table["tickets"] == n].set_index("page")["cpu_seconds"] for n in (small, large)]
    steps = np.log(ends[1] / ends[0]) / np.log(large / small)
    table = table.assign(
        exponent=table["page"].map(steps), cores=os.cpu_count(), python=platform.python_version(),
        **{name: version(name) for name in ("duckdb", "pandas")},
    )  # fmt: skip
    print(steps.round(2).to_string())
    if sizes == list(SIZES):
        table.round(2).to_csv(FILE, index=False, lineterminator="\n")


if __name__ == "__main__":
    asked = sys.argv[1:]
    place = next((word.removeprefix("in=") for word in asked if "in=" in word), None)
    main([int(word) for word in asked if word.isdigit()] or list(SIZES), place)
