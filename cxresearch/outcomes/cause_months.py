"""How causes change: tickets a month, each on small axes of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxresearch.episodes import known_since
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.topics.causes import named

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST, FEW, FEWEST = 6, 3, 4  # causes drawn, described one by one; months watched
HALVES = "from the first to the second half"


@dataclass(frozen=True, eq=False)
class CauseMonths(Result):
    """Tickets (weighted) a month and cause, whole months only: cause, month, tickets."""

    def of(self, cause: str) -> CauseMonths:
        """One cause alone."""
        return CauseMonths(self.frame[self.frame["cause"] == cause])

    def plot(self, ax: Axes | None = None) -> Axes:
        """The largest causes, one small line each on one scale; the title names one alone whole."""
        names, change = self._largest(), self.changes().head(LARGEST).dropna()
        top = change.abs().idxmax() if len(change) else ""
        alone = names == [top]
        panels = [ax] if ax else drawing.small_panels(len(names), 3, 1.9 if len(names) > 1 else 2.8)
        most = self.frame[self.frame["cause"].isin(names)]["tickets"].max()
        for panel, name in zip(panels, names, strict=True):
            rows = self.frame[self.frame["cause"] == name]
            panel.plot(rows["month"], rows["tickets"], color=drawing.ACCENT)
            told = HALVES if alone else drawing.in_figure(name, 34)
            drawing.years(panel, "tickets a month", told)
            panel.set_ylim(0, 1.05 * most)
        said = f"{top}: {change[top]:+.0%}{'' if alone else f' {HALVES}'}" if top else ""
        drawing.title(panels[0], said or "Tickets a month")
        return panels[0]

    def described(self) -> str:
        """By how much each changed from the first to the second half."""
        said = "Tickets a month, on one scale. Counts, not rates: more customers write more."
        changes = self.changes().head(LARGEST).dropna()
        if not 0 < len(changes) <= FEW:
            return said
        each = (f"{drawing.in_figure(name)} {change:+.0%}" for name, change in changes.items())
        return f"{said} Change {HALVES}: {'; '.join(each)}."

    def _largest(self) -> list[str]:
        return list(self.frame.groupby("cause")["tickets"].sum().nlargest(LARGEST).index)

    def changes(self) -> pd.Series:
        """By what share each cause's monthly count changed from the first half to the second, the
        largest cause first; null without a ticket in the first."""
        months = sorted(self.frame["month"].unique())
        halves = self.frame.assign(late=self.frame["month"] >= months[len(months) // 2])
        means = halves.groupby(["cause", "late"])["tickets"].mean().unstack()
        before = means[False].where(means[False] > 0)
        order = self.frame.groupby("cause")["tickets"].sum().sort_values(ascending=False).index
        return (means[True] / before - 1).reindex(order)


@once
def cause_months(study: Study) -> CauseMonths | CannotTell:
    """Tickets (weighted) a month and cause, whole months only, from when tickets are known."""
    told = study.tickets[["ticket_id", "created_at"]].merge(named(study), on="ticket_id")
    if told.empty:
        return CannotTell("how causes change: no ticket has one.")
    month = told["created_at"].dt.tz_localize(None).dt.to_period("M")
    counts = told.pivot_table(
        index=month.rename("month"), columns="cause", values="weight", aggfunc="sum", fill_value=0
    )
    first, last = known_since(study).tz_localize(None), study.observed_until.tz_localize(None)
    months = pd.period_range(first, last, freq="M")
    whole = [m for m in months if m.start_time >= first.normalize() and m.end_time <= last]
    if len(whole) < FEWEST:
        return CannotTell("how causes change: fewer than four whole months were watched.")
    counts = counts.reindex(pd.PeriodIndex(whole, name="month"), fill_value=0)
    counts.index = counts.index.to_timestamp()
    return CauseMonths(counts.stack().rename("tickets").reset_index())
