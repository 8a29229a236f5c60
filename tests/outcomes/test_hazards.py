"""Hazard ratios say, show and draw what their verdicts say, and refuse where they must."""

import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cxresearch import CannotTell
from cxresearch.outcomes.cause_ratios import CauseRatios, by_name
from cxresearch.outcomes.hazards import Hazards, Landmarks, LooksAhead, Variants, named_rows
from cxresearch.study.drawing import QUIET, WARN
from cxresearch.study.words import LEAVING, RETURNING


def row(hr, low, high, events=20, who="customers who wait", against="others", **more) -> dict:
    ratio = {"hazard ratio": hr, "low": low, "high": high, "p": 0.01}
    counts = {"left while exposed": events, "left in the reference": 30}
    said = {"comparison": "late / in time", "adjusted for": "nothing more"}
    return said | ratio | counts | {"who": who, "against": against} | more


def hazards(**rows) -> Hazards:
    return Hazards(named_rows(rows), LEAVING, {"third": "no."})


def test_each_row_is_told_by_the_side_on_which_its_whole_interval_lies():
    frame = named_rows({"a": row(2, 1.1, 3), "b": row(0.5, 0.2, 0.9), "c": row(1.5, 1.0, 2)})
    assert frame["verdict"].to_dict() == {"a": "more", "b": "less", "c": "cannot tell"}


def test_a_row_that_is_not_there_says_why():
    assert hazards(headline=row(2, 1.1, 3)).said("third") == CannotTell("no.")


def test_the_table_joins_an_estimate_and_its_interval():
    shown = hazards(headline=row(2, 1.1, 3)).table()
    assert shown.loc[0, "hazard ratio"] == "2.00 (1.10 to 3.00)"
    assert list(shown) == ["comparison", "adjusted for", "hazard ratio", "p",
                           "left while exposed", "left in the reference"]  # fmt: skip


def variants(**others) -> Variants:
    rows = {"headline": row(2.0, 1.1, 3, variant="the headline", asks=True)}
    rows |= {
        name: row(*of, variant=f"as {name}", asks=name != "exits") for name, of in others.items()
    }
    return Variants(named_rows(rows), LEAVING)


def test_other_ways_to_ask_are_said_with_their_range_and_without_those_that_are_biased():
    said = variants(a=(1.4, 1.1, 2), b=(2.5, 1.5, 4), exits=(9.0, 8, 10)).said().text
    assert said == ("Asked in 2 other ways, the answers run from 1.40 to 2.50 times the rate. The "
                    "verdict is the same.")  # fmt: skip


def test_the_ways_in_which_the_headline_does_not_hold_are_named():
    said = variants(a=(1.4, 0.9, 2), b=(2.5, 1.5, 4)).said().text
    assert said.endswith("The verdict is another, or cannot be told, for: as a.")
    many = {name: (1.4, 0.9, 2) for name in "abc"}
    assert variants(**many).said().text.endswith("for: as a; as b; others.")


def test_one_way_alone_shows_nothing():
    assert isinstance(variants(exits=(9.0, 8, 10)).said(), CannotTell)
    assert isinstance(variants(a=(np.nan, np.nan, np.nan)).said(), CannotTell)


def test_what_looks_ahead_is_a_warning_with_its_range():
    rows = {"a": row(0.4, 0.3, 0.5), "b": row(1.2, 1.1, 1.3), "c": row(np.nan, np.nan, np.nan)}
    assert "by 0.40 to 1.20 times" in LooksAhead(named_rows(rows), RETURNING).said().text
    assert isinstance(LooksAhead(named_rows({"c": rows["c"]}), RETURNING).said(), CannotTell)


def landmarks(**last) -> Landmarks:
    days = pd.DataFrame({"day": [90, 365], "first": [0.1, 0.2], "second": [0.15, 0.3],
                         "difference": [0.05, 0.1], "low": [0.01, 0.02], "high": [0.09, 0.18],
                         "effective": [200.4, 100.6]})  # fmt: skip
    return Landmarks(days.assign(**last), "was in time", "ran over", LEAVING, "then")


def test_alike_groups_are_compared_on_the_last_day_that_was_watched():
    assert landmarks().said().text == (
        "Within a year, 30.0% of customers whose issue ran over leave, and 20.0% of those whose "
        "issue was in time. The difference is **+10.0 percentage points** (+2.0 to +18.0), among "
        "customers alike when they wrote."
    )
    assert "Within 90 days, 15.0%" in landmarks(difference=[0.05, np.nan]).said().text
    assert isinstance(landmarks(difference=np.nan).said(), CannotTell)
    assert isinstance(landmarks(difference=np.nan).plot(), CannotTell)


