"""Runs notebooks on a study, a kernel each, and tells where it is."""

import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError
from nbclient.util import run_sync
from nbformat import NotebookNode
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cxresearch.pages.terminal import Terminal
from cxresearch.report.page import read_notebook
from cxresearch.study.exchange import replacing
from cxresearch.study.schema import InputError
from cxresearch.study.visible import visible

LOG = logging.getLogger(__name__)
Tell = Callable[[str, int, int], None]
PACKAGE = Path(__file__).parents[1]
AFRESH = """
import os, sys
os.environ["CXRESEARCH_CAUSE"] = {cause!r}
if "matplotlib.pyplot" in sys.modules:
    sys.modules["matplotlib.pyplot"].close("all")
get_ipython().reset(new_session=True)
"""


def packaged() -> Path:
    """The folder of the notebooks that came with the package, in a wheel or in a checkout."""
    inside = PACKAGE / "notebooks"
    return inside if inside.is_dir() else PACKAGE.parent / "notebooks"


def numbered(notebooks: Path, only: str | None = None) -> list[Path]:
    """The notebooks of the story in order: 00-….ipynb, 01-….ipynb; only keeps names that begin so.

    Raises InputError if there is none.
    """
    books = sorted(notebooks.glob("[0-9][0-9]-*.ipynb"))
    kept = [path for path in books if path.name.startswith(only or "")]
    if not kept:
        wanted = f"that begins with '{only}'" if only else "such as 00-summary.ipynb"
        there = f" There are: {', '.join(p.stem for p in books)}." if books else ""
        raise InputError(f"{notebooks} holds no notebook {wanted}.{there}")
    return kept


def run_notebooks(
    notebooks: list[Path],
    study: Path,
    progress: Tell | None = None,
    go_on: bool = False,
    causes: Sequence[str] = (),
) -> list[NotebookNode]:
    """The notebooks with their outputs on the study, in order; the files stay as they are. Where
    there are causes, the last notebook is run once for each, and not without one.

    progress(name, cell, cells) is called before each code cell; without it the terminal shows it.
    Raises InputError with notebook, cell and error if a cell fails; to go on, that notebook keeps
    the outputs it had by then, has where and by what kind of error in its metadata (failed), what
    the error says is a warning in the log, and the others are run.
    """
    with _telling(progress) as tell:
        rest = notebooks[:-1] if causes else notebooks
        asked = [Asked(path) for path in rest] + [Asked(notebooks[-1], c) for c in causes]
        return run_sync(_in_order)(asked, study, tell, go_on)


def execute_in_place(notebooks: Path, study: Path, progress: Tell | None = None) -> None:
    """Runs the numbered notebooks of a folder and writes each back with its outputs.

    If one fails, all are left as they were. Raises InputError as run_notebooks does.
    """
    paths = numbered(notebooks)
    for path, book in zip(paths, run_notebooks(paths, study, progress), strict=True):
        with replacing(path) as new:
            new.write_text(nbformat.writes(book) + "\n", encoding="utf-8", newline="\n")


@dataclass(frozen=True)
class Asked:
    """A notebook to run, and the cause that it is about, if it is about one."""

    path: Path
    cause: str = ""


async def _in_order(asked: list[Asked], study: Path, tell: Tell, go_on: bool) -> list[NotebookNode]:
    """The notebooks with their outputs. Those of the package share a kernel, which imports and
    tables stay warm in; a person's own have one each, because they may change what others see."""
    ours = all(each.path.parent.resolve() == packaged().resolve() for each in asked)
    books: list[NotebookNode] = []
    while rest := asked[len(books) :]:
        books += await _in_a_kernel(rest if ours else rest[:1], study, tell, go_on)
    return books


