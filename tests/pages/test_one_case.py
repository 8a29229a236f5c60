"""The story of one case: every step in its order, words masked, nobody at the desk named."""

import pandas as pd

from cxresearch import CannotTell
from cxresearch.pages import one_case as module
from cxresearch.pages.one_case import HANDED, MASKED, one_case, story
from tests.kpis.desk import customer, day, desk, event, status, ticket
from tests.kpis.teams.test_holders import to

EVENTS = [
    event("t", 0, "created", "customer"),
    event("t", 0.5, "assignment", "system", field="assignee_id", value_to="A7"),
    event("t", 0.5, "assignment", "system", field="group_id", value_to="First line"),
    event("t", 1, "reply", "agent", body="We are looking into it, Anna Meier 0171 5550123."),
    status("t", 2, "open", "pending"),
    event("t", 3, "update", "system"),
    event("u", 4, "reply", "agent", body="Of another ticket"),
]


AT = {"group_id": "First line", "assignee_id": "A7"}


def study():
    rows = [ticket("t", "p", 0, description="It does not work", **AT), ticket("u", "q", 1, **AT)]
    rows.append(ticket("v", "q", 2, group_id="First line", assignee_id="A8"))
    events = [{"body": None, "field": None, "value_from": None, "value_to": None, **e}
              for e in EVENTS]  # fmt: skip
    return desk(rows, events, causes={"t": "a", "u": "a"},
                customers=[customer("p", 40), customer("q")])  # fmt: skip


def test_each_step_is_told_in_its_order_and_of_this_ticket_alone():
    found = story(study(), "t")
    assert found["day"].tolist() == [0, 0.5, 0.5, 1, 2]
    assert found["what"].tolist() == [
        "wrote", HANDED, "team: First line", "answered", "state: pending"]  # fmt: skip


def test_a_team_that_is_a_person_or_has_the_name_of_one_is_not_told():
    rows = [ticket(str(i), "p", i, group_id="Team of John Miller", assignee_id=f"A{i}")
            for i in range(2)]  # fmt: skip
    events = [to("0", 1, "Team of John Miller"), to("0", 2, "anna.smith@example.com"),
              to("0", 3, None)]  # fmt: skip
    assert story(desk(rows, events), "0")["what"].tolist() == [
        "team: Team of [name]", HANDED, "team: none"]  # fmt: skip


def test_words_are_masked_or_left_out_and_agents_not_named():
    found = story(study(), "t")
    told = " ".join(found.astype(str).to_numpy().ravel())
    assert "It does not work" in found["words"].iloc[0] or found["words"].iloc[0] == MASKED
    assert not any(word in told for word in ("Meier", "0171", "5550123", "A7", "another"))


def test_the_case_is_the_one_that_waited_half_as_long_as_all(monkeypatch):
    of = study()
    left = pd.DataFrame({"ticket_id": [*"tut"], "customer_id": "p", "cause": "a",
                         "overdue_at": day(7),
                         "leaves_at": [day(9), day(40), day(20)]})  # fmt: skip
    monkeypatch.setattr(module, "left_overdue", lambda _: left)
    found = one_case(of)
    assert (found.ticket, found.overdue) == ("t", 13)
    assert found.frame.iloc[-1][["day", "who", "what"]].tolist() == [
        20, "customer", "decides to leave"]  # fmt: skip


def test_where_nobody_left_there_is_no_story():
    rows = [ticket("t", "p", 0, 1)]
    assert isinstance(one_case(desk(rows, EVENTS[:1], causes={"t": "a"})), CannotTell)
