import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from cxresearch.lab.simulate.causes import CAUSES
from cxresearch.lab.simulate.mess import clauses
from cxresearch.lab.simulate.text import LOCAL
from cxresearch.lab.simulate.wording import Dice, card_number


@pytest.fixture(scope="module")
def text(demo):
    tickets = demo[0]["tickets"]
    return tickets["subject"].fillna("") + "\n" + tickets["description"].fillna("")


@pytest.fixture(scope="module")
def cause(demo):
    return pd.Series([of["causes"][0] for of in demo[1]["tickets"].values()])


def test_word_counts_find_the_true_cause_often_but_not_always(text, cause):
    own = cause != "spam"
    text, cause = text[own].to_numpy(), cause[own].to_numpy()
    held_out = np.random.default_rng(0).random(len(text)) < 0.3
    words = TfidfVectorizer(min_df=3, sublinear_tf=True)
    model = LogisticRegression(C=10, tol=0.01)
    model.fit(words.fit_transform(text[~held_out]), cause[~held_out])
    right = model.predict(words.transform(text[held_out])) == cause[held_out]
    assert 0.80 < right.mean() < 0.93


def test_no_clause_is_in_more_than_one_ticket_in_two_hundred(demo):
    told = demo[1]["tickets"].values()
    used = Counter(
        clause for of in told for clause in set(of["clauses"] if "clauses" in of else [])
    )
    assert max(used.values()) / len(told) <= 0.005


@pytest.mark.parametrize("cause", [cause.name for cause in CAUSES])
def test_each_cause_has_twenty_distinct_english_clauses_in_four_voices(cause):
    voices = {v: c for v, c in clauses(cause)["problem"].items() if v not in LOCAL}
    every = [clause for said in voices.values() for clause in said]
    assert set(voices) == {"calm", "frustrated", "confused", "angry"}
    assert len(set(every)) == len(every) >= 20


def test_the_clauses_in_the_truth_are_those_of_the_causes(demo):
    for of in demo[1]["tickets"].values():
        told = {clause.split("/")[0] for clause in of.get("clauses", [])}
        assert told <= {*of["causes"], "vague"}


def test_messages_are_about_fifty_words_long_and_differ(demo):
    words = demo[0]["tickets"]["description"].fillna("").str.split().str.len()
    assert 42 <= words.median() <= 60
    assert words.quantile(0.9) > 2 * words.median()
    assert words.quantile(0.1) < 0.5 * words.median()


def test_one_in_ten_tickets_is_about_two_issues(demo):
    two = [len(of["causes"]) == 2 for of in demo[1]["tickets"].values()]
    assert 0.07 < np.mean(two) < 0.13


def test_a_few_tickets_are_german_or_spanish(demo):
    share = demo[0]["tickets"]["language"].value_counts(normalize=True)
    assert 0.015 < share["de"] + share["es"] < 0.06


def test_a_few_tickets_are_empty(demo):
    flagged = demo[0]["tickets"]["dq_flags"].map(lambda flags: "no_words" in flags)
    assert 5 < flagged.sum() < 100


def test_no_slot_is_left_open(text):
    assert not text.str.contains(r"\{[a-z]", regex=True).any()


def test_addresses_belong_to_domains_kept_for_examples(text):
    hosts = text.str.findall(r"(?:@|https?://)([\w.-]+\w)").explode().dropna()
    assert len(hosts) > 100
    assert hosts.str.contains(r"(?:^|\.)example\.(?:com|org)$", regex=True).all()


def test_card_numbers_pass_the_check_of_luhn():
    dice = Dice(np.random.default_rng(1))
    for _ in range(20):
        digits = [int(d) for d in re.sub(" ", "", card_number(dice))]
        doubled = [d if i % 2 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)]
        assert sum(doubled) % 10 == 0


def test_logs_markup_and_emoji_occur(text):
    for sign in ("Traceback", "<p>", "🙂", "\n> ", "https://", "LK-"):
        assert text.str.contains(sign, regex=False).any(), sign
