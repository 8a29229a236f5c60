"""What preventing a cause, or answering it in time, would have saved: the same luck again."""

from dataclasses import replace

import numpy as np

from cxresearch.simulate.leaving import live
from cxresearch.simulate.parameters import World, make_world
from cxresearch.simulate.world import Company, run_company


def levers(n_customers: int, seed: int, **world) -> dict[str, dict[str, int]]:
    """By cause, and for `all` of them: customers_kept (who decided to leave while the export ran,
    and would not have if no issue of the cause had ever been overdue) and issues (that would not
    have arisen, had the cause been prevented).

    Every customer meets the same issues with the same patience as in simulate_world; only the
    harm of the cause is taken away, from the opening of the company on.
    """
    parameters = make_world(**world)
    company = run_company(parameters, n_customers, seed)
    left = _departures(parameters, company)
    names = [cause.name for cause in parameters.causes]
    issues = _issues(parameters, company)
    saved = {
        name: {
            "customers_kept": left - _departures(_harmless(parameters, {name}), company),
            "issues": int(issues[place]),
        }
        for place, name in enumerate(names)
    }
    kept = left - _departures(_harmless(parameters, set(names)), company)
    return {**saved, "all": {"customers_kept": kept, "issues": int(issues.sum())}}


def _harmless(world: World, names: set[str]) -> World:
    causes = [replace(c, hazard_ratio=1.0) if c.name in names else c for c in world.causes]
    return replace(world, causes=tuple(causes))


def _departures(world: World, company: Company) -> int:
    """Customers of the export who decided to leave while it ran."""
    decided = live(world, company.accounts, company.issues).decided[company.kept]
    since, until = world.seconds("tickets_from"), world.seconds("observed_until")
    return int(((decided >= since) & (decided < until)).sum())


def _issues(world: World, company: Company) -> np.ndarray:
    """Issues of each cause that arose while the export ran."""
    rows = company.issues[company.lives.happened & company.kept[company.issues["account"]]]
    rows = rows[rows["created"] >= world.seconds("tickets_from")]
    return np.bincount(rows["cause"], minlength=len(world.causes))
