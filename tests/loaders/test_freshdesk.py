"""Freshdesk's traps: what its API, CSV, conversations and ratings do not say plainly."""

import csv
import io
import json

import pandas as pd
import pytest

from cxresearch import loaders
from cxresearch.study.schema import InputError

HEAD = (
    "Ticket ID,Subject,Status,Source,Created time,Resolved time,Agent interactions,Tags,"
    "Survey results,Contact ID,Unique external ID"
).split(",")
MERGED = "<div>This ticket is closed and merged into ticket <a href='77'>77</a></div>"


def api(number=1, stats=None, **changes):
    """A ticket as the API gives it."""
    times = {"created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-03T09:00:00Z"}
    who = {"requester_id": 501, "responder_id": 701, "requester": {"id": 501}}
    what = {"subject": "s", "status": 2, "priority": 1, "source": 1, "fr_due_by": None}
    clock = {"status_updated_at": times["updated_at"], "agent_responded_at": times["updated_at"]}
    return {"id": number, **times, **who, **what, "stats": clock | (stats or {}), **changes}


def message(number, hour, **changes):
    """A conversation of ticket 1, written at an hour of the day."""
    base = {"incoming": False, "private": False, "user_id": 701, "body_text": "words"}
    return (
        {"id": number, "ticket_id": 1, "created_at": f"2026-03-02T{hour}:00:00Z"} | base | changes
    )


@pytest.fixture
def read(tmp_path):
    """Reads lists of records and rows of a CSV: (export, what became of them)."""

    def write(records=(), messages=(), ratings=(), rows=(), encoding="utf-8", **declared):
        lists = {"tickets": records, "conversations": messages, "ratings": ratings}
        for name, found in lists.items():
            if found:
                (tmp_path / f"{name}.json").write_text(json.dumps(found))
        if rows:
            text = io.StringIO(newline="")
            csv.writer(text).writerows([HEAD, *([row[name] for name in HEAD] for row in rows)])
            (tmp_path / "export.csv").write_bytes(text.getvalue().encode(encoding))
        return loaders.read("freshdesk", tmp_path, **{"time_zone": "Europe/Madrid", **declared})

    return write


def row(number="1", **changes):
    """A row of the CSV; keys are the headers with _ for spaces."""
    base = dict.fromkeys(HEAD, "") | {"Ticket ID": number, "Subject": "s", "Status": "Open"}
    named = {name.replace("_", " "): value for name, value in changes.items()}
    return base | {"Created time": "2026-03-02 10:00:00"} | named


def ticket(found, number="1"):
    tickets = found[1].tables["tickets"]
    return tickets[tickets["ticket_id"] == number].iloc[0]


def test_a_private_note_tells_into_which_ticket_one_was_merged(read):
    note = message(5, 12, private=True, body_text=None, body=MERGED)
    found = ticket(read([api(status=5)], [note]))
    assert (found["is_merged"], found["merged_into_ticket_id"]) == (True, "77")
    assert found["closed_by"] == "merge"


def test_without_such_a_note_nobody_knows_whether_a_ticket_was_merged(read):
    public = message(5, 12, body_text="This ticket is closed and merged into ticket 77")
    assert pd.isna(ticket(read([api(tags=["closed_by_merge"])], [public]))["is_merged"])


@pytest.mark.parametrize(
    "first",
    [{"private": True}, {"incoming": True, "user_id": 501}, {"user_id": 501},
     {"auto_response": True}, {"automation_id": 9}],
)  # fmt: skip
def test_a_note_a_customers_message_and_an_automatic_one_are_no_first_reply(read, first):
    found = ticket(read([api()], [message(5, 10, **first), message(6, 11)]))
    assert found["first_reply_at"] == pd.Timestamp("2026-03-02T11:00:00Z")
    assert found["total_agent_replies"] == 1


def test_a_private_message_is_a_note_that_the_customer_does_not_see(read):
    events = read([api()], [message(5, 10, private=True)])[1].tables["ticket_events"]
    assert events[["event_type", "is_public"]].to_numpy().tolist() == [["note", False]]


def test_no_answer_by_an_agent_is_no_reply_and_no_stats_is_not_known(read):
    unanswered = api(1, {"agent_responded_at": None})
    found = read([unanswered, api(2) | {"stats": None}])
    replies = found[1].tables["tickets"]["total_agent_replies"]
    assert replies.isna().tolist() == [False, True]
    assert replies[0] == 0


def test_a_deleted_requester_keeps_the_id_and_is_flagged(read):
    found = ticket(read([api(1, requester=None, requester_id=999), api(2)]))
    assert found["requester_id"] == "999"
    assert "deleted_requester" in found["dq_flags"]


def test_where_requesters_were_not_asked_for_nobody_is_deleted(read):
    assert list(ticket(read([api(requester=None)]))["dq_flags"]) == []


def test_a_status_of_the_account_is_unknown_until_the_csv_names_it(read):
    assert ticket(read([api(status=6)]))["status"] == "unknown"
    found = ticket(read([api(status=6)], rows=[row(Status="Waiting on Third Party")]))
    assert found[["status", "status_raw"]].tolist() == ["hold", "Waiting on Third Party"]


def test_a_stale_row_of_the_csv_names_no_status(read):
    assert ticket(read([api(status=6)], rows=[row(Status="Closed")]))["status"] == "unknown"


