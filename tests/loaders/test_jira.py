"""Jira: what its API and its CSV tell, and what they do not."""

import json

import pandas as pd
import pytest

from cxresearch import loaders

AT = "2026-03-02T{:02}:00:00.000+0100"
PEOPLE = {"ann": "customer", "joe": "atlassian", "eva": "atlassian", "helper": "app"}


def person(name):
    kind = PEOPLE.get(name, "atlassian")
    return {"accountId": f"id-{name}", "displayName": name, "accountType": kind, "active": True}


def status(name, category):
    return {"name": name, "statusCategory": {"key": category}}


def comment(number, who, public=True, body="x"):
    return {"id": str(number), "created": AT.format(number), "author": person(who), "body": body,
            "jsdPublic": public}  # fmt: skip


def change(number, who, *items):
    keys = ("field", "from", "fromString", "to", "toString")
    return {"id": str(number), "created": AT.format(number), "author": person(who),
            "items": [dict(zip(keys, item, strict=True)) for item in items]}  # fmt: skip


def move(before, after):
    return ("status", "1", before, "2", after)


def resolution(before, after):
    return ("resolution", before, before, after, after)


def issue(key="SUP-1", comments=(), changes=(), **fields):
    fields = {
        "created": AT.format(8), "updated": AT.format(23), "summary": "a", "status": {
            "name": "Waiting for support", "statusCategory": {"key": "new"}},
        "reporter": person("ann"), "creator": person("ann"),
        "comment": {"comments": list(comments), "total": len(comments)},
    } | fields  # fmt: skip
    # newest first, as the API gives them
    told = {"histories": list(changes)[::-1], "total": len(changes)}
    return {"key": key, "fields": fields, "changelog": told}


@pytest.fixture
def read(tmp_path):
    """Reads a page of these issues."""

    def write(*issues):
        page = {"startAt": 0, "names": {"customfield_1": "x"}, "issues": issues}
        (tmp_path / "page.json").write_text(json.dumps(page))
        return loaders.read("jira", tmp_path)

    return write


def ticket(found):
    return found[1].tables["tickets"].iloc[0]


def hour(number):
    return pd.Timestamp(AT.format(number))


def test_times_with_an_offset_without_a_colon_are_read(read):
    assert ticket(read(issue()))["created_at"] == pd.Timestamp("2026-03-02T07:00:00Z")


def test_the_first_reply_is_an_agents_and_public(read):
    said = [comment(9, "ann"), comment(10, "helper"), comment(11, "automation"),
            comment(12, "joe", public=False), comment(13, "joe"), comment(14, "eva")]  # fmt: skip
    found = read(issue(comments=said))
    assert ticket(found)[["first_reply_at", "total_agent_replies"]].tolist() == [hour(13), 2]
    events = found[1].tables["ticket_events"].iloc[1:]
    assert events["actor_role"].tolist() == ["customer", "bot", "system", "agent", "agent", "agent"]
    assert events["event_type"].tolist()[3] == "note"


def test_an_employee_who_asks_is_the_customer(read):
    asked = dict(reporter=person("joe"), creator=person("joe"))
    found = ticket(read(issue(comments=[comment(9, "joe"), comment(10, "eva")], **asked)))
    assert found[["first_reply_at", "is_agent_created"]].tolist() == [hour(10), False]


def test_a_ticket_that_an_agent_opened_for_a_customer_is_agent_created(read):
    assert ticket(read(issue(creator=person("joe"))))["is_agent_created"]


def test_a_changelog_is_read_from_its_oldest_entry_on(read):
    steps = [
        change(9, "joe", move("Waiting for support", "Resolved"), resolution(None, "Done")),
        change(10, "ann", move("Resolved", "Waiting for support"), resolution("Done", None)),
        change(11, "joe", move("Waiting for support", "Resolved"), resolution(None, "Done")),
        change(12, "automation", move("Resolved", "Closed")),
    ]
    found = ticket(read(issue(changes=steps, status=status("Closed", "done"))))
    columns = ["first_solved_at", "last_reopened_at", "last_solved_at", "closed_at"]
    assert found[columns].tolist() == [hour(9), hour(10), hour(11), hour(12)]
    assert found[["count_reopens", "closed_by"]].tolist() == [1, "agent"]


