"""Figures of what follows a first solution, of who writes more, and of incidents."""

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter

from cxresearch.pages.figures.style import ACCENT, INK, QUIET, WARN, axes, in_figure, title, xlabel
from cxresearch.study.answers import Picture, cannot_tell_passes

TICKS = (0.25, 0.5, 0.7, 0.8, 1, 1.25, 1.5, 2, 3, 4)


@cannot_tell_passes
def mean_tickets(curves: pd.DataFrame, heading: str, until: float = 365) -> Picture:
    """Mean further tickets a customer by day, a step curve a group with its 95% band."""
    shown = curves[curves["day"] <= until]
    ax = axes(3.8)
    for (name, of), colour in zip(shown.groupby("group"), (ACCENT, WARN), strict=False):
        ax.step(of["day"], of["mean"], where="post", color=colour, lw=2)
        ax.fill_between(of["day"], of["low"], of["high"], step="post", color=colour, alpha=0.15)
        last = of.iloc[-1]
        ax.annotate(f" {name}", (last["day"], last["mean"]), color=colour, va="center",
                    fontsize=9, annotation_clip=False)  # fmt: skip
    ax.set(xlabel="days since the customer's first solution", ylabel="further tickets a customer")
    ax.set_ylim(0, None)
    title(ax, heading)
    ends = "; ".join(
        f"{r['group']} {r['mean']:.2f} ({r['low']:.2f} to {r['high']:.2f})"
        for _, r in shown.groupby("group").tail(1).iterrows()
    )
    return Picture(ax, "Mean cumulative functions, departure as the terminal event, shaded 95% "
                   f"bands. By day {shown['day'].max():.0f}: {ends}.")  # fmt: skip


@cannot_tell_passes
def rate_ratios(lift: pd.DataFrame, heading: str) -> Picture:
    """Tickets a year of each group against all other customers, with 95% intervals."""
    rows = lift[lift["ratio"].notna()][::-1]
    ax, places = axes(0.36 * max(len(rows), 1) + 1.5), np.arange(len(rows))
    clear = ~rows["verdict"].str.startswith("cannot")
    colours = np.where(clear, WARN, QUIET)
    ax.hlines(places, rows["low"], rows["high"], colors=colours, lw=2.5)
    ax.scatter(rows["ratio"], places, c=colours, s=45, zorder=3)
    ax.axvline(1, color=INK, lw=1, ls=":")
    names = [in_figure(f"{r['column']} {r['group']}", 40) for _, r in rows.iterrows()]
    ax.set_yticks(places, names)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xscale("log")
    ends = (rows["low"].min(), rows["high"].max()) if len(rows) else (0.8, 1.25)
    ax.set_xlim(min(ends[0], 0.8) * 0.97, max(ends[1], 1.25) * 1.03)
    ax.set_xticks([t for t in TICKS if ax.get_xlim()[0] <= t <= ax.get_xlim()[1]], minor=False)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    ax.minorticks_off()
    xlabel(ax, "tickets a year, times those of all other customers (log scale)")
    title(ax, heading)
    told = "; ".join(f"{n} {r['ratio']:.2f} ({r['low']:.2f} to {r['high']:.2f})"
                     for n, (_, r) in zip(names[::-1], rows[::-1].iterrows(),
                                          strict=True))  # fmt: skip
    return Picture(ax, "Dots are rate ratios, bars 95% intervals with errors by customer, orange "
                   f"where clear at a false-discovery rate of 5%: {told}.")  # fmt: skip


@cannot_tell_passes
def radii(found: pd.DataFrame, heading: str) -> Picture:
    """Customers that each incident touched (dots) against those expected (upright marks)."""
    rows = found.sort_values("excess", ascending=False, na_position="last").head(12)[::-1]
    ax, places = axes(0.42 * max(len(rows), 1) + 1.6), np.arange(len(rows))
    low = rows["customers"] - rows["excess high"]
    high = rows["customers"] - rows["excess low"]
    ax.hlines(places, rows["expected"], rows["customers"], color=QUIET, lw=1.2)
    ax.hlines(places, low, high, color=ACCENT, lw=6, alpha=0.35)
    ax.scatter(rows["expected"], places, marker="|", s=160, color=ACCENT, zorder=3,
               label="expected from the cause's own history, with 95% interval")  # fmt: skip
    ax.scatter(rows["customers"], places, color=WARN, s=50, zorder=3, label="touched")
    names = [in_figure(f"{r['since']:%Y-%m-%d} {r['cause']}", 46) for _, r in rows.iterrows()]
    ax.set_yticks(places, names)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlim(0, None)
    ax.figure.legend(*ax.get_legend_handles_labels(), frameon=False, ncols=2, fontsize=9,
                     loc="outside lower center")  # fmt: skip
    ax.set_xlabel("customers")
    title(ax, heading)
    told = "; ".join(f"{n}: {r['customers']:,} ({r['expected']:.0f})"
                     for n, (_, r) in zip(names[::-1], rows[::-1].iterrows(),
                                          strict=True))  # fmt: skip
    more = len(found) - len(rows)
    rest = f" {more} further incidents are in the table only." if more else ""
    return Picture(ax, f"Customers touched by each incident, expected in brackets: {told}.{rest}")
