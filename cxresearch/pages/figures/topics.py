"""Figures of topics: sizes, months, and a map."""

import matplotlib
import pandas as pd
import seaborn as sns
from matplotlib.ticker import PercentFormatter

from cxresearch.pages.figures.style import ACCENT, INK, QUIET, WARN, axes, in_figure, title
from cxresearch.study.answers import CannotTell, Picture, cannot_tell_passes

SURGING = 4  # topics whose surges are drawn
MOSTLY = 0.7
LINE = 0.05  # of a map's height
NO_TOPICS = CannotTell("what the topics are: no ticket holds words that could be read.")


@cannot_tell_passes
def topic_sizes(info: pd.DataFrame) -> Picture | CannotTell:
    """Share of tickets of the largest topics with 95% intervals; those that are not reproducible
    are pale."""
    if info.empty:
        return NO_TOPICS
    rows = info.nlargest(15, "share")[::-1]
    ax, places = axes(0.34 * len(rows) + 1.5), range(len(rows))
    colours = [ACCENT if firm else QUIET for firm in rows["reproducible"]]
    ax.barh(places, rows["share"], color=colours, alpha=0.55)
    ax.hlines(places, rows["low"], rows["high"], color=INK, lw=2)
    ax.set_yticks(list(places), [in_figure(name, 52) for name in rows["name"]])
    ax.set_xlim(0, None)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel("share of tickets, with 95% interval")
    top, shaky = rows.iloc[-1], rows.loc[~rows["reproducible"], "name"]
    title(
        ax, f"The largest topic holds {top['share']:.0%} of tickets: {in_figure(top['name'], 50)}"
    )
    pale = ", ".join(map(in_figure, shaky)) or "none"
    return Picture(
        ax,
        f"Bars are the {len(rows)} largest topics' shares of all tickets, lines 95% intervals "
        f"(Wilson). They run from {rows['share'].min():.1%} to {rows['share'].max():.1%} and hold "
        f"{rows['share'].sum():.0%} of tickets together. Grey, because not reproducible: {pale}.",
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
    middles = places[places["topic"].isin(big)].groupby("topic")[["x", "y"]].median()
    for topic, middle in _apart(middles, places["y"].max() - places["y"].min()).iterrows():
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


@cannot_tell_passes
def topic_surges(weeks: pd.DataFrame) -> Picture | CannotTell:
    """Tickets a week of the topics that surged last, against what their history lets expect."""
    flagged = weeks[weeks["flagged"]].sort_values(["week", "count"], ascending=False)
    topics = list(flagged["topic"].drop_duplicates()[:SURGING])
    if not topics:
        return CannotTell("how a surge looks: no topic rose beyond its own history.")
    sns.set_theme(style="ticks")
    grid = sns.relplot(
        weeks[weeks["topic"].isin(topics)], x="week", y="count", col="topic", col_order=topics,
        col_wrap=min(2, len(topics)), kind="line", color=QUIET, lw=1, height=2.1, aspect=1.8,
        facet_kws={"sharey": False},
    )  # fmt: skip
    for ax, topic in zip(grid.axes.flat, topics, strict=True):
        of = weeks[weeks["topic"] == topic]
        ax.plot(of["week"], of["expected"], color=ACCENT, lw=1.6)
        high = of[of["flagged"]]
        ax.scatter(high["week"], high["count"], color=WARN, s=18, zorder=3)
        ax.set_ylim(0, None)
        ax.set_title(in_figure(of["name"].iloc[0], 44), fontsize=8)
        ax.xaxis.set_major_locator(matplotlib.dates.YearLocator())
        ax.xaxis.set_major_formatter(matplotlib.dates.DateFormatter("%Y"))
    grid.set_axis_labels("", "tickets a week")
    newest = flagged.iloc[0]
    heading = (
        f"The newest surge: {in_figure(newest['name'], 48)}, {newest['count']} tickets in a week"
    )
    grid.figure.suptitle(heading, x=0.02, ha="left", weight="bold", color=INK, fontsize=11)
    grid.figure.tight_layout()
    shown = weeks[weeks["topic"].isin(topics)]
    said = "; ".join(
        f"{in_figure(of['name'].iloc[0])} {int(of['flagged'].sum())}"
        for _, of in shown.groupby("topic", sort=False)
    )
    return Picture(
        grid.axes.flat[0],
        "Grey lines are tickets a week, blue ones what the weeks before let expect, orange dots "
        f"weeks flagged as a surge. Flagged weeks: {said}. The topics that surged last are shown.",
    )


@cannot_tell_passes
def topics_beside(counts: pd.DataFrame) -> Picture:
    """Which share of each topic's tickets has which label, as a heat map."""
    rows, columns = counts.head(20), counts.columns[:14]
    shares = rows.div(rows.sum(axis=1), axis=0)[columns]
    ax = axes(0.27 * len(rows) + 2.2)
    sns.heatmap(
        shares, ax=ax, vmin=0, vmax=1, cmap=sns.light_palette(ACCENT, as_cmap=True), linewidths=0.5,
        cbar_kws={"label": "share of the topic", "format": PercentFormatter(1, decimals=0)},
    )  # fmt: skip
    ax.set_yticks(ax.get_yticks(), [in_figure(name, 44) for name in shares.index], rotation=0)
    ax.set_xticks(
        ax.get_xticks(),
        [in_figure(name, 24) for name in columns],
        rotation=40,
        ha="right",
        rotation_mode="anchor",
    )
    ax.set(xlabel="", ylabel="")
    mostly = rows.max(axis=1) / rows.sum(axis=1)
    clear = int((mostly >= MOSTLY).sum())
    title(ax, f"{clear} of {len(rows)} topics are mostly one {counts.columns.name}")
    return Picture(
        ax,
        f"Rows are the {len(rows)} largest topics, columns are each {counts.columns.name} "
        f"({len(columns)} of {counts.shape[1]} shown); dark is most of the topic's tickets. "
        f"Mostly: at least {MOSTLY:.0%}. "
        f"Least clear: {in_figure(mostly.idxmin())}, {mostly.min():.0%}.",
    )


def _apart(middles: pd.DataFrame, height: float) -> pd.DataFrame:
    """The places of names, from below, each at least a line above the one before."""
    ordered, line = middles.sort_values("y"), LINE * height
    y = ordered["y"].to_numpy().copy()
    for at in range(1, len(y)):
        y[at] = max(y[at], y[at - 1] + line)
    return ordered.assign(y=y)


def _changes(counts: pd.DataFrame) -> pd.Series:
    months = sorted(counts["month"].unique())
    halves = counts.assign(late=counts["month"] >= months[len(months) // 2])
    means = halves.groupby(["cause", "late"])["tickets"].mean().unstack()
    return (means[True] / means[False].where(means[False] > 0) - 1).dropna()
