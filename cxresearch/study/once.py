"""Each table is made once per study and variant: kept in the process, and on disk for the next.

A kept table knows what its maker read, each with a hash: tables, settings, files of the study. It
is used again where all of them, the options and the code are still the same (the verifying traces
of Mokhov, Mitchell and Peyton Jones 2018, Build systems à la carte, ICFP). What was read is noted
while the table is made, so no maker has to say it.
"""

import functools
import hashlib
import inspect
import logging
from collections import OrderedDict
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, is_dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxresearch.study.as_parquet import NotKeptError, read, written
from cxresearch.study.shelf import Shelf
from cxresearch.study.sources import code_behind

if TYPE_CHECKING:
    from cxresearch.study.study import Study

IN_MEMORY = 128 << 20  # bytes of frames that a study keeps in the process, the last used ones
log = logging.getLogger(__name__)
_making: list["_Making"] = []


@dataclass(frozen=True, eq=False)
class _Making:
    """A study of which something is being made, and what was read for it so far."""

    study: "Study"
    reads: dict[str, object]


@dataclass(frozen=True, eq=False)
class _Made:
    """A value, about how many bytes its frames hold, and what was read to make it, each with what
    it was then."""

    value: Any
    reads: dict[str, object]

    @functools.cached_property
    def size(self) -> int:
        return _size(self.value)

    def holds(self, study: "Study") -> bool:
        """Would the maker read the same now?"""
        return all(_state(study, what) == was for what, was in self.reads.items())


class Kept(OrderedDict[str, list[_Made]]):
    """What was made of a study in this process by variant, the last used last."""

    def find(self, study: "Study", variant: str) -> _Made | None:
        """What was made of that variant, if it still holds."""
        if variant in self:
            self.move_to_end(variant)
        return next((made for made in self.get(variant, ()) if made.holds(study)), None)

    def add(self, variant: str, made: _Made) -> _Made:
        """Adds one; what was not used for longest goes where it is too much."""
        self.setdefault(variant, []).append(made)
        while len(self) > 1 and sum(m.size for v in self.values() for m in v) > IN_MEMORY:
            self.popitem(last=False)
        return made


def note(held: object, what: str) -> None:
    """Tells whatever is being made that it rests on this of a study: "table tickets", "has
    surveys", "file causes.toml", "setting outcome". held is what holds it: settings or tables."""
    for making in _making:
        for of, name in ((making.study, what), (making.study.whole, f"whole {what}")):
            if held is of.settings or held is of.held:
                making.reads.setdefault(name, _state(making.study, name))
                break


def once(make: Callable | None = None, *, on_disk: bool = True) -> Callable:
    """Makes a function of a study and options return what it made before, while that still holds.

    Options are numbers, texts, None, or tuples of them. Frames are handed out as copies that share
    their values until one is written to, so nobody changes another's. What is made of a study in a
    folder is kept on disk, too, if as_parquet can write it; with on_disk=False nothing is.
    """
    if make is None:
        return functools.partial(once, on_disk=on_disk)
    signature = inspect.signature(make)

    @functools.wraps(make)
    def made(study: "Study", *args, **options):
        asked = signature.bind(study, *args, **options)
        asked.apply_defaults()
        told = list(asked.arguments.items())[1:]
        variant = f"{make.__module__}.{make.__qualname__} {told}"
        found = study.kept.find(study, variant)
        if found is None:
            shelved = _on_disk if on_disk and study.path else _make
            found = study.kept.add(variant, shelved(make, asked, study, variant))
        for what in found.reads:
            of, read = _read_of(study, what)
            note(of.settings if read.startswith("setting ") else of.held, read)
        return _handed(found.value)

    return made


def _read_of(study: "Study", what: str) -> tuple["Study", str]:
    """Of which study something was read: of the part itself, or of the whole it was cut from."""
    of = study.whole if what.startswith("whole ") else study
    return of, what.removeprefix("whole ")


def _state(study: "Study", what: str) -> object:
    """What tells something that is read of a study from what it was: a hash, a setting's text."""
    of, read = _read_of(study, what)
    kind, _, name = read.partition(" ")
    return repr(vars(of.settings)[name]) if kind == "setting" else of.held.state(kind, name)


def _make(make: Callable, asked: inspect.BoundArguments, study: "Study", variant: str) -> _Made:
    making = _Making(study, {})
    _making.append(making)
    try:
        log.debug("made: %s", variant)
        return _Made(make(*asked.args, **asked.kwargs), making.reads)
    finally:
        _making.remove(making)


def _on_disk(make: Callable, asked: inspect.BoundArguments, study: "Study", variant: str) -> _Made:
    """What is kept on disk and still holds; else it is made, and kept if it survives that."""
    shelf, code = Shelf(study.path), code_behind(make)
    if code is None:
        return _make(make, asked, study, variant)
    key = hashlib.sha256(f"{variant} {code}".encode()).hexdigest()[:32]
    for content in shelf.held(key):
        kept = _read(content, key)
        if kept and kept.holds(study):
            return kept
    made = _make(make, asked, study, variant)
    if content := _written(made, key, variant):
        shelf.keep(key, content)
        made = _read(content, key) or made
    return made


def _written(made: _Made, key: str, variant: str) -> bytes | None:
    """A value with what it rests on as a file; None if it cannot be kept as it is."""
    try:
        if all(isinstance(was, str) for was in made.reads.values()):
            return written(made.value, {"key": key, "reads": made.reads})
    except NotKeptError as error:
        log.debug("not kept: %s: %s", variant, error)
    return None


def _read(content: bytes, key: str) -> _Made | None:
    """What was written, if it was under this key."""
    value, told = read(content)
    return _Made(value, told["reads"]) if told["key"] == key else None


def _handed(value):
    """A copy of all frames in a value; what is written to one is in no other."""
    if isinstance(value, pd.DataFrame | pd.Series):
        return value.copy(deep=False)
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(map(_handed, value))
    if isinstance(value, dict):
        return {name: _handed(each) for name, each in value.items()}
    if is_dataclass(value):
        value, held = copy(value), vars(value)
        for name, each in held.items():
            object.__setattr__(value, name, _handed(each))
    return value


def _size(value) -> int:
    """About how many bytes the frames in a value hold."""
    if isinstance(value, pd.DataFrame | pd.Series):
        return int(pd.DataFrame(value).memory_usage(deep=True).sum())
    if is_dataclass(value) or isinstance(value, dict):
        return sum(map(_size, (value if isinstance(value, dict) else vars(value)).values()))
    return sum(map(_size, value)) if isinstance(value, tuple) else 0
