"""The sentences of notebook 07 say what the numbers say, and refuse where they must."""

import pandas as pd

from cxresearch import CannotTell, Study
from cxresearch.pages import what_helps as helps

CHURN = Study.from_tables({}, outcome="churn")


def trend(low, high) -> pd.Series:
    return pd.Series({"hazard ratio": 1.1, "low": low, "high": high, "p": 0.1, "events": 50,
                      "adjusted for": "nothing more"})  # fmt: skip


def test_a_dose_whose_interval_holds_one_cannot_tell():
    assert isinstance(helps.dose(trend(0.9, 1.3), CHURN), CannotTell)
    assert "1.10 times the rate" in helps.dose(trend(1.05, 1.2), CHURN).text


def test_cannot_tell_travels():
    unknown = CannotTell("no tickets.")
    assert helps.curves(unknown) is unknown
    for ask in (helps.answer, helps.lateness, helps.paradox, helps.gap, helps.dose):
        assert ask(unknown, CHURN) is unknown
