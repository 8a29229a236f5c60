"""What assigning tickets to topics adds to the error of a cause's ratio."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.lab.second_world import SETTINGS, second_world
from cxresearch.outcomes import topic_doubt
from cxresearch.study.study import Study


@pytest.fixture(scope="module")
def company() -> Study:
    return Study.from_tables(second_world(1500, 2)[0], **SETTINGS)


def shares_of(study: Study, sure: float) -> pd.DataFrame:
    """Each ticket's own topic with a share, and the next one with the rest."""
    told = study.ticket_causes.reset_index(drop=True)
    own = told[["ticket_id", "topic"]].assign(row=told.index, weight=sure)
    other = own.assign(topic=(own["topic"] + 1) % 9, weight=1 - sure)
    both = pd.concat([own, other]).sort_values("row", kind="stable", ignore_index=True)
    return both.assign(until=both.groupby("row")["weight"].cumsum())


def test_without_topics_of_a_machine_there_is_no_doubt(company):
    assert topic_doubt.topic_doubt(company).empty


def test_sure_topics_add_nothing_and_doubtful_ones_do(company, monkeypatch):
    for sure, bad in ((1.0, False), (0.6, True)):
        monkeypatch.setattr(topic_doubt, "_shares", lambda study, sure=sure: shares_of(study, sure))
        found = topic_doubt.topic_doubt.__wrapped__(company)
        assert len(found) == 9
        assert (found.max() > 0.005) == bad
        if not bad:
            np.testing.assert_allclose(found, 0, atol=1e-12)


def test_topics_are_drawn_as_often_as_their_share(company):
    drawn = topic_doubt._drawn(company, shares_of(company, 0.7), np.random.default_rng(1))
    same = drawn.ticket_causes["topic"].eq(company.ticket_causes["topic"]).mean()
    assert same == pytest.approx(0.7, abs=0.03)
    assert drawn.ticket_causes.groupby("topic")["cause"].nunique().eq(1).all()
