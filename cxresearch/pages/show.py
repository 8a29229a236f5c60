"""How a notebook speaks: findings as sentences, rounded tables, figures with descriptions."""

from __future__ import annotations

import base64
import html
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
from IPython.display import display

from cxresearch.pages.cards import Cards
from cxresearch.pages.picture import png
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, cannot_tell_passes, finding
from cxresearch.study.results import Result
from cxresearch.study.small_groups import Few, hide, without
from cxresearch.study.study import Study
from cxresearch.study.tables import MOST_AS_CSV, as_csv, as_html, as_text
from cxresearch.study.visible import isolated, visible
from cxresearch.topics.causes.per_ticket import of_few

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def say(*findings: Study | Result | Finding | CannotTell | str) -> None:
    """Shows what results say as text, a paragraph each; the report collects it in answers.json.

    A study says what part of the whole it is, and nothing if it is the whole; how small a group
    may be shown from then on is as its settings say.
    """
    for said in (sentence for what in findings for sentence in _sentences(what)):
        if isinstance(said, DoesNotApply):
            continue
        text = said._repr_markdown_()
        numbers = getattr(said, "numbers", {}).items()
        told = {"said": True, "numbers": {k: None if _unknown(n) else n for k, n in numbers}}
        display(
            {"text/markdown": text, "text/plain": text}, raw=True, metadata={"cxresearch": told}
        )


def _unknown(number: object) -> bool:
    return isinstance(number, float) and not math.isfinite(number)


def _sentences(what: Study | Result | Finding | CannotTell | str) -> tuple:
    if isinstance(what, str):
        return (Finding(what),)
    if isinstance(what, Study):
        least = what.settings.least_shown
        hide(Few(least, frozenset(of_few(what, least))))
        if what.sample and (told := what.sample.says):
            display({"text/markdown": told, "text/plain": told}, raw=True)  # beside the answer
        return (finding("{cut}", cut=what.cut),) if what.cut else ()
    return what.sentences()


def table(
    what: Result | pd.DataFrame | CannotTell,
    note: str = "",
    rows: int = 40,
    least: float | None = None,
    most: int = MOST_AS_CSV,
) -> None:
    """Shows a small table, rounded to two places, escaped; an empty field reads "–".

    Of more rows than asked for the first are shown, and how many were not; a frame without rows is
    not shown. Groups of fewer than least customers (else as the study says) are not, and least=0
    shows them all. The report keeps its rows as CSV: all, if there are no more than most of them.
    """
    frame = what if isinstance(what, pd.DataFrame) else what.table()
    if isinstance(frame, CannotTell):
        return say(frame)
    if frame.empty:
        return None
    frame, unshown = without(frame, least)
    note = f"{note} {unshown}".strip()
    if frame.empty:
        return say(f"Nothing to show: {note}")
    if len(frame) > rows:
        note = f"{note} {len(frame) - rows:,} further rows are not shown.".strip()
    shown = frame.head(rows)
    bundle = {"text/html": as_html(shown, note), "text/plain": as_text(shown, note)}
    display(bundle | _data(frame if len(frame) <= most else shown, most), raw=True)
    return None


def cards(what: Cards) -> None:
    """Shows cards; a notebook has them as a table."""
    rows = what.table()
    if rows.empty:
        return
    display(
        {"text/html": as_html(rows), "text/plain": as_text(rows)},
        raw=True,
        metadata={"cxresearch": {"cards": what.cards()}},
    )


@cannot_tell_passes
def peek(frame: pd.DataFrame, *columns: str, rows: int = 5) -> pd.DataFrame:
    """The first rows of some columns, for a page that shows how its data are made."""
    shown = frame[list(columns)].head(rows)
    return shown if shown.index.name else shown.reset_index(drop=True)


def show(what: Result | CannotTell, least: float | None = None) -> None:
    """Shows a figure, its title as alternative text, its description below; groups of fewer than
    least customers (else as the study says) are not in it, and least=0 shows them all."""
    what, unshown = of_many(what, least)
    axes = what.plot()
    if isinstance(axes, CannotTell):
        return say(axes)
    description = visible(f"{what.described()} {unshown}".strip())
    image, title, width = _drawn(axes)
    held = _data(what.frame) if isinstance(what, Result) else {}
    display(
        {"image/png": image, "text/plain": title} | held,
        raw=True,
        metadata={"image/png": {"width": width}, "cxresearch": {"figure": True}},
    )
    display(
        {"text/markdown": f"*{description}*", "text/plain": description},
        raw=True,
        metadata={"cxresearch": {"description": True}},
    )
    return None


def _data(frame: pd.DataFrame, most: int = MOST_AS_CSV) -> dict[str, str]:
    """What a table or figure holds, as CSV; nothing of what is long."""
    return {"text/csv": as_csv(frame)} if 0 < len(frame) <= most else {}


def of_many(
    what: Result | CannotTell, least: float | None = None
) -> tuple[Result | CannotTell, str]:
    """A result without its small groups, and a sentence that says so."""
    if not isinstance(what, Result):
        return what, ""
    frame, unshown = without(what.frame, least)
    if unshown and frame.empty:
        return CannotTell(f"how it looks: {unshown}"), unshown
    return (replace(what, frame=frame) if unshown else what), unshown


def as_picture(what: Result | CannotTell) -> str:
    """A figure with its description as HTML that needs nothing but itself; or why there is none."""
    axes = what.plot()
    if isinstance(axes, CannotTell):
        return isolated(f"<p>Cannot tell: {html.escape(axes.reason)}</p>")
    image, title, width = _drawn(axes)
    return isolated(
        f'<img alt="{html.escape(title)}" style="max-width:100%" width="{width}" '
        f'src="data:image/png;base64,{image}"><p>{html.escape(what.described())}</p>'
    )


def _drawn(axes: Axes) -> tuple[str, str, int]:
    """The figure of these axes (base64), its title, its width; it is closed then."""
    from matplotlib import pyplot as plt

    figure = axes.get_figure()
    image = base64.b64encode(png(figure)).decode()
    plt.close(figure)
    title = figure.get_suptitle() or axes.get_title(loc="left")
    width = int(figure.get_figwidth() * figure.dpi)
    return image, title, width
