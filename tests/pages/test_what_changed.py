"""Page 10 on the demo, a small company, a forum without billing, and where a change was planted."""

from pathlib import Path

import pandas as pd
import pytest

from cxresearch import open_study
from cxresearch.kpis.said_before import NEVER
from cxresearch.lab.against_truth import planted_study
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.report.page import read_page
from tests.kpis.test_two_periods import two_quarters
from tests.page_cells import page_book, page_says
from tests.readable import numbers, sentences, words

FORUM = Path(__file__).parents[3] / "tb"
CELLS = {"open": (2, 3, 4), "causes": (5,), "parts": (6, 7), "before": (8,), "errs": (9,)}


def small():
    """150 customers in whose company nothing changes."""
    return planted_study(*simulate_world(150, 3, text=False, **WORLDS["plain"]))


def said(study) -> dict[str, str]:
    """By part of the page all that it says and shows."""
    told = page_says(study, "10")
    return {
        part: "\n".join(t for c in cells for t in told.get(c, ())) for part, cells in CELLS.items()
    }


@pytest.fixture(scope="module")
def demo() -> dict[str, str]:
    return said(open_study("data/demo"))


def test_the_demo_says_the_cause_that_rose_and_that_no_kpi_changed(demo):
    assert "in 2025Q3 than in 2025Q2: App crashes (" in demo["open"]  # an incident of September
    assert "**Cannot tell:** whether any KPI got better or worse" in demo["open"]
    assert "Overdue" in demo["open"]
    assert "change in all" in demo["parts"]


def test_without_an_earlier_report_one_sentence_says_so(demo):
    assert demo["before"] == NEVER.text


def test_how_often_it_errs_is_said_per_year(demo):
    assert "5% of years would bring a false alarm: 4 looks a year" in demo["errs"]


def test_a_small_company_is_told_what_cannot_be_told():
    told = said(small())
    assert told["open"].startswith("**Cannot tell:** whether any KPI got better or worse")
    assert "none of" in told["causes"]
    assert "**Worse**" not in told["open"]


@pytest.mark.skipif(not FORUM.exists(), reason="the forum is not beside the project")
def test_a_forum_without_billing_is_not_asked_about_customers_it_does_not_know():
    told = said(open_study(FORUM))
    assert "Customers who wrote in 12 weeks" in told["open"]
    assert "100 customers" not in told["open"]
    for absent in ("Satisfied", "Net promoter", "Retention", "segments"):
        assert absent not in "".join(told.values())


def test_what_was_planted_is_the_answer():
    told = said(two_quarters(until=230))
    assert told["open"].startswith("**Worse** in 2025Q2 than in 2025Q1: ")
    assert "overdue (from 20.0% to 80.0%)" in told["open"]


def test_two_weeks_of_tickets_are_said_once_to_be_too_few():
    study = two_quarters(until=60)
    told = [text for texts in page_says(study, "10").values() for text in texts]
    assert sum("two whole months" in text for text in told) == 2  # in words and as the figure
    assert told[-1] == NEVER.text


@pytest.mark.parametrize("study", [small, lambda: two_quarters(until=230)], ids=["small", "desk"])
def test_sentences_are_short_and_hold_few_numbers(study):
    name, book, _ = page_book(study(), "10")
    every = [
        one for text in read_page(name, book, frozenset()).said for one in sentences(text.text)
    ]
    assert max(len(words(one)) for one in every) <= 35
    assert pd.Series([len(words(one)) for one in every]).quantile(0.9) <= 25
    assert [one for one in every[:3] if len(numbers(one)) > 3] == []
