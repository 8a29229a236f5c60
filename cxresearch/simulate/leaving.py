"""Day by day: which issues arise, how they weigh on their customers, and who decides to leave.

One loop over days, vectorised over accounts. Issues were drawn before; here they only happen or
not, so that a world with other parameters meets the same issues with the same luck.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cxresearch.simulate.accounts import PERIOD, Accounts, end_of_term
from cxresearch.simulate.issues import overdue_spells
from cxresearch.simulate.parameters import DAY, NEVER, World, seconds

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
    n = len(accounts)
    lives = Lives(
        decided=np.full(n, NEVER),
        ended=np.full(n, NEVER),
        involuntary=np.zeros(n, dtype=bool),
        happened=np.zeros(len(issues), dtype=bool),
        sessions=np.full(accounts.activity.shape, np.nan, dtype=np.float32),
    )
    company = _Company(world, accounts, issues, lives)
    days = {(look - world.seconds("opened_on")) // DAY: look for look in looks}
    for day in range(world.days):
        present = company.live_through(day)
        if day in days:
            lives.load[days[day]] = np.where(present, company.load, np.nan)
    return lives


class _Company:
    """All accounts on one day: what weighs on them, and how much patience they have spent."""

    def __init__(self, world: World, accounts: Accounts, issues: pd.DataFrame, lives: Lives):
        n = len(accounts)
        self.world, self.accounts, self.lives = world, accounts, lives
        self.harm, self.arising = _harm(world, accounts, issues), _Arising(world, issues)
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
        self.arising(lives, day, np.exp(-world.write_effect * lower))
        _take_steps(self.harm, lives.happened, self.steps, self.load, day)
        now = world.seconds("opened_on") + day * DAY + accounts.moment
        present = (self.first_day < day) & (now < lives.ended)
        self.used += present * (accounts.activity[:, day // PERIOD] - self.drop * self.load)
        self.measured += present
        self._decide(present & (lives.decided == NEVER), now, day)
        if day % PERIOD == PERIOD - 1:
            self._measure(day // PERIOD)
        return present

    def _price_rise(world: World, day: int) -> float:
    """Hazard ratio of everybody on that day."""
    since = day - (seconds(world.price_rise_on) - world.seconds("opened_on")) // DAY
    return world.price_rise_ratio if 0 <= since < world.price_rise_days else 1.0
