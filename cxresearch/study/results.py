"""A result says itself: its sentence, its table, its title and its colours read one frame."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study.answers import CannotTell, Finding
from cxresearch.study.small_groups import without
from cxresearch.study.tables import as_html

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 40  # rows that a result shows of itself


@dataclass(frozen=True, eq=False)
class Result:
    """What a question of a study is answered with.

    frame is tidy: rows have names where a page speaks of single ones (frame.loc["late"]), and what
    can be told of a row stands in its verdict. Nothing that is said, shown or drawn is worked out
    elsewhere. A CannotTell stands in for a result and answers every one of these methods.
    """

    frame: pd.DataFrame

    def said(self, row: str = "") -> Finding | CannotTell:
        """The finding as a sentence, or that it cannot be told; of one named row, where it has
        rows that are said one by one."""
        return Finding("")

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """What a page says of it, a paragraph each."""
        return (self.said(),)

    def table(self) -> pd.DataFrame:
        """The frame as a page shows it."""
        return self.frame

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """The figure, whose title is the finding; on axes of one's own, if given."""
        return CannotTell("how it looks: there is no figure of this.")

    def described(self) -> str:
        """What can be seen in the figure, in words."""
        return ""

    def _repr_markdown_(self) -> str:
        return self.said()._repr_markdown_()

    def _repr_html_(self) -> str:
        said = re.sub(r"(?<!\\)\*\*", "", self._repr_markdown_())
        text = html.escape(html.unescape(re.sub(r"\\(.)", r"\1", said)))
        rows = self.table()
        if isinstance(rows, CannotTell):
            return f"<p>{text}</p>"
        rows, unshown = without(rows)
        more = f"{len(rows) - MOST:,} further rows are not shown." if len(rows) > MOST else ""
        note = f"{more} {unshown}".strip()
        return (f"<p>{text}</p>" if text else "") + as_html(rows.head(MOST), note)
