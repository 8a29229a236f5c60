"""The files of saved topics: written, summed, and refused where they are not as they were saved."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from cxresearch.study.readable import read_json, read_parquet, sha256
from cxresearch.study.schema import InputError
from cxresearch.study.writing import write_parquet

TABLES = ("labels", "weights", "info", "map", "hierarchy")
LISTS = {"info": ("apart", "words", "quotes"), "hierarchy": ("topics",)}
VECTORS, SHARED, SUMS = "vectors.safetensors", "boilerplate.json", "SHA256SUMS"
FILES = (*(f"{name}.parquet" for name in TABLES), "made.json", VECTORS, SHARED)


def write_tables(folder: Path, frames: dict[str, pd.DataFrame], made: dict) -> None:
    """Writes the tables and what is known of how they were made; summed() comes last."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        write_parquet(frames[name], folder / f"{name}.parquet")
    _write_json(folder / "made.json", made)


def read_tables(folder: Path) -> tuple[dict[str, pd.DataFrame], dict]:
    """The tables, and how they were made. Raises InputError where they are not as SHA256SUMS, which
    this version saves, says."""
    _refuse_damaged(folder)
    read = {name: read_parquet(folder / f"{name}.parquet") for name in TABLES}
    read["info"] = _with_themes(read["info"])
    for name, columns in LISTS.items():
        read[name] = read[name].assign(**{c: read[name][c].map(list) for c in columns})
    return read, read_json(folder / "made.json", {})


def write_vectors(folder: Path, vectors: np.ndarray, topics: np.ndarray, shared) -> None:
    """Writes what new texts are held against, and the sentences that many texts share."""
    save_file({"vectors": vectors, "topics": topics}, folder / VECTORS)
    _write_json(folder / SHARED, sorted(shared))


def read_vectors(folder: Path) -> tuple[np.ndarray, np.ndarray, frozenset[str]] | None:
    """Vectors, their topics and shared sentences; None where they were not kept."""
    if not (folder / VECTORS).exists():
        return None
    held = load_file(folder / VECTORS)
    shared = json.loads((folder / SHARED).read_text(encoding="utf-8"))
    return held["vectors"], held["topics"], frozenset(shared)


def summed(folder: Path) -> None:
    """Writes the checksums of what was saved."""
    (folder / SUMS).write_text(_sums(folder), encoding="utf-8", newline="\n")


def _with_themes(info: pd.DataFrame) -> pd.DataFrame:
    """The table of topics; in one of an older version each topic is its own theme."""
    if "suggested_name" not in info:
        info = info.assign(suggested_name=pd.Series(None, info.index, dtype="str"))
    if "theme" in info:
        return info
    return info.assign(theme=info["name"], nearest=-1, apart=[[] for _ in info.index])


def _sums(folder: Path) -> str:
    """The checksums of the files of saved topics, as sha256sum writes and compares them."""
    held = [name for name in FILES if (folder / name).exists()]
    return "".join(f"{sha256((folder / name).read_bytes())}  {name}\n" for name in held)


def _refuse_damaged(folder: Path) -> None:
    """Raises InputError, naming files, where they are not those that were saved together."""
    if (folder / SUMS).exists():
        kept, found = (folder / SUMS).read_text("utf-8", "replace"), _sums(folder)
        if other := set(kept.splitlines()) ^ set(found.splitlines()):
            names = {line.partition("  ")[2] for line in other}
            raise InputError(f"{', '.join(sorted(names & {*FILES}))}: not as {SUMS} says")


def _write_json(file: Path, what) -> None:
    file.write_text(json.dumps(what, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
