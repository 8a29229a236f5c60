"""The form by which a person teaches what causes are, without a browser."""

import shutil
from pathlib import Path

import pytest

from cxresearch import Study, open_study, study_topics
from cxresearch.pages.teach import teach
from cxresearch.topics.causes.file import read_causes

DEMO = Path(__file__).parents[2] / "data/demo"
HOSTILE = "<img src=x onerror=alert(1)>"
CRASHES, BILLS = "App crashes", "Invoice is wrong · Double payment"


@pytest.fixture
def study(tmp_path) -> Study:
    return open_study(shutil.copytree(DEMO, tmp_path / "demo"))


class Form:
    """The fields of the form by what stands before them."""

    def __init__(self, study: Study):
        *fields, buttons, self.below = teach(study, study_topics(study)).children
        self.fields = {field.description: field for field in fields}
        self.buttons = {button.description: button for button in buttons.children}

    def __getitem__(self, name: str):
        return self.fields[name].value

    def __setitem__(self, name: str, value) -> None:
        self.fields[name].value = value

    def press(self, name: str) -> str:
        self.buttons[name].click()
        return self.below.value


@pytest.fixture
def form(study) -> Form:
    return Form(study)


def test_the_form_shows_what_a_cause_is_said_to_be(form):
    form["cause"] = CRASHES
    assert form["call it"] == CRASHES
    assert form["customers would write"] == ""
    assert form["no cause"] is False
    assert ("App crashes (1,090)", CRASHES) in form.fields["cause"].options


def test_two_are_made_one_and_nothing_is_written_before_it_is_saved(form, study):
    file = study.path / "causes.toml"
    before = file.read_text("utf-8")
    form["cause"] = CRASHES
    form["call it"] = BILLS
    page = form.press("See the effect")
    assert (
        "<td>Invoice is wrong · Double payment</td><td class=num>919</td><td class=num>2,009</td>"
        in page
    )
    assert file.read_text("utf-8") == before
    assert "called otherwise: 1,090." in form.press("Save")
    assert [e.name for e in read_causes(file).topics].count(BILLS) == 2
    assert (study.ticket_causes["cause"] == BILLS).sum() == 2009
    assert form.press("Save") == "There is nothing to save."


def test_what_is_said_of_a_cause_stays_in_the_draft_when_another_is_chosen(form):
    form["cause"] = CRASHES
    form["call it"] = "It stops"
    form["cause"] = BILLS
    assert ("It stops", "It stops") in form.fields["cause"].options
    form["cause"] = "It stops"
    assert form["call it"] == "It stops"
    assert "App crashes" in form.press("See the effect")
    form.press("Start over")
    assert (CRASHES, CRASHES) in form.fields["belongs to"].options


def test_a_hostile_name_is_words_on_the_page(form):
    form["cause"] = CRASHES
    form["call it"] = HOSTILE
    page = form.press("See the effect")
    assert "<img" not in page
    assert "&lt;img src=x" in page
    form["call it"] = HOSTILE * 9
    said = form.press("See the effect")
    assert "name must be a text of 1 to 120 letters" in said
    assert "<img" not in said


def test_a_new_cause_asks_for_sentences_and_a_ticket_for_its_number(form):
    form["cause"] = ""
    form["call it"] = "Scanner freezes"
    assert "'Scanner freezes' needs a sentence" in form.press("See the effect").replace(
        "&#x27;", "'"
    )
    form.press("Start over")
    form["ticket"] = "<b>none</b>"
    said = form.press("Save")
    assert "&lt;b&gt;none&lt;/b&gt;" in said
    assert "is no ticket of this study" in said
    assert not any(button.disabled for button in form.buttons.values())


def test_a_study_that_cannot_be_taught_says_so(study):
    part = study.where(created_channel=study.tickets["created_channel"].dropna().unique()[0])
    assert "a part of one, cannot be taught" in teach(part, study_topics(study)).value
