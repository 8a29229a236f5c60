"""HubSpot's traps: what properties, the history of stages and the CSV do not say plainly."""

import json

import pandas as pd
import pytest
from test_systems import DECLARED, FORMATS, as_text, differences, expected

from cxresearch import loaders

HEAD = "Ticket ID,Ticket name,Ticket status,Create date,Close date,Associated Contact IDs"
PIPELINES = [
    {"id": "9", "label": "Support", "displayOrder": 0, "stages": [
        {"id": "91", "label": "New", "metadata": {"ticketState": "OPEN", "isClosed": "false"}},
        {"id": "92", "label": "Tier 2", "metadata": {"ticketState": "OPEN"}},
        {"id": "93", "label": "Done", "metadata": {"ticketState": "CLOSED"}}]},
]  # fmt: skip


def record(number="1", stages=(), associations=None, archived=False, **properties):
    """A ticket as the API gives it; stages are (stage, hour of the day), the newest first."""
    base = {"hs_pipeline_stage": stages[0][0] if stages else "1", "subject": "s"}
    history = [{"value": stage, "timestamp": f"2026-03-02T{hour:02}:00:00.000Z",
                "sourceType": "CRM_UI"} for stage, hour in stages]  # fmt: skip
    return {
        "id": number, "createdAt": "2026-03-02T09:00:00.000Z", "archived": archived,
        "updatedAt": "2026-03-03T09:00:00.000Z", "properties": base | properties,
        "associations": associations or {},
    } | ({"propertiesWithHistory": {"hs_pipeline_stage": history}} if history else {})  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Reads tickets, a list of pipelines and lines of a CSV: (export, what became of them)."""

    def write(*records, pipelines=(), lines=(), head=HEAD, time_zone="Europe/Madrid"):
        for name, found in {"tickets": records, "pipelines": pipelines}.items():
            if found:
                (tmp_path / f"{name}.json").write_text(json.dumps({"results": found}))
        if lines:
            (tmp_path / "export.csv").write_bytes("\n".join([head, *lines, ""]).encode())
        return loaders.read("hubspot", tmp_path, time_zone=time_zone)

    return write


def ticket(found):
    return found[1].tables["tickets"].iloc[0]


def test_without_the_history_of_stages_properties_tell_what_they_can(tmp_path):
    text = (FORMATS / "hubspot" / "crm_v3_objects_tickets.json").read_text()
    page = json.loads(text)
    for one in page["results"]:
        del one["propertiesWithHistory"]
    (tmp_path / "tickets.json").write_text(json.dumps(page))
    lines = (FORMATS / "hubspot" / "tickets_export.csv").read_bytes()
    (tmp_path / "tickets.csv").write_bytes(lines)
    tickets = loaders.load("hubspot", tmp_path, **DECLARED["hubspot"])["tickets"]
    assert differences(as_text(tickets), expected("hubspot")) == {}


def test_the_history_of_stages_tells_the_rest():
    """By hand, from the payload's lists of stages; 1002 is closed three times."""
    tickets = loaders.load("hubspot", FORMATS / "hubspot", **DECLARED["hubspot"])["tickets"]
    found = as_text(tickets)
    assert found["count_reopens"].to_dict() == {
        "1001": "0", "1002": "2", "1003": "1", "1004": "0", "1006": "0", "1007": "0", "1009": "0",
    }  # fmt: skip
    assert found["first_solved_at"].to_dict() == {
        "1001": "2026-03-02T10:20:05Z", "1002": "2026-03-30T08:00:00Z",
        "1003": "2026-05-04T13:00:00Z", "1004": "2026-05-09T10:00:00Z", "1006": None,
        "1007": "2026-10-25T00:27:00Z", "1009": "2026-03-20T12:00:00Z",
    }  # fmt: skip
    assert found.at["1003", "last_solved_at"] == "2026-05-04T13:00:00Z"
    assert found.at["1002", "last_solved_at"] == "2026-04-03T10:00:00Z"


def test_a_stage_that_comes_twice_is_no_change(read):
    found = read(record(stages=[("4", 15), ("4", 12), ("1", 9)]))
    events = found[1].tables["ticket_events"].fillna({"value_from": "-"})
    assert events[["event_type", "value_from", "value_to"]].to_numpy().tolist() == [
        ["created", "-", "new"], ["status", "new", "closed"]]  # fmt: skip
    assert ticket(found)["closed_at"] == pd.Timestamp("2026-03-02T12:00:00Z")


def test_a_stage_of_the_account_is_closed_if_it_has_a_date_of_closing_else_unknown(read):
    closed = record("1", hs_pipeline_stage="93", closed_date="2026-03-02T12:00:00.000Z")
    found = read(closed, record("2", hs_pipeline_stage="92"))
    assert found[1].tables["tickets"]["status"].tolist() == ["closed", "unknown"]


def test_the_list_of_pipelines_tells_what_stages_are(read):
    found = read(*(record(stage, hs_pipeline_stage=stage) for stage in ("91", "92", "93", "4")),
                 pipelines=PIPELINES)  # fmt: skip
    tickets = found[1].tables["tickets"]
    assert tickets["status"].tolist() == ["new", "open", "closed", "unknown"]
    assert tickets["status_raw"].tolist() == ["New", "Tier 2", "Done", "4"]


