"""ServiceNow: what tables, audits and lists tell, and what they do not."""

import json

import pandas as pd
import pytest

from cxresearch import loaders
from cxresearch.study.schema import InputError

AT = "2026-03-02 {:02}:00:00"
WHERE = "https://host.example/api/now/table/sys_user/"
RECORD = {
    "sys_id": "a1", "number": "INC1", "state": "2", "opened_at": AT.format(8), "active": "true",
    "caller_id": {"link": f"{WHERE}c1", "value": "c1"}, "company": "", "resolved_at": "",
    "closed_at": "", "reopen_count": "0", "short_description": "a", "hold_reason": "",
}  # fmt: skip


def change(hour, new, field="state", old="", record="a1", table="incident", user="ann"):
    return {"documentkey": record, "tablename": table, "fieldname": field, "oldvalue": old,
            "newvalue": new, "sys_created_on": AT.format(hour), "user": user}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Reads records (what differs from RECORD) and changes of them."""

    def write(*records, audit=(), **declared):
        tables = {"incident": [RECORD | record for record in records], "sys_audit": list(audit)}
        for name, rows in tables.items():
            if rows:
                (tmp_path / f"{name}.json").write_text(json.dumps({"result": rows}))
        return loaders.read("servicenow", tmp_path, **declared)

    return write


def ticket(found):
    return found[1].tables["tickets"].iloc[0]


def hour(number):
    return pd.Timestamp(AT.format(number), tz="UTC")


def test_the_table_writes_utc_without_saying_so(read):
    assert ticket(read({}))["created_at"] == hour(8)


@pytest.mark.parametrize(
    ("number", "state", "more", "means"),
    [
        ("INC1", "1", {}, "new"),
        ("INC1", "3", {"hold_reason": "1"}, "pending"),
        ("INC1", "3", {"hold_reason": "4"}, "hold"),
        ("INC1", "6", {}, "solved"),
        ("INC1", "8", {}, "closed"),
        ("CS1", "3", {}, "closed"),
        ("CS1", "10", {}, "open"),
        ("CS1", "18", {}, "pending"),
        ("INC1", "-5", {"active": "false"}, "closed"),
        ("INC1", "-5", {"resolved_at": AT.format(9)}, "solved"),
        ("INC1", "-5", {}, "open"),
        ("RITM1", "3", {"active": "false"}, "closed"),
        ("RITM1", "3", {"active": ""}, "unknown"),
    ],
)
def test_a_state_means_what_it_means_in_its_table(read, number, state, more, means):
    found = ticket(read({"number": number, "state": state} | more))
    assert found[["status", "status_raw"]].tolist() == [means, state]


def test_an_audit_tells_every_state_that_a_record_was_in(read):
    states = [change(9, "6"), change(10, "2"), change(11, "6"), change(15, "7", user="system")]
    found = ticket(read({"state": "7", "reopen_count": "0"}, audit=states))
    columns = ["first_solved_at", "last_reopened_at", "closed_at"]
    assert found[columns].tolist() == [hour(9), hour(10), hour(15)]
    assert found["count_reopens"] == 1


def test_the_system_closes_by_itself_and_of_other_users_nothing_is_known(read):
    for user, by in (("system", "automation"), ("ann", "")):
        found = ticket(read({"state": "7"}, audit=[change(9, "7", user=user)]))
        assert (found["closed_by"] if by else pd.isna(found["closed_by"])) == (by or True)


def test_an_audit_that_does_not_end_in_todays_state_counts_nothing(read):
    export, _ = found = read({"reopen_count": "3"}, audit=[change(9, "6")])
    told = ticket(found)
    assert "changes_missing" in told["dq_flags"]
    assert told["count_reopens"] == 3
    assert pd.isna(told["first_solved_at"])
    assert "1 records" in export.notes[0]


def test_moves_of_agents_and_groups_are_counted_where_they_are_audited(read):
    moves = [change(9, "x", "assigned_to"), change(10, "y", "assigned_to", "x"),
             change(9, "g", "assignment_group")]  # fmt: skip
    found = ticket(read({"reassignment_count": "7"}, audit=moves))
    assert found[["assignee_changes", "group_changes"]].tolist() == [1, 0]
    assert pd.isna(ticket(read({}, audit=[change(9, "2")]))["group_changes"])


def test_waiting_for_the_caller_is_a_change_of_reason_at_the_same_moment(read):
    steps = [change(9, "3"), change(9, "1", "hold_reason"), change(10, "2"), change(11, "3"),
             change(12, "2"), change(12, "psst", "work_notes")]  # fmt: skip
    events = read({}, audit=steps)[1].tables["ticket_events"]
    states = events.loc[events["field"] == "status", "value_to"]
    assert states.tolist() == ["pending", "open", "hold", "open"]
    note = events[events["event_type"] == "note"].iloc[0]
    assert note[["is_public", "body"]].tolist() == [False, "psst"]


def test_states_in_an_audit_are_those_of_its_table(read):
    steps = [change(9, "3", table="sn_customerservice_case")]
    found = read({"number": "CS1", "state": "3"}, audit=steps)
    assert found[1].tables["ticket_events"]["value_to"].tolist() == ["closed"]


def test_without_an_audit_the_first_solution_is_known_of_what_never_came_back(read):
    solved = {"state": "6", "resolved_at": AT.format(9)}
    assert ticket(read(solved))["first_solved_at"] == hour(9)
    assert pd.isna(ticket(read(solved | {"reopen_count": "1"}))["first_solved_at"])


def test_a_record_that_is_closed_before_its_parent_is_solved_was_merged(read):
    parent = {"sys_id": "p", "number": "INC0", "state": "6", "resolved_at": AT.format(12)}
    child = {"state": "7", "parent_incident": {"link": f"{WHERE}p", "value": "p"}}
    before, after = ({"closed_at": AT.format(hour)} for hour in (9, 12))
    found = ticket(read(child | before, parent))
    columns = ["is_merged", "merged_into_ticket_id", "closed_by"]
    assert found[columns].tolist() == [True, "INC0", "merge"]
    assert ticket(read(child | after, parent))[columns].isna().all()
    assert ticket(read(child | before))[columns].isna().all()


def test_fields_with_what_they_show_and_what_they_hold_are_read_as_what_they_hold(read):
    both = {
        name: {"display_value": "shown", "value": value}
        for name, value in (RECORD | {"caller_id": "c1", "short_description": "held"}).items()
    }
    found = ticket(read(both))
    assert found[["ticket_id", "subject", "requester_id"]].tolist() == ["INC1", "held", "c1"]
    assert found[["status", "created_at"]].tolist() == ["open", hour(8)]


def test_what_is_only_shown_is_on_a_clock_that_must_be_declared(read):
    person = {"link": f"{WHERE}c1", "display_value": "Ann"}
    shown = {"state": "In Progress", "opened_at": "02-03-2026 09:00:00", "caller_id": person}
    with pytest.raises(InputError, match="may begin with the day or with the month"):
        read(shown, time_zone="Europe/Madrid")
    found = ticket(read(shown, time_zone="Europe/Madrid", date_order="day"))
    assert found[["created_at", "status_raw", "requester_id"]].tolist() == [hour(8), "2", "c1"]


def test_text_that_is_json_stays_text(read):
    for text in ('{"value": 5}', "{", '{"link": {}, "id": 1}'):
        assert ticket(read({"short_description": text}))["subject"] == text


def test_a_history_of_nothing_is_refused(read):
    with pytest.raises(InputError, match="add the table that they are changes of"):
        read(audit=[change(9, "6")])


def test_a_history_of_a_record_that_is_not_there_is_set_aside(read):
    found = read({}, audit=[change(9, "6", record="gone"), change(10, "2")])
    assert found[1].quarantine[["row", "reason"]].to_numpy().tolist() == [
        [1, "its ticket_id is not among the tickets kept"]
    ]


LIST = "Number,Opened,Short description,Caller,Priority,State,Resolved,Reopen count,Channel\n"


@pytest.fixture
def read_list(tmp_path):
    """Reads a list export in windows-1252."""

    def write(row, **declared):
        (tmp_path / "list.csv").write_bytes((LIST + row).encode("windows-1252"))
        given = {"time_zone": "Europe/Madrid", "date_order": "day"} | declared
        return loaders.read("servicenow", tmp_path, **given)

    return write


ROW = "INC1,02-03-2026 10:15:30,A\xf1adir ?,Ada,1 - Critical,On Hold,,0,Self-service\n"


def test_a_list_in_windows_1252_is_read_as_it_was_meant(read_list):
    export, _ = found = read_list(ROW)
    columns = ["subject", "status", "status_raw", "priority", "created_channel"]
    assert ticket(found)[columns].tolist() == ["Añadir ?", "hold", "3", "1", "web"]
    assert any("not UTF-8" in note for note in export.notes)


def test_a_list_names_nobody_by_id(read_list):
    assert ticket(read_list(ROW))[["requester_id", "assignee_id"]].isna().all()


def test_a_list_needs_the_order_of_its_dates(read_list):
    with pytest.raises(InputError, match=r"list\.csv: '02-03-2026 10:15:30' may begin"):
        read_list(ROW, date_order=None)


def test_the_table_beside_a_list_needs_no_declared_clock_of_its_own(read, read_list):
    read({"opened_at": "2026-07-01 08:00:00"})
    found = read_list(ROW)
    assert ticket(found)["created_at"] == pd.Timestamp("2026-07-01T08:00:00Z")
    assert ticket(found)["subject"] == "a"


LISTED = {
    "number": "INC1", "opened_at": "02-03-2026 09:00:00", "state": "In Progress",
    "caller_id": "Ann Lee", "assigned_to": "0" * 32, "reopen_count": "0",
    "short_description": "a", "sys_updated_on": "02-03-2026 10:00:00",
}  # fmt: skip


@pytest.mark.parametrize("lacks", [None, "state", "opened_at", "reopen_count"])
def test_a_list_with_names_of_fields_is_on_the_clock_and_names_nobody(tmp_path, lacks):
    row = LISTED | {"sys_created_on": LISTED["opened_at"]}
    row = {name: value for name, value in row.items() if name != lacks}
    pd.DataFrame([row]).to_csv(tmp_path / "incident.csv", index=False)
    found = ticket(loaders.read("auto", tmp_path, time_zone="Europe/Madrid", date_order="day"))
    assert found["created_at"] == hour(8)
    assert found["status"] == ("unknown" if lacks == "state" else "open")
    assert pd.isna(found["count_reopens"]) == (lacks == "reopen_count")
    assert pd.isna(found["requester_id"])
    assert found["assignee_id"] == "0" * 32


def test_a_table_of_a_warehouse_is_in_utc_and_in_codes(tmp_path):
    row = LISTED | {"state": "6", "opened_at": AT.format(8), "sys_updated_on": AT.format(9)}
    pd.DataFrame([row | {"caller_id": '{"link": "x", "value": "' + "a" * 32 + '"}'}]).to_csv(
        tmp_path / "incident.csv", index=False
    )
    found = ticket(loaders.read("auto", tmp_path))
    assert found[["status", "requester_id"]].tolist() == ["solved", "a" * 32]
    assert found["created_at"] == hour(8)
