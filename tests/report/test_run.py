"""Notebooks are run on a study, in their folder, and say where they stopped."""

import asyncio
import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from typer.testing import CliRunner

from cxresearch.cli import app
from cxresearch.report import execute_in_place, report_study, run_notebooks, stopped
from cxresearch.report.run import numbered
from cxresearch.study.schema import InputError

SAYS = """from cxresearch.pages.show import say
say("Run.")"""
WHERE = """import os, pathlib
print(os.environ["CXRESEARCH_STUDY"], os.path.exists("00-summary.ipynb"), pathlib.Path.home())"""


@pytest.fixture
def folder(tmp_path, notebook):
    """A folder with three notebooks; the second fails in its second code cell."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    books = {
        "00-summary": ("# Summary", new_code_cell(WHERE), "text", new_code_cell(SAYS)),
        "04-fails": ("# Fails", new_code_cell("1"), new_code_cell("def f():\n    1/0\nf()")),
        "explore": ("# Explore", new_code_cell("raise SystemExit")),
    }
    for name, cells in books.items():
        nbformat.write(notebook(*cells), folder / f"{name}.ipynb")
    return folder


def test_notebooks_are_numbered_sorted_and_chosen_by_their_beginning(folder):
    assert [p.stem for p in numbered(folder)] == ["00-summary", "04-fails"]
    assert [p.stem for p in numbered(folder, "04")] == ["04-fails"]


def test_a_choice_that_fits_nothing_names_what_there_is(folder):
    with pytest.raises(InputError, match=r"begins with '07'.*00-summary, 04-fails"):
        numbered(folder, "07")


def test_a_run_sees_the_study_and_its_folder_but_shows_no_path(folder, study_folder):
    source, told = (folder / "00-summary.ipynb").read_bytes(), []
    (book,) = run_notebooks(
        [folder / "00-summary.ipynb"], study_folder, lambda *where: told.append(where)
    )
    assert book.cells[1].outputs[0].text == "nordlicht True ~\n"
    assert told == [("00-summary", 1, 2), ("00-summary", 2, 2)]
    assert "CXRESEARCH_STUDY" not in os.environ
    assert (folder / "00-summary.ipynb").read_bytes() == source


def test_a_failing_cell_is_named_with_its_error(folder, study_folder):
    with pytest.raises(InputError) as error:
        run_notebooks([folder / "04-fails.ipynb"], study_folder)
    assert str(error.value) == "04-fails, cell 2 of 2: ZeroDivisionError: division by zero"


def test_own_notebooks_see_nothing_of_each_other_and_come_back_in_order(folder, study_folder):
    for name in ("10-first", "11-second"):
        code = new_code_cell(f"print('left' in dir(), '{name}')\nimport builtins, sys\nleft = 1")
        more = new_code_cell("print(hasattr(builtins, 'left'))\nbuiltins.left = 1")
        book = nbformat.v4.new_notebook(cells=[code, more])
        nbformat.write(book, folder / f"{name}.ipynb")
    books = run_notebooks(numbered(folder, "1"), study_folder)
    said = [[cell.outputs[0].text for cell in book.cells] for book in books]
    assert said == [["False 10-first\n", "False\n"], ["False 11-second\n", "False\n"]]


def test_notebooks_of_the_package_begin_afresh_in_one_kernel(folder, study_folder, monkeypatch):
    monkeypatch.setattr("cxresearch.report.run.packaged", lambda: folder)
    for name in ("10-first", "11-second"):
        code = "import os, matplotlib.pyplot as plt\nprint('left' in dir(), plt.get_fignums())"
        cells = [new_code_cell(code), new_code_cell("left = plt.figure()\nos.getpid()")]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")
    first, second = run_notebooks(numbered(folder, "1"), study_folder)
    assert first.cells[0].outputs[0].text == second.cells[0].outputs[0].text == "False []\n"
    kernels = {book.cells[1].outputs[0].data["text/plain"] for book in (first, second)}
    assert len(kernels) == 1
    counts = [[cell.execution_count for cell in book.cells] for book in (first, second)]
    assert counts == [[1, 2], [1, 2]]
    assert second.cells[1].outputs[0].execution_count == 2


def test_the_first_that_fails_ends_the_others_and_all_stay_as_they_were(folder, study_folder):
    waits = new_code_cell("import time\ntime.sleep(600)")
    nbformat.write(nbformat.v4.new_notebook(cells=[waits]), folder / "05-waits.ipynb")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InputError, match="04-fails, cell 2 of 2"):
        execute_in_place(folder, study_folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_notebooks_run_from_within_a_loop_as_jupyter_has_one(folder, study_folder):
    async def within() -> list:
        return run_notebooks([folder / "00-summary.ipynb"], study_folder)

    (book,) = asyncio.run(within())
    assert book.cells[3].outputs[0].data["text/plain"] == "Run."


def test_running_in_place_twice_changes_nothing(folder, study_folder):
    (folder / "04-fails.ipynb").unlink()
    execute_in_place(folder, study_folder)
    once = (folder / "00-summary.ipynb").read_bytes()
    execute_in_place(folder, study_folder)
    assert (folder / "00-summary.ipynb").read_bytes() == once
    book = nbformat.reads(once.decode(), as_version=4)
    assert book.cells[3].outputs[0].data["text/plain"] == "Run."
    assert all(cell.metadata == {} for cell in book.cells)


def test_a_part_of_the_story_gets_a_report_of_its_own(folder, study_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    index = report_study(study_folder, folder, only="00")
    assert index.parent.resolve() == tmp_path / "reports" / "nordlicht-00"
    assert "Run." in index.read_text(encoding="utf-8")
    assert [f.name for f in index.parent.glob("[0-9]*")] == ["00-summary.html"]


def test_a_folder_that_is_not_a_report_is_refused_before_anything_runs(folder, study_folder):
    told = []
    with pytest.raises(InputError, match="not part of a report"):
        report_study(study_folder, folder, folder, progress=lambda *where: told.append(where))
    assert told == []


def test_a_notebook_that_fails_becomes_a_page_that_says_so_and_costs_no_other(
    folder, study_folder, tmp_path, caplog
):
    index = report_study(study_folder, folder, tmp_path / "r")
    assert stopped(index) == ["04-fails, cell 2 of 2: ZeroDivisionError"]
    page = (tmp_path / "r" / "04-fails.html").read_text(encoding="utf-8")
    assert "this page is not complete" in page
    assert "ZeroDivisionError" in page
    assert "division by zero" not in page  # what an error says may quote a customer
    assert "division by zero" in caplog.text
    assert "Run." in (tmp_path / "r" / "00-summary.html").read_text(encoding="utf-8")
    assert "04-fails.html" in index.read_text(encoding="utf-8")


def test_a_page_that_stopped_says_nothing_of_the_study_that_it_was_last_run_on(
    folder, study_folder, notebook
):
    fails, later = new_code_cell("1 / 0"), new_code_cell("'of this study'")
    later.outputs = [nbformat.v4.new_output("stream", text="19 of 3,306 customers")]
    nbformat.write(notebook("# Stops", fails, later), folder / "03-stops.ipynb")
    (book,) = run_notebooks([folder / "03-stops.ipynb"], study_folder, go_on=True)
    assert "3,306" not in nbformat.writes(book)


def test_after_a_kernel_that_died_the_next_notebook_has_another(folder, study_folder, notebook):
    dies = notebook("# Dies", new_code_cell("import os\nos._exit(1)"))
    nbformat.write(dies, folder / "03-dies.ipynb")
    paths = [folder / f"{name}.ipynb" for name in ("03-dies", "00-summary")]
    dead, whole = run_notebooks(paths, study_folder, go_on=True)
    assert "the kernel stopped" in dead.metadata["cxresearch"]["failed"]
    assert whole.cells[1].outputs


def test_the_command_ends_with_1_where_a_page_is_not_complete(folder, study_folder, tmp_path):
    words = ["report", str(study_folder), "--notebooks", str(folder), "--to", str(tmp_path / "r")]
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 1
    assert "not complete: 04-fails, cell 2 of 2: ZeroDivisionError" in ran.output
