"""A company too small to rank causes by what they cost: the pages say so, and what would tell."""

from pathlib import Path

import pytest

from cxresearch.lab import against_truth as trial
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.report import run_notebooks
from cxresearch.study.settings import settings_text
from cxresearch.study.writing import write_parquet

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """data/small: 150 customers, whose tickets carry their true causes."""
    folder = tmp_path_factory.mktemp("data") / "small"
    folder.mkdir()
    tables, truth = simulate_world(150, 3, text=False, **WORLDS["plain"])
    study = trial.planted_study(tables, truth)
    for name in (*tables, "ticket_causes"):
        write_parquet(study.table(name), folder / f"{name}.parquet")
    (folder / "study.toml").write_text(settings_text(study.settings), encoding="utf-8")
    return folder


def said(book) -> list[str]:
    return [o.data["text/markdown"] for c in book.cells for o in c.get("outputs", ())
            if "text/markdown" in o.get("data", {})]  # fmt: skip


@pytest.mark.parametrize("name", ["00-summary", "08-what-to-fix-first"])
def test_the_first_sentence_is_that_causes_cannot_be_ranked_yet(small, name):
    first, *_ = said(run_notebooks([NOTEBOOKS / f"{name}.ipynb"], small)[0])
    assert first.startswith("**Cannot tell:** Causes cannot yet be ranked by revenue.")
    assert "cannot be told from a company of this size" in first
    assert "By tickets: " in first
    assert "By replies, for hours: " in first


def test_tickets_without_words_leave_a_page_that_says_so(small):
    first, *_ = said(run_notebooks([NOTEBOOKS / "04-why-customers-write.ipynb"], small)[0])
    assert (
        first == "**Cannot tell:** why customers write: no ticket holds words that could be read."
    )
