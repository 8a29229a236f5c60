"""Routed right, load and states: rows on paper, what is said, and what cannot be told."""

import re

import numpy as np
import pandas as pd
import pytest

from cxresearch import CannotTell
from cxresearch.kpis.teams.by_team import OFF, by_team
from cxresearch.kpis.teams.handoffs import elsewhere_first, routed, usual_team, waiting_share
from cxresearch.kpis.teams.load import load, load_by_week, per_agent
from cxresearch.study.small_groups import Few, hide
from tests.kpis.desk import desk, status, ticket
from tests.kpis.teams.test_holders import EVENTS, ROWS, to


def desk_of_two(seed=1, n=1200, worse=0.0, harm=0.0, **told):
    """Two teams of four agents, two causes; half a year of tickets, a fifth begin elsewhere."""
    rng = np.random.default_rng(seed)
    at = np.sort(rng.uniform(0, 300, n))
    cause, wrong = rng.integers(0, 2, n), rng.random(n) < 0.2
    first = np.where(wrong, 1 - cause, cause)
    in_time = rng.random(n) < 0.7 - worse * (first == 0)
    takes = np.where(rng.random(n) < 0.7 - harm * wrong, 3, 20)
    rows = [
        ticket(str(i), f"x{i % 300}", at[i], at[i] + takes[i], group_id="AB"[cause[i]],
               assignee_id=f"{'AB'[first[i]]}{i % 4}",
               first_reply_at=at[i] + (0.5 if in_time[i] else 2))
        for i in range(n)
    ]  # fmt: skip
    events = [to(str(i), at[i], "AB"[first[i]]) for i in range(n)]
    events += [to(str(i), at[i] + 1, "AB"[cause[i]], "AB"[first[i]]) for i in np.flatnonzero(wrong)]
    causes = {str(i): ("sync", "bill")[cause[i]] for i in range(n)}
    return desk(rows, events, causes, **told)


def test_solved_by_the_first_team_and_back_and_forth_are_counted():
    found = routed(desk(ROWS, EVENTS, persons=True)).frame
    assert found["estimate"].tolist() == [1.0, 0.5]  # of a and b, which was handed on afterwards
    by_cause = routed(desk_of_two(), "cause")
    assert by_cause.table()["group"].tolist()[0] == "all tickets"
    assert by_cause.frame["estimate"].iloc[0] == pytest.approx(0.8, abs=0.03)
    said = by_cause.said().text
    assert "were solved by the team that had them first" in said
    assert "went back and forth between teams." in said
    assert all(len(re.findall(r"\d+(?:\.\d+)?%?", s.replace("95%", ""))) <= 3
               for s in re.split(r"\. ", said))  # fmt: skip


def test_without_a_history_nobody_knows_who_had_it_first():
    rows = [ticket(str(i), "x", i, i + 1, group_id="AB"[i % 2]) for i in range(9)]
    assert isinstance(routed(desk(rows)), CannotTell)
    assert isinstance(elsewhere_first(desk(rows)), CannotTell)


def test_what_beginning_elsewhere_goes_with_is_told_where_it_is_so_and_not_where_it_is_not():
    harmed = elsewhere_first(desk_of_two(harm=0.3))
    row = harmed.frame.loc["solved within the promise"]
    assert row["difference"] == pytest.approx(-30, abs=10)
    assert (row["high"] < -10, row["verdict"]) == (True, "less")
    assert "With coming first to another team" in harmed.said().text
    assert isinstance(elsewhere_first(desk_of_two(harm=0.0)).said(), CannotTell)


def test_teams_apart_are_said_and_others_are_not_ranked():
    hide(Few(0))
    told = by_team(desk_of_two(worse=0.3))
    assert set(told.table()["team"]) == {"A", "B"}
    assert "clearly apart" in told.said().text
    alike = by_team(desk_of_two())
    assert isinstance(alike.said(), CannotTell)
    assert isinstance(alike.table(), CannotTell)
    assert alike.plot().figure.get_suptitle().startswith("Answered in time: 0 of 2")


