"""A notebook with its outputs, read as a page: title, question, what it says, what it shows."""

import base64
import binascii
import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import nbformat
from markupsafe import Markup
from nbformat import NotebookNode

from cxresearch.report.glossary import WORDS, linked
from cxresearch.report.markdown import cell_markdown, code, output_markdown, plain_text, tables
from cxresearch.report.sections import (
    Block,
    answer_first,
    by_heading,
    code_last,
    csv_name,
    every,
    flat,
    numbered,
    reasons_once,
    section,
    that_apply,
)
from cxresearch.study.answers import plain
from cxresearch.study.schema import InputError

CANNOT_TELL = "**Cannot tell:**"
METHOD = "method"
STOPPED = (
    "this page is not complete, because something on it failed. What was made before stands below; "
    "the other pages do not rest on it. To mend it, tell whoever looks after this study the place:"
)
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Said:
    """A finding: its words, the numbers in them, and how the page shows it."""

    text: str
    numbers: dict
    html: Markup
    cannot_tell: bool


@dataclass(frozen=True)
class Page:
    """What a notebook comes to: its name, title, question, blocks in order, and what the terms
    that it uses mean."""

    name: str
    title: str
    question: Markup
    blocks: list[Block]
    words: dict[str, str] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """Its place among the numbered pages; "" if it has none."""
        return self.name[:2] if self.name[:2].isdigit() else ""

    @property
    def said(self) -> list[Said]:
        return [block.more["said"] for block in flat(self.blocks) if block.kind == "said"]

    @property
    def data(self) -> dict[str, str]:
        """What its tables and figures hold, by the name of a CSV file."""
        held = [block for block in every(self.blocks) if block.more.get("csv")]
        return {csv_name(self.name, block): block.more["csv"] for block in held}

    @property
    def answer(self) -> Said | None:
        """The first finding."""
        return next(iter(self.said), None)


def read_notebook(path: Path) -> NotebookNode:
    """A notebook file; cells without an id get one from their place, so that ids never change.

    Raises InputError if the file is no notebook.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        for place, cell in enumerate(raw["cells"]):
            cell.setdefault("id", f"cell-{place:02d}")
        raw["nbformat_minor"] = max(raw["nbformat_minor"], 5)
        return nbformat.reads(json.dumps(raw), as_version=4)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} cannot be read as a notebook: {error}") from error


def failed(book: NotebookNode) -> str:
    """Why a notebook that was run stopped; "" if it did not."""
    return book.metadata.get("cxresearch", {}).get("failed", "")


def read_page(name: str, book: NotebookNode, pages: frozenset[str]) -> Page:
    """The page of a notebook with outputs; pages are the names that links may lead to."""
    first = book.cells[0] if book.cells and book.cells[0].cell_type == "markdown" else None
    title, question, rest = _opening(first.source if first else "")
    asked = re.fullmatch(r"<p>(.*)</p>", str(cell_markdown(question, pages)), re.DOTALL)
    rest = rest if asked else f"{question}\n\n{rest}".strip()
    blocks = [Block("text", cell_markdown(rest, pages))] if rest else []
    blocks += _stopped(failed(book), pages)
    blocks += _sections(book.cells[1:] if first else book.cells, pages)
    used: set[str] = set()
    blocks = answer_first(code_last(that_apply(reasons_once(blocks, set()))))
    blocks = numbered(_with_words(blocks, used))
    return Page(
        name,
        plain_text(cell_markdown(title)) or name[3:].replace("-", " ").capitalize(),
        Markup(asked[1] if asked else ""),
        blocks,
        {word: told["says"] for word, told in WORDS.items() if word in used},
    )


def _with_words(blocks: list[Block], used: set[str]) -> list[Block]:
    """The blocks with terms linked to their sentences; adds to the words that are used."""
    return [
        replace(
            block,
            html=linked(block.html, used) if block.kind in ("text", "said") else block.html,
            more=block.more | ({"blocks": _with_words(block.blocks, used)} if block.blocks else {}),
        )
        for block in blocks
    ]


def _stopped(why: str, pages: frozenset[str]) -> list[Block]:
    """That a page is not complete, and why, as its first finding; nothing if it is."""
    if not why:
        return []
    text = f"{CANNOT_TELL} {STOPPED} {plain(why)}"
    return [_words(text, {"said": True, "numbers": {}}, pages)]


def _opening(source: str) -> tuple[str, str, str]:
    """Title, question and what else the first cell says."""
    title = re.match(r"\s*# +(.+)", source)
    after = source[title.end() :] if title else source
    question, _, rest = after.strip().partition("\n\n")
    if re.match(r"#|[-*+] |\d+[.)] |```|\|", question):
        question, rest = "", after.strip()
    return title[1] if title else "", re.sub(r"(?m)^> ?", "", question), rest.strip()


def _sections(cells: list[NotebookNode], pages: frozenset[str]) -> Iterator[Block]:
    """What stands before the first heading, then a block a section."""
    opening, *sections = by_heading(cells)
    yield from _blocks(opening, pages)
    for own in sections:
        yield section(own, list(_blocks(own, pages)))


def _blocks(cells: list[NotebookNode], pages: frozenset[str]) -> Iterator[Block]:
    """Text and outputs in order; cells tagged as method show how an answer is made: they are folded
    together, and nothing in them is an answer."""
    for folded, group in groupby(cells, lambda cell: METHOD in cell.metadata.get("tags", ())):
        blocks = _of_cells(list(group), pages)
        yield from [Block("method", more={"blocks": list(blocks)})] if folded else blocks


def _of_cells(cells: list[NotebookNode], pages: frozenset[str]) -> Iterator[Block]:
    """Text and outputs in order; code stands below what it put out, silent cells joined to it."""
    sources: list[str] = []
    for cell in cells:
        shown = []
        if cell.cell_type == "code":
            sources += [cell.source] if cell.source.strip() else []
            shown = _once(list(_shown(cell.outputs, pages)))
        elif cell.cell_type == "markdown":
            shown = [Block("text", cell_markdown(cell.source, pages))]
            yield from _folded(sources)
            sources = []
        yield from shown
        if shown:
            yield from _folded(sources)
            sources = []
    yield from _folded(sources)


def _once(shown: list[Block]) -> list[Block]:
    """A cell's blocks; what cannot be told is told once, not for its table and figure again."""
    return [
        block
        for place, block in enumerate(shown)
        if not (place and block.kind == "said" and block == shown[place - 1])
    ]


