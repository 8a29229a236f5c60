"""What a second company exports: canonical tables, with all that an export does not tell."""

import numpy as np
import pandas as pd

from cxresearch.lab.second_world.company import DAYS, EXPORT, OPENED, STEP, Company
from cxresearch.lab.second_world.days import term_end
from cxresearch.lab.second_world.hazard import dip, weights_of
from cxresearch.lab.second_world.possible import World
from cxresearch.study.column_types import typed
from cxresearch.study.schema import TABLES

FLAGS = ("is_escalated", "is_merged", "is_spam", "is_deleted", "is_agent_created")


def tables_of(world: World, rng) -> dict[str, pd.DataFrame]:
    """The canonical tables of the accounts of this world."""
    people = _people(world, rng)
    written = _written(world, people, rng)
    joined = people[~people["missing"]]
    if world.company.only_who_wrote:
        joined = joined[joined["requester_id"].isin(written["requester_id"])]
    frames = {
        "tickets": _tickets(written, rng),
        "ticket_events": _events(written),
        "customers": _customers(world.company, world.accounts, rng),
        "customer_history": _history(world),
        "identities": joined[["requester_id", "customer_id"]].assign(method="key"),
        "ticket_causes": _causes(written),
    }
    return {
        name: typed(TABLES[name], frame.reset_index(drop=True)) for name, frame in frames.items()
    }


def customer_ids(accounts: pd.DataFrame) -> np.ndarray:
    """The customer_id of each account, in order."""
    return np.array([f"C{number:05d}" for number in range(len(accounts))])


def _people(world: World, rng) -> pd.DataFrame:
    """A row a person: who (the account), requester_id, customer_id, missing."""
    a, c = world.accounts, world.company
    who = np.arange(len(a)).repeat(a["people"])
    weight = np.exp(c.missing_by_size * a["size"].to_numpy())
    chance = c.missing * weight / weight[world.issues["who"]].mean()
    return pd.DataFrame(
        {
            "who": who,
            "requester_id": [f"P{number:06d}" for number in rng.permutation(len(who))],
            "customer_id": customer_ids(a)[who],
            "missing": rng.random(len(who)) < chance.clip(max=0.95)[who],
        }
    )


def _written(world: World, people: pd.DataFrame, rng) -> pd.DataFrame:
    """The issues that are tickets in the export, oldest first, as they are told: with ticket_id,
    requester_id and the days of the first answer, the solution and the closing."""
    a, c, issues = world.accounts, world.company, world.issues
    who, at = issues["who"].to_numpy(), issues["at"].to_numpy()
    decided, ended = a["decided"].to_numpy()[who], a["ended"].to_numpy()[who]
    silent = (rng.random(len(a)) < c.silent)[who] & (at > decided - 30)
    tidied = (rng.random(len(a)) < c.tidied)[who] & (at < decided) & (decided < issues["solved"])
    last = decided - rng.random(len(at)) * np.minimum(14, decided - at)
    first = people["who"].searchsorted(who) + rng.random(len(at)) * a["people"].to_numpy()[who]
    told = issues.assign(
        requester_id=people["requester_id"].to_numpy()[first.astype(int)],
        solved=np.where(tidied, last, issues["solved"]),
    )
    told = told[(at >= EXPORT) & (at < ended) & ~silent].sort_values("at", ignore_index=True)
    lasts = told["solved"] - told["at"]
    reply = told["at"] + np.minimum(0.25 * np.exp(rng.standard_normal(len(told))), 0.9 * lasts)
    ticket_id = [f"T{number:06d}" for number in range(len(told))]
    return told.assign(ticket_id=ticket_id, reply=reply, closed=told["solved"] + 4)


def _tickets(written: pd.DataFrame, rng) -> pd.DataFrame:
    """A row a ticket as it stood at the end of the export."""
    w, n = written, len(written)
    days = w[["at", "reply", "solved", "closed"]]
    solved = when(w["solved"])
    return w[["ticket_id", "requester_id"]].assign(
        created_at=when(w["at"]),
        updated_at=when(days.where(days <= DAYS).max(axis=1)),
        status=np.select([w["closed"] <= DAYS, w["solved"] <= DAYS], ["closed", "solved"], "open"),
        priority=rng.choice(["low", "normal", "high"], n, p=[0.2, 0.6, 0.2]),
        created_channel=rng.choice(["email", "web", "chat"], n, p=[0.6, 0.3, 0.1]),
        first_reply_at=when(w["reply"]),
        first_solved_at=solved,
        last_solved_at=solved,
        closed_at=when(w["closed"]),
        count_reopens=0,
        **dict.fromkeys(FLAGS, False),
        dq_flags=pd.Series([[] for _ in range(n)], index=w.index, dtype=object),
    )


