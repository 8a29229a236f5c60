"""Tickets in other languages: who is placed among the topics, and what is known of it."""

import numpy as np
import pandas as pd
import pytest

from cxresearch.topics.other_languages import UNTOLD, placed, wanted

REFUNDS = ["Where is our refund?", "The refund has not arrived.", "When do we get our money back?",
           "You promised a refund of the order.", "Our money was not returned."]  # fmt: skip
LOGINS = ["I cannot log in.", "My password is refused.", "The login page does not open.",
          "I forgot my password.", "Logging in fails with an error."]  # fmt: skip
VOTERS = [f"{text} It was order {n}." for n in range(6) for text in (*REFUNDS, *LOGINS)]
TOPICS = np.tile(np.repeat([0, 1], 5), 6)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("vectors")


def vote(texts: list[str], languages: list[str], cache) -> tuple[list[int], dict]:
    found, told = placed(texts, pd.Series(languages), VOTERS, TOPICS, 1, cache)
    return found.tolist(), told


@pytest.mark.parametrize(
    ("text", "language", "topic"),
    [
        ("Die Rückerstattung ist immer noch nicht eingegangen.", "de", 0),
        ("El reembolso todavía no ha llegado.", "es", 0),
        ("パスワードを忘れてログインできません。", "ja", 1),
        ("Je n'arrive pas à me connecter, mon mot de passe est refusé.", "fr", 1),
        ("我无法登录，密码被拒绝。", "zh", 1),
    ],
)
def test_a_ticket_goes_where_those_are_that_mean_the_same(text, language, topic, cache):
    assert vote([text], [language], cache)[0] == [topic]


def test_a_language_that_the_encoder_does_not_speak_is_not_placed(cache):
    found, told = vote(
        ["Unde este rambursarea?", "El reembolso no ha llegado."], ["ro", "es"], cache
    )
    assert found == [-1, 0]
    assert told["languages"] == {"es": [1, 1], "ro": [1, 0]}


def test_a_vote_that_is_divided_places_nobody(cache):
    topics = np.arange(len(VOTERS))
    found, _ = placed(["Wo ist unser Geld?"], pd.Series(["de"]), VOTERS, topics, 1, cache)
    assert found.tolist() == [-1]


def test_a_vector_depends_on_its_text_alone(cache):
    texts = ["Wo ist unsere Rückerstattung?", "Ich kann mich nicht anmelden."]
    together = vote(texts, [UNTOLD, UNTOLD], cache)[0]
    assert together == [vote([text], [UNTOLD], cache)[0][0] for text in texts]


def test_what_is_told_of_voters_counts_those_placed_in_the_same_way(cache):
    told = vote(["Wo ist unser Geld?"], ["de"], cache)[1]
    assert told["tried"] == len(VOTERS) // 5
    assert 0 <= told["right"] <= told["placed"] <= told["tried"]


@pytest.mark.parametrize(
    ("rule", "others", "yes"),
    [("auto", 6, True), ("auto", 5, False), ("apart", 99, False), ("placed", 1, True),
     ("placed", 0, False)],
)  # fmt: skip
def test_others_are_placed_where_they_are_many_or_a_person_says_so(rule, others, yes):
    assert wanted(rule, others, 100) is yes
