"""How every figure looks, and what figures are made of: intervals, curves, bars.

Matplotlib is imported when something is first drawn. Results call these from their plot(); the
title is the finding, and only signs that the font has are drawn.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.study.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, ACCENT, WARN, QUIET = "#26323f", "#2a6f97", "#c2571a", "#8a97a3"
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))  # of curves, for who sees no colours
PALETTE = (ACCENT, WARN, "#4f7d3a", "#7b4f9e", QUIET)
WIDTH = 7.6  # inches, as wide as a page
OWN = "page"  # marks axes that were made here, whose title belongs to the whole figure
RATIOS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3, 5, 7, 10, 20, 50)
FEWER_RATIOS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


def axes(height: float, ax: Axes | None = None) -> Axes:
    """Empty axes in the house's style, as wide as a page and as high as asked for (inches); or the
    ones given."""
    return panels(height)[0] if ax is None else ax


def panels(height: float, columns: int = 1) -> list[Axes]:
    """Axes side by side that share their rows."""
    return _grid(1, columns, height, sharey=True)


def small_panels(n: int, across: int, height: float) -> list[Axes]:
    """So many small axes in rows of a height, each with a scale of its own."""
    rows = -(-n // across)
    every = _grid(rows, min(n, across), height * rows + 0.5)
    for spare in every[n:]:
        spare.remove()
    return every[:n]


def _grid(rows: int, columns: int, height: float, **shared) -> list[Axes]:
    import matplotlib

    matplotlib.use("agg")  # pages.show displays figures; another backend would show them twice
    import seaborn as sns
    from matplotlib import pyplot as plt

    look = {"font.family": "DejaVu Sans", "text.color": INK, "axes.labelcolor": INK}
    sns.set_theme(style="ticks", rc=look)
    figure, grid = plt.subplots(
        rows, columns, figsize=(WIDTH, height), layout="constrained", squeeze=False, **shared
    )
    sns.despine(figure)
    for ax in grid.flat:
        ax.set_gid(OWN)
    return list(grid.flat)


def title(ax: Axes, text: str) -> None:
    """The finding, at the left edge of the figure, where long names of rows cannot push it out."""
    if ax.get_gid() != OWN:
        ax.set_title(in_figure(text, 92), loc="left", fontsize=10, color=INK)
        return
    ax.figure.suptitle(
        in_figure(text, 92), x=0.01, ha="left", weight="bold", fontsize=11, color=INK
    )


def xlabel(ax: Axes, text: str) -> None:
    """An axis label centred on the figure, where long names of rows leave little room."""
    if ax.get_gid() != OWN:
        ax.set_xlabel(text)
        return
    ax.figure.supxlabel(text, fontsize=10, color=INK)


def forest(
    ax: Axes,
    rows: pd.DataFrame,
    names: Iterable[str],
    estimate: str,
    *,
    clear=None,
    line: float = np.nan,
    low: str = "",
    high: str = "",
    length: int = 46,
) -> None:
    """A dot and its interval for each row, the first at the top, named at the left; orange where
    clear, else grey (blue where nothing is said of that); dotted, a line to compare with.

    The bounds are "estimate low" and "estimate high" where the rows have these, else low and high.
    """
    ends = [f"{estimate} {end}" if f"{estimate} {end}" in rows else end for end in ("low", "high")]
    low, high = low or ends[0], high or ends[1]
    places = np.arange(len(rows))[::-1]
    colours = [ACCENT] * len(rows) if clear is None else np.where(clear, WARN, QUIET)
    ax.hlines(places, rows[low], rows[high], colors=colours, lw=2.5)
    ax.scatter(rows[estimate], places, c=colours, s=45, zorder=3)
    if np.isfinite(line):
        ax.axvline(line, color=INK, lw=1, ls=":")
    ax.set_yticks(places, [in_figure(name, length) for name in names])
    ax.set_ylim(-0.6, max(len(rows), 1) - 0.4)


def curves(
    ax: Axes, rows: pd.DataFrame, by: str, x: str, y: str, *, low: str = "low", high: str = "high"
) -> None:
    """A step curve a group with its band, named at its right end, in the order of the palette and
    of the styles."""
    ends = []
    groups = rows.groupby(by, sort=False)
    for (name, curve), colour, style in zip(groups, PALETTE, STYLES, strict=False):
        ax.step(curve[x], curve[y], where="post", color=colour, ls=style, lw=2)
        ax.fill_between(curve[x], curve[low], curve[high], step="post", color=colour, alpha=0.13,
                        lw=0)  # fmt: skip
        last = curve.tail(1).squeeze()
        ends.append((last[y], last[x], name, colour))
    _name_ends(ax, ends, 0.055 * max(rows[high].max(), 1e-9))


def _name_ends(ax: Axes, ends: list[tuple], gap: float) -> None:
    """Names each curve at its right end, moved apart where they would touch."""
    place = -gap
    for y, x, name, colour in sorted(ends, key=lambda end: end[0]):
        place = max(y, place + gap)
        ax.annotate(f" {in_figure(name, 40)}", (x, place), color=colour, va="center", fontsize=9,
                    annotation_clip=False)  # fmt: skip


def bars(ax: Axes, heights: pd.Series, names: Iterable[str], *, label: str = "") -> None:
    """Upright bars, one a row, with a quiet grid behind them."""
    places = np.arange(len(heights))
    ax.bar(places, heights, color=ACCENT, width=0.66, label=label or None)
    ax.set_xticks(places, [in_figure(name) for name in names])
    ax.yaxis.grid(True, color=QUIET, alpha=0.25)


def percent(ax: Axes, axis: str = "x", decimals: int | None = 0) -> None:
    """Shares from 0 to 1 on this axis read as percentages."""
    from matplotlib.ticker import PercentFormatter

    getattr(ax, f"{axis}axis").set_major_formatter(PercentFormatter(1, decimals=decimals))


def numbers(ax: Axes, axis: str = "x", form: str = ",.0f") -> None:
    """Numbers on this axis read in this form, such as ",.0f"."""
    from matplotlib.ticker import FuncFormatter

    getattr(ax, f"{axis}axis").set_major_formatter(FuncFormatter(lambda v, _: f"{v:{form}}"))


def ratio_axis(ax: Axes, low: float, high: float) -> None:
    """A log scale across for ratios between low and high, with a dotted line at 1."""
    low, high = min(low, 0.8), max(high, 1.25)
    ticks = [t for t in RATIOS if low * 0.95 <= t <= high * 1.05]
    ax.axvline(1, color=INK, lw=1, ls=":")
    ax.set_xscale("log")
    ax.set_xticks(ticks if len(ticks) < 9 else [t for t in ticks if t in FEWER_RATIOS], minor=False)
    numbers(ax, "x", "g")
    ax.minorticks_off()


def in_figure(text: object, length: int = 60) -> str:
    """Text as it may stand in a figure: one line, no mathematics, only signs that the font has."""
    line = "".join(c if ord(c) in _signs() else "·" for c in visible(" ".join(str(text).split())))
    line = line.replace("$", r"\$")
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


@functools.cache
def _signs() -> frozenset[int]:
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(findfont("DejaVu Sans")).get_charmap())


def tiles(ax: Axes, values: pd.DataFrame, most: float):
    """A field a row and column, blue below 0, orange above, pale at 0; the strongest at most."""
    from matplotlib.colors import LinearSegmentedColormap

    far = LinearSegmentedColormap.from_list("far", [ACCENT, "#f3f1ec", WARN])
    cells = ax.pcolormesh(values.to_numpy(), cmap=far, vmin=-most, vmax=most, ec="white", lw=1)
    for axis, names, turn in ((ax.xaxis, values.columns, 90), (ax.yaxis, values.index, 0)):
        places = np.arange(len(names)) + 0.5
        axis.set_ticks(places, [in_figure(name, 40) for name in names], rotation=turn)
    ax.invert_yaxis()
    ax.tick_params(length=0, labelsize=11)
    return cells


def colours(n: int) -> list:
    """So many colours that colour-blind eyes tell apart."""
    import seaborn as sns

    return sns.color_palette("colorblind", n)


def years(ax: Axes, ylabel: str, name: str) -> None:
    """Years across, counts from 0 up, and what the small axes are of."""
    from matplotlib.dates import DateFormatter, YearLocator

    ax.xaxis.set_major_locator(YearLocator())
    ax.xaxis.set_major_formatter(DateFormatter("%Y"))
    ax.set_ylim(0, None)
    ax.set_ylabel(ylabel, fontsize=8)
    ax.tick_params(labelsize=8)
    ax.set_title(in_figure(name, 44), fontsize=8)


def heat(shares: pd.DataFrame, height: float, label: str, ax: Axes | None = None) -> Axes:
    """Shares of rows by columns, dark where most are."""
    ax = axes(height, ax)
    heatmap(ax, shares, label, 0, vmax=1, linewidths=0.5)
    names, levels = ([in_figure(n, k) for n in of] for of, k in ((shares.index, 44), (shares, 24)))
    ax.set_yticks(ax.get_yticks(), names, rotation=0)
    ax.set_xticks(ax.get_xticks(), levels, rotation=40, ha="right", rotation_mode="anchor")
    ax.set(xlabel="", ylabel="")
    return ax


def heatmap(ax: Axes, shares: pd.DataFrame, label: str, decimals: int | None = None, **how) -> None:
    """Shares as a heat map, the darker the more; label says of what they are shares."""
    import seaborn as sns
    from matplotlib.ticker import PercentFormatter

    bar = {"label": label, "format": PercentFormatter(1, decimals=decimals)}
    blues = sns.light_palette(ACCENT, as_cmap=True)
    sns.heatmap(shares, ax=ax, vmin=0, cmap=blues, cbar_kws=bar, **how)
