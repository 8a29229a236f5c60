"""Writes the report of a study: a page a notebook, an index, and answers.json."""

import base64
import hashlib
import json
import math
import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbformat import NotebookNode

from cxresearch import __version__
from cxresearch.pages.cards import cause_pages
from cxresearch.pages.cause_in_full import causes_shown
from cxresearch.report.earlier import copied, keep_earlier, standing
from cxresearch.report.folder import DATA, MARK, earlier_reports, refuse_what_is_not_ours
from cxresearch.report.glossary import place, without_links
from cxresearch.report.markdown import plain_text
from cxresearch.report.page import Page, Said, failed, read_notebook, read_page
from cxresearch.report.run import Tell, numbered, run_notebooks
from cxresearch.report.sections import Block, csv_name, doubts, opened
from cxresearch.study.exchange import replacing
from cxresearch.study.schema import TABLES, InputError
from cxresearch.study.study import Study, open_study
from cxresearch.study.visible import isolated, visible

CAUSE = "cause.ipynb"  # the notebook that is run for each cause
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "template"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals |= {"csv_name": csv_name, "place": place}
# In a string of CSS: letters, digits and spaces, which end nothing.
TEMPLATES.filters["in_css"] = lambda text: re.sub(r"[^\w .,?-]", " ", str(text))


def report_study(
    study: Path,
    notebooks: Path,
    to: Path | None = None,
    only: str | None = None,
    progress: Tell | None = None,
) -> Path:
    """Runs the numbered notebooks on a study, renders them, and returns the path of index.html.

    Without `to` the report goes to reports/NAME, or to reports/NAME-ONLY if only some notebooks are
    wanted; where a report is, only their pages and the index are made anew. A notebook that fails
    becomes a page that says so, and costs no other page (see stopped). A report that watched until
    another month is kept in the folder of that month, within (reports_kept in study.toml). Raises
    InputError if the study or a notebook cannot be used, or `to` holds something else.
    """
    opened = open_study(study, sampled=True)
    to = to or Path("reports") / "-".join(filter(None, (study.resolve().name, only)))
    refuse_what_is_not_ours(to)
    paths, causes = numbered(notebooks, only), []
    names = [path.stem for path in paths]
    if only is None and (of_a_cause := notebooks / CAUSE).exists():
        causes = causes_shown(opened)
        paths, names = [*paths, *[of_a_cause][: len(causes)]], [*names, *cause_pages(causes)]
    books = run_notebooks(paths, study, progress, go_on=True, causes=causes)
    executed, kept = list(zip(names, books, strict=True)), opened.settings.reports_kept
    return render_report(executed, opened, to, causes, part=only is not None, kept=int(kept))


def stopped(index: Path) -> list[str]:
    """Which pages of a report, given by its index.html, are not complete, and why."""
    pages = json.loads(index.with_name("answers.json").read_text(encoding="utf-8"))["notebooks"]
    return [page["stopped"] for page in pages.values() if "stopped" in page]


def publish(notebooks: Path, study: Path, to: Path) -> Path:
    """Renders the numbered notebooks with the outputs they hold, runs nothing, returns index.html.

    The same notebooks and study always give the same bytes. Raises InputError if a notebook has
    code but no outputs, or `to` holds something else.
    """
    held = [(path.stem, read_notebook(path)) for path in numbered(notebooks)]
    for name, book in held:
        cells = [cell for cell in book.cells if cell.cell_type == "code"]
        if cells and not any(cell.outputs for cell in cells):
            raise InputError(f"{name} has no outputs yet: run 'make notebooks' first.")
    return render_report(held, open_study(study), to)


