"""What is written takes its place at once, one run at a time; what a killed run left is cleared."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cxresearch.study import exchange
from cxresearch.study.exchange import NEW, OLD, alone, replacing

WAITS = (
    "import sys\nfrom pathlib import Path\nfrom cxresearch.study.exchange import alone\n"
    "with alone(Path(sys.argv[1])):\n    print('in', flush=True)\n    sys.stdin.read()"
)


@pytest.fixture(params=["one step", "two steps"])
def steps(request, monkeypatch):
    """Both ways to exchange two folders."""
    if request.param == "two steps":
        monkeypatch.setattr(exchange, "_swapped", lambda *_: False)


def folder_of(place: Path, text: str) -> Path:
    place.mkdir()
    (place / "file").write_text(text)
    return place


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def other_run(folder: Path) -> subprocess.Popen:
    """A run in another process that holds a folder until its input ends."""
    env = os.environ | {exchange.HELD: ""}
    return subprocess.Popen(
        [sys.executable, "-c", WAITS, str(folder)], env=env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.usefixtures("steps")
def test_a_folder_takes_the_place_of_another_and_nothing_stays_beside_it(tmp_path):
    place = folder_of(tmp_path / "place", "old")
    with replacing(place) as new:
        folder_of(new, "new")
        assert (place / "file").read_text() == "old"
    assert (place / "file").read_text() == "new"
    assert names(tmp_path) == ["place"]


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "disk full"), KeyboardInterrupt()])
def test_what_fails_on_the_way_changes_nothing(tmp_path, error):
    place = folder_of(tmp_path / "place", "old")

    def fails():
        with replacing(place) as new:
            folder_of(new, "half")
            raise error

    with pytest.raises(type(error)):
        fails()
    assert (place / "file").read_text() == "old"
    assert names(tmp_path) == ["place"]


def test_what_is_forgotten_to_be_written_takes_nobody_s_place(tmp_path):
    place = folder_of(tmp_path / "place", "old")
    with pytest.raises(FileNotFoundError), replacing(place):
        pass
    assert (place / "file").read_text() == "old"


@pytest.mark.skipif(not sys.platform.startswith(("linux", "darwin")), reason="no such call")
def test_the_system_swaps_two_folders_in_one_step(tmp_path):
    one, other = folder_of(tmp_path / "größe 1", "one"), folder_of(tmp_path / "b", "other")
    assert exchange._swapped(one, other)
    assert (one / "file").read_text() == "other"
    assert not exchange._swapped(one, tmp_path / "nothing")


def test_the_next_run_clears_what_a_killed_one_had_not_finished(tmp_path):
    folder_of(tmp_path / f"{NEW}place", "half")
    (tmp_path / f"{NEW}a.parquet").write_text("half")
    (tmp_path / ".hidden").write_text("somebody's")
    with alone(tmp_path):
        assert names(tmp_path) == [".hidden"]


def test_the_next_run_puts_back_what_a_kill_between_two_steps_took_away(tmp_path):
    folder_of(tmp_path / f"{OLD}topics", "old")
    folder_of(tmp_path / f"{NEW}topics", "new")
    folder_of(tmp_path / f"{OLD}s", "old")
    folder_of(tmp_path / "s", "new")
    with alone(tmp_path):
        assert names(tmp_path) == ["s", "topics"]
    assert (tmp_path / "topics" / "file").read_text() == "old"
    assert (tmp_path / "s" / "file").read_text() == "new"


def test_what_a_run_holds_it_holds_for_what_it_does_and_starts(tmp_path):
    with alone(tmp_path):
        (tmp_path / f"{NEW}mine").write_text("")
        with alone(tmp_path / "." / "."):
            assert names(tmp_path) == [f"{NEW}mine"]
        assert str(tmp_path.resolve()) in os.environ[exchange.HELD]
    assert str(tmp_path.resolve()) not in os.environ[exchange.HELD]


def test_of_two_runs_one_waits_and_says_so_and_touches_nothing_of_the_other(tmp_path):
    first = other_run(tmp_path)
    assert first.stdout.readline() == "in\n"
    (tmp_path / f"{NEW}s").write_text("the first's")
    second = other_run(tmp_path)
    said = second.stderr.readline()
    assert "Another run is at work in" in said
    assert str(tmp_path) in said
    assert names(tmp_path) == [f"{NEW}s"]
    first.communicate("")
    assert second.stdout.readline() == "in\n"
    second.communicate("")
    assert names(tmp_path) == []


def test_a_killed_run_holds_nothing(tmp_path):
    first = other_run(tmp_path)
    assert first.stdout.readline() == "in\n"
    first.kill()
    first.communicate()
    lock = exchange.locked(tmp_path, wait=False)
    assert lock is not None
    os.close(lock)


def test_where_folders_cannot_be_locked_runs_go_on_and_clear_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "fcntl", None)
    (tmp_path / f"{NEW}s").write_text("perhaps another's")
    with alone(tmp_path):
        assert names(tmp_path) == [f"{NEW}s"]
    with replacing(tmp_path / "a") as new:
        new.write_text("a")
    assert (tmp_path / "a").read_text() == "a"
