"""How causes rank, how surely, and where the rankings disagree."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell, impact
from cxresearch.impact.order import ranges
from cxresearch.impact.rankings import SURE, Rankings, _by_departures
from tests.impact.test_burden import study_of


def rows(big: int, small: int) -> list:
    """So many customers write of big, and so many of these of small as well."""
    return [(f"c{i}", "big", 10, 12, 11, 1, False) for i in range(big)] + [
        (f"c{i}", "small", 10, 12, 11, 1, False) for i in range(small)
    ]


def ranked(tickets: list) -> pd.DataFrame:
    study = study_of(tickets)
    return impact.rankings(study, impact.cause_burden(study)).frame


def test_a_cause_far_ahead_is_surely_first():
    ranks = ranked(rows(60, 5))
    big, small = ranks.loc[("customers", "big")], ranks.loc[("customers", "small")]
    assert (big["value"], big["rank"], big["low"], big["high"], big["first"]) == (60, 1, 1, 1, 1)
    assert (small["rank"], small["low"], small["high"], small["first"]) == (2, 2, 2, 0)
    assert (big["verdict"], small["verdict"]) == ("sure", "not sure")
    assert "departures" not in ranks.index.unique("ranking")


def test_causes_as_frequent_as_each_other_are_not_surely_ranked():
    each = [(f"c{i}", "big" if i % 2 else "small", 10, 12, 11, 1, False) for i in range(40)]
    tickets = ranked(each).loc["tickets"]
    assert tickets["first"].between(0.3, 0.75).all()
    assert (tickets["low"] == 1).all()
    assert (tickets["high"] == 2).all()
    assert set(tickets["verdict"]) == {"not sure"}


def test_a_rank_is_held_by_the_range_of_most_draws():
    # of 200 draws 5 are first and 5 fourth: 2.5% on either side are left out
    drawn = pd.DataFrame({"a": [1] * 5 + [2] * 190 + [4] * 5, "b": [4] * 6 + [3] * 194})
    assert ranges(drawn).loc["a"].tolist() == [1, 4, 0.975]
    assert ranges(drawn).loc["b"].tolist() == [3, 4, 0.97]
    assert ranges(drawn[3:-3]).loc["a"].tolist() == pytest.approx([2, 2, 192 / 194])


def made(**columns) -> Rankings:
    frame = pd.DataFrame(
        {
            "ranking": ["tickets", "tickets", "overdue days", "overdue days", "departures"],
            "cause": ["mail", "pay", "pay", "mail", "pay"],
            "value": [10.0, 5.0, 90.0, 20.0, 3.0],
            "rank": [1, 2, 1, 2, 1],
            "low": [1, 2, 1, 2, 1],
            "high": [1, 2, 1, 2, 1],
            "first": [1.0, 0.0, 0.6, 0.4, 1.0],
            "top 3": [1.0, 0.5, 1.0, 0.25, 1.0],
            "verdict": ["sure", "not sure", "not sure", "not sure", "sure"],
        }
    ).assign(**columns)
    return Rankings(frame.set_index(["ranking", "cause"]))


def test_the_answer_names_each_ranking_and_its_doubt():
    assert made().said().text == (
        "Which cause comes first depends on what counts: **mail** by tickets (10, sure); **pay** "
        "by overdue days (90, not sure: first in 60%) and by departures beyond those expected (3, "
        "sure). (Sure: first in at least 95% of draws.)"
    )
    assert made().said().numbers["limit"] == SURE


def test_rankings_that_agree_are_said_to_and_that_there_are_no_departures():
    alike = Rankings(made().frame.query("cause == 'mail'").assign(rank=1))
    said = alike.said().text
    assert said.startswith("Every ranking puts the same cause first: **mail** by tickets (10, sure)"
                           " and by overdue days (20, not sure: first in 40%).")  # fmt: skip
    assert said.endswith(" No cause can be ranked by departures.")
    ax = alike.plot()
    assert ax.figure.get_suptitle() == "All 2 rankings put the same cause first"
    plt.close(ax.figure)


def test_counts_that_surely_differ_are_said_to():
    said = made().said("counts")
    assert said.numbers["n"] == 2
    assert said.text == (
        "The counts surely disagree about 2 of 2 causes. Most about mail: number 1 (1 to 1) by "
        "tickets, but number 2 (2 to 2) by overdue days."
    )
    assert isinstance(made(low=1, high=2).said("counts"), CannotTell)


def three(**columns) -> Rankings:
    """By tickets a, b, c; by departures c, b, a."""
    frame = pd.DataFrame({
        "ranking": ["tickets"] * 3 + ["departures"] * 3, "cause": list("abcabc"),
        "value": [30.0, 20, 10, 1, 2, 3], "rank": [1, 2, 3, 3, 2, 1], "low": [1, 2, 3, 3, 2, 1],
        "high": [1, 2, 3, 3, 2, 1],
    })  # fmt: skip
    return Rankings(frame.assign(**columns).set_index(["ranking", "cause"]))


def test_the_cause_that_leaves_more_than_it_writes_is_named():
    assert three().said("inbox").text == (
        "Among the 3 causes with an estimate, c is number 1 (1 to 1) by departures but number 3 by "
        "tickets: the inbox does not show who leaves."
    )
    wide = three(high=[1, 2, 3, 3, 2, 3]).said("inbox")
    assert wide.reason.endswith("the ranges of ranks overlap.")
    alike = three(rank=[1, 2, 3, 1, 2, 3]).said("inbox")
    assert alike.text == ("Among the 3 causes with an estimate, tickets and departures rank alike.")
    none = Rankings(three().frame.query("ranking == 'tickets'")).said("inbox")
    assert "no cause can be ranked by departures" in none.reason


def test_ranks_are_drawn_with_their_ranges():
    ranks = made()
    ax = ranks.plot()
    assert [t.get_text() for t in ax.texts if t.get_text()] == [
        "2 (2–2)", "1 (1–1)", "1 (1–1)", "1 (1–1)", "2 (2–2)",
    ]  # fmt: skip
    assert [name.get_text() for name in ax.get_yticklabels()] == ["pay", "mail"]
    assert ax.get_figure().get_suptitle() == "3 rankings put 2 different causes first"
    assert ranks.described().endswith(
        "First: by tickets mail; by overdue days pay; by departures pay."
    )
    plt.close(ax.figure)


def test_chances_to_be_among_the_first_three_are_shown_in_percent():
    frame = made().frame.assign(**{"top 3": [1.0, 0.5, 1.0, 0.25, 0.0]})
    shown = Rankings(frame).table()
    assert list(shown) == ["cause", "tickets %", "overdue days %", "departures %"]
    assert shown["cause"].tolist() == ["pay", "mail"]
    assert shown["tickets %"].tolist() == [50, 100]
    never = Rankings(frame.assign(**{"top 3": [1.0, 0, 1.0, 0, 0]})).table()
    assert never["cause"].tolist() == ["mail", "pay"][::-1]


def test_a_cause_never_among_the_first_three_comes_last():
    chances = three(**{"top 3": [1.0, 1.0, 1.0, 0.1, 0.5, 0.9]})
    assert chances.table()["cause"].tolist() == ["c", "b", "a"]


def test_departures_are_drawn_from_each_ratio_s_own_interval():
    """Log ratios of 0.69 and 0.41, errors of 0.053: nearly every draw tells them apart."""
    rows = pd.DataFrame({"hazard ratio": [2.0, 1.5], "low": [1.8, 1.35], "high": [2.22, 1.665],
                         "left while exposed": [20, 20], "departures": [10, 20 / 3]},
                        index=pd.Index(["a", "b"]))  # fmt: skip
    ranks = _by_departures(rows, 200, np.random.default_rng(1))
    assert ranks.loc["a", "first"] > 0.97
    wide = _by_departures(rows.assign(low=[1.0, 0.75], high=[4.0, 3.0]), 200,
                          np.random.default_rng(1))  # fmt: skip
    assert 0.6 < wide.loc["a", "first"] < 0.9
