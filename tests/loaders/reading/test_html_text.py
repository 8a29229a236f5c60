"""What a person reads in HTML."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.loaders.reading.html_text import text_of


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("no markup,  as it was \n", "no markup,  as it was \n"),
        ("<p>One</p><p>two&nbsp;three</p>", "One\ntwo three"),
        ("a<br/>b<br>c", "a\nb\nc"),
        ("<style>p {}</style><script>if (a < b) {}</script>seen", "seen"),
        ("<ac:parameter ac:name='x'>java</ac:parameter><![CDATA[a < b]]>", "a < b"),
        ("<p>not closed <b>at all", "not closed at all"),
        ("</script>what was never opened hides nothing", "what was never opened hides nothing"),
        ("5 < 6 &lt;b&gt;", "5 < 6 <b>"),
    ],
)
def test_markup_is_gone_and_its_text_is_there(markup, text):
    assert text_of(markup) == text


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_a_text_that_was_escaped_comes_back(text):
    assert text_of(f"<p>{html.escape(text)}</p>") == text


def test_a_hostile_body_takes_no_longer_than_its_length():
    assert len(text_of("<" * 100_000)) <= 100_000
    assert text_of("<p>" * 100_000 + "deep") == "deep"
