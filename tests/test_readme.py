"""The README says what the pages say, and what the schema says."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cxresearch.loaders import SYSTEMS
from cxresearch.study.schema import TABLES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_each_answer_in_the_readme_is_the_example_reports():
    answers = json.loads((ROOT / "reports/example/answers.json").read_text(encoding="utf-8"))
    for name, told in answers["notebooks"].items():
        row = f"| [{name}](notebooks/{name}.ipynb) | {told['question']} | {told['answer']} |"
        assert row in README, f"README should say: {row}"


def test_the_data_dictionary_names_every_table_and_column():
    told = (ROOT / "docs/tables.md").read_text(encoding="utf-8")
    for table in TABLES.values():
        assert f"`{table.name}`" in README
        section = told.split(f"## {table.name}\n")[1].split("\n## ")[0]
        named = re.findall(r"^\| (\*\*)?(\w+)(?:\*\*)? \| (?!kind)", section, re.M)
        assert [(name, bool(bold)) for bold, name in named] == [
            (c.name, c.needed) for c in table.columns
        ]


def test_the_lines_of_python_in_the_readme_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    lines = README.split("## Explore")[1].split("## ")[0].splitlines()
    code = [line.removeprefix("    ") for line in lines if line.startswith("    ")]
    exec("\n".join(line for line in code if not line.startswith("make ")), {})


def test_the_readme_is_short_and_its_links_lead_somewhere():
    assert len(README.splitlines()) < 135
    for link in re.findall(r"\]\((?!https:)([^)#]+)", README):
        assert (ROOT / link).exists(), link


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """What the commands of the walk-through say, run one after the other beside this project."""
    folder = tmp_path_factory.mktemp("walk")
    (folder / "tests").symlink_to(ROOT / "tests")
    commands = re.findall(r"^    \.venv/bin/cxresearch (.*/walk.*)$", README, re.M)
    said = []
    for command in commands:
        words = [sys.executable, "-m", "cxresearch.cli", *shlex.split(command, comments=True)]
        got = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        assert got.returncode == 0, got.stderr
        said.append(got.stdout)
    return folder, said


def test_the_walk_through_runs_as_written_and_says_what_is_quoted(walk):
    _, (imported, checked, _) = walk
    section = README.split("\n## Your own export")[1].split("\n- **Help desks**")[0]
    quoted = [q for q in re.findall(r"`([^`\n]+)`", section) if " " in q]
    assert len(quoted) == 3
    assert all(quote in imported + checked for quote in quoted)


def test_the_walk_through_ends_in_a_report_that_cannot_tell_who_leaves(walk):
    folder, _ = walk
    assert (folder / "reports/walk/index.html").is_file()
    told = json.loads((folder / "reports/walk/answers.json").read_text(encoding="utf-8"))
    assert "86% of tickets find their customer" in told["notebooks"]["06-who-leaves"]["answer"]


def test_the_readme_names_every_help_desk():
    section = README.split("\n## Your own export")[1].split("\n## ")[0]
    assert all(f"`{name}`" in section for name in SYSTEMS)
