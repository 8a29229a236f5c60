"""The topics of a part of a study are those of the whole, with the part's own tickets."""

from pathlib import Path

import pandas as pd
import pytest

from cxresearch import open_study
from cxresearch.topics.causes import cause_table
from cxresearch.topics.causes.refit import study_topics
from cxresearch.topics.topic_model import QUOTES

DEMO = Path(__file__).parents[2] / "data" / "demo"


@pytest.fixture(scope="module")
def whole():
    return open_study(DEMO)


def test_among_all_texts_nothing_changes(whole):
    topics = study_topics(whole)
    customers = whole.customer_tickets.set_index("ticket_id")["customer_id"]
    again = topics.among(topics.ids, customers)
    pd.testing.assert_frame_equal(again.info(), topics.info())
    pd.testing.assert_frame_equal(again.hierarchy(), topics.hierarchy())


def test_a_part_counts_and_quotes_its_own_tickets(whole):
    part = whole.where(product="Scanner app")
    topics, own = study_topics(part), set(part.tickets["ticket_id"])
    info = topics.info()
    assert info["size"].sum() == (topics.labels >= 0).sum() < len(topics.labels)
    assert info["size"].is_monotonic_decreasing
    assert (info["size"] > 0).all()
    assert info["share"].iloc[0] == round(info["size"].iloc[0] / len(topics.labels), 6)
    assert (info["low"] < info["share"]).all()
    assert (info["share"] < info["high"]).all()
    assert set(topics.ids) | set(topics.points["ticket_id"]) <= own
    assert all(0 < len(quotes) <= QUOTES and set(quotes) <= own for quotes in info["quotes"])
    assert all(set(joined) <= set(info["topic"]) for joined in topics.hierarchy()["topics"])
    assert dict(study_topics(whole).names()).items() >= dict(topics.names()).items()


def test_causes_of_a_part_are_those_that_people_wrote_for_the_whole(whole):
    part = whole.where(product="Scanner app")
    table = cause_table(part)
    assert set(table["cause"]) == set(cause_table(whole)["cause"])
    assert table["tickets"].sum() == (part.ticket_causes["topic"] >= 0).sum()


def test_a_part_gets_its_causes_when_the_whole_does(whole):
    part = whole.where(product="Stock")
    del part.held.tables["ticket_causes"]
    study_topics(part)
    assert set(part.ticket_causes["ticket_id"]) <= set(part.tickets["ticket_id"])
    assert len(part.ticket_causes)
