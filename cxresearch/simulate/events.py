"""What happened to each ticket: messages, changes of state, changes of hands."""

import numpy as np
import pandas as pd

from cxresearch.simulate.chance import stream
from cxresearch.simulate.parameters import DAY, NEVER, World

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
EVENT = ("case", "event_at", "event_type", "actor_id", "actor_role", "field", "value_to", "public")


def draw_events(world: World, cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row an event, ordered by ticket and time: the columns of ticket_events with `case`
    (row of the ticket) for ticket_id, and event_at in seconds since 1970 UTC."""
    rng = stream(seed, "events")
    cases = _cut(world, cases, rng)
    hands = _hands(world, cases, rng)
    parts = [
        _created(cases),
        *_messages(cases, hands, rng),
        *_changes_of_state(cases, hands),
        *_changes_of_hands(cases, hands),
    ]
    events = pd.concat([part for part in parts if len(part)], ignore_index=True)
    latest = world.seconds("observed_until")
    events = events[events["event_at"] < latest].sort_values(
        ["case", "event_at"], kind="stable", ignore_index=True
    )
    before = events.groupby(["case", "field"], dropna=True)["value_to"].shift()
    first = np.where(events["field"] == "status", "new", None)
    return events.assign(value_from=before.where(before.notna(), pd.Series(first)))


def _cut(world: World, cases: pd.DataFrame, rng) -> pd.DataFrame:
    """Drops every step after the limit; what a customer leaves open is tidied up within days."""
    limit = cases["limit"].to_numpy()
    steps = ["reply", "pending_from", "pending_to", "hold_from", "hold_to", "solved", "reopened"]
    cases = cases.assign(
        **{name: np.where(cases[name] <= limit, cases[name], NEVER) for name in steps},
        solved_again=np.where(
            (cases["solved_again"] <= limit) & (cases["reopened"] <= limit),
            cases["solved_again"],
            NEVER,
        ),
    )
    last = np.where(cases["reopened"] < NEVER, cases["solved_again"], cases["solved"])
    gone = (cases["merged"] < NEVER) | (cases["spammed"] < NEVER)
    tidied = limit + 3600 + (rng.random(len(cases)) * 10 * DAY).astype(np.int64)
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
    time = np.asarray(time)
    rows, time, more = _happening(np.asarray(rows), time, more)
    frame = pd.DataFrame({"case": rows, "event_at": time, "event_type": kind, "actor_role": role})
    return frame.assign(**{name: more.get(name) for name in EVENT if name not in frame})


def _happening(rows, time, more):
    does = time < NEVER
    cut = {
        name: np.asarray(value)[does] if isinstance(value, (np.ndarray, pd.Series)) else value
        for name, value in more.items()
    }
    return rows[does], time[does], cut


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


def _messages(cases: pd.DataFrame, hands: pd.DataFrame, rng) -> list[pd.DataFrame]:
    every = cases.index.to_numpy()
    said = {"public": True}
    asks = cases["requester"].to_numpy()
    answered = (cases["reply"] < NEVER).to_numpy()
    bot = (cases["channel"] < 2) & (rng.random(len(cases)) < 0.85) & (cases["account"] >= 0)
    bot_at = np.where(bot & (cases["opened"] < NEVER), cases["created"] + 8, NEVER)
    solution = np.where(answered, _before(cases["solved"], 20), NEVER)
    again = np.where(answered, _before(cases["solved_again"], 20), NEVER)
    more, more_at = _between(cases, rng, 0.5, 1.6)
    nudge, nudge_at = _between(cases, rng, 0.1, 1.2)
    note, note_at = _between(cases, rng, 0.25, 0.9)
    return [
        _rows(every, bot_at, "reply", "bot", actor_id="larkbot", **said),
        _by_agent(hands, every, cases["reply"].to_numpy(), "reply", **said),
        _by_agent(hands, every, solution, "reply", **said),
        _by_agent(hands, every, again, "reply", **said),
        _by_agent(hands, more, more_at, "reply", **said),
        _by_agent(hands, note, note_at, "note", public=False),
        _rows(nudge, nudge_at, "reply", "customer", actor_id=asks[nudge], **said),
        _rows(every, _before(cases["pending_to"], 1), "reply", "customer", actor_id=asks, **said),
        _rows(every, _before(cases["reopened"], 1), "reply", "customer", actor_id=asks, **said),
    ]


def _between(cases, rng, usual: float, stuck: float):
    """Rows and times of a Poisson number of messages between first reply and the end of a case."""
    begins = cases["reply"].to_numpy() + 300
    room = np.where(begins < cases["over"] - 600, cases["over"].to_numpy() - 600 - begins, 0)
    mean = np.where(cases["stuck"], stuck, usual) * (room > 0)
    rows = np.repeat(cases.index.to_numpy(), rng.poisson(mean))
    at = begins[rows] + (room[rows] * rng.random(len(rows)) ** 1.5).astype(np.int64)
    return rows, at


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
