"""Day by day: which issues arise, how they weigh on their customers, and who decides to leave.

One loop over days, vectorised over accounts. Issues were drawn before; here they only happen or
not, so that a world with other parameters meets the same issues with the same luck.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.accounts import PERIOD, Accounts, end_of_term
from cxresearch.lab.simulate.issues import overdue_spells
from cxresearch.lab.simulate.parameters import DAY, NEVER, World, seconds

FADING = np.array([0.8, 0.6, 0.4, 0.2])  # of fade_share, in four equal steps


@dataclass
class Lives:
    """What became of every account; times in seconds since 1970 UTC, NEVER if it did not happen.

    decided: the decision to leave; ended: the last moment as a customer; involuntary: ended by
    failed payments. happened: for each issue, did it arise? sessions: weekly sessions in each
    28-day period as measured (NaN where not a customer). load: total log hazard ratio of open
    harm at each of `looks`, times at which surveys go out.
    """

    decided: np.ndarray
    ended: np.ndarray
    involuntary: np.ndarray
    happened: np.ndarray
    sessions: np.ndarray
    load: dict[int, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class _Harm:
    """Steps of harm by day: issue, account, column (cause or a stage of its fading), +1 or -1."""

    issue: np.ndarray
    account: np.ndarray
    column: np.ndarray
    change: np.ndarray
    edges: np.ndarray
    weights: np.ndarray


def live(world: World, accounts: Accounts, issues: pd.DataFrame, looks=()) -> Lives:
    """Runs the company from its opening to observed_until."""
    lives = _unlived(accounts, issues)
    company = _Company(world, accounts, issues, lives)
    days = {(look - world.seconds("opened_on")) // DAY: look for look in looks}
    for day in range(world.days):
        present = company.live_through(day)
        if day in days:
            lives.load[days[day]] = np.where(present, company.load, np.nan)
    return lives


def _unlived(accounts: Accounts, issues: pd.DataFrame) -> Lives:
    n = len(accounts)
    return Lives(
        decided=np.full(n, NEVER),
        ended=np.full(n, NEVER),
        involuntary=np.zeros(n, dtype=bool),
        happened=np.zeros(len(issues), dtype=bool),
        sessions=np.full(accounts.activity.shape, np.nan, dtype=np.float32),
    )


class _Company:
    """All accounts on one day: what weighs on them, and how much patience they have spent."""

    def __init__(
        self, world: World, accounts: Accounts, issues: pd.DataFrame, lives: Lives,
        harms: np.ndarray | None = None,
    ):  # fmt: skip
        n = len(accounts)
        self.world, self.accounts, self.lives = world, accounts, lives
        self.harm, self.arising = _harm(world, accounts, issues, harms), _Arising(world, issues)
        self.steps = np.zeros((n, len(self.harm.weights)), dtype=np.int8)
        self.load, self.spent, self.used, self.measured = np.zeros((4, n))
        effect = abs(world.activity_effect)
        self.drop = world.mediated / effect if effect else 0.0
        self.first_day = (accounts.started - world.seconds("opened_on")) // DAY
        self.usual = np.zeros(n)

    def live_through(self, day: int) -> np.ndarray:
        """One day: issues, their weight, activity, decisions. Says who was a customer."""
        world, accounts, lives = self.world, self.accounts, self.lives
        if day % PERIOD == 0:
            self.usual = _usual_hazard(world, accounts, day)
        lower = self.drop * self.load
        self.arising(lives, accounts.failed, day, np.exp(-world.write_effect * lower))
        _take_steps(self.harm, lives.happened, self.steps, self.load, day)
        now = world.seconds("opened_on") + day * DAY + accounts.moment
        present = (self.first_day < day) & (now < lives.ended)
        self.used += present * (accounts.activity[:, day // PERIOD] - self.drop * self.load)
        self.measured += present
        self._decide(present & (lives.decided == NEVER), now, day)
        if day % PERIOD == PERIOD - 1:
            self._measure(day // PERIOD)
        return present

    def _decide(self, staying: np.ndarray, now: np.ndarray, day: int) -> None:
        """Adds the day's hazard to what each account has spent; who is out of patience decides."""
        world, accounts, lives = self.world, self.accounts, self.lives
        failed = np.flatnonzero(staying & (accounts.failed <= now))
        lives.ended[failed], lives.involuntary[failed] = accounts.failed[failed], True
        staying[failed] = False
        early = np.where(day - self.first_day <= world.early_days, world.early_ratio, 1.0)
        if world.additive:
            usual = self.usual * early * _price_rise(world, day)
            hazard = usual + world.leave_per_year / 365.25 * np.expm1(self.load)
        else:
            hazard = self.usual * early * np.exp(self.load) * _price_rise(world, day)
        self.spent += staying * hazard
        leaving = np.flatnonzero(staying & (self.spent >= accounts.patience))
        lives.decided[leaving] = now[leaving]
        lives.ended[leaving] = end_of_term(accounts, leaving, now[leaving])

    def _measure(self, period: int) -> None:
        """Ends a 28-day period: writes down weekly sessions and begins to count anew."""
        mean = np.full(len(self.used), np.nan)
        np.divide(self.used, self.measured, out=mean, where=self.measured > 0)
        self.lives.sessions[:, period] = 10 * np.exp(mean)
        self.used[:], self.measured[:] = 0, 0


