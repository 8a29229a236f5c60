"""What the figures of surveys hold, and what their words say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell
from cxresearch.pages import figures


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def title(picture) -> str:
    return picture.axes.get_figure().get_suptitle()


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
