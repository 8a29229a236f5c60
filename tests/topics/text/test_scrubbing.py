"""What is left of a ticket for the model."""

import pandas as pd
import pytest
from hypothesis import given, settings

from cxresearch.topics.text import has_words, scrub
from tests.topics.text.messy import HOSTILE, MESSY, hostile


@given(MESSY)
@settings(max_examples=300, deadline=None)
def test_scrubbing_makes_nothing_longer_and_leaves_one_line(text):
    assert len(scrub(text)) <= len(text)
    assert scrub(text) == " ".join(scrub(text).split())


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, ""])
def test_where_there_is_no_text_nothing_is_left(missing):
    assert scrub(missing) == ""


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hi team,\nI cannot log in.\nKind regards,\nAnna Smith\nAcme Ltd", "I cannot log in."),
        ("Hello Anna, my card is lost", "my card is lost"),
        ("<p>It &amp; that<br>broke</p><script>x()</script>", "It & that broke"),
        ("It fails\n```\nx = 1\n```\nagain", "It fails code again"),
        (
            "see java.lang.NullPointerException\n  at a.B.c(B.java:3)\nhelp",
            "see NullPointerException help",
        ),
        (
            "It still does not work\nOn Mon, 3 May 2024 Bob wrote:\n> try again",
            "It still does not work",
        ),
        ("Still broken here, sorry\n> did you restart?\nyes", "Still broken here, sorry yes"),
        ("order 123456789 at https://shop.example/x is late", "order at link is late"),
        ("Write to anna@example.com about POP3", "Write to about POP3"),
        ("Thanks to the update my printer stopped", "Thanks to the update my printer stopped"),
        ("I sincerely hope that you fix it", "I sincerely hope that you fix it"),
    ],
)
def test_scrubbing_leaves_what_the_ticket_is_about(text, left):
    assert scrub(text) == left


TOLD = "The stock is wrong since noon."
QUOTES = [
    "Am Mo., 3. Juni 2024 um 10:14 schrieb Hilfe <hilfe@example.org>:\n> Bitte neu starten",
    "El lun, 3 jun 2024 a las 9:14, Ayuda (ayuda@example.org) escribió:\nReinicie, por favor",
    "2024-06-03 10:14 GMT+02:00 Help <help@example.org>:\n> Please restart",
    "Begin forwarded message:\n\nFrom: Help\nDate: Monday\n\nPlease restart",
    "On Mon, Jun 3, 2024 at 9:14 AM Help Desk\n<help@example.org> wrote:\n\n> Restart it",
    "-----Original Message-----\nPlease restart it",
    "From: Help <help@example.org>\nSent: Monday\nTo: Ann\nSubject: RE: stock\n\nRestart it",
    "Von: Hilfe\nGesendet: Montag\nAn: Ann\nBetreff: AW: Bestand\n\nBitte neu starten",
    "De: Ayuda\nEnviado el: lunes\nPara: Ann\nAsunto: RE: stock\n\nReinicie",
]


GREETINGS = [
    "Hello Ms. Turner,",
    "Hi @support,",
    "Hi Sam -",
    "Dear Sir or Madam,",
    "Sehr geehrte Frau Keller,",
    "Moin moin,",
    "Muy buenas,",
    "Apreciado cliente:",
    "Hello, my name is Petra Novak.",
    "Good morning team. Hope all is well.",
]


@pytest.mark.parametrize("greeting", GREETINGS)
def test_a_greeting_tells_nothing(greeting):
    assert scrub(f"{greeting}\n\n{TOLD}") == TOLD


@pytest.mark.parametrize("quote", QUOTES)
def test_a_quoted_reply_is_not_the_customer_s_own(quote):
    assert scrub(f"{TOLD}\n\n{quote}") == TOLD


def test_a_message_that_is_only_forwarded_keeps_what_was_forwarded():
    text = "FYI\nFrom: Ann\nSent: Monday\nSubject: stock\n\nThe stock is wrong."
    assert scrub(text) == "FYI The stock is wrong."


SIGNED = [
    "Kind regards,\nAnn Grant\nHead of Stock\nBirch & Bolt\n+44 7700 900123\nann@example.org",
    "Mit freundlichen Grüßen\nAnn Grant",
    "Un saludo,\nAnn",
    "Thx\nAnn",
    "Vielen Dank im Voraus!\n\nAnn Grant",
    "-- \nAnn Grant, who is happy to hear from you whenever something is wrong",
    "Best, Ann",
    "Sent from my phone",
    "Von meinem Telefon gesendet",
    "Thank you so much for your help.",
    "Looking forward to your answer.",
    "Beste Grüße aus Berlin\nJonas",
    "Reciba un cordial saludo,\nJosé",
    "Thanking you,\nAnn",
    "Ciao, Petra",
    "Ann Lee\nNordwool AS\n+47 22 12 34 56",
    "[cid:image001.png@01D9]",
    "This email has been checked for viruses by MailGuard.",
]


