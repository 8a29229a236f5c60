"""No planted name, number or secret stands on a page, in a list or in a file that is made of it."""

import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cxresearch import open_study
from cxresearch.cli import app
from cxresearch.lab.simulate import write_world
from cxresearch.pages import cause_in_full, explore
from cxresearch.study.writing import write_parquet
from cxresearch.topics.causes.refit import study_topics
from tests.benchmarks.redaction import SET, read
from tests.page_cells import page_book, page_says

PAGES = ("00", "01", "02", "03", "04", "05", "06", "07", "08")
SHORTEST = 6  # letters of a value that is sought: shorter ones stand in other words, too


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> tuple[Path, frozenset[str]]:
    """A study folder of which some tickets are the planted messages, and what is planted in them.

    The first line of a message is its subject where it is short. Values that a simulated company
    holds itself, such as a month, are not sought.
    """
    messages = read(SET)
    values = {one["value"] for each in messages for one in each["planted"]}
    folder = tmp_path_factory.mktemp("planted") / "study"
    write_world(folder, 150, 3)
    tickets = pd.read_parquet(folder / "tickets.parquet")
    before = "\n".join(tickets[["subject", "description"]].fillna("").agg("\n".join, axis=1))
    some = tickets.index[:: max(1, len(tickets) // len(messages))][: len(messages)]
    texts = [each["text"] for each in messages][: len(some)]
    first = [text.split("\n")[0] if len(text.split("\n")[0]) < 80 else "" for text in texts]
    tickets.loc[some, "description"], tickets.loc[some, "subject"] = texts, first
    write_parquet(tickets, folder / "tickets.parquet")
    (folder / "truth.json").unlink()
    sought = {v for v in values if len(v) >= SHORTEST and v.lower() not in before.lower()}
    study_topics(open_study(folder))
    return folder, frozenset(sought)


def found(values: frozenset[str], text: str) -> list[str]:
    """Which of the values stand in a text as words of their own."""
    near = [value for value in values if value in text]
    return [v for v in near if re.search(rf"(?<!\w){re.escape(v)}(?!\w)", text)]


def test_values_are_sought_where_they_would_stand(planted):
    folder, values = planted
    assert len(values) > 900
    tickets = pd.read_parquet(folder / "tickets.parquet")
    assert len(found(values, "\n".join(tickets["description"].fillna("")))) > 0.9 * len(values)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_one(planted, page):
    folder, values = planted
    said = page_says(open_study(folder), page)
    assert found(values, "\n".join(line for lines in said.values() for line in lines)) == []


@pytest.mark.parametrize("page", ["00", "04", "05", "06", "08"])
def test_no_csv_file_beside_a_page_holds_one(planted, page):
    folder, values = planted
    _, book, _ = page_book(open_study(folder), page)
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert found(values, "\n".join(o.data.get("text/csv", "") for o in outputs)) == []


def test_no_page_of_a_cause_shows_one(planted, monkeypatch):
    folder, values = planted
    study = open_study(folder)
    for cause in cause_in_full.causes_shown(study)[:8]:
        monkeypatch.setenv(cause_in_full.ASKED_FOR, cause)
        _, book, _ = page_book(study, "cause")
        outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
        told = [text for o in outputs for kind, text in o.data.items() if kind.startswith("text/")]
        assert found(values, "\n".join(told)) == [], cause


def test_no_file_that_topics_write_holds_one(planted):
    folder, values = planted
    for file in (folder / "causes.toml", *sorted((folder / "topics").rglob("*"))):
        if file.suffix == ".parquet":
            text = pd.read_parquet(file).astype(str).to_csv()
        else:
            text = file.read_text("utf-8", errors="ignore") if file.is_file() else ""
        assert found(values, text) == [], file.name


@pytest.mark.parametrize("command", ["check", "topics"])
def test_no_command_prints_one(planted, command):
    folder, values = planted
    said = CliRunner().invoke(app, [command, str(folder)])
    assert said.exit_code == 0
    assert found(values, said.output) == []


def test_few_stand_in_a_table_of_all_tickets(planted):
    """Every ticket is shown to a person at the keyboard, so what rules miss is seen there: no more
    than the benchmark says that they miss."""
    folder, values = planted
    shown = explore.tickets(open_study(folder))
    seen = found(values, "\n".join(shown["subject"] + "\n" + shown["text"]))
    assert len(seen) < 0.1 * len(values)
