"""How every figure looks: its size, colours, title and names, and only signs that the font has."""

import functools

import matplotlib

matplotlib.use("agg")  # say.show displays figures; an interactive backend would show them twice

import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font

INK, ACCENT, WARN, QUIET = "#26323f", "#2a6f97", "#c2571a", "#8a97a3"
PALETTE = (ACCENT, WARN, "#4f7d3a", "#7b4f9e", QUIET)
WIDTH = 7.6


def axes(height: float):
    """Empty axes in the house's style, as wide as a page and as high as asked for (inches)."""
    sns.set_theme(
        style="ticks", rc={"font.family": "DejaVu Sans", "text.color": INK, "axes.labelcolor": INK}
    )
    figure, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    sns.despine(figure)
    return ax


def title(ax, text: str) -> None:
    """The finding, at the left edge of the figure, where long names of rows cannot push it out."""
    ax.figure.suptitle(
        in_figure(text, 92), x=0.01, ha="left", weight="bold", fontsize=11, color=INK
    )


def xlabel(ax, text: str) -> None:
    """An axis label centred on the figure, where long names of rows leave little room."""
    ax.figure.supxlabel(text, fontsize=10, color=INK)


def intervals(ax, rows: pd.DataFrame, by: str, columns: tuple[str, str, str]) -> None:
    """A dot and its interval for each row, named at the left."""
    value, low, high = columns
    places = range(len(rows))
    ax.hlines(places, rows[low], rows[high], color=ACCENT, lw=2.5)
    ax.scatter(rows[value], places, color=ACCENT, s=40, zorder=3)
    ax.set_yticks(list(places), [in_figure(n, 46) for n in rows[by]])


def in_figure(text: object, length: int = 60) -> str:
    """Text as it may stand in a figure: one line, no mathematics, only signs that the font has."""
    line = "".join(c if ord(c) in _signs() else "·" for c in " ".join(str(text).split()))
    line = line.replace("$", r"\$")
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


@functools.cache
def _signs() -> frozenset[int]:
    return frozenset(FT2Font(findfont("DejaVu Sans")).get_charmap())
