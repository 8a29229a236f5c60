"""Tables as an Excel file: times without a zone, said in the header, and no text that is run."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.study.schema import InputError
from cxresearch.study.visible import LIKE_FORMULAS, visible

ROWS, LETTERS = 1_048_575, 32_767  # what a sheet holds below its header, and a cell
CUT = " [cut here: a cell of Excel holds no more]"


def write_workbook(file: str | Path, tables: dict[str, pd.DataFrame]) -> None:
    """Writes an .xlsx file with a sheet a table; a file of that name is written over.

    Times are UTC and say so in the header, such as "created_at (UTC)", because Excel knows no
    zones; lists are JSON. Text stays text, also if it begins as a formula does. What nobody
    would see is written out (see visible), what is too long is cut at 32,767 letters. Raises
    InputError if the name does not end in .xlsx or a table has more rows than a sheet.
    """
    if Path(file).suffix.lower() != ".xlsx":
        raise InputError(f"{file}: an Excel file's name ends in .xlsx.")
    for name, frame in tables.items():
        if len(frame) > ROWS:
            raise InputError(f"Table {name} has {len(frame):,} rows, and a sheet of Excel holds "
                             f"{ROWS:,}: write it with to_parquet or to_csv.")  # fmt: skip
    with pd.ExcelWriter(file, engine="openpyxl") as book:
        for name, frame in tables.items():
            _as_cells(frame).to_excel(book, sheet_name=name, index=False)
            for row in book.sheets[name].iter_rows():
                for cell in row:
                    _as_text(cell)


def _as_text(cell) -> None:
    """Text that begins like a formula is text, and stays so when somebody edits it."""
    if isinstance(cell.value, str) and cell.value.startswith(LIKE_FORMULAS):
        cell.data_type, cell.quotePrefix = "s", True


def _as_cells(frame: pd.DataFrame) -> pd.DataFrame:
    held = {}
    for name, values in frame.rename(columns=lambda name: visible(str(name))).items():
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            held[f"{name} (UTC)"] = values.dt.tz_convert("UTC").dt.tz_localize(None)
        elif values.dtype.kind in "ifubM":
            held[name] = values
        else:
            held[name] = values.map(_cell)
    return pd.DataFrame(held, index=frame.index)


def _cell(value):
    if isinstance(value, (list, tuple, np.ndarray)):
        value = json.dumps(list(value), ensure_ascii=False, default=str)
    elif pd.isna(value):
        return None
    if isinstance(value, (bool, int, float, np.bool_, np.number)):
        return value
    text = visible(str(value))
    return text if len(text) <= LETTERS else text[: LETTERS - len(CUT)] + CUT
