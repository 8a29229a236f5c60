"""A page's sections: what is open, what is folded as proof, and what is not there at all.

What stands before the first heading is the page's answer and is open. A section below it is proof
and is folded, unless the cell of its heading is tagged as open. A section whose code says and shows
nothing does not apply to the study, and goes with its heading; so does a part of one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise, takewhile

from markupsafe import Markup
from nbformat import NotebookNode

OPEN = "open"
DOUBTS = "Three-doubts"  # the section that the page to print ends with
ANSWERS = ("said", "figure", "table", "cards", "printed")


@dataclass(frozen=True)
class Block:
    """A piece of a page: text, said, figure, table, printed, code; or a method or a section with
    its own blocks; more is what it needs."""

    kind: str
    html: Markup | str = ""
    more: dict = field(default_factory=dict)

    @property
    def blocks(self) -> list["Block"]:
        """Its own blocks, if it has any."""
        return self.more.get("blocks", [])


def by_heading(cells: list[NotebookNode]) -> Iterator[list[NotebookNode]]:
    """The cells before the first heading of the second level, then those of each section."""
    section: list[NotebookNode] = []
    for cell in cells:
        if cell.cell_type == "markdown" and re.match(r"\s*## ", cell.source):
            yield section
            section = []
        section.append(cell)
    yield section


def section(cells: list[NotebookNode], blocks: list[Block]) -> Block:
    """The section of these cells, whose first block is a text that begins with its heading."""
    heading = re.match(r'<h2 id="([^"]*)">(.*?)</h2>\s*', str(blocks[0].html), re.DOTALL)
    if heading is None:
        return Block("section", Markup(""), {"id": "", "open": True, "blocks": blocks})
    rest = replace(blocks[0], html=Markup(str(blocks[0].html)[heading.end() :]))
    inside = [rest, *blocks[1:]] if rest.html else blocks[1:]
    opened = OPEN in cells[0].metadata.get("tags", ())
    return Block(
        "section", Markup(heading[2]), {"id": heading[1], "open": opened, "blocks": inside}
    )


def flat(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks in order, with those of sections in the place of the sections."""
    for block in blocks:
        yield from flat(block.blocks) if block.kind == "section" else [block]


def opened(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks that are seen without unfolding anything, in order."""
    for block in blocks:
        if block.kind != "section":
            yield block
        elif block.more["open"]:
            yield from opened(block.blocks)


def doubts(blocks: Iterable[Block]) -> list[Block]:
    """What the section of doubts says."""
    told = (block for block in blocks if block.more.get("id") == DOUBTS)
    return [block for section in told for block in section.blocks if block.kind == "said"]


def answer_first(blocks: list[Block]) -> list[Block]:
    """The blocks with the first finding before the text that leads to it."""
    text = list(takewhile(lambda block: block.kind == "text", blocks))
    rest = blocks[len(text) :]
    return [*rest[:1], *text, *rest[1:]] if rest and rest[0].kind == "said" else blocks


def code_last(blocks: list[Block]) -> list[Block]:
    """The blocks with the code of what is open in one, after all the rest."""
    kept, code = _apart(blocks)
    html = Markup("\n\n").join(block.html for block in code)
    return [*kept, Block("code", html)] if code else kept


def _apart(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    kept, code = [], []
    for block in blocks:
        if block.kind == "section" and block.more["open"]:
            inside, more = _apart(block.blocks)
            kept.append(replace(block, more=block.more | {"blocks": inside}))
            code += more
        else:
            (code if block.kind == "code" else kept).append(block)
    return kept, code


def every(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks in order, each followed by its own."""
    for block in blocks:
        yield block
        yield from every(block.blocks)


def csv_name(page: str, block: Block) -> str:
    """The name of the file that holds what a table or figure holds."""
    return f"{page}-{block.kind}-{block.more['number']}.csv"


def reasons_once(blocks: list[Block], given: set[str]) -> list[Block]:
    """The blocks without a second mention of why something cannot be told."""
    shown = []
    for block in blocks:
        if block.kind == "section":
            inside = reasons_once(block.blocks, given)
            block = replace(block, more=block.more | {"blocks": inside})
        elif block.kind == "said" and block.more["said"].cannot_tell:
            if block.html in given:
                continue
            given.add(block.html)
        shown.append(block)
    return shown


def that_apply(blocks: list[Block]) -> list[Block]:
    """The blocks without sections, and parts of sections under a heading of the third level, that
    have code which says and shows nothing."""
    kept = []
    for block in blocks:
        if block.kind == "section" and _applies(block.blocks):
            first, *more = _parts(block.blocks)
            inside = [*first, *chain.from_iterable(part for part in more if _applies(part))]
            kept.append(replace(block, more=block.more | {"blocks": inside}))
        elif block.kind != "section":
            kept.append(block)
    return kept


def _parts(blocks: list[Block]) -> Iterator[list[Block]]:
    """A section's blocks before its first heading of the third level, then those under each."""
    starts = [i for i, b in enumerate(blocks) if b.kind == "text" and b.html.startswith("<h3")]
    for since, until in pairwise([0, *starts, len(blocks)]):
        yield blocks[since:until]


def numbered(blocks: list[Block]) -> list[Block]:
    """The blocks with what a table or figure is called: its kind with a number, and the heading
    above it, of whatever level."""
    counts = {"table": 0, "figure": 0}

    def under(blocks: list[Block], heading: str) -> Iterator[Block]:
        for block in blocks:
            own = re.findall(r"<h3[^>]*>(.*?)</h3>", str(block.html), re.DOTALL)
            heading = own[-1] if block.kind == "text" and own else heading
            yield told(block, heading)

    def told(block: Block, heading: str) -> Block:
        more = block.more
        if block.kind == "section":
            heading = str(block.html)
        if block.blocks:
            more = more | {"blocks": [*under(block.blocks, heading)]}
        if block.kind in counts:
            counts[block.kind] += 1
            more = more | {"number": counts[block.kind], "heading": Markup(heading)}
        return replace(block, more=more)

    return [*under(blocks, "")]


def _applies(blocks: list[Block]) -> bool:
    kinds = {block.kind for block in every(blocks)}
    return bool(kinds & {*ANSWERS}) or "code" not in kinds
