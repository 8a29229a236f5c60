"""The folder of a report: never takes the place of anything else."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cxresearch.study.schema import InputError

MARK = '<meta name="generator" content="cxresearch">'
DATA = "data"  # the folder of what tables and figures hold, beside the pages
MONTH = re.compile(r"\d{4}-\d{2}")  # what the folder of an earlier report is called, within


def refuse_what_is_not_ours(to: Path) -> None:
    """Raises InputError if a folder holds anything that no report of ours holds."""
    if not to.exists():
        return
    if not to.is_dir():
        raise InputError(f"{to} is a file: name a folder for the report.")
    for file in sorted(to.iterdir()):
        if not _is_ours(file):
            raise InputError(
                f"{to} holds {file.name}, which is not part of a report: "
                "name another folder, or move it away."
            )


def _is_ours(file: Path) -> bool:
    if file.name == DATA and file.is_dir():
        beside = any(_is_page(page) for page in file.parent.glob("*.html"))
        return beside and all(_is_data(each) for each in file.iterdir())
    if file.is_dir():
        named = MONTH.fullmatch(file.name) and not MONTH.fullmatch(file.parent.name)
        return bool(named) and (file / "index.html").exists() and all(map(_is_ours, file.iterdir()))
    if file.name in ("answers.json", "finding.png", ".DS_Store"):
        return True
    return _is_page(file)


def earlier_reports(to: Path) -> list[Path]:
    """The folders of earlier reports within one of a report, the oldest first."""
    return sorted(f for f in to.glob("*") if MONTH.fullmatch(f.name) and f.is_dir() and _is_ours(f))


def files_of(to: Path) -> list[Path]:
    """The files of a report, without those of earlier ones."""
    data = [file for file in to.glob(f"{DATA}/*") if _is_data(file)]
    return [*data, *(file for file in to.glob("*") if file.is_file() and _is_ours(file))]


def _is_page(file: Path) -> bool:
    return file.suffix == ".html" and MARK.encode() in file.read_bytes()[:1000]


def _is_data(file: Path) -> bool:
    named = re.fullmatch(r".+-(table|figure)-\d+\.csv", file.name)
    return file.is_file() and (named is not None or file.name == ".DS_Store")


def reports_of(study: str, places: set[Path]) -> list[Path]:
    """The folders below these places that hold reports of a study of this name, also dated ones."""
    found = []
    for file in sorted({f.resolve() for place in places for f in place.rglob("answers.json")}):
        with suppress(OSError, ValueError):
            answers = json.loads(file.read_text(encoding="utf-8"))
            found += [file.parent] * (isinstance(answers, dict) and answers.get("study") == study)
    return found


def reports_removed(name: str, study: Path, dry_run: bool) -> Iterator[str]:
    """Removes the reports of a study where they go by themselves, and says so of each; of others of
    that name it only says where they are."""
    places = {Path("reports"), study.resolve().parent.parent / "reports", study}
    for folder in reports_of(name, places):
        ours = default_of(folder, study)
        if ours and not dry_run:
            remove_report(folder)
        does = ("would remove" if dry_run else "removed") if ours else "look at"
        yield f"{does} the report {folder}"


def default_of(folder: Path, study: Path) -> bool:
    """Is a report where those of a study folder go: in NAME, NAME-ONLY, or one below?"""
    name = study.resolve().name
    return any(part == name or part.startswith(f"{name}-") for part in folder.parts[-2:])


def remove_report(folder: Path) -> None:
    """Removes the files of a report, and its folder if it holds nothing else."""
    for file in files_of(folder):
        file.unlink()
    with suppress(OSError):
        (folder / DATA).rmdir()
    with suppress(OSError):
        folder.rmdir()
