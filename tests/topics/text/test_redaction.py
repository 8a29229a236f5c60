"""What is redacted for the page."""

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.topics.text import excerpt, people, redact
from cxresearch.topics.text.redaction import numbers_redacted
from tests.topics.text.messy import HOSTILE, MESSY, hostile

USERS, HOME = "Users", "home"  # apart, lest a test take them for places on this machine


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


@given(MESSY, st.integers(20, 300))
@settings(max_examples=200, deadline=None)
def test_an_excerpt_is_one_line_no_longer_than_asked(text, n):
    assert len(excerpt(text, n)) <= n
    assert "\n" not in excerpt(text, n)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, ""])
def test_where_there_is_no_text_nothing_is_shown(missing):
    assert redact(missing) == excerpt(missing) == ""


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
        ("It broke.\nBest Regards\nAnna", "It broke.\nBest Regards\n[name]"),
        ("It broke.\nMany thanks in advance,\nAnna", "It broke.\nMany thanks in advance,\n[name]"),
        ("in C:\\" + USERS + "\\Anna.Smith\\AppData", "in C:\\" + USERS + "\\[name]\\AppData"),
        ("in C:\\" + USERS + "\\Anna Smith\\Documents", "in C:\\" + USERS + "\\[name]\\Documents"),
        ("in C:\\\\" + USERS + "\\\\anna.smith\\\\App", "in C:\\\\" + USERS + "\\\\[name]\\\\App"),
        ("in /" + HOME + "/anna/.thunderbird", "in /" + HOME + "/[name]/.thunderbird"),
        ("users/groups are gone", "users/groups are gone"),
        ("Thanks. Windows stopped working", "Thanks. Windows stopped working"),
        ("my name is Anna Smith and Mr. Jones knows", "my name is [name] and Mr. [name] knows"),
    ],
)
def test_what_tells_who_wrote_it_is_replaced(text, shown):
    assert redact(text) == shown


def test_an_excerpt_ends_at_a_word():
    assert excerpt("<p>The printer   is broken", 14) == "The printer…"
    assert excerpt("short") == "short"


@pytest.mark.parametrize("piece", HOSTILE)
def test_redacting_a_hostile_text_comes_to_an_end(piece):
    shown = redact(hostile(piece))
    assert redact(shown) == shown


def test_a_name_is_known_wherever_it_stands_and_a_product_is_not():
    """Miranda signs one letter of two that name her; one letter of six greets the product."""
    letters = [
        "It broke.\nKind regards,\nMiranda",
        "My colleague miranda cannot log in",
        "Dear Larkfield, it broke",
        *["Larkfield is slow"] * 5,
        "Hello support, thanks for all",
    ]
    assert people(letters) == {"miranda"}
    assert people([None, "", "it broke"]) == frozenset()


def test_again_in_a_greeting_is_nobody():
    assert people(["Hi again,\n\nit broke", "Hello again, it broke"]) == frozenset()
    assert redact("Hi again,\n\nit broke again") == "Hi again,\n\nit broke again"


def test_a_name_among_those_known_is_hidden_wherever_it_stands():
    assert redact("My colleague wim, and Wim's login", {"wim"}) == (
        "My colleague [name], and [name]'s login"
    )
    assert excerpt("Hi Anna, ask Wim", names={"wim"}) == "Hi [name], ask [name]"


def test_what_topics_are_modelled_on_has_a_code_masked_that_a_page_shows():
    """Vectors that are kept are of these texts: a change here needs another SCRUB_VERSION."""
    told = "since version 10.4.22.1 it loads 1 200 000 lignes"
    assert redact(told) == told
    assert numbers_redacted(told) == "since version [number] it loads [phone] lignes"
