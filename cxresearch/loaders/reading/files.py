"""The files of an export: found in folders, .zip and .gz, opened as text in a known encoding.

A file is opened only if the end of its name says that it may hold rows; every other file is listed
and never read. What is no export (empty, a web page, cut short, locked by a password, or packed so
that a little becomes more than any export holds) is refused in a sentence, as is a file that
somebody writes to while it is read. A Row is all that is known of a row before its file's form is.
"""

import builtins
import codecs
import gzip
import io
import lzma
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, BinaryIO, TextIO

from cxresearch.study.schema import InputError

KINDS = {
    ".csv": "csv", ".tsv": "csv", ".json": "json", ".ndjson": "json", ".jsonl": "json",
    ".parquet": "parquet", ".xlsx": "excel",
}  # fmt: skip
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PIECE = 1 << 20
CHECKED = 1 << 16  # a larger piece leaves the processor's cache before it is decoded
# A row or record of more letters than this is taken for one that has no end.
LONGEST = 120_000_000
# Text packs 10 to 50 times smaller. What becomes more than this is no export.
SMALL, DENSEST = 100_000_000, 200
CUT_SHORT = "the download was cut short. Download it again."
# What is raised where a packed file is damaged, or packed in a way that is not known.
PACKED = (
    EOFError, OSError, OverflowError, NotImplementedError, ValueError, lzma.LZMAError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
# windows-1252 leaves five bytes without a meaning; they become U+FFFD instead of an error
ASSUMED = "windows-1252"


@dataclass(frozen=True)
class Row:
    """A row by its number in the file (from 1, without the header): its fields, or why it has none.

    original is the row as it was written. A record of JSON is a row of one field.
    """

    number: int
    fields: list[str] | None
    reason: str = ""
    original: str = ""


@dataclass(frozen=True)
class File:
    """A file that may hold rows: what people call it, the path to it, and which member of a .zip it
    is, by its place there. state is what the file at the path was like when it was found."""

    name: str
    path: Path
    member: int | None = None
    state: tuple[int, ...] = ()

    @property
    def kind(self) -> str:
        """csv, json, parquet or excel; empty for every other file."""
        name = self.name.lower().removesuffix(".gz")
        return KINDS.get(Path(name).suffix, "")

    @contextmanager
    def bytes(self) -> Iterator[BinaryIO]:
        """The file's bytes, unpacked. Raises InputError if the file or its packing is broken, or if
        the file is not as it was when it was found."""
        try:
            with self.path.open("rb") as held:
                yield self._unpacked(held)
        except InputError:
            self._refuse_changed()
            raise
        self._refuse_changed()

    def _unpacked(self, held: BinaryIO) -> BinaryIO:
        if self.member is not None:
            held = _Unpacked(_member(held, self), self.name)
        if self.name.lower().endswith(".gz"):
            held = _Unpacked(gzip.GzipFile(fileobj=held), self.name, held)
        return io.BufferedReader(held, PIECE) if isinstance(held, _Unpacked) else held

    def _refuse_changed(self) -> None:
        if self.state and _state(self.path) != self.state:
            raise InputError(
                f"{self.name} was changed while it was read: wait until it is written to its end, "
                "then import it again."
            )

    @contextmanager
    def text(self, encoding: str) -> Iterator[TextIO]:
        """The file as text with its line ends as they are; see encoding_of."""
        with self.bytes() as stream:
            text = io.TextIOWrapper(stream, encoding, errors=_errors(encoding), newline="")
            try:
                yield text
            except UnicodeDecodeError as error:
                raise InputError(
                    f"{self.name} ends in the middle of a letter: {CUT_SHORT}"
                ) from error
            finally:
                text.detach()

    def utf8(self, encoding: str) -> Iterator[builtins.bytes]:
        """The file's text as UTF-8 without a mark, a piece at a time."""
        if encoding == "utf-8":
            with self.bytes() as stream:
                yield from iter(lambda: stream.read(PIECE), b"")
            return
        with self.text(encoding) as text:
            for letters in iter(lambda: text.read(PIECE), ""):
                yield letters.encode()


def find(path: Path) -> tuple[list[File], list[str]]:
    """The files at a path that may hold rows, by name, and the names of all others.

    The path is a file, a folder (with its folders), a .zip or a .gz. Raises InputError if one of
    the files is empty or a web page, or if no file may hold rows.
    """
    if not path.exists():
        raise InputError(f"There is no export at {path}: check the path.")
    all_files = sorted(_named_apart(_all(path)), key=lambda file: file.name)
    files = [file for file in all_files if file.kind]
    if not files:
        wanted = ", ".join(KINDS)
        raise InputError(f"{path} holds no file of a kind that is read ({wanted}, .gz, .zip).")
    for file in files:
        _refuse_no_export(file)
    return files, [file.name for file in all_files if not file.kind]


def encoding_of(file: File, declared: str | None = None) -> str:
    """A text file's encoding: its byte-order mark's, else UTF-8 if every byte is, else as declared.

    Where none is declared it is windows-1252, in which every byte but five means a letter. Raises
    InputError if the declared one is not known.
    """
    with file.bytes() as stream:
        start = stream.read(4)
        for mark, encoding in MARKS:
            if start.startswith(mark):
                return encoding
        if _is_utf8(start, stream):
            return "utf-8"
    try:
        codecs.lookup(declared or ASSUMED)
        return declared or ASSUMED
    except LookupError as error:
        raise InputError(f"'{declared}' is no known encoding such as windows-1252.") from error


def _errors(encoding: str) -> str:
    return "strict" if encoding.startswith("utf") else "replace"


def _is_utf8(start: bytes, stream: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while start:
            decoder.decode(start)
            start = stream.read(CHECKED)
    except UnicodeDecodeError:
        return False
    return True


class _Unpacked(io.RawIOBase):
    """What a packed file holds: damage is said by its name, and if it comes of far fewer bytes."""

    def __init__(self, stream: BinaryIO, name: str, packed: BinaryIO | None = None):
        self.stream, self.name, self.packed = stream, name, packed

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self.stream.seekable()

    def readinto(self, buffer) -> int:
        piece = self._tried(self.stream.read, len(buffer))
        buffer[: len(piece)] = piece
        if self.packed is not None:
            refuse_bomb(self.name, self.packed.tell(), self.stream.tell())
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._tried(self.stream.seek, offset, whence)

    def tell(self) -> int:
        return self.stream.tell()

    def _tried(self, read, *asked):
        try:
            return read(*asked)
        except InputError:
            raise
        except PACKED as error:
            raise InputError(f"{self.name} ends too early or is damaged: {CUT_SHORT}") from error


def refuse_bomb(name: str, packed: int, unpacked: int) -> None:
    """Raises InputError if so many bytes cannot be what an export of that size holds."""
    if unpacked > max(SMALL, DENSEST * packed):
        raise InputError(
            f"{name} unpacks {packed:,} bytes to {unpacked:,} or more: no export is packed so "
            "densely. If it is one, unpack it yourself and import the folder."
        )


def _state(path: Path) -> tuple[int, ...]:
    """What differs once somebody wrote to a file, or removed it."""
    try:
        told = path.stat()
    except OSError:
        return (-1,)
    return told.st_size, told.st_mtime_ns


def _member(held: BinaryIO, file: File) -> IO[bytes]:
    """A member of an open .zip."""
    try:
        packed = zipfile.ZipFile(held)
        member = packed.infolist()[file.member]
        if member.flag_bits & 1:
            raise InputError(
                f"{file.name} is locked by a password: unpack it, and import the folder."
            )
        return packed.open(member)
    except InputError:
        raise
    except PACKED as error:
        raise InputError(f"{file.path.name} is damaged: {CUT_SHORT}") from error


def _all(path: Path) -> Iterator[File]:
    if path.is_dir():
        for file in path.rglob("*"):
            inside = file.relative_to(path)
            if file.is_file() and not any(part.startswith(".") for part in inside.parts):
                yield from _members(file, inside.as_posix())
    elif path.is_file():
        yield from _members(path, path.name)
    else:
        raise InputError(f"{path} is no file and no folder: save the export as a file first.")


def _members(file: Path, name: str) -> Iterator[File]:
    """The files in a .zip, by their path in it; every other file is itself."""
    state = _state(file)
    if file.suffix.lower() != ".zip":
        yield File(name, file, state=state)
        return
    with file.open("rb") as held:
        try:
            listed = zipfile.ZipFile(held).infolist()
        except PACKED as error:
            raise InputError(f"{name} is no whole .zip file: {CUT_SHORT}") from error
    inside = [(n, m) for n, m in enumerate(listed) if not m.filename.endswith("/")]
    refuse_bomb(name, state[0], sum(m.file_size for _, m in inside))
    for place, member in inside:
        if "__MACOSX" not in member.filename and not Path(member.filename).name.startswith("."):
            yield File(f"{name}/{member.filename}", file, place, state)


def _named_apart(files: Iterable[File]) -> Iterator[File]:
    """The files; of those with one name, as a .zip may hold them, each further one is numbered."""
    seen: Counter[str] = Counter()
    for file in files:
        seen[file.name] += 1
        place = Path(file.name)
        again = f"{place.parent} ({seen[file.name]})/{place.name}"
        yield file if seen[file.name] == 1 else replace(file, name=again)


def _refuse_no_export(file: File) -> None:
    with file.bytes() as stream:
        start = stream.read(512).lstrip(codecs.BOM_UTF8).strip().lower()
    if not start:
        raise InputError(f"{file.name} is empty: export it again, or leave it out.")
    if start.startswith((b"<!doctype", b"<html")):
        raise InputError(
            f"{file.name} is a web page, not an export: the login may have expired while it was "
            "downloaded. Log in and download it again."
        )
