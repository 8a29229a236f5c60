"""Medians beside means: what they say, and by which clock."""

import numpy as np
from desks import desk

from cxresearch import CannotTell
from cxresearch.kpis.durations import SHUT
from cxresearch.kpis.waiting_times import waiting_times

OFFICE = {"business_hours": ("Mon-Fri 08:00-18:00",)}


def five(**more):
    return desk([0, 0, 120, 0, 960], replied=[1, 20, 130, 30, np.nan], until=1440,
                solved=[24, 48, 144, 480, np.nan], **more)  # fmt: skip


def test_the_mean_of_the_answered_is_said_beside_the_median_of_all():
    # Waits of 1, 20, 10 and 30 hours, and one open: half of five by 20; the mean of four is 15.25.
    half, mean, _ = waiting_times(five()).sentences()
    assert "answered within **20.0 hours** (95% interval" in half.text
    assert "The mean of those answered is 15.2 hours. It forgets the 20.0% without" in mean.text
    assert mean.numbers["silent"] == 0.2


def test_a_median_without_an_upper_end_is_said_in_words():
    waits = waiting_times(desk([0] * 3, replied=[1, 2, np.nan]))
    assert "to more than was watched" in waits.said().text
    assert "forgets the 33.3% without an answer" in waits.said("mean").text
    assert not any(np.isnan(v) for v in waits.said().numbers.values())


def test_nobody_is_forgotten_where_all_are_answered():
    assert waiting_times(desk([0] * 3, replied=[1, 2, 3])).said("mean").text == (
        "The mean of those answered is 2.0 hours. A few long waits pull it."
    )


def test_a_median_that_was_not_reached_is_not_said():
    assert isinstance(waiting_times(desk([0] * 3, replied=[1, np.nan, np.nan])).said(), CannotTell)


def test_waits_are_shown_by_the_clocks_that_are_known():
    shown = waiting_times(five()).table()
    assert shown["wait"].tolist() == ["First response", "Resolution"]
    assert shown["tickets"].tolist() == [5, 5]
    assert shown["naive mean"].tolist()[0].startswith("15.2 (")
    office = waiting_times(five(settings=OFFICE)).table()
    assert office["wait"].tolist()[1] == "First response in business hours"
    assert len(office) == 4


def test_business_hours_are_said_where_study_toml_tells_them():
    said = waiting_times(five(settings=OFFICE)).said("business")
    assert said.numbers["n"] == 5
    assert "business hours** (95% interval from" in said.text
    assert waiting_times(five()).sentences()[2] == CannotTell(SHUT)
    none = waiting_times(desk([0] * 3, replied=[1, np.nan, np.nan], settings=OFFICE))
    assert isinstance(none.said("business"), CannotTell)
