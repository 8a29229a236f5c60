"""Which topics are emerging: weeks beyond a topic's own history, said, shown and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import listed, view
from cxresearch.topics.emerging import emerging, surges

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cxresearch.topics.topic_model import TopicModel

DRAWN = 4  # topics whose surges are drawn
COLUMNS = ("name as topic", "since", "tickets", "ratio ±.1f as times expected",
           "ongoing as goes on")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Surges(Result):
    """Each topic's tickets by week against its own history (see emerging), with its name."""

    def said(self, row: str = "") -> Finding:
        """What surges in the last whole week, and how often anything did before."""
        every = self._surges()
        if every["ongoing"].any():
            names = listed(every.loc[every["ongoing"], "name"])
            return finding("Rising beyond its own history in the last whole week: {n}.", n=names)
        says = "In the last whole week no cause rose beyond its own history."
        if every.empty:
            return Finding(says)
        return finding(
            says + " The last that did was {name}, from {onset} on.",
            name=every["name"].iloc[0], onset=f"{every['onset'].iloc[0]:%Y-%m-%d}",
        )  # fmt: skip

    def table(self) -> pd.DataFrame | CannotTell:
        """Surges, the newest first: since when (with bounds), tickets, times expected."""
        every = self._surges()
        if every.empty:
            return CannotTell("when a topic surged: none rose beyond its own history.")
        days = every[["onset", "low", "high"]].map("{:%Y-%m-%d}".format)
        since = days["onset"] + " (" + days["low"] + " to " + days["high"] + ")"
        ratios = {f"ratio_{end}": f"ratio {end}" for end in ("low", "high")}
        return view(every.assign(since=since).rename(columns=ratios), *COLUMNS)

    def plot(self, ax: Axes | None = None) -> Axes | CannotTell:
        """Tickets a week of the topics that surged last, against what their history expects."""
        topics = self._drawn()
        if not topics:
            return CannotTell("how a surge looks: no topic rose beyond its own history.")
        panels = drawing.small_panels(len(topics), 2, 2.1)
        for panel, topic in zip(panels, topics, strict=True):
            rows = self.frame[self.frame["topic"] == topic]
            high = rows[rows["flagged"]]
            panel.plot(rows["week"], rows["count"], color=drawing.QUIET, lw=1)
            panel.plot(rows["week"], rows["expected"], color=drawing.ACCENT, lw=1.6)
            panel.scatter(high["week"], high["count"], color=drawing.WARN, s=18, zorder=3)
            drawing.years(panel, "tickets a week", self._name(topic))
        newest = self._flagged().head(1).squeeze()
        name = drawing.in_figure(newest["name"], 48)
        drawing.title(panels[0], f"The newest surge: {name}, {newest['count']} tickets in a week")
        return panels[0]

    def described(self) -> str:
        """What lines and dots are."""
        return (
            "Grey lines are tickets a week, blue ones what the weeks before let expect, orange "
            "dots weeks that surged. The topics that surged last are shown."
        )

    def _surges(self) -> pd.DataFrame:
        every = surges(self.frame)
        return every.assign(name=every["topic"].map(self._names()))

    def _names(self) -> pd.Series:
        return self.frame.drop_duplicates("topic").set_index("topic")["name"]

    def _name(self, topic: int) -> str:
        return self._names()[topic]

    def _flagged(self) -> pd.DataFrame:
        flagged = self.frame[self.frame["flagged"]]
        return flagged.sort_values(["week", "count"], ascending=False)

    def _drawn(self) -> list[int]:
        return list(self._flagged()["topic"].drop_duplicates()[:DRAWN])


def weekly_surges(study: Study, topics: TopicModel) -> Surges | CannotTell:
    """Each topic's tickets by week against its own history, with its name: see emerging()."""
    created = study.tickets.set_index("ticket_id")["created_at"].reindex(topics.ids)
    since, until = study.settings.time("tickets_from"), study.observed_until
    rows = emerging(created.reset_index(drop=True), topics.labels, since=since, until=until)
    if not rows["p"].notna().any():
        return CannotTell("what is emerging: no topic has a history of weeks to judge it by.")
    return Surges(rows.assign(name=rows["topic"].map(topics.names())))
