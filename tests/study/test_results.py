"""What a result shows of itself: escaped once, and never more than it says."""

import importlib
import pkgutil
from dataclasses import dataclass

import pandas as pd
import pytest

import cxresearch
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import MOST, Result


@dataclass(frozen=True, eq=False)
class Told(Result):
    """A result that says one sentence."""

    text: Finding

    def said(self, row: str = "") -> Finding:
        return self.text


def test_hostile_words_are_escaped_once():
    hostile = "<img src=x> & R*D"
    told = Told(pd.DataFrame({"a": [hostile]}), finding("**Beware** of {x}.", x=hostile))
    assert told._repr_html_().startswith("<p>Beware of &lt;img src=x&gt; &amp; R*D.</p><table")
    assert "<img" not in told._repr_html_()


def test_of_many_rows_the_first_are_shown_and_the_rest_counted():
    page = Result(pd.DataFrame({"a": range(MOST + 3)}))._repr_html_()
    assert page.count("<tr>") == MOST + 1
    assert "3 further rows are not shown." in page


def test_a_result_without_a_sentence_is_its_table():
    assert Result(pd.DataFrame({"a": [1]}))._repr_html_().startswith("<table")
    assert isinstance(Result(pd.DataFrame()).plot(), CannotTell)


def every_result() -> list[type]:
    """All classes of results in the package."""
    for module in pkgutil.walk_packages(cxresearch.__path__, "cxresearch."):
        if ".notebooks" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    def below(cls: type) -> list[type]:
        return [cls, *(each for sub in cls.__subclasses__() for each in below(sub))]

    return [cls for cls in below(Result) if cls.__module__.startswith("cxresearch")]


@pytest.mark.parametrize("cls", every_result(), ids=lambda cls: cls.__name__)
def test_a_result_is_frozen_compared_by_identity_and_documented(cls):
    assert cls.__dataclass_params__.frozen
    assert cls.__eq__ is object.__eq__
    assert not cls.__doc__.startswith(f"{cls.__name__}(")
