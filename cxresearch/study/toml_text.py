"""TOML files: one reader, whose errors name the file and what to do, and how a value is written."""

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from cxresearch.study.nearest import refuse_unknown
from cxresearch.study.schema import InputError


def read_toml(file: str | Path, known: Iterable[str] | None = None, what: str = "setting") -> dict:
    """What a TOML file holds.

    Raises InputError naming the file if it is not there, no UTF-8 text or no TOML, or if a key is
    none of the known ones (what says what its keys are); the nearest known ones are named.
    """
    try:
        held = tomllib.loads(Path(file).read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file} is not valid TOML: {error}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read as UTF-8 text: {error}.") from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, brackets in brackets
        raise InputError(f"{file} is no TOML that can be read: a value is too large.") from error
    if known is not None:
        refuse_unknown(file, held, known, what)
    return held


def toml(value) -> str:
    """A truth value, number, text or tuple of texts as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    if isinstance(value, str):
        # a JSON string is a TOML string, but for halves of characters; what cannot be seen is named
        whole = json.dumps(re.sub("[\ud800-\udfff]", "\ufffd", value), ensure_ascii=False)
        return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in whole)
    return str(value)


def with_line(text: str, name: str, value: str) -> str:
    """The text of a TOML file without sections in which one name has another text as its value."""
    line = f"{name} = {toml(value)}"
    new, lines = re.subn(rf"^{name} *=.*$", lambda _: line, text, flags=re.MULTILINE)
    return new if lines else f"{line}\n{text}"
