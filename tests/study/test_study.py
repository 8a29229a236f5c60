"""The study folder: what is written comes back, and what cannot be used is said in a sentence."""

import json

import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

import cxresearch.study.writing as rooms
from cxresearch.study.conform import conform
from cxresearch.study.schema import InputError
from cxresearch.study.settings import Settings
from cxresearch.study.study import Study, open_study
from cxresearch.study.writing import write_parquet, write_study

DAY = pd.Timestamp("2025-01-01T00:00:00Z")
RETURN = Settings(name="s", outcome="return", observed_until="2025-02-01T00:00:00Z")


def day(n):
    return DAY + pd.Timedelta(days=n)


def rows(**columns):
    """Tickets of requesters ann, bob, … on days 0, 1, …, unless said otherwise."""
    n = max(map(len, columns.values()))
    made = {"ticket_id": [f"t{i}" for i in range(n)], "created_at": [day(i) for i in range(n)]}
    made |= {"status": "open", "requester_id": ["ann", "bob", "cem", "dot"][:n]}
    return pd.DataFrame(made | {"dq_flags": [[] for _ in range(n)]} | columns)


def people(*links):
    return pd.DataFrame(links, columns=["requester_id", "customer_id", "valid_from", "valid_to"])


def customers(*ids):
    made = {"customer_id": list(ids), "started_at": DAY, "observed_until": day(30)}
    return pd.DataFrame(made)


def conformed(n=2, **more):
    text = {
        "ticket_id": [f"0{i}" for i in range(n)],
        "created_at": ["2025-01-01T02:00:00+02:00"] * n,
    }
    text |= {"status": ["open"] * n, "tags": ['["a","é"]'] * n, "is_spam": [None] * n}
    return conform({"tickets": pd.DataFrame(text | more, dtype="object")}, {})


@pytest.fixture
def folder(tmp_path):
    write_study(tmp_path / "s", RETURN, conformed(), ("a note",), truth_json="{}")
    return tmp_path / "s"


def left_behind(path):
    return sorted(file.name for file in path.iterdir())


def test_tables_come_back_as_they_were_written(folder):
    study = open_study(folder)
    written = conformed().tables["tickets"]
    assert_frame_equal(study.tickets.drop(columns=["tags", "dq_flags"]),
                       written.drop(columns=["tags", "dq_flags"]))  # fmt: skip
    assert [list(tags) for tags in study.tickets["tags"]] == [["a", "é"]] * 2
    assert study.settings == RETURN


def test_import_report_quarantine_and_further_files_are_kept(tmp_path):
    write_study(tmp_path / "s", RETURN, conformed(2, status=["open", "?"]), ("hm",), truth_json="7")
    study = open_study(tmp_path / "s")
    assert study.import_report["notes"] == ["hm"]
    assert study.quarantine["row"].tolist() == [2]
    assert (tmp_path / "s" / "truth.json").read_text() == "7"


def test_a_table_is_read_when_it_is_first_asked_for(folder):
    (folder / "surveys.parquet").write_text("no parquet")
    study = open_study(folder)
    assert study.has("surveys")
    with pytest.raises(InputError, match=r"surveys\.parquet cannot be used"):
        _ = study.surveys


def test_a_table_is_read_once(folder):
    study = open_study(folder)
    first = study.tickets
    (folder / "tickets.parquet").unlink()
    assert study.table("tickets").equals(first)


def test_a_table_that_the_study_lacks_is_named(folder):
    study = open_study(folder)
    with pytest.raises(InputError, match="has no table 'customers'"):
        _ = study.customers
    with pytest.raises(InputError, match="run 'cxresearch topics"):
        _ = study.ticket_causes
    with pytest.raises(AttributeError, match="a study has no 'orders'"):
        _ = study.orders


def no_settings(folder):
    (folder / "study.toml").unlink()


def broken_settings(folder):
    (folder / "study.toml").write_text("name = ")


def no_tickets(folder):
    (folder / "tickets.parquet").unlink()


def no_rows(folder):
    write_parquet(pd.read_parquet(folder / "tickets.parquet").head(0), folder / "tickets.parquet")


def text_for_parquet(folder):
    (folder / "tickets.parquet").write_text("ticket_id\n1\n")


def half_a_parquet(folder):
    file = folder / "tickets.parquet"
    file.write_bytes(file.read_bytes()[:900])


def a_folder_for_a_table(folder):
    (folder / "tickets.parquet").unlink()
    (folder / "tickets.parquet").mkdir()


def changed(**columns):
    def change(folder):
        frame = pd.read_parquet(folder / "tickets.parquet").assign(**columns)
        write_parquet(frame, folder / "tickets.parquet")

    return change


def without_column(folder):
    frame = pd.read_parquet(folder / "tickets.parquet").drop(columns="status")
    write_parquet(frame, folder / "tickets.parquet")


