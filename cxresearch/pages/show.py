"""How a notebook speaks: findings as sentences, rounded tables, figures with descriptions."""

import base64
import html
import io

import pandas as pd
from IPython.display import display

from cxresearch.study.answers import CannotTell, Finding, Picture


def say(*findings: Finding | CannotTell | str) -> None:
    """Shows findings as text, a paragraph each; the report collects them in answers.json."""
    for what in findings:
        text = what if isinstance(what, str) else what._repr_markdown_()
        said = {"said": True, "numbers": getattr(what, "numbers", {})}
        display(
            {"text/markdown": text, "text/plain": text}, raw=True, metadata={"cxresearch": said}
        )


def table(frame: pd.DataFrame | CannotTell, note: str = "", rows: int = 40) -> None:
    """Shows a small table, rounded to two places, escaped; an empty field reads "–".

    Of more rows than asked for the first are shown, and how many were not.
    """
    if isinstance(frame, CannotTell):
        return say(frame)
    if frame.empty:
        return say("Nothing to show: the table has no rows.")
    named = frame.index.names != [None]
    shown = frame.reset_index(allow_duplicates=True) if named else frame
    if len(shown) > rows:
        note = f"{note} {len(shown) - rows:,} further rows are not shown.".strip()
        shown = shown.head(rows)
    names = [str(name) for name in shown.columns]
    columns = [shown.iloc[:, place] for place in range(len(names))]
    read = [
        [(_p if n in ("p", "p BH") else _cell)(v) for v in c]
        for n, c in zip(names, columns, strict=True)
    ]
    numeric = [pd.api.types.is_numeric_dtype(column) for column in columns]
    cells = pd.DataFrame(list(zip(*read, strict=True)), columns=names)
    text = cells.to_string(index=False) + (f"\n{note}" if note else "")
    display({"text/html": _html(cells, numeric, note), "text/plain": text}, raw=True)
    return None


def _html(cells: pd.DataFrame, numeric: list[bool], note: str) -> str:
    def line(tag: str, texts) -> str:
        return "".join(_tag(tag, text, n) for text, n in zip(texts, numeric, strict=True))

    lines = "".join(f"<tr>{line('td', row)}</tr>" for row in cells.itertuples(index=False))
    caption = f"<caption>{html.escape(note)}</caption>" if note else ""
    body = f"<thead><tr>{line('th', cells.columns)}</tr></thead><tbody>{lines}</tbody>"
    return f'<table class="cx-table">{caption}{body}</table>'


def show(picture: Picture | CannotTell) -> None:
    """Shows a figure at double resolution, its title as alternative text, its description below."""
    if isinstance(picture, CannotTell):
        return say(picture)
    from matplotlib import pyplot as plt

    figure = picture.axes.get_figure()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=2 * figure.dpi, metadata={"Software": None})
    plt.close(figure)
    width = int(figure.get_figwidth() * figure.dpi)
    display(
        {
            "image/png": base64.b64encode(buffer.getvalue()).decode(),
            "text/plain": figure.get_suptitle() or picture.axes.get_title(loc="left"),
        },
        raw=True,
        metadata={"image/png": {"width": width}, "cxresearch": {"figure": True}},
    )
    display(
        {"text/markdown": f"*{picture.description}*", "text/plain": picture.description},
        raw=True,
        metadata={"cxresearch": {"description": True}},
    )
    return None


def _cell(value) -> str:
    if pd.api.types.is_list_like(value):
        return ", ".join(map(_cell, value))
    if pd.isna(value):
        return "–"
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if pd.api.types.is_float(value) and abs(value) == float("inf"):
        return "none"
    if pd.api.types.is_float(value):
        return f"{value:,.2f}" if abs(value) >= 0.005 else "0.00"
    if pd.api.types.is_integer(value):
        return f"{value:,}"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return " ".join(str(value).split())


def _p(value: float) -> str:
    if pd.isna(value):
        return "–"
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"


def _tag(name: str, text: str, numeric: bool) -> str:
    return f"<{name}{' class=num' if numeric else ''}>{html.escape(text)}</{name}>"
