"""The scorecard as one frame, and what page 02 says of it."""

import numpy as np
import pandas as pd
import pytest
from desks import desk

from cxresearch import CannotTell, Study
from cxresearch.kpis.compliance import response_compliance
from cxresearch.kpis.first_contact import (
    DEFINITIONS,
    NAME,
    fcr_sensitivity,
    first_contact_resolution,
)
from cxresearch.kpis.scorecard import scorecard
from cxresearch.kpis.tidy import COLUMNS
from cxresearch.pages import how_are_we_doing as doing
from cxresearch.pages import waiting


def study(**more) -> Study:
    """Five tickets, the last open; b and c are one person's, b's comes back after three days."""
    return desk(
        [0, 0, 120, 0, 960], replied=[1, 20, 130, 30, np.nan], solved=[24, 48, 144, 480, np.nan],
        requester_id=list("abbcd"), total_agent_replies=[1, 3, 1, 1, 0],
        count_reopens=[0, 0, 1, 0, 0], until=1440, **more,
    )  # fmt: skip


def test_every_row_has_the_columns_of_a_kpi():
    assert list(scorecard(study()).columns) == ["about", *COLUMNS.split()]
    assert (scorecard(study())["group"] == "all").all()


def test_the_scorecard_keeps_every_row_whatever_the_study_lacks():
    bare = Study.from_tables({"tickets": study().tickets.head(1)})
    full, thin = scorecard(study()), scorecard(bare)
    assert full["kpi"].tolist() == thin["kpi"].tolist()
    untold = thin["estimate"].isna()
    assert (thin.loc[untold, "verdict"] == "cannot tell").all()
    assert len(doing.card_table(thin)) == len(thin)


def test_no_verdict_is_given_inside_an_interval():
    card = scorecard(study()).dropna(subset=["estimate", "target"])
    inside = (card["low"] < card["target"]) & (card["target"] < card["high"])
    assert inside.any()
    assert (card.loc[inside, "verdict"] == "cannot tell").all()


def test_shuffled_tickets_give_the_same_scorecard():
    tickets = study().tickets.sample(frac=1, random_state=3)
    again = Study.from_tables({"tickets": tickets}, observed_until=study().settings.observed_until)
    pd.testing.assert_frame_equal(scorecard(study()), scorecard(again))


def test_the_answer_is_the_share_answered_in_time_and_who_is_not_due():
    said = doing.answer(study(), scorecard(study()))
    # a and b in time; c after 10 hours; d after 30; e never
    assert said.numbers["share"] == 0.6
    assert "5 tickets) of customers' tickets get a first answer within 24 hours" in said.text
    promised = study(settings={"first_reply_promises": ("chat: 1",)})
    assert "within the time promised" in doing.answer(promised, scorecard(promised)).text


def test_definitions_are_said_side_by_side():
    said = doing.rivals(scorecard(study()))
    assert (said.numbers["low"], said.numbers["high"]) == (0.5, 0.75)
    assert "4 of 7 definitions" in said.text
    assert len(doing.rival_table(scorecard(study()))) == len(DEFINITIONS)


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["met", "not met", *["met"] * 5], "it depends on the definition"),
        (["not met", *["cannot tell"] * 6], "it depends on the definition"),
        (["met"] * 7, "first contact resolution: met"),
    ],
)
def test_definitions_that_disagree_leave_no_single_verdict(verdicts, said):
    card = scorecard(study())
    first = card["kpi"].str.startswith(NAME)
    card.loc[first, ["verdict", "estimate"]] = [[v, 0.5] for v in verdicts]
    assert said in doing.others(card).text


def test_when_no_target_can_be_told_nothing_is_listed():
    card = scorecard(study()).assign(verdict="cannot tell")
    assert isinstance(doing.others(card), CannotTell)


def test_what_to_beware_of_stands_after_what_is_counted():
    card = scorecard(study()).set_index("kpi", drop=False)
    words = doing.definitions(card)["what is counted"]
    assert ". Cannot tell: whether it took one contact" in words[NAME + "closed once"]
    assert words["Unanswered"] == card.loc["Unanswered", "definition"]


def test_a_median_without_an_upper_end_is_said_in_words():
    said = waiting.naive(desk([0] * 3, replied=[1, 2, np.nan]))
    assert "to more than was watched" in said.text
    assert "forgets the 33.3% without an answer" in said.text
    assert not any(np.isnan(v) for v in said.numbers.values())


def test_groups_are_said_by_their_verdicts():
    channels = ["chat"] * 100 + ["web"] * 100
    both = desk([0] * 200, replied=[1] * 100 + [30] * 100, created_channel=channels,
                ticket_id=[f"t{i}" for i in range(200)],
                requester_id=[f"p{i}" for i in range(200)])  # fmt: skip
    found = response_compliance(both, by="created_channel")
    assert "met in chat; not met in web. The best is chat with 100%" in (
        waiting.groups(found, "channels").text
    )
    assert list(waiting.group_table(found)["group"]) == ["all", "chat", "web"]


def test_one_group_is_no_comparison():
    lone = response_compliance(desk([0, 0], created_channel="web", replied=1), "created_channel")
    assert "channels differ: web only" in waiting.groups(lone, "channels").reason
    assert len(waiting.group_table(lone)) == 1


def test_waits_are_shown_by_the_clocks_that_are_known():
    assert list(waiting.times_table(study())["wait"]) == ["First response", "Resolution"]
    office = study(settings={"business_hours": ("Mon-Fri 08:00-18:00",)})
    assert list(waiting.times_table(office)["wait"])[1] == "First response in business hours"
    assert waiting.in_business_hours(office).numbers["n"] == 5
    assert isinstance(waiting.in_business_hours(study()), CannotTell)


def test_the_window_is_said_with_its_shares():
    found = fcr_sensitivity(study(), days=(1, 7))
    # of four ever solved, c was reopened nobody knows when, and b came back on day three
    assert found["estimate"].tolist() == pytest.approx([3 / 4, 2 / 4])
    assert "75.0% stay solved with a window of 1 and 50.0% with one of 7" in (
        doing.windows(found).text
    )
    untold = fcr_sensitivity(desk([0], solved=1), days=(1, 7))
    assert isinstance(doing.windows(untold), CannotTell)
    assert "leavers" not in doing.window_table(untold)


def test_a_definition_alone_is_no_comparison():
    one = first_contact_resolution(study(), definition="no reopen")
    assert isinstance(doing.rivals(one), CannotTell)
