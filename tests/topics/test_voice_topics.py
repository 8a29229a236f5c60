"""Reviews, searches and articles among the topics of the tickets."""

import pandas as pd
import pytest

from cxresearch.study.gone import OWN, without
from cxresearch.study.study import Study
from cxresearch.study.voice_ids import search_id, voice_ids
from cxresearch.topics.causes.refit import study_topics
from cxresearch.topics.voices import voice_causes

DAY = pd.Timestamp("2025-03-01T10:00:00Z")
SYNC = ("Stock does not sync between the two scanners", "The stock is not synchronised again",
        "Scanner and web show different stock", "Synchronisation of stock is stuck")  # fmt: skip
BILL = ("I was charged twice on the invoice", "The invoice has a double payment",
        "You took the money for the invoice two times", "Double charge on my card")  # fmt: skip


@pytest.fixture(scope="module")
def study():
    texts = [f"{text} since Monday, shop {n}." for n in range(12) for text in (*SYNC, *BILL)]
    ids = [f"T{place}" for place in range(len(texts))]
    made = Study.from_tables({
        "tickets": pd.DataFrame({
            "ticket_id": ids, "created_at": DAY, "status": "solved", "description": texts,
            "requester_id": ids, "language": "en",
        }),
        "reviews": pd.DataFrame({
            "review_id": ["R1", "R2"], "source": "yelp", "written_at": DAY, "stars": [1.0, 5.0],
            "body": [f"{SYNC[0]} since Monday.", "The cake is great and parking free"],
            "customer_id": ["T1", None],
        }),
        "articles": pd.DataFrame(
            {"article_id": ["A1"], "title": [f"{BILL[3]} since Monday, shop 3"]}
        ),
        "article_views": pd.DataFrame({
            "view_id": ["V1", "V2", "V3"], "viewed_at": DAY,
            "query": ["invoice charged  TWICE", "Invoice charged twice", None],
        }),
    }, target_topics=2.0, observed_until="2025-04-01T00:00:00Z")  # fmt: skip
    study_topics(made)
    return made


def of(study, voice):
    return voice_causes(study, voice)["cause"]


def test_a_review_has_the_cause_of_the_tickets_that_it_is_like(study):
    like = study.ticket_causes.set_index("ticket_id")["cause"]
    assert of(study, "review")["R1"] == like["T0"]
    assert of(study, "article")["A1"] == like["T4"]


def test_a_ticket_that_a_person_sorted_otherwise_renames_no_voice(study):
    causes = study.ticket_causes
    other = causes.assign(cause=causes["cause"].where(causes.index > 0, "another"))
    part = Study.from_tables({name: study.table(name) for name in study.rows} | {
        "ticket_causes": other})  # fmt: skip
    assert of(part, "review")["R1"] == of(study, "review")["R1"] != "another"


def test_what_is_near_to_no_ticket_has_no_cause(study):
    assert pd.isna(of(study, "review")["R2"])


def test_a_search_is_known_by_its_words_whatever_their_case(study):
    assert search_id("Invoice  charged TWICE") == search_id("invoice charged twice")
    assert [*of(study, "search").index] == [search_id("invoice charged twice")]
    assert "charged" not in study.voice_topics.astype(str).to_csv()


def test_only_what_is_new_is_placed(study):
    before = study.voice_topics
    more = study.reviews.iloc[[0]].assign(review_id="R3", body="Double charge on the invoice")
    study.put("reviews", pd.concat([study.reviews, more], ignore_index=True))
    study_topics(study)
    after = study.voice_topics.set_index(["voice", "voice_id"])
    assert len(after) == len(before) + 1
    assert after.loc[
        [*zip(before["voice"], before["voice_id"], strict=True)], "topic"
    ].tolist() == (before["topic"].tolist())


def test_what_is_there_no_more_loses_its_topic(study):
    held = {name: study.table(name) for name in study.rows}
    left = without(held, {key: set() for key in OWN} | {"customer_id": {"T1"}})
    assert "R1" not in [*left["voice_topics"]["voice_id"]]
    assert "R2" in [*left["voice_topics"]["voice_id"]]
    known = voice_ids(left)
    assert {*known.loc[known["voice"] == "review", "voice_id"]} == {*left["reviews"]["review_id"]}


def test_when_nothing_is_left_nothing_has_a_topic(study):
    rows = study.voice_topics
    assert without({"voice_topics": rows}, {key: set() for key in OWN})["voice_topics"].empty
