"""Desks that work their queue in one honest way or another, and six ways to make a number look
better planted in them. Made for tests.benchmarks.audit_power; shares no code with lab.simulate.

A desk is a queue on the hours in which it is open: agents take the job that its order puts first,
first answers and later work alike. Tickets are answered, asked back about, put on hold, taken up
again, solved, reopened and followed up, all at rates that do not know of any limit.
"""

import heapq
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

START = pd.Timestamp("2024-01-01", tz="UTC")
DAYS, TICKETS, PEOPLE, PLANTED, STEPS = 330, 10_000, 3_000, 500, 6
PROMISES = {"low": 48.0, "normal": 24.0, "high": 12.0, "urgent": 6.0}  # hours
SOLVED_IN = 168.0  # hours
SOLVE, ASK, HOLD, GO_ON, ACK, MERGE = range(6)
WORDS = np.array(
    "the order page shows paid after you log in again so please check your sync now we have set it "
    "right for this account and sent a new label to you".split()
)
SAVED = ("We have received your message and will get back to you.",
         "Thank you for writing, we are looking into it.")  # fmt: skip
SETTINGS = {
    "first_reply_hours": 24.0, "unresolved_after_days": SOLVED_IN / 24, "outcome": "return",
    "first_reply_promises": ("low: 48", "high: 12", "urgent: 6"),
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """How a desk works: its order (due, fifo, priority, alert, late last), hours open on how many
    days a week, how many times as much is written at the end of a month, whether its promises count
    open hours only, and how many hours before the limit a ticket goes first (alert). With evening
    (an hour): from then on first answers and duplicates come first, many of them acknowledged only,
    priorities are set, and what is not done waits until the next morning; by day other work comes
    first. Customers write around writes, if that is given."""

    order: str = "due"
    opens: float = 8.0
    closes: float = 18.0
    days: int = 7
    month_end: float = 1.0
    in_business_hours: bool = False
    alert: float = 1.0
    evening: float | None = None
    writes: float | None = None


HONEST = {
    "due time": Kind(), "first come": Kind("fifo"), "priority": Kind("priority"),
    "month end": Kind(month_end=2.2), "weekends": Kind(days=5),
    "business hours": Kind(days=5, in_business_hours=True),
    "evening": Kind(evening=15.0, writes=17.5, closes=20.0),
    "evening of work days": Kind("fifo", days=5, evening=15.4, writes=16.2, closes=19.0),
}  # fmt: skip
DAILY = tuple(name for name, kind in HONEST.items() if kind.evening)
UNLIKE = {
    "alert an hour before": Kind("alert"),
    "alert 15 minutes before": Kind("alert", alert=0.25),
    "late last": Kind("late last"),
}


@dataclass(frozen=True)
class Desk:
    """Tickets, and what was done to them (one row a piece of work), times in hours."""

    kind: Kind
    tickets: pd.DataFrame
    work: pd.DataFrame
    more: pd.DataFrame  # events beside the work

    @property
    def settings(self) -> dict:
        """study.toml of the desk."""
        until = START + pd.Timedelta(days=DAYS)
        told = SETTINGS | {"observed_until": until.isoformat()}
        if self.kind.in_business_hours:
            week = {5: "Mon-Fri", 7: "Mon-Sun"}[self.kind.days]
            hours = f"{week} {self.kind.opens:02.0f}:00-{self.kind.closes:02.0f}:00"
            told |= {"business_hours": (hours,), "promises_in_business_hours": True}
        return told


class Clock:
    """Hours worked by a moment, and back."""

    def __init__(self, kind: Kind):
        day = np.arange(DAYS + 200)
        day = day[day % 7 < kind.days]
        self.bounds = np.c_[day * 24 + kind.opens, day * 24 + kind.closes].ravel().tolist()
        whole = np.arange(len(day) + 1) * (kind.closes - kind.opens)
        self.done = np.c_[whole[:-1], whole[1:]].ravel().tolist()
        self.ends = self.done[1::2]

    def work(self, at: float) -> float:
        """Hours worked until a moment."""
        place = bisect_right(self.bounds, at)
        if place == 0:
            return 0.0
        return self.done[place - 1] + (at - self.bounds[place - 1] if place % 2 else 0.0)

    def moment(self, worked: float) -> float:
        """The moment by which so much was worked."""
        place = 2 * bisect_left(self.ends, worked)
        return self.bounds[place] + worked - self.done[place]


def honest(kind: Kind, seed: int) -> Desk:
    """A desk so busy that a sign can be planted in PLANTED of its late first answers."""
    lowest, highest, load = 0.7, 1.3, 0.98
    for _ in range(8):
        desk = _run(kind, seed, load)
        late = len(_late_answers(desk))
        if PLANTED * 1.3 <= late <= PLANTED * 6:
            break
        lowest, highest = (load, highest) if late < PLANTED * 1.3 else (lowest, load)
        load = (lowest + highest) / 2
    return desk


def _arrivals(kind: Kind, rng) -> np.ndarray:
    day = np.arange(DAYS - 30)
    rate = np.where(day % 7 < 5, 1.0, 0.4) * rng.gamma(25, 1 / 25, len(day))
    rate *= np.where(day % 30 >= 27, kind.month_end, 1.0)
    of = rng.choice(day, TICKETS, p=rate / rate.sum())
    if kind.writes:
        return np.sort(of * 24 + np.clip(rng.normal(kind.writes, 1.5, TICKETS), 0, 23.9))
    return np.sort(of * 24 + 24 * rng.beta(4, 3.2, TICKETS))


def _run(kind: Kind, seed: int, load: float) -> Desk:
    rng, clock = np.random.default_rng(seed), Clock(kind)
    created = np.r_[_arrivals(kind, rng), np.full(TICKETS // 5, np.inf)]
    n, agents = len(created), int(rng.integers(9, 15))
    who = rng.choice(PEOPLE, n, p=rng.dirichlet(np.full(PEOPLE, 0.7)))
    priority = rng.choice(list(PROMISES), n, p=[0.2, 0.5, 0.2, 0.1])
    promise = pd.Series(priority).map(PROMISES).to_numpy()
    ends = rng.choice(5, (n, STEPS), p=[0.46, 0.24, 0.06, 0.24, 0.0])
    ends[rng.random(n) < 0.1, 0], ends[:, -1] = ACK, SOLVE
    doubles = np.sort(rng.choice(np.arange(200, TICKETS), 400, replace=False))
    into = doubles - rng.integers(1, 40, 400)
    ends[doubles, 0] = MERGE
    who[doubles] = np.where(rng.random(400) < 0.7, who[into], who[doubles])
    slow = np.where(rng.random(n) < 0.3, 5.0, 1.0)
    lag = rng.exponential(20, (n, STEPS)) * slow[:, None]
    open_hours = clock.work(24.0 * (DAYS - 30))
    service = rng.lognormal(0, 0.6, (n, STEPS))
    service *= load * agents * open_hours / (2.2 * n) / service.mean()
    habit = rng.random((n, STEPS)) if kind.evening else None
    back, lag_back = rng.random(n), rng.exponential(60, n)
    follows = np.full(n, -1)
    rank = np.array([3, 2, 1, 0])[pd.Index(list(PROMISES)).get_indexer(priority)]

    def due(ticket: int, step: int) -> float:
        if step:
            return created[ticket] + SOLVED_IN
        if kind.in_business_hours:
            return clock.moment(clock.work(created[ticket]) + promise[ticket])
        return created[ticket] + promise[ticket]

    def key(ticket: int, step: int, released: float) -> tuple:
        if kind.evening:
            by = due(ticket, step) if kind.order == "due" else released
            return (step == 0, by)
        if kind.order in ("due", "late last"):
            return (due(ticket, step),)
        return (rank[ticket], released) if kind.order == "priority" else (released,)

    arriving = [((clock.work(created[t])), t, 0) for t in range(TICKETS)]
    heapq.heapify(arriving)
    ready: list = []
    urgent: list = []  # by due time, for an alert, for who lets late ones wait, or an evening
    free = [(0.0, agent) for agent in range(agents)]
    done, records, following = set(), [], TICKETS
    while arriving or ready:
        now, agent = heapq.heappop(free)
        if not ready and arriving[0][0] > now:
            now = arriving[0][0]
        while arriving and arriving[0][0] <= now:
            released, ticket, step = heapq.heappop(arriving)
            heapq.heappush(ready, (*key(ticket, step, released), ticket, step))
            if kind.order in ("alert", "late last") or (kind.evening and not step):
                heapq.heappush(urgent, (due(ticket, step), ticket, step))
        chosen = None
        while kind.evening and urgent and urgent[0][1:] in done:
            heapq.heappop(urgent)
        if kind.evening and urgent and clock.moment(now) % 24 >= kind.evening:
            chosen = heapq.heappop(urgent)[1:]
        if urgent and not kind.evening:
            moment = clock.moment(now)
            ahead = kind.alert if kind.order == "alert" else np.inf
            while urgent and (urgent[0][0] < moment or urgent[0][1:] in done):
                heapq.heappop(urgent)
            if urgent and urgent[0][0] <= moment + ahead:
                chosen = heapq.heappop(urgent)[1:]
        while chosen is None:
            job = heapq.heappop(ready)[-2:]
            chosen = None if job in done else job
            if not ready:
                break
        if chosen is None:
            heapq.heappush(free, (now, agent))
            continue
        done.add(chosen)
        ticket, step = chosen
        end = now + service[ticket, step]
        heapq.heappush(free, (end, agent))
        what, at = ends[ticket, step], (clock.moment(end))
        if kind.evening and at % 24 >= kind.evening and step < STEPS - 1:
            if step == 0 and what != MERGE and habit[ticket, step] < 0.3:
                what = ACK
            elif step and habit[ticket, step] < 0.4:
                what, lag[ticket, step] = HOLD, (33.0 - at % 24 + 2 * habit[ticket, step]) / 2.5
        records.append((ticket, step, agent, (clock.moment(now)), at, what))
        if what in (ASK, HOLD, GO_ON, ACK):
            wait = lag[ticket, step] * (0.3 if what == ACK else 2.5 if what == HOLD else 1.0)
            heapq.heappush(arriving, ((clock.work(at + wait)), ticket, step + 1))
        elif what == SOLVE and back[ticket] < 0.08 and following < n and at < 24.0 * (DAYS - 31):
            created[following], who[following] = at + lag_back[ticket], who[ticket]
            follows[following] = ticket
            heapq.heappush(arriving, ((clock.work(created[following])), following, 0))
            following += 1
    work = pd.DataFrame(records, columns=["ticket", "step", "agent", "since", "at", "what"])
    tickets = pd.DataFrame({"created": created, "who": who, "priority": priority,
                            "promise": promise, "follows": follows})  # fmt: skip
    tickets["into"] = -1
    tickets.loc[doubles, "into"] = into
    tickets["due"] = [due(t, 0) if np.isfinite(created[t]) else np.nan for t in range(n)]
    work["lag"] = lag[work["ticket"], work["step"]] * np.where(work["what"] == HOLD, 2.5, 1.0)
    return _told(
        Desk(kind, tickets[:following], work, _other(tickets[:following], work, rng, kind))
    )


def _told(desk: Desk) -> Desk:
    """The desk with each ticket's first answer, first solution and team."""
    by = desk.work[desk.work["what"] != MERGE].groupby("ticket")["at"].min()
    solved = desk.work[desk.work["what"] == SOLVE].groupby("ticket")["at"].min()
    team = desk.work.groupby("ticket")["agent"].first() % 4
    return replace(desk, tickets=desk.tickets.assign(replied=by, solved=solved, team=team))


def _other(tickets: pd.DataFrame, work: pd.DataFrame, rng, kind: Kind) -> pd.DataFrame:
    """Changes of priority: when a ticket is first worked on or, as often, while it still waits."""
    first = work[work["step"] == 0]
    some = first[rng.random(len(first)) < 0.1]
    seen = tickets["created"].reindex(some["ticket"]).to_numpy()
    waits = seen + (some["since"].to_numpy() - seen) * rng.random(len(some))
    at = np.where(rng.random(len(some)) < 0.5, some["since"], waits)
    if kind.evening:  # in the evening between, where there is one
        evening = waits // 24 * 24 + kind.evening + 2 * rng.random(len(some))
        at = np.where((evening > seen) & (evening < some["since"]), evening, at)
    names = list(PROMISES)
    place = pd.Index(names).get_indexer(tickets["priority"].reindex(some["ticket"]))
    to = np.clip(place + rng.choice([-1, 1], len(some)), 0, 3)
    rows = pd.DataFrame({"ticket": some["ticket"].to_numpy(), "agent": some["agent"].to_numpy(),
                         "at": at, "event_type": "change", "field": "priority",
                         "from": np.array(names)[place], "to": np.array(names)[to]})  # fmt: skip
    return rows[to != place]


def planted(desk: Desk, sign: str, seed: int) -> tuple[Desk, pd.Index]:
    """The desk with one of SIGNS in PLANTED tickets, and which these are.

    Tickets that would be late are dealt with while the desk is open, up to a fiftieth of the
    promise (at most 90 minutes) before the limit; who works on what else stays as it is.
    """
    rng, of_answer = np.random.default_rng(seed), sign in OF_ANSWER
    late = _late_answers(desk) if of_answer else _late_solutions(desk)
    if sign == "lowered":
        late = late[desk.tickets["priority"].reindex(late.index) != "low"]
    late = late.sample(min(PLANTED, len(late)), random_state=seed)
    lead = rng.random(len(late)) * (np.minimum(late["promise"] / 50, 1.5))
    agent = desk.work.groupby("ticket")["agent"].first().reindex(late.index)
    late = late.assign(at=late["due"] - lead, agent=agent)
    return SIGNS[sign](desk, late, rng), late.index


def _late_answers(desk: Desk) -> pd.DataFrame:
    t = desk.tickets
    late = t[(t["replied"] > t["due"]) & _open(desk.kind, t["due"]) & (t["into"] < 0)]
    return late[["due", "promise", "team"]]


def _late_solutions(desk: Desk) -> pd.DataFrame:
    """By the clock that stands still while the customer is asked."""
    t, w = desk.tickets, desk.work
    due, end = t["created"] + SOLVED_IN, t["solved"]
    asked = w[w["what"] == ASK].sort_values("at")
    until = due.to_numpy(copy=True)
    for ticket, at, lag in zip(*(asked[c].tolist() for c in ("ticket", "at", "lag")), strict=True):
        until[ticket] += lag if at < until[ticket] else 0.0
    due = pd.Series(until, due.index)
    late = t.assign(due=due, promise=SOLVED_IN)
    late = late[(end > due) & _open(desk.kind, due) & (t["replied"] < due - 2)]
    return late[["due", "promise", "team"]]


def _open(kind: Kind, at: pd.Series) -> pd.Series:
    """Is the desk open at a moment, and was it so 90 minutes before?"""
    hour, day = at % 24, (at // 24) % 7
    return (hour > kind.opens + 1.5) & (hour <= kind.closes) & (day < kind.days)


def _answered(desk: Desk, late: pd.DataFrame, rng) -> Desk:
    work, tickets = desk.work.copy(), desk.tickets.copy()
    rows = work.groupby("ticket")["at"].idxmin().reindex(late.index)
    work.loc[rows, "at"] = late["at"].to_numpy()
    tickets.loc[late.index, "replied"] = late["at"]
    return replace(desk, tickets=tickets, work=work)


def _solved(desk: Desk, late: pd.DataFrame, rng) -> Desk:
    w = desk.work
    work = w[~(w["at"] > late["at"].reindex(w["ticket"]).to_numpy())]
    return _told(replace(desk, work=pd.concat([work, _solves(late)], ignore_index=True)))


def _solves(late: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"ticket": late.index, "step": 9, "agent": late["agent"],
                         "since": late["at"], "at": late["at"], "what": SOLVE,
                         "lag": 0.0})  # fmt: skip


def _added(desk: Desk, late: pd.DataFrame, **what) -> Desk:
    rows = pd.DataFrame({"ticket": late.index, "agent": late["agent"], "at": late["at"]})
    rows = rows.assign(**{"field": None, "from": None, "to": None} | what)
    return replace(desk, more=pd.concat([desk.more, rows], ignore_index=True))


def _empty(desk: Desk, late: pd.DataFrame, rng) -> Desk:
    tickets = desk.tickets.copy()
    tickets.loc[late.index, "replied"] = late["at"]
    return _added(replace(desk, tickets=tickets), late, event_type="reply")


def _paused(desk: Desk, late: pd.DataFrame, rng) -> Desk:
    w = desk.work
    after = w[w["at"] > late["due"].reindex(w["ticket"]).to_numpy()].groupby("ticket")["at"].min()
    again = late.assign(at=after.reindex(late.index) - 0.05)  # minutes before it is worked on
    desk = _added(desk, late, event_type="status", field="status", to="pending")
    return _added(desk, again, event_type="status", field="status", to="open")


def _lowered(desk: Desk, late: pd.DataFrame, rng) -> Desk:
    names, tickets = np.array(list(PROMISES)), desk.tickets.copy()
    place = pd.Index(names).get_indexer(tickets["priority"].reindex(late.index))
    return _added(desk, late, event_type="change", field="priority",
                  **{"from": names[place], "to": names[place - 1]})  # fmt: skip


def _followed(desk: Desk, late: pd.DataFrame, rng) -> Desk:
    """What was done after the limit is done to a follow-up."""
    work, t = desk.work.copy(), desk.tickets
    at = late["at"].reindex(work["ticket"]).to_numpy()
    moved = work["at"] > at
    new = pd.Series(len(t) + np.arange(len(late)), late.index)
    first = work[moved].groupby("ticket")["at"].min().reindex(late.index)
    work.loc[moved, "ticket"] = new.reindex(work.loc[moved, "ticket"]).to_numpy()
    made = late["at"] + rng.random(len(late)) * (first - late["at"])
    follow = t.loc[late.index].assign(created=made, follows=late.index).set_axis(new)
    tickets = pd.concat([t, follow])
    return _told(
        replace(desk, tickets=tickets, work=pd.concat([work, _solves(late)], ignore_index=True))
    )


def _merged(desk: Desk, late: pd.DataFrame, rng) -> Desk:
    w, tickets = desk.work, desk.tickets.copy()
    work = w[~(w["at"] > late["at"].reindex(w["ticket"]).to_numpy())]
    tickets.loc[late.index, "into"] = rng.integers(0, TICKETS, len(late))
    for column in ("replied", "solved"):
        gone = tickets.loc[late.index, column]
        tickets.loc[late.index, column] = gone.where(gone < late["at"])
    return _added(replace(desk, tickets=tickets, work=work), late, event_type="merge", to="1")


SIGNS = {"answered": _answered, "solved": _solved, "empty": _empty, "paused": _paused,
         "lowered": _lowered, "followed": _followed, "merged unanswered": _merged,
         "merged unsolved": _merged}  # fmt: skip
OF_ANSWER = ("answered", "empty", "lowered", "merged unanswered")


def tables(desk: Desk, seed: int = 0) -> dict[str, pd.DataFrame]:
    """The desk as tables of a study."""
    rng, t, w = np.random.default_rng(seed), desk.tickets, desk.work
    role, of = w["agent"].map("A{}".format), w["ticket"]
    base = pd.DataFrame({"ticket": of, "actor_id": role, "actor_role": "agent"})
    said = w["what"] != MERGE
    reply = base.assign(event_at=w["at"], event_type="reply", is_public=True, body=_texts(w, rng))
    state = {SOLVE: "solved", ASK: "pending", HOLD: "hold"}
    changed = base.assign(event_at=w["at"] + 0.002, event_type="status", field="status",
                          value_to=w["what"].map(state))  # fmt: skip
    asked, held = w["what"] == ASK, w["what"] == HOLD
    answer = base[asked].assign(actor_role="customer", event_type="reply", is_public=True,
                                event_at=w["at"] + w["lag"])  # fmt: skip
    again = base[asked | held].assign(
        event_type="status", field="status", value_to="open", event_at=w["at"] + w["lag"] + 0.003,
        actor_role=np.where(asked, "customer", "agent")[asked | held],
    )  # fmt: skip
    merged = base[~said].assign(event_at=w["at"], event_type="merge",
                                value_to=of.map(t["into"]).astype("str"))  # fmt: skip
    m = desk.more
    more = pd.DataFrame({"ticket": m["ticket"], "actor_id": m["agent"].map("A{}".format),
                         "actor_role": "agent", "event_at": m["at"], "value_from": m["from"],
                         "value_to": m["to"]}).join(m[["event_type", "field"]])  # fmt: skip
    empty = more["event_type"].eq("reply")
    more["body"] = more["field"].mask(~empty, None).mask(empty, SAVED[0])
    more["is_public"] = empty.astype("boolean").mask(~empty)
    parts = [reply[said], changed.dropna(subset="value_to"), answer, again, merged, more]
    events = pd.concat(parts, ignore_index=True).sort_values("event_at", kind="stable")
    events = events[events["event_at"] < 24.0 * DAYS]
    events = events.assign(ticket_id=events["ticket"].astype("str"),
                           event_at=_time(events["event_at"]),
                           event_id=np.arange(len(events)).astype(str))  # fmt: skip
    return {"tickets": _tickets(t), "ticket_events": events.drop(columns="ticket")}


def _tickets(t: pd.DataFrame) -> pd.DataFrame:
    merged = t["into"] >= 0
    solved = t["solved"].where(t["solved"] < 24.0 * DAYS)
    return pd.DataFrame({
        "ticket_id": t.index.astype(str), "created_at": _time(t["created"]),
        "requester_id": t["who"].astype(str), "priority": t["priority"], "group_id":
        t["team"].map("team {:.0f}".format), "first_reply_at": _time(t["replied"]),
        "first_solved_at": _time(solved), "is_merged": merged,
        "status": np.where(merged, "closed", np.where(solved.notna(), "solved", "open")),
        "merged_into_ticket_id": t["into"].astype(str).where(merged),
        "follow_up_of_ticket_id": t["follows"].astype(str).where(t["follows"] >= 0),
    })  # fmt: skip


def _time(hours) -> pd.Series:
    return START + pd.to_timedelta(pd.Series(hours) * 3600, unit="s").dt.round("s")


def _texts(work: pd.DataFrame, rng) -> np.ndarray:
    pool = np.array(
        [" ".join(rng.choice(WORDS, k)) for k in rng.integers(25, 70, 300)], dtype=object
    )
    texts = pool[rng.integers(0, len(pool), len(work))] + np.char.mod(" %d", np.arange(len(work)))
    texts[(work["what"] == ACK).to_numpy()] = SAVED[1]
    return texts
