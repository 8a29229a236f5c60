"""Do topics agree with what people, or the simulation, say the tickets are about?"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import share
from cxresearch.topics.given import planted_causes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

from cxresearch.topics.topic_model import TopicModel

BY_PEOPLE, PLANTED = "label chosen by people", "planted cause"
MOSTLY = 0.7
HELD_BACK = 0.1  # of the labels that people chose are not shown to the topics
TOPICS, LABELS = 20, 14  # drawn
TAUGHT = (
    " These are a tenth of the labelled tickets: the other labels had a hand in making the topics."
)


@dataclass(frozen=True, eq=False)
class BesideLabels(Result):
    """Tickets by topic (its name), the largest first, and by label, the most common first; taught:
    are these a tenth that was held back from topics which the others drew?"""

    taught: bool = False

    def said(self, row: str = "") -> Finding:
        """How many tickets lie where most have their label, against one label for all, and ARI."""
        from sklearn.metrics import adjusted_rand_score  # takes a second

        counts = self.frame
        n, right, common = counts.to_numpy().sum(), counts.max(axis=1).sum(), counts.sum()
        row, column = np.nonzero(counts.to_numpy())
        each = counts.to_numpy()[row, column]
        return finding(
            "{share:.0%} of {of:,} tickets (95% interval {low:.0%} to {high:.0%}) lie in a topic "
            "whose most common {what} is their own. With one topic for all, it would be "
            "{naive:.0%}. Adjusted for chance they agree by {index:.2f} of 1."
            + TAUGHT * self.taught,
            **share(int(right), int(n)), what=counts.columns.name, naive=common.max() / n,
            index=adjusted_rand_score(np.repeat(row, each), np.repeat(column, each)),
        )  # fmt: skip

    def plot(self, ax: Axes | None = None) -> Axes:
        """Which share of each topic's tickets has which label, as a heat map."""
        rows, shares = self.frame.head(TOPICS), self._shares()
        ax = drawing.heat(shares, 0.27 * len(rows) + 2.2, "share of the topic", ax)
        clear = int((self._mostly() >= MOSTLY).sum())
        what = self.frame.columns.name
        drawing.title(ax, f"{clear} of {len(rows)} topics are mostly one {what}")
        return ax

    def described(self) -> str:
        """What rows, columns and colours are, and the least clear topic."""
        mostly, shares = self._mostly(), self._shares()
        return (
            f"Rows are the {len(shares)} largest topics, columns are each "
            f"{self.frame.columns.name} ({shares.shape[1]} of {self.frame.shape[1]} shown); dark "
            f"is most of the topic's tickets. Mostly: at least {MOSTLY:.0%}. Least clear: "
            f"{drawing.in_figure(mostly.idxmin())}, {mostly.min():.0%}."
        )

    def _mostly(self) -> pd.Series:
        rows = self.frame.head(TOPICS)
        return rows.max(axis=1) / rows.sum(axis=1)

    def _shares(self) -> pd.DataFrame:
        rows = self.frame.head(TOPICS)
        return rows.div(rows.sum(axis=1), axis=0).iloc[:, :LABELS]


def labels(study: Study) -> pd.Series | CannotTell:
    """What each ticket is about in a simulated study's truth, else as people said, by ticket_id.

    Named after which of the two it is; of a ticket about two causes the main one counts.
    """
    if study.truth:
        return planted_causes(study).str[0].astype("str").rename(PLANTED)
    until = study.settings.time("types_by_people_until")
    tickets = study.tickets.set_index("ticket_id")
    chosen = tickets.loc[tickets["created_at"] < until, "type"].dropna() if until else ()
    if not len(chosen):
        return DoesNotApply(
            "whether topics agree with people: no ticket of this study is known to have a topic "
            "that a person chose (types_by_people_until in study.toml says until when)."
        )
    return chosen.rename(BY_PEOPLE)


def taught_labels(study: Study) -> pd.Series | None:
    """What people said that tickets are about, by ticket_id, but a tenth of these, drawn by hashing
    their ids, on which agreement is measured; none where only a simulation says it."""
    label = labels(study)
    if isinstance(label, CannotTell) or label.name != BY_PEOPLE:
        return None
    return label[~_held_back(label.index)]


def _held_back(ids: pd.Index) -> np.ndarray:
    return np.array([sha256(str(each).encode()).digest()[0] < HELD_BACK * 256 for each in ids])


def beside_labels(study: Study, topics: TopicModel) -> BesideLabels | CannotTell:
    """The tickets of each topic by what they are otherwise said to be about."""
    label = labels(study)
    if isinstance(label, CannotTell):
        return label
    if topics.made.get("labelled"):
        label = label[_held_back(label.index)]
    told = topics.labels >= 0
    names = pd.Series(topics.labels[told], index=topics.ids[told]).map(topics.names())
    both = pd.DataFrame({"topic": names, label.name: label}).dropna()
    if both.empty:
        return CannotTell(f"whether topics agree with the {label.name}: no ticket has both.")
    counts = pd.crosstab(both["topic"], both[label.name])
    ordered = [name for name in dict.fromkeys(topics.names()) if name in counts.index]
    common = counts.sum().sort_values(ascending=False, kind="stable").index
    return BesideLabels(counts.loc[ordered, common], bool(topics.made.get("labelled")))
