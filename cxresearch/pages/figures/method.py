"""Figures of the method's trial: planted beside estimated, rivals, and coverage."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, PercentFormatter

from cxresearch.lab.against_truth import FEW, HOLDS, MISSES
from cxresearch.pages.figures.style import (
    ACCENT,
    INK,
    QUIET,
    WARN,
    WIDTH,
    axes,
    in_figure,
    title,
    xlabel,
)
from cxresearch.study.answers import CannotTell, Picture, cannot_tell_passes

COLOURS = {HOLDS: ACCENT, MISSES: WARN, FEW: QUIET}
FAR = LinearSegmentedColormap.from_list("far", [ACCENT, "#f3f1ec", WARN])
TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3, 5, 7, 10, 20)


@cannot_tell_passes
def planted_ratios(compared: pd.DataFrame) -> Picture:
    """Each planted ratio (diamond) beside its estimate and interval, blue if it holds the truth."""
    ax = _forest(compared, "cause", "hazard ratio", 0.4)
    xlabel(ax, "hazard ratio of leaving (log scale): diamond planted, dot and bar estimated")
    told = compared[compared["verdict"] != FEW]
    held = int((told["verdict"] == HOLDS).sum())
    few = len(compared) - len(told)
    without = f"; {few} causes were too seldom overdue" if few else ""
    title(ax, f"{held} of {len(told)} intervals hold what was planted{without}")
    said = "; ".join(f"{r['cause']} {r['hazard ratio']:.2f} for {r['planted']:g}"
                     for _, r in told.iterrows())  # fmt: skip
    return Picture(
        ax,
        "Diamonds are planted hazard ratios, dots estimates with their 95% intervals: blue if the "
        f"interval holds the diamond, orange if not. Estimated for planted: {said or 'none'}.",
    )


@cannot_tell_passes
def rival_ratios(rivals: pd.DataFrame) -> Picture | CannotTell:
    """What each analysis says of any overdue issue against none, beside what was planted."""
    if rivals["ratio"].isna().all():
        return CannotTell("what the analyses would have said: too few left, overdue or not.")
    ax = _forest(rivals, "analysis", "ratio", 0.5)
    xlabel(ax, "ratio (log scale, 1 = no difference): diamond planted, dot and bar as estimated")
    told = rivals.dropna(subset="ratio")
    wrong = int((told["high"] < 1).sum())
    title(ax, f"{wrong} of {len(told)} analyses say that waiting keeps customers")
    said = "; ".join(f"{r['analysis']} {r['ratio']:.2f} ({r['low']:.2f} to {r['high']:.2f})"
                     for _, r in told.iterrows())  # fmt: skip
    planted = rivals["planted"].iloc[0]
    return Picture(ax, f"Planted on average: {planted:.2f} (diamonds). Said: {said}.")


@cannot_tell_passes
def estimator_zoo(found: pd.DataFrame) -> Picture:
    """Worlds by estimators: colour is how far the mean estimate is from the truth, a dot says that
    95% intervals hold it as often as they promise, a cross that there is no estimate."""
    rows = found[found["kind"] == "analysis"]
    worlds, names = (list(dict.fromkeys(rows[c])) for c in ("world", "name"))
    x, y = rows["name"].map(names.index), rows["world"].map(worlds.index)
    told, holds = rows["found"] != "cannot", rows["low"].le(0.95) & rows["high"].ge(0.95)
    bias = np.full((len(worlds), len(names)), np.nan)
    bias[y[told], x[told]] = rows.loc[told, "bias"]
    ax = axes(0.36 * len(worlds) + 3.6)
    cells = ax.pcolormesh(bias, cmap=FAR, vmin=-np.log(3), vmax=np.log(3), ec="white", lw=1)
    ax.scatter(x[told & holds] + 0.5, y[told & holds] + 0.5, s=30, c=INK)
    ax.scatter(x[~told] + 0.5, y[~told] + 0.5, s=30, c=QUIET, marker="x")
    ax.set_xticks(np.arange(len(names)) + 0.5, [in_figure(n, 40) for n in names], rotation=90)
    ax.set_yticks(np.arange(len(worlds)) + 0.5, [in_figure(w, 40) for w in worlds])
    ax.invert_yaxis()
    ax.tick_params(length=0, labelsize=11)
    bar = ax.figure.colorbar(cells, ax=ax, orientation="horizontal", shrink=0.7, aspect=30)
    bar.set_ticks(np.log([1 / 3, 1 / 2, 1, 2, 3]), labels=["⅓ or less", "½", "1", "2", "3 or more"])
    bar.set_label("mean estimate / truth", fontsize=11)
    return _described_zoo(ax, rows[told], holds)


def _described_zoo(ax, told: pd.DataFrame, holds: pd.Series) -> Picture:
    right = int((told["found"] == "right").sum())
    counts = told["found"].eq("right").groupby(told["name"], sort=False).agg(["sum", "size"])
    ours = f"{counts['sum'].iloc[0]} of {counts['size'].iloc[0]} worlds"
    title(ax, f"The truth is found by ours in {ours}, by all in {right} of {len(told)} pairs")
    each = "; ".join(f"{name} {n} of {of}" for name, n, of in counts.itertuples())
    return Picture(
        ax,
        "A row a world, a column an estimator: blue where its mean is too low, orange where it is "
        "too high, pale where it is right; a dot where 95% intervals hold the truth as often as "
        f"they promise ({int(holds[told.index].sum())} of {len(told)}), a cross where there is no "
        f"estimate. Worlds in which each is right: {each}.",
    )


@cannot_tell_passes
def planted_coverage(found: pd.DataFrame, some: int) -> Picture:
    """Share of 95% intervals that held the planted ratio, by cause, a panel a world."""
    rows = found[(found["kind"] == "cause") & (found["estimated"] >= some)]
    names = list(rows.groupby("name", sort=False)["planted"].max().sort_values().index)
    worlds = list(dict.fromkeys(rows["world"]))
    figure = axes(0.34 * len(names) + 2.0).figure
    figure.clear()
    figure.set_size_inches(WIDTH, 0.34 * len(names) + 2.0)
    panels = figure.subplots(1, len(worlds), sharey=True, sharex=True, squeeze=False)[0]
    sns.despine(figure)
    for ax, world in zip(panels, worlds, strict=True):
        part = rows[rows["world"] == world]
        _coverage_panel(ax, part, [names.index(n) for n in part["name"]], world)
    panels[0].set_yticks(range(len(names)), [in_figure(n, 30) for n in names])
    panels[0].set_ylim(-0.6, len(names) - 0.4)
    xlabel(panels[0], "share of companies whose 95% interval holds the planted ratio")
    low = int((rows["high"] < 0.95).sum())
    title(panels[0], f"Coverage is surely below 95% for {low} of {len(rows)} pairs of world and "
                      "cause")  # fmt: skip
    return Picture(
        panels[0],
        f"Dots are shares of simulated companies, bars exact binomial 95% intervals, dotted the "
        f"wanted 95%; a panel a world ({', '.join(worlds)}). Causes estimated in fewer than {some} "
        f"companies are not drawn. The lowest share is {rows['coverage'].min():.0%}.",
    )


def _coverage_panel(ax, part: pd.DataFrame, places: list[int], world: str) -> None:
    colours = np.where(part["high"] < 0.95, WARN, ACCENT)
    ax.hlines(places, part["low"], part["high"], colors=colours, lw=2.5)
    ax.scatter(part["coverage"], places, c=colours, s=32, zorder=3)
    ax.axvline(0.95, color=INK, lw=1, ls=":")
    ax.set_xlim(0.4, 1.03)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_title(world, fontsize=9, loc="left")


def _forest(table: pd.DataFrame, by: str, value: str, height: float):
    rows = table[::-1]
    ax = axes(height * len(rows) + 1.6)
    places = np.arange(len(rows))
    colours = [COLOURS[v] for v in rows["verdict"]]
    ax.hlines(places, rows["low"], rows["high"], colors=colours, lw=2.5)
    ax.scatter(rows[value], places, c=colours, s=45, zorder=3)
    ax.scatter(
        rows["planted"], places, marker="D", s=42, facecolor="white", edgecolor=INK, zorder=4
    )
    ax.axvline(1, color=INK, lw=1, ls=":")
    ax.set_yticks(places, [in_figure(v, 50) for v in rows[by]])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xscale("log")
    seen = rows[["low", "high", "planted"]].stack()
    low, high = min(seen.min(), 0.8), max(seen.max(), 1.25)
    ax.set_xticks([t for t in TICKS if low * 0.95 <= t <= high * 1.05], minor=False)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    ax.minorticks_off()
    return ax
