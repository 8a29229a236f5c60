"""Parquet files as text: what cannot be one is named with its column."""

import contextlib

import pyarrow as pa
import pytest

from cxresearch.loaders.reading import parquet
from cxresearch.loaders.reading.files import File
from cxresearch.study.schema import InputError
from tests.loaders.odd_files import parquet as made


@pytest.fixture
def read(tmp_path):
    """Reads a file of these bytes: its columns as lists."""

    def write(content):
        (tmp_path / "t.parquet").write_bytes(content)
        file = File("t.parquet", tmp_path / "t.parquet")
        assert parquet.names(file)
        parts = list(parquet.columns(file))
        return [[v for part in parts for v in part[i].to_pylist()] for i in range(len(parts[0]))]

    return write


def test_words_that_repeat_are_written_out_in_their_rows(read, monkeypatch):
    monkeypatch.setattr(parquet, "LETTERS", 100)
    words = ["open" * 10, "solved", None] * 20
    large = pa.array(words, pa.large_string())
    assert read(made({"a": words, "n": list(range(60)), "large": large})) == [
        words, [str(n) for n in range(60)], words,
    ]  # fmt: skip


def test_damage_is_a_sentence_wherever_it_lies(read):
    sound = made({"id": ["1", "2"] * 99, "n": [1, None] * 99})
    for at in range(4, len(sound), 7):
        with pytest.raises(InputError, match=r"^t\.parquet"):
            read(sound[:at])
        with contextlib.suppress(InputError):
            read(sound[:at] + b"\xff\xff\xff" + sound[at + 3 :])


def test_a_column_that_is_no_text_is_named(read):
    days = pa.array([2**62], pa.timestamp("ms"))
    with pytest.raises(InputError, match=r"t\.parquet: column when holds timestamp\[ms\], which"):
        read(made({"id": ["1"], "when": days}))


def test_a_footer_of_many_megabytes_is_said(read, monkeypatch):
    monkeypatch.setattr(parquet, "CONTENTS", 100)
    with pytest.raises(InputError, match="bytes to name its columns"):
        read(made({"id": ["1"]}))
