"""How much of what happens to files on a disk is noticed, and how far off is what is not?

    python -m tests.benchmarks.corruption [seed]

writes tests/benchmarks/corruption.csv: a row a damage done to the cache of sentence vectors, to the
topics of a study, and to its ticket_causes: of what kind, whether it was noticed (the cache makes
vectors again and says so, once; the others refuse in a sentence), whether what was used is right,
and by how much vectors were off. The places are drawn from the seed. No encoder is needed: vectors
are made up. With another seed nothing is written.
"""

import contextlib
import io
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study
from cxresearch.topics import embed as cache
from cxresearch.topics.causes.file import CausesFile, Entry, causes_text
from cxresearch.topics.causes.table import keep_causes
from cxresearch.topics.topic_model import TopicModel, load_topics

FILE = Path(__file__).with_suffix(".csv")
SEED, TIMES, WIDTH = 16, 5, 384
TEXTS = [f"text {i}" for i in range(120)]
Damage = Callable[[Path, Path, np.random.Generator], None]


def vector(text: str) -> np.ndarray:
    """What the made-up encoder says of a text."""
    row = np.random.default_rng(int(text.split()[1])).normal(size=WIDTH).astype(np.float32)
    return row / np.linalg.norm(row)


def one_bit(file: Path, other: Path, rng: np.random.Generator, bits: int = 1) -> None:
    """So many bits flipped, anywhere."""
    data = bytearray(file.read_bytes())
    for at in rng.integers(0, len(data), bits):
        data[at] ^= 1 << int(rng.integers(8))
    file.write_bytes(data)


def many_bits(file: Path, other: Path, rng: np.random.Generator) -> None:
    """A hundred bits flipped."""
    one_bit(file, other, rng, 100)


def truncated(file: Path, other: Path, rng: np.random.Generator) -> None:
    """The end is missing."""
    data = file.read_bytes()
    file.write_bytes(data[: int(rng.integers(1, len(data)))])


def zeros(file: Path, other: Path, rng: np.random.Generator) -> None:
    """A block of 512 bytes is empty, as after a power cut."""
    data = bytearray(file.read_bytes())
    at = int(rng.integers(0, max(1, len(data) - 512)))
    data[at : at + 512] = bytes(len(data[at : at + 512]))
    file.write_bytes(data)


def empty(file: Path, other: Path, rng: np.random.Generator) -> None:
    """Nothing is in the file."""
    file.write_bytes(b"")


def anothers(file: Path, other: Path, rng: np.random.Generator) -> None:
    """The bytes of another file of the same kind."""
    shutil.copy(other, file)


BYTES: dict[str, Damage] = {
    "one bit": one_bit, "a hundred bits": many_bits, "truncated": truncated,
    "a block of zeros": zeros, "empty": empty, "another's bytes": anothers,
}  # fmt: skip


def rows_changed(change: Callable[[list, list, np.random.Generator], None]) -> Damage:
    """A damage done to keys and vectors of a cache file, which stays a valid Parquet file."""

    def damage(file: Path, other: Path, rng: np.random.Generator) -> None:
        table = pq.read_table(file)
        keys, rows = (table[name].to_pylist() for name in ("key", "vector"))
        change(keys, rows, rng)
        changed = pa.table({"key": keys, "vector": rows}).cast(table.schema)
        pq.write_table(changed, file, compression="none", use_dictionary=False)

    return damage