async def _in_a_kernel(
    asked: list[Asked], study: Path, tell: Tell, go_on: bool
) -> list[NotebookNode]:
    """The notebooks until the kernel's end: the first that fails is the last."""
    at = Place()
    environment = {**os.environ, "CXRESEARCH_STUDY": str(study.resolve())}
    client = NotebookClient(
        nbformat.v4.new_notebook(),
        timeout=None,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(asked[0].path.parent.resolve())}},
        record_timing=False,
        coalesce_streams=True,
        on_cell_execute=lambda cell, cell_index: at.reach(cell_index, tell),
    )
    books = []
    try:
        async with client.async_setup_kernel(env=environment):
            for each in asked:
                client.nb = at.begin(each)
                await _afresh(client, each.cause)
                await client.async_execute(reset_kc=False, cleanup_kc=False)
                books.append(_without_paths(client.nb, each.path.parent, study))
    except (CellControlSignal, DeadKernelError) as error:
        if not go_on:
            raise InputError(f"{at}: {_says(error)}") from error
        LOG.warning("%s: %s", at, _says(error))
        path, book = asked[len(books)].path, client.nb
        kind = getattr(error, "ename", "the kernel stopped")  # what it says may quote a customer
        book.metadata["cxresearch"] = {"failed": f"{at}: {kind}"}
        for cell in book.cells:
            cell["outputs"] = [o for o in cell.get("outputs", []) if o.output_type != "error"]
        books.append(_without_paths(book, path.parent, study))
    return books


async def _afresh(client: NotebookClient, cause: str) -> None:
    """What a notebook left in the kernel is gone: its names, its count of cells, its figures; the
    next one is about this cause."""
    code = AFRESH.format(cause=cause)
    asked = client.kc.execute(code, silent=True)  # type: ignore[union-attr]
    reply = await client.async_wait_for_reply(asked)
    if reply and reply["content"]["status"] != "ok":
        raise InputError(f"The kernel could not be made ready: {reply['content'].get('evalue')}.")


@dataclass
class Place:
    """Where in which notebook a run is."""

    name: str = ""
    steps: list[int] = field(default_factory=list)
    step: int = 0

    def begin(self, asked: Asked) -> NotebookNode:
        """The notebook that is run next, without what it said of another study."""
        book = read_notebook(asked.path)
        for cell in book.cells:
            if cell.cell_type == "code":
                cell.update(outputs=[], execution_count=None)
        code = [i for i, c in enumerate(book.cells) if c.cell_type == "code" and c.source.strip()]
        self.name, self.steps, self.step = asked.cause or asked.path.stem, code, 0
        return book

    def reach(self, cell: int, tell: Tell) -> None:
        """The run is at this cell now."""
        self.step = self.steps.index(cell) + 1
        tell(self.name, self.step, len(self.steps))

    def __str__(self) -> str:
        return f"{self.name}, cell {self.step} of {len(self.steps)}"


def _says(error: Exception) -> str:
    if isinstance(error, CellExecutionError):
        return visible(" ".join(f"{error.ename}: {error.evalue}".split()))
    return f"the kernel stopped, most often for want of memory ({error})."


def _without_paths(book: NotebookNode, notebooks: Path, study: Path) -> NotebookNode:
    """The notebook with folders of this machine shortened in what its cells put out."""
    names = {study: study.resolve().name, notebooks: "notebooks", Path(sys.prefix): "python"}
    short = {str(p.resolve()): name for p, name in names.items()} | {str(Path.home()): "~"}
    folders = sorted((f for f in short if len(Path(f).parts) > 1), key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, folders))})(?![\w-])")
    for cell in book.cells:
        for output in cell.get("outputs", []):
            for held in (output, output.get("data", {})):
                for kind, text in held.items():
                    if isinstance(text, str) and not kind.startswith("image/"):
                        held[kind] = pattern.sub(lambda match: short[match[1]], text)
    return book


@contextmanager
def _telling(progress: Tell | None) -> Iterator[Tell]:
    console = Terminal(stderr=True)
    if progress or not console.is_terminal:
        yield progress or _line_a_notebook(console)
        return
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as bars:
        tasks = {}

        def tell(name: str, cell: int, cells: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=cells)
            where = f"{escape(visible(name))} · cell {cell} of {cells}"
            bars.update(tasks[name], completed=cell, description=where)

        yield tell


def _line_a_notebook(console: Console) -> Tell:
    def tell(name: str, cell: int, cells: int) -> None:
        if cell == 1:
            console.print(f"{name} · {cells} cells")

    return tell
