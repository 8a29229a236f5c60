"""What stood in a report's folder before: pages that are not made anew, and reports of months."""

import json
import re
import shutil
from pathlib import Path

from markupsafe import Markup, escape

from cxresearch.report.folder import earlier_reports, files_of
from cxresearch.report.page import CANNOT_TELL, Page, Said
from cxresearch.report.sections import Block
from cxresearch.study.schema import InputError

CUT_OFF = re.compile(r'<time datetime="(\d{4}-\d{2})')
EARLIER = re.compile(r"<h2>Earlier reports</h2>\s*<ul>.*?</ul>\n", re.DOTALL)


def standing(to: Path, anew: frozenset[str]) -> tuple[list[Page], dict[str, dict]]:
    """The pages of a report beside those that are made anew, each with its title, question and
    answer alone, and what answers.json tells of them.

    Raises InputError if the folder has pages and no answers.json that tells what they are.
    """
    if not list(to.glob("*.html")):
        return [], {}
    try:
        told = json.loads((to / "answers.json").read_text(encoding="utf-8"))["notebooks"]
        there = {name for name in told if (to / f"{name}.html").exists()} - anew
        told = {name: told[name] for name in sorted(there)}
        return [_page(name, of) for name, of in told.items()], told
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{to / 'answers.json'} cannot be read, so what stands there cannot be kept: make the "
            "whole report, or name another folder."
        ) from error


def _page(name: str, of: dict) -> Page:
    text = of["answer"]
    html = Markup("<p>{}</p>").format(text)
    said = Said(text or "", {}, html, (text or "").startswith(CANNOT_TELL.strip("*")))
    blocks = [] if text is None else [Block("said", html, {"said": said})]
    return Page(name, of["title"], escape(of["question"]), blocks)


def copied(to: Path, new: Path, anew: frozenset[str] = frozenset()) -> None:
    """Copies a report without earlier ones, and without the data of pages that are made anew."""
    for file in files_of(to):
        if re.sub(r"-(table|figure)-\d+\.csv$", "", file.name) not in anew:
            place = new / file.relative_to(to)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, place)


def keep_earlier(to: Path, new: Path, month: str, most: int) -> None:
    """Copies the earlier reports of a folder to where its next one is written: folders named by
    month, and in one more the report that stands there, if it watched until another month than
    this one. Of more than the most that are kept, the oldest are left out."""
    for folder in earlier_reports(to):
        shutil.copytree(folder, new / folder.name)
    before = month_of(to)
    if before not in ("", month):
        old = new / before
        shutil.rmtree(old, ignore_errors=True)
        copied(to, old)
        index = EARLIER.sub("", (old / "index.html").read_text(encoding="utf-8"))
        (old / "index.html").write_text(index, encoding="utf-8", newline="\n")
    names = earlier_reports(new)
    for folder in names[: max(len(names) - most, 0)]:
        shutil.rmtree(folder)


def month_of(to: Path) -> str:
    """Until which month the study of a report was watched, such as 2026-10; "" if there is none."""
    index = to / "index.html"
    found = CUT_OFF.search(index.read_text(encoding="utf-8")) if index.exists() else None
    return found[1] if found else ""
