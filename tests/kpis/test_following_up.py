"""Was a solved ticket followed up when it was due: on paper and against pandas."""

import pandas as pd
import pytest

from cxresearch.kpis.handling import WINDOWS, follow_up, follow_up_rows
from cxresearch.study.schema import InputError
from tests.kpis.desk import desk, event, fixtures, status, ticket, whole
from tests.outcomes.test_leaving import company

SOLVED = 10.0  # all of them on that day, i on the last but one


def hours(n: float) -> float:
    return SOLVED + n / 24


ROWS = [ticket(name, name, 0, SOLVED) for name in "abcdefgh"] + [ticket("i", "i", 0, 364)]
EVENTS = [
    event("a", hours(24)), event("a", hours(24.5)),  # the second is in the window
    event("b", hours(23.9)), event("b", hours(48.1)),  # before and after
    event("c", hours(30), role="bot"), event("d", hours(30), "note", is_public=False),
    status("e", hours(20), "solved", "open"), event("e", hours(30)),  # reopened first
    event("f", hours(48)), status("f", hours(50), "solved", "open"),  # on the hour; reopened later
    status("g", hours(40), "solved", "open"), event("g", hours(30)),  # followed, then reopened
    event("h", hours(30), role="customer"), event("i", 364),
]  # fmt: skip


def test_only_a_public_message_of_an_agent_in_the_window_counts():
    facts = follow_up_rows(desk(ROWS, EVENTS), "24 to 48 hours").set_index("ticket_id")
    assert facts.index[facts["followed"]].tolist() == ["a", "f", "g"]
    assert facts.index[facts["reopened"]].tolist() == ["e"]
    assert facts.index[~facts["mature"]].tolist() == ["i"]


def test_reopened_before_and_not_yet_due_are_not_counted_and_said():
    found = whole(follow_up(desk(ROWS, EVENTS)))
    assert (found["estimate"], found["n"], found["eligible"]) == (pytest.approx(3 / 7), 7, 9)
    assert found["why"].startswith("1 reopened before")
    assert found["verdict"] == "not met"


def test_the_later_window_is_days():
    rows = [ticket(name, name, 0, SOLVED) for name in "abc"]
    events = [event("a", SOLVED + 7), event("b", SOLVED + 7.1), event("c", SOLVED + 14.1)]
    assert whole(follow_up(desk(rows, events), "7 to 14 days"))["estimate"] == pytest.approx(1 / 3)


def test_another_window_is_refused():
    with pytest.raises(InputError, match="24 to 48 hours, 7 to 14 days"):
        follow_up(desk(ROWS, EVENTS), "someday")


def test_without_messages_it_cannot_be_told():
    found = whole(follow_up(desk(ROWS)))
    assert found["verdict"] == "cannot tell"
    assert "would tell" in found["why"]


def test_on_the_fixtures_nobody_was_followed_up():
    # 1001, 1003, 1004 and 1009 were due a message; 1002 was reopened 23 hours after its solution.
    found = whole(follow_up(fixtures()))
    assert (found["estimate"], found["n"], found["eligible"]) == (0, 4, 5)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_company_is_counted_as_pandas_counts_it(window):
    study = company(7, 150)
    opens, ends = (pd.Timedelta(hours=n) for n in WINDOWS[window])
    said = study.ticket_events.query("event_type == 'reply' and actor_role == 'agent'")
    said = said.merge(study.tickets[["ticket_id", "first_solved_at"]])
    after = said["event_at"] - said["first_solved_at"]
    named = set(said.loc[(after > opens) & (after <= ends), "ticket_id"])
    facts = follow_up_rows(study, window)
    kept = facts["ticket_id"].isin(named) & ~facts["reopened"]
    assert facts["followed"].tolist() == kept.tolist()
    assert len(named) > 0