def test_changes_at_one_moment_come_in_the_order_of_their_numbers(read):
    steps = [change(9, "joe", move("Waiting for support", "Resolved")),
             change(10, "ann", move("Resolved", "Waiting for support"))]  # fmt: skip
    for step in steps:
        step["created"] = AT.format(12)
    events = read(issue(changes=steps))[1].tables["ticket_events"]
    assert events["value_to"].tolist() == ["open", "solved", "open"]


def test_an_issue_that_is_exported_twice_is_told_by_its_newest_copy(read):
    early = issue(comments=[comment(9, "joe")], updated=AT.format(9))
    late = issue(comments=[comment(9, "joe"), comment(10, "eva")])
    found = read(late, early)
    assert ticket(found)["total_agent_replies"] == 2
    assert len(found[1].tables["ticket_events"]) == 3
    assert found[1].quarantine["table"].tolist() == ["tickets"]


def test_automation_that_solves_is_said(read):
    steps = [change(9, "Automation for Jira", move("Waiting for support", "Resolved"))]
    assert ticket(read(issue(changes=steps)))["closed_by"] == "automation"


@pytest.mark.parametrize(
    ("name", "category", "means"),
    [
        ("Waiting for customer", "indeterminate", "pending"),
        ("Pending", "indeterminate", "hold"),
        ("Escalated", "indeterminate", "open"),
        ("Canceled", "done", "closed"),
        ("Zu erledigen", "new", "new"),
        ("In Prüfung", "indeterminate", "open"),
        ("Erledigt", "done", "solved"),
    ],
)
def test_a_status_is_a_known_word_or_told_by_its_category(read, name, category, means):
    found = ticket(read(issue(status=status(name, category))))
    assert found[["status", "status_raw"]].tolist() == [means, name]


def test_a_status_without_a_category_is_unknown_until_it_is_resolved(read):
    odd = {"name": "Irgendwas"}
    assert ticket(read(issue(status=odd)))["status"] == "unknown"
    assert ticket(read(issue(status=odd, resolutiondate=AT.format(9))))["status"] == "solved"


def test_words_in_a_changelog_mean_what_they_mean_in_other_issues(read):
    steps = [change(9, "joe", move("Offen", "Erledigt")),
             change(10, "ann", move("Erledigt", "Offen"))]  # fmt: skip
    export, _ = found = read(
        issue(changes=steps, status=status("Offen", "new")),
        issue("SUP-2", status=status("Erledigt", "done")),
    )
    assert ticket(found)[["first_solved_at", "count_reopens"]].tolist() == [hour(9), 1]
    assert "told by their category: erledigt, offen" in export.notes[0]


def test_a_status_that_no_issue_has_is_solved_if_it_brings_a_resolution(read):
    steps = [change(9, "joe", move("Waiting for support", "Fertig"), resolution(None, "Done")),
             change(10, "ann", move("Fertig", "Zurück"), resolution("Done", None))]  # fmt: skip
    export, _ = found = read(issue(changes=steps))
    assert ticket(found)[["first_solved_at", "count_reopens"]].tolist() == [hour(9), 1]
    assert "What these statuses mean is not said: fertig, zurück" in export.notes[0]


def test_what_came_in_pages_is_not_counted(read):
    steps = [change(9, "joe", move("Waiting for support", "Resolved")),
             change(10, "ann", move("Resolved", "Waiting for support"))]  # fmt: skip
    part = issue(comments=[comment(9, "joe")], changes=steps)
    part["fields"]["comment"]["total"] = 70
    part["changelog"]["total"] = 170
    export, _ = found = read(part)
    odd = {"messages_missing", "changes_missing", "reopens_at_least_1"}
    assert odd <= set(ticket(found)["dq_flags"])
    assert ticket(found)[["total_agent_replies", "count_reopens"]].isna().all()
    assert [note.split(":")[0] for note in export.notes] == [
        f"1 issues came without all of their {what}" for what in ("messages", "changes")
    ]


def test_without_comments_the_clock_of_first_responses_tells_the_first_reply(read):
    clock = {"name": "Time to first response",
             "completedCycles": [{"stopTime": {"iso8601": AT.format(9)}}]}  # fmt: skip
    found = ticket(read(issue(comment=None, customfield_7=clock)))
    assert found["first_reply_at"] == hour(9)
    assert pd.isna(found["total_agent_replies"])


