"""What happened to each ticket: messages, changes of state, changes of hands."""

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.chance import stream
from cxresearch.lab.simulate.office import office_hours
from cxresearch.lab.simulate.parameters import DAY, NEVER, World

TEAMS = {  # group: its agents
    "First line": [f"A{i:02d}" for i in range(1, 9)],
    "Billing": [f"A{i:02d}" for i in range(9, 13)],
    "Technical": [f"A{i:02d}" for i in range(13, 21)],
    "Logistics": [f"A{i:02d}" for i in range(21, 24)],
    "Second line": [f"A{i:02d}" for i in range(24, 28)],
}
ROUTED_WRONG = 0.18
# What turns into a change of status: step of the course, new status, who does it.
STATES = (
    ("opened", "open", "system"),
    ("pending_from", "pending", "agent"),
    ("pending_to", "open", "customer"),
    ("hold_from", "hold", "agent"),
    ("hold_to", "open", "agent"),
    ("solved", "solved", "agent"),
    ("reopened", "open", "customer"),
    ("solved_again", "solved", "agent"),
    ("tidied", "solved", "agent"),
    ("merged", "closed", "agent"),
    ("spammed", "closed", "agent"),
    ("deleted", "deleted", "agent"),
)
CLOSES_AFTER = 4 * DAY
AT_ONCE = 2 * 3600  # a case solved so soon after the first answer was solved by that answer
EVENT = (
    "case",
    "event_at",
    "event_type",
    "actor_id",
    "actor_role",
    "field",
    "value_to",
    "public",
    "says",
)


