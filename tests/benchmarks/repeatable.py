"""Is what comes out the same, to the last bit, under other threads, hashes, clocks and languages?

    python -m tests.benchmarks.repeatable [customers] [page ...]

writes tests/benchmarks/repeatable.csv: a row a condition, a column a kind of file, "equal" or how
many files of how many differ from those of the plain run; of topics on another kernel also the
share of texts whose label is the same. Each condition makes everything by itself, in processes of
its own and in a folder of its own, from `cxresearch simulate` over `import` of an export and
`topics --refit --accept`, whose vectors are made anew, to the pages of `report`. A page is compared
without the name of its folder. Locales are made with localedef where the machine has its sources.
"""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.import_speed import write_export

FILE = Path(__file__).with_suffix(".csv")
ONE = {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
# What is otherwise than in the plain run. FOLDER is where things are made; CORES are those that may
# be used, by which DuckDB tells how many threads it has.
CONDITIONS = {
    "once more": {},
    "all at once": {
        "OMP_NUM_THREADS": "2",
        "PYTHONHASHSEED": "1",
        "TZ": "Pacific/Auckland",
        "LC_ALL": "tr_TR.UTF-8",
        "FOLDER": "Größe und Maß",
    },
    "one core": {"CORES": "0"},
    "two threads": {"OMP_NUM_THREADS": "2"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "hash seed 2": {"PYTHONHASHSEED": "2"},
    "Auckland": {"TZ": "Pacific/Auckland"},
    "St John's": {"TZ": "America/St_Johns"},
    "Turkish": {"LC_ALL": "tr_TR.UTF-8"},
    "German": {"LC_ALL": "de_DE.UTF-8"},
    "C": {"LC_ALL": "C"},
    "space and umlaut": {"FOLDER": "Größe und Maß"},
    "kernel Prescott": {"OPENBLAS_CORETYPE": "Prescott"},
    "kernel Zen": {"OPENBLAS_CORETYPE": "Zen"},
    "torch without AVX": {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE"},
}
KINDS = {
    "tables": ("made/*.parquet", "imported/*.parquet"),
    "vectors": ("cache/vectors/*/*.parquet",),
    "topics": ("*/topics/*.parquet",),
    "pages": ("pages/*.html",),
}
CXRESEARCH = (sys.executable, "-m", "cxresearch.cli")


def run(folder: Path, environment: dict, customers: str, pages: list[str]) -> None:
    """Makes a company, a study of an export, their topics and pages in a folder."""
    folder.mkdir(parents=True)
    given = {key: value for key, value in os.environ.items() if not key.startswith("LC_")}
    given |= ONE | environment | {"CXRESEARCH_CACHE": str(folder / "cache")}
    bound = ["taskset", "-c", given.pop("CORES")] if "CORES" in given else []
    export = folder.parents[1] / "export"
    made, imported = folder / "made", folder / "imported"
    for command in (
        ("simulate", "--customers", customers, "--seed", "7", "--to", made),
        ("import", "zendesk", export, "--to", imported),
        ("topics", made, "--refit", "--accept"),
        *(("report", made, "--only", page, "--to", folder / "pages") for page in pages),
    ):
        command = [*bound, *CXRESEARCH, *map(str, command)]
        subprocess.run(command, env=given, check=True, stdout=subprocess.DEVNULL)


def contents(folder: Path, patterns: tuple[str, ...]) -> dict[str, str]:
    """The digest of each file, by its path in the folder; a page's is without the folder's name."""
    files = sorted(file for pattern in patterns for file in folder.glob(pattern))
    return {str(f.relative_to(folder)): _digest(f, folder) for f in files}


def _digest(file: Path, folder: Path) -> str:
    content = file.read_bytes()
    if file.suffix == ".html":
        content = re.sub(re.escape(str(folder)).encode(), b"", content)
    return hashlib.sha256(content).hexdigest()


def compared(plain: Path, other: Path) -> dict[str, str]:
    """By kind of file, whether all are equal, else how many of how many differ."""
    said = {}
    for kind, patterns in KINDS.items():
        a, b = contents(plain, patterns), contents(other, patterns)
        differ = [name for name in {*a, *b} if a.get(name) != b.get(name)]
        said[kind] = f"{len(differ)} of {len(a)} differ" if differ else f"equal ({len(a)})"
    topics = [pd.read_parquet(each / "made/topics/labels.parquet") for each in (plain, other)]
    same = np.mean(topics[0]["topic"].to_numpy() == topics[1]["topic"].to_numpy())
    return said | {"same labels": f"{same:.2%}"}


def locales(folder: Path) -> dict[str, str]:
    """Where glibc finds Turkish and German; empty where they cannot be made."""
    folder.mkdir()
    try:
        for name in ("tr_TR", "de_DE"):
            made = folder / f"{name}.UTF-8"
            subprocess.run(["localedef", "-i", name, "-f", "UTF-8", made], check=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"LOCPATH": str(folder)}


def matrix(root: Path, customers: str, pages: list[str]) -> Iterator[dict[str, str]]:
    """A row a condition."""
    (root / "export").mkdir()
    write_export(root / "export", 500)
    found = locales(root / "locales")
    run(root / "0" / "plain", {}, customers, pages)
    for place, (condition, environment) in enumerate(CONDITIONS.items(), 1):
        folder = root / str(place) / environment.get("FOLDER", "plain")
        named = {key: value for key, value in environment.items() if key != "FOLDER"}
        run(folder, found | named, customers, pages)
        row = {"condition": condition, "set": json.dumps(environment, ensure_ascii=False)}
        yield row | compared(root / "0" / "plain", folder)


def main(customers: str = "60", *pages: str) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as root:
        for row in matrix(Path(root), customers, list(pages or ("04",))):
            print(row, flush=True)
            rows.append(row)
            with FILE.open("w", encoding="utf-8", newline="") as file:
                table = csv.DictWriter(file, list(row), lineterminator="\n")
                table.writeheader()
                table.writerows(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
