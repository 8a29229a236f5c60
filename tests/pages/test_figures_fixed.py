"""What the axes of the figures of notebooks 05 and 07 hold, and what their words say."""

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


SHARES = pd.DataFrame(
    {"cause": ["mail", "calendar", "rare"], "share": [0.3, 0.1, np.nan], "low": [0.2, 0.0, np.nan],
     "high": [0.4, 0.2, np.nan], "verdict": ["comes back more", "cannot tell", "cannot tell"]}
)  # fmt: skip


def title(picture) -> str:
    return picture.axes.get_figure().get_suptitle()


def test_shares_keep_their_order_from_the_top_and_mark_the_clear_ones():
    picture = figures.shares(SHARES, "cause", "share", "One is clear", whole=0.15)
    names = [label.get_text() for label in picture.axes.get_yticklabels()]
    assert names == ["calendar", "mail"]
    assert picture.axes.collections[-1].get_offsets()[:, 0].tolist() == [0.3]
    assert "mail 30.0% (20.0% to 40.0%)" in picture.description
    assert "the share of all, 15.0%" in picture.description


def test_shares_of_groups_nobody_watched_are_an_empty_figure():
    picture = figures.shares(SHARES.tail(1), "cause", "share", "t")
    assert "no row was watched so long" in picture.description


def test_curves_with_competing_ends_are_cut_and_say_so():
    days = [0.0, 50.0, 400.0]
    curves = pd.DataFrame(
        {"group": ["a"] * 3 + ["b"] * 3, "day": days * 2, "share": [0, 0.1, 0.9, 0, 0.2, 0.9],
         "low": 0.0, "high": 1.0, "at_risk": 5}
    )  # fmt: skip
    picture = figures.incidence_over_time(curves, "customers who left", "day zero", "The finding")
    assert max(picture.axes.lines[0].get_xdata()) == 50
    assert title(picture) == "The finding"
    assert picture.axes.get_ylabel() == "share of customers who left"
    assert picture.description.startswith("Cumulative incidence, ")


def test_cannot_tell_is_no_figure():
    unknown = CannotTell("nobody.")
    assert figures.shares(unknown, "cause", "share", "t") is unknown
    assert figures.incidence_over_time(unknown, "left", "day zero", "t") is unknown
