"""Salesforce: what cases and their history tell, and what they do not."""

import csv

import pandas as pd
import pytest

from cxresearch import loaders
from cxresearch.loaders.reading.forms import in_words

AT = "2026-03-02T{:02}:00:00.000Z"
USER, OTHER, QUEUE = "005000000000701AAA", "005000000000702AAA", "00G000000000001AAA"
CASE = {
    "Id": "500000000000001AAA", "CaseNumber": "1", "Status": "Closed", "IsClosed": "true",
    "ClosedDate": AT.format(20), "CreatedDate": AT.format(8), "LastModifiedDate": AT.format(21),
    "IsClosedOnCreate": "false", "IsEscalated": "false", "IsDeleted": "false", "ContactId": "003",
    "SuppliedEmail": "", "OwnerId": USER, "MasterRecordId": "", "Subject": "a",
}  # fmt: skip


def step(hour, field, old="", new="", case=CASE["Id"], who=USER):
    return {
        "Id": f"017{hour:02}{field}{len(new)}", "CaseId": case, "CreatedById": who,
        "CreatedDate": AT.format(hour), "Field": field, "OldValue": old, "NewValue": new,
    }  # fmt: skip


CREATED, CLOSED = step(8, "created"), step(10, "Status", "New", "Closed")


@pytest.fixture
def read(tmp_path):
    """Reads cases (what differs from CASE) and steps of their history."""

    def write(*cases, history=()):
        files = {"Case.csv": [CASE | case for case in cases], "CaseHistory.csv": history}
        for name, rows in files.items():
            if rows:
                with (tmp_path / name).open("w", newline="") as file:
                    writer = csv.DictWriter(file, list(rows[0]), quoting=csv.QUOTE_ALL)
                    writer.writeheader()
                    writer.writerows(rows)
        return loaders.read("salesforce", tmp_path)

    return write


def ticket(found):
    return found[1].tables["tickets"].iloc[0]


def hour(number):
    return pd.Timestamp(AT.format(number))


def test_history_may_lie_in_any_order(read):
    steps = [step(14, "Status", "Working", "Closed"), step(12, "Status", "Closed", "Working"),
             CLOSED, CREATED]  # fmt: skip
    found = ticket(read({}, history=steps))
    columns = ["first_solved_at", "last_reopened_at", "last_solved_at"]
    assert found[columns].tolist() == [hour(10), hour(12), hour(14)]
    assert found["count_reopens"] == 1


def test_a_change_of_owner_is_two_rows_and_counts_once(read):
    changes = [(9, QUEUE, USER), (10, USER, QUEUE), (11, QUEUE, USER), (12, QUEUE, OTHER)]
    names = [step(at, "Owner", "name", "other") for at, _, _ in changes]
    ids = [step(at, "Owner", old, new) for at, old, new in changes]
    found = read({"Status": "New", "IsClosed": "false"}, history=[CREATED, *names, *ids])
    events = found[1].tables["ticket_events"]
    assert ticket(found)["assignee_changes"] == 1
    assert len(events) == 9
    assert events["field"].value_counts()[["assignee_id", "group_id"]].tolist() == [3, 1]


def test_an_owner_that_is_a_queue_is_the_group(read):
    found = ticket(read({"OwnerId": QUEUE}))
    assert pd.isna(found["assignee_id"])
    assert found["group_id"] == QUEUE


@pytest.mark.parametrize(
    ("steps", "now", "told"),
    [
        ([], {}, None),
        ([], {"IsEscalated": "true"}, True),
        ([CREATED, CLOSED], {}, False),
        ([CREATED, CLOSED, step(9, "ownerEscalated")], {}, True),
        ([CREATED, CLOSED, step(9, "IsEscalated", "false", "true")], {}, True),
        ([CREATED, step(9, "Status", "New", "Escalated"), CLOSED], {}, True),
        ([CLOSED], {}, None),
    ],
)
def test_only_a_history_tells_that_a_case_was_never_escalated(read, steps, now, told):
    found = ticket(read(now, history=steps))["is_escalated"]
    assert (None if pd.isna(found) else found) == told


@pytest.mark.parametrize(
    ("steps", "case", "missing"),
    [
        ([CREATED, CLOSED], {}, False),
        ([CLOSED], {}, True),
        ([CREATED, step(10, "Status", "New", "Closed", case="500other")], {}, True),
        ([CREATED, step(10, "Status", "New", "Closed", case="500other")],
         {"IsClosedOnCreate": "true"}, False),
        ([CREATED, step(10, "Status", "New", "Closed", case="500other")],
         {"IsClosed": "false", "Status": "New"}, False),
    ],
)  # fmt: skip
def test_a_history_without_its_beginning_or_closing_is_flagged_and_counts_nothing(
    read, steps, case, missing
):
    found = ticket(read(case, history=steps))
    assert ("changes_missing" in found["dq_flags"]) == missing
    assert pd.isna(found["count_reopens"]) == missing
    assert (found["closed_at"] == hour(20)) == missing


def test_a_case_closed_on_create_is_solved_as_it_is_created(read):
    steps = [CREATED, step(10, "Status", "New", "Closed", case="500other")]
    found = ticket(read({"IsClosedOnCreate": "true"}, history=steps))
    assert found["first_solved_at"] == hour(8)


