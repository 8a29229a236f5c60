"""The issues that accounts would have if they stayed, and the course of each."""

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.accounts import PERIOD, Accounts
from cxresearch.lab.simulate.chance import BY_WEEKDAY, log_normal, pick, second_of_day, stream
from cxresearch.lab.simulate.office import holiday_seconds, office_hours
from cxresearch.lab.simulate.parameters import DAY, NEVER, World, seconds

CHANNELS = ("email", "web", "chat", "phone")
BY_CHANNEL = (0.42, 0.28, 0.20, 0.10)
REPLY_HOURS = (3.5, 4.5, 0.12, 0.02)  # median office hours until a person answers


def draw_issues(world: World, accounts: Accounts, seed: int) -> pd.DataFrame:
    """One row an issue, oldest first: account, cause, created, parent (row of the issue that came
    back, or -1), chance (uniform; thins issues while activity is low) and its course: channel,
    reply, pending_from, pending_to, hold_from, hold_to, solved, reopened, solved_again, stuck.

    Times are seconds since 1970 UTC, NEVER where it does not happen.
    """
    rng = stream(seed, "issues")
    fresh = pd.concat([_usual(world, accounts, rng), _incidents(world, accounts, rng)])
    issues = _with_course(world, fresh.reset_index(drop=True), rng).assign(parent=-1)
    waves = [issues]
    for _ in range(2):
        again = _coming_back(world, waves[-1], rng)
        waves.append(_with_course(world, again, rng))
    if world.cascades:
        others = stream(seed, "cascades")
        waves.append(_with_course(world, _set_off(world, waves[0], others), others))
    issues = _stacked(waves)
    started = accounts.started[issues["account"].to_numpy()]
    known = (issues["created"] > started + 3600) & (
        issues["created"] < world.seconds("observed_until")
    )
    return _sorted(issues[known])


def overdue_spells(world: World, issues: pd.DataFrame) -> pd.DataFrame:
    """When each issue did harm: row of the issue, start and end (seconds, NEVER if open).

    Harm begins harm_after_days after the issue: as a rule, when it is overdue. The clock stands
    still while the ticket is pending or solved. An issue has at most two spells: before its first
    solution, and after it was reopened.
    """
    promise = int(world.harm_after_days * DAY)
    created, solved = issues["created"].to_numpy(), issues["solved"].to_numpy()
    paused_from, paused_to = issues["pending_from"].to_numpy(), issues["pending_to"].to_numpy()
    due = created + promise
    paused = np.where(paused_from < due, paused_to - paused_from, 0)
    due = due + paused
    reopened = issues["reopened"].to_numpy()
    used = np.minimum(np.maximum(solved - created - paused, 0), promise)
    due_again = np.where(reopened < NEVER, reopened + promise - used, NEVER)
    spells = pd.concat(
        [
            pd.DataFrame({"issue": issues.index, "start": due, "end": solved}),
            pd.DataFrame(
                {"issue": issues.index, "start": due_again, "end": issues["solved_again"]}
            ),
        ]
    )
    return spells[spells["start"] < spells["end"]].reset_index(drop=True)


