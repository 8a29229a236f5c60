"""The plumbing of the topic benchmarks, on small made-up texts; not their numbers."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.benchmarks import topic_quality as quality
from tests.benchmarks import topic_scale as scale
from tests.benchmarks.topic_words import diversity, npmi, telling, word_counts

ROOT = Path(__file__).parents[2]
TEXTS = ["card lost abroad", "card lost today", "refund wanted now", "refund wanted again"] * 5
LABEL = np.tile([0, 0, 1, 1], 5)


def found(labels, seconds=1.0):
    return quality.Found(("arm", 2), np.asarray(labels), seconds)


def test_outliers_are_no_topic_but_count_as_a_group():
    row = quality.agreement([found([0, 0, 1, -1]), found([0, 0, 1, 1], 3.0)], [], [0, 0, 1, 1])
    assert (row["topics"], row["outliers"]) == (2, 0.125)
    assert row["ari"] == pytest.approx((0.571429 + 1) / 2, abs=1e-6)
    assert row["between_seeds"] == pytest.approx(0.571429, abs=1e-6)
    assert (row["cpu_first"], row["cpu_again"]) == (1, 3)
    assert np.isnan(row["under_noise"])


def test_noise_moves_vectors_by_a_millionth_and_keeps_their_length():
    X = np.eye(400, dtype=np.float32)
    moved = quality.shaken(X, 0)
    assert 0.5e-6 < np.std(moved - X) < 1.5e-6
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-6)


def test_words_that_stand_together_are_coherent_and_those_of_two_topics_differ():
    counts = word_counts(TEXTS)
    top = telling(LABEL, counts)
    assert npmi([words[:2] for words in top], counts) == pytest.approx(1)
    assert npmi([np.array([top[0][0], top[1][0]])], counts) == -1
    assert (diversity(top), diversity([["a", "b"], ["b", "c"]])) == (1, 0.75)


def test_an_arm_has_a_row_a_number_of_topics():
    X = np.eye(4, dtype=np.float32)[np.tile(np.arange(4), 5)]
    rows = pd.DataFrame(quality.measured("KMeans", TEXTS, LABEL, X, [2, 4]))
    assert rows[["arm", "target", "topics"]].values.tolist() == [["KMeans", 2, 2], ["KMeans", 4, 4]]
    assert rows["between_seeds"].iloc[1] == 1
    assert (rows["mb_highest"] >= rows["mb_before"]).all()


def test_a_run_goes_on_where_it_was_cut_off(tmp_path, monkeypatch):
    asked = []

    def one_row(module, arm, folder, *ks):
        asked.append((arm, *ks))
        return [{"texts": 4, "arm": arm, "target": 60, "topics": 58.2}]

    monkeypatch.setattr(quality, "on_one_core", one_row)
    monkeypatch.setattr(quality, "embed", lambda texts, progress: np.eye(len(texts)))
    table = pd.DataFrame({"text": TEXTS, "label": LABEL})
    monkeypatch.setattr(quality, "CASES", {"small": (lambda data: table, [60])})
    file = tmp_path / "table.csv"
    quality.run(tmp_path, file, ["small"])
    whole = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(whole[:3]), encoding="utf-8")
    quality.run(tmp_path, file, ["small"])
    assert asked == [("ours", "60"), ("KMeans", "58"), ("stock", "58"), ("stock", "58")]
    assert file.read_text(encoding="utf-8").splitlines(keepends=True) == whole


STAGE = """
import numpy as np
from tests.benchmarks import topic_scale
clock = topic_scale.Clock()
assert clock("fill", np.ones, 4_000_000).sum() == 4_000_000
(row,) = clock.rows
assert row["mb_highest"] - row["mb_before"] > 20, row
assert row["cpu_seconds"] >= 0
"""


def test_a_stage_has_its_seconds_and_its_memory():
    """In a process of its own: in one that has held more before, no stage is its highest."""
    subprocess.run([sys.executable, "-c", STAGE], cwd=ROOT, check=True)


def test_texts_that_are_missing_are_simulated(tmp_path):
    texts = scale.pool(tmp_path / "absent", 30)
    assert len(set(texts)) == 30
    assert texts == scale.pool(tmp_path / "absent", 30)
