"""Figures of what causes weigh: customers and waiting side by side, and rank against rank."""

import pandas as pd
import seaborn as sns
from matplotlib.ticker import FuncFormatter, PercentFormatter

from cxresearch.pages.figures.style import (
    ACCENT,
    INK,
    PALETTE,
    WIDTH,
    axes,
    in_figure,
    intervals,
    title,
)
from cxresearch.study.answers import CannotTell, Picture, cannot_tell_passes

MOST = 15


@cannot_tell_passes
def cause_burden(causes: pd.DataFrame, late: str) -> Picture | CannotTell:
    """How many customers each cause reaches and how often it is late, two panels of dots."""
    if not causes["known"].sum():
        return CannotTell(f"how often causes are {late}: no issue is old enough to tell.")
    rows = causes.nlargest(MOST, "customers").iloc[::-1]
    reach, wait = _two_panels(0.34 * len(rows) + 1.7)
    bounds = ("share of customers", "share of customers low", "share of customers high")
    intervals(reach, rows, "cause", bounds)
    intervals(wait, rows, "cause", ("share late", "share late low", "share late high"))
    for ax in (reach, wait):
        ax.set_xlim(0, None)
    whole = causes["late"].sum() / max(causes["known"].sum(), 1)
    wait.axvline(whole, color=INK, lw=1, ls=":")
    reach.set_yticks(range(len(rows)), [in_figure(name, 38) for name in rows["cause"]])
    reach.set_xlabel("share of all customers")
    wait.set_xlabel(f"share {late}")
    wide, slow = rows.iloc[-1], rows.loc[rows["share late"].astype(float).idxmax()]
    places = causes["share late"].astype(float).rank(ascending=False, method="min")
    place = int(places.fillna(len(causes))[wide.name])
    title(reach, f"The cause that reaches most customers is number {place} of {len(causes)} "
                  f"by share {late}")  # fmt: skip
    return Picture(
        reach,
        f"Dots are shares, bars 95% intervals (Wilson), for the {len(rows)} causes of {len(causes)}"
        f" that reach most customers. Left, the share of customers: {wide['cause']} "
        f"{wide['share of customers']:.0%}. Right, the share {late}: {slow['cause']} "
        f"{slow['share late']:.0%}; the dotted line is the share over all causes, {whole:.0%}.",
    )


@cannot_tell_passes
def cause_savings(fixes: pd.DataFrame) -> Picture:
    """What fixing each cause would save by lever, two panels; causes of one band in one colour."""
    what = fixes["by"].iloc[0]
    levers = list(dict.fromkeys(fixes["lever"]))
    order = fixes.loc[fixes["lever"] == levers[0], "cause"].head(MOST).tolist()[::-1]
    panels = _two_panels(0.34 * len(order) + 1.7)
    for ax, lever in zip(panels, levers, strict=True):
        rows = fixes[fixes["lever"] == lever].set_index("cause").reindex(order)
        colours = [PALETTE[(band - 1) % len(PALETTE)] for band in rows["band"]]
        places = range(len(rows))
        ax.hlines(places, rows[f"{what} low"], rows[f"{what} high"], colors=colours, lw=2.5)
        ax.scatter(rows[what], places, c=colours, s=40, zorder=3)
        ax.axvline(0, color=INK, lw=1, ls=":")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
        ax.tick_params(axis="x", labelsize=8)
        ax.set_xlabel(f"{what} saved in a year")
        ax.set_title(lever, loc="left", fontsize=10)
    panels[0].set_yticks(range(len(order)), [in_figure(name, 38) for name in order])
    rows = fixes[fixes["lever"] == levers[0]]
    band, top = rows["band"] == rows["band"].iloc[0], rows.iloc[0]
    alike = f"{band.sum()} of {len(rows)} causes cannot be told apart at the top"
    alone = f"{top['cause']} saves most, and more than any other"
    title(panels[0], alike if band.sum() > 1 else alone)
    return Picture(
        panels[0],
        f"Dots are what is saved, bars 95% intervals, for the {len(order)} causes of {len(rows)} "
        f"that {levers[0]} saves most for. One colour is one band: its causes cannot be told apart "
        f"from the band's first. First band: {', '.join(rows.loc[band, 'cause'])}. Most: "
        f"{top['cause']}, {top[what]:,.0f} ({top[f'{what} low']:,.0f} to "
        f"{top[f'{what} high']:,.0f}).",
    )


@cannot_tell_passes
def cause_ranks(ranks: pd.DataFrame) -> Picture:
    """The rank of each cause on each ranking with its interval; dark is near the top."""
    best = ranks.groupby("cause")["rank"].agg(["min", "mean"]).sort_values(["min", "mean"])
    order = list(dict.fromkeys(ranks["ranking"]))
    shown = ranks.assign(said=[_rank(r) for _, r in ranks.iterrows()])
    wide = {c: shown.pivot(index="cause", columns="ranking", values=c) for c in ("rank", "said")}
    wide = {c: w.reindex(index=best.index[:MOST], columns=order) for c, w in wide.items()}
    ax = axes(max(0.36 * len(wide["rank"]), 0.8) + 1.5)
    sns.heatmap(
        wide["rank"].astype(float), ax=ax, annot=wide["said"].fillna(""), fmt="", cbar=False,
        vmin=1, vmax=2 * MOST / 3, cmap=sns.light_palette(ACCENT, as_cmap=True, reverse=True),
        linewidths=1, annot_kws={"fontsize": 9},
    )  # fmt: skip
    ax.set(xlabel="", ylabel="")
    ax.set_yticks(ax.get_yticks(), [in_figure(n, 42) for n in wide["rank"].index], rotation=0)
    ax.set_xticks(ax.get_xticks(), [name.replace(" ", "\n") for name in order], rotation=0)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    firsts = ranks.loc[ranks["rank"] == 1].drop_duplicates("ranking")
    n = firsts["cause"].nunique()
    same = f"All {len(order)} rankings put the same cause first"
    title(ax, same if n == 1 else f"{len(order)} rankings put {n} different causes first")
    said = "; ".join(f"by {r['ranking']} {r['cause']}" for _, r in firsts.iterrows())
    return Picture(
        ax,
        "Numbers are ranks, in brackets the range that holds them in 95% of draws; an empty field "
        f"means that there is no estimate to rank by. First: {said}.",
    )


def _rank(row: pd.Series) -> str:
    return f"{row['rank']} ({row['low']}–{row['high']})"


def _two_panels(height: float):
    figure = axes(height).figure
    figure.clear()
    figure.set_size_inches(WIDTH, height)
    panels = figure.subplots(1, 2, sharey=True)
    sns.despine(figure)
    for ax in panels:
        ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.xaxis.label.set_size(9)
    return panels