def test_a_reopening_is_at_least_one_and_none_is_not_known(read):
    reopened = api(1, {"reopened_at": "2026-03-02T12:00:00Z"})
    tickets = read([reopened, api(2)])[1].tables["tickets"]
    assert tickets["count_reopens"].isna().all()
    assert [sorted(flags) for flags in tickets["dq_flags"]] == [
        ["reopened_open_censored", "reopens_at_least_1"], []]  # fmt: skip


def test_the_csv_keeps_when_an_open_ticket_was_solved_so_it_was_reopened(read):
    found = ticket(read(rows=[row(Resolved_time="2026-03-02 11:00:00")]))
    assert "reopens_at_least_1" in found["dq_flags"]
    assert pd.isna(found["last_solved_at"])


def test_an_outbound_email_is_itself_no_reply(read):
    sent = row(Source="Outbound Email", Agent_interactions="1")
    found = ticket(read(rows=[sent, row("2", Source="Email", Agent_interactions="1")]))
    assert found[["total_agent_replies", "is_agent_created"]].tolist() == [0, True]


def test_late_is_not_escalated(read):
    assert pd.isna(ticket(read([api(is_escalated=True, fr_escalated=True)]))["is_escalated"])


def test_times_of_the_csv_are_on_the_accounts_clock(read):
    twice = row(Created_time="2026-10-25 02:30:00", Resolved_time="2026-10-25 02:27:00")
    found = ticket(read(rows=[twice | {"Status": "Resolved"}]))
    assert found["created_at"] == pd.Timestamp("2026-10-25T00:30:00Z")
    assert {"created_at_comes_twice", "solved_before_created"} <= set(found["dq_flags"])


def test_the_csv_needs_a_zone_and_an_order_of_day_and_month(read):
    with pytest.raises(InputError, match=r"export\.csv has times without an offset"):
        read(rows=[row()], time_zone=None)
    with pytest.raises(InputError, match="may begin with the day or with the month"):
        read(rows=[row(Created_time="02/03/2026 10:00")])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_marked_csv_is_read_as_it_is_marked(read, encoding):
    found = ticket(read(rows=[row(Subject="Añadir 😡")], encoding=encoding))
    assert found["subject"] == "Añadir 😡"


def test_answers_are_evenly_spaced_and_the_newest_is_the_tickets(read):
    codes = [-103, 100, 101, 103]
    ratings = [
        {"id": i, "survey_id": 1, "ticket_id": 1, "created_at": f"2026-03-0{i + 3}T00:00:00Z",
         "ratings": {"default_question": code}}
        for i, code in enumerate(codes)
    ]  # fmt: skip
    found = read([api()], ratings=ratings)
    surveys = found[1].tables["surveys"]
    assert surveys["score_raw"].tolist() == [-3, 0, 1, 3]
    assert surveys["responded_at"].notna().all()
    assert ticket(found)["satisfaction_raw"] == "103"


def test_the_words_of_the_csv_are_the_numbers_of_the_api(read):
    found = ticket(read(rows=[row(Survey_results="Very Unhappy", Tags="a, b,")]))
    assert (found["satisfaction_raw"], found["status_raw"]) == ("-102", "2")
    assert list(found["tags"]) == ["a", "b"]


def test_of_a_ticket_that_comes_twice_the_newest_is_kept(read):
    older, newer = api(subject="old"), api(subject="new", updated_at="2026-03-04T09:00:00Z")
    found = read([newer, older])
    assert ticket(found)["subject"] == "new"
    assert found[1].files["quarantined"].tolist() == [1]


def test_a_message_of_a_ticket_that_is_not_there_is_set_aside(read):
    found = read([api()], [message(5, 10), message(6, 11, ticket_id=2)])
    assert found[1].quarantine[["file", "row", "reason"]].to_numpy().tolist() == [
        ["conversations.json", 2, "its ticket_id is not among the tickets kept"]]  # fmt: skip


def test_people_are_known_by_address_company_and_the_accounts_own_number(read):
    known = {"requester": {"id": 501, "email": "ada@globex.example"},
             "company_id": 9101, "company": {"id": 9101, "name": "Globex"}}  # fmt: skip
    people = read([api(**known)], rows=[row(Contact_ID="502", Unique_external_ID="U-2")])[0].people
    found = people.set_index("requester_id")
    assert found.loc["501", ["organization_id", "e-mail"]].tolist() == [
        "9101",
        "ada@globex.example",
    ]
    assert found.at["502", "key"] == "U-2"
    firm = people[people["requester_id"].isna()].set_index("organization_id")
    assert firm.at["9101", "organization"] == "Globex"


def test_the_csv_names_states_by_words(read):
    words = {"Open": "open", "Pending": "pending", "Resolved": "solved", "Closed": "closed"}
    rows = [row(str(i), Status=word) for i, word in enumerate(words)]
    assert read(rows=rows)[1].tables["tickets"]["status"].tolist() == list(words.values())


@pytest.mark.parametrize("lacks", ["Status", "Subject", "Tags"])
def test_a_view_without_a_column_tells_unknown(tmp_path, lacks):
    held = {"Ticket ID": "1", "Created time": "2026-03-02 09:00:00", "Subject": "a", "Tags": "x",
            "Status": "Open", "Resolved time": "2026-03-02 10:00:00"}  # fmt: skip
    del held[lacks]
    pd.DataFrame([held]).to_csv(tmp_path / "tickets.csv", index=False)
    found = loaders.load("auto", tmp_path, time_zone="UTC")["tickets"].iloc[0]
    assert found["status"] == ("unknown" if lacks == "Status" else "open")
    assert ("reopens_at_least_1" in found["dq_flags"]) == (lacks != "Status")
    assert (found["tags"] is None) == (lacks == "Tags")
