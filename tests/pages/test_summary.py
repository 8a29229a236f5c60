"""Page 00: what it begins with, and what it says that cannot be told."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from cxresearch import CannotTell
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
        "For 2 of 3 causes we cannot tell whether customers leave more often (1 we can): half of "
        "all causes are so rare that only a hazard ratio of 3.0 or more could have been seen. More "
        "months would tell."
    )
    room(monkeypatch, by_cause=ratios(visible=np.nan))
    assert "(1 we can). More months" in summary.cannot_tell(None).text
    room(monkeypatch, by_cause=CannotTell("no."))
    assert summary.cannot_tell(None).text == "What we cannot tell: no."


def test_rules_that_speak_and_the_promise_stand_beside_the_headline(monkeypatch):
    headline, spoken, promised = Finding("They leave."), Finding("Against."), Finding("7 days.")
    room(monkeypatch, hazards=headline, rules=spoken, promise=promised)
    assert summary.how_sure(study_of(ROWS)) == (headline, spoken, promised)
    assert summary.how_sure(study_of(ROWS, outcome="return")) == (headline,)


def test_a_rule_that_speaks_withholds_the_savings(monkeypatch):
    why = CannotTell("no.")
    monkeypatch.setattr(summary.impact, "total_kept", lambda _: why)
    monkeypatch.setattr(summary.impact, "total_saved", lambda _: why)
    assert summary.in_all(study_of(ROWS)) == (why,)
    assert summary.in_all(study_of(ROWS, outcome="return")) == ()


ROWS = [("a", "mail", 10, None, None, 0, False)] * 3 + [("b", "pay", 10, 12, 11, 1, False)]


def test_the_largest_causes_are_named_with_their_shares():
    assert summary.why_they_write(study_of(ROWS)).text == (
        "Customers write most about: mail 75%; pay 25% (2 causes; shares of 4 tickets)."
    )
    none = study_of(ROWS)
    none.put("ticket_causes", none.ticket_causes.assign(topic=pd.array([-1] * 4, dtype="Int64")))
    assert isinstance(summary.why_they_write(none), CannotTell)


def test_where_nobody_leaves_the_page_begins_with_who_is_left_without_an_answer():
    said = summary.fix_first(study_of(ROWS, outcome="return"), CannotTell("not asked."))
    assert len(said) in (3, 4)
    assert "which cause to answer first" in said[0].reason
    churn = summary.fix_first(study_of(ROWS), CannotTell("no departures."))
    assert [s.reason[:40] for s in churn] == ["Causes cannot yet be ranked by revenue. "]
