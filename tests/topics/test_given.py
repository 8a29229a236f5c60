"""Causes given with tickets: those without text follow the tickets with text of the same cause."""

import pandas as pd
import pytest

from cxresearch.study.study import Study
from cxresearch.topics.causes import keep_causes
from cxresearch.topics.causes.refit import study_topics, told_tickets
from cxresearch.topics.given import found_alone, planted_causes, with_given, without_text

#          id   text   given_cause
TICKETS = [
    ("1", "text", "sync"),
    ("2", "text", "sync"),
    ("3", "text", "sync"),
    ("4", "text", "exit_request"),
    ("5", None, "sync"),
    ("6", None, "exit_request"),
    ("7", None, "login"),
    ("8", None, None),
    ("9", "text", "exit_request"),
]
FOUND = [  # ticket_id, topic, cause, asks to leave
    ("1", 0, "Stock", False),
    ("2", 0, "Stock", True),
    ("3", 1, "Leaving", False),
    ("4", 1, "Leaving", True),
    ("9", 1, "Leaving", False),
]


@pytest.fixture
def study():
    ids, texts, given = zip(*TICKETS, strict=True)
    tickets = pd.DataFrame({"ticket_id": ids, "subject": texts, "given_cause": given}).assign(
        created_at=pd.Timestamp("2025-01-01", tz="UTC"), status="open", requester_id=ids
    )
    tickets["dq_flags"] = [[] for _ in ids]
    return Study.from_tables({"tickets": tickets})


@pytest.fixture
def found():
    causes = pd.DataFrame(FOUND, columns=["ticket_id", "topic", "cause", "is_exit_request"])
    kinds = {"topic": "Int64", "is_exit_request": "boolean", "ticket_id": "str", "cause": "str"}
    return causes.assign(weight=1.0).astype(kinds)


def test_a_ticket_without_text_gets_what_most_of_its_given_cause_got(study, found):
    got = with_given(study, found).set_index("ticket_id")
    assert got.loc["5", ["topic", "cause", "is_exit_request"]].tolist() == [0, "Stock", False]
    assert got.loc["6", ["topic", "cause", "is_exit_request"]].tolist() == [1, "Leaving", True]


def test_a_cause_of_no_ticket_with_text_keeps_its_name_and_is_no_found_topic(study, found):
    got = with_given(study, found).set_index("ticket_id")
    assert got.loc["7", "cause"] == "login"
    assert got.loc["7", "topic"] > found["topic"].max()


def test_tickets_with_text_stay_and_those_of_no_given_cause_get_none(study, found):
    found.attrs["said"] = "x"
    got = with_given(study, found)
    pd.testing.assert_frame_equal(got.head(5), found[got.columns])
    assert got["ticket_id"].tolist() == list("12349567")
    assert got.attrs == {"said": "x"}


def test_what_was_not_found_counts_for_no_agreement(study, found):
    assert found_alone(study, with_given(study, found))["ticket_id"].tolist() == list("12349")


def test_a_study_without_given_causes_is_as_before(study, found):
    tickets = study.tickets.drop(columns="given_cause")
    other = Study.from_tables({"tickets": tickets})
    assert with_given(other, found) is found
    assert not without_text(tickets).any()
    assert len(told_tickets(other)) == 9


def test_only_tickets_with_text_or_without_a_given_cause_are_read(study):
    assert told_tickets(study)["ticket_id"].tolist() == list("123489")


def test_planted_causes_are_lists_by_ticket_wherever_they_stand(study):
    study.truth = {"seed": 1}
    assert planted_causes(study)["1"] == ["sync"]
    assert "8" not in planted_causes(study)
    study.truth = {"tickets": {"1": {"causes": ["a", "b"]}, "2": {}}}
    assert planted_causes(study).to_dict() == {"1": ["a", "b"]}


def test_where_no_ticket_has_text_causes_are_called_as_they_were_given(study):
    mute = study.tickets[without_text(study.tickets)]
    silent = Study.from_tables({"tickets": mute})
    topics = study_topics(silent)
    keep_causes(silent, topics)
    assert topics.info().empty
    assert silent.ticket_causes.set_index("ticket_id")["cause"].to_dict() == {
        "5": "sync", "6": "exit_request", "7": "login"
    }  # fmt: skip
