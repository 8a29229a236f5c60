"""The command line: what goes wrong is one sentence, exit code 2, and leaves nothing behind."""

import os
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest
from typer.testing import CliRunner

import cxresearch.lab.simulate
from cxresearch import loaders
from cxresearch.cli import app
from cxresearch.lab.second_world import SETTINGS as WORLD
from cxresearch.lab.second_world import second_world
from cxresearch.loaders.reading.export import Export
from cxresearch.report.run import numbered, packaged
from cxresearch.study.conform import conform
from cxresearch.study.db import connect
from cxresearch.study.settings import Settings
from cxresearch.study.study import open_study
from cxresearch.study.writing import write_study

TICKETS = {
    "ticket_id": ["1", "2", "3"], "created_at": ["2025-01-01T00:00:00Z"] * 3,
    "status": ["open", "open", "?"], "requester_id": ["ann", "bob", "cem"],
}  # fmt: skip
SETTINGS = {"outcome": "return", "observed_until": "2025-02-01T00:00:00Z"}
COMMANDS = ["import", "add", "map", "check", "topics", "report", "decide", "watch", "simulate",
            "forget"]  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder to be in, as a person would be in the project's."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def desk(monkeypatch):
    """A help desk "desk" of which any path is an export of three tickets, one of them broken."""

    class Desk:
        @staticmethod
        def read(path):
            tables = {"tickets": pd.DataFrame(TICKETS)}
            return Export(tables, {"tickets": "t.csv"}, SETTINGS, ("a [b] note",), ("more.csv",))

    monkeypatch.setitem(loaders.SYSTEMS, "desk", Desk)


@pytest.fixture
def study(here):
    found = conform({"tickets": pd.DataFrame(TICKETS)}, {})
    write_study(here / "s", Settings(name="[b]S[/b]", **SETTINGS), found, ("a [red] note",))
    return here / "s"


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def fails(*words):
    """The sentence that a command ends with: alone on stderr, exit code 2, no traceback."""
    got = run(*words)
    assert got.exit_code == 2, got.output
    assert isinstance(got.exception, SystemExit)
    assert got.stderr.startswith("cxresearch: ")
    assert got.stderr.count("\n") == 1
    return got.stderr


def test_import_counts_every_row_and_tells_why_some_were_set_aside(desk, here):
    got = run("import", "desk", here, "--to", "new/s")
    assert got.exit_code == 0, got.output
    assert "tickets: read 3 = kept 2 + quarantined 1\n" in got.stdout
    assert "tickets: 1 set aside because status is none of new" in got.stdout
    assert "not read: more.csv" in got.stdout
    assert open_study("new/s").name == "s"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("pigeons", "."), "'pigeons' is no known help desk; these are: "),
        (("kitsune", "nowhere"), "There is no export at nowhere: check the path"),
        (("kitsune", "."), "has no questions.parquet: a Kitsune export is a folder with both"),
        (("kitsune", "file"), "file has no questions.parquet"),
    ],
)
def test_an_export_that_cannot_be_read_leaves_nothing(here, words, says):
    (here / "file").write_text("mine")
    assert says in fails("import", *words, "--to", "out/s")
    assert [path.name for path in here.iterdir()] == ["file"]


def test_import_writes_over_nothing_and_does_not_even_read(here):
    (here / "s").mkdir()
    assert "s is there already" in fails("import", "kitsune", "nowhere", "--to", "s")


def test_a_place_below_a_file_is_a_sentence(desk, here):
    (here / "file").write_text("mine")
    assert "file/s cannot be written" in fails("import", "desk", ".", "--to", "file/s")
    assert (here / "file").read_text() == "mine"


def test_an_export_of_which_no_ticket_is_kept_is_a_sentence(desk, here, monkeypatch):
    monkeypatch.setitem(TICKETS, "status", ["?", "?", "?"])
    assert "No ticket was kept" in fails("import", "desk", ".", "--to", "s")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("command", ["check", "topics", "report"])
def test_a_study_that_is_not_there_is_a_sentence(command, here):
    assert "There is no study folder nowhere" in fails(command, "nowhere")
    assert "it has no study.toml" in fails(command, ".")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("command", ["check", "topics", "report"])
