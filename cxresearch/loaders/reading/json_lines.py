"""The records of a JSON file with one a line, as Arrow text: no line becomes a Python object."""

import json
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from cxresearch.loaders.reading.files import CUT_SHORT, LONGEST, File
from cxresearch.study.schema import InputError

BLOCK = 8 << 20
NEW_LINE, BRACE = b"\n{"
AROUND = "\ufeff\r\n\t "


def blocks(file: File, encoding: str) -> Iterator[pa.Array]:
    """The lines in which there is something, as they were written, some megabytes at a time; what
    stands AROUND a record, such as the end of its line, may be there or not.

    Raises InputError if the file ends within a record, or if a line has no end.
    """
    held, size = [], 0
    for piece in file.utf8(encoding):
        held.append(piece)
        size += len(piece)
        if size >= BLOCK and b"\n" in piece:
            block = b"".join(held)
            end = block.rfind(b"\n") + 1
            yield _records(block, end)
            held, size = [block[end:]], len(block) - end
        if size > LONGEST:
            raise InputError(
                f"{file.name} has a line of more than {LONGEST:,} letters: is it a record a line?"
            )
    block = b"".join(held)
    rest = block[block.rfind(b"\n") + 1 :]
    if rest.strip() and not _is_json(rest):
        raise InputError(f"{file.name} ends in the middle of a record: {CUT_SHORT}")
    block = block if block.endswith(b"\n") else block + b"\n"
    yield _records(block, len(block))


def _records(block: bytes, end: int) -> pa.Array:
    letters = np.frombuffer(block, np.uint8, end)
    ends = np.flatnonzero(letters == NEW_LINE) + 1
    places = np.concatenate([[0], ends])
    if (letters[places[:-1]] == BRACE).all():
        return pa.LargeStringArray.from_buffers(
            len(ends), pa.py_buffer(places), pa.py_buffer(block)
        )
    lines = (line.strip(AROUND) for line in block[:end].decode().split("\n"))
    return pa.array([line for line in lines if line], pa.large_string())


def _is_json(line: bytes) -> bool:
    try:
        return bool(json.loads(line.decode().strip(AROUND), parse_int=str))
    except RecursionError:  # more brackets in each other than Python follows
        return line.rstrip().endswith(b"}")
    except ValueError:
        return False
