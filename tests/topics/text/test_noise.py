"""Topics of a noisy copy of Banking77 are found again once it is scrubbed."""

from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from cxresearch.topics.embed import embed
from cxresearch.topics.graph import SharedNeighbourTopics
from tests.topics.text.noise import noisy
from tests.topics.text.scrubbed import scrubbed

BANKING = Path(__file__).parents[3] / ".." / "shared" / "data" / "banking77" / "train.csv"
TEXTS, TOPICS = 1500, 60


@pytest.fixture(scope="module")
def queries() -> pd.DataFrame:
    if not BANKING.exists():
        pytest.skip("../shared/data/banking77 is not there")
    found = pd.read_csv(BANKING).sample(TEXTS, random_state=0, ignore_index=True)
    return found.assign(noisy=[noisy(text, seed) for seed, text in found["text"].items()])


def test_scrubbing_gives_back_the_topics_that_noise_took(queries, tmp_path):
    def agreement(texts) -> float:
        vectors = embed(list(texts), cache=tmp_path)
        found = SharedNeighbourTopics(TOPICS).fit(vectors).labels_
        return adjusted_rand_score(queries["category"], found)

    clean = agreement(queries["text"])
    assert clean > 0.4
    assert agreement(scrubbed(queries["noisy"])) >= 0.93 * clean


def test_most_noise_is_gone_to_the_letter(queries):
    same = [
        a == b for a, b in zip(scrubbed(queries["noisy"]), scrubbed(queries["text"]), strict=True)
    ]
    assert sum(same) / len(same) > 0.6
