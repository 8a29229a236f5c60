"""Types, hooks, commit subjects and papers: what they say is so, and each check can fail."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import cxresearch

ROOT = Path(__file__).parents[1]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FALSE = """from cxresearch import CannotTell, Study, open_study


def opened() -> CannotTell:
    return open_study()


def true() -> Study:
    return open_study()
"""


@pytest.fixture(scope="module")
def local():
    """The hooks by id; all are commands of this project."""
    (repo,) = HOOKS["repos"]
    assert repo["repo"] == "local"
    return {hook["id"]: hook for hook in repo["hooks"]}


def test_type_checkers_see_the_whole_public_face():
    stub = (ROOT / "cxresearch" / "__init__.pyi").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^from \S+ import (\w+) as \1$", stub, re.M)) == sorted(
        cxresearch.__all__
    )


def test_an_annotation_that_says_what_does_not_come_back_is_seen(tmp_path):
    pytest.importorskip("mypy", reason="'make test' installs it; this environment lacks it")
    (tmp_path / "planted.py").write_text(FALSE, encoding="utf-8")
    mypy = [sys.executable, "-m", "mypy", "--no-error-summary", tmp_path / "planted.py"]
    got = subprocess.run(mypy, cwd=ROOT, capture_output=True, text=True, check=False)
    seen = re.findall(r"planted\.py:(\d+): error: .*\[(.*)\]", got.stdout)
    assert seen == [("5", "return-value")], got.stdout


def test_hooks_run_what_ci_runs(local):
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert local["lint"]["entry"] == "make lint"
    assert local["test"]["entry"] == "make test"
    assert "\ntest: lint\n" in MAKEFILE
    assert HOOKS["default_install_hook_types"] == ["pre-commit", "commit-msg", "pre-push"]


@pytest.mark.parametrize(("length", "refused"), [(71, False), (72, True), (90, True)])
def test_a_subject_of_a_commit_has_fewer_than_72_characters(local, length, refused):
    hook = local["subject"]
    assert (hook["language"], hook["args"]) == ("pygrep", ["--multiline"])
    text = "x" * length + "\n\n" + "y" * 100
    seen = re.search(hook["entry"], text, re.M | re.S)  # as pygrep does with --multiline
    assert bool(seen) == refused


@pytest.mark.parametrize("name", ["CONTRIBUTING", "DECISIONS", "SECURITY", "CHANGELOG"])
def test_files_that_papers_name_are_there(name):
    text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:cxresearch|tests)/[\w./]+\.\w+)`", text)
    linked = re.findall(r"\]\((?!https:)([^)#]+)\)", text)
    named = [path for path in named if "DESK" not in path]  # the one that is still to be written
    assert [path for path in named + linked if not (ROOT / path).exists()] == []


def test_the_version_is_the_same_wherever_it_stands():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(.*?)\]", changes, re.M)
    assert cited["version"] == project["version"] == cxresearch.__version__
    assert versions[0] == "Unreleased"
    assert project["version"] in versions


def test_each_disputed_word_has_its_decision_of_one_screen():
    text = (ROOT / "DECISIONS.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^## (.+?)\n(.+?)(?=^## |\Z)", text, re.M | re.S))
    assert [name.split()[0] for name in parts] == [
        "First", "Recurrence", "Return", "Overdue", "Savings", "Rules", "Held", "Empty",
        "Masked", "Age", "Joined", "Worked", "Looks", "Alerts", "Placed",
        "Sampled", "Contained", "What", "What", "Suggested", "Reconciled", "Audited",
        "Groups", "Teams",
    ]  # fmt: skip
    for said in parts.values():
        bold = re.findall(r"^\*\*([\w ]+?)(?:\.|\*\*|,)", said, re.M)
        assert bold == ["We count", "Rivals", "Why", "What would change our mind"]
        assert len(said.split()) < 400
