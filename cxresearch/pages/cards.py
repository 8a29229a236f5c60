"""Cards: what is asked first, each with its number, and causes, each with its quotes and trend."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cxresearch.study.results import Result
from cxresearch.study.visible import visible

BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, eq=False)
class Cards(Result):
    """A row a card and named by its title: value (what stands in large letters), lines (what stands
    below it), quotes, trend (counts, the oldest first), page (the name of the page that it leads
    to). Where a card has no such thing, it is empty."""

    def table(self) -> pd.DataFrame:
        """A row a card: title, value, and the lines in one."""
        lines = self.frame["lines"].map("; ".join)
        shown = {
            "": list(self.frame.index),
            "value": list(self.frame["value"]),
            "more": list(lines),
        }
        return pd.DataFrame(shown)

    def cards(self) -> list[dict]:
        """The cards as a report keeps them."""
        return [
            {
                "title": visible(title),
                "value": row["value"],
                "lines": [visible(line) for line in row["lines"]],
                "quotes": [visible(quote) for quote in row["quotes"]],
                "trend": trend(row["trend"]),
                "counts": ", ".join(f"{count:,.0f}" for count in row["trend"]),
                "page": row["page"],
            }
            for title, row in self.frame.iterrows()
        ]


def of_rows(rows: list[dict]) -> Cards:
    """Cards of rows with a title and any of the columns of Cards."""
    empty = {"value": "", "lines": [], "quotes": [], "trend": [], "page": ""}
    frame = pd.DataFrame([empty | row for row in rows], columns=["title", *empty])
    return Cards(frame.set_index("title"))


def trend(counts: list[float]) -> str:
    """Counts as a line of small bars, which reads like a word.

    >>> trend([0, 4, 8])
    '▁▄█'
    """
    most = max(counts, default=0)
    return "".join(BARS[int(count / most * (len(BARS) - 1))] for count in counts) if most else ""


def cause_pages(causes: Sequence[str]) -> list[str]:
    """The names of causes' pages; of two that would be alike the second has a number."""
    names: list[str] = []
    for name in map(cause_page, causes):
        same = sum(each == name or each.startswith(f"{name}--") for each in names)
        names.append(f"{name}--{same + 1}" if same else name)
    return names


def cause_page(cause: str) -> str:
    """The name of a cause's page in a report.

    >>> cause_page("Stock not synchronised · Sync")
    'cause-stock-not-synchronised-sync'
    """
    words = re.sub(r"[^\w]+", "-", cause.casefold()).strip("-_")
    short = words[:60].encode()[:120].decode(errors="ignore")  # a name of a file has 255 bytes
    return f"cause-{short or 'unnamed'}"
