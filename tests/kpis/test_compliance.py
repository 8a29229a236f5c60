"""Promises kept, by channel and priority as it was then; silences on paper."""

import numpy as np
import pandas as pd
import pytest
from desks import after, desk, zendesk
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import CannotTell, Study
from cxresearch.kpis.compliance import (
    BOTH,
    priority_then,
    response_compliance,
    response_facts,
)
from cxresearch.kpis.silences import (
    longest_silence,
    resolved_or_updated,
    silence_facts,
    update_cadence,
)
from cxresearch.kpis.standing import Standing
from cxresearch.study.answers import DoesNotApply

MESSAGE = ("a", 1, "agent")


def row(standing: Standing, group: str = "all") -> pd.Series:
    return standing.frame.loc[group]


def test_unanswered_and_overdue_is_a_breach_and_not_yet_due_is_not_counted():
    # Due after 24 hours, watched until hour 100: two in time, one late, one never; two too young,
    # of which one has been answered.
    study = desk([0, 0, 0, 0, 90, 90], replied=[1, 24, 25, np.nan, 91, np.nan], until=100)
    found = row(response_compliance(study))
    assert (found["estimate"], found["n"], found["eligible"]) == (0.5, 4, 6)
    assert not found["mature"]


def test_an_answer_older_than_the_question_is_not_judged():
    found = row(response_compliance(desk([10, 0], replied=[5, 1])))
    assert (found["n"], found["eligible"]) == (1, 2)


def test_each_ticket_has_the_promise_of_its_channel_and_priority():
    promises = ("chat: 0.5", "urgent: 1", "email, urgent: 2")
    study = desk(
        [0] * 4, replied=1, created_channel=["chat", "email", "chat", "web"],
        priority=["urgent", "Urgent", "low", None], settings={"first_reply_promises": promises},
    )  # fmt: skip
    assert response_facts(study)["promised"].tolist() == [0.5, 2, 0.5, 24]
    assert response_facts(study)[BOTH].tolist() == [
        "chat, urgent", "email, urgent", "chat, low", "web, none"
    ]  # fmt: skip


def test_promises_may_count_business_hours():
    # Wednesday 18:30 in Madrid; answered on Thursday at 09:00: 14.5 hours, one of them open.
    office = {"time_zone": "Europe/Madrid", "business_hours": ("Mon-Fri 08:00-18:00",)}
    office |= {"first_reply_hours": 2.0}
    late = desk([17.5], replied=[32], settings=office)
    kept = desk([17.5], replied=[32], settings=office | {"promises_in_business_hours": True})
    assert [row(response_compliance(s))["estimate"] for s in (late, kept)] == [0, 1]
    assert "2 business hours" in row(response_compliance(kept))["definition"]


@pytest.mark.parametrize(
    ("events", "then"),
    [
        ([("a", 0, "priority", "low"), ("a", 40, "priority", "urgent", "low")], "low"),
        ([("a", 40, "priority", "urgent", "high")], "high"),
        ([("a", 0.5, "priority", "urgent")], "urgent"),  # set before the answer, by triage
        ([("a", 40, "priority", "urgent")], "none"),  # set after it: it made no promise
        ([("b", 40, "priority", "urgent", "low")], "normal"),  # a's priority never changed
    ],
)
def test_the_priority_is_the_one_that_the_ticket_had_then(events, then):
    study = desk([0, 0], replied=1, priority="normal", events=events)
    assert priority_then(study, study.customer_tickets).iloc[0] == then


def test_without_a_history_the_priority_is_the_exports_and_said():
    study = desk([0, 0], replied=[1, 30], priority=["high", "low"])
    found = response_compliance(study, by="priority").frame
    assert list(found["group"]) == ["all", "high", "low"]
    assert found["why"].str.contains("that of the export").all()
    assert row(response_compliance(study))["why"] == ""


def test_a_promise_that_no_ticket_is_of_is_said():
    study = desk([0], replied=1, settings={"first_reply_promises": ("fax: 1",)}, priority="low")
    assert "no ticket is of the promise fax: 1" in row(response_compliance(study))["why"]


def test_groups_are_judged_at_once_and_add_up():
    study = desk([0] * 40, replied=[1, 30] * 20, created_channel=["chat"] * 20 + ["web"] * 20,
                 ticket_id=[f"t{i}" for i in range(40)],
                 requester_id=[f"p{i}" for i in range(40)])  # fmt: skip
    found = response_compliance(study, by="created_channel").frame
    parts = found.loc[["chat", "web"]]
    assert parts["n"].sum() == found.loc["all", "n"] == 40
    # Wilson for 10 of 20 at 97.5%, z = 2.2414: half a width is z / 2 / sqrt(20 + z * z) = 0.2241
    assert parts["low"].tolist() == pytest.approx([0.2759, 0.2759], abs=1e-4)
    assert found.loc["all", "low"] == pytest.approx(0.3520, abs=1e-3)


