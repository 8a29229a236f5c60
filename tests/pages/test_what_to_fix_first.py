"""The first sentence of page 08: what to fix first, or why nothing can be ranked yet."""

from dataclasses import replace

import pandas as pd
import pytest

from cxresearch import CannotTell, Study, impact
from cxresearch.impact.burden import Burden
from cxresearch.impact.issue_rows import OVERDUE
from cxresearch.lab import against_truth as trial
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.outcomes.cause_ratios import CauseRatios, by_name
from cxresearch.pages.what_to_fix_first import first
from cxresearch.study.words import LEAVING
from tests.impact.test_fixes import fixes_of


@pytest.fixture(scope="module")
def small() -> Study:
    """A company with too few departures."""
    return trial.planted_study(*simulate_world(120, 3, text=False, **WORLDS["plain"]))


def burden(ratio: float = 2.0, verdict: str = "leave more") -> Burden:
    frame = by_name(pd.DataFrame({"cause": ["mail", "pay"], "tickets": [5.0, 9], "replies": None,
                                  "hazard ratio": ratio, "p": [0.01, None],
                                  "verdict": [verdict, "cannot tell"]}))  # fmt: skip
    return Burden(frame, OVERDUE, CauseRatios(frame, LEAVING, (), "others", "few"))


def test_with_one_cause_clearly_worse_the_fix_list_speaks(small):
    assert first(fixes_of(), small, burden()) == fixes_of().said()


def test_why_no_cause_can_be_named_is_told_with_the_counts(small):
    why = CannotTell("what to fix first: a rule speaks against it.")
    said = first(replace(fixes_of(), stopped=why), small, burden())
    assert said.reason.startswith("Causes cannot yet be ranked by revenue. What to fix first: a")
    assert said.reason.endswith("By tickets: pay (9); mail (5).")


def test_with_too_few_departures_months_and_counts_are_told(small):
    said = first(impact.fix_list(small), small, impact.cause_burden(small))
    assert isinstance(said, CannotTell)
    assert said.reason.startswith("Causes cannot yet be ranked by revenue.")
    assert "cannot be told from a company of this size" in said.reason
    assert "By tickets: login" in said.reason
    assert "By replies, for hours: " in said.reason
