"""Words that tell no topic, in the languages that the texts are in."""

from cxresearch.topics.topic_words import STOP_WORDS, _vectorizer, stop_words

ENGLISH = [f"I cannot log in with the new password on my phone, number {k}" for k in range(30)]
GERMAN = [
    f"Ich kann mich nicht mehr mit dem neuen Passwort anmelden und die Rechnung {k} fehlt"
    for k in range(30)
]
SPANISH = [f"No puedo entrar con la nueva contraseña y me falta la factura {k}" for k in range(30)]


def test_texts_in_english_have_english_ones_only():
    assert stop_words(ENGLISH) == sorted(STOP_WORDS)
    assert stop_words([*ENGLISH, *GERMAN[:2]]) == sorted(STOP_WORDS)  # less than a tenth
    assert stop_words([]) == sorted(STOP_WORDS)


def test_a_tenth_of_the_texts_adds_their_language():
    german = set(stop_words([*ENGLISH, *GERMAN[:10]]))
    assert {"ich", "nicht", "und", "die"} < german
    assert not {"passwort", "rechnung", "anmelden"} & german
    assert "puedo" not in german
    assert {"la", "con"} < set(stop_words(SPANISH))


def test_topics_of_german_texts_have_no_articles_for_words():
    words = set(_vectorizer(GERMAN, ()).get_feature_names_out())
    assert {"passwort", "rechnung", "passwort anmelden"} < words
    assert not {"ich", "mit", "dem", "und", "die", "dem neuen"} & words


def test_names_of_people_that_are_several_words_to_the_counter_raise_no_warning(recwarn):
    words = _vectorizer([f"{text} says anna o'neill" for text in ENGLISH], {"anna", "o'neill"})
    assert "anna" not in words.vocabulary
    assert "password" in words.vocabulary
    assert not recwarn.list
