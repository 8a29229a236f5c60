"""What is said and met beside tickets: drawn over a company, which it does not change."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.lab.simulate import simulate_world
from cxresearch.lab.simulate.beside import VOICES, draw_voices, told
from cxresearch.lab.simulate.parameters import Cascade, make_world
from cxresearch.lab.simulate.voice_parameters import Voices

CUSTOMERS, SEED = 900, 5


@pytest.fixture(scope="module")
def company():
    tables, truth = simulate_world(CUSTOMERS, SEED, text=False, voices=False)
    causes = {ticket: of["causes"][0] for ticket, of in truth["tickets"].items()}
    return tables, causes


def drawn(company, **parameters):
    return draw_voices(make_world(), *company, SEED, Voices(**parameters), text=False)


def test_they_change_no_table_of_the_company(company):
    with_voices, truth = simulate_world(CUSTOMERS, SEED, text=False)
    for name, rows in company[0].items():
        pd.testing.assert_frame_equal(with_voices[name], rows)
    assert {*VOICES} <= {*with_voices}
    assert len(truth["voices"]["reviews"]) == len(with_voices["reviews"])


def test_the_same_seed_gives_the_same(company):
    one, other = drawn(company), drawn(company)
    for name in VOICES:
        pd.testing.assert_frame_equal(one[0][name], other[0][name])
    assert one[1] == other[1]


def test_ids_are_unique_and_nothing_lies_outside_of_the_export(company):
    made, _ = drawn(company)
    ids = {"reviews": "review_id", "bot_sessions": "session_id", "articles": "article_id",
           "article_views": "view_id", "incidents": "incident_id"}  # fmt: skip
    at = {"reviews": "written_at", "bot_sessions": "started_at", "article_views": "viewed_at"}
    for name, key in ids.items():
        assert made[name][key].is_unique, name
    for name, column in at.items():
        assert made[name][column].between("2024-01-01T00:00Z", "2026-01-01T00:00Z").all(), name


def test_more_complain_in_public_about_what_is_overdue(company):
    _, truth = drawn(company, blamed=0.05, public={})
    rows = told(make_world(), *company)
    overdue = (rows["solved"] > rows["due"]).mean()
    why = pd.Series([why for why, _ in truth["reviews"].values()]).value_counts()
    ratio = why["overdue"] / why["blame"] / (overdue / (1 - overdue))
    assert ratio == pytest.approx(5, rel=0.25)


def test_a_bot_helps_as_often_as_was_planted(company):
    made, truth = drawn(company, helps={"login": 0.7, "sync": 0.2}, talks=1.0, losing=0.0)
    came = made["bot_sessions"].assign(came=made["bot_sessions"]["session_id"].map(
        truth["sessions"]))  # fmt: skip
    nobody_wrote = came["came"].isin(["helped", "silent"]).groupby(came["intent"]).mean()
    assert nobody_wrote["sign in"] == pytest.approx(0.7, abs=0.08)
    assert nobody_wrote["stock differs"] == pytest.approx(0.2, abs=0.08)
    assert nobody_wrote["where is my device"] == 0


def test_an_article_keeps_as_many_from_writing_as_was_planted(company):
    made, truth = drawn(company, searches=0.9, answers={"login": 0.5})
    views = made["article_views"].assign(
        cause=made["article_views"]["view_id"].map(truth["searches"]))  # fmt: skip
    rows = told(make_world(), *company)
    wrote = rows[["requester_id", "cause", "created"]].assign(
        at=pd.to_datetime(rows["created"], unit="s", utc=True)
    )
    both = views.merge(wrote, on=["requester_id", "cause"])
    soon = (both["at"] > both["viewed_at"]) & (both["at"] < both["viewed_at"] + pd.Timedelta("3D"))
    views["wrote"] = views["view_id"].isin(both.loc[soon, "view_id"])
    share = (
        views.assign(seen=views["article_id"].notna()).groupby(["cause", "seen"])["wrote"].mean()
    )
    assert share["login", False] == pytest.approx(0.7, abs=0.08)
    assert share["login", True] == pytest.approx(0.35, abs=0.08)


def test_incidents_are_those_of_the_world_and_some_that_set_off_nothing(company):
    kinds = drawn(company)[0]["incidents"]["kind"].value_counts()
    assert kinds.to_dict() == {"release": 8, "maintenance": 5, "incident": 4}


def test_without_voices_of_a_kind_its_table_is_empty(company):
    made, _ = drawn(company, blamed=0, praised=0, praised_late=0, unprompted=0, crisis_reviews=0)
    assert made["reviews"].empty


def test_an_issue_sets_off_another_of_the_same_customer_only_where_that_is_planted():
    cascade = (Cascade("sync", "data_loss", 0.5, 5.0),)
    counts = []
    for cascades in ((), cascade):
        _, truth = simulate_world(600, 3, text=False, voices=False, cascades=cascades)
        causes = [of["causes"][0] for of in truth["tickets"].values()]
        counts.append(np.sum(np.array(causes) == "data_loss"))
        assert ("cascades" in truth["world"]) == bool(cascades)
    assert counts[1] > 2 * counts[0]