def test_a_study_of_churn_without_customers_says_what_to_do(command, study):
    text = (study / "study.toml").read_text().replace('"return"', '"churn"')
    (study / "study.toml").write_text(text)
    says = fails(command, study)
    assert 'Add customers.parquet, or set outcome = "return" in study.toml' in says


@pytest.mark.parametrize("command", ["check", "topics", "report"])
def test_a_study_without_tickets_is_a_sentence(command, study):
    pd.read_parquet(study / "tickets.parquet").head(0).to_parquet(study / "tickets.parquet")
    assert "is empty: its tickets table has no rows" in fails(command, study)
    (study / "tickets.parquet").unlink()
    assert "has no table 'tickets'" in fails(command, study)


def test_check_tells_what_is_there_what_is_missing_and_what_cannot_be_said(study):
    said = run("check", study).stdout
    assert "2 tickets from 2025-01-01 to 2025-01-01, watched until 2025-02-01; 2 customers" in said
    assert "outcome return: the time to a customer's next ticket" in said
    assert "table customers" in said
    assert "churn cannot be studied" in said
    assert f"no topics were found yet; run 'cxresearch topics {study}'" in said


def test_check_tells_why_rows_were_set_aside_and_what_the_import_noted(study):
    said = run("check", study).stdout
    assert "why rows were set aside" in said
    assert "note: a [red] note" in said


def test_check_shows_names_as_they_are_written(study):
    assert run("check", study).stdout.startswith("[b]S[/b] · ")


def test_check_reads_every_table(study):
    (study / "surveys.parquet").write_text("no parquet")
    assert "surveys.parquet cannot be used" in fails("check", study)


def test_check_says_when_too_few_tickets_find_their_customer(study):
    day = pd.Timestamp("2025-01-01T00:00:00Z")
    customers = {"customer_id": ["A"], "started_at": [day], "observed_until": [day]}
    pd.DataFrame(customers).to_parquet(study / "customers.parquet")
    identities = pd.DataFrame({"requester_id": ["ann"], "customer_id": ["A"]})
    identities.to_parquet(study / "identities.parquet")
    (study / "study.toml").write_text('observed_until = "2025-02-01T00:00:00Z"')
    assert "cannot tell who leaves and why: only 50% of tickets" in run("check", study).stdout


@pytest.mark.parametrize("topics", [False, True])
def test_check_says_that_nobody_gave_the_promise_and_proposes_one(here, topics):
    """Before topics are found nothing can be proposed, and that is no fault."""
    tables, _ = second_world(400, 1)
    if not topics:
        tables.pop("ticket_causes")
    given = {name: of for name, of in WORLD.items() if name != "unresolved_after_days"}
    none = conform({"tickets": pd.DataFrame(TICKETS)}, {})
    made = replace(none, tables=tables)
    write_study(here / "s", Settings(name="s", **given), made)
    said = run("check", here / "s")
    assert said.exit_code == 0
    assert "more than 7 days: nobody said so" in said.output
    assert ("customers leave more" in said.output.lower()) == topics


def test_check_changes_nothing(study):
    before = {file: file.read_bytes() for file in study.iterdir()}
    run("check", study)
    assert {file: file.read_bytes() for file in study.iterdir()} == before


def test_report_from_any_folder_has_the_notebooks_of_the_package(study):
    says = fails("report", study, "--only", "99")
    assert "There are: 00-summary, 01-" in says
    assert says.endswith(f", {numbered(packaged())[-1].stem}.\n")


def test_report_of_notebooks_of_ones_own_names_those_that_are_there(study, here):
    (here / "mine").mkdir()
    (here / "mine" / "03-own.ipynb").write_text("{}")
    assert "There are: 03-own." in fails("report", study, "--only", "99", "--notebooks", "mine")


def test_report_never_takes_the_place_of_something_else(study, here):
    (here / "mine").mkdir()
    (here / "mine" / "letter.txt").write_text("dear")
    assert "mine holds letter.txt" in fails("report", study, "--to", "mine")


def test_simulate_writes_over_nothing(study):
    assert "is there already" in fails("simulate", "--customers", 9, "--seed", 1, "--to", study)


def test_simulate_counts_what_it_made(monkeypatch):
    def make(folder, customers, seed):
        found = conform({"tickets": pd.DataFrame(TICKETS)}, {})
        write_study(folder, Settings(source=f"{customers} of {seed}", **SETTINGS), found)

    monkeypatch.setattr(cxresearch.lab.simulate, "write_world", make)
    got = run("simulate", "--customers", 5, "--seed", 1, "--to", "w")
    assert "tickets: made 3 = kept 2 + quarantined 1\n" in got.stdout
    assert open_study("w").settings.source == "5 of 1"


