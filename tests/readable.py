"""How much there is to read on a page, and how hard its sentences are."""

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd

# Terms that stand in folded parts and in the glossary, and nowhere else.
JARGON = re.compile(
    r"\b(?:draws?|drawn together|shrunken|bands?|Holm|tau|robust|excess|censored|landmarks?)\b"
)
NOT_READ = ("style", "nav", "footer", "dl", "pre")
SAID = ("answer", "said")
FIRST = 5  # rows of a table that are open
VOID = ("meta", "link", "img", "br", "hr", "input", "wbr")


class _Page(HTMLParser):
    """The words of a page: in the open, folded, in tables; and what it says as findings."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.every: list[str] = []
        self.said: list[tuple[bool, str]] = []  # whether folded, and the words
        self.tables = self.cells = self._rows = 0
        self._within: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in VOID:
            return
        kind = dict(attrs).get("class") or ""
        if tag == "p" and set(kind.split()) & {"said", "short", "lead"}:
            kind = "said"
        folded = self._folded()
        self._within.append((tag, kind))
        self._rows = 0 if tag == "tbody" else self._rows + (tag == "tr")
        self.tables += tag == "table" and not folded
        self.cells += tag == "td" and not folded and not self._hidden_row()
        if set(kind.split()) & {*SAID}:
            self.said.append((folded, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in (open_tag for open_tag, _ in self._within):
            while self._within.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._within]
        if "main" not in tags or set(tags) & {*NOT_READ}:
            return
        self.every.append(data)
        if self._hidden_row():
            return
        if not self._folded() or tags[-1] in ("summary", "h2"):
            self.opened.append(data)
        kinds = {part for _, kind in self._within for part in kind.split()}
        if kinds & {*SAID} and "label" not in kinds and "links" not in kinds:
            folded, said = self.said[-1]
            ends = " " if tags[-1] in ("p", "li") else ""
            self.said[-1] = (folded, said + data + ends)

    def _hidden_row(self) -> bool:
        """Is it in a row of a table after the fifth, which is a click away?"""
        return self._rows > FIRST and any(tag == "tbody" for tag, _ in self._within)

    def _folded(self) -> bool:
        return any(tag == "details" for tag, _ in self._within)


def words(text: str) -> list[str]:
    """The words and numbers of a text."""
    return re.findall(r"[^\W_](?:[\w'’.,:%/+-]*[\w%])?", text)


def sentences(text: str) -> list[str]:
    """The sentences of a text; a list after a colon, parted by semicolons, is one."""
    flat = " ".join(text.split())
    return [one for one in re.split(r"(?<=[.!?])\s+(?=[^a-z\d])", flat) if words(one)]


def numbers(sentence: str) -> list[str]:
    """The numbers of a sentence: an interval in brackets goes with the number before it, and a
    day is one."""
    alone = re.sub(r"\([^()]*\d[^()]*\)|\d{4}-\d\d-\d\d", " ", sentence)
    return re.findall(r"(?<![\w.])\d[\d,.]*", alone)


def read(file: Path) -> dict:
    """What a page asks of its reader: words in the open and in all, open tables and cells, and its
    findings with whether they are folded."""
    page = _Page()
    page.feed(file.read_text(encoding="utf-8"))
    return {
        "page": file.stem,
        "open words": len(words(" ".join(page.opened))),
        "all words": len(words(" ".join(page.every))),
        "open tables": page.tables,
        "open cells": page.cells,
        "said": [(folded, unescape(said)) for folded, said in page.said],
        "open text": " ".join(page.opened),
    }


def sentence_lengths(folder: Path) -> pd.DataFrame:
    """A row a computed sentence of a report: page, whether folded, words, numbers, sentence."""
    rows = [
        (file.stem, folded, len(words(one)), len(numbers(one)), one)
        for file in sorted(folder.glob("*.html"))
        for folded, said in read(file)["said"]
        for one in sentences(said)
    ]
    return pd.DataFrame(rows, columns=["page", "folded", "words", "numbers", "sentence"])