def longest(study: Study) -> dict:
    facts = silence_facts(study).set_index("ticket_id")
    return {t: (facts.loc[t, "longest"], bool(facts.loc[t, "over"])) for t in facts.index}


@pytest.mark.parametrize(
    ("events", "silence"),
    [
        ([("a", 5, "agent"), ("a", 20, "agent"), ("a", 30, "status", "solved")], 15),
        ([("a", 5, "agent"), ("a", 30, "status", "solved")], 25),
        ([MESSAGE, ("a", 2, "status", "pending"), ("a", 90, "status", "open"),
          ("a", 95, "status", "solved")], 5),  # it waited on the customer for 88 hours
        ([MESSAGE, ("a", 2, "note"), ("a", 30, "bot"), ("a", 40, "customer"),
          ("a", 41, "status", "solved")], 40),  # neither note nor bot nor customer is an agent
        ([MESSAGE, ("a", 10, "status", "hold"), ("a", 30, "status", "solved")], 29),
        ([MESSAGE, ("a", 2, "status", "solved"), ("a", 50, "status", "open"),
          ("a", 60, "agent"), ("a", 61, "status", "solved")], 10),  # reopened: the clock runs again
    ],
)  # fmt: skip
def test_the_longest_silence_while_the_desk_had_the_next_word(events, silence):
    study = desk([0], solved=[events[-1][1]], events=events)
    assert longest(study) == {"a": (silence, True)}


def test_an_open_tickets_silence_is_at_least_what_was_seen():
    study = desk([0], events=[MESSAGE, ("a", 2, "status", "open", "new")], until=100)
    assert longest(study) == {"a": (99, False)}


def test_the_median_of_the_longest_silences_censors_the_open():
    # 4 and 9 hours, and one open for 100: two of three are over by hour 9.
    events = [MESSAGE, ("a", 5, "status", "solved"), ("b", 9, "agent"),
              ("b", 9, "status", "solved"), ("c", 1, "agent")]  # fmt: skip
    found = row(longest_silence(desk([0] * 3, solved=[5, 9, np.nan], events=events, until=101)))
    assert (found["estimate"], found["n"]) == (9, 3)


def test_hold_may_stop_the_clock():
    events = [MESSAGE, ("a", 2, "status", "hold"), ("a", 90, "status", "solved")]
    study = desk([0], solved=[90], events=events, settings={"hold_stops_clock": True})
    assert longest(study) == {"a": (1, True)}


def test_solved_in_time_or_never_left_without_word():
    # a in time; b late, a word every 40 hours; c late, 100 hours of silence; d open, and updated in
    # its first week as b was: alike; e open and silent: a breach; f too young.
    b = [("b", h, "agent") for h in range(40, 200, 40)] + [("b", 200, "status", "solved")]
    d = [("d", h, "agent") for h in range(40, 1000, 40)]
    events = [("a", 90, "agent"), *b, ("c", 100, "agent"), ("c", 200, "status", "solved"), *d,
              ("e", 1, "agent"), ("f", 1, "agent")]  # fmt: skip
    study = desk([0, 0, 0, 0, 0, 900], solved=[100, 200, 200, *[np.nan] * 3], events=events)
    found = row(resolved_or_updated(study))
    assert (found["estimate"], found["n"], found["eligible"]) == (0.6, 5, 6)
    assert found["verdict"] == "no target"


def test_urgent_tickets_are_those_urgent_then():
    events = [("a", 0.4, "agent"), ("a", 0.8, "status", "solved"), ("b", 0.6, "agent"),
              ("b", 0.8, "status", "solved"), ("c", 50, "priority", "urgent", "low")]  # fmt: skip
    study = desk([0] * 3, solved=[0.8, 0.8, np.nan], priority="urgent", events=events)
    found = row(update_cadence(study))
    assert (found["estimate"], found["n"]) == (0.5, 2)


def test_without_messages_or_urgent_tickets_nothing_is_told():
    silent = desk([0], priority="urgent")
    calm = desk([0], priority="low", events=[MESSAGE])
    assert "lacks messages" in row(longest_silence(silent))["why"]
    assert "lacks messages" in row(resolved_or_updated(silent))["why"]
    assert "no ticket is of priority urgent" in row(update_cadence(calm))["why"]