def _events(written: pd.DataFrame) -> pd.DataFrame:
    """A row a status, from being open on."""
    steps = (
        ("at", "created", "customer", None, "open"),
        ("solved", "status", "agent", "open", "solved"),
        ("closed", "status", "system", "solved", "closed"),
    )
    parts = [
        written.loc[written[day] <= DAYS, ["ticket_id", day]]
        .rename(columns={day: "day"})
        .assign(event_type=event_type, actor_role=role, value_from=before, value_to=after)
        for day, event_type, role, before, after in steps
    ]
    events = pd.concat(parts).sort_values("day", kind="stable", ignore_index=True)
    event_id = [f"E{number:07d}" for number in range(len(events))]
    events = events.assign(event_id=event_id, field="status", event_at=when(events["day"]))
    return events.drop(columns="day")


def _causes(written: pd.DataFrame) -> pd.DataFrame:
    topic, _ = pd.factorize(written["cause"], sort=True)
    return written[["ticket_id", "cause"]].assign(topic=topic, weight=1.0, is_exit_request=False)


def _customers(company: Company, accounts: pd.DataFrame, rng) -> pd.DataFrame:
    """A row an account; a leaver whose term has not run out has a notice and no end yet."""
    a = accounts
    decided = a["decided"] if company.notice else np.full(len(a), np.inf)
    gone = a["ended"] <= DAYS
    kind = np.where(np.isfinite(a["decided"]), "voluntary", "involuntary").astype(object)
    kind[gone & (rng.random(len(a)) < company.unknown_ends)] = "unknown"
    next_term = when(term_end(a, np.full(len(a), DAYS)), until=np.inf)
    return pd.DataFrame(
        {
            "customer_id": customer_ids(a),
            "started_at": when(a["start"]),
            "notice_at": when(decided),
            "ended_at": when(a["ended"]),
            "end_kind": pd.Series(kind).where(gone | (decided <= DAYS)),
            "billing_period": np.where(a["annual"], "year", "month"),
            "renewal_at": next_term.where(~gone),
            "observed_until": when(np.full(len(a), DAYS)),
            "segment": _plan(a),
            "currency": "EUR",
        }
    )


def _history(world: World) -> pd.DataFrame:
    """Plan, seats and money a month from the start on; sessions a week in each 4-week step."""
    a, names = world.accounts, customer_ids(world.accounts)
    told = {"plan": _plan(a), "seats": a["seats"].astype(str), "mrr": a["mrr"].astype(str)}
    fixed = [
        pd.DataFrame({"customer_id": names, "day": a["start"], "field": field, "value": value})
        for field, value in told.items()
    ]
    activity = world.activity + dip(world, weights_of(world))
    begin = np.arange(activity.shape[1]) * STEP
    start, ended = (a[name].to_numpy()[:, None] for name in ("start", "ended"))
    who, step = np.nonzero((begin + STEP > start) & (begin < np.minimum(ended, DAYS)))
    sessions = pd.DataFrame(
        {
            "customer_id": names[who],
            "day": np.maximum(begin[step], start[who, 0]),
            "field": "activity",
            "value": np.char.mod("%.3f", 5 * np.exp(activity[who, step])),
        }
    )
    rows = pd.concat([*fixed, sessions], ignore_index=True)
    return rows.assign(valid_from=when(rows["day"])).drop(columns="day")


def _plan(accounts: pd.DataFrame) -> pd.Series:
    bounds = [0, 5, 20, np.inf]
    return pd.cut(accounts["seats"], bounds, labels=["small", "medium", "large"]).astype(str)


def when(day, until: float = DAYS) -> pd.Series:
    """Days since the opening as times, to the second; null where they lie after the export."""
    day = np.asarray(day, dtype=float)
    known = day <= until
    seconds = np.where(known, day, 0) * 86400
    times = OPENED.astype("M8[s]") + seconds.astype("m8[s]")
    return pd.Series(times).where(known).dt.tz_localize("UTC")
