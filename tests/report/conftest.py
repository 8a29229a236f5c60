"""A small study, notebooks with the outputs that say.py makes, and a reader of rendered pages."""

import importlib
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cxresearch.lab import against_truth as trial
from cxresearch.lab.simulate import WORLDS, simulate_world
from cxresearch.study.settings import settings_text
from cxresearch.study.study import open_study
from cxresearch.study.writing import write_parquet

SETTINGS = 'name = "Nordlicht & Söhne"\nobserved_until = "2026-01-31T00:00:00Z"\n'


class Elements(HTMLParser):
    """The (tag, attributes) of a page, in order, and its text."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.found, self.words = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def __getitem__(self, tag):
        return [attrs for name, attrs in self.found if name == tag]

    @property
    def text(self):
        return " ".join("".join(self.words).split())


@pytest.fixture
def read():
    return lambda file: Elements(Path(file).read_text(encoding="utf-8"))


@pytest.fixture
def elements():
    return Elements


@pytest.fixture
def study_folder(tmp_path):
    folder = tmp_path / "nordlicht"
    folder.mkdir()
    (folder / "study.toml").write_text(SETTINGS, encoding="utf-8")
    day = pd.Timestamp("2026-01-01", tz="UTC")
    tickets = {"ticket_id": [str(i) for i in range(1200)], "created_at": day, "status": "open"}
    pd.DataFrame(tickets | {"dq_flags": [[]] * 1200}).to_parquet(folder / "tickets.parquet")
    customers = {"customer_id": ["a", "b"], "started_at": day, "observed_until": day}
    pd.DataFrame(customers).to_parquet(folder / "customers.parquet")
    return folder


@pytest.fixture
def study(study_folder):
    return open_study(study_folder)


@pytest.fixture
def ran(monkeypatch):
    """Makes a code cell whose outputs are what say, table and show put out in these calls."""

    def cell(*calls, source="say(…)"):
        outputs = []
        module = importlib.import_module("cxresearch.pages.show")

        def display(data, raw, metadata=None):
            outputs.append(new_output("display_data", data, metadata=metadata or {}))

        monkeypatch.setattr(module, "display", display)
        for call in calls:
            call(module)
        return new_code_cell(source, outputs=outputs)

    return cell


@pytest.fixture
def notebook():
    """Makes a notebook; a text is a Markdown cell."""

    def make(*cells):
        return new_notebook(
            cells=[new_markdown_cell(c) if isinstance(c, str) else c for c in cells]
        )

    return make


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """data/small: 150 customers, whose tickets carry their true causes."""
    folder = tmp_path_factory.mktemp("data") / "small"
    folder.mkdir()
    tables, truth = simulate_world(150, 3, text=False, **WORLDS["plain"])
    study = trial.planted_study(tables, truth)
    for name in (*tables, "ticket_causes"):
        write_parquet(study.table(name), folder / f"{name}.parquet")
    (folder / "study.toml").write_text(settings_text(study.settings), encoding="utf-8")
    return folder