@pytest.mark.parametrize("signature", SIGNED)
def test_a_signature_tells_nothing(signature):
    assert scrub(f"{TOLD}\n\n{signature}") == TOLD


def test_a_question_after_the_thanks_is_kept():
    text = "The stock is wrong.\nThanks\nAnn\n\nPS: Does it also happen if we import at night?"
    assert scrub(text).endswith("Does it also happen if we import at night?")


CONTACT = [
    "You can reach me on +44 7700 900123 after five.",
    "Please e-mail me at ann@example.org.",
    "My customer number is 48201234.",
    "Sie erreichen mich unter 0171 3920012.",
    "Mi número de cliente es 48201234.",
    "My address is 12 Mill Lane, Leeds LS1 4DY, phone 07700 900123.",
    "Tel.: 07700 900123",
    "Order no: 48201234",
    "Rückruf bitte unter 0171 3920012",
    "Pueden contactarme en el 912 345 678 por las tardes.",
]


@pytest.mark.parametrize("contact", CONTACT)
def test_a_sentence_of_contact_details_tells_nothing(contact):
    assert scrub(f"{TOLD} {contact}") == TOLD


@pytest.mark.parametrize(
    "text",
    [
        "The phone number on my invoice is wrong.",
        "I cannot change the e-mail address of my account.",
        "The reset mail does not reach me.",
        "You call this a service?",
        "I get no mail at the office since Monday.",
    ],
)
def test_a_problem_with_contact_details_is_a_problem(text):
    assert scrub(text) == text


def test_who_writes_nothing_but_contact_details_keeps_the_words():
    assert scrub("Call me back: 07700 900123") == "Call me back:"


FOOTERS = [
    "This e-mail is confidential and intended only for the person named above.",
    "If you are not the intended recipient, please notify the sender and delete it.",
    "Any disclosure, copying or distribution of it is strictly prohibited.",
    "CAUTION: This message came from an external sender.",
    "Please consider the environment before printing this e-mail.",
    "Diese E-Mail ist vertraulich.",
    "Si ha recibido este mensaje por error, elimínelo.",
]


@pytest.mark.parametrize("footer", FOOTERS)
def test_a_legal_footer_tells_nothing(footer):
    assert scrub(f"{TOLD}\n\n{footer}") == TOLD


def test_a_confidential_matter_is_not_a_footer():
    text = "Due to the confidential nature of her business I cannot set her e-mail up for her."
    assert scrub(text) == text


def test_a_form_is_read_for_its_message():
    form = "Name: Ann\nE-mail: ann@example.org\nCompany: Birch\nMessage: The stock is wrong."
    assert scrub(form) == "The stock is wrong."


@pytest.mark.parametrize(
    ("token", "left"),
    [
        ("MJ-30934/24", "Parcel is late"),
        ("(ref: 5af5c121eed9)", "Parcel is late"),
        ("INV-004711", "Parcel is late"),
        ("#1234567", "Parcel is late"),
        ("iPhone13", "Parcel iPhone13 is late"),
        ("0x80070005", "Parcel 0x80070005 is late"),
        ("2024-01-31", "Parcel 2024-01-31 is late"),
        ("128.11.1", "Parcel 128.11.1 is late"),
        ("https://a.example/b?c=1", "Parcel link is late"),
    ],
)
def test_what_identifies_goes_and_what_tells_a_thing_or_version_stays(token, left):
    assert scrub(f"Parcel {token} is late") == left


def test_code_traces_and_logs_are_reduced_to_the_error_that_they_name():
    trace = 'Traceback (most recent call last):\n  File "a.py", line 3, in b\n    c()\n'
    log = "2024-06-03 10:14:22,123 ERROR [main] org.acme.TimeoutException at once"
    script = "TypeError: t is undefined\n    at draw (app.js:1:20)\n    at app.js:3:4"
    assert scrub(f"It stops.\n{trace}api.KeyError: 3") == "It stops. KeyError"
    assert scrub(f"It stops.\n{log}") == "It stops. TimeoutException"
    assert scrub(f"It stops.\n{script}") == "It stops. TypeError"
    assert scrub("I see TypeError: t is undefined") == "I see TypeError: t is undefined"
    assert scrub("It stops.<pre>x = ValueError()</pre>") == "It stops. ValueError"


def test_a_sentence_of_the_boilerplate_goes_unless_it_is_all_there_is():
    shared = frozenset({"ticket 0 was opened by the form"})
    text = "Ticket 12 was opened by the form."
    assert scrub(f"It broke. {text}", shared) == "It broke."
    assert scrub(text, shared) == text


@pytest.mark.parametrize("piece", [*HOSTILE, "From: ", "Name: a\n", "From: a\n", "-", "on \n"])
def test_scrubbing_a_hostile_text_comes_to_an_end(piece):
    assert len(scrub(hostile(piece))) <= 20_000


def test_there_are_words_where_two_letters_stand_together():
    assert has_words("12 größe")
    assert not any(map(has_words, ("ä ö 12", "", "_ 3")))
