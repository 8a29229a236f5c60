"""What is read from a notebook: title, question, findings, figures, tables, code."""

import json
from dataclasses import dataclass

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from cxresearch import CannotTell, finding
from cxresearch.report.glossary import linked, without_links
from cxresearch.report.page import read_notebook, read_page
from cxresearch.report.sections import every
from cxresearch.study.answers import DoesNotApply
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError

NAME = "04-why-customers-write"


def page_of(book):
    return read_page(NAME, book, frozenset({NAME}))


def kinds(page):
    return [block.kind for block in page.blocks]


@pytest.mark.parametrize(
    "question", ["> What are the\n> root *causes*?", "What are the\nroot *causes*?"]
)
def test_title_and_question_open_the_first_cell(notebook, question):
    page = page_of(notebook(f"# Why `they` write\n\n{question}\n\nMore to know."))
    assert page.title == "Why they write"
    assert page.question.striptags() == "What are the root causes?"
    assert [b.html.striptags() for b in page.blocks] == ["More to know."]


def test_a_notebook_without_a_title_is_called_by_its_name(notebook, ran):
    page = page_of(notebook(ran()))
    assert (page.title, page.question, page.answer) == ("Why customers write", "", None)


@pytest.mark.parametrize(
    ("text", "shown"), [("- a", "<li>a</li>"), ("***", "<hr"), ("## a", "<h2")]
)
def test_what_is_no_sentence_below_the_title_is_no_question(notebook, text, shown):
    page = page_of(notebook(f"# Title\n\n{text}\n\nMore."))
    assert page.question == ""
    assert shown in page.blocks[0].html
    assert "More." in page.blocks[0].html


def test_the_first_finding_is_the_answer(notebook, ran):
    first = ran(lambda s: s.say(finding("**{n:,}** from {who}", n=1200, who="<b>")))
    second = ran(lambda s: s.say(CannotTell("too few.")))
    page = page_of(notebook("# T", first, second))
    assert (page.answer.text, page.answer.numbers) == ("1,200 from <b>", {"n": 1200})
    assert [said.cannot_tell for said in page.said] == [False, True]


def test_what_cannot_be_told_is_told_once_in_a_cell(notebook, ran):
    unknown = CannotTell("nobody wrote.")
    thrice = [ran(lambda s: (s.say(unknown), s.table(unknown), s.show(unknown))) for _ in "ab"]
    assert kinds(page_of(notebook("# Title", *thrice))) == ["said", "code"]


def test_how_an_answer_is_made_is_folded_and_is_no_answer(notebook, ran):
    text, rows = new_markdown_cell("## How it is made"), ran(lambda s: s.say("A step."))
    for cell in (text, rows):
        cell.metadata.tags = ["method"]
    page = page_of(notebook("# Title", ran(lambda s: s.say("So it is.")), text, rows, "After."))
    assert kinds(page) == ["said", "section", "code"]
    [method, after] = page.blocks[1].blocks
    assert (method.kind, after.html.striptags()) == ("method", "After.")
    assert [block.kind for block in method.blocks] == ["text", "said", "code"]
    assert [said.text for said in page.said] == ["So it is."]


def test_a_reason_is_given_once_a_page_and_in_full_among_the_answers(notebook, ran):
    one, other = CannotTell("nobody wrote."), CannotTell("nobody left.")
    cells = [ran(lambda s, what=what: s.say(what)) for what in (one, other, one)]
    page = page_of(notebook("# Title", *cells))
    shown = [block.html.striptags() for block in page.blocks if block.kind == "said"]
    assert shown == ["Cannot tell: nobody wrote.", "Cannot tell: nobody left."]
    assert [said.text for said in page.said] == shown


def test_sections_are_folded_unless_tagged_and_gone_where_nothing_applies(notebook, ran):
    opened, none = new_markdown_cell("## Open\n\nMore."), DoesNotApply("nobody can leave here.")
    opened.metadata.tags = ["open"]
    page = page_of(
        notebook(
            "# Title",
            ran(lambda s: s.say("So it is.")),
            "## Why?\n\nBecause of what it shows.",
            ran(lambda s: s.say("A proof.")),
            "### And who?\n\nNobody here.",
            ran(lambda s: s.say(none)),
            "### And when?",
            ran(lambda s: s.say("Then.")),
            opened,
            ran(lambda s: s.say("A sequel.")),
            "## Who leaves?",
            ran(lambda s: (s.say(none), s.table(none), s.show(none))),
            "## Words alone",
        )
    )
    sections = [block for block in page.blocks if block.kind == "section"]
    told = [(str(b.html), b.more["open"], [one.kind for one in b.blocks]) for b in sections]
    assert told == [
        ("Why?", False, ["text", "said", "code", "text", "said", "code"]),
        ("Open", True, ["text", "said"]),
        ("Words alone", False, []),
    ]
    assert [said.text for said in page.said] == ["So it is.", "A proof.", "Then.", "A sequel."]


def test_the_answer_stands_before_the_text_that_leads_to_it(notebook, ran):
    page = page_of(notebook("# T", "Some text.", ran(lambda s: s.say("So it is.")), "More."))
    assert [block.kind for block in page.blocks] == ["said", "text", "text", "code"]


