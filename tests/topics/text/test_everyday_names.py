"""Names that are words of every day, too: masked where they are written as names."""

import pandas as pd

from cxresearch.study.study import Study
from cxresearch.topics.text import people, redact
from cxresearch.topics.text.shown import shown

SIGNED = "It broke.\nKind regards,\n"
CLIFFS = ["It fell off the cliff again.", "Sales go over the cliff now."]


def test_a_name_that_texts_use_as_a_word_is_known_by_its_capital_letter():
    assert people([*CLIFFS, SIGNED + "Cliff", SIGNED + "Cliff"]) == {"Cliff"}
    assert redact("Ask Cliff about the cliff", {"Cliff"}) == "Ask [name] about the cliff"


def test_a_name_that_is_hardly_ever_in_small_letters_is_masked_in_these_too():
    known = people([*[SIGNED + "Cliff"] * 20, *CLIFFS])
    assert known == {"cliff"}


def test_a_word_that_is_greeted_in_small_letters_is_none():
    letters = ["Hello experienced, it broke", "I asked an experienced man", "Hola gente, no va"]
    assert people([*letters, "Mucha gente no puede"]) == frozenset()


def test_a_word_that_more_texts_use_than_sign_is_none():
    letters = ["Dear Wishing, it broke", "I am wishing I had not", "It was wishing me luck"]
    assert people(letters) == frozenset()


def test_german_nouns_are_words_for_all_their_capital_letters():
    letters = ["Hallo Drucker,\nnichts geht", "Bei mir geht der Drucker nicht",
               "Nun ist mein Drucker stumm"]  # fmt: skip
    assert people(letters) == frozenset()
    assert people(["Mit freundlichen Grüßen\nTelefon: 030"]) == frozenset()


def test_a_bill_is_no_bill_though_bill_signs_it():
    letter = "My bill is wrong.\nThanks,\nBill"
    assert people([letter]) == {"Bill"}
    assert redact(letter, {"Bill"}) == "My bill is wrong.\nThanks,\n[name]"


def test_whoever_signs_a_text_is_masked_in_it_in_small_letters():
    assert redact("As cliff said.\nThanks,\nCliff", {"Cliff"}).startswith("As [name] said")


def test_in_a_text_without_capital_letters_a_name_needs_none():
    assert redact("ask cliff to pay my bill", {"Cliff", "Bill"}) == "ask [name] to pay my bill"
    assert redact("ASK CLIFF", {"Cliff"}) == "ASK [name]"


def test_a_family_name_in_small_letters_is_masked_behind_a_first_one():
    names = {"hugo", "Young"}
    assert redact("It broke.\nregards,\nhugo young 😭\nBirch trees grow", names).endswith(
        "[name] [name] 😭\nBirch trees grow"
    )
    assert redact("<p>It broke<br>hugo young<br>", names) == "<p>It broke<br>[name] [name]<br>"
    assert redact("Then hugo young and old", names) == "Then [name] young and old"


def test_what_is_shown_of_a_text_masks_who_signs_the_whole():
    whole = "Hi team, ask cliff.\nThanks,\nCliff"
    texts = [*CLIFFS, SIGNED + "Cliff", whole]
    tickets = pd.DataFrame({"ticket_id": list("abcd"), "status": "open", "description": texts,
                            "created_at": pd.Timestamp("2024-01-01", tz="UTC")})  # fmt: skip
    study = Study.from_tables({"tickets": tickets})
    assert shown("Hi team, ask cliff.", study, whole=whole) == "Hi team, ask [name]."
    assert shown(CLIFFS[0], study) == CLIFFS[0]
