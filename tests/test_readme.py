"""The README says what the pages say, and what the schema says."""

import json
import re
from pathlib import Path

from cxresearch.schema import TABLES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_each_answer_in_the_readme_is_the_example_reports():
    answers = json.loads((ROOT / "reports/example/answers.json").read_text(encoding="utf-8"))
    for name, told in answers["notebooks"].items():
        row = f"| [{name}](notebooks/{name}.ipynb) | {told['question']} | {told['answer']} |"
        assert row in README, f"README should say: {row}"


def test_the_data_dictionary_names_every_table_and_column():
    for table in TABLES.values():
        (row,) = re.findall(rf"^\| {table.name} \|.*$", README, re.M)
        columns = row.split("|")[3]
        named = re.findall(r"(\*\*)?(\w+)(?:\*\*)?", columns)
        assert [(name, bool(bold)) for bold, name in named] == [
            (c.name, c.needed) for c in table.columns
        ]


def test_the_readme_is_short_and_its_links_lead_somewhere():
    assert len(README.splitlines()) < 90
    for link in re.findall(r"\]\(([^)#]+)", README):
        assert (ROOT / link).exists(), link
