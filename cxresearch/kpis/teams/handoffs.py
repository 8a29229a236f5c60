"""Do tickets reach the right team at once, and what goes with reaching another one first?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from cxresearch.kpis.measure import Kpi, share_told
from cxresearch.kpis.standing import WHOLE, Standing, with_interval
from cxresearch.kpis.teams.going_with import GoesWith, differences
from cxresearch.kpis.teams.handled import MEASURES, handled, told
from cxresearch.kpis.tidy import DAY, HOUR, asked, measured
from cxresearch.study.among import among
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.intervals import normal
from cxresearch.study.once import once
from cxresearch.study.schema import UNSOLVED
from cxresearch.study.study import Study
from cxresearch.study.words import view

SOLVED_IN_TIME = "solved within the promise"
FIRST = Kpi("Solved by the first team", "of solved tickets, by the team that had them first")
BACK = Kpi("Back and forth", "of solved tickets, came back to a team that had them before")
NO_HISTORY = CannotTell(
    "whether tickets reach the right team at once: the export has no history of who had them; one "
    "with it would tell."
)


@dataclass(frozen=True, eq=False)
class Routed(Standing):
    """Rows of two KPIs: solved by the first team, and gone back and forth between teams."""

    def said(self, row: str = "") -> Finding | CannotTell:
        """How many reach the right team at once, and how many go back and forth."""
        first, back = (self.frame.loc[kpi.name] for kpi in (FIRST, BACK))
        if row or pd.isna(first["estimate"]):
            return super().said(row)
        return finding(
            "**{share:.0%}** of solved tickets were solved by the team that had them first (95% "
            "interval {low:.0%} to {high:.0%}). {back:.1%} ({least:.1%} to {most:.1%}) went back "
            "and forth between teams. Counted are {n:,} tickets.",
            share=first["estimate"], low=first["low"], high=first["high"], n=int(first["n"]),
            back=back["estimate"], least=back["low"], most=back["high"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Both KPIs, a row a group, those of most tickets first."""
        first, back = (self.frame[self.frame["kpi"] == kpi.name] for kpi in (FIRST, BACK))
        shown = pd.DataFrame({"group": first["group"].replace(WHOLE, "all tickets"),
                              "solved tickets": first["n"].astype(int)})  # fmt: skip
        for kpi, rows in ((FIRST, first), (BACK, back)):
            shown[kpi.name.lower()] = [with_interval(row) for _, row in rows.iterrows()]
        return shown.sort_values("solved tickets", ascending=False, ignore_index=True)


def routed(study: Study, by: str | None = None) -> Routed | CannotTell:
    """How many solved tickets were solved by the team that had them first, and how many came back
    to a team that had them before; by cause or any column. Where the export has no history of
    teams every ticket would seem to be its first team's, so it cannot be told."""
    rows = handled(study)
    if isinstance(rows, CannotTell):
        return rows
    if not rows["moves"].any():
        return NO_HISTORY
    rows = rows[rows["first_solved_at"].notna()]
    rows = rows.assign(first=rows["team"] == rows["solver"])
    measures = {"first": FIRST, "back": BACK}
    return Routed.of(measured(study, kpi, rows, partial(share_told, flag=flag), by)
                     for flag, kpi in measures.items())  # fmt: skip


@once
def elsewhere_first(study: Study) -> GoesWith | CannotTell:
    """Tickets that came first to another team than the one that solves most of their cause, beside
    those that came to it at once, alike in cause, channel, priority and quarter.

    Known when a ticket is given to its first team. To compare tickets by whether they were ever
    handed on would compare by how long they were open.
    """
    rows = handled(study)
    if isinstance(rows, CannotTell):
        return rows
    if not rows["moves"].any() or rows["cause"].isna().all():
        return NO_HISTORY
    rows = rows.dropna(subset="cause")
    usual = usual_team(rows)
    until = rows["at"] + study.settings.unresolved_after_days * DAY
    known = (until <= study.observed_until) & ~among(rows["ticket_id"], _undated(study))
    in_time = (rows["first_solved_at"] <= until).astype(float).where(known)
    rows = rows.assign(elsewhere=rows["team"] != usual, **{SOLVED_IN_TIME: in_time})
    rows = rows[usual.notna()]
    frame = differences(rows, told(rows, (SOLVED_IN_TIME, *MEASURES[2:])), "elsewhere", [], "who")
    if isinstance(frame, CannotTell):
        return CannotTell(f"what goes with reaching another team first: {frame.reason}")
    return GoesWith(frame, "coming first to another team than the one that solves most of a cause")


