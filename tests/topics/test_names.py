"""Names of topics: customers' phrases and telling words."""

import pytest

from cxresearch.topics.names import own_phrase, phrases_of, topic_names

LATE = ["The parcel is late again", "my parcel is late", "parcel late?", "a late parcel"]


def test_the_phrase_of_the_most_central_text_leads_the_name():
    assert topic_names([["parcel", "late", "driver"]], [LATE]) == ["parcel is late · driver"]


def test_a_word_that_few_customers_use_is_never_quoted():
    texts = ["parcel of Miranda late", *LATE[1:]]
    assert own_phrase(texts, ["parcel", "late", "miranda"]) == "parcel is late"


def test_a_phrase_stays_within_a_sentence():
    assert own_phrase(["The parcel. Late!"] * 3, ["parcel", "late"]) == ""


def test_without_a_phrase_words_make_the_name():
    assert topic_names([["parcel", "late", "driver"]], [["hello"]]) == ["parcel · late · driver"]


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
