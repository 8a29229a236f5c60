"""Seaborn figures, each with a title that says the finding and a written description."""

import functools

import matplotlib

matplotlib.use("agg")  # say.show displays figures; an interactive backend would show them twice

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import FuncFormatter, PercentFormatter

from cxresearch.say import Picture, cannot_tell_passes

INK, ACCENT, WARN, QUIET = "#26323f", "#2a6f97", "#c2571a", "#8a97a3"
PALETTE = (ACCENT, WARN, "#4f7d3a", "#7b4f9e", QUIET)
WIDTH = 7.6


@cannot_tell_passes
def causes(by_cause: pd.DataFrame, event: str, title: str) -> Picture:
    """Causes beside each other: who is left without an answer where that is known, else ratios."""
    if "unanswered" not in by_cause:
        return ratios(by_cause, "cause", event, title)
    rows = by_cause.nlargest(15, "customers").sort_values("unanswered")
    whole = (by_cause["unanswered"] * by_cause["customers"]).sum() / by_cause["customers"].sum()
    ax = _axes(0.34 * len(rows) + 1.6)
    _intervals(ax, rows, "cause", ("unanswered", "unanswered low", "unanswered high"))
    ax.axvline(whole, color=INK, lw=1, ls=":")
    ax.set_xlim(0, None)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    _xlabel(ax, "share of first tickets without an outside answer by the landmark day")
    top = rows.iloc[-1]
    _title(ax, f"{in_figure(top['cause'], 40)}: {top['unanswered']:.0%} unanswered, "
               f"{whole:.0%} overall")  # fmt: skip
    return Picture(
        ax,
        f"Dots are shares of customers' first tickets, bars 95% intervals (Wilson), for the "
        f"{len(rows)} largest of {len(by_cause)} causes; the dotted line is the share over all "
        f"causes, {whole:.1%}.",
    )


@cannot_tell_passes
def ratios(
    table: pd.DataFrame, by: str, event: str, title: str, estimate: str = "hazard ratio"
) -> Picture:
    """Hazard ratios with 95% intervals, a row each, against the line of no difference."""
    rows = table[table[estimate].notna()].head(12)[::-1]
    ax = _axes(0.42 * max(len(rows), 1) + 1.6)
    places = range(len(rows))
    seen = (rows["low"] > 1) | (rows["high"] < 1)
    colours = np.where(seen, WARN, QUIET)
    ax.hlines(places, rows["low"], rows["high"], colors=colours, lw=2.5)
    ax.scatter(rows[estimate], places, c=colours, s=45, zorder=3)
    ax.axvline(1, color=INK, lw=1, ls=":")
    ax.set_yticks(list(places), [in_figure(v, 46) for v in rows[by]])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xscale("log")
    ax.set_xticks(_ratio_ticks(rows), minor=False)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    ax.minorticks_off()
    _xlabel(ax, f"hazard ratio: how often customers {event} (log scale, 1 = no difference)")
    _title(ax, title)
    clear = in_figure(", ".join(map(str, rows.loc[seen, by][::-1])), 200) or "none"
    return Picture(
        ax,
        f"Dots are hazard ratios, bars their 95% intervals, for {len(rows)} rows. Intervals that "
        f"exclude one: {clear}. {_left_out(table, rows, estimate)}",
    )


@cannot_tell_passes
def shares_over_time(curves: pd.DataFrame, by: str, event: str, origin: str) -> Picture:
    """Share to whom the event has happened by each day, a step curve a group with its 95% band."""
    shown = curves[curves["day"] <= min(curves["day"].max(), 730)]
    ax = _axes(4.2)
    for (_, curve), colour in zip(shown.groupby(by), PALETTE, strict=False):
        ax.step(curve["day"], curve["share"], where="post", color=colour, lw=2)
        ax.fill_between(curve["day"], curve["low"], curve["high"], step="post", color=colour,
                        alpha=0.13, lw=0)  # fmt: skip
    _label_ends(ax, shown, by)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_ylim(0, None)
    ax.set_xlabel(f"days since {origin}")
    ax.set_ylabel(f"share of customers who {event}")
    ends = _last_common(shown, by).sort_values("share", ascending=False)
    most, least = ends.iloc[0], ends.iloc[-1]
    day = ends["until"].iloc[0]
    _title(ax, f"After {day:.0f} days {most['share']:.0%} of “{most[by]}” {event}, "
               f"{least['share']:.0%} of “{least[by]}”")  # fmt: skip
    said = "; ".join(f"{r[by]} {r['share']:.0%} ({r['low']:.0%} to {r['high']:.0%})"
                     for _, r in ends.iterrows())  # fmt: skip
    return Picture(ax, f"One minus Kaplan–Meier, shaded 95% bands. After {day:.0f} days: {said}.")


