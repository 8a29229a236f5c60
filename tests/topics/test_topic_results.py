"""What page 04 says of topics, of surges, and of other labels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cxresearch import CannotTell, Study
from cxresearch.pages.why_customers_write import largest_causes, planted_exits
from cxresearch.study.drawing import ACCENT, QUIET
from cxresearch.topics import beside_labels as beside
from cxresearch.topics import topic_results as results
from cxresearch.topics.never_an_answer import never_answered
from cxresearch.topics.surges import Surges, weekly_surges
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
        {"topic": [0, 1], "name": ["mail", "pay"],
         "theme": ["mail", "pay"], "nearest": [1, 0], "apart": [["mail"], ["pay"]],
         "size": [5, 4], "customers": [3, 2],
         "share": [0.5, 0.4], "low": 0.2, "high": 0.7, "words": [["mail"], ["pay"]],
         "stability": [0.9, 0.4], "reproducible": [True, False], "coherence": 0.1,
         "distinctness": 0.8, "quotes": [["t0"], ["t5"]]}
    )  # fmt: skip
    tree, points = topic_tree(np.eye(2)), pd.DataFrame({"ticket_id": [], "topic": []})
    made = {"texts": 9, "voters": 9}
    return TopicModel(LABELS, weights, np.array(IDS, dtype=object), table, tree, points, made)


def test_a_topic_under_a_half_is_named_as_not_reproducible(topics):
    said = topics.stability.said().text
    assert said.startswith("1 of 2 topics come back")
    shown = topics.stability.table().set_index("topic")["reproducible"]
    assert shown.to_dict() == {"pay": False, "mail": True}


def test_themes_lead_where_most_topics_do_not_come_back(topics):
    parts = topics.table.assign(theme="post", reproducible=[True, False])
    half = replace(topics, table=parts).sizes
    assert half.said().text.startswith("The largest of 2 causes is **mail**: 50.0% of 10 tickets")
    assert half.table()["theme"].tolist() == ["post", "post"]
    shaky = replace(topics, table=parts.assign(reproducible=False)).sizes
    assert shaky.said().text.startswith("The largest of 1 themes is **post**: 90.0% of 10 tickets")
    fine, unheard = shaky.in_none()
    assert "2 of 2 do not come back" in fine.text
    assert half.in_none() == (unheard,)


def test_topics_that_a_person_gave_one_name_are_one_cause(topics):
    one = replace(topics, table=topics.table.assign(name="mail")).sizes
    [row] = one.causes().to_dict("records")
    assert (row["size"], row["share"], row["firm"]) == (9, pytest.approx(0.9), True)
    assert "five" not in one.said().text


def test_the_five_largest_are_summed_where_there_are_more(topics):
    many = pd.concat([topics.table.head(1)] * 6).assign(
        name=list("abcdef"), size=[5, 4, 3, 2, 1, 1]
    )
    sizes = replace(topics.sizes, frame=many, tickets=20)
    assert sizes.said().text.endswith(" The five largest together bring 75%.")
    ax = sizes.plot()
    assert ax.figure.get_suptitle() == "The 5 largest of 6 causes bring 75% of tickets"
    plt.close(ax.figure)


def test_the_largest_causes_are_shown_with_a_quote_that_holds_their_words(topics):
    said = ["The mail does not arrive."] * 5 + [
        "It hangs.",
        "I cannot pay.",
        "It froze.",
        None,
        None,
    ]
    rows = topics.table.assign(quotes=[["t0"], ["t5", "t6"]])
    told = study(description=said)
    told.held.tables["ticket_causes"] = pd.DataFrame(
        {"ticket_id": IDS, "topic": LABELS, "cause": "mail", "weight": 1.0}
    )
    found = largest_causes(told, replace(topics, table=rows))
    assert found["cause"].tolist() == ["mail", "pay"]
    assert found["tickets (change)"].tolist() == ["5", "4"]
    assert found["a customer's words (ticket)"].tolist() == [
        "The mail does not arrive. (t0)", "I cannot pay. (t6)"
    ]  # fmt: skip


def test_a_ticket_of_two_issues_is_counted(topics):
    assert "1 of 9) of tickets belong to a second topic" in results.second_issues(topics).text


def test_without_descriptions_topics_are_modelled_on_subjects_only(topics):
    assert "**modelled on subjects only**" in results.read_from(study(subject="x"), topics).text
    half = ["words"] * 5 + [None] * 5
    assert "50% of tickets have one" in results.read_from(study(description=half), topics).text


def test_a_sample_is_said(topics):
    sampled = replace(topics, made={"texts": 90_000, "voters": 80_000})
    assert "A sample of 80,000 of 90,000" in results.read_from(study(), sampled).text
    assert "sample" not in results.read_from(study(), topics).text


def test_neighbours_that_were_sought_in_part_are_said(topics):
    near = {"recall": 0.961, "all_compared": False}
    said = results.read_from(study(), replace(topics, made={**topics.made, "neighbours": near}))
    assert said.text.endswith("96.1% of the tickets most like another were found without "
                              "comparing all.")  # fmt: skip
    few = {"recall": 0.9, "all_compared": True}
    said = results.read_from(study(), replace(topics, made={**topics.made, "neighbours": few}))
    assert said.text.endswith("That is too few, so all were compared.")


def test_agreement_with_the_planted_causes_is_counted_by_hand(topics):
    planted = study()
    planted.truth = {
        "tickets": {i: {"causes": [c]} for i, c in zip(IDS, CAUSES, strict=True)},
        "hazard_ratio": {},
    }
    counts = beside.beside_labels(planted, topics)
    assert counts.frame.loc["mail"].to_dict() == {"b": 1, "a": 4}
    said = counts.said()
    assert said.numbers["share"] == pytest.approx(8 / 9, rel=1e-3)
    assert said.numbers["naive"] == pytest.approx(5 / 9, rel=1e-3)
    assert "most common planted cause is their own" in said.text


def test_types_count_only_while_people_chose_them(topics):
    typed = study(type=CAUSES, created_at=[START + pd.Timedelta(days=i) for i in range(10)])
    assert isinstance(beside.labels(typed), CannotTell)
    until = replace(typed.settings, types_by_people_until="2024-01-07T00:00:00Z")
    by_people = Study(until, None, {"tickets": typed.tickets})
    assert beside.labels(by_people).tolist() == CAUSES[:6]
    counts = beside.beside_labels(by_people, topics).frame
    assert counts.columns.name == beside.BY_PEOPLE


def test_requests_to_leave_are_held_against_the_truth():
    asking = study()
    assert planted_exits(asking) == ()
    asking.truth = {"tickets": {i: {"causes": ["exit_request"] * (i < "t4")} for i in IDS}}
    marked = pd.DataFrame(
        {"ticket_id": IDS, "is_exit_request": [i in ("t0", "t1", "t9") for i in IDS]}
    )
    asking.held.tables["ticket_causes"] = marked
    (said,) = planted_exits(asking)
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
    rows = weekly_surges(Study.from_tables({"tickets": tickets}), many)
    (surge,) = rows.table().to_dict("records")
    assert (surge["topic"], surge["since"][:10]) == ("mail", "2024-12-16")
    said = rows.said().text
    assert said.endswith("its own history. The last that did was mail, from 2024-12-16 on.")


def test_without_weeks_of_history_nothing_emerges(topics):
    assert isinstance(weekly_surges(study(), topics), CannotTell)


def test_the_sizes_say_the_largest_and_what_is_in_no_topic(topics):
    [rest] = topics.sizes.in_none()
    assert topics.sizes.said().text.startswith("The largest of 2 causes is **mail**: 50.0% of 10")
    assert rest.text.startswith("Counted apart are 0 tickets that say nothing of what they are ab")
    assert "1 without words and 0 in a language that was not read." in rest.text
    assert topics.sizes.table()["topic"].tolist() == ["mail", "pay"]


def test_topic_sizes_are_drawn_with_the_unsure_in_grey(topics):
    ax = topics.sizes.plot()
    assert ax.figure.get_suptitle() == "2 causes bring 90% of tickets"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["mail", "pay"]
    tones = [to_hex(bar.get_facecolor()) for bar in ax.patches]
    assert tones == [ACCENT, QUIET]
    assert "Grey, because not reproducible: pay." in topics.sizes.described()
    plt.close(ax.figure)


def test_without_topics_there_is_nothing_to_draw(topics):
    none = replace(topics, table=topics.table.iloc[:0], labels=np.full(10, -1))
    assert isinstance(none.sizes.plot(), CannotTell)
    assert isinstance(none.sizes.said(), CannotTell)
    assert isinstance(none.stability.said(), CannotTell)
    assert isinstance(none.map.plot(), CannotTell)


def test_names_on_the_map_stand_a_line_apart():
    places = pd.DataFrame({"topic": [0, 1, 2], "x": [0.0, 0.0, 1.0], "y": [0.0, 0.1, 10.0]})
    info = pd.DataFrame(
        {
            "topic": [0, 1],
            "name": ["mail", "pay"],
            "theme": ["mail", "pay"],
            "nearest": [1, 0],
            "apart": [["mail"], ["pay"]],
            "size": [1, 2],
        }
    )
    ax = results.TopicMap(places, info).plot()
    heights = [text.get_position()[1] for text in ax.texts]
    assert heights == pytest.approx([0.0, 10 * results.LINE])
    plt.close(ax.figure)


def test_topics_beside_labels_are_drawn_as_shares_of_the_topic():
    counts = pd.DataFrame({"a": [8, 3], "b": [2, 3]}, index=["mail", "pay"])
    both = beside.BesideLabels(counts.rename_axis("planted cause", axis=1))
    ax = both.plot()
    drawn = ax.collections[0].get_array().ravel().tolist()
    assert drawn == pytest.approx([0.8, 0.2, 0.5, 0.5])
    assert ax.figure.get_suptitle() == "1 of 2 topics are mostly one planted cause"
    assert "Least clear: pay, 50%." in both.described()
    plt.close(ax.figure)


def test_surges_are_drawn_with_their_flagged_weeks():
    weeks = pd.DataFrame(
        {"topic": 0, "name": "mail", "week": pd.date_range("2024-01-01", periods=4, freq="7D"),
         "count": [5, 6, 30, 7], "expected": 5.0, "flagged": [False, False, True, False]}
    )  # fmt: skip
    ax = Surges(weeks).plot()
    assert ax.figure.get_suptitle() == "The newest surge: mail, 30 tickets in a week"
    assert ax.collections[0].get_offsets()[:, 1].tolist() == [30]
    plt.close(ax.figure)
    assert isinstance(Surges(weeks.assign(flagged=False)).plot(), CannotTell)


def answered(first_reply: list[bool], causes: list[str]) -> Study:
    ids = [f"a{i}" for i in range(len(causes))]
    replied = [START if yes else None for yes in first_reply]
    tickets = pd.DataFrame({"ticket_id": ids, "created_at": START, "status": "open",
                            "requester_id": ids, "first_reply_at": replied})  # fmt: skip
    told = pd.DataFrame({"ticket_id": ids, "topic": 0, "cause": causes, "weight": 1.0,
                         "is_exit_request": False})  # fmt: skip
    return Study.from_tables({"tickets": tickets, "ticket_causes": told})


def test_the_cause_most_often_left_without_an_answer_is_named():
    causes = ["mail"] * 30 + ["pay"] * 30 + ["rare"] * 29
    silent = never_answered(answered([False] * 15 + [True] * 74, causes))
    assert silent.frame["share"].to_dict() == {"mail": 0.5, "pay": 0.0}
    said = silent.said()
    assert said.numbers["count"] == 15
    assert said.numbers["of"] == 89
    assert "Most often about mail: 50% (33% to 67%)." in said.text
    shown = silent.table().set_index("cause")["never answered"]
    assert shown["mail"] == "50.0% (33.2% to 66.8%)"
    assert isinstance(never_answered(answered([True] * 29, ["rare"] * 29)), CannotTell)
