"""A file with what could tell who wrote it masked."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cxresearch.study.readable import readable
from cxresearch.study.schema import InputError
from cxresearch.study.visible import field
from cxresearch.study.writing import refuse_existing
from cxresearch.topics.text.redaction import PLACEHOLDERS, people, redact

_MASKED = re.compile(rf"\[({'|'.join(PLACEHOLDERS)})\]")
LARGEST = 2**31 - 1  # letters of a cell


def redact_file(file: Path, to: Path | None = None) -> tuple[Path, str]:
    """Writes the file with its texts redacted (redaction.redact) and returns where, and what was
    masked: name 2, e-mail 1.

    Of a .csv or .tsv each cell is a text, of .json and .jsonl each string; any other file is one
    text. Names that are signed or greeted in one text are masked in all. to is FILE.redacted.EXT
    beside it if left out. No cell of a .csv begins as a formula. Raises InputError if the file
    cannot be read as UTF-8 or if to exists.
    """
    to = to or file.with_name(f"{file.stem}.redacted{file.suffix}")
    refuse_existing(to)
    with readable(file):
        written = file.read_text("utf-8")
    if file.suffix in (".csv", ".tsv"):
        csv.field_size_limit(LARGEST)
        mark = "," if file.suffix == ".csv" else "\t"
        rows = list(csv.reader(written.splitlines(keepends=True), delimiter=mark, strict=True))
        names = people(cell for row in rows for cell in row)
        rows = [[field(redact(cell, names)) for cell in row] for row in rows]
        with to.open("x", encoding="utf-8", newline="") as out:
            csv.writer(out, delimiter=mark).writerows(rows)
        texts = [cell for row in rows for cell in row]
    elif file.suffix in (".jsonl", ".json"):
        each = written.splitlines() if file.suffix == ".jsonl" else [written]
        lines = [_parsed(file, n, line) for n, line in enumerate(each, 1)]
        names = people(text for line in lines for text in _strings(line))
        lines = [_each_string(line, names) for line in lines]
        texts = [json.dumps(line, ensure_ascii=False) for line in lines]
        to.write_text("".join(f"{text}\n" for text in texts), "utf-8")
    else:
        texts = [redact(written, people([written]))]
        to.write_text(texts[0], "utf-8")
    masked = Counter(kind for text in texts for kind in _MASKED.findall(text))
    return to, ", ".join(f"{kind} {n:,}" for kind, n in masked.most_common())


def _parsed(file: Path, n: int, line: str):
    try:
        return json.loads(line)
    except ValueError:
        raise InputError(f"{file}, line {n} is no JSON: each line must hold one value.") from None


def _strings(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _each_string(value, names):
    """The value with its texts redacted, keys among them, and numbers that tell somebody."""
    if isinstance(value, str):
        return redact(value, names)
    if isinstance(value, dict):
        return {redact(key, names): _each_string(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_each_string(each, names) for each in value]
    shown = redact(str(value), names) if isinstance(value, int | float) else value
    return value if shown == str(value) else shown
