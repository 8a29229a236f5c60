"""What the figures of months and surveys hold, and what their words say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import PathCollection

from cxresearch import CannotTell
from cxresearch.pages import figures, months


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def title(picture) -> str:
    return picture.axes.get_figure().get_suptitle()


def test_a_month_that_is_not_over_is_hollow_and_said():
    known = {"low": 0.4, "high": 0.9, "target": 0.8, "kpi": "Solved", "why": "", "n": 9}
    found = pd.DataFrame(
        [{**known, "group": g, "estimate": e, "mature": m}
         for g, e, m in (("all", 0.6, False), ("2026-01", 0.5, True), ("2026-02", 0.7, True),
                         ("2026-03", 0.9, False))]
    )  # fmt: skip
    rows = months.of_kpi(found)
    picture = figures.by_month(rows, "share of tickets", months.span(rows))
    assert title(picture) == "Solved, month by month: 50% to 70% in months that are over"
    ripe, young = [c for c in picture.axes.collections if isinstance(c, PathCollection)]
    assert ripe.get_offsets()[:, 1].tolist() == [0.5, 0.7]
    assert young.get_offsets()[:, 1].tolist() == [0.9]
    assert young.get_facecolors()[0].tolist() == [1, 1, 1, 1]
    assert picture.axes.lines[0].get_ydata()[0] == 0.8
    assert "their window is not over: 2026-03" in picture.description
    untold = found.head(1).assign(why="no state is known.")
    assert months.of_kpi(untold).reason == "how months differ: no state is known."


def test_bounds_are_drawn_from_worst_to_best():
    bounds = pd.DataFrame(
        {
            "of whom": ["those who answered", "all"], "n": [10, 40], "answered": [10, 10],
            "lowest": [60.0, 15.0], "highest": [60.0, 90.0],
            "low": [30.0, 10.0], "high": [80.0, 95.0],
        }
    )  # fmt: skip
    picture = figures.survey_bounds(bounds, "satisfied, in percent", np.nan)
    assert title(picture) == "60% of those who answered; of all, anything from 15% to 90%"
    thick = picture.axes.collections[1].get_segments()
    assert [[p[0] for p in segment] for segment in thick] == [[15, 90], [60, 60]]
    assert "all 10.0 to 95.0" in picture.description


def test_cannot_tell_is_no_figure():
    unknown = CannotTell("no surveys.")
    assert figures.survey_bounds(unknown, "x", np.nan) is unknown
