"""What a person reads in HTML, or in the XHTML in which Confluence stores pages."""

from html.parser import HTMLParser

HIDDEN = {"script", "style", "ac:parameter"}
LINES = {"br", "p", "div", "li", "ul", "ol", "tr", "table", "hr", "pre", "blockquote",
         *(f"h{size}" for size in range(1, 7))}  # fmt: skip


def text_of(markup: str) -> str:
    """The text without tags, scripts and settings of macros, a line a paragraph; text without
    markup stays as it is.

    >>> text_of("<h1>Log in</h1><p>Press &lt;Enter&gt;</p>")
    'Log in\\nPress <Enter>'
    """
    if "<" not in markup and "&" not in markup:
        return markup
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(filter(None, lines))


class _Reader(HTMLParser):
    """Collects text; what a hiding tag opened stays hidden until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in HIDDEN
        self.parts.append("\n" * (tag in LINES))

    def handle_endtag(self, tag):
        self.hidden = max(0, self.hidden - (tag in HIDDEN))
        self.parts.append("\n" * (tag in LINES))

    def handle_data(self, data):
        self.parts.append("" if self.hidden else data)

    def unknown_decl(self, data):
        self.handle_data(data.removeprefix("CDATA["))
