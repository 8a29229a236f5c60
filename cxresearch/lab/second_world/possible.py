"""All that could happen in a second company, as if nobody ever left: accounts, activity, issues."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cxresearch.lab.second_world.company import CAUSES, DAYS, PRICE_RISE, STEP, YEAR, Company
from cxresearch.lab.second_world.days import daily, month_day, quarter


@dataclass(frozen=True)
class World:
    """All that could happen: a row an account, an issue; base is the hazard a year without harm."""

    company: Company
    accounts: pd.DataFrame
    issues: pd.DataFrame
    activity: np.ndarray
    base: np.ndarray

    def take(self, rows: np.ndarray) -> "World":
        """The same world with these accounts only, in this order."""
        place = np.full(len(self.accounts), -1)
        place[rows] = np.arange(len(rows))
        issues = self.issues.assign(who=place[self.issues["who"]]).query("who >= 0")
        return replace(self, accounts=self.accounts.iloc[rows].reset_index(drop=True),
                       issues=issues.reset_index(drop=True), activity=self.activity[rows],
                       base=self.base[rows])  # fmt: skip


def draw(company: Company, n: int, rngs: list) -> World:
    """A world of n accounts; five sources of randomness, one a purpose."""
    accounts = _accounts(company, n, rngs[0])
    activity = _activity(company, n, rngs[1])
    sway = _sway(company, n, rngs[2])
    hazard_shock, ticket_shock = np.exp(company.quarter_sd * rngs[3].standard_normal((2, 16)))
    hazard_shock[PRICE_RISE] *= company.price_rise
    base = _base(company, accounts, activity, sway) * hazard_shock[quarter(np.arange(DAYS))]
    issues = _issues(company, accounts, activity, sway, ticket_shock, rngs[4])
    return World(company, accounts, issues, activity, base)


def _accounts(company: Company, n: int, rng) -> pd.DataFrame:
    """A row an account: size (standardised log seats), seats, money a month, people, start."""
    size, month, day = rng.standard_normal(n), rng.integers(0, 48, n), rng.integers(0, 28, n)
    seats = np.exp(2.3 + company.size_sd * size).round().clip(1)
    start = month_day(month, day)
    mrr = (seats * 9 * np.exp(0.2 * rng.standard_normal(n))).round(2)
    people = 1 + rng.poisson(seats / 15).clip(max=11)
    return pd.DataFrame({"size": size, "month": month, "day": day, "start": start, "mrr": mrr,
                         "seats": seats.astype(int), "people": people,
                         "annual": rng.random(n) < company.annual})  # fmt: skip


def _activity(company: Company, n: int, rng) -> np.ndarray:
    """Log activity in each 4-week step, before any harm."""
    memory, steps = company.activity_memory, -(-DAYS // STEP)
    x = company.activity_sd * rng.standard_normal((n, steps))
    for k in range(1, steps):
        x[:, k] = memory * x[:, k - 1] + np.sqrt(1 - memory**2) * x[:, k]
    return x


def _sway(company: Company, n: int, rng) -> np.ndarray:
    """The hidden state of each day: +trouble or -trouble, so that its sd is trouble."""
    if not company.trouble:
        return np.zeros((n, DAYS), dtype="int8")
    switched = rng.random((n, DAYS)) < 1 / company.trouble_days
    switched[:, 0] = rng.random(n) < 0.5
    return company.trouble * (2.0 * (switched.cumsum(axis=1) % 2) - 1)


def _base(company: Company, accounts: pd.DataFrame, activity: np.ndarray, sway) -> np.ndarray:
    """The hazard a year on each day without harm and shocks; 0 before the start."""
    c, size = company, accounts["size"].to_numpy()[:, None]
    activity_sd = abs(c.activity_on_hazard) * c.activity_sd
    strongest = max(activity_sd, abs(c.size_on_hazard))
    log = c.activity_on_hazard * daily(activity) - activity_sd**2 / 2
    log += c.size_on_hazard * size - c.size_on_hazard**2 / 2
    log += strongest * sway - np.log(np.cosh(strongest * c.trouble))
    tenure = (np.arange(DAYS) + 0.5 - accounts["start"].to_numpy()[:, None]) / YEAR
    log += (c.tenure_shape - 1) * np.log(np.maximum(tenure, 1 / YEAR))
    return c.leave_rate * np.exp(log) * (tenure > 0)


def _issues(company: Company, accounts, activity, sway, shock, rng) -> pd.DataFrame:
    """A row an issue: who, when it was written, its cause and when it is solved."""
    c, size = company, accounts["size"].to_numpy()
    log = c.activity_on_tickets * activity + c.size_on_tickets * size[:, None]
    log -= ((c.activity_on_tickets * c.activity_sd) ** 2 + c.size_on_tickets**2) / 2
    rate = c.tickets_per_year * STEP / YEAR * np.exp(log)
    rate *= shock[quarter(np.arange(rate.shape[1]) * STEP)]
    count = rng.poisson(rate)
    who = np.arange(len(size)).repeat(count.sum(axis=1))
    step = np.repeat(np.indices(count.shape)[1].ravel(), count.ravel())
    at = (step + rng.random(len(who))) * STEP
    shares, medians = np.array(list(CAUSES.values())).T
    cause = rng.choice(len(CAUSES), len(who), p=shares)
    log = np.log(medians[cause]) + c.resolution_sd * rng.standard_normal(len(who))
    log += c.size_on_resolution * size[who]
    log += abs(c.size_on_resolution) * sway[who, at.astype(int).clip(max=DAYS - 1)]
    issues = pd.DataFrame({"who": who, "at": at, "cause": np.array(list(CAUSES))[cause],
                           "solved": at + np.exp(log)})  # fmt: skip
    return issues[(at > accounts["start"].to_numpy()[who]) & (at < DAYS)]
