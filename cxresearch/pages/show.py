"""How a notebook speaks: findings as sentences, rounded tables, figures with descriptions."""

import base64
import io

import pandas as pd
from IPython.display import display

from cxresearch.study.answers import CannotTell, Finding, Picture
from cxresearch.study.results import Result
from cxresearch.study.tables import as_html, as_text


def say(*findings: Result | Finding | CannotTell | str) -> None:
    """Shows what results say as text, a paragraph each; the report collects it in answers.json."""
    whole = [Finding(what) if isinstance(what, str) else what for what in findings]
    for said in (sentence for what in whole for sentence in what.sentences()):
        text = said._repr_markdown_()
        told = {"said": True, "numbers": getattr(said, "numbers", {})}
        display(
            {"text/markdown": text, "text/plain": text}, raw=True, metadata={"cxresearch": told}
        )


def table(what: Result | pd.DataFrame | CannotTell, note: str = "", rows: int = 40) -> None:
    """Shows a small table, rounded to two places, escaped; an empty field reads "–".

    Of more rows than asked for the first are shown, and how many were not.
    """
    frame = what if isinstance(what, pd.DataFrame) else what.table()
    if isinstance(frame, CannotTell):
        return say(frame)
    if frame.empty:
        return say("Nothing to show: the table has no rows.")
    if len(frame) > rows:
        note = f"{note} {len(frame) - rows:,} further rows are not shown.".strip()
        frame = frame.head(rows)
    display({"text/html": as_html(frame, note), "text/plain": as_text(frame, note)}, raw=True)
    return None


def show(what: Result | Picture | CannotTell) -> None:
    """Shows a figure at double resolution, its title as alternative text, its description below."""
    axes = what.axes if isinstance(what, Picture) else what.plot()
    if isinstance(axes, CannotTell):
        return say(axes)
    from matplotlib import pyplot as plt

    description = what.description if isinstance(what, Picture) else what.described()
    figure = axes.get_figure()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=2 * figure.dpi, metadata={"Software": None})
    plt.close(figure)
    width = int(figure.get_figwidth() * figure.dpi)
    display(
        {
            "image/png": base64.b64encode(buffer.getvalue()).decode(),
            "text/plain": figure.get_suptitle() or axes.get_title(loc="left"),
        },
        raw=True,
        metadata={"image/png": {"width": width}, "cxresearch": {"figure": True}},
    )
    display(
        {"text/markdown": f"*{description}*", "text/plain": description},
        raw=True,
        metadata={"cxresearch": {"description": True}},
    )
    return None
