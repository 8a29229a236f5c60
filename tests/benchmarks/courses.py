"""What levers change in expectation: simulated customers who never leave live again."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.accounts import Accounts
from cxresearch.lab.simulate.departures import _Company, _unlived
from cxresearch.lab.simulate.parameters import DAY, NEVER, World, make_world
from cxresearch.lab.simulate.people import draw_people
from cxresearch.lab.simulate.world import run_company


@dataclass(frozen=True)
class Courses:
    """The hazard that every customer of the export would meet by the end of each day of the export,
    had they never left: customers (in the order of customer_id) by days; as it was, and without
    the harm of the issues of each cause (and of `all` causes) that arose while the export ran."""

    customer_id: np.ndarray
    natural: np.ndarray
    lever: dict[str, np.ndarray]


def courses(n_customers: int, seed: int, **world) -> Courses:
    """What the levers change in expectation over customers' patience, pulled from the first day of
    the export on: the same company with the same issues lives again with customers who never leave,
    and how much hazard each met is noted. Issues from before the export go on doing harm.

    From it follows, for any day and any customers who were there, the chance to be still there.
    """
    parameters = make_world(**world)
    company = run_company(parameters, n_customers, seed)
    people = draw_people(parameters, company.accounts, company.kept, seed)
    first = people[people["person"] == 0]
    who, issues = first["account"].to_numpy(), company.issues
    begins = parameters.seconds("tickets_from")
    since = (begins - parameters.seconds("opened_on")) // DAY
    names = [cause.name for cause in parameters.causes]
    cause = np.where(issues["created"] >= begins, issues["cause"], -1)

    def course(spared: list[int]) -> np.ndarray:
        harms = ~np.isin(cause, spared)
        return hazard_so_far(parameters, company.accounts, issues, since, harms)[who]

    harmful = [k for k, of in enumerate(parameters.causes) if of.hazard_ratio != 1]
    natural = course([])
    lever = {name: course([k]) if k in harmful else natural for k, name in enumerate(names)}
    lever["all"] = course(harmful)
    return Courses(first["customer_id"].to_numpy(), natural, lever)


def hazard_so_far(
    world: World, accounts: Accounts, issues: pd.DataFrame, since: int, harms: np.ndarray
) -> np.ndarray:
    """The total hazard that each account has met by the end of each day from day `since` on, had it
    never left and never failed to pay, and had only those issues done harm that harms marks:
    accounts by days."""
    n = len(accounts)
    patient = replace(accounts, patience=np.full(n, np.inf), failed=np.full(n, NEVER))
    company, total = _Company(world, patient, issues, _unlived(patient, issues), harms), []
    for day in range(world.days):
        company.live_through(day)
        if day >= since:
            total.append(company.spent.copy())
    return np.stack(total, axis=1)
