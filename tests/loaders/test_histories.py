"""What histories tell: hand-made tickets, a loop over states, the simulated company."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxresearch.loaders import histories, load
from cxresearch.study.business_hours import BusinessHours
from cxresearch.study.column_types import typed
from cxresearch.study.schema import TICKET_EVENTS, TICKETS, InputError
from cxresearch.study.study import DEMO, open_study

START = pd.Timestamp("2026-03-02T09:00:00Z")
COLUMNS = "event_type actor_role field value_from value_to is_public".split()
SOLVE = ("status", "agent", "status", "open", "solved", None)
REOPEN = ("status", "customer", "status", "solved", "open", None)
CLOSE = ("status", "system", "status", "solved", "closed", None)


def events(*rows, ticket="1"):
    """Events of a ticket, an hour apart."""
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype="object")
    number = pd.Series(range(len(rows)))
    frame = frame.astype(dict.fromkeys(COLUMNS[:5], "str") | {"is_public": "boolean"})
    when = START + pd.to_timedelta(number, "h")
    return typed(
        TICKET_EVENTS, frame.assign(ticket_id=ticket, event_id=number.astype(str), event_at=when)
    )


def told(*rows):
    return histories.facts_from_events(events(*rows)).loc["1"]


@pytest.mark.parametrize(
    ("event", "replies"),
    [
        (("reply", "agent", None, None, None, True), 1),
        (("reply", "agent", None, None, None, None), 1),
        (("reply", "customer", None, None, None, True), 0),
        (("reply", "bot", None, None, None, True), 0),
        (("reply", "system", None, None, None, True), 0),
        (("reply", None, None, None, None, True), 0),
        (("note", "agent", None, None, None, False), 0),
        (("reply", "agent", None, None, None, False), 0),
        (("created", "agent", None, None, None, True), 0),
    ],
)
def test_a_reply_is_an_agents_public_message_after_the_first(event, replies):
    assert told(event)["total_agent_replies"] == replies


def test_a_ticket_solved_reopened_solved_and_closed():
    found = told(SOLVE, REOPEN, SOLVE, CLOSE)
    hours = {"first_solved_at": 0, "last_reopened_at": 1, "last_solved_at": 2, "closed_at": 3}
    assert {n: (found[n] - START) / pd.Timedelta("1h") for n in hours} == hours
    assert (found["count_reopens"], found["closed_by"]) == (1, "agent")


def test_a_ticket_that_is_open_again_is_closed_by_nobody():
    assert pd.isna(told(SOLVE, REOPEN)["closed_by"])


def test_a_merge_closes_and_points_to_the_survivor():
    found = told(("merge", "agent", None, None, "77", False), SOLVE)
    assert found[["is_merged", "merged_into_ticket_id", "closed_by"]].tolist() == [
        True, "77", "merge"]  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "reopens", "replies", "lowest"),
    [
        ([], 1, 1, False),
        (["changes_missing"], None, 1, True),
        (["messages_missing"], 1, None, False),
        (["messages_missing", "reopens_at_least_1"], 1, None, False),
    ],
)
def test_a_history_that_lacks_something_does_not_tell_it(flags, reopens, replies, lowest):
    ticket = {"ticket_id": "1", "created_at": START, "status": "open", "dq_flags": flags}
    tickets = typed(TICKETS, pd.DataFrame([ticket]))
    reply = ("reply", "agent", None, None, None, True)
    found = histories.tell(tickets, events(reply, SOLVE, REOPEN), histories.TELLS).iloc[0]
    counts = [found["count_reopens"], found["total_agent_replies"]]
    assert [None if pd.isna(count) else count for count in counts] == [reopens, replies]
    assert ("reopens_at_least_1" in found["dq_flags"]) == lowest


def test_a_history_that_lacks_changes_takes_no_reopening_away():
    flags = ["changes_missing", "reopens_at_least_1"]
    ticket = {"ticket_id": "1", "created_at": START, "status": "open", "dq_flags": flags}
    tickets = typed(TICKETS, pd.DataFrame([ticket]))
    assert histories.tell(tickets, events(SOLVE), histories.TELLS).at[0, "dq_flags"] == flags


def test_the_first_agent_is_no_change_of_agents():
    steps = [("assignment", "system", "assignee_id", None, agent, None) for agent in "ab"]
    assert told(steps[0])["assignee_changes"] == 0
    assert told(*steps)["assignee_changes"] == 1
    assert told(steps[0], steps[0])["assignee_changes"] == 0


def test_where_reopenings_are_counted_the_flag_at_least_one_goes():
    base = {"created_at": START, "status": "open"}
    tickets = typed(
        TICKETS,
        pd.DataFrame([{"ticket_id": t, "dq_flags": ["reopens_at_least_1"], **base} for t in "12"]),
    )
    found = histories.tell(tickets, events(SOLVE, REOPEN, ticket="1"), histories.STATUS)
    assert found["dq_flags"].tolist() == [[], ["reopens_at_least_1"]]
    assert found["count_reopens"].fillna(-1).tolist() == [1, -1]


STATES = ["new", "open", "pending", "hold", "solved", "closed"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=12))
def test_solving_and_reopening_are_what_a_loop_over_states_finds(states):
    pairs = list(zip(["new", *states], states, strict=False))
    rows = [("status", "agent", "status", a, b, None) for a, b in pairs]
    done = {"solved", "closed"}
    solves = [i for i, (a, b) in enumerate(pairs) if a not in done and b in done]
    found = told(*rows)
    assert found["count_reopens"] == sum(a in done and b not in done for a, b in pairs)
    assert pd.isna(found["first_solved_at"]) == (not solves)
    if solves:
        assert found["last_solved_at"] == START + pd.Timedelta(hours=solves[-1])


def test_the_simulated_companys_facts_come_from_its_events():
    if not DEMO.is_dir():
        pytest.skip("the demo is read from the project's folder, and this is another")
    demo = open_study(DEMO)
    found = histories.facts_from_events(demo.ticket_events).reindex(demo.tickets["ticket_id"])
    for name in ("first_reply_at", "total_agent_replies", "count_reopens", "last_reopened_at"):
        ours = found[name].set_axis(demo.tickets.index).astype(demo.tickets[name].dtype)
        pd.testing.assert_series_equal(ours, demo.tickets[name], check_names=False)


def test_ticket_1002_through_the_spring_change_of_clocks(request):
    formats = request.path.parent / "formats" / "zendesk"
    tickets = load("zendesk", formats, time_zone="Europe/Madrid")["tickets"]
    ticket = tickets[tickets["ticket_id"] == "1002"]
    created, replied = ticket["created_at"], ticket["first_reply_at"]
    office = BusinessHours("Europe/Madrid", ("Mon-Fri 08:00-18:00",))
    assert ticket["count_reopens"].item() == 2
    assert (replied - created).item() == pd.Timedelta(minutes=3315)
    assert office.minutes(created, replied).item() == 5


def test_a_rule_of_escalation_may_look_at_tickets_and_at_events(request):
    formats = request.path.parent / "formats" / "zendesk"
    for rule in ("list_contains(tags, 'escalated')", "field = 'group_id' AND value_to = '32'"):
        tickets = load("zendesk", formats, time_zone="Europe/Madrid", escalated=rule)["tickets"]
        assert tickets.loc[tickets["is_escalated"], "ticket_id"].tolist() == ["1002"]
    with pytest.raises(InputError, match="The rule of escalation, colour = 1, cannot be used"):
        load("zendesk", formats, time_zone="Europe/Madrid", escalated="colour = 1")


@pytest.mark.parametrize(
    "rule",
    [
        "(SELECT content FROM read_text('{0}')) <> ''",
        "CAST(subject AS INTEGER) > 0",
        "TRUE) AS x FROM tickets; SELECT (TRUE",
        "requester_id",
    ],
)
def test_a_rule_of_escalation_reads_no_file_and_its_error_quotes_no_ticket(request, tmp_path, rule):
    formats = request.path.parent / "formats" / "zendesk"
    (tmp_path / "secret.txt").write_text("secret")
    with pytest.raises(InputError, match="it must be a SQL condition") as error:
        load("zendesk", formats, time_zone="Europe/Madrid",
             escalated=rule.format(tmp_path / "secret.txt"))  # fmt: skip
    assert not any(word in str(error.value) for word in ("Error", "Ada", "LINE 1"))


def test_without_a_rule_nobody_knows_what_is_escalated(request):
    formats = request.path.parent / "formats" / "zendesk"
    assert load("zendesk", formats, time_zone="UTC")["tickets"]["is_escalated"].isna().all()
