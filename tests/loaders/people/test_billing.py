"""A Zendesk export and files of billing in one import: who belongs to whom, and what is refused."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import loaders
from cxresearch.episodes import with_customer_columns
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import open_study
from cxresearch.study.writing import write_study

HERE = Path(__file__).parents[1]
DESK, BILLING = HERE / "formats" / "zendesk", HERE / "billing"
MAPPING = BILLING / "accounts.toml"
CUSTOMERS = """
    [customers]
    columns = {customer_id = "account", started_at = "since", e-mail = "mail", plan = "plan"}
    fixed = {observed_until = "2026-11-01T00:00:00Z"}
"""
ACCOUNTS = "account,since,mail,plan\nA,2024-01-01,x@globex.example,big\nB,2025-01-01,,small\n"


@pytest.fixture(scope="module")
def imported():
    return loaders.read(
        "zendesk", DESK, BILLING, mapping=MAPPING, time_zone="Europe/Madrid"
    )  # fmt: skip


def small_desk(folder):
    folder.mkdir()
    for name in ("users.json", "tickets_export.ndjson"):
        (folder / name).write_bytes((DESK / name).read_bytes())
    return folder


@pytest.fixture
def read(tmp_path):
    """Imports two of the Zendesk fixtures with this file of accounts and this mapping."""
    desk = small_desk(tmp_path / "desk")

    def write(mapping=CUSTOMERS, accounts=ACCOUNTS, name="accounts.csv", **more):
        (tmp_path / "billing").mkdir()
        (tmp_path / "billing" / name).write_text(accounts)
        (tmp_path / "m.toml").write_text('time_zone = "UTC"\n' + mapping)
        for file, text in more.items():
            (tmp_path / "billing" / f"{file}.csv").write_text(text)
        return loaders.read("zendesk", desk, tmp_path / "billing", mapping=tmp_path / "m.toml")

    return write


def test_people_are_joined_by_their_organizations_key_or_else_by_address(imported):
    found = imported[1].tables["identities"]
    assert found[["requester_id", "customer_id", "method"]].to_numpy().tolist() == [
        ["501", "ACC-001", "key"],
        ["502", "ACC-001", "key"],
        ["503", "ACC-003", "e-mail"],
    ]
    assert "3 of 4 people who wrote were joined to an account: 2 by key, 1 by e-mail." in (
        imported[0].notes
    )


def test_every_row_of_billing_is_accounted_for(imported):
    assert imported[1].files.loc["accounts.csv"].tolist() == [4, 3, 1]
    aside = imported[1].quarantine
    assert aside["original"].tolist()[0].startswith("ACC-004;Hooli")  # the 31st of June
    assert imported[1].files["quarantined"].sum() == 1


def test_notice_end_and_renewal_are_moments_on_billings_clock(imported):
    left = imported[1].tables["customers"].set_index("customer_id").loc["ACC-002"]
    assert left["notice_at"] == pd.Timestamp("2026-05-20", tz="Europe/Madrid")
    assert left["ended_at"] == pd.Timestamp("2026-08-31", tz="Europe/Madrid")


def test_what_was_paid_is_history(imported):
    paid = imported[1].tables["customer_history"].query("customer_id == 'ACC-001'")
    assert paid["value"].tolist() == ["900.00", "1200.00"]


def test_the_study_says_what_the_mapping_says(imported, tmp_path):
    write_study(tmp_path / "s", Settings(**imported[0].settings), imported[1])
    settings = open_study(tmp_path / "s").settings
    assert (settings.outcome, settings.currency, settings.source) == ("churn", "EUR", "Zendesk")
    assert settings.as_of_start == ("billing_period", "segment")


def test_a_column_marked_as_of_the_start_may_be_used_and_no_other(imported, tmp_path):
    write_study(tmp_path / "s", Settings(**imported[0].settings), imported[1])
    study, rows = open_study(tmp_path / "s"), pd.DataFrame({"customer_id": ["ACC-001"]})
    assert with_customer_columns(rows, study, ["segment"])["segment"].tolist() == ["large"]
    with pytest.raises(InputError, match="'renewal_at' is a snapshot"):
        with_customer_columns(rows, study, ["renewal_at"])


def test_no_address_is_in_the_studys_tables(imported, tmp_path):
    write_study(tmp_path / "s", Settings(**imported[0].settings), imported[1])
    for file in (tmp_path / "s").glob("*.parquet"):
        text = pd.read_parquet(file).drop(columns=["body", "description", "original"],
                                          errors="ignore").to_csv()  # fmt: skip
        assert "@globex.example" not in text
        assert "@solo.example" not in text


def test_todays_plan_is_dated_to_the_day_on_which_it_was_true(read):
    export, found = read()
    history = found.tables["customer_history"]
    assert history["valid_from"].unique() == [pd.Timestamp("2026-11-01T00:00:00Z")]
    assert any(note.startswith("plan of customers is today's value") for note in export.notes)


def test_a_plan_as_of_the_start_is_dated_to_the_start(read):
    export, found = read(CUSTOMERS + "\nas_of_start = ['plan']")
    history = found.tables["customer_history"]
    assert history["valid_from"].tolist() == found.tables["customers"]["started_at"].tolist()
    assert not any("today's value" in note for note in export.notes)


def test_an_account_is_found_by_the_people_in_a_file_of_contacts(read):
    contacts = "crm,address\nB,chris@solo.example\n"
    mapping = CUSTOMERS + '[people]\ncolumns = {customer_id = "crm", e-mail = "address"}'
    _, found = read(mapping, contacts=contacts)
    who = found.tables["identities"].set_index("requester_id")["customer_id"]
    assert who.to_dict() == {"501": "A", "502": "A", "503": "B"}
    assert found.files.loc["contacts.csv"].tolist() == [1, 1, 0]


def test_whom_a_file_of_identities_knows_stays_as_it_says(read):
    mapping = CUSTOMERS + "[identities]\ncolumns = {requester_id = 'person', customer_id = 'acc'}"
    _, found = read(mapping, people="person,acc\n501,B\n")
    who = found.tables["identities"].set_index("requester_id")["customer_id"]
    assert who.to_dict() == {"501": "B", "502": "A"}


def test_a_survey_sent_to_an_address_belongs_to_the_addresss_account(read):
    mapping = CUSTOMERS + (
        '[surveys]\ncolumns = {survey_id = "no", customer_id = "to", offered_at = "sent"}\n'
        'fixed = {kind = "nps"}'
    )
    answers = "no,to,sent\n1,ceo@globex.example,2026-05-01\n2,eve@gmail.com,2026-05-01\n"
    _, found = read(mapping, nps=answers)
    asked = found.tables["surveys"].query("kind == 'nps'")["customer_id"].tolist()
    assert asked[0] == "A"
    assert asked[1].startswith("e-mail:")
    assert set(found.tables["identities"]["requester_id"]) == {"501", "502"}


ACCOUNT = st.tuples(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8),
    st.dates(pd.Timestamp("2000-01-01").date(), pd.Timestamp("2026-10-31").date()),
    st.sampled_from(["monthly", "yearly", ""]),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(ACCOUNT, min_size=1, max_size=5, unique_by=lambda row: row[0]))
def test_any_accounts_come_back_as_they_were_written(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("any")
    (folder / "m.toml").write_text(
        """time_zone = "Europe/Madrid"
        [customers]
        columns = {customer_id = "no", started_at = "since", billing_period = "term"}
        fixed = {observed_until = "2026-11-01T00:00:00Z"}
        words.billing_period = {monthly = "month", yearly = "year"}"""
    )
    with (folder / "a.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("no", "since", "term"), *rows])
    found = loaders.load("mapped", folder / "a.csv", mapping=folder / "m.toml")["customers"]
    began = found["started_at"].dt.tz_convert("Europe/Madrid").dt.date
    terms = found["billing_period"].map({"month": "monthly", "year": "yearly"}).fillna("")
    assert list(zip(found["customer_id"], began, terms, strict=True)) == rows


def test_excel_and_parquet_are_read_as_well(read, tmp_path):
    _, text = read()
    rows = pd.read_csv(tmp_path / "billing" / "accounts.csv", parse_dates=["since"])
    (tmp_path / "billing" / "accounts.csv").unlink()
    for name, write in (("a.xlsx", rows.to_excel), ("a.parquet", rows.to_parquet)):
        file = tmp_path / name
        write(file, index=False)
        _, found = loaders.read("zendesk", tmp_path / "desk", file, mapping=tmp_path / "m.toml")
        pd.testing.assert_frame_equal(found.tables["customers"], text.tables["customers"])


def test_billing_may_lie_in_the_exports_folder_and_is_read_once(tmp_path):
    desk = small_desk(tmp_path / "desk")
    (desk / "accounts.csv").write_text(ACCOUNTS)
    (desk / "m.toml").write_text('time_zone = "UTC"\n' + CUSTOMERS)
    export, found = loaders.read("zendesk", desk, desk / "accounts.csv", mapping=desk / "m.toml")
    assert found.files.loc["accounts.csv", "read"] == 2
    assert export.not_read == ("m.toml",)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        (CUSTOMERS.replace('e-mail = "mail", ', ""), "Nothing joins people to accounts"),
        (
            "[people]\ncolumns = {customer_id = 'account', e-mail = 'mail'}",
            "describes no customers",
        ),
        (CUSTOMERS.replace('"since"', '"from"'), "accounts.csv lacks from"),
        (
            CUSTOMERS + "[tickets]\ncolumns = {ticket_id = 'id', created_at = 'at', status = 's'}",
            "describes tickets, which the export tells already",
        ),
    ],
)
def test_a_mapping_that_cannot_serve_is_said(read, mapping, says):
    with pytest.raises(InputError, match=says):
        read(mapping, more="id,at,s\n1,2026-01-01,open\n")


def test_two_files_of_one_name_are_said(read):
    with pytest.raises(InputError, match=r"both hold a file users\.json: rename one"):
        read(name="users.json", accounts="[]")


def test_a_mapping_or_customers_that_would_not_be_read_are_said():
    with pytest.raises(InputError, match="say where they are, with --customers"):
        loaders.read("zendesk", DESK, mapping=MAPPING)
    with pytest.raises(InputError, match="kitsune knows no accounts"):
        loaders.read("kitsune", DESK, BILLING, mapping=MAPPING)
    with pytest.raises(InputError, match="A mapping file says what each column is"):
        loaders.read("zendesk", DESK, BILLING)
