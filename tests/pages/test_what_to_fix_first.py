"""The first sentence of page 08: what to fix first, or why nothing can be ranked yet."""

from dataclasses import replace

import pandas as pd
import pytest

from cxresearch import CannotTell, Study, impact
from cxresearch.episodes import customer_lives
from cxresearch.impact.burden import Burden
from cxresearch.impact.issue_rows import OVERDUE
from cxresearch.lab import against_truth as trial
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.outcomes.cause_ratios import CauseRatios, by_name
from cxresearch.pages.what_to_fix_first import clear, first
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


@pytest.mark.parametrize(
    "none", [burden(verdict="cannot tell"), burden(ratio=0.5, verdict="leave less")]
)
def test_with_no_cause_clearly_worse_nothing_is_ranked_by_revenue(small, none):
    left = (customer_lives(small)["end"] == "voluntary").sum()
    said = first(fixes_of(), small, none)
    assert said.reason.startswith(
        "Causes cannot yet be ranked by revenue. Of 1 causes that were overdue enough to be tested "
        f"none differs clearly, after correction for so many tests ({left:,} departures)."
    )
    assert said.reason.endswith("By tickets: pay (9); mail (5).")


def test_what_cannot_be_told_of_the_ratios_is_the_reason(small):
    why = CannotTell("no.")
    assert clear(fixes_of(), small, replace(burden(), ratios=why)) is why
    assert clear(why, small, burden()) is why


def test_with_too_few_departures_months_and_counts_are_told(small):
    said = first(impact.fix_list(small), small, impact.cause_burden(small))
    assert isinstance(said, CannotTell)
    assert said.reason.startswith("Causes cannot yet be ranked by revenue.")
    assert "more months like these" in said.reason or "Nobody has left yet" in said.reason
    assert "By tickets: login" in said.reason
    assert "By replies, for hours: " in said.reason
