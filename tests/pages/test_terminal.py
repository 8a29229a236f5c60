"""What stands in a file, or is a file's name, is shown by a terminal and never obeyed."""

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.pages import terminal
from cxresearch.study.schema import InputError
from tests.hidden_signs import hidden, written

HOSTILE = "a\x1b[2J\x07\x9bb\u202egnp.exe\u2066\r\u200f\ud800z"
SHOWN = "a\\x1b[2J\\x07\\x9bb\\u202egnp.exe\\u2066\\r\\u200f\\ud800z"


@pytest.fixture
def screen(monkeypatch):
    """What a terminal in colours is sent."""
    sent = io.StringIO()
    made = terminal.Terminal(file=sent, force_terminal=True, width=300)
    monkeypatch.setattr(terminal, "console", made)
    return sent


@given(written, st.booleans())
def test_no_line_holds_what_nobody_sees(text, bold):
    sent = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terminal, "console", terminal.Terminal(file=sent, width=300))
        terminal.say(text, style="bold" if bold else None)
    assert hidden(sent.getvalue()) == []


def test_a_line_and_a_table_show_what_is_hostile(screen):
    import pandas as pd

    terminal.say(HOSTILE + "\nnote: all is well")
    whole = HOSTILE.replace("\ud800", "")
    terminal.rows(pd.DataFrame({"file": [whole]}).rename_axis(whole), whole)
    sent = screen.getvalue()
    assert sent.splitlines()[0] == SHOWN + "\\nnote: all is well"
    assert sent.count(SHOWN.replace("\\ud800", "")) == 3
    assert "\u202e" not in sent
    assert "\x1b[2J" not in sent


def test_the_line_of_progress_shows_what_is_hostile(screen):
    with terminal.doing(HOSTILE) as tell:
        tell(f"[bold]{HOSTILE}: 3 records read")
    sent = screen.getvalue()
    assert f"[bold]{SHOWN}: 3 records read" in sent
    assert "\x1b[2J" not in sent


def test_an_error_shows_what_is_hostile(capsys):
    with pytest.raises(SystemExit), terminal.sentences():
        raise InputError(f"{HOSTILE} is empty.")
    assert SHOWN in capsys.readouterr().err


def test_what_the_command_line_quotes_is_shown(capsys, monkeypatch):
    from cxresearch import cli

    monkeypatch.setattr(sys, "argv", ["cxresearch", "check", "a", "b\x1b[2J"])
    with pytest.raises(SystemExit):
        cli.app()
    said = capsys.readouterr().err
    assert "b\\x1b[2J" in said
    assert "\x1b[2J" not in said
