"""What keeps a file from being read is said with the file's name; a damaged one is not believed."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cxresearch.study.schema import InputError

MENDS = {"ticket_causes.parquet": ". Run 'cxresearch topics {}', to make it anew."}
SEAL, BLANK = b"cxresearch sha256 ", b"0" * 64


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Raises InputError, naming the file, where what is done within it cannot be done."""
    try:
        yield
    except (OSError, ValueError, pa.ArrowException) as error:
        mend = MENDS.get(file.name, "").format(file.parent)
        raise InputError(f"{file} cannot be used: {error}{mend}") from error


def read_parquet(file: Path) -> pd.DataFrame:
    """The frame in a Parquet file. Raises InputError, naming it, if it is damaged."""
    with readable(file):
        return pd.read_parquet(BytesIO(unbroken(file)))


def sealed(data: bytes) -> bytes:
    """A file's bytes with their checksum in the place that was left blank for it."""
    before, mark, after = data.rpartition(SEAL + BLANK)
    return before + SEAL + sha256(data).encode() + after if mark else data


def unbroken(file: Path) -> bytes:
    """The bytes of a file. Raises ValueError if it holds a checksum and is not as it was written;
    files of other programs and of older versions hold none."""
    data = file.read_bytes()
    before, mark, after = data.rpartition(SEAL)
    if mark and sealed(before + SEAL + BLANK + after[len(BLANK) :]) != data:
        raise ValueError("it is not as it was written (its checksum differs)")
    return data


def sha256(*parts: bytes) -> str:
    """The checksum of bytes one after another."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.hexdigest()
