"""What became of Zendesk's tickets: overlapping pages, who replied, who closed, what was then."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from cxresearch import loaders
from cxresearch.study.schema import InputError

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


CASES = Path(__file__).parent / "cases"


def test_a_chat_is_never_told_to_have_no_answer():
    found = loaders.load("auto", CASES / "zendesk_messaging")["tickets"].set_index("ticket_id")
    assert found["total_agent_replies"].tolist() == [3, 1]
    assert found["first_reply_at"].dt.strftime("%H:%M").tolist() == ["09:02", "09:30"]


def chat(*said):
    lines = [
        {"type": "ChatMessage", "actor_type": who, "message": "x"} | more for who, more in said
    ]
    return {"type": "ChatEndedEvent", "value": {"chat_id": "x", "history": lines}}


@pytest.mark.parametrize(
    ("said", "replies"),
    [
        ([("end-user", {"timestamp": 1772442060000}), ("agent", {"timestamp": 1772442120000})], 1),
        ([("end-user", {"timestamp": 1772442060000}), ("agent", {})], None),
        ([("end-user", {}), ("bot", {"timestamp": 1772442120000})], None),
        ([], None),
    ],
)
def test_answers_in_a_transcript_count_where_they_have_a_time(read, said, replies):
    in_chat = TICKET | {"via": {"channel": "chat"}, "metric_set": {"replies": 0}}
    found = ticket(
        read((501, "chat", comment(), NEW), (-1, "chat", chat(*said)), tickets=[in_chat])
    )
    assert found["first_reply_at"] is pd.NaT or found["first_reply_at"].minute == 2
    assert (None if pd.isna(found["total_agent_replies"]) else 1) == replies
    assert ("messages_missing" in found["dq_flags"]) == (replies is None)


def test_a_chat_with_an_answer_among_its_comments_is_told_by_them(read):
    in_chat = TICKET | {"via": {"channel": "native_messaging"}}
    begins = (501, "native_messaging", comment(), NEW)
    found = ticket(read(begins, (701, "web", comment()), tickets=[in_chat]))
    assert found["total_agent_replies"] == 1


def test_what_a_chat_says_is_no_value_of_an_event(read):
    begins = (501, "chat", comment(), NEW, chat(("agent", {"message": "secret"})))
    assert not read(begins).tables["ticket_events"]["value_to"].str.contains("secret").any()


def test_a_view_without_columns_tells_unknown_not_never():
    declared = {"time_zone": "Europe/Madrid", "date_order": "day"}
    found = loaders.load("auto", CASES / "zendesk_csv_without_tags", **declared)["tickets"]
    assert found["total_agent_replies"].tolist() == [11, 10]
    unknown = ["tags", "is_merged", "is_spam", "is_agent_created", "first_reply_at", "subject"]
    assert found[unknown].isna().all(axis=None)


@pytest.mark.parametrize("lacks", ["Status", "Subject", "Requester id", "Via", "Updated at"])
def test_only_id_and_time_are_indispensable(tmp_path, lacks):
    row = {"Id": 1, "Created at": "2026-03-02 10:00", "Updated at": "2026-03-02 11:00",
           "Subject": "x", "Status": "Open", "Requester id": 5, "Via": "Mail"}  # fmt: skip
    del row[lacks]
    pd.DataFrame([row]).to_csv(tmp_path / "view.csv", index=False)
    found = loaders.load("zendesk", tmp_path, time_zone="UTC")["tickets"]
    assert found["status"].tolist() == ["unknown" if lacks == "Status" else "open"]


def test_a_refused_view_hears_which_columns_lack(tmp_path):
    pd.DataFrame([{"Subject": "x", "Status": "Open", "Tags": ""}]).to_csv(tmp_path / "v.csv")
    for system in ("zendesk", "auto"):
        with pytest.raises(
            InputError, match=r"v.csv comes nearest to csv of .*lacks Id, Created at"
        ):
            loaders.load(system, tmp_path)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """The tables of a warehouse, made of the API's payloads: one row a comment, and a change."""
    path = Path(__file__).parent / "formats" / "zendesk"
    folder = tmp_path_factory.mktemp("warehouse")
    pages = json.loads((path / "incremental_tickets_cursor.json").read_text())["tickets"]
    audits = [json.loads(line) for line in (path / "ticket_audits.ndjson").read_text().splitlines()]
    users = json.loads((path / "users.json").read_text())["users"]
    at = [(a, e, a["created_at"].replace("T", " ").removesuffix("Z")) for a in audits
          for e in a["events"]]  # fmt: skip
    tables = {
        "ticket": [
            {k: v for k, v in t.items() if k not in ("via", "tags", "metric_set", "fields")}
            | {"via_channel": t["via"]["channel"], "_fivetran_synced": "2026-06-01 00:00:00"}
            | {k: t[k].replace("T", " ").removesuffix("Z") for k in ("created_at", "updated_at")}
            for t in pages
        ],
        "ticket_tag": [{"ticket_id": t["id"], "tag": tag} for t in pages for tag in t["tags"]],
        "ticket_comment": [
            {"id": e["id"], "ticket_id": a["ticket_id"], "user_id": a["author_id"], "created": when,
             "public": str(e["public"]).upper(), "body": e["body"]}
            for a, e, when in at if e["type"] == "Comment"
        ],
        "ticket_field_history": [
            {"ticket_id": a["ticket_id"], "field_name": e["field_name"], "updated": when,
             "user_id": a["author_id"], "value": e["value"]}
            for a, e, when in at if e["type"] in ("Create", "Change") and "field_name" in e
        ],
        "user": users,
    }  # fmt: skip
    for name, rows in tables.items():
        pd.DataFrame(rows, dtype="object").to_csv(folder / f"{name}.csv", index=False)
    return folder


