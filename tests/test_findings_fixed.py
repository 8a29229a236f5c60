"""The sentences of notebooks 05 and 07 say what the numbers say, and refuse where they must."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.findings import fixed, helps

CHURN = Study.from_tables({}, outcome="churn")


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


def trend(low, high) -> pd.Series:
    return pd.Series({"hazard ratio": 1.1, "low": low, "high": high, "p": 0.1, "events": 50,
                      "adjusted for": "nothing more"})  # fmt: skip


def test_a_dose_whose_interval_holds_one_cannot_tell():
    assert isinstance(helps.dose(trend(0.9, 1.3), CHURN), CannotTell)
    assert "1.10 times the rate" in helps.dose(trend(1.05, 1.2), CHURN).text


def test_cannot_tell_travels():
    unknown = CannotTell("no tickets.")
    for ask in (fixed.answer, fixed.rivals, fixed.causes, fixed.same_customers, helps.curves):
        assert ask(unknown) is unknown
    for ask in (helps.answer, helps.lateness, helps.paradox, helps.gap, helps.dose):
        assert ask(unknown, CHURN) is unknown
