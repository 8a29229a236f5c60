"""Where the fields of JSON records lie, by a name that a person would write: user.name, tags[0]."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from cxresearch.loaders.reading import json_records

if TYPE_CHECKING:
    from cxresearch.loaders.reading.forms import Look

FIRST_OF_LIST = 20
DEEPEST = 20


@cache
def places(seen: Look) -> dict[str, str]:
    """The JSON path of each field in a file's first records, by its name without capitals.

    Names of nested fields are dotted, lists are indexed from 0; "labels[].name" is the path of that
    field of all elements.
    """
    if seen.how == "page" and not seen.key:
        return {}
    with seen.file.text(seen.encoding) as text:
        held = json_records.first_records(seen.file, text, seen.how, seen.key)
        records = [json.loads(record) for record in seen.first] if seen.around else list(held)
    found: dict[str, str] = {}
    for record in records:
        for name, path in _under(record, "", "$"):
            found.setdefault(name.casefold(), path)
    return found


def path_of(seen: Look, where: str) -> str:
    """The JSON path of a name; of one that the first records lack, the path that its dots mean."""
    plain = re.sub(r'((\[\d+\])+)"', r'"\1', ".".join(f'"{part}"' for part in where.split(".")))
    return places(seen).get(where.casefold(), f"$.{plain}")


def _under(value: object, name: str, path: str) -> Iterator[tuple[str, str]]:
    """Every field in a value, and the value itself."""
    if name:
        yield name, path
    if name.count(".") + name.count("[") > DEEPEST:
        return
    if isinstance(value, dict):
        for key, held in value.items():
            if not set(key) & set('"\\'):
                yield from _under(held, f"{name}.{key}" if name else key, f'{path}."{key}"')
    if isinstance(value, list):
        for i, held in enumerate(value[:FIRST_OF_LIST]):
            yield from _under(held, f"{name}[{i}]", f"{path}[{i}]")
            if "[*]" not in path:
                yield from _under(held, f"{name}[]", f"{path}[*]")
