"""How a notebook speaks: read as written, rounded, and never more than can be told."""

import base64
import importlib
from dataclasses import dataclass
from html.parser import HTMLParser

import mistune
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch import Study
from cxresearch.pages.show import say, show, table
from cxresearch.study.answers import (
    CannotTell,
    Finding,
    cannot_tell_passes,
    finding,
    plain,
)
from cxresearch.study.results import Result
from cxresearch.study.visible import visible


@pytest.fixture
def shown(monkeypatch):
    """What a notebook would get: a list of (data, metadata), filled as things are displayed."""
    got = []

    def display(data, raw, metadata=None):
        got.append((data, metadata or {}))

    monkeypatch.setattr(importlib.import_module("cxresearch.pages.show"), "display", display)
    return got


def words(page):
    """The words of a piece of HTML, and its tags."""
    parser = HTMLParser(convert_charrefs=True)
    text, tags = [], []
    parser.handle_data = text.append
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)
    parser.feed(page)
    parser.close()
    return " ".join("".join(text).split()), tags


def cells(shown):
    """The cells of the only table shown."""
    [(data, _)] = shown
    return data["text/html"].replace("<td class=num>", "<td>").split("<td>")[1:]


def cell(value, shown):
    """How a table shows one value."""
    table(pd.DataFrame({"x": pd.Series([value], dtype="object")}))
    return cells(shown)[0].split("</td>")[0]


HOSTILE = [
    "<script>alert(1)</script>", "**bold** _x_ `y`", "a | b", "costs $5 or $6", "don't & won't",
    "[x](javascript:alert(1))", "![x](y.png)", "# head", "~~gone~~", "&lt;b&gt;", "a\n\n# b",
    "\\*", "{x}", "<!-- -->", "&#35;",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_reads_as_it_was_written(text):
    page = mistune.html(finding("It says {said}.", said=text).text)
    assert words(page) == (f"It says {' '.join(text.split())}.", ["p"])


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30))
def test_any_text_reads_as_it_was_written(text):
    said = f"It says {visible(text)}."
    assert words(mistune.html(f"It says {plain(text)}.")) == (said, ["p"])


def test_a_dollar_opens_no_formula():
    assert plain("$5 or $6") == r"\$5 or \$6"


def test_a_finding_keeps_its_numbers_beside_its_sentence():
    found = finding("{n:,} of {cause}: {part:.1%}", n=np.int64(1200), cause="a*b", part=1 / 3)
    assert found.text == r"1,200 of a\*b: 33.3%"
    assert found.numbers == {"n": 1200, "part": pytest.approx(0.3333)}
    assert type(found.numbers["n"]) is int


def test_braces_in_a_value_are_no_template():
    assert words(finding("{a}", a="{b} {0}").text.replace("\\", ""))[0] == "{b} {0}"


def test_what_is_said_is_marked_for_the_report(shown):
    say(Finding("So it is.", {"n": 3}), "And *so*.")
    assert [data["text/markdown"] for data, _ in shown] == ["So it is.", "And *so*."]
    assert [m["cxresearch"] for _, m in shown] == [
        {"said": True, "numbers": {"n": 3}},
        {"said": True, "numbers": {}},
    ]


def test_cannot_tell_is_said_wherever_it_arrives(shown):
    gone = CannotTell("there are no customers.")
    say(gone), table(gone), table(gone, note="x", rows=1), show(gone)
    says = {data["text/markdown"] for data, _ in shown}
    assert (says, len(shown)) == ({"**Cannot tell:** there are no customers."}, 4)


def test_cannot_tell_passes_through_a_function_and_any_argument():
    def never(*args, **kwargs):
        raise AssertionError

    gone = CannotTell("no")
    assert cannot_tell_passes(never)(gone, 1) is gone
    assert cannot_tell_passes(never)(1, by=gone) is gone
    assert cannot_tell_passes(max)(1, 2) == 2


