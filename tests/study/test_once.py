"""What is made of a study is made once, and anew as soon as anything it rests on is another."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxresearch
from cxresearch.study import once as module
from cxresearch.study import sources
from cxresearch.study.as_parquet import NotKeptError, read, written
from cxresearch.study.once import once
from cxresearch.study.shelf import Shelf
from cxresearch.study.study import open_study

MADE: list[str] = []


@once
def per_customer(study, least=0):
    """Reads tickets, whether there are surveys, one setting and one file."""
    MADE.append("per_customer")
    counts = study.tickets["requester_id"].value_counts().rename_axis("who").reset_index(name="n")
    day = study.settings.unresolved_after_days
    words = study.file("causes.toml").exists()
    return counts[counts["n"] > least].assign(day=day, surveys=study.has("surveys"), words=words)


@once
def most(study):
    """Rests on what per_customer read."""
    MADE.append("most")
    return per_customer(study).nlargest(1, "n").reset_index(drop=True)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A study folder with an empty cache."""
    monkeypatch.setenv("CXRESEARCH_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "study.toml").write_text(
        'name = "mine"\nobserved_until = "2026-02-01T00:00:00Z"\nunresolved_after_days = 7.0\n'
    )
    day = pd.Timestamp("2026-01-01", tz="UTC")
    tickets = {"ticket_id": [str(i) for i in range(60)], "created_at": day, "status": "open"}
    tickets |= {"requester_id": [str(i % 7) for i in range(60)], "product": "web"}
    pd.DataFrame(tickets | {"dq_flags": [[]] * 60}).to_parquet(folder / "tickets.parquet")
    customers = {"customer_id": ["1", "2"], "started_at": day, "observed_until": day}
    pd.DataFrame(customers).to_parquet(folder / "customers.parquet")
    MADE.clear()
    return folder


def made(study, make=most, *options) -> list[str]:
    """What is made when this is asked for."""
    MADE.clear()
    make(study, *options)
    return list(MADE)


def test_it_is_made_once_for_the_process_and_for_the_next(folder):
    study = open_study(folder)
    assert made(study) == ["most", "per_customer"]
    assert made(study) == []
    assert made(open_study(folder)) == []  # from disk
    assert made(open_study(folder), per_customer) == []
    assert made(study, per_customer, 1) == ["per_customer"]  # another variant


def test_what_comes_from_disk_is_what_was_made(folder):
    first, second = per_customer(open_study(folder)), per_customer(open_study(folder))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert made(open_study(folder), per_customer) == []


def edit_tickets(folder):
    tickets = pd.read_parquet(folder / "tickets.parquet")
    tickets.iloc[1:].to_parquet(folder / "tickets.parquet")


def edit_setting(folder):
    file = folder / "study.toml"
    file.write_text(file.read_text().replace("7.0", "99.0"))


def edit_file(folder):
    (folder / "causes.toml").write_text("other words")


def add_surveys(folder):
    pd.DataFrame({"survey_id": ["1"], "kind": ["csat"]}).to_parquet(folder / "surveys.parquet")


@pytest.mark.parametrize("edit", [edit_tickets, edit_setting, edit_file, add_surveys])
def test_an_edit_of_what_it_read_makes_it_anew(folder, edit):
    before = per_customer(open_study(folder))
    assert made(open_study(folder)) == ["most"]
    edit(folder)
    assert made(open_study(folder)) == ["most", "per_customer"]
    assert not per_customer(open_study(folder)).equals(before)
    assert made(open_study(folder)) == []


def test_an_edit_of_what_it_did_not_read_changes_nothing(folder):
    made(open_study(folder))
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace("mine", "x"))
    (folder / "new.txt").write_text("new")
    assert made(open_study(folder)) == []


def test_other_settings_of_the_same_study_find_what_does_not_depend_on_them(folder):
    study = open_study(folder)
    made(study)
    assert made(study.with_settings(name="other")) == []
    assert made(study.with_settings(unresolved_after_days=3)) == ["most", "per_customer"]
    assert made(study) == []


def test_a_frame_put_in_memory_is_another(folder):
    study = open_study(folder)
    made(study)
    study.put("tickets", study.tickets.iloc[1:])
    assert made(study) == ["most", "per_customer"]
    assert made(open_study(folder)) == []  # the file is as it was


def test_what_is_handed_out_cannot_be_changed_for_others(folder):
    study = open_study(folder)
    held = per_customer(study)
    held["n"] = 0
    held.loc[:, "day"] = -1
    assert per_customer(study)["n"].min() > 0
    assert per_customer(study)["day"].min() > 0
    tickets = study.tickets
    tickets["status"] = "gone"
    tickets.loc[:, "product"] = "gone"
    assert not study.tickets.isin(["gone"]).any(axis=None)


def test_what_fails_is_not_kept(folder):
    @once
    def fails(study):
        MADE.append("fails")
        raise cxresearch.InputError("no")

    for _ in range(2):
        with pytest.raises(cxresearch.InputError):
            fails(open_study(folder))
    assert MADE == ["fails", "fails"]
    assert module._making == []


def test_a_part_is_made_anew_when_the_whole_is_another(folder):
    study = open_study(folder)
    part = study.where(product="web")

    @once
    def of_the_whole(study):
        MADE.append("whole")
        return study.whole.tickets[["ticket_id"]]

    assert made(part, of_the_whole) == ["whole"]
    assert made(part, of_the_whole) == []
    study.put("tickets", study.tickets.iloc[1:])
    assert made(part, of_the_whole) == ["whole"]


EDITED = """
import sys; sys.path.insert(0, {package!r})
from cxresearch.study.study import open_study
from cxresearch.episodes import lives
import logging; logging.basicConfig(level="DEBUG", stream=sys.stdout)
lives.customer_lives(open_study({study!r}))
"""


