"""Sentences that many tickets share."""

import pandas as pd

from cxresearch.topics.text import boilerplate, joined_text
from tests.topics.text.scrubbed import scrubbed

OWN = [f"The {thing} is {state}." for thing in ("stock", "parcel", "login", "invoice")
       for state in ("late", "wrong", "broken", "gone", "slow")]  # fmt: skip


def test_a_sentence_in_ten_tickets_and_one_in_a_hundred_is_boilerplate():
    opened = [f"{own} Opened by form {n} at 10:{n}." for n, own in enumerate(OWN[:10])]
    assert boilerplate([*opened, *OWN]) == {"opened by form 0 at 0 0"}
    assert boilerplate([*opened[:9], *OWN]) == frozenset()
    assert boilerplate([*opened, *OWN * 60]) == frozenset()


def test_boilerplate_is_gone_and_the_original_untouched():
    texts = [f"{own} Opened by the form." for own in OWN]
    before = list(texts)
    assert scrubbed(texts) == OWN
    assert texts == before


def test_what_customers_ask_in_the_same_words_is_no_boilerplate():
    asked = ["How do I cancel?"] * 12 + [f"{own} How do I cancel?" for own in OWN]
    assert boilerplate(asked) == frozenset()


def test_the_words_of_a_ticket_are_its_subject_and_message_never_its_tags():
    tickets = pd.DataFrame(
        {"subject": ["Login", None, "Why?"], "description": ["Hi,\nfails", None, "too"],
         "tags": [["billing"], [], []]},
        index=[5, 6, 7],
    )  # fmt: skip
    assert joined_text(tickets).tolist() == ["Login.\nHi,\nfails", "", "Why?\ntoo"]
    assert scrubbed(joined_text(tickets)) == ["Login. fails", "", "Why? too"]
