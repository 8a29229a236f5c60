"""What page 04 says of topics, of surges, and of other labels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.pages import agreement, surging
from cxresearch.pages import why_customers_write as why
from cxresearch.topics.topic_model import TopicModel
from cxresearch.topics.tree import topic_tree

START = pd.Timestamp("2024-01-01", tz="UTC")
IDS = [f"t{i}" for i in range(10)]
LABELS = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, -1])
CAUSES = ["a", "a", "a", "a", "b", "b", "b", "b", "b", "a"]


def study(**columns) -> Study:
    tickets = {"ticket_id": IDS, "created_at": START, "status": "open", "dq_flags": [[]] * 10}
    return Study.from_tables({"tickets": pd.DataFrame({**tickets, **columns})})


@pytest.fixture
def topics() -> TopicModel:
    weights = np.zeros((10, 2))
    weights[np.arange(9), LABELS[:9]] = 1
    weights[0] = [0.7, 0.3]
    table = pd.DataFrame(
        {"topic": [0, 1], "name": ["mail", "pay"], "size": [5, 4], "customers": [3, 2],
         "share": [0.5, 0.4], "low": 0.2, "high": 0.7, "words": [["mail"], ["pay"]],
         "stability": [0.9, 0.4], "reproducible": [True, False], "coherence": 0.1,
         "distinctness": 0.8, "quotes": [["t0"], ["t5"]]}
    )  # fmt: skip
    tree, points = topic_tree(np.eye(2)), pd.DataFrame({"ticket_id": [], "topic": []})
    made = {"texts": 9, "voters": 9}
    return TopicModel(LABELS, weights, np.array(IDS, dtype=object), table, tree, points, made)


def test_a_topic_under_a_half_is_named_as_not_reproducible(topics):
    said = why.stable(topics).text
    assert said.startswith("1 of 2 topics come back")
    assert "Those that do not: pay." in said
    assert why.trust_table(topics)["topic"].tolist() == ["pay", "mail"]


def test_a_ticket_of_two_issues_is_counted(topics):
    assert "1 of 9) of tickets belong to a second topic" in why.two_issues(topics).text


def test_without_descriptions_topics_are_modelled_on_subjects_only(topics):
    assert "**modelled on subjects only**" in why.read_from(study(subject="x"), topics).text
    half = ["words"] * 5 + [None] * 5
    assert "50% of tickets have one" in why.read_from(study(description=half), topics).text


def test_a_sample_is_said(topics):
    sampled = replace(topics, made={"texts": 90_000, "voters": 80_000})
    assert "A sample of 80,000 of 90,000" in why.read_from(study(), sampled).text
    assert "sample" not in why.read_from(study(), topics).text


def test_the_nearest_topics_are_named_with_their_distance(topics):
    (row,) = why.nearest_topics(topics).to_numpy().tolist()
    assert row == ["mail", "pay", 1.0]


def test_agreement_with_the_planted_causes_is_counted_by_hand(topics):
    planted = study()
    planted.truth = {
        "tickets": {i: {"causes": [c]} for i, c in zip(IDS, CAUSES, strict=True)},
        "hazard_ratio": {},
    }
    counts = agreement.beside(topics, agreement.labels(planted))
    assert counts.loc["mail"].to_dict() == {"b": 1, "a": 4}
    said = agreement.agreement(counts)
    assert said.numbers["share"] == pytest.approx(8 / 9, rel=1e-3)
    assert said.numbers["naive"] == pytest.approx(5 / 9, rel=1e-3)
    assert "most common planted cause is their own" in said.text


def test_types_count_only_while_people_chose_them(topics):
    typed = study(type=CAUSES, created_at=[START + pd.Timedelta(days=i) for i in range(10)])
    assert isinstance(agreement.labels(typed), CannotTell)
    until = replace(typed.settings, types_by_people_until="2024-01-07T00:00:00Z")
    chosen = agreement.labels(Study(until, None, {"tickets": typed.tickets}))
    assert chosen.tolist() == CAUSES[:6]
    assert agreement.beside(topics, chosen).columns.name == agreement.BY_PEOPLE


def test_requests_to_leave_are_held_against_the_truth():
    asking = study()
    assert agreement.exits(asking) == ()
    asking.truth = {"tickets": {i: {"causes": ["exit_request"] * (i < "t4")} for i in IDS}}
    marked = pd.DataFrame(
        {"ticket_id": IDS, "is_exit_request": [i in ("t0", "t1", "t9") for i in IDS]}
    )
    asking._tables["ticket_causes"] = marked
    (said,) = agreement.exits(asking)
    assert "50% (95% interval" in said.text
    assert "of 4) are marked" in said.text
    assert "67% (" in said.text
    assert "of 3) are one" in said.text


def test_a_surge_is_said_with_its_topic_and_week(topics):
    weeks = np.repeat(np.arange(60), np.where(np.arange(60) == 50, 40, 6))
    created = START + pd.to_timedelta(7 * weeks, unit="D")
    ids = [f"t{i}" for i in range(len(weeks))]
    tickets = pd.DataFrame(
        {"ticket_id": ids, "created_at": created, "status": "open", "dq_flags": [[]] * len(ids)}
    )
    many = replace(topics, ids=np.array(ids, dtype=object), labels=np.zeros(len(ids), np.int64))
    rows = surging.weekly(Study.from_tables({"tickets": tickets}), many)
    (surge,) = surging.surge_table(rows).to_dict("records")
    assert (surge["topic"], surge["since"]) == ("mail", pd.Timestamp("2024-12-16", tz="UTC"))
    said = surging.emerging_now(rows).text
    assert "no topic surges. Surges flagged in all: 1, in 1 of 1 topics" in said


def test_without_weeks_of_history_nothing_emerges(topics):
    rows = surging.weekly(study(), topics)
    assert isinstance(rows, CannotTell)
    assert isinstance(surging.surge_table(rows), CannotTell)
