"""The committed demo is what its own command makes, value for value."""

import json
from pathlib import Path

import pandas as pd
import pytest

from cxresearch.lab.simulate import write_world
from cxresearch.study.settings import read_settings

DEMO = Path(__file__).parents[3] / "data" / "demo"
MADE_LATER = {"ticket_causes", "voice_topics"}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Path:
    command = read_settings(DEMO / "study.toml").source.split()
    folder = tmp_path_factory.mktemp("made") / "demo"
    write_world(folder, int(command[3]), int(command[5]))
    return folder


def test_every_table_of_the_demo_is_made_again(fresh):
    names = {file.stem for file in DEMO.glob("*.parquet")} - MADE_LATER
    assert names == {file.stem for file in fresh.glob("*.parquet")}
    for name in names:
        pd.testing.assert_frame_equal(
            pd.read_parquet(fresh / f"{name}.parquet"), pd.read_parquet(DEMO / f"{name}.parquet")
        )


def test_the_demo_s_truth_is_made_again(fresh):
    made, kept = (json.loads((f / "truth.json").read_text("utf-8")) for f in (fresh, DEMO))
    assert made == kept


def test_the_demo_is_small_and_holds_no_truth_in_its_tables():
    assert sum(file.stat().st_size for file in DEMO.rglob("*")) < 5_000_000
    columns = set().union(*(pd.read_parquet(f).columns for f in DEMO.glob("ticket*.parquet")))
    assert not columns & {"true_cause", "clause", "clauses", "causes"}
