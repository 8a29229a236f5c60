"""The sentences of notebook 05 say what the numbers say, and refuse where they must."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.pages import does_it_stay_fixed as fixed


def within(share=0.05, low=0.04, high=0.06) -> pd.DataFrame:
    same = {"definition": "same cause", "day": 30, "share": share, "low": low, "high": high}
    rest = {"definition": "reopened", "day": 30, "share": np.nan}
    return pd.DataFrame([{**same, "tickets": 200, "came back": 10}, rest])


def test_the_answer_holds_share_interval_and_denominator():
    said = fixed.answer(within()).text
    assert "**5.0%** (95% interval 4.0% to 6.0%; 200 solved tickets)" in said


def test_nobody_watched_so_long_cannot_tell():
    assert isinstance(fixed.answer(within(np.nan, np.nan, np.nan)), CannotTell)


@pytest.mark.parametrize(("expected", "word"), [(0.01, "more."), (0.09, "less.")])
def test_more_than_chance_needs_the_interval(expected, word):
    assert fixed.chance(within(), expected).text.endswith(word)
    assert isinstance(fixed.chance(within(), 0.05), CannotTell)


def test_a_definition_that_the_export_cannot_tell_reads_as_a_dash():
    table = fixed.definition_table(within())
    assert table.loc["reopened", "within 30 days"] == "–"
    assert table.loc["same cause", "within 30 days"] == "5.0% (4.0% to 6.0%)"


def test_cannot_tell_travels():
    unknown = CannotTell("no tickets.")
    for ask in (fixed.answer, fixed.rivals, fixed.causes, fixed.same_customers):
        assert ask(unknown) is unknown


def top_tenth(p: float) -> pd.Series:
    return pd.Series(
        {"customers": 60, "top": 6, "tickets": 61, "share": 0.3, "low": 0.25, "high": 0.4, "p": p,
         "expected": 0.26, "expected low": 0.22, "expected high": 0.31}
    )  # fmt: skip


def test_a_test_without_a_result_does_not_prove_chance():
    said = fixed.same_customers(top_tenth(0.08)).text
    assert "cannot tell whether more than chance" in said
    assert "nothing to explain" not in said
    assert "95% interval 25.0% to 40.0%" in said
    assert "more than chance gives" in fixed.same_customers(top_tenth(0.01)).text


def test_tickets_whose_reopening_is_not_told_are_said():
    reopened = {"share": 0.1, "low": 0.05, "high": 0.15, "tickets": 180}
    some = within().assign(**{k: [within()[k][0], v] for k, v in reopened.items()})
    said = fixed.rivals(some).text
    assert said.endswith("reopened: 10.0% (5.0% to 15.0%). Without 20 tickets whose reopening is "
                         "not told.")  # fmt: skip
    assert "not told" not in fixed.rivals(some.assign(tickets=200)).text