def test_an_edit_of_its_maker_makes_it_anew(folder, tmp_path):
    package = tmp_path / "code" / "cxresearch"
    shutil.copytree(Path(cxresearch.__file__).parent, package)
    code = EDITED.format(package=str(package.parent), study=str(folder))

    def makes() -> bool:
        run = [sys.executable, "-c", code]
        said = subprocess.run(run, capture_output=True, text=True, check=True, cwd=tmp_path)
        return "made: cxresearch.episodes.lives.customer_lives" in said.stdout

    assert makes()
    assert not makes()
    below = package / "study" / "words.py"  # the maker's room uses the room that this is in
    below.write_text(below.read_text() + "\n# edited\n")
    assert makes()
    above = package / "impact" / "fixes.py"
    above.write_text(above.read_text() + "\n# edited\n")
    assert not makes()


def test_a_room_that_is_used_is_followed_however_it_is_imported(tmp_path, monkeypatch):
    lines = {"a": "from cxresearch import b, c", "b": "import cxresearch.d.z", "c": "", "d": "",
             "e": "from cxresearch.a import x"}  # fmt: skip
    for room, line in lines.items():
        (tmp_path / "cxresearch" / room).mkdir(parents=True)
        (tmp_path / "cxresearch" / room / "x.py").write_text(line)
    monkeypatch.setattr(sources, "PACKAGE", tmp_path / "cxresearch")
    files = sources._files(tmp_path / "cxresearch" / "a" / "x.py")
    assert {file.parent.name for file in files} == {"a", "b", "c", "d"}


@dataclass(frozen=True)
class Foreign:
    """No dataclass of the package."""

    x: int = 1


@pytest.mark.parametrize("value", [object(), Foreign(), lambda: 1, {"x": {1j}}])
def test_what_would_not_come_back_is_not_kept(value):
    with pytest.raises(NotKeptError):
        written(value, {})


def test_a_frame_that_would_come_back_as_another_is_not_kept():
    with pytest.raises(NotKeptError):
        written(pd.DataFrame({"x": [(1, 2), (3,)]}), {})


def test_values_come_back_to_the_last_bit():
    rows = pd.DataFrame(
        {"a": [1.5, np.nan], "b": pd.array([1, None], "Int64"), "c": ["x", None]},
        index=pd.Index(["p", "q"], name="who"),
    )
    rows["s"] = pd.arrays.SparseArray([0.0, 0.1], fill_value=0.0)
    time = pd.Timestamp("2026-01-01 10:00", tz="Europe/Madrid")
    value = {"rows": rows, "more": (None, True, 0.1 + 0.2, time, rows["b"], frozenset({"x"}))}
    value["array"] = np.asfortranarray(np.arange(6.0).reshape(2, 3) / 7)
    back, told = read(written(value, {"key": "k"}))
    assert told == {"key": "k"}
    pd.testing.assert_frame_equal(back["rows"], rows, check_exact=True)
    assert back["more"][:4] == value["more"][:4]
    assert back["more"][5] == frozenset({"x"})
    pd.testing.assert_series_equal(back["more"][4], rows["b"])
    np.testing.assert_array_equal(back["array"], value["array"])
    assert back["array"].flags.f_contiguous


def corrupted(content: bytes, how: str) -> bytes:
    middle = len(content) // 2
    return {
        "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "short": content[:middle],
        "empty": b"",
        "long": content + b"\0",
    }[how]


@pytest.mark.parametrize("how", ["flipped", "short", "empty", "long"])
def test_a_damaged_file_is_noticed_said_once_and_made_again(folder, how, caplog):
    made(open_study(folder), per_customer)
    (file,) = Shelf(folder).folder.glob("*.parquet")
    file.write_bytes(corrupted(file.read_bytes(), how))
    assert made(open_study(folder), per_customer) == ["per_customer"]
    assert caplog.messages == [f"{file} is damaged: what it held is made again."]
    assert made(open_study(folder), per_customer) == []


def test_a_file_under_anothers_name_is_not_believed(folder):
    made(open_study(folder), per_customer)
    made(open_study(folder), per_customer, 1)
    first, second = sorted(Shelf(folder).folder.glob("*.parquet"))
    key, content = second.name.partition(".")[0], first.name.partition(".")[2]
    first.rename(first.with_name(f"{key}.{content}"))
    second.unlink()
    made_of = [made(open_study(folder), per_customer, least) for least in (0, 1)]
    assert made_of == [["per_customer"], ["per_customer"]]


def test_a_cache_that_cannot_be_written_keeps_nothing_and_hurts_nobody(folder, monkeypatch):
    monkeypatch.setenv("CXRESEARCH_CACHE", str(folder / "study.toml"))
    assert made(open_study(folder), per_customer) == ["per_customer"]
    assert made(open_study(folder), per_customer) == ["per_customer"]


def test_what_was_not_used_for_longest_goes_where_it_is_too_much(folder, monkeypatch):
    made(open_study(folder), per_customer)
    one = Shelf(folder).size()[1]
    monkeypatch.setattr("cxresearch.study.shelf.LIMIT", int(2.5 * one))
    for least in range(-5, 0):
        made(open_study(folder), per_customer, least)
    assert Shelf(folder).size()[0] == 2
    assert made(open_study(folder), per_customer, -1) == []
    assert made(open_study(folder), per_customer) == ["per_customer"]


def test_what_is_kept_is_for_its_user_alone_and_can_be_cleared(folder):
    made(open_study(folder))
    shelf = Shelf(folder)
    assert shelf.folder.stat().st_mode & 0o077 == 0
    assert shelf.size()[0] == 2
    shelf.clear()
    assert shelf.size() == (0, 0)
