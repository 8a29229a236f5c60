"""The runner of the estimators' bias: what it writes, and that it goes on where it was cut off."""

import pytest

from cxresearch.lab.coverage import by_estimator, read_runs
from cxresearch.lab.second_world import CAUSES as SECOND_CAUSES
from cxresearch.lab.simulate import CAUSES, WORLDS
from tests.benchmarks import estimator_bias

SMALL = estimator_bias.Trial(customers=60)
COMPANIES = [("null", 0, SMALL), ("plain", 0, SMALL), ("null", 1, SMALL)]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    file = tmp_path_factory.mktemp("bias") / "runs.csv"
    estimator_bias.run(COMPANIES, file, processes=1)
    return file


def test_a_company_has_a_row_an_estimator_with_what_was_expected(written):
    runs = read_runs(written)
    null, plain = estimator_bias.EXPECTED["null"], estimator_bias.EXPECTED["plain"]
    assert runs["name"].tolist() == 3 * estimator_bias.NAMES
    assert runs["expected"].tolist() == [*null, *plain, *null]
    assert runs["world"].tolist() == ["null"] * 15 + ["plain"] * 15 + ["null"] * 15
    assert runs["seed"].tolist() == [0] * 30 + [1] * 15


def test_a_file_cut_off_within_a_company_is_mended(written, tmp_path):
    whole = written.read_text(encoding="utf-8")
    cut = tmp_path / "cut.csv"
    cut.write_text(whole[: int(len(whole) * 0.8)], encoding="utf-8")
    estimator_bias.run(COMPANIES, cut, processes=1)
    assert cut.read_text(encoding="utf-8") == whole


def test_a_company_in_the_file_is_not_made_again(written, tmp_path):
    made = tmp_path / "made.csv"
    marked = written.read_text(encoding="utf-8").replace(",right,1.0", ",right,1.5")
    made.write_text(marked, encoding="utf-8")
    estimator_bias.run(COMPANIES, made, processes=1)
    assert made.read_text(encoding="utf-8") == marked
    assert marked != written.read_text(encoding="utf-8")


def test_a_file_cut_off_within_its_first_company_begins_anew(written, tmp_path):
    whole = written.read_text(encoding="utf-8")
    cut = tmp_path / "cut.csv"
    cut.write_text(whole[:300], encoding="utf-8")
    estimator_bias.run(COMPANIES, cut, processes=1)
    assert cut.read_text(encoding="utf-8") == whole


def test_every_world_has_an_expectation_and_at_least_thirty_companies():
    assert (
        set(estimator_bias.EXPECTED)
        == set(estimator_bias.TRIALS)
        == {*WORLDS, *estimator_bias.KINDS}
    )
    words = {"right", "too low", "too high", "flips", "cannot"}
    for world, of in estimator_bias.TRIALS.items():
        assert of.seeds >= 30
        assert of.customers >= 1500
        assert len(estimator_bias.EXPECTED[world]) == len(estimator_bias.NAMES)
        assert set(estimator_bias.EXPECTED[world]) <= words


def test_the_first_seed_of_every_world_comes_first():
    asked = estimator_bias.tasks(["plain", "null"], seeds=2)
    assert [(world, seed) for world, seed, _ in asked] == [
        ("plain", 0), ("null", 0), ("plain", 1), ("null", 1)
    ]  # fmt: skip


def test_the_committed_runs_are_whole():
    runs = read_runs()
    for world, of in estimator_bias.TRIALS.items():
        each = runs[runs["world"] == world].groupby("name")["seed"].agg(["size", "nunique", "max"])
        assert (each == [of.seeds, of.seeds, of.seeds - 1]).all(axis=None), world
        causes = SECOND_CAUSES if world in estimator_bias.KINDS else CAUSES
        assert len(each) == len(estimator_bias.NAMES) + of.causes * len(causes)


def test_the_committed_runs_say_what_was_expected():
    found = by_estimator(read_runs())
    for world, rows in found[found["kind"] == "analysis"].groupby("world"):
        assert rows["expected"].tolist() == list(estimator_bias.EXPECTED[world])