def test_simulate_in_blocks_counts_what_it_made(monkeypatch):
    def make(folder, tickets, seed, *, text_for, progress):
        progress(tickets)
        made = [tickets + 7, text_for]
        return pd.DataFrame({"read": made, "kept": made, "quarantined": 0}, ["tickets", "texts"])

    monkeypatch.setattr(cxresearch.lab.simulate, "stream_world", make)
    said = run("simulate", "--tickets", "1_000", "--text-for", 50, "--seed", 1, "--to", "w").stdout
    assert "tickets: made 1,007 = kept 1,007" in said
    assert "texts: made 50 =" in said
    said = run("simulate", "--tickets", 5, "--no-text", "--seed", 1, "--to", "w").stdout
    assert "texts: made 0 =" in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "either --customers or --tickets"),
        (("--customers", 5, "--tickets", 5), "either --customers or --tickets"),
        (("--customers", 5, "--no-text"), "--no-text go with --tickets"),
        (("--customers", 5, "--text-for", 5), "--text-for or --no-text go with"),
        (("--tickets", 5, "--no-text", "--text-for", 5), "one of them at most"),
    ],
)
def test_simulate_says_which_options_go_together(options, says, here):
    assert says in fails("simulate", *options, "--seed", 1, "--to", "w")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "customers", "seed"), [("--customers", 0, 1), ("--seed", 5, -1)]
)
def test_simulate_refuses_numbers_that_make_no_company(option, customers, seed, here):
    got = run("simulate", "--customers", customers, "--seed", seed, "--to", "w")
    assert got.exit_code == 2
    assert f"Invalid value for '{option}'" in got.stderr
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied", "x"), OSError("full")])
def test_what_the_disk_refuses_is_a_sentence(desk, monkeypatch, error):
    def refuses(path):
        raise error

    monkeypatch.setattr(loaders.SYSTEMS["desk"], "read", staticmethod(refuses))
    said = "x cannot be used: Permission denied." if error.filename else "full"
    assert said in fails("import", "desk", ".", "--to", "s")


def test_a_fault_of_ours_is_not_dressed_up_as_the_users(desk, monkeypatch):
    monkeypatch.setattr(loaders.SYSTEMS["desk"], "read", staticmethod(lambda path: 1 / 0))
    assert isinstance(run("import", "desk", ".", "--to", "s").exception, ZeroDivisionError)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_tells_every_argument_in_plain_words(command):
    said = run(command, "--help").stdout
    assert "Usage:" in said
    assert "DataFrame" not in said
    assert "--help" in said


def test_help_shows_whole_sentences_and_where_to_begin():
    said = run("--help").stdout
    assert all(f"\n  {command} " in said for command in COMMANDS)
    assert "..." not in said.split("Commands:")[1]
    assert "To begin:" in said


def test_from_a_shell_a_wrong_path_is_one_line_without_a_traceback(here):
    got = subprocess.run(
        [sys.executable, "-m", "cxresearch.cli", "check", "no[/where]"],
        capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}, check=False,
    )  # fmt: skip
    assert (got.returncode, got.stdout) == (2, "")
    assert got.stderr.startswith("cxresearch: There is no study folder no[/where]: make one with")
    assert got.stderr.count("\n") == 1


def test_an_import_begins_with_what_is_wrong_with_most_tickets(desk, monkeypatch):
    monkeypatch.setitem(TICKETS, "subject", ["", "", ""])
    assert run("import", "desk", ".", "--to", "s").stdout.startswith(
        "Alarm: 2 of 2 tickets (100.0%) are flagged “no words”: what customers wrote cannot be told"
    )


def test_what_the_database_says_is_not_shown(desk, monkeypatch):
    def breaks(path):
        with connect() as db:
            db.execute("SELECT CAST('Ada Smith' AS INTEGER)")

    monkeypatch.setattr(loaders.SYSTEMS["desk"], "read", staticmethod(breaks))
    said = fails("import", "desk", ".", "--to", "s")
    assert "Ada" not in said
    assert "SELECT" not in said
    assert "could not be worked out (ConversionException at" in said