def _one(change: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Damage:
    def changed(keys: list, rows: list, rng: np.random.Generator) -> None:
        at = int(rng.integers(len(rows)))
        rows[at] = change(np.frombuffer(rows[at], "<f4").copy(), rng).astype("<f4").tobytes()

    return rows_changed(changed)


def _not_a_number(row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    row[rng.integers(len(row))] = np.nan
    return row


def _swapped(keys: list, rows: list, rng: np.random.Generator) -> None:
    a, b = rng.choice(len(rows), 2, replace=False)
    rows[a], rows[b] = rows[b], rows[a]


def _doubled(keys: list, rows: list, rng: np.random.Generator) -> None:
    a, b = rng.choice(len(rows), 2, replace=False)
    rows[a] = rows[b]


def _repeated_key(keys: list, rows: list, rng: np.random.Generator) -> None:
    a, b = rng.choice(len(rows), 2, replace=False)
    keys[a] = keys[b]


ROWS: dict[str, Damage] = {
    "not a number": _one(_not_a_number),
    "short vector": _one(lambda row, rng: row[: int(rng.integers(1, WIDTH))]),
    "other length": _one(lambda row, rng: row * rng.uniform(1.5, 3)),
    "two vectors swapped": rows_changed(_swapped),
    "one vector twice": rows_changed(_doubled),
    "one key twice": rows_changed(_repeated_key),
}


@dataclass
class Said(logging.Handler):
    """Lines that were logged by the package."""

    def __post_init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def __hash__(self) -> int:
        return id(self)


@contextlib.contextmanager
def heard():
    """What the package logs within it."""
    said, logger = Said(), logging.getLogger("cxresearch")
    logger.addHandler(said)
    logger.propagate = False
    try:
        yield said.lines
    finally:
        logger.removeHandler(said)
        logger.propagate = True


def embedded(folder: Path) -> np.ndarray:
    """The vectors of all texts, from the cache or the made-up encoder."""
    with (
        mock.patch.object(cache, "_model", return_value=None),
        mock.patch.object(cache, "_encode", lambda _, texts: np.stack([*map(vector, texts)])),
        mock.patch.object(cache, "SHARD", len(TEXTS) // 2),
    ):
        return cache.embed(TEXTS, cache=folder)


def of_cache(kind: str, damage: Damage, rng: np.random.Generator, folder: Path) -> dict:
    """What becomes of a damaged cache file: noticed if vectors are made again with one line."""
    embedded(folder)
    file, other = rng.permutation(sorted(folder.rglob("*.parquet")))
    damage(file, other, rng)
    with heard() as lines:
        error, found = None, np.zeros((len(TEXTS), WIDTH))
        try:
            found = embedded(folder)
        except Exception as failed:
            error = failed
    wanted = np.stack([*map(vector, TEXTS)])
    off = np.inf if error else np.abs(found.astype(float) - wanted).max()
    with heard() as again:
        right = error is None and off == 0 and (embedded(folder) == wanted).all() and not again
    return {"what": "vectors", "kind": kind, "noticed": len(lines) == 1, "right": bool(right),
            "off": off}  # fmt: skip


def small_study(folder: Path, shift: int = 0) -> Study:
    """A study of sixty tickets in three topics that are kept in its folder."""
    folder.mkdir()
    ids = [f"t{i + shift}" for i in range(60)]
    frame = pd.DataFrame({"ticket_id": ids, "created_at": pd.Timestamp("2026-01-01", tz="UTC"),
                          "status": "open", "subject": "about a thing"})  # fmt: skip
    study = Study(Settings(outcome="return"), folder,
                  {"tickets": Study.from_tables({"tickets": frame}).tickets})  # fmt: skip
    labels = np.random.default_rng(shift).integers(0, 3, len(ids))
    info = pd.DataFrame({"topic": range(3), "name": [*"abc"], "words": [[*"abc"]] * 3,
                         "size": np.bincount(labels), "quotes": [ids[:3]] * 3})  # fmt: skip
    tree = pd.DataFrame({"parent": [4 + shift], "topics": [[0, 1]]})
    points = pd.DataFrame({"ticket_id": ids, "topic": labels, "x": np.arange(60.0), "y": 0.5})
    model = TopicModel(labels, np.eye(3)[labels], np.array(ids, dtype=object), info, tree, points,
                       {"texts": 60 + shift})  # fmt: skip
    model.save(folder / "topics", vectors=False)
    entries = [Entry(t, n, s, n) for t, n, s in info[["topic", "name", "size"]].to_numpy()]
    (folder / "causes.toml").write_text(causes_text(CausesFile(tuple(entries))), encoding="utf-8")
    keep_causes(study, model)
    return study


def contents(study: Study) -> list:
    """All that is read of a study's topics and causes, to be compared."""
    topics = load_topics(study.path / "topics")
    held = [topics.table, topics.tree, topics.points, topics.made, topics.labels.tolist()]
    held += [topics.ids.tolist(), topics.weights.tolist()]
    again = Study(study.settings, study.path, {"tickets": study.tickets})
    keep_causes(again, topics)  # as every report does
    causes = again.ticket_causes
    return [str(part.to_dict() if hasattr(part, "to_dict") else part)
            for part in (*held, causes)]  # fmt: skip


def of_study(kind: str, damage: Damage, rng: np.random.Generator, folder: Path, what: str) -> dict:
    """What becomes of a damaged file of a study: noticed if a sentence names it and a command."""
    study, other = small_study(folder / "s"), small_study(folder / "other", 1)
    before = contents(study)
    names = sorted(f.name for f in (study.path / "topics").iterdir())
    at = f"topics/{rng.choice(names)}" if what == "topics" else "ticket_causes.parquet"
    damage(study.path / at, other.path / at, rng)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            noticed, right = False, contents(study) == before
    except InputError as error:
        name, says = at.rpartition("/")[2], str(error)
        noticed = right = name in says and "cxresearch topics" in says
    except Exception:
        noticed = right = False
    return {"what": what, "kind": kind, "noticed": noticed, "right": right, "off": np.nan}


def measured(seed: int, times: int = TIMES) -> pd.DataFrame:
    """A row a damage: what, kind, noticed, right, off."""
    rng, rows = np.random.default_rng(seed), []
    for kind, damage in (BYTES | ROWS).items():
        for _ in range(times):
            with tempfile.TemporaryDirectory() as folder:
                rows.append(of_cache(kind, damage, rng, Path(folder)))
    for what in ("topics", "ticket_causes"):
        for kind, damage in BYTES.items():
            for _ in range(times):
                with tempfile.TemporaryDirectory() as folder:
                    rows.append(of_study(kind, damage, rng, Path(folder), what))
    return pd.DataFrame(rows)


def main(seed: int) -> None:
    os.environ["TQDM_DISABLE"] = "1"
    rows = measured(seed)
    print(rows.groupby(["what", "kind"], sort=False)[["noticed", "right"]].sum())
    print(rows.groupby("what", sort=False)[["noticed", "right"]].agg(["sum", "size"]))
    if seed == SEED:
        rows.to_csv(FILE, index=False, float_format="%.3g", lineterminator="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SEED)