def test_agents_are_compared_only_where_the_study_says_so():
    assert by_team(desk_of_two(), "agent") == OFF
    assert by_team(desk_of_two(persons=True), "agent").frame["group"].nunique() == 8


def test_load_is_new_tickets_an_active_agent_of_the_team():
    weeks = load_by_week(desk_of_two())
    rows = weeks[(weeks["team"] == "A") & (weeks["agents"] == 4)]
    assert (rows["load"] == rows["new"] / 4).all()
    assert weeks["week"].dt.day_of_week.eq(0).all()
    told = load(desk_of_two())
    assert told.frame["verdict"].tolist() == ["cannot tell"]
    assert len(told.fifths) == 5
    assert told.plot().get_ylabel() == "answered in time"
    each = per_agent(desk_of_two())
    assert each["agents"].tolist() == [4, 4]
    assert each["customers"].between(30, 60).all()  # some 45 tickets a team in four weeks


def test_how_much_lies_between_teams_is_one_plain_sentence():
    said = by_team(desk_of_two(worse=0.3)).said("between").text
    assert said.startswith("Of what differs between tickets in the share ")
    assert "the team explains **" in said
    assert len(said.split()) <= 25


def test_the_usual_team_of_a_ticket_is_told_by_others_alone():
    rows = pd.DataFrame({
        "cause": ["a", "a", "a", "b", "c", "c"], "solver": ["X", "X", "Y", "Y", "X", "Y"],
        "first_solved_at": [1, 1, 1, 1, None, 1],
    })  # fmt: skip
    told = usual_team(rows)
    # X and Y are one each without the first ticket; of b nobody else solved one
    assert told.astype(object).where(told.notna(), None).tolist() == [
        "X", "X", "X", None, "Y", None]  # fmt: skip
    assert usual_team(rows.assign(first_solved_at=None)).isna().all()


def test_time_is_shared_out_over_the_states_it_was_spent_in():
    """Two days new, four open, four pending until it was solved; what came later does not count."""
    rows = [ticket("a", "x", 0, 10), ticket("b", "y", 0, 10)]
    events = [
        status(name, *change) for name in "ab"
        for change in ((2, "new", "open"), (6, "open", "pending"), (10, "pending", "solved"),
                       (12, "solved", "open"))
    ]  # fmt: skip
    shares = waiting_share(desk(rows, events))
    assert shares["status"].tolist() == ["new", "open", "pending"]
    assert shares["hours a ticket"].tolist() == ["48.0", "96.0", "96.0"]
    assert shares["share of all waiting"].str.split("%").str[0].tolist() == ["20.0", "40.0", "40.0"]
    assert isinstance(waiting_share(desk(rows)), CannotTell)


def test_a_ticket_that_never_changed_its_state_waited_in_it_all_along():
    """Ten are new for 100 days; of ten others each was new a day and open nine."""
    rows = [ticket(f"n{i}", f"x{i}", 0, status="new") for i in range(10)]
    rows += [ticket(f"s{i}", f"y{i}", 0, 10) for i in range(10)]
    events = [status(f"s{i}", *change) for i in range(10)
              for change in ((1, "new", "open"), (10, "open", "solved"))]  # fmt: skip
    told = waiting_share(desk(rows, events, until=100)).set_index("status")
    assert told["tickets ever in it"].tolist() == [20, 10]
    share = told["share of all waiting"]
    assert share.str.split("%").str[0].tolist() == ["91.8", "8.2"]  # 1010 of 1100 days
    two = waiting_share(desk([rows[0], rows[-1]], events[-2:], until=100))
    assert two["share of all waiting"][0].endswith("to 100.0%)")  # not more
    alone = waiting_share(desk(rows[-1:], events[-2:]))["share of all waiting"]
    assert alone.tolist() == ["10.0% (–)", "90.0% (–)"]  # one customer has no interval


def test_a_study_without_any_of_it_says_why_and_never_breaks():
    bare = desk([ticket("a", "x", 0)])
    for asked in (by_team, routed, elsewhere_first, load, per_agent, waiting_share):
        assert isinstance(asked(bare), CannotTell), asked.__name__
