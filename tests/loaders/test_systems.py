"""Every help desk's payloads, each form alone and all together, against what they must give.

formats/DESK holds invented payloads whose structure is each help desk's own, and
expected_canonical.csv: what a right loader returns. Empty there means that the export cannot tell,
and then the column is null; ">=1" is null with the flag reopens_at_least_1.
"""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from cxresearch import loaders

FORMATS = Path(__file__).parent / "formats"
# What a person declares of each export, and which columns a form alone cannot tell or tells only to
# the minute. A form that is not named is read only beside others.
MINUTE = pd.Timedelta("1min")
DECLARED = {
    "zendesk": {
        "time_zone": "Europe/Madrid",
        "escalated": "list_contains(tags, 'escalated')",
    },
    "freshdesk": {"time_zone": "Europe/Madrid"},
    "intercom": {"escalated": "list_contains(tags, 'escalated')"},
    "hubspot": {"time_zone": "Europe/Madrid"},
    "jira": {
        "time_zone": "Europe/Madrid",
        "escalated": "list_contains(tags, 'escalated')",
    },
    "salesforce": {},
    "servicenow": {"time_zone": "Europe/Madrid", "date_order": "day"},
    "github": {},
    "cfpb": {},
}
UNTOLD = {
    "zendesk/incremental_tickets_cursor.json": "merged_into_ticket_id created_channel/1009",
    "zendesk/tickets_export.ndjson": "merged_into_ticket_id created_channel/1009 first_reply_at "
    "first_solved_at last_solved_at count_reopens total_agent_replies",
    "zendesk/tickets_export.csv": "merged_into_ticket_id organization_id assignee_id",
    "zendesk/ticket_audits.ndjson": "organization_id created_channel satisfaction_raw is_spam "
    "is_escalated",
    "freshdesk/tickets_include_stats_requester_company.json": "total_agent_replies "
    "satisfaction_raw",
    "freshdesk/tickets_export.csv": "assignee_id organization_id requester_id/1006 "
    "count_reopens/1002",
    "intercom/conversations.json": "",
    "hubspot/crm_v3_objects_tickets.json": "requester_id/1004",
    "hubspot/tickets_export.csv": "assignee_id",
    "jira/search_expand_changelog.json": "",
    "jira/export.csv": "is_merged merged_into_ticket_id requester_id organization_id assignee_id "
    "first_reply_at first_solved_at count_reopens total_agent_replies satisfaction_raw "
    "last_solved_at/SUP-1003 is_agent_created/SUP-1006",
    "salesforce/Case.csv": "first_solved_at last_solved_at count_reopens is_escalated",
    "servicenow/table_incident.json": "first_solved_at/INC0001002 first_solved_at/INC0001003",
    "servicenow/incident_list_export_windows1252.csv": "requester_id organization_id assignee_id "
    "first_solved_at/INC0001002 first_solved_at/INC0001003 is_merged merged_into_ticket_id",
    "github/issues.json": "first_reply_at/1002 first_solved_at/1002 count_reopens/1002",
    "cfpb/complaints_2026_16cols.csv": "",
    "cfpb/complaints_legacy_18cols.csv": "",
}
# HubSpot's expected_canonical.csv is what a ticket's properties tell. The payload also holds the
# history of stages, which tells these where the properties cannot; test_hubspot.py has the values.
BY_HISTORY = {"hubspot": {"first_solved_at", "last_solved_at", "count_reopens"}}
# Records that are no tickets and are set aside: a pull request.
ASIDE = {"github": 1}
IN_MINUTES = ("created_at", "first_reply_at", "first_solved_at", "last_solved_at")
# Their word for an oddity, and ours; the other words of dq_flags are names of the scenarios.
ODD = {
    "negative_resolution": "solved_before_created",
    "reopened_open_censored": "reopened_open_censored",
}
NOT_COMPARED = {
    "source_system", "scenario", "ticket_id", "dq_flags", "first_reply_time_calendar_minutes",
    "final_resolution_calendar_minutes",
}  # fmt: skip


@cache
def whole(system):
    """All forms of a help desk read together: (export, conformed)."""
    return loaders.read(system, FORMATS / system, **DECLARED[system])


def expected(system):
    """What a right loader returns, as text; empty is null."""
    file = FORMATS / system / "expected_canonical.csv"
    frame = pd.read_csv(file, dtype="object", keep_default_na=False)
    return frame.where(frame != "", None).set_index("ticket_id")


