"""What keeps a file from being read is said with the file's name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from cxresearch.study.schema import InputError


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Raises InputError, naming the file, where what is done within it cannot be done."""
    try:
        yield
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(f"{file} cannot be used: {error}") from error
