"""The public face: about thirty names, found by Tab, each with a docstring and an example."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import cxresearch

ROOT = Path(__file__).parents[1]
FUNCTIONS = [name for name in cxresearch.__all__ if inspect.isfunction(getattr(cxresearch, name))]
SHOWN = {"cards", "finding", "peek", "say", "show", "table"}  # what they do is seen on a page


def test_the_names_are_few_and_tab_completes_them():
    assert 25 <= len(cxresearch.__all__) <= 40
    assert set(cxresearch.__all__) <= set(dir(cxresearch))


@pytest.mark.parametrize("name", sorted(cxresearch.__all__))
def test_every_name_says_what_comes_back(name):
    what = getattr(cxresearch, name)
    assert len(inspect.getdoc(what)) > 40
    if name in FUNCTIONS:
        signature = inspect.signature(what)
        assert signature.return_annotation is not inspect.Signature.empty
        hints = [p.annotation for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        assert inspect.Parameter.empty not in hints


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - SHOWN))
def test_every_function_has_an_example(name):
    assert ">>> " in inspect.getdoc(getattr(cxresearch, name))


def test_a_wrong_name_is_answered_with_the_nearest_ones():
    with pytest.raises(AttributeError, match="did you mean kaplan_meier"):
        _ = cxresearch.kaplan_maier


def test_tab_completes_without_the_slow_imports():
    slow = "{'torch', 'bertopic', 'matplotlib', 'statsmodels', 'pandas', 'IPython'}"
    code = f"import sys, cxresearch; dir(cxresearch); print(sorted({slow} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_documents_made_from_code_are_up_to_date():
    made = [sys.executable, ROOT / "docs" / "make.py", "--check"]
    ran = subprocess.run(made, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
