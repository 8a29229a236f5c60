"""How a table reads: rounded to two places, escaped, an empty field as a dash."""

import csv
import html
import io

import pandas as pd

from cxresearch.study.visible import field, isolated, visible

MOST_AS_CSV = 500  # rows: a longer frame is a table of the study, not one that a page shows


def cells(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[bool]]:
    """Every field as the text that a page shows, and which columns are numbers."""
    named = frame.index.names != [None]
    shown = frame.reset_index(allow_duplicates=True) if named else frame
    names = [str(name) for name in shown.columns]
    columns = [column for _, column in shown.items()]
    numeric = [pd.api.types.is_numeric_dtype(column) for column in columns]
    texts = [
        [(_p if name in ("p", "p BH") and number else _cell)(value) for value in column]
        for name, column, number in zip(names, columns, numeric, strict=True)
    ]
    return pd.DataFrame(list(zip(*texts, strict=True)), columns=names), numeric


def as_html(frame: pd.DataFrame, note: str = "") -> str:
    """A frame as a table of HTML: every text is escaped."""
    texts, numeric = cells(frame)

    def line(tag: str, row) -> str:
        return "".join(_tag(tag, text, n) for text, n in zip(row, numeric, strict=True))

    lines = "".join(f"<tr>{line('td', row)}</tr>" for row in texts.itertuples(index=False))
    caption = f"<caption>{html.escape(note)}</caption>" if note else ""
    body = f"<thead><tr>{line('th', texts.columns)}</tr></thead><tbody>{lines}</tbody>"
    return isolated(f'<table class="cx-table">{caption}{body}</table>')


def as_text(frame: pd.DataFrame, note: str = "") -> str:
    """A frame as plain text, for a terminal and for comparing outputs."""
    return visible(cells(frame)[0].to_string(index=False) + (f"\n{note}" if note else ""))


def as_csv(frame: pd.DataFrame) -> str:
    """A frame as CSV: numbers with four digits, nothing that a spreadsheet runs; lists joined."""
    shown = frame.reset_index(allow_duplicates=True) if frame.index.names != [None] else frame
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow([field(str(name)) for name in shown.columns])
    columns = [[_plain(value) for value in column] for _, column in shown.items()]
    lines.writerows(zip(*columns, strict=True))
    return written.getvalue()


def _plain(value) -> str:
    """A value as a field of a CSV file; an empty one is empty."""
    if pd.api.types.is_list_like(value):
        return field(", ".join(_plain(each) for each in value))
    if pd.isna(value):
        return ""
    if pd.api.types.is_float(value):
        return f"{value:.0f}" if float(value).is_integer() else repr(float(f"{value:.4g}"))
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return str(value) if pd.api.types.is_number(value) else field(" ".join(str(value).split()))


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
