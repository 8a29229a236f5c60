"""How many topics texts hold, on clouds of points."""

from pathlib import Path

import pandas as pd
import pytest

from cxresearch.topics.embed import embed
from cxresearch.topics.graph import SharedNeighbourTopics
from cxresearch.topics.how_many import stability_by_number, stable_number
from tests.topics.test_graph import clouds

BANKING = Path(__file__).parents[3] / "shared/data/banking77/train.csv"


@pytest.fixture(autouse=True)
def two_samples(monkeypatch):
    """Fewer fits than in earnest, for the clouds are plain."""
    monkeypatch.setattr("cxresearch.topics.how_many.SAMPLES", 2)
    monkeypatch.setattr("cxresearch.topics.how_many.PARTS", 3)


def plateau(*sizes: int, spread: float = 0.25) -> pd.Series:
    """The numbers of topics that come back best, least and most, and the one that is taken."""
    table = stability_by_number(clouds([*sizes], spread)[0], seed=1)
    good = table.loc[table["plateau"], "topics"]
    return pd.Series({"least": good.min(), "most": good.max(), "taken": stable_number(table)})


@pytest.mark.parametrize("groups", [4, 9])
def test_the_number_of_planted_groups_comes_back_best(groups):
    found = plateau(*[50] * groups)
    assert found["least"] <= groups <= found["most"]
    assert found["taken"] == groups


def test_in_one_cloud_no_number_stands_out():
    assert stable_number(stability_by_number(clouds([300], spread=5.0)[0], seed=1)) is None


def test_the_table_has_a_row_for_each_resolution():
    table = stability_by_number(clouds([50] * 4)[0], seed=1)
    assert table.columns.tolist() == ["resolution", "topics", "agreement", "plateau"]
    assert table["resolution"].is_monotonic_increasing
    assert table["agreement"].between(-0.1, 1).all()
    assert table.loc[table["plateau"], "topics"].min() >= 3


def test_the_number_is_the_middle_of_the_plateau_on_a_scale_of_ratios():
    table = pd.DataFrame({"topics": [3, 4, 9, 20], "agreement": [0.6, 0.8, 0.8, 0.7],
                          "plateau": [False, True, True, False]})  # fmt: skip
    assert stable_number(table) == 6
    assert stable_number(table.assign(agreement=0.69)) is None
    assert stable_number(table.assign(plateau=False)) is None


def test_the_same_seed_gives_the_same_table():
    vectors = clouds([50] * 4)[0]
    once, again = stability_by_number(vectors, seed=3), stability_by_number(vectors, seed=3)
    pd.testing.assert_frame_equal(once, again)


def test_without_a_target_the_texts_own_number_is_aimed_for():
    model = SharedNeighbourTopics().fit(clouds([50] * 9)[0])
    assert model.labels_.max() + 1 == 9
    assert model.by_number_ is not None
    assert SharedNeighbourTopics(target_topics=3).fit(clouds([50] * 9)[0]).by_number_ is None


@pytest.mark.parametrize("target", [2, 4, 9, 15, 30])
def test_a_target_is_met_within_a_tenth(target):
    found = SharedNeighbourTopics(target).fit(clouds([60] * 15, 0.3)[0]).labels_.max() + 1
    assert abs(found - target) <= 0.1 * target


@pytest.mark.skipif(
    not BANKING.exists(), reason="Banking77 is not beside the project (../shared/data)"
)
def test_a_target_is_met_within_a_tenth_among_real_queries():
    vectors = embed(pd.read_csv(BANKING).sample(1500, random_state=1)["text"].tolist())
    for target in (5, 12, 25, 60, 90):
        found = SharedNeighbourTopics(target).fit(vectors).labels_.max() + 1
        assert abs(found - target) <= 0.1 * target, target
