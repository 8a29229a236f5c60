"""What is imported when: slow libraries are loaded by what uses them, and by nothing before it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cxresearch.loaders import SYSTEMS

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))
SLOW = {
    "IPython", "bertopic", "duckdb", "formulaic", "ipywidgets", "itables", "jinja2", "matplotlib",
    "nbclient", "nbformat", "openpyxl", "pandas", "plotly", "pyarrow", "rich", "scipy",
    "scipy.cluster", "scipy.optimize", "scipy.sparse", "scipy.stats", "seaborn",
    "sentence_transformers", "sklearn", "statsmodels", "torch", "typer",
}  # fmt: skip
TABLES = {"pandas", "pyarrow"}
PAGE = TABLES | {"IPython", "duckdb", "scipy", "scipy.sparse"}  # both are quick
MORE = {
    "explore": {"ipywidgets", "itables", "jinja2", "plotly"},
}
OPEN = "import cxresearch; cxresearch.open_study('data/demo')"


def loaded(code: str) -> set[str]:
    """The slow libraries that a fresh Python has after running this, in the project's folder."""
    said = f"import sys; print('loaded:', *({SLOW} & set(sys.modules)))"
    run = f"import atexit\natexit.register(lambda: exec({said!r}))\n{code}"
    ran = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=True,
                         cwd=ROOT)  # fmt: skip
    return set(re.search(r"^loaded:(.*)$", ran.stdout, re.M)[1].split())


def command(*words: str) -> str:
    return f"import sys; sys.argv = ['cxresearch', *{words}]; from cxresearch.cli import app; app()"


def first_cell(page: Path) -> str:
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    return "".join(next(cell["source"] for cell in cells if cell["cell_type"] == "code"))


@pytest.mark.parametrize(
    ("code", "may"),
    [
        ("import cxresearch", set()),
        (command("--help"), {"typer"}),
        (command("import", "--help"), {"typer"}),
        (OPEN, TABLES),
        (
            command("check", "data/demo"),
            TABLES | {"typer", "rich", "duckdb", "scipy", "scipy.sparse"},
        ),
    ],
)
def test_what_is_quick_loads_only_what_it_uses(code, may):
    assert loaded(code) <= may


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_that_begins_loads_no_model_and_draws_nothing(page):
    name = page.stem.partition("-")[0]
    assert loaded(first_cell(page)) <= PAGE | MORE.get(name, set())


def test_what_a_room_loads_is_seen():
    assert loaded("import cxresearch; cxresearch.hazards") >= TABLES
    assert "matplotlib" in loaded("import seaborn")


def test_help_names_every_help_desk():
    said = subprocess.run([sys.executable, "-m", "cxresearch.cli", "import", "--help"],
                          capture_output=True, text=True, check=True, cwd=ROOT)  # fmt: skip
    assert all(name in " ".join(said.stdout.split()) for name in SYSTEMS)
