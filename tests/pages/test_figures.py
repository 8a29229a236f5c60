"""What the axes of each figure hold, and what its words say."""

import warnings

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


RATIOS = pd.DataFrame(
    {
        "cause": ["mail", "calendar", "rare"],
        "hazard ratio": [2.0, 1.1, np.nan],
        "low": [1.5, 0.8, np.nan],
        "high": [2.7, 1.5, np.nan],
    }
)


def title(picture) -> str:
    return picture.axes.get_figure().get_suptitle()


def test_ratios_are_drawn_at_their_values_on_a_log_axis():
    picture = figures.ratios(RATIOS, "cause", "leave", "One of three is clear")
    dots = picture.axes.collections[1].get_offsets()
    assert sorted(dots[:, 0].tolist()) == [1.1, 2.0]
    assert picture.axes.get_xscale() == "log"
    assert title(picture) == "One of three is clear"
    assert "exclude one: mail." in picture.description
    assert "1 rows are not drawn, 1 of them for want of events" in picture.description


def test_the_first_row_of_ratios_is_on_top():
    picture = figures.ratios(RATIOS, "cause", "leave", "t")
    names = [label.get_text() for label in picture.axes.get_yticklabels()]
    assert names == ["calendar", "mail"]


def test_curves_end_where_the_data_end_and_name_the_groups():
    curves = pd.DataFrame(
        {
            "group": ["a"] * 3 + ["b"] * 3,
            "day": [0, 100, 400] * 2,
            "share": [0, 0.1, 0.4, 0, 0.2, 0.3],
            "low": [0, 0.05, 0.3, 0, 0.1, 0.2],
            "high": [0, 0.2, 0.5, 0, 0.3, 0.4],
        }
    )
    picture = figures.shares_over_time(curves, "group", "left", "day zero")
    assert len(picture.axes.lines) == 2
    assert {t.get_text().strip() for t in picture.axes.texts} == {"a", "b"}
    assert title(picture) == "After 365 days 20% of “b” left, 10% of “a”"


def test_topic_sizes_show_shares_with_intervals():
    info = pd.DataFrame(
        {"topic": [0, 1], "name": ["mail", "pay"], "share": [0.6, 0.4], "low": [0.5, 0.3],
         "high": [0.7, 0.5], "size": [60, 40], "reproducible": [True, False]}
    )  # fmt: skip
    picture = figures.topic_sizes(info)
    assert title(picture) == "The largest topic holds 60% of tickets: mail"
    assert "40.0% to 60.0%" in picture.description
    assert [bar.get_width() for bar in picture.axes.patches] == [0.4, 0.6]
    assert "not reproducible: pay" in picture.description


def test_a_surge_is_marked_in_its_week():
    weeks = pd.DataFrame(
        {"topic": 0, "name": "mail", "week": pd.date_range("2024-01-01", periods=4, freq="7D"),
         "count": [3, 4, 20, 3], "expected": [3.0] * 4, "flagged": [False, False, True, False]}
    )  # fmt: skip
    picture = figures.topic_surges(weeks)
    (dot,) = picture.axes.collections[-1].get_offsets()
    assert dot[1] == 20
    assert title(picture) == "The newest surge: mail, 20 tickets in a week"
    assert isinstance(figures.topic_surges(weeks.assign(flagged=False)), CannotTell)


def test_topics_beside_labels_show_shares_of_the_topic():
    counts = pd.DataFrame({"in": [9, 1], "out": [1, 1]}, index=["mail", "pay"])
    picture = figures.topics_beside(counts.rename_axis("planted cause", axis=1))
    np.testing.assert_allclose(
        picture.axes.collections[0].get_array().ravel(), [0.9, 0.1, 0.5, 0.5]
    )
    assert title(picture) == "1 of 2 topics are mostly one planted cause"
    assert "Least clear: pay, 50%" in picture.description


def test_names_on_the_map_do_not_cover_each_other():
    places = pd.DataFrame({"topic": [0, 1, 1], "x": [0.0, 0.0, 1.0], "y": [0.0, 0.1, 10.0]})
    info = pd.DataFrame({"topic": [0, 1], "name": ["mail", "pay"], "size": [1, 2]})
    places.loc[2, "topic"] = 2
    heights = [text.get_position()[1] for text in figures.topic_map(places, info).axes.texts]
    assert heights == pytest.approx([0, 0.5])


def test_trends_name_the_largest_change():
    months = pd.date_range("2024-01-01", periods=4, freq="MS")
    counts = pd.DataFrame(
        {"cause": ["a"] * 4 + ["b"] * 4, "month": [*months, *months],
         "tickets": [10, 10, 10, 10, 10, 10, 20, 20]}
    )  # fmt: skip
    assert title(figures.topic_trends(counts)) == "b: +100% from the first to the second half"


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


@pytest.mark.parametrize("name", ["$\\frac{", "よろしく", "a" * 300, "<b>&", "x\n\ny", "🙂"])
def test_hostile_names_neither_break_nor_warn(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = figures.ratios(RATIOS.assign(cause=[name, "b", "c"]), "cause", "leave", name)
        picture.axes.get_figure().canvas.draw()
    assert all(len(label.get_text()) <= 48 for label in picture.axes.get_yticklabels())


def test_cannot_tell_is_no_figure():
    unknown = CannotTell("no customers.")
    assert figures.ratios(unknown, "cause", "leave", "t") is unknown
    assert figures.shares_over_time(unknown, "group", "left", "day zero") is unknown
    assert figures.topic_trends(unknown) is unknown
