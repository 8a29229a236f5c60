"""What a solved ticket costs to handle: by hand, and a proxy that is called one."""

import numpy as np
import pytest

from cxresearch.kpis.handling import handling_time, reassignments, touches
from tests.kpis.desk import desk, event, fixtures, ticket, whole

ROWS = [ticket(str(i), str(i), 0, 1, total_agent_replies=n, assignee_changes=c)
        for i, (n, c) in enumerate([(1, 0), (2, 0), (2, 1), (3, 0), (7, 4)])]  # fmt: skip
OPEN = ticket("z", "z", 0, total_agent_replies=50, assignee_changes=9)


def test_touches_are_the_mean_and_the_median_of_answers_to_solved_tickets():
    found = touches(desk([*ROWS, OPEN]))
    assert whole(found, "Touches, mean")["estimate"] == 3
    assert whole(found, "Touches, median")["estimate"] == 2
    assert set(found.frame["n"]) == {5}
    assert whole(found, "Touches, mean")["low"] >= 0


def test_reassignments_are_told_where_the_export_tells_them():
    found = reassignments(desk(ROWS))
    assert whole(found, "Handed to another agent, mean")["estimate"] == 1
    assert whole(found, "Handed to another group, mean")["verdict"] == "cannot tell"
    assert "group_changes" in whole(found, "Handed to another group, mean")["why"]


def test_on_the_fixtures_seven_answers_were_written_to_five_solved_tickets():
    # 2, 3, 1, 0 and 1 of tickets 1001, 1002, 1003, 1004 and 1009.
    found = whole(touches(fixtures()), "Touches, mean")
    assert (found["estimate"], found["n"]) == (pytest.approx(7 / 5), 5)


def test_logged_time_is_hours_and_a_ticket_without_any_is_left_out():
    # Jira's history holds seconds so far: 3 hours on the first ticket, 1 on the second.
    events = [
        event("0", 0.1, "change", field="timespent", value_to="3600"),
        event("0", 0.2, "change", field="timespent", value_to="10800"),
        event("1", 0.1, "change", field="timespent", value_to="3600"),
    ]
    found = whole(handling_time(desk(ROWS, events)), "Handling time, mean")
    assert (found["estimate"], found["unit"], found["n"]) == (2, "hours", 2)
    assert found["why"].startswith("3 tickets left out")


def test_without_logged_time_messages_and_notes_stand_in_and_are_never_called_hours():
    events = [
        event("0", 0.1),
        event("0", 0.2, "note", is_public=False),
        event("1", 0.1, role="bot"),
        event("1", 0.2, role="customer"),
    ]
    found = whole(handling_time(desk(ROWS, events)), "Handling (proxy), mean")
    assert (found["estimate"], found["n"]) == (1, 2)
    for words in (found["kpi"], found["definition"], found["unit"]):
        assert "hour" not in words
    assert "proxy" in found["definition"]


def test_without_a_history_public_answers_stand_in():
    found = whole(handling_time(desk(ROWS)), "Handling (proxy), median")
    assert found["estimate"] == 2
    assert "public answers" in found["definition"]


def test_without_either_nothing_is_told():
    found = whole(handling_time(desk([ticket("a", "p", 0, 1)])))
    assert np.isnan(found["estimate"])
    assert "would tell" in found["why"]
