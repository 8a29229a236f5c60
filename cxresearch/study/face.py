"""A room's public names, each imported when it is first asked for (PEP 562)."""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path


def face(file: str) -> tuple[Callable[[str], object], list[str]]:
    """__getattr__ and __all__ of the room whose __init__ is this file: what the stub beside it
    names, which type checkers read."""
    stub = Path(file).with_suffix(".pyi").read_text(encoding="utf-8")
    homes = {name: home for home, name in re.findall(r"from (\S+) import (\w+) as", stub)}

    def named(name: str) -> object:
        if name in homes:
            return getattr(import_module(homes[name]), name)
        raise AttributeError(f"'{name}' is no name of {file}")

    return named, sorted(homes)
