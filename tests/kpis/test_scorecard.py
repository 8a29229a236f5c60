"""The scorecard as one frame, and what page 02 says of it."""

import numpy as np
import pandas as pd
from desks import desk
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cxresearch import Study
from cxresearch.kpis.first_contact import NAME, OURS
from cxresearch.kpis.scorecard import Scorecard, scorecard
from cxresearch.kpis.standing import COLOURS
from cxresearch.kpis.tidy import COLUMNS


def study(**more) -> Study:
    """Five tickets, the last open; b and c are one person's, b's comes back after three days."""
    return desk(
        [0, 0, 120, 0, 960], replied=[1, 20, 130, 30, np.nan], solved=[24, 48, 144, 480, np.nan],
        requester_id=list("abbcd"), total_agent_replies=[1, 3, 1, 1, 0],
        count_reopens=[0, 0, 1, 0, 0], until=1440, **more,
    )  # fmt: skip


def test_every_row_has_the_columns_of_a_kpi():
    card = scorecard(study()).frame
    assert list(card) == ["about", *COLUMNS.split()]
    assert (card["group"] == "all").all()
    assert list(card.index) == card["kpi"].tolist()


def test_the_scorecard_keeps_every_row_whatever_the_study_lacks():
    bare = Study.from_tables({"tickets": study().tickets.head(1)})
    full, thin = scorecard(study()).frame, scorecard(bare).frame
    assert full["kpi"].tolist() == thin["kpi"].tolist()
    untold = thin["estimate"].isna()
    assert set(thin.loc[untold, "verdict"]) == {"cannot tell", "does not apply"}
    assert len(scorecard(bare).table()) == len(thin)


def test_no_verdict_is_given_inside_an_interval():
    card = scorecard(study()).frame.dropna(subset=["estimate", "target"])
    inside = (card["low"] < card["target"]) & (card["target"] < card["high"])
    assert inside.any()
    assert (card.loc[inside, "verdict"] == "cannot tell").all()


def test_shuffled_tickets_give_the_same_scorecard():
    tickets, until = study().tickets.sample(frac=1, random_state=3), study().settings.observed_until
    again = Study.from_tables({"tickets": tickets}, observed_until=until, targets_given=True)
    pd.testing.assert_frame_equal(scorecard(study()).frame, scorecard(again).frame)


def test_the_answer_is_the_share_answered_in_time_and_who_is_not_due():
    said = scorecard(study()).said()
    # a and b in time; c after 10 hours; d after 30; e never
    assert said.numbers["share"] == 0.6
    assert "of customers' tickets get a first answer within 24 hours (95% int" in said.text
    promised = study(settings={"first_reply_promises": ("chat: 1",)})
    assert "within the time promised" in scorecard(promised).said().text


def test_what_to_beware_of_stands_after_what_is_counted():
    card = scorecard(study())
    words = card.definitions()
    assert "Cannot tell: whether it took one contact" in words.loc[NAME + "closed once", "beware"]
    assert words.loc["Unanswered", "what is counted"] == card.frame.loc["Unanswered", "definition"]
    assert words.loc["First response, median", "beware"].startswith("Open ones count")
    longest = words["beware"].str.len() > 60
    assert not (words["beware"].eq(words["beware"].shift()) & longest).any()
    assert "Retention" not in words.index  # nobody can be seen to leave here


def test_a_page_begins_with_first_answers_and_then_how_many_targets_are_met():
    card = scorecard(study())
    assert card.sentences() == (card.said(), card.said("targets"))
    counts = card.judged().frame["verdict"].value_counts()
    said = card.said("targets")
    assert said.numbers["of"] == len(card.judged().frame) == counts.sum()
    assert said.numbers["missed"] == counts["not met"]
    assert said.text.endswith(f"missed; {counts['cannot tell']} cannot be told.")


def test_targets_that_nobody_set_judge_nothing_and_one_that_was_set_does():
    usual = scorecard(study(settings={"targets_given": False}))
    assert usual.said("targets").text.startswith("Nobody set targets")
    assert set(usual.frame["verdict"]) == {"no target", "cannot tell", "does not apply"}
    assert usual.judged().frame["unit"].eq("%").all()
    assert "verdict" not in usual.judged().table()
    ax = usual.judged().plot()
    assert ax.figure.get_suptitle() == "First answer in time: 60%"
    plt.close(ax.figure)
    one = scorecard(study(settings={"targets_given": False, "escalation_target": 0.2}))
    assert one.judged().frame.index.tolist() == ["Escalated"]


def test_the_first_row_is_said_with_its_unit():
    card = scorecard(study())
    assert card.said("First response, median").text.startswith("First response, median: **20.0 h")


def test_what_is_judged_has_a_target_and_first_contact_is_judged_by_ours_alone():
    card = scorecard(study())
    judged = card.judged().frame
    assert judged["target"].notna().all()
    assert [name for name in judged.index if name.startswith(NAME)] == [NAME + OURS]
    assert isinstance(card.judged(), Scorecard)
    rest = card.unjudged()
    assert set(rest.index).isdisjoint(judged.index)
    assert rest["about"].tolist()[:2] == ["waiting", ""]
    assert list(card.first_contact().frame["about"].unique()) == ["first contact"]


def test_bars_and_title_count_the_same_verdicts_as_the_table():
    card = scorecard(study()).judged()
    shown = card.table().loc[card.frame["unit"].eq("%") & card.frame["estimate"].notna()]
    ax = card.plot()
    met = (shown["verdict"] == "met").sum()
    title = f"{met} of the {len(shown)} targets that are shares are met; scores are in the table"
    assert ax.figure.get_suptitle() == title
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == shown["KPI"].tolist()
    colours = [to_hex(colour) for colour in ax.collections[1].get_facecolors()]
    assert colours == [COLOURS[verdict] for verdict in shown["verdict"]]
    plt.close(ax.figure)
