"""The scorecard as one frame, and what page 02 says of it."""

import numpy as np
import pandas as pd
import pytest
from desks import desk
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from cxresearch import CannotTell, Study
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
    assert (thin.loc[untold, "verdict"] == "cannot tell").all()
    assert len(scorecard(bare).table()) == len(thin)


def test_no_verdict_is_given_inside_an_interval():
    card = scorecard(study()).frame.dropna(subset=["estimate", "target"])
    inside = (card["low"] < card["target"]) & (card["target"] < card["high"])
    assert inside.any()
    assert (card.loc[inside, "verdict"] == "cannot tell").all()


def test_shuffled_tickets_give_the_same_scorecard():
    tickets = study().tickets.sample(frac=1, random_state=3)
    again = Study.from_tables({"tickets": tickets}, observed_until=study().settings.observed_until)
    pd.testing.assert_frame_equal(scorecard(study()).frame, scorecard(again).frame)


def test_the_answer_is_the_share_answered_in_time_and_who_is_not_due():
    said = scorecard(study()).said()
    # a and b in time; c after 10 hours; d after 30; e never
    assert said.numbers["share"] == 0.6
    assert "5 tickets) of customers' tickets get a first answer within 24 hours" in said.text
    promised = study(settings={"first_reply_promises": ("chat: 1",)})
    assert "within the time promised" in scorecard(promised).said().text


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["met", "not met", *["met"] * 5], "it depends on the definition"),
        (["not met", *["cannot tell"] * 6], "it depends on the definition"),
        (["met"] * 7, "first contact resolution: met"),
    ],
)
def test_definitions_that_disagree_leave_no_single_verdict(verdicts, said):
    card = scorecard(study()).frame
    first = card["about"] == "first contact"
    card.loc[first, ["verdict", "estimate"]] = [[v, 0.5] for v in verdicts]
    assert said in Scorecard(card).said("others").text


def test_when_no_target_can_be_told_nothing_is_listed():
    card = scorecard(study()).frame.assign(verdict="cannot tell")
    said = Scorecard(card).said("others")
    assert isinstance(said, CannotTell)
    assert "retention, first contact resolution)" in said.reason


def test_what_to_beware_of_stands_after_what_is_counted():
    card = scorecard(study())
    words = card.definitions()["what is counted"]
    assert ". Cannot tell: whether it took one contact" in words[NAME + "closed once"]
    assert words["Unanswered"] == card.frame.loc["Unanswered", "definition"]


def test_a_page_begins_with_first_answers_and_then_the_other_targets():
    card = scorecard(study())
    assert card.sentences() == (card.said(), card.said("others"))
    card.frame.loc["Escalated", "verdict"] = "met"
    said = card.said("others").text
    assert said.startswith("Of the other targets: recurrence within 7 days: cannot tell; ")
    assert "; escalated: met; " in said
    assert "first answer" not in said
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


def scores(**rows) -> Scorecard:
    known = {"kpi": "A", "unit": "points", "target": 50.0, "wanted": "at least", "why": "",
             "estimate": 60.0, "about": "voice", "group": "all", "n": 9}  # fmt: skip
    frame = pd.DataFrame.from_dict({k: known | {"kpi": k} | v for k, v in rows.items()}, "index")
    return Scorecard(frame)


def test_a_scores_chance_is_said_as_far_as_it_can_be_told():
    # Normal curves: 60 and 40 are 50 -+ 10, two standard errors of 5, or four of 2.5.
    card = scores(Good={"low": 50.2, "high": 69.8}, Sure={"low": 55.1, "high": 64.9},
                  Bad={"low": 35.1, "high": 44.9}, Lone={"low": np.nan, "high": np.nan},
                  Share={"unit": "%", "low": 1, "high": 2})  # fmt: skip
    said = card.chances().text
    assert "good, 50: 98%; sure, 50: over 99%; bad, 50: under 1%; lone, 50: cannot tell." in said
    assert "share" not in said.split("?")[1]
    assert isinstance(scores(Share={"unit": "%", "low": 1, "high": 2}).chances(), CannotTell)


def test_bars_and_title_count_the_same_verdicts_as_the_table():
    card = scorecard(study()).judged()
    shown = card.table().loc[card.frame["unit"].eq("%") & card.frame["estimate"].notna()]
    ax = card.plot()
    missed = (shown["verdict"] == "not met").sum()
    assert missed
    title = f"{missed} of {len(shown)} shares with a target clearly miss it"
    assert ax.figure.get_suptitle() == title
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == shown["KPI"].tolist()
    colours = [to_hex(colour) for colour in ax.collections[1].get_facecolors()]
    assert colours == [COLOURS[verdict] for verdict in shown["verdict"]]
    plt.close(ax.figure)
