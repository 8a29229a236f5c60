"""Whatever happens to a file that is kept is noticed; each kind once."""

import numpy as np
import pandas as pd
import pytest

from tests.benchmarks.corruption import BYTES, FILE, ROWS, contents, of_cache, of_study, small_study


@pytest.mark.parametrize("kind", [*BYTES, *ROWS])
def test_a_damaged_file_of_the_cache_is_made_again_and_one_line_says_so(tmp_path, kind):
    row = of_cache(kind, (BYTES | ROWS)[kind], np.random.default_rng(1), tmp_path)
    assert row == {"what": "vectors", "kind": kind, "noticed": True, "right": True, "off": 0}


@pytest.mark.parametrize("what", ["topics", "ticket_causes"])
@pytest.mark.parametrize("kind", BYTES)
def test_damaged_topics_and_causes_are_refused_with_the_command_that_mends(tmp_path, what, kind):
    row = of_study(kind, BYTES[kind], np.random.default_rng(1), tmp_path, what)
    assert row["right"]
    assert row["noticed"] or (what, kind) == ("ticket_causes", "another's bytes")  # made again


def test_a_study_of_an_older_version_has_no_checksums_and_is_read(tmp_path):
    study = small_study(tmp_path / "s")
    before = contents(study)
    (study.path / "topics" / "SHA256SUMS").unlink()
    pd.read_parquet(file := study.path / "ticket_causes.parquet").to_parquet(file)
    assert contents(study) == before


def test_the_table_says_that_all_damages_of_the_cache_were_noticed():
    rows = pd.read_csv(FILE)
    vectors = rows[rows["what"] == "vectors"]
    assert (len(vectors), vectors["noticed"].sum(), vectors["right"].sum()) == (60, 60, 60)
    assert rows["right"].all()
