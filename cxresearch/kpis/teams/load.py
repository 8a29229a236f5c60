"""Does quality fall when load rises? Weeks of one team beside its other weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.backlog import open_at_end
from cxresearch.kpis.measure import share
from cxresearch.kpis.teams.going_with import GoesWith, differences
from cxresearch.kpis.teams.handled import IN_TIME, SATISFIED, handled, told
from cxresearch.study import drawing
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.words import view

WEEK = pd.Timedelta(weeks=1)
RECENT, FIFTHS = 4, 5  # weeks in which an agent counts as active; groups of weeks
ASKED = "whether quality falls when load rises"


@dataclass(frozen=True, eq=False)
class Load(GoesWith):
    """What goes with twice a team's load, a row a measure. fifths: tickets by how loaded their team
    was that week: times (its usual load), estimate, low, high (share of the first measure)."""

    fifths: pd.DataFrame

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """The share by how loaded the team was."""
        rows, ax = self.fifths, drawing.axes(3.4, ax)
        ax.errorbar(rows["times"], rows["estimate"], color=drawing.ACCENT, marker="o", lw=2,
                    yerr=abs(rows[["low", "high"]].sub(rows["estimate"], axis=0)).T)  # fmt: skip
        drawing.percent(ax, "y")
        what, ends = self.frame["column"].iloc[0], rows["estimate"].iloc[[0, -1]]
        ax.set(xlabel="new tickets an agent that week, times the team's usual", ylabel=what)
        drawing.title(ax, f"{what.capitalize()}: {ends.iloc[0]:.0%} in a team's quietest weeks, "
                          f"{ends.iloc[1]:.0%} in its busiest")  # fmt: skip
        return ax

    def described(self) -> str:
        """What dots and bars are."""
        return (
            "Dots are the tickets of a fifth of the weeks each, from a team's quietest to its "
            "busiest, bars their 95% intervals."
        )


@once
def load_by_week(study: Study) -> pd.DataFrame | CannotTell:
    """A row a team and whole week: team, week (its Monday), new (tickets), agents (who took one of
    the team's tickets in the RECENT weeks up to it), load (new tickets an agent), times (load over
    the team's median)."""
    rows = handled(study)
    if isinstance(rows, CannotTell):
        return rows
    rows = rows.assign(week=_week(rows["at"]))
    new = rows.groupby(["team", "week"]).size().rename("new").reset_index()
    took = rows[["team", "agent", "week"]].dropna().drop_duplicates()
    took = pd.concat([took.assign(week=took["week"] + n * WEEK) for n in range(RECENT)])
    active = took.drop_duplicates().groupby(["team", "week"]).size().rename("agents")
    begun = rows["week"].min() + RECENT * WEEK
    weeks = new.merge(active.reset_index(), on=["team", "week"])
    ends = weeks["week"] + WEEK <= study.observed_until.tz_localize(None)
    weeks = weeks[ends & (weeks["week"] >= begun)]
    if weeks.empty:
        return CannotTell(f"{ASKED}: the export does not tell for long who took which ticket.")
    weeks = weeks.assign(load=weeks["new"] / weeks["agents"])
    return weeks.assign(times=weeks["load"] / weeks.groupby("team")["load"].transform("median"))


@once
def load(study: Study) -> Load | CannotTell:
    """Does quality fall in a team's busier weeks? Share answered in time and satisfied by the new
    tickets an agent of that week, within team, tickets alike.

    A linear model in log2 of the load; weeks of one month are alike. New tickets, not open ones:
    what slow weeks leave open would make slowness explain itself.
    """
    weeks = load_by_week(study)
    if isinstance(weeks, CannotTell):
        return weeks
    rows = handled(study)
    rows = rows.assign(week=_week(rows["at"])).merge(weeks, on=["team", "week"])
    rows = rows.assign(twice=np.log2(rows["load"]), month=rows["week"].dt.strftime("%Y-%m"))
    frame = differences(rows, told(rows, (IN_TIME, SATISFIED)), "twice", ["team"], "month")
    if isinstance(frame, CannotTell):
        return CannotTell(f"{ASKED}: {frame.reason}")
    first = frame["column"].iloc[0]
    rows = rows.dropna(subset=first)
    groups = rows.groupby(pd.qcut(rows["times"].rank(method="first"), FIFTHS, labels=False))
    fifths = pd.DataFrame([share(of[first] > 0, of["who"]) for _, of in groups])
    times = groups["times"].median().to_numpy()
    return Load(frame, "twice a team's load", fifths.assign(times=times))


def per_agent(study: Study) -> pd.DataFrame | CannotTell:
    """How much an agent of each team has: new tickets a week in the last RECENT whole weeks, agents
    active in the last, tickets open at the end, both for each agent, and whose they are
    (customers)."""
    weeks = load_by_week(study)
    if isinstance(weeks, CannotTell):
        return weeks
    last = weeks[weeks["week"] > weeks["week"].max() - RECENT * WEEK]
    each = last.groupby("team").agg(new=("new", "sum"), agents=("agents", "last"))
    rows = handled(study)
    still = rows.set_index("ticket_id")["team"].reindex(open_at_end(study)["ticket_id"])
    each = each.assign(new=each["new"] / RECENT, open=still.value_counts()).fillna({"open": 0})
    counted = (_week(rows["at"]) >= last["week"].min()) | among(rows["ticket_id"], still.index)
    each["customers"] = rows[counted].groupby("team")["who"].nunique()
    each = each.assign(**{f"{of} each": each[of] / each["agents"] for of in ("new", "open")})
    return view(each.reset_index(), "team", "customers", "new .1f as new tickets a week",
                "agents",
                "new each .1f as new an agent", "open .0f as open at the end",
                "open each .1f as open an agent")  # fmt: skip


def _week(at: pd.Series) -> pd.Series:
    return at.dt.tz_localize(None).dt.to_period("W").dt.start_time
