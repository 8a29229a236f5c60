"""Each question that is said to be answered: its page asks the functions named, and they tell.

The pages run once on the demo, with these functions so wrapped that what a page gets is kept. Only
what a notebook, or its module in cxresearch/pages, asks for itself counts.
"""

import functools
import importlib
import sys

import pytest

from cxresearch import open_study
from cxresearch.study.answers import CannotTell
from cxresearch.study.questions import questions
from tests.page_cells import page_says

CLAIMS = {each.id: each.by for each in questions() if each.by}
PAGES = sorted({page for by in CLAIMS.values() for page in by})
MADE = {claim for by in CLAIMS.values() for claims in by.values() for claim in claims}


def function_of(claim: str):
    """The function that a claim names."""
    module, _, name = claim.partition(": ")[0].rpartition(".")
    return getattr(importlib.import_module(module), name)


def kept_by(function, got: list):
    """The function; what it gives to a page is put into got."""

    @functools.wraps(function)
    def asked(*args, **options):
        result = function(*args, **options)
        # The cells of a page run without a name of their module (tests/page_cells.py).
        caller = sys._getframe(1).f_globals.get("__name__", "a notebook")
        if caller == "a notebook" or caller.startswith("cxresearch.pages."):
            got.append(result)
        return result

    return asked


def put_in_place(patch, wrapped: dict) -> None:
    """Puts functions in the place of others, wherever in the package these have a name."""
    for name, module in [*sys.modules.items()]:
        if name.startswith("cxresearch"):
            for attribute, value in [*vars(module).items()]:
                if id(value) in wrapped:
                    patch.setattr(module, attribute, wrapped[id(value)])


@pytest.fixture(scope="module")
def given() -> dict[tuple[str, object], list]:
    """By page and function what the page was given. Pages share a study, so what several need is
    made once, and is kept for those who run the demo's pages next."""
    study, given = open_study("data/demo"), {}
    functions = {function_of(claim) for claim in MADE}
    for page in PAGES:
        with pytest.MonkeyPatch.context() as patch:
            got = {function: [] for function in functions}
            put_in_place(patch, {id(f): kept_by(f, held) for f, held in got.items()})
            page_says(study, page)
        given |= {(page, function): held for function, held in got.items()}
    return given


def tells(result: object, row: str) -> bool:
    """Is it a result, with rows, if it has any; is the named row told? That nothing stands out of
    what was compared is a result."""
    if isinstance(result, tuple | list):
        return any(tells(each, row) for each in result)
    if result is None or isinstance(result, CannotTell):
        return False
    frame = getattr(result, "frame", result)
    if row:
        return row in frame.index and bool(frame.loc[[row], "estimate"].notna().all())
    return not getattr(frame, "empty", False)


def untold(given, page: str, claims: tuple[str, ...]) -> list[str]:
    """The claims of which the page was given nothing that tells."""
    return [
        claim
        for claim in claims
        if not any(
            tells(result, claim.partition(": ")[2])
            for result in given.get((page, function_of(claim)), [])
        )
    ]


@pytest.mark.parametrize("question", CLAIMS)
def test_the_page_computes_a_result_that_answers_the_question(question, given):
    lacking = {page: untold(given, page, claims) for page, claims in CLAIMS[question].items()}
    assert not any(lacking.values()), lacking


def test_a_function_of_another_page_or_a_row_that_is_not_there_answers_nothing(given):
    work, card = "cxresearch.impact.work.work", "cxresearch.kpis.scorecard.scorecard"
    assert untold(given, "01", (work,)) == [work]
    assert untold(given, "02", (f"{card}: Happiness",)) == [f"{card}: Happiness"]
    assert untold(given, "02", (f"{card}: Retention",)) == []


def test_what_cannot_be_told_answers_nothing():
    assert not tells(CannotTell("who: nobody is there."), "")
    assert not tells([CannotTell("who: nobody is there.")], "")
    assert tells([CannotTell("who: nobody is there."), "a finding"], "")


def test_what_a_page_is_not_given_itself_does_not_count():
    got: list = []
    asked = kept_by(lambda: 1, got)
    assert (asked(), got) == (1, [])
    exec("asked()", {"asked": asked})
    assert got == [1]