@cannot_tell_passes
def topic_sizes(info: pd.DataFrame) -> Picture:
    """Share of tickets of the largest topics with 95% intervals."""
    rows = info.nlargest(15, "share")[::-1]
    ax = _axes(0.34 * len(rows) + 1.5)
    _intervals(ax, rows, "name", ("share", "low", "high"))
    ax.set_xlim(0, None)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel("share of tickets, with 95% interval")
    top = rows.iloc[-1]
    _title(ax, f"The largest topic holds {top['share']:.0%} of tickets: {in_figure(top['name'])}")
    return Picture(
        ax,
        f"Dots are the {len(rows)} largest topics' shares of all tickets, bars 95% intervals "
        f"(Wilson). They run from {rows['share'].min():.1%} to {rows['share'].max():.1%} and hold "
        f"{rows['share'].sum():.0%} of tickets together.",
    )


@cannot_tell_passes
def topic_trends(counts: pd.DataFrame) -> Picture:
    """Tickets a month of the largest topics, one small line a topic on one scale."""
    names = counts.groupby("cause")["tickets"].sum().nlargest(6).index
    shown = counts[counts["cause"].isin(names)]
    sns.set_theme(style="ticks")
    grid = sns.relplot(
        shown.assign(cause=shown["cause"].map(lambda c: in_figure(c, 34))),
        x="month", y="tickets", col="cause", col_order=[in_figure(n, 34) for n in names],
        col_wrap=min(3, len(names)), kind="line", color=ACCENT,
        height=1.9 if len(names) > 1 else 2.8, aspect=1.35 if len(names) > 1 else 2.6,
    )  # fmt: skip
    grid.set_titles("{col_name}", size=8).set_axis_labels("", "tickets a month")
    for ax in grid.axes.flat:
        ax.set_ylim(0, None)
        ax.xaxis.set_major_locator(matplotlib.dates.YearLocator())
        ax.xaxis.set_major_formatter(matplotlib.dates.DateFormatter("%Y"))
    change = _changes(shown).reindex(names)
    most = change.abs().idxmax()
    title = f"{in_figure(most)}: {change[most]:+.0%} from the first to the second half"
    grid.figure.suptitle(title, x=0.02, ha="left", weight="bold", color=INK, fontsize=11)
    grid.figure.tight_layout()
    said = "; ".join(f"{in_figure(n)} {c:+.0%}" for n, c in change.items())
    return Picture(
        grid.axes.flat[0],
        f"Tickets a month, by cause ({len(names)} shown). Change of the monthly count from the "
        f"first to the second half of the time watched: {said}. Counts, not rates: more customers "
        "write more.",
    )


@cannot_tell_passes
def topic_map(places: pd.DataFrame, info: pd.DataFrame) -> Picture:
    """Tickets as points in the plane, near where their meaning is near; large topics are named."""
    ax = _axes(5.2)
    big = list(info.nlargest(6, "size")["topic"])
    colours = dict(zip(big, sns.color_palette("colorblind", 6), strict=False))
    tone = [colours.get(t, (0.8, 0.82, 0.84)) for t in places["topic"]]
    ax.scatter(places["x"], places["y"], c=tone, s=7, alpha=0.75, lw=0)
    for topic in big:
        middle = places.loc[places["topic"] == topic, ["x", "y"]].median()
        name = in_figure(info.set_index("topic").loc[topic, "name"], 28)
        ax.text(*middle, name, fontsize=8, weight="bold", color=INK, ha="center",
                bbox={"fc": "white", "ec": colours[topic], "alpha": 0.85, "pad": 2})  # fmt: skip
    ax.set(xticks=[], yticks=[], xlabel="meaning, first direction", ylabel="second direction")
    _title(ax, "Tickets that mean the same lie near each other")
    return Picture(
        ax,
        f"A map of {len(places):,} tickets by the two strongest directions in which topics differ; "
        "the six largest topics are coloured and named. Two directions cannot hold all "
        "differences: topics that overlap here may be far apart in others.",
    )


@cannot_tell_passes
def coverage(shares: pd.DataFrame) -> Picture:
    """Which share of tickets has each field, by quarter, as a heat map."""
    ax = _axes(0.3 * len(shares) + 1.6)
    sns.heatmap(
        shares, ax=ax, vmin=0, vmax=1, cmap=sns.light_palette(ACCENT, as_cmap=True), linewidths=0.5,
        cbar_kws={"label": "share of tickets", "format": PercentFormatter(1, decimals=0)},
    )  # fmt: skip
    ax.set(xlabel="quarter of creation", ylabel="")
    never = int((shares == 0).all(axis=1).sum())
    uneven = shares[(shares.max(axis=1) - shares.min(axis=1)) > 0.5].index
    _title(ax, f"{never} of {len(shares)} fields are never filled; "
               f"{len(uneven)} change by more than half over time")  # fmt: skip
    return Picture(
        ax,
        "Rows are fields of a ticket, columns quarters; dark is filled, white is empty. Fields "
        f"that change by more than half: {', '.join(uneven) or 'none'}.",
    )


