"""A file with what could tell who wrote it masked."""

import csv
import json

import pytest
from typer.testing import CliRunner

from cxresearch.cli import app
from cxresearch.study.schema import InputError
from cxresearch.topics.text.redact_file import redact_file

LETTER = "Hi team,\nit broke, write to anna@shop.example.\nRegards,\nAnna Smith\n"


def test_a_text_is_masked_as_a_whole(tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text(LETTER)
    written, masked = redact_file(file)
    assert written == tmp_path / "letter.redacted.txt"
    assert written.read_text() == ("Hi team,\nit broke, write to [e-mail].\nRegards,\n[name]\n")
    assert masked == "e-mail 1, name 1"
    assert file.read_text() == LETTER


def test_each_cell_of_a_csv_is_a_text_and_a_name_is_known_in_all(tmp_path):
    file = tmp_path / "tickets.csv"
    rows = [["id", "text"], ["1", LETTER], ["2", 'ask "miranda", please'],
            ["3", "It broke.\nRegards,\nMiranda"]]  # fmt: skip
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(rows)
    with redact_file(file)[0].open(newline="") as made:
        shown = list(csv.reader(made))
    assert [row[0] for row in shown] == ["id", "1", "2", "3"]
    assert "anna" not in shown[1][1].lower()
    assert shown[2][1] == 'ask "[name]", please'


def test_strings_of_json_lines_are_masked_and_numbers_stay(tmp_path):
    file = tmp_path / "tickets.jsonl"
    file.write_text(json.dumps({"id": 7, "tags": ["a", LETTER], "more": {"text": LETTER}}) + "\n")
    made = json.loads(redact_file(file)[0].read_text())
    assert made["id"] == 7
    assert made["tags"][0] == "a"
    assert made["tags"][1] == made["more"]["text"]
    assert "Smith" not in made["tags"][1]


def test_what_cannot_be_read_is_said(tmp_path):
    file = tmp_path / "tickets.jsonl"
    file.write_text('{"id": 7}\n{"id": \n')
    with pytest.raises(InputError, match="line 2 is no JSON"):
        redact_file(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be used"):
        redact_file(file)
    assert not (tmp_path / "tickets.redacted.jsonl").exists()


def test_nothing_is_written_over_and_the_command_says_what_was_masked(tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text(LETTER)
    said = CliRunner().invoke(app, ["redact", str(file)])
    assert said.exit_code == 0
    assert "Masked: " in said.output
    assert "e-mail 1" in said.output
    again = CliRunner().invoke(app, ["redact", str(file)])
    assert again.exit_code == 2
    assert "is there already" in again.output


def test_no_formula_reaches_a_csv(tmp_path):
    file = tmp_path / "tickets.csv"
    file.write_text('id,text\n1,"=HYPERLINK(""http://a.example"")"\n')
    assert "\n1,=" not in redact_file(file)[0].read_text()