def test_the_fixtures_by_hand():
    # In time: 1001, 1003, 1009. 1002 came after 55 hours, 1004 and 1006 never.
    study = zendesk()
    assert row(response_compliance(study))[["estimate", "n"]].tolist() == [0.5, 6]
    by = response_compliance(study, by="priority").frame["n"]
    assert by.to_dict() == {"all": 6, "high": 2, "low": 1, "none": 1, "normal": 1, "urgent": 1}
    found = {t: round(hours, 2) for t, (hours, over) in longest(study).items() if over}
    assert found == {"1001": 0.55, "1002": 55.25, "1004": 72.0, "1009": 2.98}
    assert row(resolved_or_updated(study))["estimate"] == pytest.approx(5 / 6)


def test_shuffled_rows_give_the_same_answers():
    study = zendesk()
    tickets = study.tickets.sample(frac=1, random_state=2)
    again = Study.from_tables({"tickets": tickets, "ticket_events": study.ticket_events})
    for kpi in (response_compliance, resolved_or_updated, update_cadence, longest_silence):
        pd.testing.assert_frame_equal(kpi(study).frame, kpi(again).frame)


STEP = st.tuples(
    st.integers(0, 99), st.sampled_from(["agent", "customer", "pending", "open", "solved"])
)


@settings(max_examples=20, deadline=None)
@given(st.lists(STEP, max_size=10, unique_by=lambda step: step[0]))
def test_the_sql_finds_the_silences_that_a_loop_finds(steps):
    steps = sorted([(0, "open"), *[(h + 0.5, what) for h, what in steps]])
    events = [("a", h, what) if what in ("agent", "customer") else ("a", h, "status", what)
              for h, what in steps] + [("b", 1, "agent")]  # fmt: skip
    study = desk([0, 0], status="open", events=events, until=100)
    silent, since, most = True, 0.0, 0.0
    for hour, what in [*steps, (100, "agent")]:
        turn = silent if what in ("agent", "customer") else what == "open"
        if silent and (what == "agent" or not turn):
            most = max(most, hour - since)
        if what == "agent" or (turn and not silent):
            since = hour
        silent = turn
    assert silence_facts(study).set_index("ticket_id").loc["a", "longest"] == pytest.approx(most)


def test_times_are_hours_after_the_start():
    assert after([1])[0] == pd.Timestamp("2025-01-01T01:00:00Z")


def channels(replied=None, **more) -> Study:
    """A hundred chats and as many web tickets of as many people."""
    return desk([0] * 200, replied=replied or [1] * 100 + [30] * 100,
                created_channel=["chat"] * 100 + ["web"] * 100, **more,
                ticket_id=[f"t{i}" for i in range(200)],
                requester_id=[f"p{i}" for i in range(200)])  # fmt: skip


def test_groups_are_said_by_their_verdicts():
    found = response_compliance(channels(), by="created_channel")
    assert found.said().text == (
        "The most answers in time are in chat (100%; 95% to 100%), the fewest in web (0%; 0% to "
        "5%). Of 2 channels, 1 meet the target, 1 miss the target."
    )
    assert found.sentences() == (found.said(),)
    assert found.table()["group"].tolist() == ["all", "chat", "web"]
    assert found.table()["verdict"].tolist() == ["not met", "met", "not met"]
    assert found.said("web").text.startswith("First answer in time, web: **0.0%**")


def test_what_to_beware_of_stands_behind_the_groups():
    both = channels(priority=["high", "low"] * 100)
    said = response_compliance(both, by="priority").said()
    assert "Of 2 priorities, 2 miss the target. Beware" in said.text
    assert said.text.endswith("Beware: the priority is that of the export: no history tells what "
                              "it was then.")  # fmt: skip


def test_one_group_is_no_comparison():
    lone = response_compliance(desk([0, 0], created_channel="web", replied=1), "created_channel")
    assert isinstance(lone.said(), DoesNotApply)
    assert lone.table().empty
    unsaid = response_compliance(desk([0, 0], replied=1), "created_channel")
    assert "channels differ: not told" in unsaid.said().reason


def test_the_table_counts_those_not_yet_due_or_odd():
    shown = response_compliance(desk([0, 90, 10], replied=[1, np.nan, 5], until=100)).table()
    assert shown[["group", "due", "not yet due, or odd"]].values.tolist() == [["all", 1, 2]]


def test_first_answers_are_said_against_their_target():
    whole = response_compliance(desk([0, 0, 90], replied=[1, 30, np.nan], until=100))
    assert whole.said().text == (
        "**50.0%** of customers' tickets get a first answer within 24 hours (95% interval 9.5% to "
        "90.5%; 2 tickets). The target is 95%: **not met**."
    )
    unset = desk([0], replied=1, settings={"targets_given": False})
    assert "target" not in response_compliance(unset).said().text
    assert isinstance(response_compliance(desk([90], until=100)).said(), CannotTell)
