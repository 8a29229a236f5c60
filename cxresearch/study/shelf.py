"""What was made of a study and is kept on disk: checked before it is believed, bounded, cleared."""

import hashlib
import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cxresearch.study.exchange import replacing

LIMIT = 2 << 30  # bytes of all studies together; what was not used for longest goes first
log = logging.getLogger(__name__)


def cache_folder(folder: str | Path | None = None) -> Path:
    """Where things are kept that can be made again: folder, else $CXRESEARCH_CACHE, else
    ~/.cache/cxresearch."""
    home = Path.home() / ".cache" / "cxresearch"
    return Path(folder or os.environ.get("CXRESEARCH_CACHE") or home).expanduser()


class Shelf:
    """The kept files of one study, readable by its user alone. A file's name holds its key and the
    hash of its content: one that does not hold what its name says is removed, and made again."""

    def __init__(self, study: Path):
        name = re.sub(r"[^\w.-]", "_", study.resolve().name)
        place = hashlib.sha256(os.fsencode(study.resolve())).hexdigest()[:8]
        self.folder = cache_folder() / "kept" / f"{name}-{place}"

    def held(self, key: str) -> Iterator[bytes]:
        """What is kept under a key, the last used first."""
        for file in sorted(self.folder.glob(f"{key}.*.parquet"), key=_used, reverse=True):
            with suppress(OSError):
                content = file.read_bytes()
                if file.name == _name(key, content):
                    os.utime(file)
                    yield content
                    continue
                file.unlink()
                log.warning("%s is damaged: what it held is made again.", file)

    def keep(self, key: str, content: bytes) -> None:
        """Keeps a content: whole, or not at all where the folder cannot be written."""
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with replacing(self.folder / _name(key, content)) as new:
                new.write_bytes(content)
            _trim(self.folder.parent)

    def size(self) -> tuple[int, int]:
        """How many files are kept, and their bytes."""
        sizes = [file.stat().st_size for file in self.folder.glob("*.parquet")]
        return len(sizes), sum(sizes)

    def clear(self) -> None:
        """Removes all that is kept of the study."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _name(key: str, content: bytes) -> str:
    return f"{key}.{hashlib.sha256(content).hexdigest()[:32]}.parquet"


def _used(file: Path) -> float:
    """When a file was last used; long ago if it is gone meanwhile."""
    with suppress(OSError):
        return file.stat().st_mtime
    return 0.0


def _trim(folder: Path) -> None:
    """Removes what is beyond LIMIT."""
    total = 0
    for file in sorted(folder.glob("*/*.parquet"), key=_used, reverse=True):
        with suppress(OSError):
            total += file.stat().st_size
            if total > LIMIT:
                file.unlink()
