"""What the axes of the newer figures of notebook 03 hold."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cxresearch import CannotTell
from cxresearch.pages import figures


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


MONTHS = pd.DataFrame(
    {"month": ["2025-01", "2025-02", "2025-03"], "share": [0.2, 0.3, np.nan],
     "low": [0.1, 0.2, np.nan], "high": [0.3, 0.5, np.nan], "mature": [True, False, False]}
)  # fmt: skip


def test_a_month_that_is_not_over_is_hollow_and_said():
    picture = figures.by_month(MONTHS, "share", "A finding")
    full, hollow = [c for c in picture.axes.collections if len(c.get_offsets())][1::2]
    faces = [to_hex(dots.get_facecolor()[0]) for dots in (full, hollow)]
    assert faces == ["#2a6f97", "#ffffff"]
    assert full.get_offsets()[:, 1].tolist() == [0.2]
    assert "not over: 2025-02, 2025-03" in picture.description


def turning() -> pd.DataFrame:
    says = ["at the bottom of the scale", "as those who answered", "enough for “met”",
            "at the top of the scale"]  # fmt: skip
    rows = pd.DataFrame(
        {"the silent would say": says, "silent": [0, 5, 8, 10], "mean": [2.5, 5, 6.5, 7.5]}
    )
    rows = rows.assign(low=rows["mean"] - 1, high=rows["mean"] + 1, verdict="cannot tell")
    return pd.concat([rows.assign(**{"of whom": name}) for name in ("asked", "all")])


def test_the_line_of_what_the_silent_might_say_crosses_its_target():
    picture = figures.tipping(turning(), "of 10", 6.0, "A finding")
    lines = picture.axes.lines
    assert lines[0].get_xdata().tolist() == [0, 5, 8, 10]
    assert lines[0].get_ydata().tolist() == [2.5, 5, 6.5, 7.5]
    assert lines[-1].get_ydata()[0] == 6.0
    assert "asked at 8.0, to “cannot tell”" in picture.description


def test_what_cannot_be_told_is_no_figure_of_these_either():
    unknown = CannotTell("nobody.")
    assert figures.by_month(unknown, "share", "t") is unknown
    assert figures.tipping(unknown, "w", 1.0, "t") is unknown
