"""What keeps a file from being read is said with the file's name; a damaged one is not believed."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cxresearch.study.schema import InputError

MENDS = {"ticket_causes.parquet": ". Run 'cxresearch topics {}', to make it anew."}
DAMAGED = "it is damaged, or no file of that kind. Put it back, or import again"
SEAL, BLANK = b"cxresearch sha256 ", b"0" * 64
FOOT = 2**20  # bytes at the end of a file, among which the blank is


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Raises InputError, naming the file, where what is done within it cannot be done."""
    try:
        yield
    except (OSError, ValueError, RecursionError, pa.ArrowException) as error:
        why = str(error) if isinstance(error, InputError) else getattr(error, "strerror", None)
        mend = MENDS.get(file.name, "").format(file.parent)
        raise InputError(f"{file} cannot be used: {why or DAMAGED}{mend}") from error


def frame_of(content: bytes) -> pd.DataFrame:
    """The frame that a Parquet file's bytes hold. Raises InputError if they are damaged."""
    try:
        return pd.read_parquet(BytesIO(content))
    except Exception as error:  # whatever a damaged part makes pandas and pyarrow meet
        raise InputError(DAMAGED) from error


def read_parquet(file: Path, columns: Iterable[str] = ()) -> pd.DataFrame:
    """The frame in a Parquet file. Raises InputError, naming it, if it is damaged or lacks one of
    the columns."""
    with readable(file):
        held = frame_of(unbroken(file))
        for name in columns:
            if name not in held:
                raise InputError(f"it lacks the column {name}")
        return held


def read_json(file: Path, rows: dict[str, tuple[str, ...]], texts: Iterable[str] = ()) -> dict:
    """The object in a JSON file; under these keys it holds, if anything, rows with a name and whole
    numbers, each under its key, or lists of texts. Raises InputError, naming the file, if not."""
    with readable(file):
        held = json.loads(file.read_text(encoding="utf-8"))
        odd = [] if isinstance(held, dict) else ["it"]
        odd += [key for key in texts if not odd and not _texts(held.get(key, []))]
        odd += [key for key in rows if not odd and not _counts(held.get(key, []), rows[key])]
        if odd:
            raise InputError(f"{odd[0]} is not as it was written. Put it back, or remove the file")
        return held


def _texts(held: object) -> bool:
    return isinstance(held, list) and all(isinstance(each, str) for each in held)


def _counts(held: object, keys: tuple[str, ...]) -> bool:
    return isinstance(held, list) and all(
        isinstance(row, dict) and row.keys() == {*keys} and isinstance(row[keys[0]], str)
        and all(type(row[key]) is int and row[key] >= 0 for key in keys[1:])
        for row in held
    )  # fmt: skip


def sealed(data: bytes) -> bytes:
    """A file's bytes with their checksum in the place that was left blank for it."""
    before, mark, after = data.rpartition(SEAL + BLANK)
    return before + SEAL + sha256(data).encode() + after if mark else data


def seal(file: Path) -> None:
    """Writes the checksum of a file into the place that was left blank for it near its end."""
    with file.open("r+b") as held:
        told = hashlib.file_digest(held, "sha256").hexdigest().encode()
        start = held.seek(max(0, held.seek(0, os.SEEK_END) - FOOT))
        if (at := held.read().rfind(SEAL + BLANK)) >= 0:
            held.seek(start + at + len(SEAL))
            held.write(told)


def unbroken(file: Path) -> bytes:
    """The bytes of a file. Raises InputError if it holds a checksum and is not as it was written;
    files of other programs and of older versions hold none."""
    data = file.read_bytes()
    before, mark, after = data.rpartition(SEAL)
    if mark and sealed(before + SEAL + BLANK + after[len(BLANK) :]) != data:
        raise InputError("it is not as it was written (its checksum differs)")
    return data


def sha256(*parts: bytes) -> str:
    """The checksum of bytes one after another."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.hexdigest()
