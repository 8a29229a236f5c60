"""Are two topics one cause? Words, customers and fate, counted by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.study.intervals import difference, wilson
from cxresearch.topics.one_cause import MAY, NOT, UNTOLD, one_cause
from cxresearch.topics.topic_model import TopicModel
from cxresearch.topics.tree import topic_tree

START, DAY = pd.Timestamp("2024-01-01", tz="UTC"), pd.Timedelta(days=1)


def study(who, late=(), **columns) -> Study:
    """A ticket a customer named; those at the places in late took a month, others a day."""
    ids = [f"t{at}" for at in range(len(who))]
    took = [30 * DAY if at in late else DAY for at in range(len(who))]
    tickets = {
        "ticket_id": ids, "requester_id": who, "created_at": START,
        "first_solved_at": [START + each for each in took], "status": "closed",
    }  # fmt: skip
    made = Study.from_tables({"tickets": pd.DataFrame({**tickets, **columns})})
    settings = replace(made.settings, observed_until="2025-01-01T00:00:00Z")
    return Study(settings, None, {name: made.table(name) for name in made.rows})


def topics(labels, alike: float = 0.9) -> TopicModel:
    """Three topics; the first two are so alike, the third is like none."""
    labels = np.array(labels)
    names = ["sign in", "password", "parcel"]
    table = pd.DataFrame({"topic": range(3), "name": names})
    centres = np.array([[1, 0, 0], [alike, np.sqrt(1 - alike**2), 0], [0, 0, 1]])
    ids = np.array([f"t{at}" for at in range(len(labels))], dtype=object)
    return TopicModel(labels, np.eye(3)[labels], ids, table, topic_tree(centres), None, {})


def pair(who, labels, late=(), alike: float = 0.9) -> pd.Series:
    found = one_cause(study(who, late), topics(labels, alike))
    return found.frame.iloc[0]


# 60 customers write of the first topic and then of the second, 60 others of the third twice
TOGETHER = [f"c{at}" for at in range(60)] * 2 + [f"d{at}" for at in range(60)] * 2
OF = [0] * 60 + [1] * 60 + [2] * 120


def test_words_customers_and_fate_that_are_shared_propose_one_cause():
    row = pair(TOGETHER, OF)
    assert (row["topic"], row["other"], row["says"]) == ("sign in", "password", MAY)
    assert row["words"] == pytest.approx(0.9)
    # all other tickets of the first topic's customers are of the second; of all customers' 1 in 3
    assert row["customers"] == pytest.approx(3)
    assert row["low"] == pytest.approx(3 * wilson(60, 60)[0])
    assert row["fate"] == 0


def test_what_fares_otherwise_differs():
    row = pair(TOGETHER, OF, late=range(30))
    assert row["says"] == NOT
    wanted = difference((0.5, *wilson(30, 60)), (0.0, *wilson(0, 60)))
    np.testing.assert_allclose(row[["fate", "fate low", "fate high"]].astype(float), wanted)


def test_topics_whose_words_differ_or_whose_customers_are_others_are_not_proposed():
    assert pair(TOGETHER, OF, alike=0.6)["says"] == UNTOLD
    apart = [f"c{at}" for at in range(240)]
    assert pair(apart, OF)["says"] == UNTOLD
    assert np.isnan(pair(apart, OF)["customers"])  # nobody wrote twice


def test_few_tickets_cannot_tell():
    few = [f"c{at}" for at in range(8)] * 2 + [f"d{at}" for at in range(8)] * 2
    assert pair(few, [0] * 8 + [1] * 8 + [2] * 16)["says"] == UNTOLD


def test_without_solutions_fate_is_not_told():
    untold = study(TOGETHER, first_solved_at=pd.Series(pd.NaT, range(240), "datetime64[us, UTC]"))
    row = one_cause(untold, topics(OF)).frame.iloc[0]
    assert np.isnan(row["fate"])
    assert row["says"] == UNTOLD


def test_what_is_said_names_the_pairs_and_what_to_do():
    said = one_cause(study(TOGETHER), topics(OF)).said().text
    assert "**1 of 1** pairs of near topics" in said
    assert "causes.toml" in said
    table = one_cause(study(TOGETHER), topics(OF)).table()
    assert table.loc["sign in", "late, points apart"] == "+0 (-6 to +6; 60 and 60 tickets)"


def test_one_topic_has_no_pair():
    alone = TopicModel(np.zeros(2, int), np.ones((2, 1)), np.array(["t0", "t1"], dtype=object),
                       pd.DataFrame({"topic": [0], "name": ["a"]}), topic_tree(np.eye(1)), None,
                       {})  # fmt: skip
    assert isinstance(one_cause(study(["a", "b"]), alone), CannotTell)


def test_topics_of_a_part_keep_their_own_names():
    """A part may lack topic 0: names go by a topic's number, not by its place."""
    labels = [1] * 60 + [2] * 60 + [3] * 120
    names = pd.DataFrame({"topic": [1, 2, 3], "name": ["sign in", "password", "parcel"]})
    centres = np.array([[0, 0, 0, 1], [1, 0, 0, 0], [0.9, np.sqrt(0.19), 0, 0], [0, 0, 1, 0]])
    tree = topic_tree(centres)
    tree = tree[[0 not in held for held in tree["topics"]]]
    ids = np.array([f"t{at}" for at in range(240)], dtype=object)
    part = TopicModel(np.array(labels), np.eye(4)[labels], ids, names, tree, None, {})
    row = one_cause(study(TOGETHER), part).frame.iloc[0]
    assert (row["topic"], row["other"], row["says"]) == ("sign in", "password", MAY)
