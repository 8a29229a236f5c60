"""A fitted Cox model draws itself, shows itself, and says what to be careful of."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cxresearch.study.drawing import QUIET, WARN
from cxresearch.survival import coxph


@pytest.fixture(scope="module")
def episodes() -> pd.DataFrame:
    """400 customers who leave at twice the rate when waiting; noise changes nothing."""
    rng = np.random.default_rng(5)
    waiting, noise = np.arange(400) % 2, rng.normal(size=400)
    days = rng.exponential(1 / (1 + waiting))
    rows = {"start": 0.0, "stop": np.minimum(days, 2), "event": (days < 2).astype(int)}
    who = [f"c{i}" for i in range(400)]
    return pd.DataFrame({"customer_id": who, "waiting": waiting, "noise": noise, **rows})


def test_a_forest_marks_what_is_clear_and_says_it(episodes):
    fit = coxph(episodes, ["waiting", "noise"])
    ax = fit.plot()
    assert (
        ax.figure.get_suptitle() == f"{fit.events:,} events: waiting with a clearly different rate"
    )
    assert [to_hex(c) for c in ax.collections[-1].get_facecolors()] == [WARN, QUIET]
    plt.close(ax.figure)


def test_a_forest_is_drawn_on_axes_of_ones_own(episodes):
    figure, own = plt.subplots()
    assert coxph(episodes, ["noise"]).plot(own) is own
    assert own.get_title(loc="left").endswith("no covariate with a clearly different rate")
    plt.close(figure)


def test_a_fit_shows_its_table_and_what_it_rests_on(episodes):
    page = coxph(episodes, ["waiting"])._repr_html_()
    assert f"{int(episodes['event'].sum())} events in 400 rows." in page
    assert "hazard_ratio" in page


def test_the_customer_who_moves_a_ratio_most_is_named(episodes):
    """One customer with an extreme value who left at once."""
    odd = pd.DataFrame({"customer_id": ["odd"], "waiting": [0], "noise": [9.0], "start": [0.0],
                        "stop": [0.001], "event": [1]})  # fmt: skip
    found = coxph(pd.concat([episodes, odd], ignore_index=True), ["waiting", "noise"]).check()
    assert found.loc["noise", "most influential"] == "odd"
    assert found.loc["noise", "moves by errors"] > 0.3  # upwards
    assert set(found) == {"chisq", "p", "most influential", "moves by errors"}


def test_rows_of_one_customer_move_a_ratio_together(episodes):
    """Split into two rows each, customers move it as they did whole."""
    whole = coxph(episodes, ["waiting"]).moved_by_cluster()
    half = episodes["stop"] / 2
    first = episodes.assign(stop=half, event=0)
    split = pd.concat([first, episodes.assign(start=half)], ignore_index=True)
    pd.testing.assert_frame_equal(coxph(split, ["waiting"]).moved_by_cluster(), whole, rtol=1e-8)
