"""What a desk may do, with the shares a year on: rows, sentence and figure by hand."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import CannotTell
from cxresearch.outcomes import helping
from cxresearch.outcomes.helping import Helps
from cxresearch.study.words import LEAVING, RETURNING
from tests.outcomes.test_fates import cohort
from tests.outcomes.test_recovery import small


def helps(*rows: tuple, words=LEAVING) -> Helps:
    return Helps(helping._judged(pd.DataFrame([helping._row(*row) for row in rows])), words)


IN_TIME = ("solving in time", 0.2, 0.25, -0.05, -0.08, -0.02)
QUICK = ("solving within a day", 0.22, 0.2, 0.02, -0.01, 0.05)


def test_what_surely_goes_with_staying_is_said_and_the_rest_cannot_be_told():
    assert helps(IN_TIME, QUICK).said().text == (
        "Only solving in time clearly goes with fewer customers who leave within a year. Of what "
        "else was tried (1) we cannot tell."
    )
    assert helps(IN_TIME).said().text.endswith("who leave within a year.")


def test_where_no_interval_leaves_out_none_nothing_is_said_to_help():
    told = helps(QUICK).said()
    assert isinstance(told, CannotTell)
    assert "fewer or more customers leave within a year after solving within a day" in told.reason


def test_what_is_clear_by_itself_need_not_be_so_beside_many():
    barely = ("a late solution", 0.2, 0.25, -0.05, -0.099, -0.001)
    assert helps(barely).frame["verdict"].tolist() == ["fewer"]
    assert helps(barely, QUICK, QUICK).frame["verdict"].tolist() == ["cannot tell"] * 3


def test_shares_and_their_difference_stand_side_by_side():
    assert helps(IN_TIME).table().iloc[0].tolist() == [
        "solving in time", "20.0%", "25.0%", "-5.0 (-8.0 to -2.0)"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "words", "title"),
    [
        ((QUICK, IN_TIME), LEAVING, "After solving in time 5.0 points fewer left within a year"),
        ((QUICK,), RETURNING, "Nothing here surely goes with who came back"),
    ],
)
def test_the_title_is_the_first_that_is_clear(rows, words, title):
    ax = helps(*rows, words=words).plot()
    assert ax.figure.get_suptitle() == title
    plt.close(ax.figure)


def test_a_row_needs_ten_events_in_either_group():
    told = helping._pair("late", cohort(solved_late=10, unresolved=30), *helping.LATE)
    assert (told["share"], told["other"]) == pytest.approx((0.1, 0.3))
    assert told["high"] < 0
    assert helping._pair("late", cohort(solved_late=9, unresolved=30), *helping.LATE) is None
    assert helping._pair("late", cohort(unresolved=30), *helping.LATE) is None


def test_of_one_customer_nothing_is_told():
    assert isinstance(helping.what_helps(small([(10, 20)])), CannotTell)