def test_a_document_is_its_text_a_line_a_block_and_older_text_is_as_written(read):
    def words(*texts):
        return [{"type": "text", "text": text} if text else {"type": "hardBreak"} for text in texts]

    listed = {"type": "listItem", "content": [{"type": "paragraph", "content": words("c")}]}
    blocks = [{"type": "paragraph", "content": words("a <b>", " 😡", "", "b")},
              {"type": "bulletList", "content": [listed]}]  # fmt: skip
    found = read(issue(description={"type": "doc", "version": 1, "content": blocks}),
                 issue("SUP-2", description="h1. *old*"), issue("SUP-3"))  # fmt: skip
    told = found[1].tables["tickets"]["description"]
    assert told.fillna("").tolist() == ["a <b> 😡\nb\nc", "h1. *old*", ""]


def test_organizations_and_ratings_are_known_by_their_shape(read):
    firm, other = {"id": "91", "name": "Globex", "_links": {}}, {"id": "7", "value": "other"}
    fields = dict(customfield_1=[firm], customfield_2=[other], customfield_3={"rating": 4})
    export, _ = found = read(issue(**fields))
    assert ticket(found)[["organization_id", "satisfaction_raw"]].tolist() == ["91", "4"]
    assert export.people["organization"].tolist() == ["Globex"]


def test_two_fields_that_look_like_organizations_are_not_read(read):
    export, _ = found = read(issue(customfield_1=[{"id": "1", "name": "a"}]),
                             issue("SUP-2", customfield_2=[{"id": "2", "name": "b"}]))  # fmt: skip
    assert pd.isna(ticket(found)["organization_id"])
    assert export.notes[0].startswith("Which of customfield_1, customfield_2 holds")


def test_a_duplicate_is_merged_by_its_link_and_its_survivor_is_not(read):
    kind = {"name": "Duplicate"}
    steps = [change(9, "joe", ("Link", None, None, "SUP-2", "doubles SUP-2")),
             change(10, "joe", move("Waiting for support", "Closed"))]  # fmt: skip
    found = read(
        issue(changes=steps, issuelinks=[{"type": kind, "outwardIssue": {"key": "SUP-2"}}]),
        issue("SUP-2", issuelinks=[{"type": kind, "inwardIssue": {"key": "SUP-1"}}]),
    )
    tickets = found[1].tables["tickets"]
    assert tickets["is_merged"].tolist() == [True, False]
    assert ticket(found)[["merged_into_ticket_id", "closed_by"]].tolist() == ["SUP-2", "merge"]


def test_an_agent_who_left_keeps_the_id_and_is_flagged(read):
    found = ticket(read(issue(assignee=person("joe") | {"active": False})))
    assert found["assignee_id"] == "id-joe"
    assert list(found["dq_flags"]) == ["deleted_agent"]


CSV = "Issue key,Issue Type,Status,Created,Resolved,Labels,Labels,Reporter,Creator"


@pytest.fixture
def read_csv(tmp_path):
    """Reads a CSV of these rows."""

    def write(*rows, header=CSV):
        (tmp_path / "export.csv").write_text("\n".join((header, *rows)) + "\n")
        return loaders.read("jira", tmp_path, time_zone="Europe/Madrid")

    return write


def test_columns_of_a_csv_that_come_twice_are_one_list(read_csv):
    at = "02/Mar/26 10:15"
    rows = (f"S-1,Bug,Closed,{at} AM,,a,b,u,u", f"S-2,Bug,Closed,{at} PM,,,c,u,u")
    tickets = read_csv(*rows)[1].tables["tickets"]
    assert tickets["tags"].map(list).tolist() == [["a", "b"], ["c"]]
    assert tickets["created_at"].dt.hour.tolist() == [9, 21]


def test_a_csv_without_labels_does_not_say_that_there_are_none(read_csv):
    row = "S-1,Bug,Closed,02/Mar/26 10:15 AM"
    assert ticket(read_csv(row, header="Issue key,Issue Type,Status,Created"))["tags"] is None