def _usual(world: World, accounts: Accounts, rng: np.random.Generator) -> pd.DataFrame:
    """Issues of daily use: a Poisson number in each 28-day period, more for heavy users."""
    ratio = np.array([p.ticket_ratio for p in world.plans])[accounts.plan]
    rate = world.issues_per_year * PERIOD / 365.25 * ratio
    count = rng.poisson(rate[:, None] * np.exp(world.write_effect * accounts.activity))
    account, period = (np.repeat(i, count.ravel()) for i in np.indices(count.shape).reshape(2, -1))
    opened = world.seconds("opened_on")
    monday = ((opened + 3 * DAY) // DAY) % 7  # weekday of opened_on, Monday = 0
    by_day = BY_WEEKDAY[(monday + np.arange(PERIOD)) % 7]
    size = len(account)
    created = opened + (period * PERIOD + pick(rng, by_day, size)) * DAY + second_of_day(rng, size)
    created = _after_holidays(world, created, rng)
    cause = pick(rng, [c.share for c in world.causes], size)
    return pd.DataFrame({"account": account, "cause": cause, "created": created})


def _after_holidays(world: World, created: np.ndarray, rng) -> np.ndarray:
    """The times, most of those on a holiday a day later."""
    off = np.isin(created // DAY * DAY, holiday_seconds(world))
    return np.where(off & (rng.random(len(created)) < world.holiday_quiet), created + DAY, created)


def _incidents(world: World, accounts: Accounts, rng: np.random.Generator) -> pd.DataFrame:
    names = [cause.name for cause in world.causes]
    frames = [pd.DataFrame({"account": [], "cause": [], "created": []}, dtype=np.int64)]
    for incident in world.incidents:
        hit = np.flatnonzero(rng.random(len(accounts)) < incident.tickets_per_customer)
        after = (rng.random(len(hit)) * incident.days).astype(int) * DAY
        created = seconds(incident.date) + after + second_of_day(rng, len(hit))
        frames.append(
            pd.DataFrame({"account": hit, "cause": names.index(incident.cause), "created": created})
        )
    return pd.concat(frames)


def _with_course(world: World, issues: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The issues with everything that would happen to them, drawn in a fixed order."""
    n = len(issues)
    cause = issues["cause"].to_numpy()
    created = issues["created"].to_numpy()
    of = {
        name: np.array([getattr(c, name) for c in world.causes])[cause]
        for name in ("days", "stuck", "stuck_days", "never")
    }
    channel = pick(rng, BY_CHANNEL, n)
    office = office_hours(world)
    reply = office.after(created, 30 + 3600 * log_normal(rng, np.array(REPLY_HOURS)[channel], 1.1))
    stuck = rng.random(n) < of["stuck"]
    usual, slow = log_normal(rng, of["days"], 1.0), log_normal(rng, of["stuck_days"], 0.7)
    due = created + (np.where(stuck, 8 + slow, usual) * DAY).astype(np.int64)
    solved = office.after(np.maximum(due, reply + 600), 3600 * rng.random(n))
    stuck |= (never := rng.random(n) < of["never"])
    solved = np.where(never, NEVER, solved)
    reply = np.where(rng.random(n) < world.unanswered, NEVER, reply)
    issues = issues.assign(
        channel=channel, reply=reply, solved=solved, stuck=stuck, chance=rng.random(n)
    )
    return _reopened(world, _paused(world, issues, rng), rng)


def _paused(world: World, issues: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Adds one pending spell (waiting on the customer) and, for stuck issues, one on hold."""
    n, reply, solved = len(issues), issues["reply"].to_numpy(), issues["solved"].to_numpy()
    pending_from = reply + 60
    pending_to = pending_from + 300 + (log_normal(rng, np.full(n, 0.6), 1.0) * DAY).astype(np.int64)
    asked = (rng.random(n) < world.pending) & (reply < NEVER) & (pending_to + 900 < solved)
    pending_from = np.where(asked, pending_from, NEVER)
    pending_to = np.where(asked, pending_to, NEVER)
    office, soon = office_hours(world), rng.integers(600, 54_000, n)
    hold_from = office.after(np.where(asked, pending_to, reply), soon)
    length = np.where(solved < NEVER, solved - hold_from, 40 * DAY) * (0.2 + 0.7 * rng.random(n))
    hold_to = office.after(hold_from + length.astype(np.int64), soon % 3600)
    held = issues["stuck"].to_numpy() & (rng.random(n) < world.held) & (reply < NEVER)
    held &= (length > DAY) & (hold_to + 600 < solved)
    return issues.assign(
        pending_from=pending_from,
        pending_to=pending_to,
        hold_from=np.where(held, hold_from, NEVER),
        hold_to=np.where(held, hold_to, NEVER),
    )


def _reopened(world: World, issues: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n, solved = len(issues), issues["solved"].to_numpy()
    lag = np.minimum(rng.exponential(1.2, n), 3.5) * DAY
    reopened = solved + 1800 + lag.astype(np.int64)
    hours = 0.5 + log_normal(rng, np.full(n, 12.0), 1.3)
    again = office_hours(world).after(reopened, 3600 * hours)
    really = (rng.random(n) < world.reopened) & (solved < NEVER)
    return issues.assign(
        reopened=np.where(really, reopened, NEVER), solved_again=np.where(really, again, NEVER)
    )


def _coming_back(world: World, issues: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """New issues of the same account and cause some days after an issue was solved."""
    chance = np.array([c.comes_back for c in world.causes])[issues["cause"]]
    back = (rng.random(len(issues)) < chance) & (issues["solved"] < NEVER).to_numpy()
    last = np.where(issues["reopened"] < NEVER, issues["solved_again"], issues["solved"])[back]
    gap = DAY * (1 + rng.exponential(17.0, back.sum()).astype(np.int64))
    created = (last + gap) // DAY * DAY + second_of_day(rng, back.sum())
    rows = issues[back]
    return pd.DataFrame(
        {
            "account": rows["account"].to_numpy(),
            "cause": rows["cause"].to_numpy(),
            "created": np.maximum(created, last + 3600),
            "parent": np.flatnonzero(back),
        }
    )


def _set_off(world: World, issues: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Issues that others set off: of another cause, for the same account, some days later."""
    place, frames = {cause.name: at for at, cause in enumerate(world.causes)}, []
    for cascade in world.cascades:
        first = issues[issues["cause"] == place[cascade.cause]]
        first = first[rng.random(len(first)) < cascade.chance]
        gap = 3600 + (rng.exponential(cascade.days, len(first)) * DAY).astype(np.int64)
        rows = first[["account", "created"]].assign(cause=place[cascade.follows])
        frames.append(rows.assign(created=first["created"] + gap, parent=-1))
    return pd.concat(frames, ignore_index=True)


def _stacked(waves: list[pd.DataFrame]) -> pd.DataFrame:
    """All waves in one frame; parent, a place in the wave before, becomes a row of the frame."""
    offset, before = 0, 0
    frames = []
    for wave in waves:
        frames.append(
            wave.assign(parent=wave["parent"].where(wave["parent"] < 0, wave["parent"] + before))
        )
        before, offset = offset, offset + len(wave)
    return pd.concat(frames, ignore_index=True)


def _sorted(issues: pd.DataFrame) -> pd.DataFrame:
    """Oldest first, renumbered; an issue whose parent is not there never was."""
    order = issues.sort_values(["created", "account"], kind="stable")
    place = pd.Series(np.arange(len(order)), index=order.index)
    parent = order["parent"].map(place)
    parent = parent.where(order["parent"] >= 0, -1).fillna(-2).astype(np.int64)
    return order.assign(parent=parent).reset_index(drop=True)
