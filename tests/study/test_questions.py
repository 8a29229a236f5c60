"""The list of questions: each there once, with what it needs, an answer or what is missing."""

import csv
from pathlib import Path

import pytest

from cxresearch.kpis.quality.fields import TABLES_WANTED
from cxresearch.study.questions import KINDS, Question, kind_of, needing, on_pages, questions
from cxresearch.study.schema import TABLES
from cxresearch.study.told import WANTED

ROOT = Path(__file__).parents[2]
READINGS = {"customer_history": ("mrr", "activity")}  # values of its field, no columns
LONGEST = 25  # words


def test_every_question_is_there_exactly_once_and_in_order():
    with (ROOT / "tests/reference/questions.csv").open(encoding="utf-8") as file:
        wanted = [row["id"] for row in csv.DictReader(file)]
    assert [each.id for each in questions()] == wanted
    assert len(wanted) == len({*wanted}) == 113


def test_each_question_is_one_plain_question_of_its_own():
    asked = [each.question for each in questions()]
    assert len({*asked}) == len(asked)
    assert [q for q in asked if not q.endswith("?") or len(q.split()) > LONGEST] == []


def test_what_is_not_answered_says_in_one_sentence_what_is_missing():
    told = [each for each in questions() if each.lacks]
    assert [q.id for q in questions() if not q.by and not q.lacks] == []
    assert [q.id for q in told if q.lacks[-1] != "." or len(q.lacks.split()) > LONGEST] == []


@pytest.mark.parametrize("need", sorted({need for each in questions() for need in each.needs}))
def test_a_need_is_a_table_or_field_that_page_01_misses_where_it_is_not_there(need):
    table, _, field = need.partition(".")
    assert not field or field in (*TABLES[table].names, *READINGS.get(table, ()))
    assert need in TABLES_WANTED or need.removeprefix("tickets.") in WANTED


def test_every_kind_of_data_that_can_be_missing_is_of_a_kind_with_a_name():
    assert {kind_of(name) for name in TABLES_WANTED} <= {*KINDS.values()}
    assert {*KINDS} <= {*TABLES}


def test_data_are_read_by_a_loader_or_ready_mapping_that_is_there():
    there = {file.stem for file in (ROOT / "cxresearch").rglob("*") if file.suffix != ".pyc"}
    named = {name for each in questions() for name in each.read_by}
    assert named - there == set()
    data = [each for each in questions() if each.id.startswith("D")]
    assert [each.id for each in data if each.state == "answered" and not each.read_by] == []


@pytest.mark.parametrize(
    ("by", "lacks", "state"),
    [
        ({"01": ("a.b",)}, "", "answered"),
        ({"01": ("a.b",)}, "All.", "partly"),
        ({}, "x", "not yet"),
    ],
)
def test_a_question_is_answered_partly_or_not_yet(by, lacks, state):
    assert Question("K00", "Why?", (), by, lacks=lacks).state == state


def test_a_table_is_needed_for_its_fields():
    asked = {each.id for each in needing("customer_history")}
    assert "Q01" in {each.id for each in needing("customer_history.mrr")} & asked
    assert needing("customer") == ()


def test_only_what_pages_answer_of_customers_and_the_desk_needs_data():
    assert [each.id for each in needing("tickets.closed_by")] == ["N10"]
    assert not {each.id for each in on_pages()} & {"D01", "N11"}  # no page answers N11
