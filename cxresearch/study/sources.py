"""The code that makes things, as a hash: what it made before it was edited is not used again."""

import hashlib
import re
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

PACKAGE = Path(__file__).parents[1]
STARTED = time.time()  # what was edited later may not be what runs in this process
ROOMS = (
    rf"\b{PACKAGE.name}(?:\.| import )([\w, ]+)"  # in cxresearch.study, from cxresearch import a, b
)
_KNOWN: dict[tuple, str] = {}


def code_behind(make: Callable) -> str | None:
    """A hash of the code of a function: its module's room, each room that it uses, the versions of
    Python and of all installed packages. None where a file was edited since the process began.

    A room is taken whole, because what one module uses of another is not always said by an import.
    """
    stats = {file: file.stat() for file in sorted(_files(Path(make.__code__.co_filename)))}
    if any(stat.st_mtime > STARTED for stat in stats.values()):
        return None
    seen = tuple((file, stat.st_mtime_ns, stat.st_size) for file, stat in stats.items())
    if seen not in _KNOWN:
        whole = hashlib.sha256(repr((sys.version, *_installed())).encode())
        for file in stats:
            whole.update(hashlib.sha256(file.read_bytes()).digest())
        _KNOWN[seen] = whole.hexdigest()
    return _KNOWN[seen]


def _installed() -> list[str]:
    """Names and versions of installed packages, as their folders say."""
    return sorted(folder.name for folder in Path(np.__file__).parents[1].glob("*.dist-info"))


@cache
def _files(file: Path) -> set[Path]:
    """A module's room and the rooms that it uses; a file outside of the package alone. Once a
    process: a file that is edited in it makes no difference here, it is refused above."""
    if PACKAGE not in file.parents:
        return {file}
    todo, seen = {file.relative_to(PACKAGE).parts[0]}, set()
    while todo - seen:
        room = (todo - seen).pop()
        seen.add(room)
        for each in _under(PACKAGE / room):
            named = " ".join(re.findall(ROOMS, each.read_text("utf-8", "replace")))
            todo |= {name for name in re.findall(r"\w+", named) if (PACKAGE / name).is_dir()}
    return {each for room in seen for each in _under(PACKAGE / room)}


def _under(folder: Path) -> list[Path]:
    return [f for f in folder.rglob("*") if f.is_file() and "__pycache__" not in f.parts]
