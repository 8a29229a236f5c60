"""Topics that say how large they are, how far to trust them, and how they lie to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.study import drawing
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import wilson
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import SHARE, share, view
from cxresearch.topics.given import without_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cxresearch.topics.topic_model import TopicModel

SECOND = 0.2  # share of a ticket from which on it holds a second issue
FIRM = 0.5  # of topics must be reproducible, or themes lead
LARGEST, FIRST = 15, 5
LINE = 0.05  # of a map's height


@dataclass(frozen=True, eq=False)
class Sizes(Result):
    """Topics by size (TopicModel.info): of so many tickets, in other words of no topic for want of
    words, for their language, because they tell none, or because they are near to none (new)."""

    tickets: int
    without_words: int
    other_language: int
    unclear: int
    new: int = 0

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many causes, and the largest with its share; themes, where most topics are too fine
        to come back when part of the tickets is left out."""
        rows = self.causes()
        if rows.empty:
            return CannotTell("why customers write: no ticket holds words that could be read.")
        five = " The five largest together bring {five:.0%}." if len(rows) > FIRST else ""
        return finding(
            "The largest of {n} {what} is **{name}**: {share:.1%} of {of:,} tickets (95% interval "
            "{low:.1%} to {high:.1%})." + five,
            n=len(rows), what=self._called(), of=self.tickets, five=rows["share"].head(FIRST).sum(),
            **rows.iloc[0][["name", "share", "low", "high"]],
        )  # fmt: skip

    def causes(self) -> pd.DataFrame:
        """What leads the page, the largest first: topics, those of one name together, or themes
        where most topics do not come back: name, size, share, low, high, firm, quotes, words."""
        by = "name" if self._told_apart() else "theme"
        rows = self.frame.groupby(by, sort=False).agg(
            size=("size", "sum"),
            firm=("reproducible", "any"),
            quotes=("quotes", "first"),
            words=("words", "first"),
        )
        low, high = wilson(rows["size"], self.tickets)
        rows = rows.assign(share=rows["size"] / max(self.tickets, 1), low=low, high=high)
        return (
            rows.sort_values("size", ascending=False, kind="stable")
            .rename_axis("name")
            .reset_index()
        )

    def _told_apart(self) -> bool:
        return self.frame.empty or self.frame["reproducible"].mean() >= FIRM

    def _called(self) -> str:
        return "causes" if self._told_apart() else "themes"

    def in_none(self) -> tuple[Finding, ...]:
        """How far topics are too fine, and how many tickets are in no topic, and why."""
        shaky = int((~self.frame["reproducible"]).sum())
        fine = finding(
            "Their topics are finer than these tickets can tell apart: {shaky} of {n} do not come "
            "back when a fifth of the tickets is left out.", shaky=shaky, n=len(self.frame),
        )  # fmt: skip
        unheard = finding(
            "Counted apart are {unclear:,} tickets that say nothing of what they are about, "
            "{words:,} without words and {language:,} in a language that was not read.",
            unclear=self.unclear, words=self.without_words, language=self.other_language,
        )  # fmt: skip
        new = finding(
            "**New or other** are {new:,} further tickets: they came after topics were made, and "
            "are near to none of them.", new=self.new,
        )  # fmt: skip
        told = (unheard, new) if self.new else (unheard,)
        return told if self._told_apart() else (fine, *told)

    def table(self) -> pd.DataFrame:
        """Tickets, customers, share with its 95% interval, theme where there are fewer of them, and
        the words that set a topic apart from the one nearest to it."""
        names = self.frame.set_index("topic")["name"]
        apart = [
            f"{', '.join(words)} (not: {names[other]})" if words and other in names else ""
            for words, other in zip(self.frame["apart"], self.frame["nearest"], strict=True)
        ]
        theme = ["theme"] if self.frame["theme"].nunique() < len(self.frame) else []
        return view(self.frame.assign(apart=apart), "name as topic", "size as tickets", "customers",
                    "share ±.1%", *theme, "apart as set apart by")  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """Shares of the largest causes with 95% intervals; what is not reproducible is grey."""
        if self.frame.empty:
            return CannotTell("what the topics are: no ticket holds words that could be read.")
        rows = self._shown()
        ax, places = drawing.axes(0.34 * len(rows) + 1.5, ax), np.arange(len(rows))[::-1]
        colours = np.where(rows["firm"], drawing.ACCENT, drawing.QUIET)
        ax.barh(places, rows["share"], color=colours, alpha=0.55)
        ax.hlines(places, rows["low"], rows["high"], color=drawing.INK, lw=2)
        ax.set_yticks(places, [drawing.in_figure(name, 52) for name in rows["name"]])
        ax.set_xlim(0, 1.06 * rows["high"].max())  # room for the last tick's figures
        drawing.percent(ax, decimals=None)
        ax.set_xlabel("share of tickets, with 95% interval")
        top, of = rows["share"].head(FIRST).sum(), len(self.causes())
        few = f"The {FIRST} largest of {of}" if of > FIRST else of
        drawing.title(ax, f"{few} {self._called()} bring {top:.0%} of tickets")
        return ax

    def described(self) -> str:
        """What bars and lines are, and which are grey."""
        rows = self._shown()
        pale = ", ".join(map(drawing.in_figure, rows.loc[~rows["firm"], "name"]))
        grey = f" Grey, because not reproducible: {pale}." if pale else ""
        return f"Bars are shares of all tickets, lines their 95% intervals.{grey}"

    def _shown(self) -> pd.DataFrame:
        return self.causes().head(LARGEST)