def draw_events(world: World, cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row an event, ordered by ticket and time: the columns of ticket_events with `case`
    (row of the ticket) for ticket_id, event_at in seconds since 1970 UTC, and for messages `says`:
    what kind of message it is, a word of clauses/replies.toml."""
    rng = stream(seed, "events")
    cases = _cut(world, cases, rng)
    hands = _hands(world, cases, rng)
    parts = [
        _created(cases),
        *_messages(world, cases, hands, rng),
        *_changes_of_state(cases, hands),
        *_changes_of_hands(cases, hands),
    ]
    events = pd.concat([part for part in parts if len(part)], ignore_index=True)
    del parts
    events = events.astype(dict.fromkeys(("event_type", "field", "says"), "category"))
    order = np.lexsort((events["event_at"], events["case"]))
    seen = events["event_at"].to_numpy()[order] < world.seconds("observed_until")
    events = events.iloc[order[seen]].reset_index(drop=True)
    before = events.groupby(["case", "field"], dropna=True, observed=True)["value_to"].shift()
    first = np.where(events["field"] == "status", "new", None)
    return events.assign(value_from=before.where(before.notna(), pd.Series(first)))


def _cut(world: World, cases: pd.DataFrame, rng) -> pd.DataFrame:
    """Drops every step after the limit; what a customer leaves open is tidied up within days."""
    limit = cases["limit"].to_numpy()
    steps = ["reply", "pending_from", "pending_to", "hold_from", "hold_to", "solved", "reopened"]
    again = (cases["solved_again"] <= limit) & (cases["reopened"] <= limit)
    cases = cases.assign(
        **{name: np.where(cases[name] <= limit, cases[name], NEVER) for name in steps},
        solved_again=np.where(again, cases["solved_again"], NEVER),
    )
    last = np.where(cases["reopened"] < NEVER, cases["solved_again"], cases["solved"])
    gone = (cases["merged"] < NEVER) | (cases["spammed"] < NEVER)
    tidied = limit + (rng.random(len(cases)) * 10 * DAY).astype(np.int64)
    tidied = office_hours(world).after(tidied, 3600 * rng.random(len(cases)))
    tidy = cases["left"] & (last == NEVER) & ~gone
    last = np.where(tidy, tidied, last)
    by_customer = (rng.random(len(cases)) < 0.06) & (cases["channel"] == 2) & ~tidy
    by_customer &= (last + 180 <= limit) & (cases["reopened"] == NEVER)
    closed = np.where(last < NEVER, last + np.where(by_customer, 120, CLOSES_AFTER), NEVER)
    opened = cases["created"] + 20 + (rng.exponential(2400.0, len(cases))).astype(np.int64)
    earliest = cases[["reply", "solved", "deleted", "spammed", "merged"]].min(axis=1) - 5
    opened = np.maximum(np.minimum(opened, earliest), cases["created"] + 2)
    return cases.assign(
        tidied=np.where(tidy, tidied, NEVER),
        closed=np.where(cases["deleted"] < NEVER, NEVER, closed),
        closed_by_customer=by_customer,
        opened=np.where(gone | (opened > limit), NEVER, opened),
        over=np.minimum(np.minimum(last, limit), cases["deleted"]),
    )


def _hands(world: World, cases: pd.DataFrame, rng) -> pd.DataFrame:
    """Who works on each ticket: first group and agent, and perhaps later ones from `moved` on."""
    n = len(cases)
    home = {cause.name: cause.group for cause in world.causes}
    right = cases["cause"].map(home).fillna("First line")
    wrong = (rng.random(n) < ROUTED_WRONG) & (right != "First line")
    group = right.where(~wrong, "First line")
    escalated = rng.random(n) < np.where(cases["stuck"], 3.0, 0.35) * world.escalated
    other = (rng.random(n) < np.where(cases["stuck"], 0.35, 0.06)) & ~wrong & ~escalated
    later = right.where(~escalated, "Second line")
    first_agent, later_agent = _agent(group, rng), _agent(later, rng)
    working = (cases["over"] - cases["opened"]).clip(lower=0)
    moved = cases["opened"] + 120 + (working * (0.05 + 0.5 * rng.random(n))).astype(np.int64)
    _, moved = _at_work(world, cases, np.arange(n), moved.to_numpy())
    moves = (wrong | escalated | other) & (cases["opened"] < NEVER) & (moved < cases["over"])
    return pd.DataFrame(
        {
            "group": group,
            "agent": first_agent,
            "moved": np.where(moves, moved, NEVER),
            "later_group": later,
            "later_agent": later_agent,
        }
    )


def _agent(group: pd.Series, rng) -> np.ndarray:
    """An agent of each group; the first ones of a team take more."""
    drawn = rng.random(len(group)) ** 1.4
    agents = [TEAMS[name][int(u * len(TEAMS[name]))] for name, u in zip(group, drawn, strict=True)]
    return np.array(agents, dtype=object)


def _rows(rows, time, kind, role, **more) -> pd.DataFrame:
    """Events of one kind for some cases; times of NEVER are left out."""
    rows, time = np.asarray(rows), np.asarray(time)
    does = time < NEVER
    frame = pd.DataFrame(
        {"case": rows[does], "event_at": time[does], "event_type": kind, "actor_role": role}
    )
    cut = {
        name: np.asarray(value)[does] if isinstance(value, (np.ndarray, pd.Series)) else value
        for name, value in more.items()
    }
    return frame.assign(**{name: cut.get(name) for name in EVENT if name not in frame})


def _by_agent(hands, rows, time, kind, **more) -> pd.DataFrame:
    """Events by whoever of the agents had the ticket then."""
    of = hands.loc[rows]
    actor = np.where(time < of["moved"], of["agent"], of["later_agent"])
    return _rows(rows, time, kind, "agent", actor_id=actor, **more)


def _before(time: pd.Series, seconds: int) -> np.ndarray:
    """Some seconds before each time that happens."""
    return np.where(time < NEVER, time - seconds, NEVER)


def _created(cases: pd.DataFrame) -> pd.DataFrame:
    phone = cases["channel"] == 3
    role = pd.Series(np.where(phone, "agent", "customer"), dtype=object)
    actor = np.where(phone, "A01", cases["requester"])
    rows = _rows(cases.index, cases["created"], "created", "x", actor_id=actor, public=True)
    return rows.assign(actor_role=role.to_numpy())


def _messages(world: World, cases: pd.DataFrame, hands: pd.DataFrame, rng) -> list[pd.DataFrame]:
    every = cases.index.to_numpy()
    said = {"public": True}
    asks = cases["requester"].to_numpy()
    answered = (cases["reply"] < NEVER).to_numpy()
    bot = (cases["channel"] < 2) & (rng.random(len(cases)) < 0.85) & (cases["account"] >= 0)
    bot_at = np.where(bot & (cases["opened"] < NEVER), cases["created"] + 8, NEVER)
    at_once = answered & (cases["solved"] - cases["reply"] < AT_ONCE).to_numpy()
    solution = np.where(answered & ~at_once, _before(cases["solved"], 20), NEVER)
    again = np.where(answered, _before(cases["solved_again"], 20), NEVER)
    more, more_at = _at_work(world, cases, *_between(cases, rng, 0.5, 1.6))
    nudge, nudge_at = _between(cases, rng, 0.1, 1.2)
    note, note_at = _at_work(world, cases, *_between(cases, rng, 0.25, 0.9))
    answer_at, back_at = _before(cases["pending_to"], 1), _before(cases["reopened"], 1)
    opens = np.where(cases["pending_from"] < NEVER, "ask", "first").astype(object)
    opens[at_once] = "solved"
    by_asker = ("reply", "customer")
    return [
        _rows(every, bot_at, "reply", "bot", actor_id="larkbot", says="bot", **said),
        _by_agent(hands, every, cases["reply"].to_numpy(), "reply", says=opens, **said),
        _by_agent(hands, every, solution, "reply", says="solved", **said),
        _by_agent(hands, every, again, "reply", says="reopened", **said),
        _by_agent(hands, more, more_at, "reply", says="progress", **said),
        _by_agent(hands, note, note_at, "note", says="note", public=False),
        _rows(nudge, nudge_at, *by_asker, actor_id=asks[nudge], says="nudge", **said),
        _rows(every, answer_at, *by_asker, actor_id=asks, says="answer", **said),
        _rows(every, back_at, *by_asker, actor_id=asks, says="back", **said),
    ]


def _between(cases, rng, usual: float, stuck: float):
    """Rows and times of a Poisson number of messages between first reply and the end of a case."""
    begins = cases["reply"].to_numpy() + 300
    room = np.where(begins < cases["over"] - 600, cases["over"].to_numpy() - 600 - begins, 0)
    mean = np.where(cases["stuck"], stuck, usual) * (room > 0)
    rows = np.repeat(cases.index.to_numpy(), rng.poisson(mean))
    at = begins[rows] + (room[rows] * rng.random(len(rows)) ** 1.5).astype(np.int64)
    return rows, at


def _at_work(world: World, cases, rows, at):
    """The same in office hours, or NEVER if the case is over by then; but for the last minutes, in
    which the solution is written."""
    wait = 60 + at % 3600  # the time itself is chance enough
    at = office_hours(world).after(at, wait)
    return rows, np.where(at < cases["over"].to_numpy()[rows] - 60, at, NEVER)


def _changes_of_state(cases: pd.DataFrame, hands: pd.DataFrame) -> list[pd.DataFrame]:
    every = cases.index.to_numpy()
    asks = cases["requester"].to_numpy()
    parts = []
    for name, state, role in STATES:
        time, change = cases[name].to_numpy(), {"field": "status", "value_to": state}
        if role == "agent":
            parts.append(_by_agent(hands, every, time, "status", **change))
        else:
            actor = asks if role == "customer" else role
            parts.append(_rows(every, time, "status", role, actor_id=actor, **change))
    return [*parts, *_closing(cases, hands)]


def _closing(cases: pd.DataFrame, hands: pd.DataFrame) -> list[pd.DataFrame]:
    """Closed by a rule some days after the solution, by the customer at once, or as spam."""
    every = cases.index.to_numpy()
    closes, own = cases["closed"].to_numpy(), cases["closed_by_customer"].to_numpy()
    change = {"field": "status", "value_to": "closed"}
    asks = {"actor_id": cases["requester"].to_numpy(), **change}
    rule = {"actor_id": "system", **change}
    spam = {"field": "is_spam", "value_to": "true"}
    seen = _before(cases["spammed"], 1)
    return [
        _rows(every, np.where(own, closes, NEVER), "status", "customer", **asks),
        _rows(every, np.where(own, NEVER, closes), "status", "system", **rule),
        _by_agent(hands, every, seen, "spam", **spam),
    ]


def _changes_of_hands(cases: pd.DataFrame, hands: pd.DataFrame) -> list[pd.DataFrame]:
    every, opened = cases.index.to_numpy(), cases["opened"].to_numpy()
    moved = hands["moved"].to_numpy()
    new_group = np.where(hands["group"] != hands["later_group"], moved, NEVER)
    new_agent = np.where(hands["agent"] != hands["later_agent"], moved, NEVER)
    auto = {"actor_id": "system"}
    steps = [
        (opened, "group_id", hands["group"]),
        (opened, "assignee_id", hands["agent"]),
        (new_group, "group_id", hands["later_group"]),
        (new_agent, "assignee_id", hands["later_agent"]),
    ]
    return [
        _rows(every, at, "assignment", "system", field=name, value_to=to, **auto)
        for at, name, to in steps
    ]
