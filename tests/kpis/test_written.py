"""Shares of what the desk wrote, promises kept, and what a lack costs, by hand."""

import pandas as pd
import pytest

from cxresearch.kpis import written
from cxresearch.study.answers import CannotTell
from tests.kpis.desk import desk, event, ticket, whole
from tests.page_cells import page_says

TEXT = "The report of last month does not open any more on any of our machines."
FRIDAY = "We will write again by Friday."  # 1 January 2025 is a Wednesday


def told(*tickets: tuple, until: float = 60, **more):
    """A desk of tickets (solved, first message, then (day, agent, text) ...), a customer each."""
    rows = [ticket(str(i), f"c{i}", 0, solved, description=text, language="en", **more)
            for i, (solved, text, *_) in enumerate(tickets)]  # fmt: skip
    events = [event(str(i), on, body=body, actor_id=who,
                    role="customer" if who == "c" else "agent")
              for i, (_, _, *said) in enumerate(tickets) for on, who, body in said]  # fmt: skip
    return desk(rows, events, until=until)


def test_shares_are_of_tickets_with_an_agents_words():
    study = told((9, TEXT, (1, "A", "Sorry for that.")), (9, TEXT, (1, "A", "Restart it.")),
                 (9, TEXT, (1, "c", "Any news?")))  # fmt: skip
    found = whole(written.wrote(study), "Acknowledged in the first answer")
    assert (found["estimate"], found["n"]) == (0.5, 2)
    assert found["why"].startswith("1 ticket not read")


def test_what_opens_the_page_is_a_sentence():
    study = told((9, TEXT, (1, "A", "Sorry for that.")), (9, TEXT, (1, "A", "Restart it.")))
    said = written.wrote(study).said("Acknowledged in the first answer").text
    assert said.startswith("**50.0%** of first answers take up what the customer wrote (95% inter")
    assert said.endswith("; n = 2).")
    none = written.wrote(study).said("Told twice after a handoff")
    assert isinstance(none, CannotTell)


def test_told_twice_is_a_share_of_tickets_that_changed_hands():
    study = told((9, TEXT, (1, "A", "I pass it on."), (2, "B", "What is the problem?")),
                 (9, TEXT, (1, "A", "Restart it.")))  # fmt: skip
    found = whole(written.wrote(study), "Told twice after a handoff")
    assert (found["estimate"], found["n"]) == (1, 1)


def test_a_rule_that_is_not_used_shows_no_number(monkeypatch):
    study = told((9, TEXT, (1, "A", "Sorry for that.")))
    monkeypatch.setattr(written, "untrusted", lambda rule: CannotTell("too little."))
    assert set(written.wrote(study).frame["verdict"]) == {"cannot tell"}
    assert written.lacking(study).frame.empty


@pytest.mark.parametrize(
    ("solved", "second", "held"),
    [(2.5, None, True), (None, 2.9, True), (None, 3.1, False), (9, 8, False)],
)
def test_a_promise_is_kept_by_a_solution_or_another_answer_by_then(solved, second, held):
    more = [(second, "A", "A short note.")] if second else []
    study = told((solved, TEXT, (1, "A", FRIDAY), *more))
    (row,) = written.promises(study).to_dict("records")
    assert row["held"] == held
    assert row["due"] == pd.Timestamp("2025-01-04", tz="UTC")
    assert whole(written.kept(study))["estimate"] == float(held)


def test_a_promise_that_is_not_over_or_came_with_the_solution_is_not_judged():
    open_, over = (
        told((None, TEXT, (1, "A", FRIDAY)), until=2),
        told((1.01, TEXT, (1, "A", FRIDAY))),
    )
    assert not written.promises(open_)["mature"].any()
    assert written.promises(over)["held"].isna().all()
    for study in (open_, over):
        assert whole(written.kept(study))["n"] == 0


def test_a_lack_costs_days_within_a_cause_only():
    # of cause a messages that name the browser take 2 days and others 5; of cause b nobody names it
    name, none = "Chrome 126 does not open the report of last month any more.", TEXT
    said = (0.5, "A", "One moment.")
    tickets = [(2, name, said)] * 20 + [(5, none, said)] * 20 + [(30, none, said)] * 40
    study = told(*tickets)
    causes = pd.DataFrame(
        {"ticket_id": [str(i) for i in range(80)], "topic": [0] * 40 + [1] * 40,
         "cause": ["a"] * 40 + ["b"] * 40, "weight": 1.0, "is_exit_request": False}
    )  # fmt: skip
    tables = {name: study.table(name) for name in ("tickets", "ticket_events")}
    study = type(study).from_tables(tables | {"ticket_causes": causes},
                                    observed_until=study.observed_until.isoformat())  # fmt: skip
    row = written.lacking(study).frame.loc["version"]
    assert (row["holds"], row["lacks"], row["causes"]) == (20, 60, 1)
    assert row[["days", "low", "high"]].tolist() == pytest.approx([3, 3, 3])


def test_the_record_is_a_list_of_checks_of_solved_tickets():
    study = told((9, TEXT, (8.9, "A", "It is mended.")), (9, TEXT, (1, "A", "One moment.")),
                 (None, TEXT, (1, "A", "One moment.")), type="question")  # fmt: skip
    found = written.record(study).frame
    assert found.loc["Solution told", ["estimate", "n"]].tolist() == [0.5, 2]
    assert found.loc["Kind filled in", "estimate"] == 1
    assert found.loc["Closed by the customer", "n"] == 0  # nobody knows who closed them


def test_of_what_no_ticket_of_the_export_has_the_record_tells_nothing():
    said = [(9, TEXT, (1, "A", "One moment."))] * 2
    none = written.record(told(*said)).frame.loc[["Kind filled in", "Has an internal note"]]
    assert none["estimate"].isna().all()
    assert none["why"].str.startswith("no ticket of the export has").all()
    rows = [ticket(name, name, 0, 9, description=TEXT, language="en", type=kind)
            for name, kind in (("a", "question"), ("b", None))]  # fmt: skip
    events = [event(name, 1, body="One moment.", actor_id="A") for name in "ab"]
    events.append(event("a", 2, "note", body="Look at it."))
    some = written.record(desk(rows, events)).frame
    assert some.loc[["Kind filled in", "Has an internal note"], "estimate"].tolist() == [0.5, 0.5]


def test_a_study_without_words_says_once_what_would_tell():
    said = page_says(desk([ticket("t", "a", 0)], [event("t", 1)]), "15")
    every = {text.replace("**", "") for texts in said.values() for text in texts}
    assert len([text for text in every if "ticket has words of agents" in text]) == 1


def test_the_page_shows_shares_promises_and_how_the_rules_were_checked():
    study = told((9, TEXT, (1, "A", "Sorry for that."), (1.5, "A", FRIDAY)))
    said = " ".join(text for texts in page_says(study, "15").values() for text in texts)
    for words in ("Promised dates kept", "Acknowledged", "kappa of two readers", "Solution told"):
        assert words in said
