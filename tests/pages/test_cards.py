"""Cards: what they hold, where they lead, and how a page and a notebook show them."""

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_output

from cxresearch.pages import show as shown
from cxresearch.pages.cards import cause_page, cause_pages, of_rows, trend
from cxresearch.report.page import read_page
from cxresearch.report.render import TEMPLATES

ROWS = [
    {"title": "<b>Stock</b>", "value": "12", "lines": ["10 to 14", "of 90"], "page": "05-fixed"},
    {"title": "Came back\u202e", "quotes": ["It <i>fails</i>."], "trend": [0, 4, 8]},
]


@pytest.mark.parametrize(
    ("counts", "bars"), [([0, 4, 8], "▁▄█"), ([3, 3], "██"), ([0, 0], ""), ([], "")]
)
def test_a_trend_is_drawn_against_its_largest_count(counts, bars):
    assert trend(counts) == bars


def test_a_notebook_has_cards_as_a_table_and_a_page_as_cards(monkeypatch):
    made = []
    monkeypatch.setattr(shown, "display", lambda *held, **more: made.append((*held, more)))
    shown.cards(of_rows(ROWS))
    [(bundle, more)] = made
    assert "10 to 14; of 90" in bundle["text/plain"]
    output = new_output("display_data", bundle, metadata=more["metadata"])
    page = read_page("00-x", notebook(output), frozenset())
    [block] = [block for block in page.blocks if block.kind == "cards"]
    assert [card["title"] for card in block.more["cards"]] == ["<b>Stock</b>", "Came back\\u202e"]
    macro = TEMPLATES.get_template("cards.html.j2").module.cards
    html = macro(block.more["cards"], [page])
    assert "&lt;b&gt;Stock" in html
    assert "<i>" not in html
    assert "05-fixed.html" not in html  # there is no such page in this report
    assert 'aria-label="Tickets a month: 0, 4, 8"' in html


def notebook(output):
    from nbformat.v4 import new_markdown_cell, new_notebook

    return new_notebook(cells=[new_markdown_cell("# T"), new_code_cell("x", outputs=[output])])


def test_no_cards_are_nothing(monkeypatch):
    made = []
    monkeypatch.setattr(shown, "display", lambda *held, **more: made.append(held))
    shown.cards(of_rows([]))
    assert made == []
    assert isinstance(of_rows([]).frame, pd.DataFrame)


def test_a_causes_page_is_named_by_its_words_and_by_nothing_else():
    assert cause_page("../../etc/passwd <script>") == "cause-etc-passwd-script"
    assert cause_page("···") == "cause-unnamed"
    assert cause_page("Größe fehlt") == "cause-grösse-fehlt"
    assert cause_pages(["A b", "a, B", "c"]) == ["cause-a-b", "cause-a-b--2", "cause-c"]
    assert len(cause_page("x" * 500)) < 80
    assert len(cause_page("\U0001d412" * 500).encode()) < 150
