"""Who held each ticket: the team and the agent that had it first, and how often it changed hands.

A ticket is the first team's: who has it last was often handed the hard ones.
"""

import pandas as pd

from cxresearch.kpis.escalating import changes_of
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study

LONG_AGO = pd.Timestamp("1900-01-01", tz="UTC")
UNKNOWN = (
    "which team handles a ticket: the export tells no groups. Groups, or an agents table with the "
    "team of each agent, would tell."
)


@once
def holders(study: Study) -> pd.DataFrame | CannotTell:
    """By ticket_id: team and agent (that held it first; null where not told), solver (the team at
    its first solution, else at the end), moves (to another team), hands (to another agent), back
    (did it come back to a team that had it before?) and moved_at (first to another team).

    By the history of changes; a ticket without one is its group's and assignee's at export. Where
    no ticket has a group, the team is that of its agent then (agents).
    """
    agents = stretches(study, "assignee_id")
    teams = stretches(study, "group_id")
    teams = teams if len(teams) else _teams_of(study, agents)
    if teams.empty:
        return CannotTell(UNKNOWN)
    first, last = (teams.drop_duplicates("ticket_id", keep=end) for end in ("first", "last"))
    solved = study.tickets.set_index("ticket_id")["first_solved_at"]
    by_then = ~(teams["since"] > teams["ticket_id"].map(solved))
    solver = teams[by_then].drop_duplicates("ticket_id", keep="last")
    moved = teams[teams.duplicated("ticket_id")].drop_duplicates("ticket_id")
    frame = first.set_index("ticket_id")[["holder"]].rename(columns={"holder": "team"})
    return frame.assign(
        agent=agents.drop_duplicates("ticket_id").set_index("ticket_id")["holder"],
        solver=solver.set_index("ticket_id")["holder"].reindex(frame.index).fillna(
            last.set_index("ticket_id")["holder"]
        ),
        moves=teams.groupby("ticket_id").size() - 1,
        hands=(agents.groupby("ticket_id").size() - 1).reindex(frame.index),
        back=teams.duplicated(["ticket_id", "holder"]).groupby(teams["ticket_id"]).any(),
        moved_at=moved.set_index("ticket_id")["since"],
    )  # fmt: skip


def stretches(study: Study, field: str) -> pd.DataFrame:
    """Who held each ticket, from when on, in order: ticket_id, holder, since; field is group_id or
    assignee_id. Who held it before its first change is there since long ago."""
    tickets = study.tickets
    none = tickets[["ticket_id", "created_at"]].head(0).rename(columns={"created_at": "event_at"})
    none = none.assign(value_from=none["ticket_id"], value_to=none["ticket_id"])
    changes = changes_of(study, field) if study.has("ticket_events") else none
    begun = changes.drop_duplicates("ticket_id").assign(event_at=LONG_AGO)
    rows = pd.concat([
        tickets.loc[~tickets["ticket_id"].isin(changes["ticket_id"]), ["ticket_id", field]].assign(
            since=tickets["created_at"]).rename(columns={field: "holder"}),
        begun.rename(columns={"value_from": "holder", "event_at": "since"}),
        changes.rename(columns={"value_to": "holder", "event_at": "since"}),
    ])[["ticket_id", "holder", "since"]]  # fmt: skip
    rows = rows.dropna(subset="holder").sort_values("since", kind="stable")
    again = rows["holder"] == rows.groupby("ticket_id")["holder"].shift()
    return rows[~again].reset_index(drop=True)


def _teams_of(study: Study, agents: pd.DataFrame) -> pd.DataFrame:
    """The stretches of teams, by which team each agent was in when a ticket came to them."""
    if not study.has("agents") or agents.empty:
        return agents.head(0)
    known = study.table("agents").dropna(subset="team").rename(columns={"agent_id": "holder"})
    known = known.assign(since=known["valid_from"].fillna(LONG_AGO)).sort_values("since")
    known = known[["holder", "since", "valid_to", "team"]]
    agents = agents.sort_values("since", kind="stable")
    rows = pd.merge_asof(agents, known, on="since", by="holder")
    rows = rows[~(rows["valid_to"] <= rows["since"])].dropna(subset="team")
    rows = rows.assign(holder=rows["team"])[["ticket_id", "holder", "since"]]
    again = rows["holder"] == rows.groupby("ticket_id")["holder"].shift()
    return rows[~again].reset_index(drop=True)
