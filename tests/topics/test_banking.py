"""Topics of real queries with human intents: words that differ, tickets that stay put."""

from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from cxresearch.topics.fit import fit_topics
from cxresearch.topics.title_runs import LONGEST
from tests.topics.titles import titles_that_nobody_wrote

BANKING = Path(__file__).parents[3] / "shared/data/banking77/train.csv"
pytestmark = pytest.mark.skipif(
    not BANKING.exists(), reason="Banking77 is not beside the project (../shared/data)"
)


@pytest.fixture(scope="module")
def queries():
    return pd.read_csv(BANKING).sample(1500, random_state=1)


@pytest.fixture(scope="module")
def model(queries):
    return fit_topics(queries["text"], target_topics=60)


def test_words_of_different_topics_differ(model):
    words = [word for topic in model.bertopic.get_topics().values() for word, _ in topic[:10]]
    assert len(set(words)) / len(words) >= 0.45


def test_topics_agree_with_human_intents_and_leave_no_query_out(queries, model):
    assert (model.labels < 0).mean() < 0.01
    assert adjusted_rand_score(queries["category"], model.labels) > 0.4


def test_a_fitted_query_is_assigned_its_own_topic(queries, model):
    read = model.labels >= 0
    assert (model.assign(queries["text"][read]) == model.labels[read]).all()


def test_every_title_is_a_run_of_at_most_seven_words_of_a_query_of_its_topic(queries, model):
    assert titles_that_nobody_wrote(queries["text"], model) == []
    assert model.names().is_unique
    assert model.names().str.split().str.len().max() <= LONGEST
