"""Help desks that the package has a mapping for: invented rows in the form of their APIs."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cxresearch import loaders
from cxresearch.cli import app
from cxresearch.cli.bringing_in import READY, VOICES
from cxresearch.loaders.imports import READY as FILES
from cxresearch.study.schema import InputError

FORMATS = Path(__file__).parent / "formats"
TOLD = [
    "status", "created_channel", "requester_id", "assignee_id", "is_spam", "is_merged",
    "is_agent_created", "first_reply_at", "total_agent_replies",
]  # fmt: skip
REPLIED = "2026-03-02 11:00:00.790000+00:00"
HOUR = "2026-03-02 {:02}:00:00+00:00"
# By ticket: what TOLD must be; None is unknown.
RIGHT = {
    "gorgias": [
        ("closed", "email", "77", "5", "False", None, "False", HOUR.format(11), "1"),
        ("open", "social", "77", None, "False", None, "True", None, None),
        ("closed", "email", None, "5", "True", None, "False", None, "0"),
    ],
    "helpscout": [
        ("closed", "email", "501", "256", "False", None, "False", None, None),
        ("open", "chat", "501", "256", "False", None, "True", None, None),
        ("closed", "email", "501", "256", "True", None, "False", None, None),
    ],
    "zammad": [
        ("closed", "email", "6", "5", None, "False", "False", REPLIED, "1"),
        ("pending", "email", "6", None, None, "False", "False", None, "0"),
        ("closed", "phone", "6", "5", None, "True", "True", None, "0"),
    ],
    "front": [
        ("solved", None, "e-mail:", "tea_1", "False", None, None, None, None),
        ("new", None, "e-mail:", None, "False", None, None, None, None),
        ("deleted", None, "e-mail:", "tea_1", "False", None, None, None, None),
    ],
    "zohodesk": [
        ("closed", "email", "501", "5", "False", None, None, None, None),
        ("hold", "phone", "501", "5", "False", None, None, None, None),
        ("open", "email", "501", None, "False", None, None, None, None),
    ],
    "dynamics365": [
        ("solved", "email", "con-1", "own-1", None, "False", None, None, None),
        ("pending", "phone", "con-1", "own-1", None, "False", None, None, None),
        ("closed", "email", "con-1", "own-1", None, "True", None, None, None),
    ],
}  # fmt: skip


@pytest.mark.parametrize("system", RIGHT)
def test_a_ready_mapping_tells_what_the_rows_tell(system):
    _, found = loaders.read(system, FORMATS / system)
    tickets = found.tables["tickets"].sort_values("ticket_id")
    told = tickets[TOLD].astype("object")
    rows = [tuple(None if pd.isna(v) else str(v) for v in row) for row in told.to_numpy()]
    cut = [(*row[:2], row[2] and row[2][:7], *row[3:]) for row in rows]
    assert cut == RIGHT[system]
    assert len(found.quarantine) == 0
    assert (tickets["created_at"].dt.floor("h") >= HOUR.format(9)).all()


def test_there_is_a_test_for_each_and_the_command_names_each():
    assert set(FILES) == {*RIGHT, *VOICES.split(", ")}
    assert READY.split(", ") == sorted(RIGHT)
    assert all(name in CliRunner().invoke(app, ["import", "--help"]).output for name in RIGHT)


def test_surveys_that_nobody_answered_are_asked_and_open():
    surveys = loaders.load("gorgias", FORMATS / "gorgias")["surveys"]
    assert surveys["score_raw"].fillna(-1).tolist() == [4, -1]
    assert surveys["responded_at"].isna().tolist() == [False, True]


def test_tags_of_several_words_stay_whole():
    tags = loaders.load("helpscout", FORMATS / "helpscout")["tickets"]["tags"]
    assert [list(words) for words in tags] == [["log in"], [], ["log in"]]


def test_an_unknown_help_desk_hears_of_them():
    with pytest.raises(InputError, match="zammad"):
        loaders.read("zamad", FORMATS / "zammad")


def test_auto_says_whose_mapping_fits():
    with pytest.raises(InputError, match=r"tickets.json comes nearest to tickets of zammad"):
        loaders.read("auto", FORMATS / "zammad" / "tickets.json")


def test_a_second_mapping_is_refused_not_ignored(tmp_path):
    with pytest.raises(InputError, match="has a mapping of its own"):
        loaders.read("front", FORMATS / "front", mapping=tmp_path / "m.toml")
