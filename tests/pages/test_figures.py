"""What the axes of each figure hold, and what its words say."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch.pages import figures


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def title(picture) -> str:
    return picture.axes.get_figure().get_suptitle()


def test_coverage_counts_fields_never_filled():
    shares = pd.DataFrame({"2024-01": [0, 1.0, 0.1], "2024-02": [0, 1.0, 0.9]}, index=list("abc"))
    picture = figures.coverage(shares)
    assert title(picture) == "1 of 3 fields are never filled; 1 change by more than half over time"
    assert "Never filled: a. Fields that change by more than half: c." in picture.description
    assert [t.get_text() for t in picture.axes.get_yticklabels()] == ["a", "b", "c"]


def test_the_match_is_drawn_by_month_against_what_is_needed():
    months = pd.DataFrame({"matched": [9, 4], "of": [10, 8]}, index=["2024-01", "2024-02"])
    picture = figures.matched(months.assign(share=months["matched"] / months["of"]), 0.9)
    line, needed = picture.axes.lines
    assert line.get_ydata().tolist() == [0.9, 0.5]
    assert needed.get_ydata()[0] == 0.9
    assert title(picture) == "In 1 of 2 months fewer than 90% of tickets find their customer"
    assert "The lowest is 50% (4 of 8 tickets) in 2024-02." in picture.description