@cannot_tell_passes
def hours(by_quarter: pd.DataFrame) -> Picture:
    """At which hour of the day tickets are created, quarter by quarter, as a heat map."""
    ax = _axes(0.28 * len(by_quarter) + 1.6)
    sns.heatmap(
        by_quarter, ax=ax, vmin=0, cmap=sns.light_palette(ACCENT, as_cmap=True),
        cbar_kws={"label": "share of the quarter's tickets", "format": PercentFormatter(1)},
    )  # fmt: skip
    ax.set(xlabel="hour of the day (UTC, as the export says)", ylabel="")
    quiet = by_quarter.idxmin(axis=1)
    _title(ax, f"The quietest hour lies between {quiet.min()} and {quiet.max()} o'clock UTC")
    said = ", ".join(f"{q} {h}" for q, h in quiet.items())
    return Picture(ax, f"Share of each quarter's tickets by hour. Quietest hour: {said}.")


def in_figure(text: object, length: int = 60) -> str:
    """Text as it may stand in a figure: one line, no mathematics, only signs that the font has."""
    line = "".join(c if ord(c) in _signs() else "·" for c in " ".join(str(text).split()))
    line = line.replace("$", r"\$")
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


@functools.cache
def _signs() -> frozenset[int]:
    return frozenset(FT2Font(findfont("DejaVu Sans")).get_charmap())


def _axes(height: float):
    sns.set_theme(
        style="ticks", rc={"font.family": "DejaVu Sans", "text.color": INK, "axes.labelcolor": INK}
    )
    figure, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    sns.despine(figure)
    return ax


def _intervals(ax, rows: pd.DataFrame, by: str, columns: tuple[str, str, str]) -> None:
    """A dot and its interval for each row, named at the left."""
    value, low, high = columns
    places = range(len(rows))
    ax.hlines(places, rows[low], rows[high], color=ACCENT, lw=2.5)
    ax.scatter(rows[value], places, color=ACCENT, s=40, zorder=3)
    ax.set_yticks(list(places), [in_figure(n, 46) for n in rows[by]])


def _title(ax, text: str) -> None:
    """The finding, at the left edge of the figure, where long names of rows cannot push it out."""
    ax.figure.suptitle(
        in_figure(text, 92), x=0.01, ha="left", weight="bold", fontsize=11, color=INK
    )


def _xlabel(ax, text: str) -> None:
    """An axis label centred on the figure, where long names of rows leave little room."""
    ax.figure.supxlabel(text, fontsize=10, color=INK)


def _label_ends(ax, shown: pd.DataFrame, by: str) -> None:
    """Names each curve at its right end, moved apart where they would touch."""
    ends = shown.groupby(by).tail(1).assign(colour=PALETTE[: shown[by].nunique()])
    gap = 0.055 * max(shown["high"].max(), 1e-9)
    place = -gap
    for _, row in ends.sort_values("share").iterrows():
        place = max(row["share"], place + gap)
        ax.annotate(f" {row[by]}", (row["day"], place), color=row["colour"], va="center",
                    fontsize=9, annotation_clip=False)  # fmt: skip


def _last_common(curves: pd.DataFrame, by: str, wanted: float = 365) -> pd.DataFrame:
    """Each curve's values on one day that all of them reach: a year, or less."""
    until = min(wanted, curves.groupby(by)["day"].max().min())
    return curves[curves["day"] <= until].groupby(by).tail(1).assign(until=until)


def _ratio_ticks(rows: pd.DataFrame) -> list[float]:
    low, high = min(rows["low"].min(), 0.8), max(rows["high"].max(), 1.25)
    ticks = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3, 5, 7, 10, 20, 50]
    kept = [t for t in ticks if low * 0.95 <= t <= high * 1.05]
    return kept if len(kept) < 9 else [t for t in kept if t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)]


def _changes(counts: pd.DataFrame) -> pd.Series:
    months = sorted(counts["month"].unique())
    halves = counts.assign(late=counts["month"] >= months[len(months) // 2])
    means = halves.groupby(["cause", "late"])["tickets"].mean().unstack()
    return means[True] / means[False] - 1


def _left_out(table: pd.DataFrame, rows: pd.DataFrame, estimate: str) -> str:
    hidden, empty = len(table) - len(rows), int(table[estimate].isna().sum())
    return f"{hidden} rows are not drawn, {empty} of them for want of events." if hidden else ""
