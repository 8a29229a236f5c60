"""Solved in time, for good, at first contact: by hand, and as rows of the scorecard."""

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell, Study
from cxresearch.findings import doing
from cxresearch.kpis import resolution
from cxresearch.kpis.scorecard import rivals, scorecard

START = pd.Timestamp("2025-01-01T00:00:00Z")
COLUMNS = ("ticket_id requester_id created solved total_agent_replies count_reopens").split()
# Five tickets, solved but the last, watched for 60 days. b wrote again 3 days after her solution.
ROWS = [
    ("1", "a", 0, 1, 1, 0),
    ("2", "b", 0, 2, 3, 0),
    ("3", "b", 5, 6, 1, 1),
    ("4", "c", 0, 20, 1, 0),
    ("5", "d", 40, np.nan, 0, 0),
]


def study(rows=ROWS, until=60, **settings) -> Study:
    tickets = pd.DataFrame(rows, columns=COLUMNS)
    for column, days in (("created_at", "created"), ("first_solved_at", "solved")):
        tickets[column] = START + pd.to_timedelta(tickets.pop(days).astype(float), unit="D")
    solved = tickets["first_solved_at"].notna()
    tickets = tickets.assign(
        status=np.where(solved, "solved", "open"), first_reply_at=tickets["first_solved_at"]
    )
    ends = (START + pd.Timedelta(days=until)).isoformat()
    return Study.from_tables({"tickets": tickets}, observed_until=ends, **settings)


def test_first_contact_by_each_definition_on_the_same_four_tickets():
    found = {name: f["estimate"] for name, f in resolution.first_contact(study()).items()}
    assert found == pytest.approx(
        {"one answer": 3 / 4, "not reopened": 3 / 4, "nobody wrote again": 3 / 4, "neither": 2 / 4}
    )
    assert {f["n"] for f in resolution.first_contact(study()).values()} == {4}


def test_a_ticket_solved_last_week_is_too_young_to_judge():
    assert set(resolution.solved_tickets(study(until=26))["ticket_id"]) == set("123")
    assert set(resolution.solved_tickets(study(until=27))["ticket_id"]) == set("1234")


def test_another_persons_ticket_is_no_return():
    other = [("1", "a", 0, 1, 1, 0), ("2", "b", 2, 3, 1, 0)]
    assert resolution.first_contact(study(other))["nobody wrote again"]["estimate"] == 1


def test_a_ticket_on_the_eighth_day_is_no_return():
    late = [("1", "a", 0, 1, 1, 0), ("2", "a", 8.5, 9, 1, 0)]
    soon = [("1", "a", 0, 1, 1, 0), ("2", "a", 7.5, 9, 1, 0)]
    estimates = [resolution.first_contact(study(r))["nobody wrote again"]["estimate"]
                 for r in (late, soon)]  # fmt: skip
    assert estimates == [1, 0.5]


def test_what_the_export_cannot_tell_is_no_zero():
    unknown = [(*row[:5], pd.NA) for row in ROWS]
    found = resolution.first_contact(study(unknown))
    assert isinstance(found["not reopened"], CannotTell)
    assert isinstance(found["neither"], CannotTell)
    assert found["one answer"]["estimate"] == 3 / 4
    assert isinstance(resolution.reopened(study(unknown)), CannotTell)
    assert isinstance(resolution.escalated(study()), CannotTell)


def test_solved_in_time_censors_the_open():
    # Within 7 days 3 of 4 are solved; the fifth is open on day 20, so 3 of 5.
    assert resolution.solved_in_time(study())["estimate"] == pytest.approx(3 / 5)
    # Watched for half a day only, the fifth tells nothing of day 7: 3 of the other 4.
    young = resolution.solved_in_time(study(until=40.5))
    assert young["estimate"] == pytest.approx(3 / 4)


def test_one_of_four_solved_tickets_was_reopened():
    assert resolution.reopened(study())["estimate"] == pytest.approx(1 / 4)


def test_unanswered_counts_those_closed_without_an_answer():
    silent = study().tickets.drop(columns="first_reply_at").assign(status="closed")
    ends = study().settings.observed_until
    found = resolution.unanswered(Study.from_tables({"tickets": silent}, observed_until=ends))
    assert found["estimate"] == 1


def test_the_scorecard_keeps_every_row_whatever_the_study_lacks():
    bare = Study.from_tables({"tickets": study().tickets.head(1)})
    full, thin = scorecard(study()), scorecard(bare)
    assert full["kpi"].tolist() == thin["kpi"].tolist()
    untold = thin["estimate"].isna()
    assert (thin.loc[untold, "verdict"] == "cannot tell").all()
    assert thin.loc[untold & (thin["n"] == 0), "why"].str.len().gt(0).all()
    assert len(doing.card_table(thin)) == len(thin)


def test_no_verdict_is_given_inside_an_interval():
    card = scorecard(study()).dropna(subset=["estimate", "target"])
    inside = (card["low"] < card["target"]) & (card["target"] < card["high"])
    assert inside.any()
    assert (card.loc[inside, "verdict"] == "cannot tell").all()


def test_rival_definitions_are_said_side_by_side():
    said = doing.rivals(rivals(study()))
    assert said.numbers["low"] == 0.5
    assert said.numbers["high"] == 0.75
    assert "4 of 4 definitions" in said.text


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["met", "not met", "met", "met"], "it depends on the definition"),
        (["not met", "cannot tell", "cannot tell", "cannot tell"], "it depends on the definition"),
        (["met"] * 4, "first contact resolution: met"),
    ],
)
def test_definitions_that_disagree_leave_no_single_verdict(verdicts, said):
    card = scorecard(study())
    card.loc[card["kpi"].str.startswith("First contact"), "verdict"] = verdicts
    assert said in doing.others(card).text


def test_when_no_target_can_be_told_nothing_is_listed():
    card = scorecard(study()).assign(verdict="cannot tell")
    assert isinstance(doing.others(card), CannotTell)


def test_a_median_without_an_upper_end_is_said_in_words():
    typical = pd.DataFrame({"tickets": [3], "answered": [3], "median": [2.0], "low": [1.0],
                            "high": [np.nan], "mean of answered": [3.0]})  # fmt: skip
    said = doing.naive(typical)
    assert "1.0 to more than was watched" in said.text
    assert not any(np.isnan(v) for v in said.numbers.values())


def test_shuffled_tickets_give_the_same_scorecard():
    tickets = study().tickets.sample(frac=1, random_state=3)
    again = Study.from_tables({"tickets": tickets}, observed_until=study().settings.observed_until)
    pd.testing.assert_frame_equal(scorecard(study()), scorecard(again))
