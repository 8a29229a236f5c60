"""Notebooks hold for every study: their text names no number and no cause of this one."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NUMBERED = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
ALL = [*NUMBERED, ROOT / "notebooks" / "explore.ipynb"]
PLANTED = json.loads((ROOT / "data/demo/truth.json").read_text(encoding="utf-8"))["hazard_ratio"]


def cells(path: Path, kind: str) -> list[dict]:
    book = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in book["cells"] if cell["cell_type"] == kind]


def text(cell: dict) -> str:
    return "".join(cell["source"])


def test_there_are_notebooks():
    assert len(NUMBERED) >= 4


@pytest.mark.parametrize("path", NUMBERED, ids=lambda p: p.stem)
def test_markdown_holds_no_number_and_no_planted_name(path):
    for cell in cells(path, "markdown"):
        shown = re.sub(r"\]\([^)]*\)", "]", text(cell))
        assert not re.search(r"\d", shown), shown
        words = set(re.findall(r"\w+", shown.lower().replace("-", "_")))
        assert not words & {*PLANTED, "larkfield"}, shown


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_a_notebook_opens_with_its_title_and_question(path):
    assert re.match(r"# .+\n\n> .+", text(cells(path, "markdown")[0]))


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_cells_are_short_and_define_nothing(path):
    for cell in cells(path, "code"):
        assert len(text(cell).splitlines()) <= 15
        assert not re.search(r"^\s*(def|class|if|for|while) ", text(cell), re.M), text(cell)
        assert not text(cell).rstrip().endswith(";")


@pytest.mark.parametrize("path", NUMBERED, ids=lambda p: p.stem)
def test_outputs_are_committed_and_hold_no_warning(path):
    for cell in cells(path, "code"):
        assert cell["execution_count"], "run 'make notebooks'"
        for output in cell["outputs"]:
            assert output["output_type"] == "display_data", output
            assert "figure" not in output or "image/png" in output["data"]


def test_no_cell_escapes_nbval_without_a_reason():
    for path in ALL:
        for cell in cells(path, "code"):
            escaped = re.search(r"# NBVAL_\w+(.*)", text(cell))
            assert escaped is None or len(escaped[1]) > 10


@pytest.mark.parametrize("path", NUMBERED, ids=lambda p: p.stem)
def test_a_page_of_a_part_of_a_study_begins_with_what_it_is_a_part_of(path):
    first = next(text(cell) for cell in cells(path, "code") if "say(" in text(cell))
    assert "say(study, " in first


TAUGHT = {
    "00": "by_cause", "01": "notna", "02": "measured", "03": "chances_to_answer",
    "04": "SharedNeighbourTopics", "05": "cumulative_incidence", "06": "coxph",
    "07": "cumulative_incidence", "08": "draws", "09": "planted_study",
    "10": "alone", "11": "periods", "12": "bounded", "13": "talks",
    "14": "in_steps", "15": "says",
}  # fmt: skip


@pytest.mark.parametrize("path", NUMBERED, ids=lambda p: p.stem)
def test_a_notebook_shows_how_its_answer_is_made_in_cells_that_the_page_folds(path):
    made = [c for c in cells(path, "code") if "method" in c["metadata"].get("tags", ())]
    assert TAUGHT[path.stem[:2]] in "\n".join(text(cell) for cell in made)
    assert all(len(text(cell).splitlines()) <= 8 for cell in made)
