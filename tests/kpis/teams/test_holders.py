"""Who held a ticket first, and how it went on: each on paper."""

import pandas as pd

from cxresearch import CannotTell
from cxresearch.kpis.teams.handled import handled
from cxresearch.kpis.teams.holders import holders, teams_of_persons
from tests.kpis.desk import day, desk, event, ticket


def to(name, at, team, before=None, field="group_id"):
    return event(name, at, "assignment", field=field, value_from=before, value_to=team)


# a goes from A to B and back, b begins at B before its first change is told, c has no history.
ROWS = [
    ticket("a", "x", 0, 9, group_id="A"), ticket("b", "x", 0, 2, group_id="A"),
    ticket("c", "y", 0, group_id="C"), ticket("d", "y", 0),
]  # fmt: skip
EVENTS = [
    to("a", 0, "A"), to("a", 1, "B", "A"), to("a", 1.5, "B", "B"), to("a", 2, "A", "B"),
    to("b", 3, "A", "B"),
    to("a", 0, "Ann", field="assignee_id"), to("a", 1, None, "Ann", field="assignee_id"),
    to("a", 2, "Bo", field="assignee_id"),
]  # fmt: skip


def test_a_ticket_is_the_first_teams_and_handing_it_on_is_counted():
    held = holders(desk(ROWS, EVENTS)).sort_index()
    columns = ["team", "agent", "solver", "moves", "hands", "back"]
    told = held[columns].astype(object).where(held[columns].notna(), None)
    assert told.to_numpy().tolist() == [
        ["A", "Ann", "A", 2, 1, True],
        ["B", None, "B", 1, None, False],  # handed on after it was solved
        ["C", None, "C", 0, None, False],
    ]
    assert held["moved_at"].dropna().to_dict() == {"a": day(1), "b": day(3)}


def test_without_groups_the_team_is_that_of_the_agent_then():
    rows = [ticket(name, "x", at, assignee_id="Ann") for name, at in (("a", 1), ("b", 9))]
    agents = pd.DataFrame({
        "agent_id": ["Ann", "Ann"], "team": ["A", "B"],
        "valid_from": [pd.NaT, day(5)], "valid_to": [day(5), pd.NaT],
    })  # fmt: skip
    study = desk(rows)
    study.put("agents", agents)
    assert holders(study)["team"].to_dict() == {"a": "A", "b": "B"}
    study.put("agents", agents.assign(valid_to=[day(5), day(8)]))
    assert holders(study)["team"].to_dict() == {"a": "A"}


def test_without_groups_and_agents_it_cannot_be_told():
    assert isinstance(holders(desk([ticket("a", "x", 0)])), CannotTell)


def test_a_team_of_one_agent_is_a_person_and_is_left_out_unless_the_study_says_so():
    rows = [
        ticket("a", "x", 0, group_id="A", assignee_id="Ann"),
        ticket("b", "x", 0, group_id="A", assignee_id="Bo"),
        ticket("c", "x", 0, group_id="B", assignee_id="Cy"),
    ]  # fmt: skip
    rows.append(ticket("d", "x", 0, group_id="Cy's"))  # of nobody that is known
    assert teams_of_persons(desk(rows)) == {"B", "Cy's"}
    assert set(handled(desk(rows))["team"]) == {"A"}
    assert teams_of_persons(desk(rows, persons=True)) == set()
    assert len(set(handled(desk(rows, persons=True))["team"])) == 3


def test_agents_that_only_the_agents_table_knows_make_a_team():
    study = desk([ticket("a", "x", 0, group_id="A"), ticket("b", "x", 0, group_id="B")])
    study.put("agents", pd.DataFrame({
        "agent_id": ["1", "2", "3"], "team": ["A", "A", "B"], "valid_from": pd.NaT,
        "valid_to": pd.NaT,
    }))  # fmt: skip
    assert teams_of_persons(study) == {"B"}


def test_names_of_teams_are_masked_and_stay_apart():
    names = ["Team of John Miller", "anna.smith@example.com", "Team of Mary Jones", "Billing"]
    rows = [ticket(str(i), "x", 0, group_id=name) for i, name in enumerate(names)]
    held = holders(desk(rows, [to("0", 1, "bob@example.com", names[0])]))
    assert held["team"].to_dict() == {
        "0": "Team of [name] 1", "1": "[e-mail] 1", "2": "Team of [name] 2", "3": "Billing",
    }  # fmt: skip
    assert held.loc["0", "solver"] == "[e-mail] 2"


def test_what_became_of_a_ticket_is_null_until_it_can_be_told():
    rows = [
        ticket("a", "x", 0, 1, group_id="A", assignee_id="Ann", first_reply_at=0.5),
        ticket("b", "x", 20, 21, group_id="A", assignee_id="Bo", first_reply_at=25),
        ticket("c", "y", 364.5, group_id="A"),
    ]  # fmt: skip
    found = handled(desk(rows, causes=dict.fromkeys("abc", "sync"))).set_index("ticket_id")
    assert found["answered in time"].fillna(-1).to_dict() == {"a": 1, "b": 0, "c": -1}
    assert found["came back within 30 days"].fillna(-1).to_dict() == {"a": 1, "b": 0, "c": -1}
    assert found["left within 90 days"].isna().all()
