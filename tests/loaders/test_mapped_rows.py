"""A row may be a message or a change: tickets, answers and who wrote come out of it."""

import pandas as pd
import pytest

from cxresearch import loaders

MESSAGES = """
time_zone = "UTC"
[tickets]
row = "message"
columns = {ticket_id = "t", event_at = "at", actor_id = "who", actor_role = "from", status = "is",
"""
ROLES = '\nwords.actor_role = {Enduser = "customer", Agent = "agent", Bot = "bot"}\n'


@pytest.fixture
def read(tmp_path):
    """What files, by their first letter, give with a mapping."""

    def of(mapping, **files):
        (tmp_path / "m.toml").write_text(mapping)
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text)
        return loaders.read("mapped", tmp_path, mapping=tmp_path / "m.toml")

    return of


def by_ticket(found, *columns):
    return found.tables["tickets"].set_index("ticket_id")[list(columns)]


def test_a_message_tells_answers_who_wrote_and_what_the_ticket_is(read):
    columns = (
        'columns = {ticket_id="t", event_at="at", actor_id="who", actor_role="from", status="is",'
    )
    mapping = (
        'time_zone = "UTC"\n[tickets]\nrow = "message"\n'
        + columns
        + (' is_public="private", body="text", subject="s"}' + ROLES)
        + 'words.is_public = {true = "no", false = "yes"}'
    )
    text = (
        "t,at,who,from,private,text,is,s\n"
        "1,2026-01-01 10:00,ann,Enduser,false,help,open,S\n"
        "1,2026-01-01 10:05,zed,Agent,true,a note,open,\n"
        "1,2026-01-01 10:06,hal,Bot,false,we got it,open,\n"
        "1,2026-01-01 11:00,zed,Agent,false,answer,open,\n"
        "1,2026-01-01 12:00,ann,Enduser,false,thanks,solved,\n"
        "2,2026-01-02 10:00,bob,Enduser,false,hi,new,T\n"
    )
    found = read(mapping, m=text)[1]
    told = by_ticket(found, "created_at", "first_reply_at", "total_agent_replies", "status",
                     "subject", "description", "requester_id")  # fmt: skip
    at = pd.Timestamp
    assert told.loc["1"].tolist() == [
        at("2026-01-01T10:00Z"), at("2026-01-01T11:00Z"), 1, "solved", "S", "help", "ann"
    ]  # fmt: skip
    assert told.loc["2"].tolist()[2:] == [0, "new", "T", "hi", "bob"]
    assert told["first_reply_at"].isna().tolist() == [False, True]
    kinds = found.tables["ticket_events"]["event_type"].tolist()
    assert kinds == ["created", "note", "reply", "reply", "reply", "created"]
    assert found.files.iloc[0].tolist() == [6, 6, 0]


def test_without_a_part_whoever_is_not_the_requester_is_an_agent_and_it_is_said(read):
    mapping = '[tickets]\nrow = "message"\nfixed = {status = "unknown"}\n' + (
        'columns = {ticket_id = "t", event_at = "at", actor_id = "who", requester_id = "asks"}'
    )
    text = "t,at,who,asks\n1,2026-01-01T10:00Z,ann,Ann\n1,2026-01-01T12:30+01:00,zed,Ann\n"
    export, found = read(mapping, m=text)
    assert by_ticket(found, "total_agent_replies", "requester_id").loc["1"].tolist() == [1, "Ann"]
    assert found.tables["tickets"]["first_reply_at"].item() == pd.Timestamp("2026-01-01T11:30Z")
    assert any("everyone who is not the requester counts as an agent" in n for n in export.notes)


def test_messages_that_nobody_is_known_to_have_written_tell_no_answers(read):
    mapping = '[tickets]\nrow = "message"\nfixed = {status = "unknown"}\n' + (
        'columns = {ticket_id = "t", event_at = "at"}'
    )
    found = read(mapping, m="t,at\n1,2026-01-01T10:00Z\n1,2026-01-01T11:00Z\n")[1]
    assert found.tables["tickets"]["total_agent_replies"].isna().all()


