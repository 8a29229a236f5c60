"""Curves say a year on, show a quarter, half and whole year, and draw two years at most."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell
from cxresearch.survival.curves import Curves


def curves(days=(0, 100, 400), **more) -> Curves:
    frame = pd.DataFrame(
        {
            "group": ["a"] * len(days) + ["b"] * len(days),
            "day": [*days] * 2,
            "share": [0, 0.1, 0.4, 0, 0.2, 0.3],
            "low": [0, 0.05, 0.3, 0, 0.1, 0.2],
            "high": [0, 0.2, 0.5, 0, 0.3, 0.4],
            "at_risk": [100, 50, 10] * 2,
        }
    )
    return Curves(frame, "group", "left", "leave", "day zero", **more)


def test_curves_end_where_the_data_end_and_name_the_groups():
    ax = curves().plot()
    assert len(ax.lines) == 2
    assert [t.get_text().strip() for t in ax.texts] == ["b", "a"]
    title = "After 365 days 20% of “b” left, 10% of “a”"
    assert ax.figure.get_suptitle() == title
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "days since day zero",
        "share of customers who left",
    )
    assert "After 365 days: b 20% (10% to 30%); a 10% (5% to 20%)." in curves().described()
    plt.close(ax.figure)


def test_a_finding_told_beside_the_curves_is_their_title():
    ax = curves(heading="Late is worse", of="tickets that came back").plot()
    assert ax.figure.get_suptitle() == "Late is worse"
    assert ax.get_ylabel() == "share of tickets that came back"
    plt.close(ax.figure)


def test_what_lies_past_the_last_day_drawn_is_not_drawn():
    ax = curves(until=100).plot()
    assert max(line.get_xdata().max() for line in ax.lines) == 100
    assert "After 100 days" in ax.figure.get_suptitle()
    plt.close(ax.figure)


def test_curves_are_drawn_on_axes_of_ones_own():
    figure, own = plt.subplots()
    assert curves().plot(own) is own
    assert own.get_title(loc="left").startswith("After 365 days")
    plt.close(figure)


def test_the_sentence_is_of_a_year_on_the_largest_first():
    said = curves().said().text
    assert said.startswith(
        "Within a year, leave: b 20.0% (10.0% to 30.0%); a 10.0% (5.0% to 20.0%)"
    )


def test_who_was_not_watched_for_a_year_says_nothing_of_it():
    assert isinstance(curves(days=(0, 100, 300)).said(), CannotTell)


def test_the_table_is_in_percent_with_those_at_risk():
    row = curves().table().loc[("a", 180)]
    assert row.to_dict() == pytest.approx({"share %": 10, "low %": 5, "high %": 20, "at risk": 10})
