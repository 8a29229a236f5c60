"""Reviews, bots, articles and incidents: invented rows in the form of the vendors' exports."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cxresearch import loaders, open_study
from cxresearch.cli import app
from cxresearch.cli.bringing_in import VOICES
from cxresearch.loaders.additions import add
from cxresearch.loaders.imports import READY
from cxresearch.loaders.people.mapping import read_mapping
from cxresearch.study.schema import InputError

HERE = Path(__file__).parent
FORMS, BILLING = HERE / "voices", HERE / "billing"
FILES = {name: file for name, file in READY.items() if file.parent.name == "voices"}
AT, LATER = "2026-03-02 09:15:30", "2026-03-02 10:15:30"
SAID = ["review_id", "written_at", "stars", "title", "body", "reply", "replied_at", "requester_id"]
TALK = ["session_id", "started_at", "ended_at", "turns", "intent", "ended", "handed_to",
        "requester_id"]  # fmt: skip
READ = ["article_id", "title", "body", "language", "section", "created_at", "updated_at",
        "count_views"]  # fmt: skip
VIEW = ["viewed_at", "article_id", "query", "count_results", "times"]
HIT = ["incident_id", "kind", "started_at", "ended_at", "component", "title", "severity"]
CLOSED_WORDS = "ended is none of confirmed, assumed, handed_over, abandoned, unknown"
# By folder: its table, columns, what they must hold (None is unknown), and why rows are set aside.
RIGHT = {
    "trustpilot": ("reviews", [*SAID, "language", "place"], [
        ("tp-1", AT, 1, '=HYPERLINK("http://x.example")', 'Late, "again".\nSecond line 😡',
         "Sorry, Ann.", "2026-03-03 10:00:00", "u-1", "en", "Leeds"),
        ("tp-2", "2026-03-04 11:00:00", 5, "مرحبا", "<b>great</b> & quick", None, None, "u-2",
         "ar", None),
    ], ["stars are outside 1 to 5", "written_at is not a time with its offset from UTC"]),
    "trustpilot_api": ("reviews", SAID, [
        ("tp-9", "2026-03-06 08:00:00", 4, "Fine", "Came on\ntime", "Thanks",
         "2026-03-06 09:00:00", "u-9"),
    ], []),
    "google_business_profile": ("reviews", SAID, [
        ("g1", f"{AT}.123456", 5, None, 'Quick "fix" 👍', "Thank you", "2026-03-02 10:00:00", None),
        ("g2", "2026-03-03 09:00:00", 2, None, None, None, None, None),
    ], ["stars is not a number"]),
    "google_business_profile_batch": ("reviews", [*SAID, "place"], [
        ("g4", "2026-03-04 09:00:00", 1, None, "Closed", None, None, None, "accounts/1/locations/2")
    ], []),
    "yelp": ("reviews", SAID, [  # Pacific times: in March eight hours behind, in July seven
        ("y1", AT, 1, None, "Never again…", None, None, "yu1"),
        ("y2", "2026-07-02 08:15:30", 4, None, "שלום, fine", None, None, "yu2"),
    ], []),
    "app_store": ("reviews", [*SAID, "place"], [
        ("as-1", AT, 2, "Crash, crash", 'Since 4.5\nit "closes" 💥', None, None, "ivy_77", "USA"),
        ("as-2", "2026-03-03 08:00:00", 5, "Gut", None, None, None, "jo", "DEU"),
    ], []),
    "google_play": ("reviews", [*SAID[1:], "product", "language"], [
        (AT, 1, None, 'Stürzt ab, "immer" 💥', "Danke", LATER, None, "4.5.1", "de"),
        *[("2026-03-03 09:15:30", 4, None, None, None, None, None, "4.5.1", "en")] * 2,
    ], []),
    "google_play_api": ("reviews", SAID, [
        ("p8", AT, 5, None, "\tgood", None, None, None),
        ("p9", "2026-03-03 09:15:30", 1, None, "Bad\tit hangs", "Sorry", "2026-03-03 10:15:30",
         None),
    ], []),
    "x": ("reviews", [*SAID, "language"], [
        ("1895000000000000001", AT, None, None, "@globex down again?? 🙃\nhelp", None, None, "9001",
         "en"),
        ("1895000000000000003", "2026-03-02 09:30:00", None, None, "😡", None, None, "9001", None),
    ], ["its referenced_tweets[0].type is retweeted"]),
    "intercom_fin": ("bot_sessions", TALK, [
        ("c-1", AT, None, None, None, "confirmed", None, "c1"),
        ("c-2", AT, None, None, None, "handed_over", "77", "c1"),
        ("c-3", AT, None, None, None, "unknown", None, "c1"),
    ], [CLOSED_WORDS, "its ai_agent_participated is false"]),
    "intercom_fin_csv": ("bot_sessions", TALK, [
        ("f-1", AT, None, None, 'Billing, "VAT"', "assumed", None, "u1"),
        ("f-2", LATER, None, None, None, "handed_over", "Support", "u2"),
        ("f-3", "2026-03-02 11:15:30", None, None, None, "unknown", None, "u2"),
    ], ["its Fin AI Agent involved is false"]),
    "zendesk_bot": ("bot_sessions", TALK, [
        ("z-1", AT, "2026-03-02 09:20:00", 3, "Where is my order?", "assumed", None, None),
        ("z-2", AT, "2026-03-02 09:20:00", 3, None, "handed_over", None, None),
    ], [CLOSED_WORDS, "ended_at is before started_at", "its test_mode is true"]),
    "zendesk_guide": ("articles", READ, [
        ("360001", "Log in", "Log in\nPress <Enter> & wait.\none\ntwo 😀", "en-us", "7",
         "2026-01-02 09:00:00", "2026-02-01 09:00:00", None),
        ("360002", "=1+1", None, "ar", "7", "2026-01-03 09:00:00", "2026-01-03 09:00:00", None),
    ], ["its *result* is 0", "its draft is true"]),
    "zendesk_agents": ("agents", ["agent_id", "role", "team", "valid_from", "valid_to"], [
        ("5001", "agent", "71", "2025-03-02 09:15:30", None),
        ("5002", "admin", None, "2025-04-02 09:15:30", None),
    ], ["its role is end-user", "its suspended is true"]),
    "intercom_articles": ("articles", READ, [
        ("39", "Refunds", "We pay\nback.", "en", "143", AT, LATER, 10),
    ], ["its state is draft"]),
    "confluence": ("articles", READ, [
        ("123456", "Sync", "Run sync.\nsync --all <now>", None, "Help", "2026-01-02 09:00:00",
         "2026-02-01 09:00:00", None),
    ], ["its type is comment"]),
    "statuspage": ("incidents", HIT, [
        ("i1", "incident", AT, "2026-03-02 11:00:00", "API, Web, EU", 'API "slow" & down', "major"),
        ("i2", "incident", "2026-03-04 09:00:00", None, None, "Log in fails", "none"),
        ("m1", "maintenance", "2026-03-01 02:00:00", "2026-03-01 04:00:00", "API", "Database",
         "maintenance"),
    ], []),
    "pagerduty": ("incidents", HIT, [
        ("PT4KHLK", "incident", AT, "2026-03-02 10:00:00", "Stock sync", "Queue full 🔥", "high"),
        ("PT4KHLM", "incident", "2026-03-03 09:00:00", None, "Stock sync", "Disk", "low"),
    ], []),
    "pagerduty_csv": ("incidents", HIT, [
        ("Q1", "incident", AT, "2026-03-02 10:00:00", "Stock sync", 'Queue, "full"', "high"),
    ], ["ended_at is before started_at"]),
    "opsgenie": ("incidents", HIT, [
        ("o1", "incident", AT, "2026-03-02 10:30:00", "s-1, s-2", "Payments fail", "P1"),
    ], []),
    "opsgenie_alerts": ("incidents", HIT, [  # closed 60,503 milliseconds after it was made
        ("a1", "incident", AT, "2026-03-02 09:16:30.503000", "Nagios", 'CPU "high"', "P3"),
        ("a2", "incident", "2026-03-02 10:00:00", None, "Nagios", "Disk", "P4"),
    ], []),
}  # fmt: skip
ZONES = {"intercom_fin_csv": "Europe/Berlin", "zendesk_guide": "UTC"}


def vendor(folder: str) -> str:
    return max((name for name in FILES if folder.startswith(name)), key=len)


def read(folder: str, path: Path | None = None, **declared):
    zone = {"time_zone": ZONES[folder]} if folder in ZONES else {}
    return loaders.read(vendor(folder), path or FORMS / folder, **zone, **declared)


def told(table: pd.DataFrame, columns: list[str]) -> list[tuple]:
    """Rows as they are written in RIGHT: times as text in UTC, whole numbers, None for unknown."""
    values = ([None if pd.isna(v) else v for v in row] for row in table[columns].to_numpy(object))
    return [tuple(str(v)[:-6] if isinstance(v, pd.Timestamp) else v for v in row) for row in values]


def command(*words: object) -> str:
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


@pytest.fixture
def desk(tmp_path):
    """A study of a Zendesk export."""
    command("import", "zendesk", HERE / "formats" / "zendesk", "--time-zone", "Europe/Madrid",
            "--to", tmp_path / "desk")  # fmt: skip
    return tmp_path / "desk"


@pytest.mark.parametrize("folder", RIGHT)
def test_a_ready_mapping_tells_what_the_export_tells(folder):
    name, columns, rows, reasons = RIGHT[folder]
    _, found = read(folder)
    assert told(found.tables[name], columns) == rows
    assert sorted(found.quarantine["reason"]) == reasons
    assert found.files["read"].sum() == len(reasons) + sum(
        len(rows) for name, rows in found.tables.items() if name != "tickets"
    )


def test_there_is_a_folder_for_each_and_the_command_names_each():
    assert {vendor(folder) for folder in RIGHT} == set(FILES)
    assert VOICES.split(", ") == sorted(FILES)
    assert {folder.name for folder in FORMS.iterdir()} == set(RIGHT)


@pytest.mark.parametrize("name", FILES)
def test_each_says_what_is_confirmed_and_what_it_cannot_tell(name):
    head = FILES[name].read_text().split("\nsource =")[0]
    assert "\n# Confirmed: " in head
    assert "\n#   - it cannot tell: " in head
    assert read_mapping(FILES[name]).sections


def test_searches_in_vain_and_views_stand_for_as_many_as_they_say():
    views = read("zendesk_guide")[1].tables["article_views"]
    assert told(views, VIEW) == [
        ("2026-03-02 00:00:00", None, '"refund", when', 0, 4),
        ("2026-03-02 00:00:00", "360001", None, None, 12),
        ("2026-03-03 00:00:00", "360001", None, None, 3),
    ]


def test_a_row_without_a_number_has_the_same_one_in_every_export(tmp_path):
    (play,) = (FORMS / "google_play").iterdir()
    shutil.copy(play, tmp_path / "again.csv")
    one, other = (read("google_play", path)[1].tables["reviews"] for path in (None, tmp_path))
    assert one["review_id"].tolist() == other["review_id"].tolist()
    assert one["review_id"].is_unique


def test_an_answer_that_the_first_hundred_records_lack_is_read(tmp_path):
    page = json.loads((FORMS / "google_play_api" / "reviews.json").read_text())
    plain, answered = page["reviews"]
    many = [plain | {"reviewId": str(n)} for n in range(120)]
    (tmp_path / "r.json").write_text(json.dumps({"reviews": [*many, answered]}))
    reviews = read("google_play_api", tmp_path)[1].tables["reviews"]
    assert reviews.set_index("review_id").loc["p9", "reply"] == "Sorry"


def test_reviews_alone_make_a_study_whose_tickets_are_those_that_praise_nothing(tmp_path):
    said = command("import", "trustpilot", FORMS / "trustpilot", "--to", tmp_path / "s")
    assert "each review of three stars or fewer, or without stars, is a ticket" in said
    study = open_study(tmp_path / "s")
    columns = ["ticket_id", "created_at", "subject", "created_channel", "first_reply_at",
               "requester_id", "language", "status"]  # fmt: skip
    assert told(study.tickets, columns) == [
        ("tp-1", AT, '=HYPERLINK("http://x.example")', "trustpilot", "2026-03-03 10:00:00", "u-1",
         "en", "unknown"),
    ]  # fmt: skip
    assert study.tickets["description"].tolist() == study.table("reviews")["body"].tolist()[:1]
    assert study.table("reviews")["stars"].tolist() == [1, 5]
    assert study.outcome == "return"
    assert len(study.customer_tickets) == 1
    assert "7" in study.quarantine["original"][0]


def test_a_later_export_of_reviews_alone_brings_its_tickets_too(tmp_path):
    study = tmp_path / "s"
    command("import", "trustpilot", FORMS / "trustpilot", "--to", study)
    command("add", study, FORMS / "trustpilot_api")
    now = open_study(study)
    assert now.tickets["ticket_id"].tolist() == ["tp-1", "tp-9"]
    assert now.table("reviews")["review_id"].tolist() == ["tp-1", "tp-2", "tp-9"]


def test_what_lies_beside_tickets_joins_a_study_and_makes_no_ticket_of_it(desk):
    before = open_study(desk).tickets
    for folder in ("trustpilot", "zendesk_bot", "zendesk_guide", "statuspage"):
        zone = ["--time-zone", ZONES[folder]] if folder in ZONES else []
        command("import", folder, FORMS / folder, "--to", desk, "--add", *zone)
    study = open_study(desk)
    pd.testing.assert_frame_equal(study.tickets, before)
    assert study.table("reviews")["review_id"].tolist() == ["trustpilot:tp-1", "trustpilot:tp-2"]
    # Zendesk's own, as the help desk is the study's first
    assert study.table("bot_sessions")["session_id"].tolist() == ["z-1", "z-2"]
    assert len(study.table("incidents")) == len(study.table("article_views")) == 3


def test_the_same_export_once_more_changes_nothing(desk):
    for _ in range(2):
        _, _, added = add(desk, FORMS / "trustpilot", "trustpilot")
    assert added.rows.loc["reviews", ["new", "updated", "unchanged"]].tolist() == [0, 0, 2]
    assert len(open_study(desk).quarantine) == 2


def test_a_reviewer_is_joined_to_an_account_by_an_address_that_is_not_kept(tmp_path):
    (tmp_path / "m.toml").write_text(
        FILES["trustpilot"].read_text() + '[customers]\ncolumns = {customer_id = "Account", '
        'started_at = "Since", e-mail = "Mail"}\n'
        'fixed = {observed_until = "2026-07-01T00:00:00Z"}\n'
    )
    (tmp_path / "accounts.csv").write_text(
        "Account,Since,Mail\nA7,2025-01-01T00:00:00Z,ann@globex.example\n"
    )
    _, found = loaders.read(
        "mapped", FORMS / "trustpilot", tmp_path / "accounts.csv", mapping=tmp_path / "m.toml"
    )
    joined = found.tables["identities"][["requester_id", "customer_id", "method"]]
    assert joined.to_numpy().tolist() == [["u-1", "A7", "e-mail"]]
    assert "@" not in "".join(frame.to_csv() for frame in found.tables.values())


def test_a_reviewer_is_joined_to_an_account_in_a_study_that_has_tickets(desk):
    stripe = HERE / "ready_billing" / "stripe"
    add(desk, FORMS / "trustpilot", "trustpilot", stripe, billing="stripe")
    joined = open_study(desk).identities[["requester_id", "customer_id", "method"]]
    assert joined.to_numpy().tolist() == [["trustpilot:u-1", "cus_2", "domain"]]


def test_only_incidents_are_no_study(tmp_path):
    words = ["import", "statuspage", FORMS / "statuspage", "--to", tmp_path / "s"]
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code != 0
    assert "What lies beside tickets joins a study that has them: --add" in " ".join(
        done.output.split()
    )


def test_rows_of_tickets_are_not_set_aside_by_a_mapping(tmp_path):
    (tmp_path / "m.toml").write_text(
        'source = "s"\n[tickets]\ncolumns = {ticket_id = "id", created_at = "at", status = "is"}\n'
        'aside.kind = ["spam"]\n'
    )
    with pytest.raises(InputError, match="aside holds for tables beside the tickets"):
        read_mapping(tmp_path / "m.toml")
