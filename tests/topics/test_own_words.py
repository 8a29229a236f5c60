"""How far people stand behind causes, and what customers ask for in their own words."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.study.settings import Settings
from cxresearch.topics import own_words
from cxresearch.topics.causes import confirmed
from cxresearch.topics.causes.file import CausesFile, Entry, causes_text
from cxresearch.topics.topic_model import TopicModel

START = pd.Timestamp("2024-01-01", tz="UTC")
IDS = [f"t{i}" for i in range(10)]
SAID = [
    "Please correct the invoice.", "Please correct the invoice!", "I was charged twice.",
    "Mail me at ann@example.com. Could you call our bookkeeper at +34 600 123 456?", "It is wrong.",
    "It crashes.", "The app is dead. Please tell Mrs Lorca to fix the scanner.", "It froze.",
    "It hangs.", None,
]  # fmt: skip
CAUSES = [*["<b>bills</b>"] * 5, *["crash"] * 4, "no words"]


@pytest.fixture
def study(tmp_path) -> Study:
    tickets = pd.DataFrame(
        {"ticket_id": IDS, "created_at": START, "status": "open", "description": SAID,
         "requester_id": IDS}
    )  # fmt: skip
    told = pd.DataFrame(
        {"ticket_id": IDS, "topic": [0] * 5 + [1] * 4 + [-1], "cause": CAUSES, "weight": 1.0,
         "is_exit_request": False}
    )  # fmt: skip
    made = Study.from_tables({"tickets": tickets, "ticket_causes": told})
    tables = {"tickets": made.tickets, "ticket_causes": made.ticket_causes}
    return Study(Settings(outcome="return"), tmp_path, tables)


def write(study: Study, *entries: Entry, gone=()) -> None:
    (study.path / "causes.toml").write_text(causes_text(CausesFile(entries, gone)), "utf-8")


BILLS = Entry(0, "invoice", 5, "<b>bills</b>", issue_type="service",
              suggested={"issue_type": "service"})  # fmt: skip
CRASH = Entry(1, "crash", 4, "crash", cause_kind="technology",
              suggested={"cause_kind": "technology"})  # fmt: skip


def test_tickets_with_a_cause_that_a_person_named_are_counted(study):
    write(study, BILLS, CRASH)
    said = confirmed.confirmed(study).said()
    assert said.text.startswith("50.0%")
    assert said.numbers["suggested"] == 4
    assert said.numbers["other"] == 1


def test_before_anybody_named_a_cause_the_page_says_so(study):
    write(study, Entry(0, "<b>bills</b>", 5, "<b>bills</b>"), CRASH)
    assert (
        confirmed.confirmed(study)
        .said()
        .text.startswith("No person has named or confirmed a cause yet. For 9 of 10 tickets")
    )


def test_a_star_marks_what_is_only_suggested(study):
    write(study, BILLS, Entry(1, "crash", 4, "crash", cause_kind="training",
                              suggested={"cause_kind": "technology"}))  # fmt: skip
    found = confirmed.kinds(study).set_index("cause")
    assert found.loc["<b>bills</b>", "issue type"] == "service*"
    assert found.loc["crash", "cause kind"] == "training"
    assert found.loc["crash", "owner"] == "nobody named"


def test_what_moved_and_what_is_gone_is_said(study):
    assert isinstance(confirmed.moved(study), CannotTell)
    write(study, BILLS, CRASH)
    assert confirmed.moved(study).sentences() == ()
    moved = Entry(0, "invoice", 5, "<b>bills</b>", was=4, overlap=0.8)
    write(study, moved, CRASH, gone=[Entry(9, "old", 3, "Late *parcels*", owner="Ann")])
    said = confirmed.moved(study).said().text
    assert "followed 1 of 2 topics" in said
    assert "Late \\*parcels\\*" in said


def test_wishes_are_redacted_counted_and_told_with_a_ticket(study):
    rows = own_words.asked_for(study)
    said = rows.said()
    assert (said.numbers["count"], said.numbers["of"]) == (4, 9)
    found = rows.table()
    first = found.iloc[0]
    assert first["cause"] == "<b>bills</b>"
    assert first["in their own words"].startswith("Please correct the invoice")
    assert first["tickets that say so"] == 2
    assert not found["in their own words"].str.contains("600|Lorca").any()
    assert "Please tell Mrs [name] to fix the scanner." in set(found["in their own words"])
    assert set(found["ticket"]) <= set(IDS)


def test_nobody_who_asks_for_nothing_is_quoted_as_asking(study):
    quiet = study.tickets.assign(description="It is broken.")
    again = Study(study.settings, study.path, {**study.held.tables, "tickets": quiet})
    assert isinstance(own_words.asked_for(again).table(), CannotTell)


def model() -> TopicModel:
    weights = np.zeros((10, 2))
    weights[:5, 0], weights[5:9, 1] = 1, 1
    weights[0] = [0.6, 0.4]
    table, none = pd.DataFrame({"topic": [0, 1], "name": ["a", "b"]}), pd.DataFrame()
    labels = np.array([0] * 5 + [1] * 4 + [-1])
    return TopicModel(labels, weights, np.array(IDS, dtype=object), table, none, none)


def test_stories_are_three_redacted_quotes_a_cause_of_tickets_wholly_of_it(study):
    found = own_words.stories(study, model())
    assert found["cause"].value_counts().to_dict() == {"<b>bills</b>": 3, "crash": 3}
    assert "t0" not in set(found["ticket"])
    assert not found["quote"].str.contains("ann@example.com").any()
    pd.testing.assert_frame_equal(found, own_words.stories(study, model()))
