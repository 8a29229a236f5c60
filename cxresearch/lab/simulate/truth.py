"""The truth behind a simulated company, ready for JSON."""

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.parameters import World


def truth_of(
    world: World,
    n_customers: int,
    seed: int,
    tables: dict[str, pd.DataFrame],
    cases: pd.DataFrame,
    words: pd.DataFrame | None,
) -> dict:
    """Parameters, planted hazard ratios by cause, and of each ticket its causes and clauses.

    tickets: {ticket_id: {"causes": [main, second], "clauses": [ids]}}; clauses only with text.
    """
    ids = tables["tickets"]["ticket_id"]
    causes = [[c] + [s] * bool(s) for c, s in zip(cases["cause"], cases["second"], strict=True)]
    clauses = [[]] * len(ids) if words is None else words["clauses"]
    return {
        "n_customers": n_customers,
        "seed": seed,
        "world": world.as_dict(),
        "hazard_ratio": {
            cause.name: round(float(np.exp(harm)), 6)
            for cause, harm in zip(world.causes, world.log_hazard_ratios, strict=True)
        },
        "tickets": {
            ticket: {"causes": of, **({"clauses": list(said)} if len(said) else {})}
            for ticket, of, said in zip(ids, causes, clauses, strict=True)
        },
    }
