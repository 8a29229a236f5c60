"""What became of Zendesk's tickets: overlapping pages, who replied, who closed, what was then."""

import csv
import io
import json

import pandas as pd
import pytest

from cxresearch import loaders

ASKED = "2026-03-02T09:00:00Z"
TICKET = {"id": 1, "requester_id": 501, "submitter_id": 501, "via": {"channel": "email"},
          "status": "open", "created_at": ASKED, "updated_at": ASKED,
          "assignee_id": 702}  # fmt: skip
USERS = [{"id": 501, "role": "end-user", "email": "a@b.example"},
         *({"id": n, "role": "agent", "email": "c@d.example"} for n in (701, 702))]  # fmt: skip
NEW = {"type": "Create", "field_name": "status", "value": "new"}


def status(before, after):
    return {"type": "Change", "field_name": "status", "previous_value": before, "value": after}


def comment(body="x", public=True):
    return {"type": "Comment", "body": body, "public": public}


@pytest.fixture
def read(tmp_path):
    """Reads a ticket with its audits, hourly from when it was asked: (author, channel, *events)."""

    def write(*audits, tickets=(TICKET,), users=USERS):
        rows = [
            {"id": n, "ticket_id": 1, "created_at": f"2026-03-02T{9 + n:02}:00:00Z", "author_id": a,
             "via": {"channel": channel},
             "events": [{"id": n * 10 + m} | e for m, e in enumerate(events)]}
            for n, (a, channel, *events) in enumerate(audits)
        ]  # fmt: skip
        (tmp_path / "users.json").write_text(json.dumps({"users": users}))
        (tmp_path / "tickets.json").write_text(json.dumps({"tickets": list(tickets)}))
        if rows:
            (tmp_path / "audits.ndjson").write_text("\n".join(map(json.dumps, rows)) + "\n")
        return loaders.read("zendesk", tmp_path)[1]

    return write


def ticket(found):
    return found.tables["tickets"].iloc[0]


BY_CUSTOMER = (501, "email", comment(), NEW)


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_ticket_in_two_pages_is_kept_once_by_its_newest_update(read, tmp_path, newest_first):
    pages = [TICKET | {"status": "solved", "updated_at": "2026-03-09T00:00:00Z"}, TICKET]
    pages = pages if newest_first else pages[::-1]
    more = {"tickets": [pages[1], TICKET | {"id": 2}]}
    (tmp_path / "tickets_2.json").write_text(json.dumps(more))
    found = read(tickets=[pages[0], TICKET | {"id": 3}])
    assert sorted(found.tables["tickets"]["ticket_id"]) == ["1", "2", "3"]
    assert found.tables["tickets"].set_index("ticket_id").at["1", "status"] == "solved"
    assert found.files[["read", "kept", "quarantined"]].sum().tolist() == [7, 6, 1]
    (reason,) = found.quarantine["reason"]
    assert reason == "another row has the same ticket_id and is newer or later"


def test_an_audit_in_two_downloads_is_one_event(read, tmp_path):
    read(BY_CUSTOMER, (701, "web", comment()))
    (tmp_path / "again.ndjson").write_text((tmp_path / "audits.ndjson").read_text())
    found = loaders.read("zendesk", tmp_path)[1].tables
    assert len(found["ticket_events"]) == 3
    assert found["tickets"]["total_agent_replies"].item() == 1


@pytest.mark.parametrize(
    ("audit", "replies"),
    [
        ((701, "web", comment()), 1),
        ((701, "web", comment(public=False)), 0),
        ((-1, "rule", comment("We have received your message")), 0),
        ((701, "chat_bot", comment()), 0),
        ((501, "email", comment()), 0),
    ],
)
def test_only_an_agents_public_message_is_a_reply(read, audit, replies):
    assert ticket(read(BY_CUSTOMER, audit))["total_agent_replies"] == replies


MERGE = comment("This request was closed and merged into request #77", public=False)


@pytest.mark.parametrize(
    ("audit", "by"),
    [
        ((701, "web", status("new", "solved")), "agent"),
        ((501, "email", status("new", "solved")), "customer"),
        ((-1, "rule", status("new", "closed")), "automation"),
        ((701, "web", MERGE, status("new", "closed")), "merge"),
    ],
)
def test_who_closed_is_kept(read, audit, by):
    assert ticket(read(BY_CUSTOMER, audit))["closed_by"] == by


