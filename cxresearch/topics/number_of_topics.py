"""How many topics there are: what a page says of the choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import Result
from cxresearch.topics.how_many import FEWEST, FIRM

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cxresearch.topics.topic_model import TopicModel


@dataclass(frozen=True, eq=False)
class NumberOfTopics(Result):
    """How well topics come back, by how many there are (how_many.stability_by_number), and how many
    were made."""

    made: int

    def said(self, row: str = "") -> Finding:
        """The numbers at which topics come back best, and whether any stands out."""
        rows = self.frame
        good = rows[rows["plateau"]]
        best = good["agreement"].max()
        says = (
            "Two parts of the tickets give the most alike topics where there are {low:.0f} to "
            "{high:.0f} of them (agreement {best:.2f} of 1). So {made} were made."
        )
        if good.empty or best < FIRM:
            best = rows.loc[rows["topics"] >= FEWEST, "agreement"].max()
            says = (
                "No number of topics stands out: two parts of the tickets agree by {best:.2f} of 1 "
                "at best. So {made} were made by a rule on the number of tickets; other numbers "
                "would be as good."
            )
        low, high = good["topics"].min(), good["topics"].max()
        return finding(says, low=low, high=high, best=best, made=self.made)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Agreement by the number of topics, the plateau in colour."""
        rows = self.frame[self.frame["topics"] >= FEWEST]
        good = rows[rows["plateau"]]
        ax = drawing.axes(3.0, ax)
        ax.plot(rows["topics"], rows["agreement"], color=drawing.QUIET, marker=".")
        ax.plot(good["topics"], good["agreement"], color=drawing.ACCENT, marker="o", lw=3)
        ax.set(xscale="log", ylim=(0, 1), xlabel="number of topics (each step a finer cut)",
               ylabel="agreement of two parts")  # fmt: skip
        ax.set_xticks(ticks := [2, 5, 10, 20, 50, 100], [str(tick) for tick in ticks])
        ax.set_xticks([], minor=True)
        stands = not good.empty and good["agreement"].max() >= FIRM
        what = f"Topics come back best where there are about {self.made}"
        drawing.title(ax, what if stands else "No number of topics stands out")
        return ax

    def described(self) -> str:
        """What the line is, and where it is highest."""
        told = self.frame[self.frame["topics"] >= FEWEST]
        best = told.loc[told["agreement"].idxmax()]
        return (
            "The line is how far fits to two parts of the tickets agree (adjusted Rand index), by "
            f"how many topics they have; it is highest, {best['agreement']:.2f}, at "
            f"{best['topics']:.0f}. The thick part is as good as the best. Its middle was taken."
        )


def number_of_topics(topics: TopicModel) -> NumberOfTopics | CannotTell:
    """How many topics the tickets hold, as topics.how_many found it when they were made."""
    rows = topics.made.get("by_number")
    if not rows:
        return CannotTell(
            "whether another number of topics would be as good: the number was asked for in "
            "study.toml (target_topics), or there are too few tickets to seek it."
        )
    return NumberOfTopics(pd.DataFrame(rows), len(topics.table))
