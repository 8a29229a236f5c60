"""A whole second company: what it exports, and what was planted in it."""

from dataclasses import replace

import numpy as np
import pandas as pd

from cxresearch.lab.second_world.company import EXPORT, company_of
from cxresearch.lab.second_world.hazard import left
from cxresearch.lab.second_world.planted import Truth, truth_of
from cxresearch.lab.second_world.possible import draw
from cxresearch.lab.second_world.told_tables import tables_of
from cxresearch.study.schema import InputError


def second_world(
    n_customers: int, seed: int, kind: str = "base", **changes
) -> tuple[dict[str, pd.DataFrame], Truth]:
    """The tables that such a company exports, and its truth; changes are fields of Company.

    Raises InputError for an unknown kind or change, or if too many left before the export.
    """
    company = company_of(kind, **changes)
    *draws, leaving, telling = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(7))
    world = draw(company, int(1.4 * n_customers) + 40, draws)
    world = replace(world, accounts=left(world, leaving))
    rows = np.flatnonzero(world.accounts["ended"] > EXPORT)[:n_customers]
    if len(rows) < n_customers:
        raise InputError("Too many customers left before the export: lower leave_rate.")
    world = world.take(rows)
    return tables_of(world, telling), truth_of(kind, world)