STAGES = [("93", 15), ("92", 13), ("93", 12), ("91", 9)]


def test_a_history_through_stages_that_are_not_known_counts_nothing(read):
    found = ticket(read(record(stages=STAGES, hs_ticket_reopened_at="2026-03-02T13:00:00.000Z")))
    assert found[["count_reopens", "first_solved_at"]].isna().all()
    assert {"changes_missing", "reopens_at_least_1"} <= set(found["dq_flags"])


def test_a_history_through_stages_of_the_list_counts_reopenings(read):
    found = ticket(read(record(stages=STAGES), pipelines=PIPELINES))
    assert found["count_reopens"] == 1
    assert found["first_solved_at"] == pd.Timestamp("2026-03-02T12:00:00Z")


def test_no_reopening_is_0_only_where_reopenings_were_asked_for(read):
    found = read(record("1", hs_ticket_reopened_at=None), record("2"))
    assert found[1].tables["tickets"]["count_reopens"].fillna(-1).tolist() == [0, -1]


@pytest.mark.parametrize(("more", "count"), [("", -1), (",Ticket reopen date", 0)])
def test_no_reopening_in_the_csv_is_0_only_where_it_has_the_column(read, more, count):
    line = "1,s,New,2026-03-02 10:00,,501" + ("," if more else "")
    found = read(lines=[line], head=HEAD + more)
    assert found[1].tables["tickets"]["count_reopens"].fillna(-1).tolist() == [count]


def test_times_may_be_milliseconds_since_1970(read):
    assert ticket(read(record(createdate="1772442000000")))["created_at"] == pd.Timestamp(
        "2026-03-02T09:00:00Z"
    )


def test_times_of_the_csv_are_on_the_accounts_clock(read):
    found = ticket(read(lines=["1,s,Closed,2026-10-25 02:30,2026-10-25 02:27,501"]))
    assert found["created_at"] == pd.Timestamp("2026-10-25T00:30:00Z")
    assert {"created_at_comes_twice", "solved_before_created"} <= set(found["dq_flags"])


def test_of_several_people_the_first_is_the_requester_and_that_is_flagged(read):
    found = ticket(read(lines=["1,s,New,2026-03-02 10:00,,501;602"]))
    assert found["requester_id"] == "501"
    assert "several_requesters" in found["dq_flags"]


def test_of_several_companies_the_primary_one_is_meant(read):
    companies = [("5", "ticket_to_company_unlabeled"), ("7", "ticket_to_company")]
    ways = {"companies": {"results": [{"id": i, "type": t} for i, t in companies]}}
    assert ticket(read(record(associations=ways)))["organization_id"] == "7"


def test_an_archived_ticket_is_deleted(read):
    assert ticket(read(record(archived=True)))[["status", "is_deleted"]].tolist() == [
        "deleted", True]  # fmt: skip


def test_scores_without_their_date_and_merged_tickets_are_said(read):
    export, found = read(record(hs_merged_object_ids="5;6", hs_last_csat_rating="4"))
    assert "surveys" not in found.tables
    assert ticket((export, found))["satisfaction_raw"] == "4"
    assert any("not in the export: 2." in note for note in export.notes)
    assert any("Tickets with scores of surveys: 1." in note for note in export.notes)


def test_contacts_and_companies_are_no_tickets(read, tmp_path):
    person = record() | {"properties": {"email": "ada@globex.example"}}
    (tmp_path / "contacts.json").write_text(json.dumps({"results": [person]}))
    assert read(record())[0].not_read == ("contacts.json",)


def test_people_are_known_by_their_company_and_address(read):
    head = HEAD + ",Associated Contact,Associated Company IDs,Associated Company"
    lines = ['1,s,New,2026-03-02 10:00,,501,ada@globex.example,9101,"Globex, S.A."',
             '2,s,New,2026-03-02 10:00,,501;602,ada@globex.example,7;8,A;B']  # fmt: skip
    people = read(lines=lines, head=head)[0].people
    assert set(people.fillna("-").itertuples(index=False, name=None)) == {
        ("501", "9101", "ada@globex.example", "Globex, S.A."), ("501", "7", "-", "-")}  # fmt: skip


def test_the_csv_names_stages_by_words(read):
    words = {"New": "new", "Waiting on contact": "pending", "Closed": "closed", "Tier 2": "unknown"}
    lines = [f"{i},s,{word},2026-03-02 10:00,," for i, word in enumerate(words)]
    assert read(lines=lines)[1].tables["tickets"]["status"].tolist() == list(words.values())


@pytest.mark.parametrize("lacks", ["Ticket name", "Ticket status"])
def test_a_csv_without_a_column_tells_unknown(tmp_path, lacks):
    row = {"Ticket ID": "1", "Ticket name": "a", "Ticket status": "New",
           "Create date": "2026-03-02 09:00"}  # fmt: skip
    del row[lacks]
    pd.DataFrame([row]).to_csv(tmp_path / "tickets.csv", index=False)
    found = loaders.load("hubspot", tmp_path, time_zone="UTC")["tickets"].iloc[0]
    assert found["status"] == ("unknown" if lacks == "Ticket status" else "new")
