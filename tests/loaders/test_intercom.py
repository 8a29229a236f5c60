"""Intercom's traps: what parts and statistics of conversations do not say plainly."""

import json

import pandas as pd
import pytest

from cxresearch import loaders

START = 1_772_442_000  # 2026-03-02T09:00:00Z
ANN = {"type": "user", "id": "ann"}
BEN = {"type": "admin", "id": "701"}
BOT = {"type": "bot", "id": "1"}


def at(hour):
    """The moment so many hours after the start."""
    return pd.Timestamp(START + 3600 * hour, unit="s", tz="UTC")


def part(hour, kind, author=BEN, body=None, given=None, **author_says):
    """A part of a conversation, so many hours after its start."""
    return {
        "id": f"{hour}-{kind}", "part_type": kind, "created_at": START + 3600 * hour,
        "body": body, "author": author | author_says, "assigned_to": given,
    }  # fmt: skip


def conversation(*parts, total=None, **changes):
    """Conversation 1 as the API gives it when it is retrieved by its id."""
    total = len(parts) if total is None else total
    source = {"type": "email", "delivered_as": "customer_initiated", "author": ANN, "body": "help"}
    return {
        "type": "conversation", "id": "1", "created_at": START, "updated_at": START,
        "title": "t", "state": "open", "source": source, "contacts": {"contacts": [ANN]},
        "conversation_parts": {"conversation_parts": list(parts), "total_count": total},
    } | changes  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Reads conversations: (export, what became of them)."""

    def write(*conversations):
        text = json.dumps({"type": "conversation.list", "conversations": conversations})
        (tmp_path / "conversations.json").write_text(text)
        return loaders.read("intercom", tmp_path)

    return write


@pytest.fixture
def ticket(read):
    """Reads one conversation: its row of tickets."""
    return lambda *parts, **changes: read(conversation(*parts, **changes))[1].tables[
        "tickets"
    ].iloc[0]  # fmt: skip


def test_a_customer_who_writes_to_a_closed_conversation_reopens_it(ticket):
    found = ticket(part(1, "close"), part(2, "comment", ANN), part(3, "close"))
    assert found["count_reopens"] == 1
    assert found["last_reopened_at"] == at(2)
    assert (found["first_solved_at"], found["last_solved_at"]) == (at(1), at(3))


def test_a_note_or_a_bot_that_writes_to_a_closed_conversation_does_not(ticket):
    assert ticket(part(1, "close"), part(2, "note"), part(3, "comment", BOT))["count_reopens"] == 0


@pytest.mark.parametrize(
    "first",
    [part(1, "comment", BOT, "typically replies in a day"), part(1, "note", BEN, "who takes it?"),
     part(1, "comment", BEN, "Fin says", from_ai_agent=True), part(1, "comment", ANN, "hello?"),
     part(1, "assignment", BOT, None, BEN)],
)  # fmt: skip
def test_a_bot_a_note_fin_and_the_customer_are_no_first_reply(ticket, first):
    found = ticket(first, part(2, "comment", BEN, "Here"))
    assert (found["first_reply_at"], found["total_agent_replies"]) == (at(2), 1)


def test_words_with_a_change_of_state_or_hands_are_a_reply(ticket):
    found = ticket(
        part(1, "assignment", BEN, "<p>Over to Bo</p>", BEN), part(2, "close", BEN, "<p>Bye</p>")
    )
    assert (found["first_reply_at"], found["total_agent_replies"]) == (at(1), 2)
    assert (found["first_solved_at"], found["closed_by"]) == (at(2), "agent")


def test_a_part_may_open_a_conversation_and_hand_it_over(ticket):
    bo, team = {"type": "admin", "id": "702"}, {"type": "team", "id": "32"}
    hands = [part(1, "assignment", given=BEN), part(3, "assignment", given=team)]
    found = ticket(*hands, part(4, "close"), part(5, "assign_and_reopen", given=bo))
    assert found[["count_reopens", "assignee_changes", "group_changes"]].tolist() == [1, 1, 0]


def test_a_snooze_is_hold_and_no_solving(read):
    snoozed = conversation(part(1, "snoozed"), part(2, "timer_unsnooze", BOT), state="snoozed")
    tables = read(snoozed)[1].tables
    assert tables["tickets"]["status"].tolist() == ["hold"]
    assert tables["ticket_events"]["value_to"].tolist() == ["open", "hold", "open"]
    assert tables["tickets"]["first_solved_at"].isna().all()


def test_a_closing_that_no_part_tells_is_by_nobody(ticket):
    close = {"first_close_at": START + 3600, "last_close_at": START + 3600}
    found = ticket(part(1, "note"), statistics=close, state="closed")
    assert (found["status"], found["first_solved_at"]) == ("solved", at(1))
    assert pd.isna(found["closed_by"])


def test_a_closing_that_a_part_tells_is_told_once(read):
    close = {"first_close_at": START + 3600, "last_close_at": START + 3600}
    tables = read(conversation(part(1, "close"), statistics=close))[1].tables
    assert tables["ticket_events"]["event_type"].tolist() == ["created", "status"]


STATISTICS = {
    "first_admin_reply_at": START + 3600, "first_close_at": START + 7200,
    "last_close_at": START + 10800, "count_reopens": 4,
}  # fmt: skip


def test_of_a_conversation_whose_parts_are_cut_short_statistics_tell(ticket):
    found = ticket(part(9, "comment"), part(10, "close"), total=700, statistics=STATISTICS)
    assert (found["first_reply_at"], found["last_solved_at"]) == (at(1), at(3))
    assert found["count_reopens"] == 4
    assert pd.isna(found["total_agent_replies"])
    assert {"messages_missing", "changes_missing"} <= set(found["dq_flags"])


def test_a_list_of_conversations_has_no_parts_so_statistics_tell(read):
    listed = conversation(statistics=STATISTICS)
    del listed["conversation_parts"]
    export, found = read(listed)
    ticket = found.tables["tickets"].iloc[0]
    assert (ticket["first_reply_at"], ticket["count_reopens"]) == (at(1), 4)
    assert pd.isna(ticket["total_agent_replies"])
    assert export.notes[0].startswith("1 conversations come without their parts")


def test_milliseconds_are_times_too(ticket):
    assert ticket(created_at=START * 1000)["created_at"] == at(0)


def test_a_deleted_contact_is_null_and_flagged(ticket):
    found = ticket(contacts={"contacts": []})
    assert pd.isna(found["requester_id"])
    assert "deleted_requester" in found["dq_flags"]


def test_nobody_is_assigned_where_the_assignee_is_0(ticket):
    assert ticket(admin_assignee_id=0, team_assignee_id=0)[["assignee_id", "group_id"]].isna().all()


def test_a_message_of_an_agent_or_a_series_is_agent_created(ticket):
    source = {"type": "phone_call", "delivered_as": "admin_initiated", "author": BEN}
    found = ticket(source=source)
    assert (found["is_agent_created"], found["created_channel"]) == (True, "phone")


def test_a_rating_that_was_asked_for_and_not_given_is_an_unanswered_invitation(read):
    asked = {"rating": None, "created_at": START}
    given = {"rating": 2, "created_at": START, "updated_at": START + 3600}
    none = {"rating": None, "created_at": None}
    found = read(*(conversation(id=str(i), conversation_rating=rating)
                   for i, rating in enumerate([asked, given, none])))  # fmt: skip
    surveys = found[1].tables["surveys"].set_index("ticket_id")
    assert surveys["responded_at"].isna().to_dict() == {"0": True, "1": False}
    assert surveys.loc["1", ["score_raw", "offered_at", "responded_at"]].tolist() == [
        2,
        at(0),
        at(1),
    ]


def test_an_older_copy_of_a_conversation_tells_no_event_twice(read):
    older = conversation(part(1, "close"))
    newer = conversation(part(1, "close"), part(2, "comment", ANN), updated_at=START + 7200)
    found = read(newer, older)[1]
    assert found.files["quarantined"].tolist() == [1]
    assert len(found.tables["ticket_events"]) == 3
    assert found.tables["tickets"]["count_reopens"].tolist() == [1]


def test_people_are_known_by_their_external_id_and_their_own_address(read):
    source = {"type": "email", "author": ANN | {"email": "ann@globex.example"}}
    sent = {"type": "email", "author": BEN | {"email": "ben@support.example"}}
    contacts = {"contacts": [ANN | {"external_id": "U-1"}]}
    people = read(conversation(id="1", source=source, contacts=contacts),
                  conversation(id="2", source=sent, contacts=contacts))[0].people  # fmt: skip
    assert set(people.fillna("-").itertuples(index=False, name=None)) == {
        ("ann", "U-1", "ann@globex.example"), ("ann", "U-1", "-")}  # fmt: skip
