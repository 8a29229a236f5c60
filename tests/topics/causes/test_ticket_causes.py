"""What each ticket is about, and who asks to leave."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.study.schema import TICKET_CAUSES
from cxresearch.study.study import Study
from cxresearch.topics.causes import ticket_causes
from cxresearch.topics.topic_model import TopicModel


@pytest.fixture
def causes() -> pd.DataFrame:
    tickets = pd.DataFrame(
        {
            "ticket_id": ["a", "b", "c"],
            "created_at": pd.Timestamp("2026-01-01", tz="UTC"),
            "status": "open",
            "subject": ["Cancel my subscription", None, "Olá"],
            "description": ["now", None, "mundo"],
            "tags": [[], ["cancel my subscription"], []],
            "dq_flags": [[], [], []],
        }
    )
    table = pd.DataFrame({"topic": [0], "name": ["leaving"]})
    ids, none = np.array(["c", "a", "b"], dtype=object), pd.DataFrame()
    labels = np.array([-2, 0, -1])
    topics = TopicModel(labels, np.array([[0], [1], [0]]), ids, table, none, none)
    return ticket_causes(Study.from_tables({"tickets": tickets}), topics).set_index("ticket_id")


def test_until_a_person_names_it_a_cause_is_the_topic_s_name(causes):
    assert causes["cause"].to_dict() == {"a": "leaving", "b": "no words", "c": "other language"}
    assert causes["weight"].eq(1).all()


def test_tags_make_no_exit_request(causes):
    assert causes["is_exit_request"].to_dict() == {"a": True, "b": False, "c": False}


def test_the_columns_are_the_schema_s(causes):
    assert list(causes.reset_index()) == TICKET_CAUSES.names


def test_a_ticket_wholly_in_a_topic_of_leavers_asks_to_leave_and_one_in_part_does_not():
    said = ["Cancel my subscription", "Please cancel our contract", "As I said before", "No bill"]
    tickets = pd.DataFrame(
        {
            "ticket_id": list("abcd"),
            "created_at": pd.Timestamp("2026-01-01", tz="UTC"),
            "status": "open",
            "subject": said,
            "tags": [[]] * 4,
            "dq_flags": [[]] * 4,
        }
    )
    table, none = pd.DataFrame({"topic": [0, 1], "name": ["leaving", "bills"]}), pd.DataFrame()
    shares = np.array([[1, 0], [1, 0], [0.95, 0.05], [0.6, 0.4]])
    topics = TopicModel(np.zeros(4, int), shares, np.array(list("abcd")), table, none, none)
    found = ticket_causes(Study.from_tables({"tickets": tickets}, outcome="return"), topics)
    assert found["is_exit_request"].tolist() == [True, True, True, False]
