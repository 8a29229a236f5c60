"""Which language a ticket is in, and whether the encoder serves it."""

import pandas as pd
import pytest

from cxresearch.topics.text import language_of, served

SAID = {
    "en": "The parcel that I ordered last week has still not arrived at our office.",
    "de": "Das Paket, das ich letzte Woche bestellt habe, ist noch immer nicht angekommen.",
    "es": "El paquete que pedí la semana pasada todavía no ha llegado a nuestra oficina.",
    "fr": "Le colis que j'ai commandé la semaine dernière n'est toujours pas arrivé.",
}


@pytest.mark.parametrize("language", SAID)
def test_a_sentence_tells_its_language(language):
    assert language_of([SAID[language]]).tolist() == [language]


@pytest.mark.parametrize("text", ["", "Paket verloren", "POP3 IMAP SMTP 503 x"])
def test_few_words_or_none_tell_no_language(text):
    assert language_of([text]).isna().all()


def test_where_words_are_not_sure_the_locale_tells_and_else_nothing():
    locales = pd.Series(["pt-BR", "DE_at", None], index=["a", "b", "c"])
    found = language_of(["ok", "ok", "ok"], locales)
    assert found.fillna("?").to_dict() == {"a": "pt", "b": "de", "c": "?"}


def test_words_that_are_sure_win_over_the_locale():
    assert language_of([SAID["en"]], pd.Series(["de"])).tolist() == ["en"]


def test_a_ticket_of_unknown_language_is_served():
    tickets = pd.DataFrame(
        {"subject": None, "description": [SAID["en"], SAID["de"], "kaputt", "kaputt"],
         "language": [None, None, None, "de"]}
    ).astype("str")  # fmt: skip
    assert served(tickets, ("en",)).tolist() == [True, False, True, False]
    assert served(tickets, ("en", "de-DE")).all()


def test_an_english_footer_does_not_make_a_german_ticket_english():
    text = f"{SAID['de']}\n\nThis e-mail is confidential and intended only for the addressee."
    tickets = pd.DataFrame({"subject": [None], "description": [text], "language": [None]})
    assert not served(tickets.astype("str"), ("en",)).any()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("パスワードを忘れました", "ja"), ("我无法登录", "zh"), ("로그인이 안 돼요", "ko"),
        ("Не могу войти", "ru"), ("لا أستطيع تسجيل الدخول", "ar"), ("Rechnung prüfen", "de"),
        ("¿Dónde está?", "es"),
    ],
)  # fmt: skip
def test_a_short_message_is_told_by_its_script_or_its_letters(text, language):
    assert language_of([text]).tolist() == [language]


@pytest.mark.parametrize("text", ["App crashes", "No code", "Café Nero order", "Login", "π is 3"])
def test_a_short_english_message_is_in_no_other_language(text):
    assert set(language_of([text]).dropna()) <= {"en"}