class _Arising:
    """Lets the issues of a day happen, thinned by low activity, in the order of their times."""

    def __init__(self, world: World, issues: pd.DataFrame):
        self.created = issues["created"].to_numpy()
        self.account = issues["account"].to_numpy()
        self.parent = issues["parent"].to_numpy()
        self.chance = issues["chance"].to_numpy()
        days = world.seconds("opened_on") + DAY * np.arange(world.days + 1)
        self.edges = np.searchsorted(self.created, days)

    def __call__(self, lives: Lives, failed: np.ndarray, day: int, share: np.ndarray) -> None:
        rows = np.arange(self.edges[day], self.edges[day + 1])
        account, parent = self.account[rows], self.parent[rows]
        decided = lives.decided[account] < NEVER
        ended = np.where(decided, lives.ended[account], failed[account])
        there = self.created[rows] < ended
        there &= self.chance[rows] < share[account]
        came_back = (parent == -1) | ((parent >= 0) & lives.happened[parent])
        lives.happened[rows] = there & came_back


def _harm(world: World, accounts: Accounts, issues: pd.DataFrame, harms=None) -> _Harm:
    """Turns overdue spells (of the issues that harms marks, if any) into steps at the accounts' own
    moments of deciding."""
    *spells, weights = _spells_and_fading(world, issues)
    some = slice(None) if harms is None else harms[spells[0]]
    issue, column, start, end = (each[some] for each in spells)
    account = issues["account"].to_numpy()[issue]
    offset = world.seconds("opened_on") + accounts.moment[account]
    day = np.concatenate([-((offset - time) // DAY) for time in (start, end)])
    order = np.argsort(day, kind="stable")
    return _Harm(
        issue=np.tile(issue, 2)[order],
        account=np.tile(account, 2)[order],
        column=np.tile(column, 2)[order],
        change=np.repeat(np.array([1, -1], dtype=np.int8), len(issue))[order],
        edges=np.searchsorted(day[order], np.arange(world.days + 1)),
        weights=weights,
    )


def _spells_and_fading(world: World, issues: pd.DataFrame):
    """Issue, column, start and end of each stretch of harm, and the weight of each column: first
    the causes while overdue, then each of the four steps in which their harm fades."""
    spells = overdue_spells(world, issues)
    cause = issues["cause"].to_numpy()[spells["issue"]]
    weights = [world.log_hazard_ratios]
    parts = [(spells["issue"], cause, spells["start"], spells["end"])]
    length = int(world.fade_days * DAY / len(FADING))
    for stage, remains in enumerate(FADING if world.fade_share else ()):
        weights.append(world.log_hazard_ratios * world.fade_share * remains)
        begins = spells["end"] + stage * length
        column = cause + (stage + 1) * len(world.causes)
        parts.append((spells["issue"], column, begins, begins + length))
    stacked = (np.concatenate(part) for part in zip(*parts, strict=True))
    return *stacked, np.concatenate(weights)


def _take_steps(harm: _Harm, happened: np.ndarray, steps, load, day: int) -> None:
    """Adds the day's steps; the load of an account is the sum of the weights of what it bears."""
    rows = np.arange(harm.edges[day], harm.edges[day + 1])
    rows = rows[happened[harm.issue[rows]]]
    if len(rows):
        account = harm.account[rows]
        np.add.at(steps, (account, harm.column[rows]), harm.change[rows])
        load[account] = (steps[account] > 0) @ harm.weights


def _usual_hazard(world: World, accounts: Accounts, day: int) -> np.ndarray:
    """Hazard a day of each account in the 28 days from `day` on, without issues."""
    time = world.seconds("opened_on") + day * DAY
    plan = np.where(accounts.plan_changed <= time, accounts.later_plan, accounts.plan)
    ratio = np.array([p.hazard_ratio for p in world.plans])[plan]
    activity = world.activity_effect * accounts.activity[:, day // PERIOD]
    return world.leave_per_year / 365.25 * ratio * np.exp(activity + accounts.frailty)


def _price_rise(world: World, day: int) -> float:
    """Hazard ratio of everybody on that day."""
    since = day - (seconds(world.price_rise_on) - world.seconds("opened_on")) // DAY
    return world.price_rise_ratio if 0 <= since < world.price_rise_days else 1.0
