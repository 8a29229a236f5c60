"""What pages say of a study: their notebooks' cells, run here without a kernel or a figure."""

import struct
from pathlib import Path

import nbformat
import pytest
from matplotlib.text import Text
from nbformat.v4 import new_output

import cxresearch
from cxresearch.pages import show as shown
from cxresearch.study.answers import CannotTell, DoesNotApply

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def page_says(study, page: str) -> dict[int, list[str]]:
    """By cell of a page what it says and shows: sentences, tables, figures' descriptions."""
    said: dict[int, list[str]] = {}
    cell = 0

    def display(bundle, **_):
        said.setdefault(cell, []).append(bundle["text/plain"])

    def described(what):
        what, _ = shown.of_many(what)
        if isinstance(what, DoesNotApply):
            return
        said.setdefault(cell, []).append(
            f"Cannot tell: {what.reason}" if isinstance(what, CannotTell) else what.described()
        )

    file, book = _notebook(page)
    cells = [c.source for c in book.cells if c.cell_type == "code"]
    names: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shown, "display", display)
        patch.setattr(cxresearch, "show", described, raising=False)
        patch.setattr(cxresearch, "open_study", lambda path=None: study, raising=False)
        for cell, source in enumerate(cells):
            exec(compile(source, f"{file.name} cell {cell}", "exec"), names)
    return said


def page_book(study, page: str) -> tuple[str, nbformat.NotebookNode, list[str]]:
    """The name of a page, its notebook with what the cells display, and all words in its figures,
    which are not painted."""
    file, book = _notebook(page)
    names, outputs, labels = {}, [], []

    def display(bundle, raw, metadata=None):
        outputs.append(new_output("display_data", bundle, metadata=metadata or {}))

    def unpainted(figure):
        figure.draw_without_rendering()
        labels.extend(text.get_text() for text in figure.findobj(Text))
        return b"\x89PNG\r\n\x1a\n" + bytes(8) + struct.pack(">II", 1, 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shown, "display", display)
        patch.setattr(shown, "png", unpainted)
        patch.setattr(cxresearch, "open_study", lambda path=None: study, raising=False)
        for at, cell in enumerate(c for c in book.cells if c.cell_type == "code"):
            outputs = cell.outputs = []
            exec(compile(cell.source, f"{file.name} cell {at}", "exec"), names)
    return file.stem, book, labels


def _notebook(page: str) -> tuple[Path, nbformat.NotebookNode]:
    [file] = [*NOTEBOOKS.glob(f"{page}-*.ipynb"), *NOTEBOOKS.glob(f"{page}.ipynb")]
    return file, nbformat.read(file, as_version=4)