def usual_team(rows: pd.DataFrame) -> pd.Series:
    """The team that solved most of the other tickets on each one's cause (of equal ones the first
    by name); null where no other was solved. With itself, whoever solves it would be right."""
    own = rows["solver"].where(rows["first_solved_at"].notna()).astype("str").fillna("")
    solved = pd.crosstab(rows["cause"], own).drop(columns="", errors="ignore")
    each = pd.DataFrame({"cause": rows["cause"], "own": own}).drop_duplicates()
    mine = each["own"].to_numpy()[:, None] == solved.columns.to_numpy()
    others = solved.loc[each["cause"]].to_numpy() - mine
    if not others.size:
        return pd.Series(None, rows.index, dtype="str")
    most = pd.Series(solved.columns[others.argmax(axis=1)], pd.MultiIndex.from_frame(each))
    most = most.where(others.max(axis=1) > 0)
    return pd.Series(most.loc[pd.MultiIndex.from_arrays([rows["cause"], own])].array, rows.index)


@once
def waiting_share(study: Study) -> pd.DataFrame | CannotTell:
    """In which state the customers' own tickets spent their time until they were first solved:
    status, tickets (ever in it), hours a ticket, share of all that time with its 95% interval (a
    ratio of sums, by customer; none of a single one). A ticket without a change was always in the
    state that it is in."""
    if not study.has("ticket_events") or not study.ticket_events["field"].eq("status").any():
        return CannotTell("in which state tickets wait: the export has no history of states.")
    states = study.ticket_events.query("field == 'status' and value_to.notna()")
    tickets = asked(study)
    still = tickets[~among(tickets["ticket_id"], states["ticket_id"])]
    states = states.sort_values(["event_at", "event_id"]).merge(tickets, on="ticket_id")
    first = states.drop_duplicates("ticket_id")
    first = first.assign(value_to=first["value_from"].fillna("new"), event_at=first["at"])
    still = still.assign(value_to=still["status"], event_at=still["at"])
    states = pd.concat([first, still, states]).sort_values("event_at", kind="stable")
    states = states.reset_index(drop=True)
    over = states["first_solved_at"].fillna(study.observed_until).clip(upper=study.observed_until)
    after = states.groupby("ticket_id")["event_at"].shift(-1).fillna(study.observed_until)
    hours = (after.clip(upper=over) - states["event_at"]) / HOUR
    states = states.assign(hours=hours)[states["value_to"].isin(UNSOLVED) & (hours > 0)]
    each = states.pivot_table("hours", "who", "value_to", "sum", fill_value=0.0)
    total, part = each.to_numpy().sum(), each.sum() / each.to_numpy().sum()
    apart = each - np.outer(each.sum(axis=1), part)
    error = np.sqrt((apart**2).sum()) / total if len(each) > 1 else np.nan
    low, high = normal(part, error)
    low, high = low.clip(0), high.clip(upper=1)
    counts = states.groupby("value_to")["ticket_id"].nunique()
    frame = pd.DataFrame({"tickets": counts, "share": part, "low": low, "high": high,
                          "hours": each.sum() / states["ticket_id"].nunique()})  # fmt: skip
    frame = frame.reindex([s for s in UNSOLVED if s in frame.index]).rename_axis("status")
    return view(frame.reset_index(), "status", "tickets as tickets ever in it",
                "hours .1f as hours a ticket", "share ±.1% as share of all waiting")  # fmt: skip


def _undated(study: Study) -> pd.Series:
    """Tickets that are over nobody knows when, or of which it is not told."""
    over = study.tickets["status"].isin(["solved", "closed", "unknown"])
    return study.tickets.loc[over & study.tickets["first_solved_at"].isna(), "ticket_id"]
