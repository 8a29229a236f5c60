"""Topics that say how large they are, how far to trust them, and how they lie to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.study import drawing
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import SHARE, share, view
from cxresearch.topics.text.shown import undoubted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cxresearch.topics.topic_model import TopicModel

SECOND = 0.2  # share of a ticket from which on it holds a second issue
FIRM = 0.5  # of topics must be reproducible, or themes lead
LARGEST = 15
LINE = 0.05  # of a map's height


@dataclass(frozen=True, eq=False)
class Sizes(Result):
    """Topics by size (TopicModel.info): of so many tickets, in other words of no topic for want of
    words, for their language, or because they tell none."""

    tickets: int
    without_words: int
    other_language: int
    unclear: int

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many topics, and the largest with its share; where most topics do not come back when
        part of the tickets is left out, themes lead."""
        info = self.frame
        if info.empty:
            return CannotTell("why customers write: no ticket holds words that could be read.")
        if not self._told_apart() and (themes := self._in_themes()):
            return themes[0]
        return self._largest()

    def _told_apart(self) -> bool:
        return self.frame["reproducible"].mean() >= FIRM

    def _largest(self) -> Finding:
        info = self.frame
        top = info.loc[info["size"].idxmax()]
        return finding(
            "{n} topics hold {told:,} of {of:,} tickets. The largest, **{name}**, is {share:.1%} "
            "of them (95% interval {low:.1%} to {high:.1%}); the five largest together {five:.0%}.",
            n=len(info), told=int(info["size"].sum()), of=self.tickets, name=top["name"],
            share=top["share"], low=top["low"], high=top["high"],
            five=info["share"].nlargest(5).sum(),
        )  # fmt: skip

    def sentences(self) -> tuple[Finding | CannotTell, ...]:
        """And how many tickets are in no topic, and why."""
        unheard = finding(
            "{unclear:,} tickets say nothing of what they are about, {words:,} hold no words and "
            "{language:,} are in a language that the encoder does not serve; they are counted "
            "apart and are no cause. No other ticket is left out.",
            unclear=self.unclear, words=self.without_words, language=self.other_language,
        )  # fmt: skip
        if self.frame.empty:
            return self.said(), unheard
        if self._told_apart():
            return self._largest(), *self._in_themes(), unheard
        return *self._in_themes(), self._largest(), unheard

    def _in_themes(self) -> tuple[Finding, ...]:
        """What themes topics are parts of; nothing where each topic is its own."""
        sizes = self.frame.groupby("theme")["size"].sum().sort_values(ascending=False)
        if len(sizes) == len(self.frame):
            return ()
        shares = [f"{name} ({size / self.tickets:.0%})" for name, size in sizes.items()]
        if self._told_apart():
            says = "They are parts of {n} themes: {themes}."
        else:
            says = (
                "Customers write about {n} themes: {themes}. Their topics are finer than these "
                "tickets can tell apart: {shaky} of {topics} do not come back when a fifth of the "
                "tickets is left out."
            )
        return (
            finding(
                says, n=len(sizes), themes="; ".join(shares), topics=len(self.frame),
                shaky=int((~self.frame["reproducible"]).sum()),
            ),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Tickets, customers, share in percent with 95% interval, theme where there are fewer of
        them, and the words that set a topic apart from the one nearest to it."""
        percent = {f"{c} %": 100 * self.frame[c] for c in ("share", "low", "high")}
        names = self.frame.set_index("topic")["name"]
        apart = [
            f"{', '.join(words)} (not: {names[other]})" if words and other in names else ""
            for words, other in zip(self.frame["apart"], self.frame["nearest"], strict=True)
        ]
        rows = self.frame.assign(**percent, apart=apart)
        theme = ["theme"] if self._in_themes() else []
        return view(rows, "name as topic", "size as tickets", "customers", *percent, *theme,
                    "apart as set apart by")  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """Shares of the largest topics with 95% intervals; what is not reproducible is grey."""
        if self.frame.empty:
            return CannotTell("what the topics are: no ticket holds words that could be read.")
        rows = self._shown()
        ax, places = drawing.axes(0.34 * len(rows) + 1.5, ax), np.arange(len(rows))[::-1]
        colours = np.where(rows["reproducible"], drawing.ACCENT, drawing.QUIET)
        ax.barh(places, rows["share"], color=colours, alpha=0.55)
        ax.hlines(places, rows["low"], rows["high"], color=drawing.INK, lw=2)
        ax.set_yticks(places, [drawing.in_figure(name, 52) for name in rows["name"]])
        ax.set_xlim(0, 1.06 * rows["high"].max())  # room for the last tick's figures
        drawing.percent(ax)
        ax.set_xlabel("share of tickets, with 95% interval")
        top = rows.loc[rows["share"].idxmax()]
        name = drawing.in_figure(top["name"], 50)
        drawing.title(ax, f"The largest topic holds {top['share']:.0%} of tickets: {name}")
        return ax

    def described(self) -> str:
        """What bars and lines are, and which are grey."""
        rows = self._shown()
        shaky = rows.loc[~rows["reproducible"], "name"][::-1]
        pale = ", ".join(map(drawing.in_figure, shaky)) or "none"
        return (
            f"Bars are the {len(rows)} largest topics' shares of all tickets, lines 95% intervals "
            f"(Wilson). They run from {rows['share'].min():.1%} to {rows['share'].max():.1%} and "
            f"hold {rows['share'].sum():.0%} of tickets together. Grey, because not reproducible: "
            f"{pale}."
        )

    def _shown(self) -> pd.DataFrame:
        return self.frame.nlargest(LARGEST, "share")


@dataclass(frozen=True, eq=False)
class Stability(Result):
    """How far to trust each topic, the least reproducible first (TopicModel.info)."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many topics come back when a fifth of the tickets is left out."""
        if self.frame.empty:
            return CannotTell("whether topics are reproducible: there are none.")
        shaky = self.frame.loc[~self.frame["reproducible"]].sort_values("topic")["name"]
        return finding(
            "{firm} of {n} topics come back, by at least half of their tickets, when a fifth of "
            "all tickets is left out. Those that do not: {shaky}. Reproducible is not the same as "
            "correct.",
            firm=len(self.frame) - len(shaky), n=len(self.frame), shaky="; ".join(shaky) or "none",
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Overlap when refitted, coherence and distinctness of each."""
        overlap = "stability as overlap when refitted"
        return view(self.frame, "name as topic", "size as tickets", "customers", overlap,
                    "reproducible", "coherence", "distinctness")  # fmt: skip


@dataclass(frozen=True, eq=False)
class TopicMap(Result):
    """Tickets as points in the plane (ticket_id, topic, x, y), near where their meaning is near;
    info holds the topics' names and sizes."""

    info: pd.DataFrame

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """The six largest topics are coloured and named."""
        if self.info.empty or self.frame.empty:
            return CannotTell("what the topics are: no ticket holds words that could be read.")
        ax = drawing.axes(5.2, ax)
        big = self.info.nlargest(6, "size").set_index("topic")["name"]
        colours = dict(zip(big.index, drawing.colours(6), strict=False))
        tone = [colours.get(topic, (0.8, 0.82, 0.84)) for topic in self.frame["topic"]]
        ax.scatter(self.frame["x"], self.frame["y"], c=tone, s=7, alpha=0.75, lw=0)
        places = self.frame[self.frame["topic"].isin(big.index)].groupby("topic")[["x", "y"]]
        height = self.frame["y"].max() - self.frame["y"].min()
        for topic, (x, y) in _apart(places.median(), height).iterrows():
            box = {"fc": "white", "ec": colours[topic], "alpha": 0.85, "pad": 2}
            ax.text(x, y, drawing.in_figure(big[topic], 28), fontsize=8, weight="bold",
                    color=drawing.INK, ha="center", bbox=box)  # fmt: skip
        ax.set(xticks=[], yticks=[], xlabel="no units: near means alike", ylabel="")
        drawing.title(ax, "Tickets that mean the same lie near each other")
        return ax

    def described(self) -> str:
        """What near means, and what it does not."""
        return (
            f"A map of {len(self.frame):,} tickets (t-SNE): near means alike, but how far apart "
            "two groups lie means nothing. The six largest topics are coloured and named."
        )


def _apart(middles: pd.DataFrame, height: float) -> pd.DataFrame:
    """The places of names, from below, each at least a line above the one before."""
    ordered, line = middles.sort_values("y"), LINE * height
    y = ordered["y"].to_numpy().copy()
    for at in range(1, len(y)):
        y[at] = max(y[at], y[at - 1] + line)
    return ordered.assign(y=y)


def read_from(study: Study, topics: TopicModel) -> Finding | CannotTell:
    """Of which words topics are made, and whether all texts made them or a sample."""
    tickets = study.tickets[among(study.tickets["ticket_id"], topics.ids)]
    if tickets.empty:
        return CannotTell("what topics are made of: there is no ticket.")
    described = int(tickets["description"].notna().sum())
    voters, texts = topics.made["voters"], topics.made["texts"]
    sample = " A sample of {voters:,} of {texts:,} tickets made the topics; the others went where "
    sample += "their nearest neighbours in it are."
    says = "Topics are made of subject and first message; {described:.0%} of tickets have one."
    if not described:
        says = "No ticket of this export has a description: topics are **modelled on subjects "
        says += "only**."
    return finding(
        says + sample * (voters < texts),
        described=described / len(tickets), voters=voters, texts=texts,
    )  # fmt: skip


def other_languages(topics: TopicModel) -> tuple[Finding, ...]:
    """How many tickets in other languages were placed, and how often that is right; nothing where
    none was."""
    of = topics.made.get("others")
    if not of or not of["placed"]:
        return ()
    counts = sorted(of["languages"].items(), key=lambda each: -each[1][0])
    return (
        finding(
            "{placed:,} of {others:,} tickets in other languages got a topic by vote of those "
            "that mean the same ({largest}); the others' votes were too divided. Of {tried} "
            "tickets in a language that makes topics, {again} were placed in the same way; "
            + SHARE + " of these landed in their own topic.",
            placed=sum(n for _, (_, n) in counts), others=sum(n for _, (n, _) in counts),
            largest=", ".join(f"{name} {n} of {all_}" for name, (all_, n) in counts[:5]),
            tried=of["tried"], again=of["placed"], **share(of["right"], of["placed"]),
        ),
    )  # fmt: skip


def second_issues(topics: TopicModel) -> Finding | CannotTell:
    """How many tickets belong to a second topic as well."""
    shares = topics.weights[topics.labels >= 0]
    if not shares.shape[1] > 1:
        return CannotTell("which tickets hold two issues: there are not two topics.")
    second = np.sort(shares, axis=1)[:, -2]
    return finding(
        SHARE + " of tickets belong to a second topic by at least a fifth.",
        **share(int((second >= SECOND).sum()), len(second)),
    )  # fmt: skip


def quotes(study: Study, topics: TopicModel, largest: int = 6) -> pd.DataFrame:
    """Three masked quotes of each of the largest topics: of those drawn by seed the first that
    leave no doubt (text.doubtful). topic, quote, ticket."""
    info = topics.info().head(largest)
    texts = study.tickets.set_index("ticket_id")["description"]
    rows = [
        {"topic": name, "quote": quote, "ticket": ticket}
        for name, ids in zip(info["name"], info["quotes"], strict=True)
        for ticket, quote in undoubted(study, texts, ids, 180)
    ]
    return pd.DataFrame(rows)
