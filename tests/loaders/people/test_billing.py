"""A Zendesk export and files of billing in one import: who belongs to whom, and what is refused."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import loaders
from cxresearch.episodes import with_customer_columns
from cxresearch.loaders.people.subscriptions import KINDS
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


READY = HERE / "ready_billing"
CASE = HERE / "cases" / "stripe_one_row_a_subscription"


def ready(billing, files=None, **declared):
    """Zendesk's fixtures beside a billing system's own files: export, and customers by id."""
    declared = {"time_zone": "Europe/Madrid"} | declared
    export, found = loaders.read(
        "zendesk", DESK, READY / (files or billing), billing=billing, **declared
    )
    assert (found.files["read"] == found.files["kept"] + found.files["quarantined"]).all()
    return export, found, found.tables["customers"].set_index("customer_id")


def paid(found, customer):
    """What a customer paid a month, by the day from which on."""
    told = found.tables["customer_history"].query("customer_id == @customer and field == 'mrr'")
    return dict(zip(told["valid_from"].dt.date.astype(str), told["value"], strict=True))


def days(customers, column):
    return customers[column].dt.date.astype("str").where(customers[column].notna(), "").to_dict()


@pytest.mark.parametrize("by", ["its own mapping", "the ready one"])
def test_stripe_writes_a_row_a_subscription(by):
    given = {"mapping": CASE / "map.toml"}
    if by == "the ready one":
        given |= {"customers": CASE / "subscriptions.csv", "billing": "stripe"}
        given["mapping"] = CASE / "tickets.toml"
    path = CASE if by == "its own mapping" else CASE / "tickets.csv"
    _, found = loaders.read("mapped", path, **given)
    customers = found.tables["customers"].set_index("customer_id")
    assert days(customers, "started_at") == {
        "cus_A": "2024-01-01", "cus_B": "2024-03-01", "cus_D": "2024-02-01",
    }  # fmt: skip
    assert days(customers, "ended_at") == {"cus_A": "", "cus_B": "2024-08-01", "cus_D": ""}
    assert days(customers, "notice_at") == {
        "cus_A": "", "cus_B": "2024-07-10", "cus_D": "2024-10-05",
    }  # fmt: skip
    assert paid(found, "cus_A") == {"2024-01-01": "49.00", "2024-06-01": "99.00"}
    assert found.quarantine["reason"].tolist() == ["it was never paid: incomplete_expired"]
    who = found.tables["identities"].set_index("requester_id")["customer_id"]
    assert who.to_dict() == {"U1": "cus_A", "U2": "cus_B"}


def test_stripes_subscriptions_and_customers_are_read():
    export, found, customers = ready("stripe")
    assert days(customers, "started_at") == {
        "cus_1": "2025-09-01", "cus_2": "2025-02-15", "cus_5": "2025-01-01",
    }  # fmt: skip
    assert days(customers, "notice_at")["cus_2"] == "2026-04-20"
    assert customers["end_kind"].fillna("").to_list() == ["", "voluntary", "involuntary"]
    assert paid(found, "cus_1") == {"2025-09-01": "20.00", "2026-03-01": "100.00"}
    assert export.settings["outcome"] == "churn"


def test_stripes_invoices_tell_lives_too():
    _, found, customers = ready("stripe", "stripe_invoices")
    assert days(customers, "started_at") == {"cus_1": "2026-03-01", "cus_2": "2025-01-10"}
    assert days(customers, "ended_at") == {"cus_1": "", "cus_2": "2026-01-10"}
    assert paid(found, "cus_1") == {"2026-03-01": "20.00", "2026-04-01": "50.00"}
    assert paid(found, "cus_2") == {"2025-01-10": "20.00"}


def test_chargebee_writes_cents_and_schedules_cancellations():
    _, found, customers = ready("chargebee")
    assert customers.index.tolist() == ["c1", "c2", "c5"]
    assert days(customers, "notice_at") == {"c1": "2026-05-06", "c2": "", "c5": ""}
    assert days(customers, "ended_at") == {"c1": "", "c2": "2026-03-01", "c5": ""}
    assert customers.loc["c2", "end_kind"] == "involuntary"
    assert [*paid(found, "c1").values(), *paid(found, "c2").values()] == ["45.00", "100.00"]
    assert list(paid(found, "c5").values()) == ["500.00"]  # 1,500 yen each three months


def test_what_recurly_calls_canceled_is_open_until_it_expires():
    _, found, customers = ready("recurly")
    assert days(customers, "ended_at") == {"a-1": "", "a-2": "2025-07-01"}
    assert days(customers, "notice_at") == {"a-1": "2026-05-04", "a-2": ""}
    assert list(paid(found, "a-1").values()) == ["15.00"]  # 90 each six months
    assert list(paid(found, "a-2").values()) == ["30.00"]


def test_hubspots_deals_tell_starts_and_that_nobody_can_be_seen_to_leave():
    export, found, customers = ready("hubspot")
    assert days(customers, "started_at") == {"72": "2024-06-01", "71": "2025-02-01"}
    assert export.settings["outcome"] == "return"
    assert any(note.startswith("Nobody can be seen to leave") for note in export.notes)
    assert "customer_history" not in found.tables


def test_salesforces_contracts_tell_ends_and_follow_each_other():
    export, _, customers = ready("salesforce")
    assert {k[14]: v for k, v in days(customers, "started_at").items()} == {
        "1": "2025-01-01", "2": "2025-01-01", "4": "2025-10-01", "5": "2024-05-01",
    }  # fmt: skip
    assert [k[14] for k, end in days(customers, "ended_at").items() if end] == ["1"]
    assert export.settings["outcome"] == "churn"


def test_salesforces_cases_and_accounts_hold_the_same_number(tmp_path):
    (tmp_path / "Account.csv").write_text(
        "Id,Name,Type,Website,CreatedDate\n"
        "001000000009101AAA,Globex,Customer,,2024-05-01T10:00:00.000Z\n"
    )
    _, found = loaders.read(
        "salesforce", HERE / "formats" / "salesforce", tmp_path, billing="salesforce"
    )
    who = found.tables["identities"]
    assert set(who["customer_id"]) == {"001000000009101AAA"}
    assert set(who["method"]) == {"organization"}
    assert found.files.loc["Account.csv"].tolist() == [1, 1, 0]


def test_a_mapping_of_tickets_and_a_ready_one_may_both_tell_people(tmp_path):
    (tmp_path / "tickets.csv").write_text("id,at,state,who\n1,2026-03-02T09:15:30Z,open,U1\n")
    (tmp_path / "people.csv").write_text("who,mail\nU1,chris@solo.example\n")
    (tmp_path / "m.toml").write_text(
        "[tickets]\ncolumns = {ticket_id = 'id', created_at = 'at', status = 'state', "
        "requester_id = 'who'}\n[people]\ncolumns = {requester_id = 'who', e-mail = 'mail'}"
    )
    (tmp_path / "export").mkdir()
    for name in ("tickets.csv", "people.csv"):
        (tmp_path / name).rename(tmp_path / "export" / name)
    _, found = loaders.read(
        "mapped", tmp_path / "export", READY / "stripe", mapping=tmp_path / "m.toml",
        billing="stripe",
    )  # fmt: skip
    assert found.tables["identities"]["customer_id"].tolist() == ["cus_1"]
    assert found.files.loc["customers.csv"].tolist() == [2, 2, 0]


def test_a_file_of_a_billing_system_need_not_have_every_column(tmp_path):
    (tmp_path / "subs.csv").write_text(
        "id,Customer ID,Status,Created (UTC),Ended At (UTC),Customer Email\n"
        "s1,c1,active,2026-01-01 10:00,,chris@solo.example\n"
    )
    _, found = loaders.read("zendesk", DESK, tmp_path, billing="stripe", time_zone="Europe/Madrid")
    assert found.tables["customers"]["started_at"].tolist() == [pd.Timestamp("2026-01-01T10:00Z")]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"billing": "stipe"}, "'stipe' is no billing system.*did you mean 'stripe'"),
        ({"billing": "stripe", "mapping": MAPPING}, "are described twice"),
        (
            {"billing": "recurly"},
            "in which recurly tells customers. Looked for: a file with uuid, account_code",
        ),
        ({"billing": "stripe", "grace_days": -1.0}, "grace_days must be 0 days or more"),
    ],
)
def test_a_billing_system_that_cannot_be_read_is_said(given, says):
    with pytest.raises(InputError, match=says):
        loaders.read("zendesk", DESK, READY / "stripe", time_zone="Europe/Madrid", **given)
    with pytest.raises(InputError, match="say where they are, with --customers"):
        loaders.read("zendesk", DESK, billing="stripe")


SYSTEMS = ["chargebee", "hubspot", "recurly", "salesforce", "stripe"]
DESKS = ["cfpb", "freshdesk", "github", "hubspot", "intercom", "jira", "salesforce", "servicenow",
         "zendesk"]  # fmt: skip
WAYS = {"key": "key", "organization": "name", "e-mail": "mail", "domain": "site"}
BILLS = """no,key,name,mail,site,since,until,told,paid,plan,period
A,501,"Globex, S.A. «Iberia»",k@globex.example,globex.example,2025-01-01,,2025-03-01,20,big,month
A,501,"Globex, S.A. «Iberia»",k@globex.example,globex.example,2024-01-01,2025-01-01,,10,small,month
B,502,Solo,chris@solo.example,solo.example,2024-01-01,2025-01-01,,x,,year
,,,,,soon,later,,,,
"""


@pytest.mark.parametrize("columns", ["all", "few"])
@pytest.mark.parametrize("desk", DESKS)
def test_every_desk_is_read_beside_every_form_of_billing(desk, columns, tmp_path):
    told = {"customer_id": "no", "started_at": "since", "ended_at": "until"}
    more = {"notice_at": "told", "mrr": "paid", "plan": "plan", "billing_period": "period"}
    told |= WAYS | more if columns == "all" else {"domain": "site"}
    written = ", ".join(f'{ours} = "{theirs}"' for ours, theirs in told.items())
    mapping = ['time_zone = "UTC"']
    (tmp_path / "bills").mkdir()
    for kind in KINDS:
        mapping.append(f"[[customers]]\nfile = '{kind}s.csv'\nrow = '{kind}'\n"
                       f"columns = {{{written}}}")  # fmt: skip
        if columns == "all":
            mapping.append('fixed = {observed_until = "2026-11-01T00:00:00Z"}')
        rows = BILLS.replace("A,", f"A-{kind},").replace("B,", f"B-{kind},")
        if kind != "subscription":  # what names two accounts joins nobody
            rows = (
                rows.replace(".example", f".{kind}").replace(",50", f",{kind}").replace("«", kind)
            )
        (tmp_path / "bills" / f"{kind}s.csv").write_text(rows)
    (tmp_path / "m.toml").write_text("\n".join(mapping))
    export, found = loaders.read(
        desk, HERE / "formats" / desk, tmp_path / "bills", mapping=tmp_path / "m.toml",
        time_zone="Europe/Madrid", date_order="day",
    )  # fmt: skip
    assert found.files.loc["invoices.csv", "kept"] == (3 if columns == "all" else 2)
    wanted = sorted(f"{who}-{kind}" for who in "AB" for kind in KINDS)
    assert sorted(found.tables["customers"]["customer_id"]) == wanted
    [said] = [note for note in export.notes if "people who wrote were joined" in note]
    unknown = {"cfpb", "github", "servicenow", *(["jira"] if columns == "few" else [])}
    assert said.startswith("0 of") == (desk in unknown)  # they export no addresses


BESIDE = dict(zip(DESKS, [*SYSTEMS, *SYSTEMS], strict=False))


@pytest.mark.parametrize(("desk", "billing"), BESIDE.items())
def test_every_desk_is_read_beside_a_billing_system(desk, billing, tmp_path):
    """Files of both may have one name, so billing's are called otherwise."""
    for file in (READY / billing).iterdir():
        (tmp_path / f"of_billing_{file.name}").write_bytes(file.read_bytes())
    _, found = loaders.read(
        desk, HERE / "formats" / desk, tmp_path, billing=billing,
        time_zone="Europe/Madrid", date_order="day",
    )  # fmt: skip
    assert len(found.tables["customers"]) >= 2
    assert len(found.tables["tickets"]) >= 4
