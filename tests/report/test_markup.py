"""What others wrote does nothing on the page."""

import pytest

from cxresearch.report.markdown import cell_markdown, code, output_markdown, plain_text, tables
from cxresearch.study.answers import plain

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt&colon;alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](data:text/html,<script>alert(1)</script>)",
    "[click](//evil.example/x)",
    '[click](https://e.example/"onmouseover="alert(1))',
    '[click](x.ipynb#"onmouseover="alert(1))',
    "![alt](https://evil.example/pixel.png)",
    '![alt" onerror="alert(1)](x)',
    "<javascript:alert(1)>",
    "# <svg/onload=alert(1)>",
    '# a" onclick="alert(1)',
    "> <iframe src=//evil.example>",
    "- <style>*{display:none}</style>",
    "| <b onclick=alert(1)>a</b> |\n|---|\n| <script>1</script> |",
    "<!-- --><script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "```<script>\n</script><script>alert(1)\n```",
    "[a]: javascript:alert(1)\n\n[a]",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
TAGS = set("p a h2 h3 strong em code pre blockquote ul ol li table thead tbody tr th td".split())


@pytest.mark.parametrize("render", [cell_markdown, output_markdown])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_becomes_words(elements, render, text):
    for tag, attrs in elements(render(text, frozenset({"x"}))).found:
        assert tag in TAGS
        assert set(attrs) <= {"href", "id", "class", "style"}
        assert attrs.get("href", "https://").startswith(("https://", "x.html"))
        assert "evil" not in attrs.get("href", "")


@pytest.mark.parametrize("text", ["<b>5 & 6</b>", "a_b *c* [d](e) `f` #1 ~2~ $3 |4|", "&lt;"])
def test_escaped_text_reads_as_it_was_written(text):
    assert plain_text(output_markdown(plain(text))) == text


def test_markdown_keeps_its_own_markup():
    page = cell_markdown("## One\n\n**a** *b* `c`\n\n- d\n\n> e\n\n|f|\n|---|\n|g|")
    for part in (
        '<h2 id="One">',
        "<strong>a</strong>",
        "<em>b</em>",
        "<code>c</code>",
        "<li>d</li>",
    ):
        assert part in page
    assert "<blockquote>" in page
    assert "<th>f</th>" in page


def test_an_entity_is_not_escaped_twice():
    assert cell_markdown("a &amp; b") == "<p>a &amp; b</p>"


def test_links_to_notebooks_lead_to_their_pages():
    pages = frozenset({"06-who-leaves"})
    for render in (cell_markdown, output_markdown):
        assert 'href="06-who-leaves.html#what"' in render("[a](06-who-leaves.ipynb#what)", pages)
        assert render("[a](07-what-helps.ipynb)", pages) == "<p>a</p>"


def test_authors_may_link_to_the_web_and_outputs_may_not():
    text = "[a](https://example.org/b)"
    assert 'href="https://example.org/b"' in cell_markdown(text)
    assert output_markdown(text) == "<p>a</p>"


def test_a_table_keeps_cells_classes_and_caption():
    page, caption = tables(
        '<div><style>p{}</style><table border="1" class="cx-table x">'
        "<caption>All &amp; more</caption>"
        "<thead><tr><th>A</th><th class=num>B</th></tr></thead>"
        "<tbody><tr><td>a &lt; b</td><td class=num>1</td></tr></tbody></table><p>2 rows</p></div>"
    )
    assert page == (
        '<table class="cx-table"><thead><tr><th scope="col">A</th>'
        '<th scope="col" class="num">B</th></tr></thead>'
        '<tbody><tr><td>a &lt; b</td><td class="num">1</td></tr></tbody></table>'
    )
    assert caption == "All &amp; more"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<td onclick=alert(1) style='position:fixed' class='num\" onclick=\"alert(1)'>",
        "</td></tr></table></main><script>alert(1)</script>",
        "<svg><style><img src=x onerror=alert(1)></style>",
        "&lt;script&gt;",
        "<script>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<caption><img src=x onerror=alert(1)>",
    ],
)
def test_only_table_markup_survives_in_html(elements, hostile):
    page, caption = tables(f"<table><tr><td>{hostile}</td></tr></table>")
    for tag, attrs in elements(page + caption).found:
        assert tag in ("table", "caption", "tr", "td")
        assert attrs in ({}, {"class": "num"})
    assert page.count("<table") == page.count("</table>") == 1


def test_html_without_a_table_is_nothing():
    assert tables("<b>5</b><script>alert(1)</script>") == ("", "")


def test_code_is_escaped_and_marked():
    page = code("x = '<b>'  # why\nfor i in 3: pass\n")
    assert "<span class=\"s\">'&lt;b&gt;'</span>" in page.replace('</span><span class="s">', "")
    assert '<span class="c"># why</span>' in page
    assert '<span class="k">for</span>' in page
    assert '<span class="m">3</span>' in page
