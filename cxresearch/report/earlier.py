"""What stood in a report's folder before: pages that are not made anew, and reports of months."""

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup, escape

from cxresearch.report.folder import DATA, earlier_reports, files_of
from cxresearch.report.page import CANNOT_TELL, Page, Said
from cxresearch.report.sections import Block
from cxresearch.study.schema import InputError

MENU = re.compile(r'<ul>\s*<li><a href="index\.html">.*?</ul>', re.DOTALL)
FOOT = re.compile(r'\n(?:<p class="after">(?:(?!</p>).)*</p>\n)?<footer>', re.DOTALL)
LEAD = re.compile(r"</header>(.*)<h2>The pages</h2>", re.DOTALL)
CUT_OFF = re.compile(r'<time datetime="(\d{4}-\d{2})')


@dataclass(frozen=True)
class Standing:
    """What stays of a report: pages, each with its title, question and answer alone, what answers
    tell of them, and what the index begins with."""

    pages: list[Page] = field(default_factory=list)
    answers: dict[str, dict] = field(default_factory=dict)
    lead: str = ""


def standing(to: Path, anew: frozenset[str]) -> Standing:
    """What the report in a folder holds beside the pages that are made anew, in its order.

    Raises InputError if the folder has pages and no answers.json that tells what they are.
    """
    if not list(to.glob("*.html")):
        return Standing()
    try:
        text = (to / "answers.json").read_text(encoding="utf-8")
        told = {str(name): of for name, of in json.loads(text)["notebooks"].items()}
        pages = {name: _page(name, of) for name, of in told.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{to / 'answers.json'} cannot be read, so what stands there cannot be kept: make the "
            "whole report, or name another folder."
        ) from error
    there = [name for name in _by_menu(to, list(pages)) if name not in anew]
    lead = LEAD.search((to / "index.html").read_text(encoding="utf-8"))
    return Standing(
        [pages[name] for name in there],
        {name: told[name] for name in there},
        lead[1].strip() if lead else "",
    )


def _by_menu(to: Path, names: list[str]) -> list[str]:
    """The pages that are there, as the menu has them."""
    there = [name for name in names if (to / f"{name}.html").exists()]
    menu = MENU.search((to / f"{there[0]}.html").read_text(encoding="utf-8")) if there else None
    order = re.findall(r'href="(.*?)\.html"', menu[0]) if menu else []
    return sorted(there, key=lambda name: (order.index(name) if name in order else -1, name))


def in_order(pages: list[Page]) -> list[Page]:
    """Pages with a number by their names, then the others as they come."""
    return sorted(pages, key=lambda page: page.name if page.number else "~")


def copied(to: Path, new: Path, anew: frozenset[str]) -> None:
    """Copies what stands in a report's folder, but for the data of pages that are made anew."""
    shutil.copytree(to, new)
    for file in new.glob(f"{DATA}/*.csv"):
        if re.sub(r"-(table|figure)-\d+$", "", file.stem) in anew:
            file.unlink()


def with_menu(file: Path, menu: str, after: str) -> None:
    """Writes a page anew with another menu and another link to the next page."""
    text = MENU.sub(lambda _: menu.strip(), file.read_text(encoding="utf-8"))
    text = FOOT.sub(lambda _: f"\n{after.lstrip()}<footer>", text)
    file.write_text(text, encoding="utf-8", newline="\n")


def keep_earlier(to: Path, new: Path, month: str, most: int) -> None:
    """Copies the earlier reports of a folder to where its next one is written: folders named by
    month, and in one more the report that stands there, if it watched until an earlier month than
    this one. Of more than the most that are kept, the oldest are left out."""
    for folder in earlier_reports(to):
        shutil.copytree(folder, new / folder.name)
    before = month_of(to)
    if before and before < month:
        old = new / before
        shutil.rmtree(old, ignore_errors=True)
        for file in files_of(to):
            (old / file.relative_to(to)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, old / file.relative_to(to))
    names = earlier_reports(new)
    for folder in names[: max(len(names) - most, 0)]:
        shutil.rmtree(folder)


def month_of(to: Path) -> str:
    """Until which month the study of a report was watched, such as 2026-10; "" if there is none."""
    index = to / "index.html"
    found = CUT_OFF.search(index.read_text(encoding="utf-8")) if index.exists() else None
    return found[1] if found else ""


def _page(name: str, of: dict) -> Page:
    text = of["answer"]
    said = Said(text or "", {}, Markup(""), (text or "").startswith(CANNOT_TELL.strip("*")))
    blocks = [] if text is None else [Block("said", "", {"said": said})]
    return Page(name, of["title"], escape(of["question"]), blocks)
