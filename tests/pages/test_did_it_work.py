"""Page 11: nothing but one sentence without decisions; else each decision, told and shown."""

from dataclasses import replace

import pytest

from cxresearch import CannotTell, Study
from cxresearch.impact import realised as decided
from cxresearch.lab.against_truth import planted_study
from cxresearch.lab.simulate import simulate_world
from cxresearch.pages.did_it_work import rests_on
from tests.impact.test_realised import company, decision
from tests.page_cells import page_says


@pytest.fixture(scope="module")
def fixed() -> Study:
    return company(0.4)


def told(study: Study, monkeypatch, *of) -> dict[int, list[str]]:
    monkeypatch.setattr(decided, "decisions", lambda study: of)
    return page_says(study, "11")


def test_a_study_without_decisions_has_nothing_but_how_to_write_one_down(fixed):
    assert list(page_says(fixed, "11").values()) == [
        ["No decision is in decisions.toml yet: write one down with 'cxresearch decide', and this "
         "page will say whether it worked."]
    ]  # fmt: skip


def test_a_planted_fix_is_told_first_and_shown(fixed, monkeypatch):
    said = told(fixed, monkeypatch, decision())
    assert said[2][0].startswith("**It worked**: tickets about Import fails fell by")
    table, title, described = said[3]
    assert "“Rewrite it” for Import fails, from 2025-03-01." in table
    assert "customers kept" in table
    assert title.startswith("Import fails: -")
    assert "Counted since: " in described
    assert "further rows are not shown" in said[4][0]


def test_what_a_person_wrote_is_no_markup(fixed, monkeypatch):
    said = told(fixed, monkeypatch, replace(decision(), what="<b>*big*</b>", owner="<i>"))
    everything = " ".join(text for texts in said.values() for text in texts)
    assert r"&lt;b&gt;\*big\*&lt;/b&gt;" in said[2][0]
    assert "<b>*" not in everything.replace("“<b>*big*</b>” for", "")  # the note is escaped later


def test_who_owns_a_decision_is_on_no_page(fixed, monkeypatch):
    said = told(fixed, monkeypatch, replace(decision(), owner="jane.doe@firm.example"))
    assert "jane" not in str(said)


def test_a_decision_of_tomorrow_is_shown_with_what_was_expected(fixed, monkeypatch):
    tomorrow = replace(decision(), since=decision().since.replace(year=2026))
    said = told(fixed, monkeypatch, tomorrow)
    assert said[2][0].startswith("**Cannot tell:** whether “Rewrite it” worked: it begins on")
    assert "12 (6 to 18)" in said[3][0]


def test_the_placebos_are_counted_where_there_are_any(fixed):
    made = decided.realised(fixed, decision())
    tomorrow = decision(decision().since.replace(year=2026))
    [only] = rests_on((made, CannotTell("why."), decided.realised(fixed, tomorrow)))
    assert f"In {made.frame.loc['tickets', 'placebos']:,.0f} comparisons" in only.text


def test_a_company_without_decisions_of_its_own_goes_through_the_page():
    study = planted_study(*simulate_world(60, 3, text=False))
    assert len(page_says(study, "11")) == 1
