"""A company too small to rank causes by what they cost: the pages say so, and what would tell."""

from pathlib import Path

import pytest

from cxresearch.report import run_notebooks

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


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
