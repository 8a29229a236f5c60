"""Who held each ticket: the team and the agent that had it first, and how often it changed hands.

A ticket is the first team's: who has it last was often handed the hard ones.
"""

import pandas as pd

from cxresearch.kpis.escalating import changes_of
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.topics.text.shown import shown_groups

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
    no ticket has a group, the team is that of its agent then (agents). Teams are named as they may
    be shown (team_names).
    """
    held = first_held(study)
    if isinstance(held, CannotTell):
        return held
    names = team_names(study)
    return held.assign(**{of: held[of].map(names) for of in ("team", "solver")})


@once
def first_held(study: Study) -> pd.DataFrame | CannotTell:
    """The rows of holders, each team named as the export names it."""
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


@once
def team_names(study: Study) -> dict[str, str]:
    """Each team of the export, as it may be shown (shown_groups)."""
    return shown_groups(_teams(study))


@once
def teams_of_persons(study: Study) -> set[str]:
    """The teams, as the export names them, of which fewer than two agents are known: each is a
    person, or may be one. None where study.toml says persons = true.

    An agent is a team's who has its tickets at export, who had one that never left it, or who is in
    it by the agents table.
    """
    if study.settings.persons:
        return set()
    at_export = study.tickets[["group_id", "assignee_id"]].set_axis(["team", "agent"], axis=1)
    members = [at_export]
    if not isinstance(held := first_held(study), CannotTell):
        members.append(held.loc[held["moves"] == 0, ["team", "agent"]])
    if study.has("agents"):
        members.append(
            study.table("agents")[["team", "agent_id"]].set_axis(["team", "agent"], axis=1)
        )
    agents = pd.concat(members).astype("str").dropna().groupby("team")["agent"].nunique()
    return _teams(study) - set(agents.index[agents > 1])


def _teams(study: Study) -> set[str]:
    """All that the export names as a team, now or ever."""
    named = [study.tickets["group_id"]]
    if study.has("ticket_events"):
        moves = changes_of(study, "group_id")
        named += [moves["value_from"], moves["value_to"]]
    if study.has("agents"):
        named.append(study.table("agents")["team"])
    return set(pd.concat(named).dropna().astype("str"))


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