def test_a_csv_names_nobody_by_id_unless_it_has_the_column(read_csv):
    row = "S-1,Bug,Closed,02/Mar/26 10:15 AM,,,,u,v"
    assert pd.isna(ticket(read_csv(row))["requester_id"])
    found = ticket(read_csv(f"{row},id-u", header=f"{CSV},Reporter Id"))
    assert found[["requester_id", "is_agent_created"]].tolist() == ["id-u", True]


@pytest.mark.parametrize(
    ("solved", "category", "means"),
    [("", "", "unknown"), ("03/Mar/26 10:15 AM", "", "solved"), ("", "In Progress", "open")],
)
def test_a_word_of_a_csv_that_is_not_known_is_told_by_category_or_resolution(
    read_csv, solved, category, means
):
    row = f"S-1,Bug,In Prüfung,02/Mar/26 10:15 AM,{solved},,,u,u,{category}"
    assert ticket(read_csv(row, header=f"{CSV},Status Category"))["status"] == means


def test_an_hour_that_comes_twice_is_flagged_in_a_csv(read_csv):
    found = ticket(read_csv("S-1,Bug,Closed,25/Oct/26 02:30 AM,,,,u,u"))
    assert found["created_at"] == pd.Timestamp("2026-10-25T00:30:00Z")
    assert "created_at_comes_twice" in found["dq_flags"]


def bulk(number, when, issue):
    """A page of changelog/bulkfetch with one change of an issue."""
    moved = change(number, "joe", move("Waiting for support", "Resolved")) | {"created": when}
    return {"issueChangeLogs": [{"issueId": issue, "changeHistories": [moved]}],
            "nextPageToken": None}  # fmt: skip


@pytest.mark.parametrize("names", ["10001", "SUP-1"])
@pytest.mark.parametrize("when", [AT.format(9), 1772438400000, "1772438400"])
def test_changelogs_in_files_of_their_own_are_their_issues(read, tmp_path, names, when):
    bare = {k: v for k, v in issue().items() if k != "changelog"} | {"id": "10001"}
    (tmp_path / "bulk_1.json").write_text(json.dumps(bulk(1, when, names)))
    (tmp_path / "bulk_2.json").write_text(json.dumps(bulk(1, when, names)))
    found = ticket(read(bare))
    assert found["first_solved_at"] == hour(9)
    assert "changes_missing" not in found["dq_flags"]


def test_an_issue_without_a_changelog_beside_others_tells_no_changes(read, tmp_path):
    bare = [{k: v for k, v in issue(key).items() if k != "changelog"} for key in ("SUP-1", "SUP-2")]
    (tmp_path / "bulk.json").write_text(json.dumps(bulk(1, AT.format(9), "SUP-1")))
    (tmp_path / "other.json").write_text(json.dumps(bulk(1, AT.format(9), "OUT-1")))
    export, found = read(*bare)
    flags = found.tables["tickets"].set_index("ticket_id")["dq_flags"]
    assert ["changes_missing" in flags[key] for key in ("SUP-1", "SUP-2")] == [False, True]
    assert "1 changelogs are of issues that are not in the export." in export.notes


@pytest.mark.parametrize(
    ("word", "resolved", "others", "means"),
    [
        ("Done", "", "", "solved"),
        ("To Do", "", "", "new"),
        ("Waiting for customer", "", "", "pending"),
        ("Bei Technik", "2026-03-02 10:00", "", "solved"),
        ("Bei Technik", "", "2026-03-02 10:00", "open"),
        ("Bei Technik", "", "", "unknown"),
    ],
)
def test_without_a_category_words_and_resolutions_tell_a_status(
    tmp_path, word, resolved, others, means
):
    rows = [
        {"Issue key": "A-1", "Created": "2026-03-02 09:00", "Status": word, "Resolved": resolved},
        {"Issue key": "A-2", "Created": "2026-03-02 09:00", "Status": "Fertig", "Resolved": others},
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "jira.csv", index=False)
    found = loaders.read("jira", tmp_path, time_zone="UTC")
    assert ticket(found)["status"] == means


def test_a_view_of_issues_may_lack_all_but_key_and_time(tmp_path):
    pd.DataFrame([{"Issue key": "A-1", "Created": "2026-03-02 09:00"}]).to_csv(
        tmp_path / "jira.csv", index=False
    )
    assert ticket(loaders.read("jira", tmp_path, time_zone="UTC"))["status"] == "unknown"
