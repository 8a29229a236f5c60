"""What is scrubbed for the model and redacted for the page."""

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.text import excerpt, has_words, redact, scrub, ticket_texts

PIECES = st.sampled_from(
    [
        *("anna@example.com", "a@b", "@", "http://x.y/z?token=1", "www.", "<b>", "</pre>", "<pre>"),
        *(
            "&lt;",
            "&amp;",
            "\n",
            " ",
            "> ",
            "On Monday Bob wrote:",
            "Hi ",
            "Kind regards, ",
            "Anna",
        ),
        *(
            "Smith",
            "4111 1111 1111 1111",
            "+49 170 1234567",
            "123456",
            "-",
            ".",
            "[name]",
            "[",
            "]",
        ),
        *("DE89 3704 0044 0532 0130 00", "Mr. ", "```", "thanks", "2024-01-31", "(", "é", "٣٤٥٦٧٨"),
    ]
)
MESSY = st.lists(PIECES | st.text(max_size=6), max_size=25).map("".join)


@given(MESSY)
@settings(max_examples=300, deadline=None)
def test_redacting_twice_changes_nothing(text):
    assert redact(redact(text)) == redact(text)


@given(MESSY)
@settings(max_examples=300, deadline=None)
def test_no_e_mail_address_and_no_long_number_is_left(text):
    shown = redact(text)
    assert not re.search(r"\w@\w", shown)
    assert not re.search(r"\d{6}", shown)


@given(MESSY)
@settings(max_examples=300, deadline=None)
def test_scrubbing_makes_nothing_longer_and_leaves_one_line(text):
    assert len(scrub(text)) <= len(text)
    assert scrub(text) == " ".join(scrub(text).split())


@given(MESSY, st.integers(20, 300))
@settings(max_examples=200, deadline=None)
def test_an_excerpt_is_one_line_no_longer_than_asked(text, n):
    assert len(excerpt(text, n)) <= n
    assert "\n" not in excerpt(text, n)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, ""])
def test_where_there_is_no_text_there_is_no_text(missing):
    assert scrub(missing) == redact(missing) == excerpt(missing) == ""


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("write to anna.smith+x@example.co.uk.", "write to [e-mail]."),
        ("see https://x.example/reset?token=abc now", "see [link] now"),
        ("card 4111-1111 1111 1111 is refused", "card [card] is refused"),
        ("not a card 4111 1111 1111 1112", "not a card [number]"),
        ("call +49 (170) 123-4567 or 555-123-4567", "call [phone] or [phone]"),
        ("my IBAN is DE89 3704 0044 0532 0130 00", "my IBAN is [iban]"),
        ("order 12345678", "order [number]"),
        ("version 128.11.1 since 2024-01-31, 10:30", "version 128.11.1 since 2024-01-31, 10:30"),
        ("seen (02/20/2024) in Safari 605.1.15", "seen (02/20/2024) in Safari 605.1.15"),
        ("I use MS Windows 11", "I use MS Windows 11"),
        ("Hi Anna,\nit broke", "Hi [name],\nit broke"),
        ("Hi team, it broke", "Hi team, it broke"),
        ("It broke.\nKind regards,\nAnna Smith", "It broke.\nKind regards,\n[name]"),
        ("Thanks. Windows stopped working", "Thanks. Windows stopped working"),
        ("my name is Anna Smith and Mr. Jones knows", "my name is [name] and Mr. [name] knows"),
    ],
)
def test_what_tells_who_wrote_it_is_replaced(text, shown):
    assert redact(text) == shown


def test_an_excerpt_ends_at_a_word():
    assert excerpt("<p>The printer   is broken", 14) == "The printer…"
    assert excerpt("short") == "short"


HOSTILE = [
    "a",
    "a.",
    "1 ",
    "<",
    "<pre>",
    "a@",
    "www.",
    "Hi ",
    "\n",
    "```",
    "&lt;",
    "A ",
    "regards ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_comes_to_an_end(piece):
    text = piece * (200_000 // len(piece))
    assert len(scrub(text)) <= len(text)
    assert redact(redact(text)) == redact(text)


def test_the_words_of_a_ticket_are_its_subject_and_message_never_its_tags():
    tickets = pd.DataFrame(
        {"subject": ["Login", None], "description": ["Hi,\nfails", None], "tags": [["billing"], []]}
    )
    words = ticket_texts(tickets)
    assert words.tolist() == ["Login. fails", ""]
    assert [has_words(each) for each in words] == [True, False]
