"""What the axes of the newer figures of notebook 03 hold."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell
from cxresearch.pages import figures


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


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
    assert figures.tipping(unknown, "w", 1.0, "t") is unknown