def test_alike_groups_are_shown_in_percent():
    shown = landmarks().table().loc[1]
    assert shown.to_dict() == pytest.approx({
        "day": 365, "was in time %": 20, "ran over %": 30, "difference": 10, "low": 2, "high": 18,
        "effective rows": 101,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("low", "title"),
    [
        (0.02, "30.0% leave within a year if the issue ran over, else 20.0%"),
        (-0.02, "No clear difference within a year"),
    ],
)
def test_the_figure_of_alike_groups_ends_in_the_shares_that_are_said(low, title):
    ax = landmarks(low=low).plot()
    assert ax.figure.get_suptitle() == title
    ends = {line.get_linestyle(): line.get_ydata()[-1] for line in ax.lines}
    assert ends == pytest.approx({"-": 0.3, "--": 0.2})
    names = {text.get_text().strip() for text in ax.texts}
    assert names == {"issue ran over", "issue was in time"}
    plt.close(ax.figure)


def causes(verdict="leave more", against="issues in time", lacking="had too few events", **columns):
    frame = {"cause": ["mail", "app"], "hazard ratio": [2.0, 1.6], "low": [1.5, 1.1],
             "high": [2.5, 2.2], "verdict": [verdict, "cannot tell"]}  # fmt: skip
    table = by_name(pd.DataFrame({**frame, **columns}))
    return CauseRatios(table, LEAVING, ("cause", "hazard ratio ±.2f"), against, lacking)


def test_sentence_title_bars_and_table_count_the_same_causes():
    """An interval of its own that excludes 1 is not enough: the verdict is corrected for many."""
    both = causes()
    assert both.said().text == (
        "1 of 2 causes clearly go with customers who leave more: mail. Of the other 1 we cannot "
        "tell; none of them had too few events to be tested."
    )
    ax = both.plot()
    assert ax.figure.get_suptitle() == "1 of 2 causes go with a clearly different rate"
    colours = [to_hex(colour) for colour in ax.collections[-1].get_facecolors()]
    assert colours == [WARN, QUIET]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["mail", "app"]
    assert "Clear after Holm's correction: mail." in both.described()
    plt.close(ax.figure)


def test_of_many_clear_causes_three_are_named():
    one = causes().frame.loc["mail"]
    five = pd.DataFrame([{**one, "cause": name} for name in "abcde"], index=list("abcde"))
    both = CauseRatios(five, LEAVING, (), "others", "had too few events")
    said = both.said().text
    assert said == "5 of 5 causes clearly go with customers who leave more: a, b, c and 2 more."


def test_causes_without_a_clear_result_cannot_be_told_apart():
    said = causes(verdict="cannot tell").said()
    assert "2 of 2 causes were tested without a clear result, 0 had too few events" in said.reason


def test_what_a_cause_lacks_to_be_tested_is_said_in_the_words_of_its_study():
    untold = causes(verdict="cannot tell: x", lacking="were overdue too little",
                    **{"hazard ratio": [np.nan, 1.6]})  # fmt: skip
    assert "1 were overdue too little to be tested" in untold.said().reason


@pytest.mark.parametrize("name", ["$\\frac{", "よろしく", "a" * 300, "<b>&", "x\n\ny", "🙂"])
def test_hostile_names_neither_break_nor_warn(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = causes(cause=[name, "app"]).plot()
        ax.figure.canvas.draw()
    assert all(len(label.get_text()) <= 48 for label in ax.get_yticklabels())
    plt.close(ax.figure)


def test_without_any_estimate_there_is_no_forest():
    none = causes(**{"hazard ratio": [np.nan, np.nan]})
    assert isinstance(none.plot(), CannotTell)
    assert "2 rows are not drawn, 2 of them for want of events" in none.described()


def test_a_hostile_cause_is_said_as_text():
    said = causes(cause=["<script>alert(1)</script> *x*", "app"]).said()
    assert "<script>" not in said.text
    assert r"\*x\*" in said.text


def test_a_cannot_tell_answers_whatever_a_result_is_asked():
    unknown = CannotTell("no customers.")
    assert unknown.said("late") is unknown.table() is unknown.plot() is unknown
    assert unknown.sentences() == (unknown,)
    assert unknown.frame.empty