def test_a_term_is_linked_once_a_paragraph_and_its_sentence_stands_below(notebook, ran):
    said = "The interval holds one; its 95% interval, and an [interval](other.ipynb)."
    page = page_of(notebook("# Title", ran(lambda s: s.say(said)), "Intervals, `interval`."))
    assert str(page.blocks[0].html).count('<a class="term" href="#word-interval">') == 1
    assert page.words.keys() == {"interval"}
    for kept in ("<p>&tau;</p>", "<pre>a cause</pre>", "about “return”", "https://a.b/cause"):
        assert linked(kept, set()) == kept
    assert without_links(page.blocks[0].html).count("<a") == 0


def test_tables_and_figures_are_numbered_and_leave_their_rows_as_csv(notebook, ran):
    rows = pd.DataFrame({"cause": ["=1+1", "b"], "share": [0.123456, 2.0], "n": [1200, None]})
    first, second = (ran(lambda s: (s.table(rows), s.table(rows))) for _ in range(2))
    page = page_of(notebook("# Title", "## Rows", first, "### In part\n\nSome.", second))
    tables = [
        (b.more["number"], b.more["heading"]) for b in every(page.blocks) if b.kind == "table"
    ]
    assert tables == [(1, "Rows"), (2, "Rows"), (3, "In part"), (4, "In part")]
    assert page.data[f"{NAME}-table-1.csv"] == "cause,share,n\n'=1+1,0.1235,1200\nb,2,\n"
    assert len(page.data) == 4


@dataclass(frozen=True)
class Drawn(Result):
    """A result with a figure that is there already."""

    axes: object

    def plot(self, ax=None):
        return self.axes

    def described(self) -> str:
        return "Two bars."


def test_a_figure_has_its_title_as_alt_and_its_description_as_caption(notebook, ran):
    ax = plt.figure(figsize=(4, 2)).add_subplot()
    ax.set_title('Login "leads"', loc="left")
    shown = ran(lambda s: s.show(Drawn(pd.DataFrame(), ax)), lambda s: s.say("After."))
    plt.close("all")
    page = page_of(notebook("# T", shown))
    assert kinds(page) == ["figure", "said", "code"]
    figure = page.blocks[0]
    assert (figure.html.striptags(), figure.more["alt"]) == ("Two bars.", 'Login "leads"')
    assert (figure.more["width"], figure.more["height"]) == (400, 200)
    assert figure.more["src"].startswith("data:image/png;base64,iVBOR")


def test_a_picture_that_is_no_png_is_refused(notebook):
    output = new_output("display_data", {"image/png": "PHN2Zz4="})
    with pytest.raises(InputError, match="not a PNG"):
        page_of(notebook(new_code_cell("x", outputs=[output])))


def test_a_table_is_shown_with_its_note(notebook, ran):
    frame = pd.DataFrame({"Cause": ["<b>login</b>"], "Tickets": [1200]})
    page = page_of(notebook("# T", ran(lambda s: s.table(frame, "Without spam."))))
    assert '<td>&lt;b&gt;login&lt;/b&gt;</td><td class="num">1,200</td>' in page.blocks[0].html
    assert page.blocks[0].more["caption"] == "Without spam."


def test_code_of_what_is_open_stands_last_and_silent_cells_join_it(notebook, ran):
    page = page_of(
        notebook(
            "# T",
            ran(source="import a"),
            ran(lambda s: s.say("x"), source="b = 2"),
            ran(source="c = 3"),
            "## Next",
        )
    )
    assert kinds(page) == ["said", "section", "code"]
    assert page.blocks[2].html.striptags() == "import a b = 2 c = 3"


def test_printed_text_is_shown_and_warnings_are_not(notebook):
    outputs = [
        new_output("stream", name="stdout", text="\x1b[31m<i>red</i>\x1b[0m\n"),
        new_output("stream", name="stderr", text="/tmp/ipykernel_7/1.py: Warning"),
        new_output("execute_result", {"text/html": "<script>1</script>", "text/plain": "'<b>'"}),
        new_output("display_data", {"application/javascript": "alert(1)"}),
    ]
    page = page_of(notebook(new_code_cell("x", outputs=outputs)))
    assert [(b.kind, b.html) for b in page.blocks[:-1]] == [
        ("printed", "<i>red</i>"),
        ("printed", "'<b>'"),
    ]


def test_cells_without_an_id_always_get_the_same(tmp_path):
    cell = {"cell_type": "markdown", "metadata": {}, "source": "a"}
    raw = {"cells": [cell, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tmp_path / "n.ipynb").write_text(json.dumps(raw), encoding="utf-8")
    assert [c.id for c in read_notebook(tmp_path / "n.ipynb").cells] == ["cell-00", "cell-01"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": 3}'])
def test_what_is_no_notebook_is_named(tmp_path, text):
    (tmp_path / "n.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"n\.ipynb cannot be read as a notebook"):
        read_notebook(tmp_path / "n.ipynb")