def churn_without_customers(folder):
    text = (folder / "study.toml").read_text().replace('"return"', '"churn"')
    (folder / "study.toml").write_text(text)


def churn_with_no_customer(folder):
    churn_without_customers(folder)
    write_parquet(customers("a").head(0), folder / "customers.parquet")


def nothing_observed(folder):
    (folder / "study.toml").write_text('outcome = "return"')


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (no_settings, "has no study.toml. Make one with 'cxresearch import'"),
        (broken_settings, "study.toml is not valid TOML"),
        (no_tickets, "has no table 'tickets'"),
        (no_rows, "is empty: its tickets table has no rows"),
        (text_for_parquet, "tickets.parquet cannot be used"),
        (half_a_parquet, "tickets.parquet cannot be used"),
        (a_folder_for_a_table, "has no table 'tickets'"),
        (
            changed(is_spam="yes"),
            "tickets.parquet cannot be used: Table tickets: is_spam must hold",
        ),
        (changed(ticket_id=1.5), "tickets.parquet cannot be used: Table tickets: ticket_id must"),
        (changed(ticket_id="1"), "holds ticket_id '1' twice"),
        (changed(status="done"), "status holds 'done'; it must be one of"),
        (changed(segment="red"), "'segment' is a column of customers. Rename it"),
        (
            changed(created_at=pd.Timestamp("2025-01-01")),
            "created_at must hold a time with its off",
        ),
        (changed(created_at=None), "row 1: created_at is empty"),
        (without_column, "lacks the column status"),
        (churn_without_customers, 'or set outcome = "return" in study.toml'),
        (churn_with_no_customer, "but no customers table"),
        (nothing_observed, "study.toml lacks observed_until"),
    ],
)
def test_what_cannot_be_a_study_is_said_with_its_folder(folder, damage, says):
    damage(folder)
    with pytest.raises(InputError) as error:
        open_study(folder)
    assert says in str(error.value)
    assert str(folder) in str(error.value)


def test_a_folder_that_is_not_there_or_is_a_file_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(InputError, match=f"There is no study folder {path}"):
            open_study(path)


def test_without_a_study_and_without_the_demo_it_is_said_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CXRESEARCH_STUDY", raising=False)
    with pytest.raises(
        InputError, match=r"data/demo: .*'cxresearch import'.*'cxresearch simulate'"
    ):
        open_study()


def test_a_broken_import_report_or_quarantine_is_named(folder):
    (folder / "import.json").write_text("{")
    (folder / "quarantine.parquet").write_text("")
    for name in ("import_report", "quarantine"):
        with pytest.raises(InputError, match="cannot be used"):
            getattr(open_study(folder), name)


ROW = {"table": "tickets", "read": 1, "kept": 1, "quarantined": 0}


@pytest.mark.parametrize(
    "report",
    [
        [], 1, "x", None, {"rows": 5}, {"rows": [5]}, {"rows": [{}]}, {"files": [ROW]},
        {"notes": "a"}, {"notes": [1]}, {"notes": None}, {"rows": [ROW | {"read": "1"}]},
        {"rows": [ROW | {"kept": None}]}, {"rows": [ROW | {"kept": -1}]},
        {"rows": [ROW | {"kept": True}]}, {"rows": [ROW | {"table": [1]}]},
        {"rows": [ROW | {"more": "a.csv"}]},
    ],
)  # fmt: skip
def test_an_import_report_that_no_import_wrote_is_named(folder, report):
    (folder / "import.json").write_text(json.dumps(report))
    with pytest.raises(InputError, match=r"import\.json cannot be used: .* not as it was written"):
        _ = open_study(folder).import_report


@pytest.mark.parametrize("text", ["[" * 100_000, '{"rows": ' + "9" * 5000 + "}", "\xff", ""])
def test_a_report_that_is_no_json_is_said_in_our_words(folder, text):
    (folder / "import.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"import\.json cannot be used: it is damaged, or no file"):
        _ = open_study(folder).import_report


def test_a_quarantine_without_a_column_is_named(folder):
    write_parquet(pd.DataFrame({"table": ["tickets"]}), folder / "quarantine.parquet")
    with pytest.raises(InputError, match="it lacks the column file"):
        _ = open_study(folder).quarantine


def test_the_study_of_the_environment_is_opened(folder, monkeypatch):
    monkeypatch.setenv("CXRESEARCH_STUDY", str(folder))
    assert open_study().path == folder
    monkeypatch.setenv("CXRESEARCH_STUDY", "nowhere")
    with pytest.raises(InputError, match=r"nowhere \(from \$CXRESEARCH_STUDY\)"):
        open_study()


def test_a_study_is_never_written_over_anything(tmp_path):
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "file").write_text("mine")
    for name in ("link", "file", "."):
        with pytest.raises(InputError, match="is there already"):
            write_study(tmp_path / name, RETURN, conformed())
    assert (tmp_path / "file").read_text() == "mine"


