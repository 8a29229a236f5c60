"""What cannot be seen is written out, and words from right to left turn nothing beside them."""

import csv
import io
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.study.answers import finding
from cxresearch.study.drawing import in_figure
from cxresearch.study.schema import InputError
from cxresearch.study.tables import as_html, as_text
from cxresearch.study.visible import LIKE_FORMULAS, field, isolated, plain_field, unhidden, visible
from tests.hidden_signs import SIGNS, hidden, hides, written


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_that_hides_is_written_out_or_left_out(sign):
    assert visible(f"a{sign}b") == f"a{ascii(sign)[1:-1]}b"
    assert unhidden(f"a{sign}b") in ("ab", "a b")


def test_every_sign_of_unicode_that_hides_is_known():
    every = map(chr, range(0x110000))
    assert [
        hex(ord(s)) for s in every if hides(s) and s != "\r" and visible(f"a{s}b")[1] == s
    ] == []


@given(written)
def test_nothing_hides_in_what_is_shown(text):
    assert hidden(visible(text)) == hidden(unhidden(text)) == []
    assert visible(visible(text)) == visible(text)
    assert visible(text) == text or hidden(text) or "\r" in text


@pytest.mark.parametrize(
    "text",
    [
        "Ünï עברית\t\n",
        "👩\u200d🚀",
        "❤\ufe0f\u200d🔥 1\ufe0f\u20e3",
        "می\u200cخواهم",
        "क्\u200dष",
    ],
)
def test_letters_of_every_script_and_emoji_stay(text):
    assert visible(text) == unhidden(text) == text


@pytest.mark.parametrize("text", ["pass\u200dword", "a\ufe0f", "👩\u200d", "م\u200c", "\u200d👩"])
def test_a_joiner_that_joins_nothing_hides(text):
    assert "\\u" in visible(text) or "\\ufe0f" in visible(text)


def test_a_colour_of_a_terminal_is_left_out_whole():
    assert unhidden("\x1b[31mred\x1b[0m") == "red"


@given(written)
def test_nothing_hides_in_a_sentence_a_table_a_figure_or_an_error(text):
    frame = pd.DataFrame({text: [text, [text]]}, index=pd.Index([text, text], name="x"))
    shown = [
        finding("{x}", x=text).text, as_html(frame, text), as_text(frame, text), in_figure(text),
        str(InputError(text)),
    ]  # fmt: skip
    assert hidden("".join(shown)) == []


@given(written)
def test_a_field_is_run_by_no_spreadsheet_and_comes_back(text):
    line = io.StringIO()
    csv.writer(line).writerow([field(text)])
    assert hidden(line.getvalue()) == []
    (back,) = next(csv.reader(io.StringIO(line.getvalue(), newline="")), [""])
    assert not back.startswith(LIKE_FORMULAS)
    assert plain_field(back) == visible(text)


@pytest.mark.parametrize("sign", [*"=+-@\t\n＝＋－＠'"])
def test_what_begins_like_a_formula_is_marked(sign):
    assert field(f"{sign}1").startswith("'")
    assert plain_field(field(f"{sign}1")) == visible(f"{sign}1")


def test_words_from_right_to_left_stand_apart():
    said = isolated("<p>אב 12 (3 to 4); שלום, מה 12 קורה, x</p>")
    assert said == "<p><bdi>אב</bdi> 12 (3 to 4); <bdi>שלום, מה 12 קורה</bdi>, x</p>"


def test_a_tag_and_a_title_take_no_further_tag():
    page = '<title>שלום</title><p title="שלום">a</p>'
    assert isolated(page) == page


class Beside(HTMLParser):
    """Letters from right to left that stand outside of a bdi."""

    def __init__(self):
        super().__init__()
        self.inside, self.found = False, []

    def handle_starttag(self, tag, attrs):
        self.inside = tag == "bdi"

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        self.found += [] if self.inside else [c for c in data if "\u05d0" <= c <= "\u07ff"]


@given(st.text("אبa1 (<&'", max_size=30))
def test_no_letter_from_right_to_left_stands_beside_a_number(text):
    read = Beside()
    read.feed(as_html(pd.DataFrame({"x": [text]})))
    assert read.found == []
