"""The demo grows by months: one go or many steps, old topics, and a new theme planted in it."""

from pathlib import Path

import pandas as pd
import pytest

from cxresearch import open_study
from cxresearch.study.study import Study
from cxresearch.topics.causes.refit import study_topics
from cxresearch.topics.new_themes import new_themes
from cxresearch.topics.topic_model import load_topics
from tests.benchmarks.topics_that_last import in_folder, with_theme

DEMO = open_study(Path(__file__).parents[2] / "data" / "demo")
ENDS = pd.date_range("2024-04-01", "2024-10-01", freq="2MS", tz="UTC")  # fit: three months


def until(end: pd.Timestamp) -> pd.DataFrame:
    """The demo's tickets, and forty of a theme in the last two months, that came before a day."""
    tickets = DEMO.tickets[DEMO.tickets["created_at"] < ENDS[-1]]
    planted = with_theme(tickets, "meeting notes", months=2)
    return planted[planted["created_at"] < end]


@pytest.fixture(scope="module")
def grown(tmp_path_factory) -> dict[str, Study]:
    """The same months in one go and in three steps, after a fit of the first three."""
    studies = {}
    for way, ends in (("once", ENDS[[0, -1]]), ("steps", ENDS)):
        folder = tmp_path_factory.mktemp(way)
        for end in ends:
            studies[way] = in_folder(DEMO, until(end), folder)
            topics = study_topics(studies[way])
            if end == ENDS[0]:
                studies["first"] = pd.Series(topics.labels, index=topics.ids)
    return studies


def test_in_one_go_or_in_three_steps_each_ticket_has_the_same_cause(grown):
    one, other = (
        grown[way].ticket_causes.sort_values("ticket_id", ignore_index=True)
        for way in ("once", "steps")
    )
    assert len(one) > 3500
    pd.testing.assert_frame_equal(one, other)


def test_the_first_months_tickets_keep_their_topics_to_the_last_one(grown):
    for way in ("once", "steps"):
        topics = load_topics(grown[way].path / "topics")
        labels = pd.Series(topics.labels, index=topics.ids)
        assert labels[grown["first"].index].tolist() == grown["first"].tolist()


def test_each_ticket_that_came_later_knows_when(grown):
    came = load_topics(grown["steps"].path / "topics").came["assigned"]
    assert came.notna().sum() > 2000


def test_the_planted_theme_is_the_only_one_that_is_found(grown):
    found = new_themes(grown["steps"])
    pd.testing.assert_frame_equal(found, new_themes(grown["once"]))
    assert len(found) == 1
    ids = found["ids"][0]
    assert sum(each.startswith("new-") for each in ids) >= 30
    assert len(ids) <= 44
    assert "meeting" in found["name"][0].lower() or "notes" in found["name"][0].lower()
