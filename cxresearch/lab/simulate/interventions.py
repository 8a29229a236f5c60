"""What preventing a cause, or answering it in time, would have saved: the same luck again."""

from dataclasses import replace

import numpy as np

from cxresearch.lab.simulate.departures import Lives, live
from cxresearch.lab.simulate.parameters import DAY, NEVER, World, make_world
from cxresearch.lab.simulate.world import Company, run_company

MONTH = 365.25 / 12
Saved = dict[str, float]


def levers(n_customers: int, seed: int, **world) -> dict[str, dict[str, Saved]]:
    """What two levers would have saved while the export ran: by cause, and for `all` of them.

    answer_sooner: no issue of the cause is ever overdue; prevent: no issue of it ever arises. Both
    are pulled from the opening of the company on. Each tells customers_kept (fewer decided to
    leave), revenue (more was paid, in the currency of billing) and tickets (fewer issues were
    written; below 0 where those who stay write more than is saved).

    Every customer meets the same issues with the same patience as in simulate_world. Harm begins
    when an issue is overdue, so both levers keep the same customers; only one saves their tickets.
    """
    parameters = make_world(**world)
    company = run_company(parameters, n_customers, seed)
    names = [cause.name for cause in parameters.causes]
    chosen = {name: {name} for name in names} | {"all": set(names)}
    return {name: _both(parameters, company, causes) for name, causes in chosen.items()}


def _both(world: World, company: Company, names: set[str]) -> dict[str, Saved]:
    """The company lives again without the harm of these causes; prevention also takes their issues
    away, with all that came back of them."""
    harmless = [replace(c, hazard_ratio=1.0) if c.name in names else c for c in world.causes]
    lives = company.lives
    if harmless != list(world.causes):
        lives = live(replace(world, causes=tuple(harmless)), company.accounts, company.issues)
    gone = np.array([cause.name in names for cause in world.causes])[company.issues["cause"]]
    return {
        "answer_sooner": _saved(world, company, lives),
        "prevent": _saved(world, company, replace(lives, happened=lives.happened & ~gone)),
    }


def _saved(world: World, company: Company, lives: Lives) -> Saved:
    before, after = (_totals(world, company, of) for of in (company.lives, lives))
    return {
        "customers_kept": int(before["left"] - after["left"]),
        "revenue": round(float(after["paid"] - before["paid"]), 2),
        "tickets": int(before["issues"] - after["issues"]),
    }


def _totals(world: World, company: Company, lives: Lives) -> dict[str, float]:
    """Of the customers in the export, while it ran: who decided to leave, paid, issues written."""
    since, until = world.seconds("tickets_from"), world.seconds("observed_until")
    decided = lives.decided[company.kept]
    happened = lives.happened & company.kept[company.issues["account"]]
    return {
        "left": ((decided >= since) & (decided < until)).sum(),
        "paid": _paid(world, company, np.clip(lives.ended, since, until))[company.kept].sum(),
        "issues": (happened & (company.issues["created"] >= since)).sum(),
    }


def _paid(world: World, company: Company, last: np.ndarray) -> np.ndarray:
    """What each account paid from tickets_from until `last`, at its plans' monthly prices."""
    accounts, price = company.accounts, np.array([p.price for p in world.plans])
    first = np.maximum(accounts.started, world.seconds("tickets_from"))
    change = np.clip(np.minimum(accounts.plan_changed, NEVER), first, np.maximum(last, first))
    before = (change - first) * price[accounts.plan]
    after = np.maximum(last - change, 0) * price[accounts.later_plan]
    return (before + after) * accounts.seats / (DAY * MONTH)
