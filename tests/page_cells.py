"""What pages say of a study: their notebooks' cells, run here without a kernel or a figure."""

from pathlib import Path

import nbformat
import pytest

import cxresearch
from cxresearch.pages import show as shown
from cxresearch.study.answers import CannotTell

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def page_says(study, page: str) -> dict[int, list[str]]:
    """By cell of a page what it says and shows: sentences, tables, figures' descriptions."""
    said: dict[int, list[str]] = {}
    cell = 0

    def display(bundle, **_):
        said.setdefault(cell, []).append(bundle["text/plain"])

    def described(what):
        said.setdefault(cell, []).append(
            f"Cannot tell: {what.reason}" if isinstance(what, CannotTell) else what.described()
        )

    [file] = NOTEBOOKS.glob(f"{page}-*.ipynb")
    cells = [c.source for c in nbformat.read(file, as_version=4).cells if c.cell_type == "code"]
    names: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shown, "display", display)
        patch.setattr(cxresearch, "show", described, raising=False)
        patch.setattr(cxresearch, "open_study", lambda path=None: study, raising=False)
        for cell, source in enumerate(cells):
            exec(compile(source, f"{file.name} cell {cell}", "exec"), names)
    return said
