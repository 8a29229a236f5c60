"""Figures of topics: sizes, months, and a map."""

import matplotlib
import pandas as pd
import seaborn as sns
from matplotlib.ticker import PercentFormatter

from cxresearch.figures.style import ACCENT, INK, axes, in_figure, intervals, title
from cxresearch.say import CannotTell, Picture, cannot_tell_passes

NO_TOPICS = CannotTell("what the topics are: no ticket holds words that could be read.")


@cannot_tell_passes
def topic_sizes(info: pd.DataFrame) -> Picture | CannotTell:
    """Share of tickets of the largest topics with 95% intervals."""
    if info.empty:
        return NO_TOPICS
    rows = info.nlargest(15, "share")[::-1]
    ax = axes(0.34 * len(rows) + 1.5)
    intervals(ax, rows, "name", ("share", "low", "high"))
    ax.set_xlim(0, None)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel("share of tickets, with 95% interval")
    top = rows.iloc[-1]
    title(ax, f"The largest topic holds {top['share']:.0%} of tickets: {in_figure(top['name'])}")
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
    change = _changes(shown).reindex(names).dropna()
    most = change.abs().idxmax() if len(change) else None
    heading = (
        f"{in_figure(most)}: {change[most]:+.0%} from the first to the second half"
        if most
        else "Tickets a month"
    )
    grid.figure.suptitle(heading, x=0.02, ha="left", weight="bold", color=INK, fontsize=11)
    grid.figure.tight_layout()
    said = "; ".join(f"{in_figure(n)} {c:+.0%}" for n, c in change.items())
    return Picture(
        grid.axes.flat[0],
        f"Tickets a month, by cause ({len(names)} shown). Change of the monthly count from the "
        f"first to the second half of the time watched: {said}. Counts, not rates: more customers "
        "write more.",
    )


@cannot_tell_passes
def topic_map(places: pd.DataFrame, info: pd.DataFrame) -> Picture | CannotTell:
    """Tickets as points in the plane, near where their meaning is near; large topics are named."""
    ax = axes(5.2)
    if info.empty or places.empty:
        return NO_TOPICS
    big = list(info.nlargest(6, "size")["topic"])
    colours = dict(zip(big, sns.color_palette("colorblind", 6), strict=False))
    tone = [colours.get(t, (0.8, 0.82, 0.84)) for t in places["topic"]]
    ax.scatter(places["x"], places["y"], c=tone, s=7, alpha=0.75, lw=0)
    for topic in big:
        middle = places.loc[places["topic"] == topic, ["x", "y"]].median()
        name = in_figure(info.set_index("topic").loc[topic, "name"], 28)
        ax.text(*middle, name, fontsize=8, weight="bold", color=INK, ha="center",
                bbox={"fc": "white", "ec": colours[topic], "alpha": 0.85, "pad": 2})  # fmt: skip
    ax.set(xticks=[], yticks=[], xlabel="no units: near means alike", ylabel="")
    title(ax, "Tickets that mean the same lie near each other")
    return Picture(
        ax,
        f"A map of {len(places):,} tickets (t-SNE): near means alike, but how far apart two groups "
        "lie means nothing. The six largest topics are coloured and named.",
    )


def _changes(counts: pd.DataFrame) -> pd.Series:
    months = sorted(counts["month"].unique())
    halves = counts.assign(late=counts["month"] >= months[len(months) // 2])
    means = halves.groupby(["cause", "late"])["tickets"].mean().unstack()
    return (means[True] / means[False].where(means[False] > 0) - 1).dropna()
