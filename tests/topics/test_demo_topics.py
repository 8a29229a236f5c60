"""The committed topics of the demo come back when they are fitted anew on this machine."""

from pathlib import Path

import pytest
from sklearn.metrics import adjusted_rand_score

from cxresearch import open_study
from cxresearch.topics.causes.refit import told_tickets
from cxresearch.topics.fit import fit_topics
from cxresearch.topics.text import joined_text, served
from cxresearch.topics.topic_model import load_topics

DEMO = Path(__file__).parents[2] / "data" / "demo"


@pytest.fixture(scope="module")
def kept():
    return load_topics(DEMO / "topics")


def test_every_ticket_of_the_demo_has_its_shares(kept):
    told = kept.labels >= 0
    assert kept.weights[told].sum(axis=1) == pytest.approx(1)
    assert (kept.weights[told].argmax(axis=1) == kept.labels[told]).mean() > 0.95


def test_a_fresh_fit_agrees_with_the_committed_topics(kept):
    study = open_study(DEMO)
    tickets = told_tickets(study)
    fresh = fit_topics(
        joined_text(tickets).tolist(),
        target_topics=int(study.settings.target_topics) or None,
        model=study.settings.encoder,
        served=served(tickets, study.settings.languages),
    )
    assert tickets["ticket_id"].tolist() == list(kept.ids)
    assert adjusted_rand_score(kept.labels, fresh.labels) >= 0.95