TICKETS = """
time_zone = "UTC"
[tickets]
columns = {ticket_id = "id", created_at = "at", status = "is"}
[ticket_events]
"""
THREE = "id,at,is\n1,2026-01-01 10:00,open\n2,2026-01-01 10:00,open\n3,2026-01-01 10:00,open\n"


def test_messages_in_a_file_of_their_own_belong_to_its_tickets(read):
    """Of ticket 1 the first message opens it; of 2 it is an answer; of 3 nothing is known."""
    mapping = (
        TICKETS + 'row = "message"\ncolumns = {ticket_id = "t", event_at = "at", actor_role = "by"}'
    )
    text = "t,at,by\n1,2026-01-01 10:00,agent\n1,2026-01-01 11:00,agent\n2,2026-01-01 10:30,agent\n"
    found = read(mapping, t=THREE, m=text)[1]
    replies = by_ticket(found, "total_agent_replies")["total_agent_replies"]
    assert replies.isna().tolist() == [False, False, True]
    assert replies.dropna().tolist() == [1, 1]


def test_a_ticket_that_each_of_its_messages_tells_is_there_once(read):
    mapping = """
    time_zone = "UTC"
    [tickets]
    file = "m.csv"
    columns = {ticket_id = "t", created_at = "opened", status = "is"}
    [ticket_events]
    file = "m.csv"
    row = "message"
    columns = {ticket_id = "t", event_at = "at", actor_role = "by"}
    """
    text = "t,opened,is,at,by\n" + "".join(
        f"{t},2026-01-01 10:00,open,2026-01-01 1{h}:00,{by}\n"
        for t, h, by in ((1, 0, "customer"), (1, 1, "agent"), (1, 2, "agent"), (2, 3, "agent"))
    )
    found = read(mapping, m=text)[1]
    assert by_ticket(found, "total_agent_replies").to_dict() == {
        "total_agent_replies": {"1": 2, "2": 1}
    }
    assert found.rows["quarantined"].tolist() == [0, 0]
    assert found.files.iloc[0].tolist() == [4, 4, 0]


def test_events_tell_only_what_is_among_them(read):
    """Answers alone do not tell that nothing was ever reopened or solved."""
    mapping = TICKETS + (
        'columns = {ticket_id = "t", event_at = "at", event_type = "what", actor_role = "by"}'
    )
    found = read(mapping, t=THREE, m="t,at,what,by\n1,2026-01-01 11:00,reply,agent\n")[1]
    told = by_ticket(found, "total_agent_replies", "count_reopens", "assignee_changes").loc["1"]
    assert (told.iloc[0], told.iloc[1:].isna().all()) == (1, True)


def test_a_change_whose_time_cannot_be_read_does_not_take_the_ticket_with_it(read):
    mapping = 'time_zone = "UTC"\n[tickets]\nrow = "change"\n' + (
        'columns = {ticket_id = "t", event_at = "at", status = "is"}'
    )
    text = "t,at,is\n1,2026-01-01 10:00,new\n1,soon,open\n1,2026-01-02 10:00,solved\n"
    found = read(mapping, m=text)[1]
    assert by_ticket(found, "status").loc["1"].tolist() == ["solved"]
    assert found.quarantine["row"].tolist() == [2]


def test_a_ticket_created_at_its_own_column_is_not_created_at_its_first_row(read):
    mapping = 'time_zone = "UTC"\n[tickets]\nrow = "change"\n' + (
        'columns = {ticket_id = "t", event_at = "at", created_at = "opened", status = "is"}'
    )
    found = read(mapping, m="t,at,opened,is\n1,2026-01-02 10:00,2026-01-01 10:00,new\n")[1]
    assert found.tables["tickets"]["created_at"].item() == pd.Timestamp("2026-01-01T10:00Z")