def test_where_status_is_not_tracked_history_tells_no_status(read):
    export, _ = found = read({}, history=[CREATED, step(9, "Owner", QUEUE, USER)])
    told = ticket(found)
    assert told[["first_solved_at", "count_reopens", "is_escalated"]].isna().all()
    assert told[["closed_at", "assignee_changes"]].tolist() == [hour(20), 0]
    assert "does not track it" in export.notes[0]


@pytest.mark.parametrize(
    ("word", "closed", "means"),
    [
        ("On Hold", "false", "hold"),
        ("Escalated", "false", "open"),
        ("Wartet auf Teile", "false", "open"),
        ("Gelöst", "TRUE", "closed"),
    ],
)
def test_a_status_is_closed_as_isclosed_says(read, word, closed, means):
    found = ticket(read({"Status": word, "IsClosed": closed}))
    assert found[["status", "status_raw"]].tolist() == [means, word]


def test_words_in_a_history_mean_what_they_mean_in_cases(read):
    steps = [CREATED, step(10, "Status", "New", "Gelöst"), step(11, "Status", "Gelöst", "Neu da")]
    open_again = {"Status": "Neu da", "IsClosed": "false"}
    export, _ = found = read(open_again, {"Id": "500b", "Status": "Gelöst"}, history=steps)
    assert ticket(found)[["first_solved_at", "count_reopens"]].tolist() == [hour(10), 1]
    assert any("gelöst, neu da" in note for note in export.notes)


def test_a_merged_case_is_not_a_deleted_one(read):
    tickets = read(
        {"IsDeleted": "true", "MasterRecordId": "500master"}, {"Id": "500b", "IsDeleted": "true"},
        {"Id": "500c"}, history=[CREATED, CLOSED],
    )[1].tables["tickets"]  # fmt: skip
    assert tickets["is_deleted"].tolist() == [False, True, False]
    assert tickets["merged_into_ticket_id"].fillna("").tolist() == ["500master", "", ""]
    assert tickets["closed_by"].fillna("").tolist() == ["merge", "", ""]


def test_only_who_ever_owned_a_case_is_an_agent(read):
    steps = [CREATED, step(10, "Status", "New", "Closed", who="005000000000999AAA")]
    assert pd.isna(ticket(read({}, history=steps))["closed_by"])
    assert ticket(read({}, history=[CREATED, CLOSED]))["closed_by"] == "agent"


def test_who_is_no_contact_is_known_by_address_which_is_not_kept(read):
    mail = {"ContactId": "", "SuppliedEmail": "Ann@host.example"}
    found = ticket(read(mail))["requester_id"]
    assert found.startswith("e-mail:")
    assert found == ticket(read(mail | {"SuppliedEmail": "ann@host.example "}))["requester_id"]


def test_a_history_without_cases_gives_tickets_without_words(read, tmp_path):
    found = read(history=[CREATED, CLOSED, step(9, "Owner", QUEUE, USER)])
    assert ticket(found)[["status", "assignee_id"]].tolist() == ["closed", USER]
    found = read(history=[CREATED, step(9, "Status", "Neu", "Anders")])
    assert ticket(found)["status"] == "unknown"


def test_a_history_of_a_case_that_is_not_there_is_set_aside(read):
    found = read({}, history=[CREATED, CLOSED, step(9, "Status", "New", "Closed", case="500gone")])
    assert found[1].quarantine[["file", "row", "reason"]].to_numpy().tolist() == [
        ["CaseHistory.csv", 3, "its ticket_id is not among the tickets kept"]
    ]


def test_a_case_in_ones_and_zeros_is_read_as_in_words(read):
    names = ("IsClosed", "IsClosedOnCreate", "IsEscalated", "IsDeleted")
    words = {
        name: word for name, word in zip(names, ("true", "false", "true", "false"), strict=True)
    }
    codes = {name: {"true": "1", "false": "0"}[word] for name, word in words.items()}
    nobody = {"MasterRecordId": "000000000000000AAA"}
    steps = [CREATED, step(9, "IsEscalated", "0", "1"), CLOSED]
    found = ticket(read(codes | nobody, history=steps))
    right = ticket(read(words, history=[CREATED, step(9, "IsEscalated", "false", "true"), CLOSED]))
    pd.testing.assert_series_equal(found, right)


@pytest.mark.parametrize("lacks", ["CaseNumber", "Status", "IsClosed", "IsDeleted", "OwnerId"])
def test_a_query_that_leaves_a_field_out_tells_unknown(tmp_path, lacks):
    case = {name: value for name, value in CASE.items() if name != lacks}
    pd.DataFrame([case]).to_csv(tmp_path / "Case.csv", index=False)
    found = loaders.load("auto", tmp_path)["tickets"].iloc[0]
    assert found["status"] == "closed"
    assert pd.isna(found["is_deleted"]) == (lacks == "IsDeleted")


def test_a_warehouse_writes_the_names_of_fields_apart(read, tmp_path):
    right = ticket(read({}, history=[CREATED, CLOSED]))
    tables = {"case": [CASE], "case_history": [CREATED, CLOSED]}
    (tmp_path / "w").mkdir()
    for name, rows in tables.items():
        apart = [{in_words(key): value for key, value in row.items()} for row in rows]
        pd.DataFrame(apart).to_csv(tmp_path / "w" / f"{name}.csv", index=False)
    pd.testing.assert_series_equal(ticket(loaders.read("auto", tmp_path / "w")), right)