def test_a_study_without_a_ticket_is_not_written(tmp_path):
    with pytest.raises(InputError, match="No ticket was kept"):
        write_study(tmp_path / "s", RETURN, conformed(status=["?", "?"]))
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt(), RuntimeError("x")])
def test_nothing_is_left_behind_when_writing_fails_in_the_middle(tmp_path, monkeypatch, error):
    def fails(frame, file):
        file.write_text("half")
        raise error

    monkeypatch.setattr(rooms, "write_parquet", fails)
    with pytest.raises(InputError if isinstance(error, OSError) else type(error)):
        write_study(tmp_path / "new" / "s", RETURN, conformed())
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("target", ["file/s", "x" * 300])
def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path, target):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="cannot be written"):
        write_study(tmp_path / target, RETURN, conformed())
    assert left_behind(tmp_path) == ["file"]


def test_a_parquet_file_that_cannot_be_written_leaves_the_old_one(tmp_path):
    write_parquet(pd.DataFrame({"x": [1]}), tmp_path / "a.parquet")
    with pytest.raises(pa.ArrowException):
        write_parquet(pd.DataFrame({"x": [1, "a", object]}), tmp_path / "a.parquet")
    assert pd.read_parquet(tmp_path / "a.parquet")["x"].tolist() == [1]


def test_a_parquet_file_that_cannot_take_its_place_is_not_left_beside_it(tmp_path):
    (tmp_path / "a.parquet").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_parquet(pd.DataFrame({"x": [1]}), tmp_path / "a.parquet")
    assert left_behind(tmp_path) == ["a.parquet"]


def test_a_study_of_frames_watches_until_its_last_ticket_and_without_customers_sees_returns():
    study = Study.from_tables({"tickets": rows(subject=["a", "b"])}, name="n")
    assert (study.name, study.outcome, study.observed_until) == ("n", "return", day(1))
    assert (study.path, study.import_report, len(study.quarantine)) == (None, {}, 0)


def test_a_study_of_frames_is_checked():
    with pytest.raises(InputError, match="lacks the column created_at"):
        Study.from_tables({"tickets": rows(subject=["a"]).drop(columns="created_at")})
    with pytest.raises(InputError, match="created_at must hold a time"):
        Study.from_tables({"tickets": rows(created_at=["2025-01-01"])})
    with pytest.raises(InputError, match="'orders' is no canonical table"):
        Study.from_tables({"orders": rows(subject=["a"])})


def test_customers_own_tickets_leave_out_spam_merged_deleted_and_nobodys():
    frame = rows(
        is_spam=[True, None, False, None], is_merged=[None, True, None, None],
        is_deleted=[None, None, None, False], requester_id=["ann", "bob", "cem", None],
    )  # fmt: skip
    own = Study.from_tables({"tickets": frame}).customer_tickets
    assert own["ticket_id"].tolist() == ["t2"]


def test_tickets_of_which_spam_is_unknown_are_kept_oldest_first():
    frame = rows(is_spam=[None, False, None], created_at=[day(2), day(0), day(1)])
    own = Study.from_tables({"tickets": frame}).customer_tickets
    assert own["ticket_id"].tolist() == ["t1", "t2", "t0"]


def accounts(links, **columns):
    tables = {"tickets": rows(**columns), "identities": links, "customers": customers("A", "B")}
    return Study.from_tables(tables).customer_tickets["customer_id"]


def test_a_person_who_moved_writes_for_the_account_of_that_day():
    links = people(("ann", "B", day(2), None), ("ann", "A", None, day(2)))
    assert accounts(links, requester_id=["ann"] * 4).tolist() == ["A", "A", "B", "B"]


def test_outside_every_window_and_without_identity_the_account_is_unknown():
    links = people(("ann", "A", day(1), day(2)))
    found = accounts(links, requester_id=["ann", "ann", "ann", "bob"])
    assert found.isna().tolist() == [True, False, True, True]
    assert found.dtype == "str"


def test_of_two_accounts_on_one_day_the_one_joined_last_counts():
    links = people(("ann", "B", day(-1), None), ("ann", "A", None, None))
    assert accounts(links, requester_id=["ann"]).tolist() == ["B"]


def test_with_no_identity_at_all_every_account_is_unknown():
    found = accounts(people().astype({"requester_id": "str"}), requester_id=["ann", "bob"])
    assert found.isna().all()


def test_in_a_return_study_each_person_is_a_customer():
    tables = {"tickets": rows(subject=["a", "b"]), "identities": people(("ann", "A", None, None))}
    own = Study.from_tables(tables).customer_tickets
    assert own["customer_id"].tolist() == ["ann", "bob"]