@pytest.mark.parametrize("null", [None, float("nan"), pd.NA, pd.NaT])
def test_an_empty_field_is_a_dash(null, shown):
    assert cell(null, shown) == "–"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (1 / 3, "0.33"), (1234.5, "1,234.50"), (1234567, "1,234,567"), (-0.001, "0.00"),
        (-0.004, "0.00"), (-0.006, "-0.01"), (-10.001, "-10.00"), (-0.0, "0.00"), (0, "0"),
        (np.float32(0.1), "0.10"), (np.int64(1200), "1,200"), (True, "yes"), (np.False_, "no"),
        (pd.Timestamp("2025-03-01 12:00Z"), "2025-03-01"), (["a", "b"], "a, b"),
        (np.array(["a", "b"]), "a, b"), ("two\nlines", "two lines"),
        ("<b>&'", "&lt;b&gt;&amp;&#x27;"),
    ],
)  # fmt: skip
def test_a_field_is_shown_for_people(value, read, shown):
    assert cell(value, shown) == read


@pytest.mark.parametrize("name", ["p", "p BH"])
@pytest.mark.parametrize(
    ("p", "read"), [(0.0004, "&lt; 0.001"), (0.001, "0.001"), (0.0516, "0.052"), (np.nan, "–")]
)
def test_a_p_value_has_three_places(p, read, name, shown):
    table(pd.DataFrame({name: [p]}))
    assert cells(shown)[0].startswith(f"{read}<")


def test_of_a_long_table_the_first_rows_are_shown_and_the_rest_is_counted(shown):
    table(pd.DataFrame({"x": range(1205)}), note="Note.", rows=2)
    assert len(cells(shown)) == 2
    assert "<caption>Note. 1,203 further rows are not shown.</caption>" in shown[0][0]["text/html"]


def test_names_of_columns_and_notes_are_escaped_and_the_index_is_a_column(shown):
    table(pd.DataFrame({"<i>": [1]}, index=pd.Index(["a"], name="<u>")), note="<script>")
    assert (
        words(shown[0][0]["text/html"])[1] == "table caption thead tr th th tbody tr td td".split()
    )


def test_two_columns_of_one_name_are_both_shown(shown):
    table(pd.DataFrame([[1, 2]], columns=["n", "n"], index=pd.Index([3], name="n")))
    assert [c[0] for c in cells(shown)] == ["3", "1", "2"]


def test_categories_with_a_gap_are_shown(shown):
    table(pd.DataFrame({"x": pd.Categorical(["a", None])}))
    assert [c[0] for c in cells(shown)] == ["a", "–"]


def test_the_frame_shown_stays_as_it_was(shown):
    frame = pd.DataFrame({"x": [1.234]}, index=pd.Index(["a"], name="k"))
    before = frame.copy(deep=True)
    table(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_an_empty_table_is_not_there(shown):
    table(pd.DataFrame({"x": []}))
    assert shown == []


@dataclass(frozen=True)
class Drawn(Result):
    """A result with a figure that is there already."""

    axes: object

    def plot(self, ax=None):
        return self.axes

    def described(self) -> str:
        return "Two bars."


def test_a_figure_is_shown_with_title_and_description_and_closed(shown):
    from matplotlib import pyplot as plt

    figure, ax = plt.subplots(figsize=(4, 3), dpi=50)
    figure.suptitle("Login leads")
    show(Drawn(pd.DataFrame(), ax))
    (image, size), (text, mark) = shown
    assert base64.b64decode(image["image/png"]).startswith(b"\x89PNG")
    assert (image["text/plain"], text["text/plain"]) == ("Login leads", "Two bars.")
    assert (size["image/png"]["width"], mark["cxresearch"]) == (200, {"description": True})
    assert not plt.fignum_exists(figure.number)


def test_a_part_of_a_study_says_that_it_is_one_and_the_whole_says_nothing(shown):
    tickets = pd.DataFrame({"ticket_id": ["a", "b"], "status": "open", "product": ["A*pp", "Web"],
                            "created_at": pd.Timestamp("2026-01-01", tz="UTC")})  # fmt: skip
    whole = Study.from_tables({"tickets": tickets}, outcome="return")
    say(whole)
    assert shown == []
    say(whole.where(product="A*pp"))
    [(data, _)] = shown
    assert "A\\*pp" in data["text/markdown"]