def test_a_warehouse_tells_what_audits_tell(warehouse):
    found = loaders.load("auto", warehouse)["tickets"].set_index("ticket_id")
    path = Path(__file__).parent / "formats" / "zendesk"
    right = loaders.load("zendesk", path, time_zone="Europe/Madrid")["tickets"]
    right = right.set_index("ticket_id").loc[found.index]
    same = ["status", "requester_id", "count_reopens", "first_solved_at", "total_agent_replies"]
    pd.testing.assert_frame_equal(found[same], right[same])
    pd.testing.assert_series_equal(found["first_reply_at"], right["first_reply_at"])


def test_comments_alone_tell_replies_and_nothing_else(warehouse, tmp_path):
    for name in ("ticket", "ticket_comment", "user"):
        (tmp_path / f"{name}.csv").write_text((warehouse / f"{name}.csv").read_text())
    export, found = loaders.read("zendesk", tmp_path)
    whole = loaders.load("zendesk", warehouse)["tickets"].set_index("ticket_id")
    tickets = found.tables["tickets"].set_index("ticket_id")
    told = ["status", "first_reply_at", "total_agent_replies"]
    pd.testing.assert_frame_equal(tickets[told], whole[told])
    assert tickets[["count_reopens", "first_solved_at", "closed_by"]].isna().all(axis=None)
    assert len(found.quarantine) == 0
    assert any("no history of fields" in note for note in export.notes)


def test_comments_without_tickets_are_tickets_of_unknown_state(warehouse, tmp_path):
    text = (warehouse / "ticket_comment.csv").read_text()
    (tmp_path / "ticket_comment.csv").write_text(text)
    found = loaders.load("zendesk", tmp_path)["tickets"]
    assert set(found["status"]) == {"unknown"}
    assert found["count_reopens"].isna().all()


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


AUDIT = {"id": 1, "ticket_id": 1, "created_at": ASKED, "author_id": 501, "via": {}, "events": [NEW]}


@pytest.mark.parametrize("told", ["[{", [NEW], json.dumps([NEW]), {"a": 1}, "text", None])
def test_events_are_a_list_in_whatever_way_or_the_audit_is_set_aside(tmp_path, told):
    """What is no JSON is set aside with its text; what is no list is an audit of one odd step."""
    lines = [json.dumps(AUDIT), json.dumps(AUDIT | {"id": 2, "events": told})]
    (tmp_path / "tickets.json").write_text(json.dumps({"tickets": [TICKET]}))
    (tmp_path / "audits.ndjson").write_text("\n".join(lines) + "\n")
    found = loaders.read("zendesk", tmp_path)[1]
    assert found.files.loc["audits.ndjson", "read"] == 2
    is_broken = told in ("[{", "text")
    assert found.files.loc["audits.ndjson", "quarantined"] == is_broken
    assert list(found.quarantine["original"]) == [lines[1]] * is_broken
    is_list = isinstance(told, list) or told == json.dumps([NEW])
    assert (found.tables["ticket_events"]["value_to"] == "new").sum() == 1 + is_list


def test_a_cell_of_events_that_is_no_json_sets_its_row_aside(tmp_path):
    (tmp_path / "tickets.json").write_text(json.dumps({"tickets": [TICKET]}))
    with (tmp_path / "audits.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "ticket_id", "created_at", "author_id", "events"])
        rows.writerow([1, 1, ASKED, 501, json.dumps([NEW])])
        rows.writerow([2, 1, ASKED, 501, "[{"])
    found = loaders.read("zendesk", tmp_path)[1]
    assert found.files.loc["audits.csv", ["read", "kept", "quarantined"]].tolist() == [2, 1, 1]
    assert "[{" in found.quarantine["original"].item()
    assert len(found.tables["ticket_events"]) == 1