def as_text(tickets):
    """Tickets as expected_canonical.csv writes them."""
    text = tickets.set_index("ticket_id").drop(columns=["tags", "dq_flags"])
    for name in text:
        if isinstance(text[name].dtype, pd.DatetimeTZDtype):
            text[name] = text[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    lowest = tickets["dq_flags"].map(lambda flags: "reopens_at_least_1" in flags).to_numpy()
    text["count_reopens"] = text["count_reopens"].astype("str").mask(lowest, ">=1")
    return text.astype("str").astype("object").where(text.notna() | (text == ">=1"), None)


def differences(found, wanted, untold=(), by_history=()):
    """Fields that are not as they must be; a field may be null only if it is named as untold, and
    may hold what expected_canonical.csv leaves open only if a history tells it."""
    wrong = {}
    for name in sorted(set(wanted) - NOT_COMPARED):
        for ticket, right in wanted[name].items():
            got = found.at[ticket, name] if ticket in found.index else "no such ticket"
            if untold and name == "status_raw" and got.lower() == right.lower():
                continue
            if got is None and (name in untold or f"{name}/{ticket}" in untold):
                continue
            if name in by_history and right in (None, ">=1"):
                continue
            near = name in IN_MINUTES and got and right and "Z" in got and untold
            if near and abs(pd.Timestamp(got) - pd.Timestamp(right)) < 2 * MINUTE:
                continue
            if got != right:
                wrong[ticket, name] = (got, right)
    return wrong


@pytest.mark.parametrize("system", DECLARED)
def test_all_forms_together_give_what_they_must(system):
    tickets = whole(system)[1].tables["tickets"]
    found, more = as_text(tickets), BY_HISTORY.get(system, ())
    assert differences(found, expected(system), by_history=more) == {}


@pytest.mark.parametrize("form", UNTOLD)
def test_a_form_alone_tells_the_same_or_nothing(form):
    system = form.split("/")[0]
    tickets = loaders.load(system, FORMATS / form, **DECLARED[system])["tickets"]
    wanted = expected(system)
    wanted = wanted[wanted.index.isin(tickets["ticket_id"])]
    found, more = as_text(tickets), BY_HISTORY.get(system, ())
    assert differences(found, wanted, UNTOLD[form].split(), more) == {}


@pytest.mark.parametrize("system", DECLARED)
def test_every_record_of_every_file_is_accounted_for(system):
    _, found = whole(system)
    assert found.files["quarantined"].sum() == ASIDE.get(system, 0)
    assert (found.files["read"] > 0).all()


@pytest.mark.parametrize("system", DECLARED)
def test_oddities_are_flagged(system):
    tickets = whole(system)[1].tables["tickets"]
    flags = tickets.set_index("ticket_id")["dq_flags"]
    for ticket, said in expected(system)["dq_flags"].items():
        assert {ODD[word] for word in (said or "").split("|") if word in ODD} <= set(flags[ticket])


@pytest.mark.parametrize("system", DECLARED)
def test_the_system_is_told_from_its_files(system):
    assert loaders.detect(FORMATS / system) == system


@pytest.mark.parametrize("system", DECLARED)
def test_what_the_loader_does_not_know_is_listed_not_read(system):
    export, _ = whole(system)
    assert set(export.not_read) == {"MAPPING.md", "expected_canonical.csv"}


@pytest.mark.parametrize("system", DECLARED)
def test_an_export_names_its_system_and_holds_no_table_without_rows(system):
    export, found = whole(system)
    assert export.settings["source"] == loaders.SYSTEMS[system].NAME
    assert all(len(frame) for frame in found.tables.values())


@pytest.mark.parametrize("form", ["zendesk/tickets_export.csv", "jira/export.csv"])
def test_a_file_of_which_no_row_can_be_read_says_why(tmp_path, form):
    header = (FORMATS / form).read_bytes().splitlines()[0]
    (tmp_path / "export.csv").write_bytes(header + b"\na,b\n")
    system = form.split("/")[0]
    _, found = loaders.read(system, tmp_path, **DECLARED[system])
    assert found.tables == {}
    assert found.quarantine["reason"].str.startswith("the row has 2 fields").all()
    assert found.files["read"].tolist() == found.files["quarantined"].tolist() == [1]