def test_a_merged_ticket_points_to_its_survivor(read):
    found = ticket(read(BY_CUSTOMER, (701, "web", MERGE, status("new", "closed"))))
    assert found[["is_merged", "merged_into_ticket_id"]].tolist() == [True, "77"]


def test_what_is_at_export_is_not_what_was_then_but_history_says_so(read):
    first = {"type": "Change", "field_name": "assignee_id", "previous_value": None, "value": "701"}
    then = {"type": "Change", "field_name": "assignee_id", "previous_value": "701", "value": "702"}
    high = {"type": "Change", "field_name": "priority", "previous_value": "low", "value": "high"}
    found = read(BY_CUSTOMER, (701, "web", first), (701, "web", then, high))
    assert ticket(found)[["assignee_id", "assignee_changes"]].tolist() == ["702", 1]
    events = found.tables["ticket_events"].query("field in ('assignee_id', 'priority')")
    assert events[["field", "value_from", "value_to"]].fillna("").to_numpy().tolist() == [
        ["assignee_id", "", "701"], ["assignee_id", "701", "702"], ["priority", "low", "high"]
    ]  # fmt: skip


def test_without_history_nothing_is_said_about_changes(read):
    told = ticket(read())[["assignee_changes", "group_changes", "count_reopens", "closed_by"]]
    assert told.isna().all()


def test_a_deleted_requester_keeps_a_number_that_nobody_has_and_is_flagged(read):
    assert "deleted_requester" in ticket(read(users=USERS[1:]))["dq_flags"]
    assert "deleted_requester" not in ticket(read())["dq_flags"]


def test_a_ticket_that_an_agent_opened_by_phone_is_the_customers(read):
    by_phone = TICKET | {"submitter_id": 701, "via": {"channel": "voice"}}
    wrote = {"type": "Create", "field_name": "requester_id", "value": "501"}
    found = ticket(read((701, "voice", comment(), NEW, wrote), tickets=[by_phone]))
    assert found[["requester_id", "created_channel"]].tolist() == ["501", "phone"]
    assert found[["is_agent_created", "total_agent_replies"]].tolist() == [True, 0]
    assert pd.isna(found["first_reply_at"])


def test_a_ticket_solved_before_it_was_created_is_kept_and_flagged(read):
    early = TICKET | {"created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z"}
    found = ticket(read(BY_CUSTOMER, (701, "web", status("new", "solved")), tickets=[early]))
    assert "solved_before_created" in found["dq_flags"]


def test_a_row_whose_cells_moved_by_one_is_set_aside_and_the_others_are_kept(request, tmp_path):
    text = (request.path.parent / "formats" / "zendesk" / "tickets_export.csv").read_text()
    head, *rows = csv.reader(io.StringIO(text))
    for number in (1, 4):
        rows[number] = [*rows[number][:3], "moved", *rows[number][3:-1]]
    with (tmp_path / "t.csv").open("w", newline="") as target:
        csv.writer(target).writerows([head, *rows])
    found = loaders.read("zendesk", tmp_path, time_zone="Europe/Madrid")[1]
    assert found.files.loc["t.csv"].tolist() == [len(rows), len(rows) - 2, 2]
    assert found.quarantine["row"].tolist() == [2, 5]
    assert found.quarantine["original"].str.contains(",moved,").all()


@pytest.mark.parametrize("field", ["events", "id", "author_id", "created_at", "via"])
def test_values_of_another_kind_in_audits_cost_no_other(request, tmp_path, field):
    formats = request.path.parent / "formats" / "zendesk"
    audits = (formats / "ticket_audits.ndjson").read_text().splitlines()
    odd = ['"abc"', '{"x": [1]}', "[[1]]", "9e40", "9" * 5000, "null", '""', '"["', "[null]"]
    later = [n for n, line in enumerate(audits) if '"Create"' not in line]
    for number, value in zip(later, odd, strict=False):
        told = json.loads(audits[number]) | {field: "?"}
        audits[number] = json.dumps(told).replace('"?"', value, 1)
    (tmp_path / "a.ndjson").write_text("\n".join(audits))
    found = loaders.read("zendesk", tmp_path)[1]
    assert found.files.loc["a.ndjson", "kept"] >= len(audits) - len(odd)
