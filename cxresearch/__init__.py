"""cxresearch: from a help desk's export to the root-cause story."""

from importlib import import_module

__version__ = "0.1.0"
# Where each public name lives; a room is imported when one of its names is first asked for.
ROOMS = {
    "cxresearch.study": ("CannotTell", "InputError", "Study", "finding", "open_study"),
    "cxresearch.pages.show": ("peek", "say", "show", "table"),
    "cxresearch.survival": ("coxph",),
}
__all__ = [name for names in ROOMS.values() for name in names]


def __getattr__(name: str):
    for room, names in ROOMS.items():
        if name in names:
            return getattr(import_module(room), name)
    raise AttributeError(f"cxresearch has no '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
