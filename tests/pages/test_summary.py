"""Page 00: what it begins with, and what it says that cannot be told."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from cxresearch import CannotTell
from cxresearch.impact.endings import Endings
from cxresearch.impact.fixes import FixList
from cxresearch.outcomes.cause_ratios import CauseRatios, by_name
from cxresearch.pages import summary
from cxresearch.study.answers import Finding
from cxresearch.study.words import LEAVING
from tests.impact.test_burden import study_of


def room(monkeypatch, **answers) -> None:
    """The outcome's room, with these answers in the place of its functions."""
    functions = {name: (lambda *_, said=said: said) for name, said in answers.items()}
    made = SimpleNamespace(WORDS=LEAVING, WOULD_TELL="More months would tell.", **functions)
    monkeypatch.setattr(summary, "outcome", lambda _: made)


def ratios(visible=(2.0, 3.0, 4.0)) -> CauseRatios:
    verdicts = ["leave more", "cannot tell", "cannot tell: overdue too little"]
    frame = pd.DataFrame({"cause": list("abc"), "hazard ratio": [2.0, 1.5, np.nan],
                          "verdict": verdicts, "smallest visible ratio": visible})  # fmt: skip
    return CauseRatios(by_name(frame), LEAVING, (), "", "")


def test_the_causes_that_cannot_be_told_are_those_without_a_verdict(monkeypatch):
    room(monkeypatch, by_cause=ratios())
    assert summary.cannot_tell(None).text == (
        "For 2 of 3 causes we cannot tell whether customers leave more often. More months would "
        "tell."
    )
    room(monkeypatch, by_cause=CannotTell("no."))
    assert summary.cannot_tell(None).text == "What we cannot tell: no."


def test_rules_that_speak_and_the_promise_stand_beside_the_headline(monkeypatch):
    headline, spoken, promised = Finding("They leave."), Finding("Against."), Finding("7 days.")
    room(monkeypatch, headline=(headline,), rules=spoken, promise=promised)
    assert summary.how_sure(study_of(ROWS)) == (headline, spoken, promised)
    assert summary.how_sure(study_of(ROWS, outcome="return")) == (headline,)


ROWS = [("a", "mail", 10, None, None, 0, False)] * 3 + [("b", "pay", 10, 12, 11, 1, False)]


def test_where_nobody_leaves_the_page_begins_with_who_is_left_without_an_answer():
    study = study_of(ROWS, outcome="return")
    (said,) = summary.decision(study, CannotTell("not asked."))
    assert said == summary.impact.endings(study)
    churn = summary.decision(study_of(ROWS), CannotTell("no departures."))
    assert [s.reason[:40] for s in churn] == ["Causes cannot yet be ranked by revenue. "]


def endings() -> Endings:
    rows = [("mail", 100, 0.5, 0.4, 0.6), ("pay", 50, 0.45, 0.3, 0.6), ("sync", 90, 0.1, 0.0, 0.2)]
    columns = ["cause", "customers", "unanswered", "unanswered low", "unanswered high"]
    return Endings(pd.DataFrame(rows, columns=columns).set_index("cause", drop=False))


def test_who_ends_without_an_answer_is_answered_first_and_who_cannot_be_told_apart_is_counted(
    monkeypatch,
):
    monkeypatch.setattr(summary.impact, "endings", lambda _: endings())
    study = study_of(ROWS, outcome="return")
    first, ends, alike = summary.decision(study, CannotTell("not asked."))
    assert first.text.startswith("**Answer “mail” first**: 50% of the 100 customers")
    assert "40% to 60%" in ends.text
    assert alike.text == "Of 2 other causes 1 may be left as often."


def fixes(**top) -> FixList:
    row = {"customers kept": 12.4, "customers kept low": 5.0, "customers kept high": 20.0,
           "revenue": 1000.0, "revenue low": 400.0, "revenue high": 1600.0, "rank": 1, "band": 1,
           "top 3": 0.93, "survives": True, **top}  # fmt: skip
    less = row | {"rank": 2, "customers kept": 11.0, "top 3": 0.5}
    frame = pd.DataFrame({("solve sooner", "mail"): row, ("solve sooner", "pay"): less}).T
    frame.index.names = ["lever", "cause"]
    return FixList(frame.infer_objects(), "EUR", {}, 7.0)


def test_the_decision_says_what_to_do_what_it_may_keep_its_range_and_how_sure(monkeypatch):
    monkeypatch.setattr(summary.impact, "total_kept", lambda _: CannotTell("no."))
    what, ends, sure = summary.decision(study_of(ROWS), fixes())
    assert what.text == (
        "**Solve “mail” within 7 days first**: that may keep 12 customers in a year."
    )
    assert "5 to 20 customers a year" in ends.text
    assert sure.text == (
        "It is very likely (93%) to be among the three causes worth most; we cannot say that it "
        "is the first."
    )


def test_sentences_of_the_decision_are_short(monkeypatch):
    monkeypatch.setattr(summary.impact, "total_kept", lambda _: CannotTell("no."))
    for said in summary.decision(study_of(ROWS), fixes()):
        assert len(said.text.split()) <= 25