def _folded(sources: list[str]) -> Iterator[Block]:
    if sources:
        yield Block("code", code("\n\n".join(sources)))


def _shown(outputs: list[NotebookNode], pages: frozenset[str]) -> Iterator[Block]:
    """The blocks of a cell's outputs; a figure takes the description that follows it."""
    waiting = list(outputs)
    while waiting:
        output = waiting.pop(0)
        data, ours = output.get("data", {}), output.get("metadata", {}).get("cxresearch", {})
        if "cards" in ours:
            yield Block("cards", more={"cards": ours["cards"]})
        elif output.output_type == "stream":
            yield from _printed(output.text if output.name == "stdout" else "")
        elif output.output_type == "error":
            yield from _printed(f"{output.ename}: {output.evalue}")
        elif "image/png" in data:
            described = waiting and _is_description(waiting[0])
            caption = waiting.pop(0).data["text/markdown"] if described else ""
            yield _figure(output, output_markdown(caption, pages))
        elif "text/markdown" in data:
            yield _words(data["text/markdown"], ours, pages)
        elif tables(data.get("text/html", ""))[0]:
            table, caption = tables(data["text/html"])
            rows = table.count("<tr>") - 1
            held = {"caption": caption, "rows": rows, "csv": data.get("text/csv", "")}
            yield Block("table", table, held)
        else:
            yield from _printed(data.get("text/plain", ""))


def _is_description(output: NotebookNode) -> bool:
    return bool(output.get("metadata", {}).get("cxresearch", {}).get("description"))


def _printed(text: str) -> Iterator[Block]:
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text).strip("\n")
    if text.strip():
        yield Block("printed", text)


def _words(text: str, ours: dict, pages: frozenset[str]) -> Block:
    html = output_markdown(text, pages)
    if not ours.get("said"):
        return Block("text", html)
    cannot = text.startswith(CANNOT_TELL)
    return Block("said", html, {"said": Said(plain_text(html), ours["numbers"], html, cannot)})


def _figure(output: NotebookNode, caption: Markup) -> Block:
    try:
        picture = base64.b64decode(output.data["image/png"])
        if not picture.startswith(PNG):
            raise InputError("A figure is not a PNG file, so it was not put on the page.")
        wide, high = struct.unpack(">II", picture[16:24])
    except (binascii.Error, struct.error) as error:
        raise InputError(f"A figure cannot be read: {error}.") from error
    width = output.metadata.get("image/png", {}).get("width", wide)
    plain = output.data.get("text/plain", "")
    alt = plain if plain and not plain.startswith("<") else plain_text(caption) or "Figure"
    src = "data:image/png;base64," + base64.b64encode(picture).decode()
    held = {"width": width, "height": round(width * high / max(wide, 1))}
    held["csv"] = output.data.get("text/csv", "")
    return Block("figure", caption, {"src": src, "alt": alt, **held})
