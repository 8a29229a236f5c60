"""What is written takes its place at once, one run at a time; what a killed run left is cleared.

Runs wait for each other by the system's lock on a folder itself (flock): no file is made for it,
and a killed run holds nothing. Windows and some network drives lock no folders: there runs do not
wait, so start one at a time.
"""

import contextlib
import ctypes
import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cxresearch.study.visible import visible

try:
    import fcntl
except ImportError:
    fcntl = None

LOG = logging.getLogger(__name__)
HELD = "CXRESEARCH_HELD"  # tells what a run starts, such as kernels, which folders it holds
NEW, OLD = ".cxresearch-new-", ".cxresearch-old-"
MOMENT = 1.0  # seconds that a run waits for another before it says so
AT_FOLDER, SWAP = -100, 2  # AT_FDCWD; RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds a folder for this run and for what it starts; another run waits, and says so.

    What a killed run left unfinished in the folder is removed; what it had moved away is put back.
    """
    held, here = os.environ.get(HELD, ""), str(folder.resolve())
    if here in held.split("\n"):
        yield
        return
    lock = locked(folder)
    os.environ[HELD] = f"{held}\n{here}"
    try:
        if lock is not None:
            _clear(folder)
        yield
    finally:
        os.environ[HELD] = held
        if lock is not None:
            os.close(lock)


@contextmanager
def replacing(place: Path) -> Iterator[Path]:
    """Where to write a file or a folder that shall stand at a place: it takes that place at once,
    when it is complete, or nothing has changed."""
    with alone(place.parent):
        new = place.with_name(NEW + place.name)
        _remove(new)
        try:
            yield new
            if not (place.is_dir() and new.is_dir()):
                new.replace(place)
            elif not _swapped(new, place):
                _in_two_steps(new, place)
        except OSError as error:
            if str(error.filename or new).startswith(str(new)):
                error.filename = str(place)  # nobody knows the hidden name
            raise
        finally:
            _remove(new)


def locked(folder: Path, wait: bool = True) -> int | None:
    """A descriptor that holds a folder until it is closed; None where none can be held, or, without
    waiting, where another run holds it."""
    lock = None
    with contextlib.suppress(OSError, AttributeError):  # fcntl may be None
        lock = os.open(folder, os.O_RDONLY)
        _wait(lock, folder) if wait else fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lock
    if lock is not None:
        os.close(lock)
    return None


def _wait(lock: int, folder: Path) -> None:
    until = time.monotonic() + MOMENT
    while time.monotonic() < until:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(MOMENT / 20)
    LOG.warning("Another run is at work in %s: waiting until it is done.", visible(str(folder)))
    fcntl.flock(lock, fcntl.LOCK_EX)


def _clear(folder: Path) -> None:
    for left in [*folder.glob(f"{NEW}*"), *folder.glob(f"{OLD}*")]:
        place = folder / left.name[len(OLD) :]
        if left.name.startswith(OLD) and not os.path.lexists(place):
            left.rename(place)
        else:
            _remove(left)


def _remove(left: Path) -> None:
    shutil.rmtree(left, ignore_errors=True)
    with contextlib.suppress(OSError):
        left.unlink()


def _swapped(one: Path, other: Path) -> bool:
    """Did the system swap two folders in one step? Linux and macOS can, on most file systems."""
    names = os.fsencode(one), os.fsencode(other)
    try:
        system = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return system.renamex_np(*names, SWAP) == 0
        return system.renameat2(AT_FOLDER, names[0], AT_FOLDER, names[1], SWAP) == 0
    except (AttributeError, OSError, TypeError):
        return False


def _in_two_steps(new: Path, place: Path) -> None:
    """The same where the system cannot: the next run puts back what a kill between them leaves."""
    old = place.with_name(OLD + place.name)
    place.rename(old)
    try:
        new.rename(place)
    except OSError:
        old.rename(place)
        raise
    _remove(old)
