"""Whole runs that are killed, or that cannot write: before or after, never between; a sentence."""

import ctypes
import resource
import sys
import tempfile

import numpy as np
import pytest

from tests.benchmarks import killed
from tests.benchmarks.killed import COMMANDS, IMPORT, REPORT, ended, forked, leftovers, state

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks, limits")
DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2  # what lets root write where it may not


def little_room() -> None:
    """No file may be longer than this from here on: writing fails as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))


def bound_by_modes() -> None:
    """Takes from root what lets it write into folders that are read-only."""
    head, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    system = ctypes.CDLL(None)
    system.capget(head, sets)
    sets[0] &= ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH)
    system.capset(head, sets)


def nowhere_to_go() -> None:
    """No folder for temporary files is there."""
    tempfile.tempdir = None
    tempfile._candidate_tempdir_list = lambda: ["/nowhere"]


@pytest.fixture
def ready(tmp_path):
    """A folder in which an import can be run."""
    return killed.prepared(IMPORT, tmp_path / "here")


def says(words, folder, first) -> str:
    """The sentence that a run in a process of its own ends with, with exit code 2."""
    (folder / "log").unlink(missing_ok=True)
    assert ended(forked(words, folder, first=first)) == 2
    said = (folder / "log").read_text(encoding="utf-8").splitlines()[-1]
    assert said.startswith("cxresearch: ")
    return said


@pytest.mark.parametrize("name", ["import", "simulate"])
def test_a_killed_run_leaves_what_was_there_or_all_and_the_next_makes_it_up(tmp_path, name):
    command = COMMANDS[name]
    start = killed.prepared(command, tmp_path / "start")
    whole, steps, _ = killed.undisturbed(command, start, tmp_path / "whole")
    for step in np.random.default_rng().integers(steps // 2, steps, 2).tolist():
        row = killed.a_kill(command, start, tmp_path / "run", whole, step)
        assert row["killed"], row
        assert row["found"] in ("before", "after"), row
        assert row["completed"], row
        assert row["same"], row
        assert row["left"] == 0, row


def test_on_a_full_disk_an_import_is_a_sentence_and_nothing_is_there(ready):
    assert "z cannot be written: " in says(IMPORT.words, ready, little_room)
    assert state(ready, "z") == {}
    assert leftovers(ready) == 0


def test_a_folder_that_is_read_only_is_a_sentence(ready):
    ready.chmod(0o555)
    log = ready / "log"
    log.touch()
    assert ended(forked(IMPORT.words, ready, first=bound_by_modes)) == 2
    assert log.read_text() == "cxresearch: z cannot be written: Permission denied.\n"
    ready.chmod(0o755)
    assert leftovers(ready) == 0


def test_without_a_folder_for_temporary_files_an_import_is_a_sentence(ready):
    assert "No usable temporary directory" in says(IMPORT.words, ready, nowhere_to_go)
    assert state(ready, "z") == {}


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    """A folder with a study, its topics and an older report."""
    killed.warmed()
    return killed.prepared(REPORT, tmp_path_factory.mktemp("studied") / "here")


@pytest.mark.parametrize(
    ("words", "place"),
    [(("topics", "s", "--refit", "--accept"), "s/topics"), (REPORT.words, "reports/s")],
)
def test_on_a_full_disk_topics_and_report_stay_as_they_were(studied, words, place):
    before = state(studied, "s"), state(studied, "reports/s")
    assert f"cxresearch: {place} cannot be used: " in says(words, studied, little_room)
    assert (state(studied, "s"), state(studied, "reports/s")) == before
    assert leftovers(studied) == 0


def test_a_study_that_is_read_only_can_be_reported_to_another_place(studied):
    (studied / "s").chmod(0o555)
    words = (*REPORT.words, "--to", "elsewhere")
    assert ended(forked(words, studied, first=bound_by_modes)) == 0
    (studied / "s").chmod(0o755)
    assert (studied / "elsewhere" / "index.html").exists()


def test_topics_of_a_study_that_is_read_only_are_a_sentence(studied):
    before = state(studied, "s")
    (studied / "s").chmod(0o555)
    assert "Permission denied" in says(
        ("topics", "s", "--refit", "--accept"), studied, bound_by_modes
    )
    (studied / "s").chmod(0o755)
    assert state(studied, "s") == before
