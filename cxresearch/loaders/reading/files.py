"""The files of an export: found in folders, .zip and .gz, opened as text in a known encoding.

A file is opened only if the end of its name says that it may hold rows; every other file is listed
and never read. What is no export (empty, a web page, cut short) is refused in a sentence. A Row is
all that is known of a row before its file's form is.
"""

import builtins
import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

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
# A row or record of more letters than this is taken for one that has no end.
LONGEST = 200_000_000
CUT_SHORT = "the download was cut short. Download it again."
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
    """A file that may hold rows: what people call it, the path to it, and its place in a .zip."""

    name: str
    path: Path
    member: str = ""

    @property
    def kind(self) -> str:
        """csv, json, parquet or excel; empty for every other file."""
        name = self.name.lower().removesuffix(".gz")
        return KINDS.get(Path(name).suffix, "")

    @contextmanager
    def bytes(self) -> Iterator[BinaryIO]:
        """The file's bytes, unpacked. Raises InputError if the file or its packing is broken."""
        try:
            with self._unpacked() as stream:
                yield stream
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError(f"{self.name} ends too early or is damaged: {CUT_SHORT}") from error
        except zipfile.BadZipFile as error:
            raise InputError(f"{self.path.name} is damaged: {CUT_SHORT}") from error

    @contextmanager
    def _unpacked(self) -> Iterator[BinaryIO]:
        if self.member:
            with zipfile.ZipFile(self.path) as packed, packed.open(self.member) as stream:
                yield _unzipped(stream, self.name)
        else:
            with self.path.open("rb") as stream:
                yield _unzipped(stream, self.name)

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
    all_files = sorted(_all(path), key=lambda file: file.name)
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
            start = stream.read(PIECE)
    except UnicodeDecodeError:
        return False
    return True


def _all(path: Path) -> Iterator[File]:
    if path.is_dir():
        for file in path.rglob("*"):
            inside = file.relative_to(path)
            if file.is_file() and not any(part.startswith(".") for part in inside.parts):
                yield from _members(file, inside.as_posix())
    else:
        yield from _members(path, path.name)


def _members(file: Path, name: str) -> Iterator[File]:
    """The files in a .zip, by their path in it; every other file is itself."""
    if file.suffix.lower() != ".zip":
        yield File(name, file)
        return
    try:
        with zipfile.ZipFile(file) as packed:
            inside = [m.filename for m in packed.infolist() if not m.is_dir()]
    except zipfile.BadZipFile as error:
        raise InputError(f"{name} is no whole .zip file: {CUT_SHORT}") from error
    for member in inside:
        if not Path(member).name.startswith((".", "__MACOSX")) and "__MACOSX" not in member:
            yield File(f"{name}/{member}", file, member)


def _unzipped(stream: BinaryIO, name: str) -> BinaryIO:
    packed = name.lower().endswith(".gz")
    return io.BufferedReader(gzip.GzipFile(fileobj=stream)) if packed else stream


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