@dataclass(frozen=True, eq=False)
class Stability(Result):
    """How far to trust each topic, the least reproducible first (TopicModel.info)."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many topics come back when a fifth of the tickets is left out."""
        if self.frame.empty:
            return CannotTell("whether topics are reproducible: there are none.")
        return finding(
            "{firm} of {n} topics come back, by at least half of their tickets, when a fifth of "
            "all tickets is left out. That does not make them correct.",
            firm=int(self.frame["reproducible"].sum()), n=len(self.frame),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Overlap when refitted, coherence and distinctness of each."""
        return view(self.frame, "name as topic", "size as tickets", "stability as overlap",
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
    mute = int(without_text(study.tickets).sum())
    if tickets.empty:
        why = "all causes were given with tickets, none found" if mute else "there is no ticket"
        return CannotTell(f"what topics are made of: {why}.")
    described = int(tickets["description"].notna().sum())
    voters, texts = topics.made["voters"], topics.made["texts"]
    sample = " A sample of {voters:,} of {texts:,} made them; the others went where their nearest "
    sample += "neighbours in it are."
    near = topics.made.get("neighbours", {})  # said only where not all tickets were compared first
    sought = " {recall:.1%} of the tickets most like another were found without comparing all."
    sought += " That is too few, so all were compared." * near.get("all_compared", False)
    says = "Topics are made of subject and first message; {described:.0%} of tickets have one."
    if not described:
        says = "No ticket of this export has a description: topics are **modelled on subjects "
        says += "only**."
    given = " Beside them the causes of {given:,} tickets without text were given, and not found."
    return finding(
        says + sample * (voters < texts) + sought * bool(near) + given * (mute > 0),
        described=described / len(tickets), voters=voters, texts=texts,
        **({"recall": near["recall"]} if near else {}), **({"given": mute} if mute else {}),
    )  # fmt: skip


def other_languages(topics: TopicModel) -> tuple[Finding, ...]:
    """How many tickets in other languages were placed, and how often that is right; nothing where
    none was."""
    of = topics.made.get("others")
    if not of or not of["placed"]:
        return ()
    return (
        finding(
            "{placed:,} of {others:,} tickets in other languages got a topic by vote of those that "
            "mean the same; the others' votes were too divided. Of {tried:,} tickets in a "
            "language that makes topics {again:,} were placed in the same way; " + SHARE + " of "
            "these landed in their own topic.",
            placed=sum(n for _, n in of["languages"].values()),
            others=sum(n for n, _ in of["languages"].values()),
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
