"""Names of topics: customers' phrases and telling words."""

import numpy as np
import pytest

from cxresearch.topics.names import nearest_phrases, own_phrases, phrases_of, topic_names

LATE = ["The parcel is late again", "my parcel is late", "parcel late?", "a late parcel"]


def test_a_phrase_of_customers_leads_the_name_and_is_not_repeated():
    names = topic_names([["parcel", "late", "driver"]], ["parcel is late"])
    assert names == ["parcel is late · driver"]


def test_the_most_telling_runs_are_offered():
    assert own_phrases(LATE, ["parcel", "late"]) == ["parcel is late", "parcel late", "late parcel"]


def test_a_word_that_few_customers_use_is_never_quoted():
    texts = ["parcel of Miranda late", *LATE[1:]]
    assert not [p for p in own_phrases(texts, ["parcel", "late", "miranda"]) if "miranda" in p]


def test_no_person_is_quoted_however_often_the_name_comes():
    texts = [f"{word} parcel is late miranda" for word in ("my", "the", "a", "our")]
    assert any("miranda" in p for p in own_phrases(texts, ["parcel", "late", "miranda"]))
    told = own_phrases(texts, ["parcel", "late", "miranda"], people={"miranda"})
    assert told
    assert not any("miranda" in p for p in told)


def test_a_phrase_stays_within_a_sentence():
    assert own_phrases(["The parcel. Late!"] * 3, ["parcel", "late"]) == []


def test_the_phrase_nearest_to_its_topic_and_far_from_others_is_chosen():
    offered = [["both", "own"], [], ["third"]]
    vectors = np.array([[0.8, 0.6], [1, 0], [0, 1]])
    centres = np.array([[1, 0], [0, 1], [0, 1]])
    assert nearest_phrases(offered, vectors, centres) == ["own", "", "third"]


def test_without_a_phrase_words_make_the_name():
    assert topic_names([["parcel", "late", "driver"]], [""]) == ["parcel · late · driver"]


def test_no_two_names_are_alike_and_none_is_empty():
    names = topic_names([["parcel", "late"], ["parcel", "late"], []])
    assert len(set(names)) == 3
    assert all(names)


def test_what_looks_like_an_address_is_masked_in_a_name():
    assert "ann@example.com" not in topic_names([["ann@example.com", "late"]])[0]


def test_a_word_that_most_topics_share_names_none():
    words = [
        ["larkfield", "parcel"],
        ["larkfield", "login"],
        ["larkfield", "invoice"],
        ["larkfield"],
    ]
    assert topic_names(words)[:3] == ["parcel", "login", "invoice"]


@pytest.mark.parametrize(
    ("words", "phrases"),
    [
        (["password", "password reset", "link"], ["password reset", "link"]),
        (["codes", "code"], ["codes"]),
    ],
)
def test_a_pair_takes_the_place_of_its_words(words, phrases):
    assert phrases_of(words) == phrases
