"""The package as a wheel: installed elsewhere, it simulates and reports from any folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ["cxresearch", "notebooks", "pyproject.toml", "setup.py", "README.md", "LICENSE"]
CLEAN = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "CXRESEARCH_STUDY")}


def run(*words: object, folder: Path) -> str:
    """What a command says on stdout; it must succeed, and sees nothing of this checkout."""
    asked = [str(word) for word in words]
    got = subprocess.run(asked, cwd=folder, env=CLEAN, capture_output=True, text=True, check=False)
    assert got.returncode == 0, got.stderr
    return got.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy of the sources, without the network."""
    folder = tmp_path_factory.mktemp("build")
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    run(*pip, "--wheel-dir", folder, folder, folder=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def command(wheel, tmp_path_factory) -> Path:
    """The command cxresearch of a fresh environment with the wheel.

    What the wheel needs is read from this environment, whose own cxresearch comes after the
    wheel's and, if it is an editable install, is not seen at all.
    """
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", scripts / "python", "install"]
    run(*pip, "--no-deps", "--no-index", wheel, folder=folder)
    site = sysconfig.get_path("purelib", vars={"base": str(folder)})
    (Path(site) / "outer.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return scripts / "cxresearch"


@pytest.fixture(scope="module")
def elsewhere(command, tmp_path_factory) -> Path:
    """A folder with nothing in it but a small simulated study."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(command, "simulate", "--customers", 150, "--seed", 3, "--to", "small", folder=folder)
    return folder


def test_the_wheel_holds_every_notebook_proof_and_file_that_modules_read(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    notebooks = {f"cxresearch/notebooks/{p.name}" for p in ROOT.glob("notebooks/*.ipynb")}
    files = {
        p.relative_to(ROOT).as_posix()
        for p in ROOT.glob("cxresearch/**/*")
        if p.is_file() and p.suffix != ".pyc"
    }
    assert len(notebooks) > 10
    assert {"cxresearch/py.typed", "cxresearch/lab/proofs/estimator_bias.csv"} <= files
    assert (notebooks | files) - held == set()


@pytest.mark.parametrize(
    ("only", "name"), [("00", "00-summary"), ("09", "09-can-the-method-be-trusted")]
)
def test_a_page_is_made_from_another_folder(command, elsewhere, only, name):
    run(command, "report", "small", "--only", only, folder=elsewhere)
    pages = elsewhere / "reports" / f"small-{only}"
    assert "answers.json" in {file.name for file in pages.iterdir()}
    page = (pages / f"{name}.html").read_text(encoding="utf-8")
    assert "the runs are not here" not in page
    assert str(ROOT) not in page
