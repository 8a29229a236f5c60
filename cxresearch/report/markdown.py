"""Text that others wrote as HTML that does nothing: Markdown, tables, code.

Ticket text is hostile. Markdown keeps no raw HTML, pictures or odd links; of an HTML output only
the markup of a table survives; everything else is escaped.
"""

import html
import re
from html.parser import HTMLParser
from urllib.parse import quote

import mistune
from markupsafe import Markup
from mistune.util import safe_entity
from pygments.lexers import PythonLexer
from pygments.token import Token

from cxresearch.study.visible import visible

TABLE_TAGS = frozenset(("table", "caption", "thead", "tbody", "tr", "th", "td"))
TABLE_CLASSES = frozenset(("cx-table", "num"))
CODE_LOOKS = {
    Token.Comment: "c",
    Token.Keyword: "k",
    Token.Operator.Word: "k",
    Token.Literal.String: "s",
    Token.Literal.Number: "m",
}


class _CellText(mistune.HTMLRenderer):
    """Markdown written by a notebook's author."""

    def __init__(self, pages: frozenset[str]):
        super().__init__(escape=True)
        self._pages = pages

    def text(self, text: str) -> str:
        return safe_entity(text)

    def heading(self, text: str, level: int, **attrs: object) -> str:
        name = html.escape(plain_text(text).replace(" ", "-"))
        level = max(level, 2)
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return text

    def link(self, text: str, url: str, title: str | None = None) -> str:
        target = self._target(url)
        return f'<a href="{html.escape(target)}">{text}</a>' if target else text

    def _target(self, url: str) -> str | None:
        """Where a link may lead: a rendered page, a place on this page, the web; else nowhere."""
        notebook = re.fullmatch(r"(?:\./)?([\w-]+)\.ipynb(#.*)?", url)
        if notebook:
            name, place = notebook[1], notebook[2] or ""
            return f"{name}.html{quote(place, '#%')}" if name in self._pages else None
        if url.startswith("#"):
            return quote(url, "#%")
        return url if re.fullmatch(r"(https?://|mailto:)[^\s<>\"'`\\]+", url) else None


class _OutputText(_CellText):
    """Markdown put out by code: it may hold words of customers, so it has no headings of its own
    and leads only to other pages of the report."""

    def heading(self, text: str, level: int, **attrs: object) -> str:
        return f"<p><strong>{text}</strong></p>\n"

    def _target(self, url: str) -> str | None:
        target = super()._target(url)
        return target if target and ".html" in target and ":" not in target else None


def cell_markdown(text: str, pages: frozenset[str] = frozenset()) -> Markup:
    """An author's Markdown as HTML; links to notebooks lead to their pages if these are there."""
    return _markdown(_CellText(pages), text)


def output_markdown(text: str, pages: frozenset[str] = frozenset()) -> Markup:
    """Markdown that code put out as HTML; it links to nothing but the report's own pages."""
    return _markdown(_OutputText(pages), text)


def plain_text(markup: str) -> str:
    """The words of a piece of HTML, without its tags, on one line."""
    return visible(" ".join(html.unescape(re.sub(r"<[^>]*>", "", str(markup))).split()))


def tables(markup: str) -> tuple[Markup, Markup]:
    """The tables in a piece of HTML and the caption of the first; empty if there are none."""
    parser = _TableMarkup()
    parser.feed(markup)
    parser.close()
    clean = parser.markup()
    caption = re.search(r"<caption>(.*?)</caption>", clean, re.DOTALL)
    clean = re.sub(r"<caption>.*?</caption>", "", clean, flags=re.DOTALL)
    return Markup(clean), Markup(caption[1] if caption else "")


def code(source: str) -> Markup:
    """Python source as HTML with its comments, keywords, strings and numbers marked."""
    parts = []
    for kind, text in PythonLexer(stripnl=True).get_tokens(source):
        look = next((look for token, look in CODE_LOOKS.items() if kind in token), None)
        text = html.escape(text, quote=False)
        parts.append(f'<span class="{look}">{text}</span>' if look else text)
    return Markup("".join(parts).rstrip())


def _markdown(renderer: mistune.HTMLRenderer, text: str) -> Markup:
    plugins = ["table", "strikethrough"]
    written = mistune.create_markdown(renderer=renderer, plugins=plugins)(text)
    return Markup(str(written).strip())


class _TableMarkup(HTMLParser):
    """Writes the tags of a table anew, each with the classes we know, and the text in its cells."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []
        self._muted = False

    def markup(self) -> str:
        return "".join(self._parts) + "".join(f"</{tag}>" for tag in reversed(self._open))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._muted = tag in ("script", "style")
        if tag not in TABLE_TAGS or not (self._open or tag == "table"):
            return
        known = [c for c in (dict(attrs).get("class") or "").split() if c in TABLE_CLASSES]
        classes = f' class="{" ".join(known)}"' if known else ""
        scope = ' scope="col"' if tag == "th" and "thead" in self._open else ""
        self._parts.append(f"<{tag}{scope}{classes}>")
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._muted = False
        if tag in self._open:
            while (last := self._open.pop()) != tag:
                self._parts.append(f"</{last}>")
            self._parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._muted and self._open and self._open[-1] in ("caption", "th", "td"):
            self._parts.append(html.escape(data, quote=False))
