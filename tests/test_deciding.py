"""cxresearch decide: one line writes a decision down, and what is wrong is one sentence."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from cxresearch.cli import app
from cxresearch.study.conform import conform
from cxresearch.study.settings import Settings
from cxresearch.study.writing import write_parquet, write_study

SETTINGS = {"outcome": "return", "observed_until": "2025-02-01T00:00:00Z"}


@pytest.fixture
def study(tmp_path):
    tickets = {
        "ticket_id": ["1", "2"], "created_at": ["2025-01-01T00:00:00Z"] * 2,
        "status": ["open"] * 2, "requester_id": ["ann", "bob"], "product": ["A", "B"],
    }  # fmt: skip
    found = conform({"tickets": pd.DataFrame(tickets)}, {})
    write_study(tmp_path / "s", Settings(name="S", **SETTINGS), found)
    causes = pd.DataFrame({"ticket_id": ["1", "2"], "topic": 0, "cause": "mail", "weight": 1.0,
                           "is_exit_request": False})  # fmt: skip
    write_parquet(causes, tmp_path / "s" / "ticket_causes.parquet")
    return tmp_path / "s"


def decide(study, *words):
    given = ["decide", str(study), "Fix [b]it[/b]", "--cause", "mail", "--from", "2025-03-01"]
    return CliRunner().invoke(app, [*given, *words])


def test_a_decision_is_written_once_with_its_groups(study):
    ran = decide(study, "--owner", "Ana", "--where", "product=A", "--where", "product=B")
    assert ran.exit_code == 0, ran.output
    assert "wrote" in ran.output
    assert "what to expect of it cannot be told: page 08 says why." in ran.output
    text = (study / "decisions.toml").read_text(encoding="utf-8")
    assert text.endswith(
        '[[decision]]\nwhat = "Fix [b]it[/b]"\ncause = "mail"\nfrom = 2025-03-01\nowner = "Ana"\n'
        'where = { "product" = ["A", "B"] }\n'
    )
    again = decide(study, "--where", "product=A", "--where", "product=B")
    assert "has it already" in again.output
    assert (study / "decisions.toml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--cause", "mial"], "did you mean 'mail'"),
        (["--where", "creatd_at=1"], "where names 'creatd_at', no column of"),
        (["--where", "product"], "write it as column=value"),
        (["--where", "product=A", "--where", "status=open"], "names 2 columns: name one"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_writes_nothing(study, words, says):
    ran = decide(study, *words)
    assert ran.exit_code == 2
    assert says in ran.output
    assert not (study / "decisions.toml").exists()
