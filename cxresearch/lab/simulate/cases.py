"""From issues to cases: what the help desk gets to see, with exit requests, doubles and spam."""

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.accounts import Accounts
from cxresearch.lab.simulate.causes import SPAM
from cxresearch.lab.simulate.chance import log_normal, pick, stream
from cxresearch.lab.simulate.departures import Lives
from cxresearch.lab.simulate.issues import BY_CHANNEL, REPLY_HOURS
from cxresearch.lab.simulate.office import office_hours
from cxresearch.lab.simulate.parameters import DAY, NEVER, World
from cxresearch.topics.given import EXIT_REQUEST

COURSE = (
    "reply",
    "pending_from",
    "pending_to",
    "hold_from",
    "hold_to",
    "solved",
    "reopened",
    "solved_again",
    "merged",
    "spammed",
    "deleted",
)
PEOPLE = (0.65, 0.25, 0.10)  # who of an account's people writes; small accounts have fewer


def draw_cases(
    world: World,
    accounts: Accounts,
    lives: Lives,
    issues: pd.DataFrame,
    kept: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """One row a ticket, oldest first.

    account (place among all accounts, -1 for spam), cause (word), second (cause of the second
    issue, or empty), created, channel, person (0 to 2), double_of (row of the ticket it repeats,
    or -1), follows (row of the ticket it continues, or -1), limit (after it nothing happens but
    tidying up), left (did the customer leave at the limit?) and the times of COURSE, in seconds
    since 1970 UTC or NEVER. kept says which accounts are in the export.
    """
    rng = stream(seed, "cases")
    own = _own(world, lives, issues, kept, rng)
    exits = _exit_requests(world, accounts, lives, kept, rng)
    doubles = _doubles(world, own, lives, rng)
    cases = pd.concat([own, exits, doubles, _spam(world, len(own), rng)], ignore_index=True)
    cases = _limited(world, lives, _sorted(_filled(cases)))
    cases = cases.assign(person=_person(accounts, cases, rng), second=_second(world, cases, rng))
    return _deleted(world, cases, rng)


def _own(world, lives, issues, kept, rng) -> pd.DataFrame:
    """Issues that arose while the export ran, without those that silent leavers kept back."""
    account = issues["account"].to_numpy()
    silent = rng.random(len(kept)) < world.silent
    quiet_from = lives.decided - int(world.silent_days * DAY)
    written = ~(silent[account] & (issues["created"].to_numpy() >= quiet_from[account]))
    issues = _tidied(world, lives, issues, rng)
    there = lives.happened & kept[account] & written
    rows = issues[there & (issues["created"] >= world.seconds("tickets_from"))]
    names = np.array([cause.name for cause in world.causes])
    return rows.assign(
        source=rows.index, follows=rows["parent"], cause=names[rows["cause"].to_numpy()]
    ).drop(columns=["parent", "chance"])


def _tidied(world, lives, issues, rng) -> pd.DataFrame:
    """Issues with the solved time that agents wrote on those open shortly before a departure."""
    if not world.tidied_up:
        return issues
    decided = lives.decided[issues["account"]]
    before = (rng.random(len(lives.decided)) * world.tidied_days * DAY).astype(np.int64)
    shut = decided - before[issues["account"]]
    chosen = (rng.random(len(lives.decided)) < world.tidied_up)[issues["account"]]
    open_then = (issues["created"] + DAY < shut) & (shut < issues["solved"]) & (decided < NEVER)
    shut = np.where(chosen & open_then, shut, NEVER)
    steps = ("reply", "pending_from", "pending_to", "hold_from", "hold_to", "reopened")
    cut = {step: issues[step].where(issues[step] < shut, NEVER) for step in steps}
    again = issues["solved_again"].where(cut["reopened"] < NEVER, NEVER)
    return issues.assign(**cut, solved=np.minimum(issues["solved"], shut), solved_again=again)


def _exit_requests(world, accounts, lives, kept, rng) -> pd.DataFrame:
    """Tickets that ask to cancel: written some days before notice is taken, solved when it is."""
    start, until = world.seconds("tickets_from"), world.seconds("observed_until")
    asks = kept & (rng.random(len(kept)) < world.exit_requests)
    who = np.flatnonzero(asks & (lives.decided >= start) & (lives.decided < until))
    lead = (world.exit_lead_days * DAY * rng.exponential(1.0, len(who))).astype(np.int64)
    decided = lives.decided[who]
    created = np.minimum(np.maximum(decided - lead, accounts.started[who] + DAY // 2), decided)
    who, decided, created = (values[created >= start] for values in (who, decided, created))
    channel = pick(rng, BY_CHANNEL, len(who))
    hours = log_normal(rng, np.array(REPLY_HOURS)[channel], 1.0)
    office, taken = office_hours(world), 3600 * rng.random(len(who))
    reply = office.after(created, 60 + 3600 * hours)
    solved = office.after(np.maximum(decided, reply) + 900, taken)
    return pd.DataFrame(
        {
            "account": who,
            "cause": EXIT_REQUEST,
            "created": created,
            "channel": channel,
            "reply": reply,
            "solved": solved,
        }
    )


def _doubles(world, own, lives, rng) -> pd.DataFrame:
    """The same person writes again within two days; the second ticket is merged into the first."""
    twice = own[rng.random(len(own)) < world.merged * 1.3]
    created = twice["created"] + 600 + (rng.random(len(twice)) * 1.5 * DAY).astype(np.int64)
    hours = rng.exponential(2.0, len(twice))
    merged = office_hours(world).after(created.to_numpy() + 60, 3600 * hours)
    doubles = twice[["account", "cause", "channel", "source"]].assign(
        created=created, merged=merged
    )
    alive = (merged < twice["solved"]) & (merged < lives.ended[twice["account"]])
    alive &= merged < world.seconds("observed_until")
    return doubles[alive].assign(double=True)


def _spam(world, n: int, rng) -> pd.DataFrame:
    start, until = world.seconds("tickets_from"), world.seconds("observed_until")
    created = np.sort(rng.integers(start, until - 3 * DAY, rng.poisson(n * world.spam)))
    seen = office_hours(world).after(created + 60, 3600 * rng.exponential(3.0, len(created)))
    return pd.DataFrame(
        {"account": -1, "cause": SPAM, "created": created, "channel": 0, "spammed": seen}
    )


def _filled(cases: pd.DataFrame) -> pd.DataFrame:
    """What does not happen to a case is NEVER; what it is not is -1 or false."""
    times = {name: cases.get(name, pd.Series(index=cases.index, dtype=float)) for name in COURSE}
    filled = {name: values.fillna(NEVER).astype(np.int64) for name, values in times.items()}
    whole = {name: cases[name].fillna(-1).astype(np.int64) for name in ("source", "follows")}
    flags = {name: cases[name].eq(True) for name in ("double", "stuck")}
    ids = {name: cases[name].astype(np.int64) for name in ("account", "created", "channel")}
    return cases.assign(**filled, **whole, **flags, **ids)


def _sorted(cases: pd.DataFrame) -> pd.DataFrame:
    """Oldest first; follows and double_of become rows of this frame."""
    cases = cases.sort_values(["created", "account", "cause"], kind="stable", ignore_index=True)
    first = cases[~cases["double"] & (cases["source"] >= 0)]
    row_of = pd.Series(first.index, index=first["source"])
    double_of = cases["source"].where(cases["double"], -1).map(row_of).fillna(-1)
    follows = cases["follows"].map(row_of).fillna(-1)
    return cases.assign(
        double_of=double_of.astype(np.int64), follows=follows.astype(np.int64)
    ).drop(columns=["source", "double"])


def _limited(world: World, lives: Lives, cases: pd.DataFrame) -> pd.DataFrame:
    ended = np.where(cases["account"] < 0, NEVER, lives.ended[cases["account"]])
    last = world.seconds("observed_until") - 1
    return cases.assign(limit=np.minimum(ended, last), left=ended <= last)


def _person(accounts: Accounts, cases: pd.DataFrame, rng) -> np.ndarray:
    """Which of the account's people wrote; a double is written by the same person."""
    drawn = pick(rng, PEOPLE, len(cases))
    people = np.clip(accounts.seats[cases["account"]] // 2, 1, 3)
    person = np.where(cases["account"] < 0, 0, np.minimum(drawn, people - 1))
    same = cases["double_of"].to_numpy()
    return np.where(same >= 0, person[same], person)


def _second(world: World, cases: pd.DataFrame, rng) -> np.ndarray:
    """The other cause that some tickets also write about; it does no harm of its own."""
    names = np.array([cause.name for cause in world.causes])
    other = names[pick(rng, [c.share for c in world.causes], len(cases))]
    two = (rng.random(len(cases)) < world.two_issues / 0.88) & (other != cases["cause"])
    two &= cases["cause"].isin(names)
    second, same = np.where(two, other, ""), cases["double_of"].to_numpy()
    return np.where(same >= 0, second[same], second)


def _deleted(world: World, cases: pd.DataFrame, rng) -> pd.DataFrame:
    """A few solved tickets are deleted by an agent, two days after their solution."""
    over = np.where(cases["reopened"] < NEVER, cases["solved_again"], cases["solved"])
    later = office_hours(world).after(over + 2 * DAY, np.full(len(cases), 600))
    gone = (rng.random(len(cases)) < world.deleted) & (later < cases["limit"])
    return cases.assign(deleted=np.where(gone, later, NEVER))