def check_published(notebooks: Path, study: Path, published: Path) -> None:
    """Raises InputError naming the files of a published report that publish would now change."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = publish(notebooks, study, Path(folder) / published.name).parent
        new, old = (
            {str(f.relative_to(place)): f.read_bytes() for f in place.rglob("*.*")}
            for place in (fresh, published)
        )
    stale = sorted(name for name in new.keys() | old.keys() if new.get(name) != old.get(name))
    if stale:
        raise InputError(
            f"{published} is not what the notebooks hold now: {', '.join(stale)}. "
            "Run 'make publish' and commit it."
        )


def render_report(
    executed: list[tuple[str, NotebookNode]],
    study: Study,
    to: Path,
    causes: Sequence[str] = (),
    part: bool = False,
    kept: int = 0,
) -> Path:
    """Writes the report of notebooks with outputs, given by name, and returns its index.html; the
    last of them are about these causes, and are called so.

    A report that is there already is replaced at once, when the new one is complete; of a part only
    its pages and the index are. So many reports of other months are kept. Raises InputError if `to`
    holds anything that is not a report.
    """
    refuse_what_is_not_ours(to)
    anew = frozenset(name for name, _ in executed)
    stand, told = standing(to, anew) if part else ([], {})
    made = [read_page(name, book, anew | told.keys()) for name, book in executed]
    own = made[len(made) - len(causes) :]
    made[len(made) - len(causes) :] = [
        replace(page, title=visible(cause)) for page, cause in zip(own, causes, strict=True)
    ]
    pages = sorted([*made, *stand], key=lambda page: page.name if page.number else "~")
    stamp = _stamp(study)
    to.parent.mkdir(parents=True, exist_ok=True)
    with replacing(to) as new:
        (new / DATA).mkdir(parents=True)
        keep_earlier(to, new, stamp["cut_off"][:7], kept)
        if stand:
            copied(to, new, anew)
        _write_pages(new, pages, dict(executed), stamp)
        _write_front(new, pages, executed, stamp)
        why = {name: visible(failed(book)) for name, book in executed if failed(book)}
        answers = _answers(study, made, why)
        answers["notebooks"] |= told
        text = json.dumps(answers, indent=1, sort_keys=True, ensure_ascii=False)
        (new / "answers.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    return to / "index.html"


def _write_pages(new: Path, pages: list[Page], made: dict[str, NotebookNode], stamp: dict) -> None:
    """Writes the pages that are made, with their data."""
    for page, after in zip_longest(pages, pages[1:]):
        if page.name in made:
            stamped = stamp | {"hash": _hash(stamp["hash"], _sources(made[page.name]))}
            file = new / f"{page.name}.html"
            _write(file, "page", page=page, after=after, pages=pages, **stamped)
            for name, text in page.data.items():
                (new / DATA / name).write_text(text, encoding="utf-8", newline="\n")


def _write_front(
    new: Path, pages: list[Page], executed: list[tuple[str, NotebookNode]], stamp: dict
) -> None:
    """Writes the index and, where the first page is made, what can be printed and its picture."""
    stamped = stamp | {"hash": _hash(stamp["hash"], *(_sources(book) for _, book in executed))}
    lead = _lead(pages)
    earlier = [folder.name for folder in earlier_reports(new)][::-1]
    more = {"lead": lead, "earlier": earlier, "mixed": len(pages) > len(executed)}
    _write(new / "index.html", "index", pages=pages, **stamped | more)
    first = dict(executed).get(pages[0].name) if pages else None
    if lead and first:
        stamped |= {"doubts": _doubts(pages[0]), "hash": _hash(stamp["hash"], _sources(first))}
        _write(new / "brief.html", "brief", pages=[], lead=lead, **stamped)
    if first and (picture := _first_picture(first)):
        (new / "finding.png").write_bytes(picture)


def _first_picture(book: NotebookNode) -> bytes | None:
    """The first figure of a notebook, for a README or a message; None if it has none."""
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    pictures = (output.get("data", {}).get("image/png") for output in outputs)
    picture = next(filter(None, pictures), None)
    return base64.b64decode(picture) if picture else None


def _write(file: Path, template: str, **values: object) -> None:
    text = TEMPLATES.get_template(f"{template}.html.j2").render(mark=Markup(MARK), **values)
    file.write_text(isolated(text).strip() + "\n", encoding="utf-8", newline="\n")


def _stamp(study: Study) -> dict:
    """What every page tells of its study: name, cut-off, rows, version, and the tables' hash."""
    if study.path is None:
        raise InputError("A report is made of a study in a folder: this one has none.")
    names = [name for name in sorted(TABLES) if study.has(name)]
    rows = study.rows
    named = [study.path / f"{name}.toml" for name in ("study", "causes", "decisions")]
    said = [file.read_text(encoding="utf-8") for file in named if file.exists()]
    return {
        "study": study.name,
        "cut_off": f"{study.observed_until.tz_convert(study.settings.time_zone):%Y-%m-%d}",
        "rows": {name.replace("_", " "): count for name, count in rows.items()},
        "sample": study.sample.says.replace("This page rests", "All rests") if study.sample else "",
        "version": __version__,
        "hash": _hash(*said, *(study.held.digest(name) for name in names)),
    }


def _sources(book: NotebookNode) -> str:
    return json.dumps([(cell.cell_type, cell.source) for cell in book.cells])


def _hash(*parts: str | bytes) -> str:
    """Twelve letters that change with any of the parts."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part.encode() if isinstance(part, str) else part).digest())
    return whole.hexdigest()[:12]


def _doubts(page: Page) -> list[Block]:
    return [replace(each, html=without_links(each.html)) for each in doubts(page.blocks)]


def _lead(pages: list[Page]) -> list[Block]:
    """What the summary says and shows in the open, with which the first page begins."""
    page = next((page for page in pages if page.number == "00"), None)
    said = [block for block in page.blocks if block.kind == "said"] if page else []
    shown = said + [b for b in opened(page.blocks) if b.kind == "cards"] if page else []
    return [replace(block, html=without_links(block.html)) for block in shown]


def _answers(study: Study, pages: list[Page], why: dict[str, str]) -> dict:
    return {
        "study": visible(study.name),
        "notebooks": {
            page.name: {
                "title": page.title,
                "question": plain_text(page.question),
                "answer": page.answer.text if page.answer else None,
                "said": [{"text": s.text, "numbers": _numbers(s)} for s in page.said],
            }
            | ({"stopped": why[page.name]} if page.name in why else {})
            for page in pages
        },
    }


def _numbers(said: Said) -> dict:
    """The numbers of a finding; what is not finite, which JSON cannot hold, is null."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in said.numbers.items()
    }
