"""What each help desk says of its own tickets is kept as it says it."""

import json
from pathlib import Path

import pandas as pd
import pytest

import cxresearch
from cxresearch import loaders
from cxresearch.study.schema import VENDOR, InputError

FORMATS = Path(__file__).parent / "formats"
SHORT = {
    "reply": "vendor_first_reply_minutes", "reply open": "vendor_first_reply_business_minutes",
    "solved": "vendor_resolution_minutes", "solved open": "vendor_resolution_business_minutes",
    "reopens": "vendor_reopens", "replies": "vendor_replies",
    "reply late": "vendor_first_reply_breached", "solved late": "vendor_resolution_breached",
    "satisfied": "vendor_satisfaction",
}  # fmt: skip
# By file and ticket all that it tells; the numbers are those in the payloads.
TOLD = {
    ("zendesk", "incremental_tickets_cursor.json", "1002"): {
        "reply": 3315, "solved": 9310, "reopens": 2, "replies": 3, "satisfied": "bad"},
    ("zendesk", "tickets_export.csv", "1009"): {
        "reply": 179, "solved": 180, "reopens": 0, "replies": 1, "satisfied": "not offered"},
    ("zendesk", "", "1002"): {
        "reply": 3315, "solved": 9310, "reopens": 2, "replies": 3, "reply late": False,
        "solved late": True, "satisfied": "bad"},
    ("freshdesk", "tickets_export.csv", "1002"): {
        "reply": 3315, "solved": 9310, "replies": 3, "reply late": True, "solved late": True,
        "satisfied": "extremely unhappy"},
    ("freshdesk", "tickets_include_stats_requester_company.json", "1001"): {
        "reply late": False},
    ("hubspot", "tickets_export.csv", "1002"): {
        "reply": 3315, "solved": 9310, "reply late": True},
    ("hubspot", "crm_v3_objects_tickets.json", "1007"): {"solved": -3},
    ("intercom", "conversations.json", "1002"): {
        "reply open": 3315, "solved open": 9310, "reopens": 2, "satisfied": "1"},
    ("jira", "search_expand_changelog.json", "SUP-1002"): {
        "reply open": 5, "reply late": True, "satisfied": "1"},
    ("jira", "export.csv", "SUP-1001"): {"reply late": False},
    ("servicenow", "table_incident.json", "INC0001001"): {
        "solved": 3875 / 60, "solved open": 50, "reopens": 0, "solved late": False},
    ("servicenow", "incident_list_export_windows1252.csv", "INC0001002"): {
        "reopens": 2, "solved late": True},
    ("salesforce", "Case.csv", "500000000001001AAA"): {},
}  # fmt: skip


@pytest.mark.parametrize("where", TOLD, ids=lambda where: " ".join(where))
def test_a_help_desks_own_numbers_are_kept(where):
    desk, file, ticket = where
    order = {"date_order": "day"} if desk == "servicenow" else {}
    found = loaders.read(desk, FORMATS / desk / file, time_zone="Europe/Madrid", **order)[1]
    row = found.tables["tickets"].set_index("ticket_id").loc[ticket, list(SHORT.values())]
    told = row.set_axis(list(SHORT)).dropna().to_dict()
    assert told == {name: pytest.approx(value) if type(value) is not str else value
                    for name, value in TOLD[where].items()}  # fmt: skip
    assert found.quarantine.empty


@pytest.mark.parametrize(
    ("metric", "instance", "late"),
    [("reply_time", 1, [True, None]), ("reply_time", 2, [None, None]),
     ("resolution_time", 1, [None, True]), ("requester_wait_time", 1, [None, True]),
     ("periodic_update_time", 1, [None, None])],
)  # fmt: skip
def test_of_zendesks_reply_times_only_the_first_is_the_first_reply(
    tmp_path, metric, instance, late
):
    at = "2026-03-02T09:00:00Z"
    ticket = {"id": 1, "requester_id": 5, "submitter_id": 5, "status": "open", "created_at": at,
              "updated_at": at}  # fmt: skip
    breach = {"id": 7, "ticket_id": 1, "metric": metric, "instance_id": instance, "time": at,
              "type": "breach", "deleted": False}  # fmt: skip
    (tmp_path / "t.json").write_text(json.dumps({"tickets": [ticket]}))
    (tmp_path / "e.json").write_text(json.dumps({"ticket_metric_events": [breach]}))
    found = loaders.read("zendesk", tmp_path)[1].tables["tickets"].iloc[0]
    said = [found["vendor_first_reply_breached"], found["vendor_resolution_breached"]]
    assert [None if pd.isna(word) else bool(word) for word in said] == late


def mapped(tmp_path, unit, value):
    (tmp_path / "m.toml").write_text(
        f'[tickets]\ndurations.vendor_resolution_minutes = "{unit}"\ncolumns = {{ticket_id="id", '
        'created_at="at", status="state", vendor_resolution_minutes="took"}\n'
    )
    (tmp_path / "t.csv").write_text(f"id,at,state,took\n1,2026-03-02T09:00:00Z,open,{value}\n")
    return loaders.read("mapped", tmp_path / "t.csv", mapping=tmp_path / "m.toml")[1]


@pytest.mark.parametrize(
    ("unit", "value", "minutes"), [("hours", "1.5", 90), ("h:mm:ss", "1:04:30", 64.5)]
)
def test_a_mapping_says_in_which_unit_a_help_desk_tells_its_times(tmp_path, unit, value, minutes):
    tickets = mapped(tmp_path, unit, value).tables["tickets"]
    assert tickets["vendor_resolution_minutes"].item() == pytest.approx(minutes)


def test_what_is_no_duration_is_set_aside_with_its_text(tmp_path):
    assert "soon" in mapped(tmp_path, "hours", "soon").quarantine["original"].item()


def test_a_mapping_with_an_unknown_unit_is_refused(tmp_path):
    with pytest.raises(InputError, match="durations holds 'moons'"):
        mapped(tmp_path, "moons", "1")


def test_a_study_written_before_there_were_such_columns_reads_them_as_null(tmp_path):
    names = [column.name for column in VENDOR]
    study = cxresearch.open_study(Path(__file__).parents[2] / "data" / "demo")
    tickets = study.tickets.head(3)
    tickets.drop(columns=names).to_parquet(tmp_path / "tickets.parquet")
    for name in ("customers", "identities"):
        study.table(name).to_parquet(tmp_path / f"{name}.parquet")
    toml = (study.path / "study.toml").read_text()
    (tmp_path / "study.toml").write_text(toml)
    old = cxresearch.open_study(tmp_path)
    assert old.tickets[names].isna().all(axis=None)
    pd.testing.assert_series_equal(old.tickets["status"], tickets["status"])
