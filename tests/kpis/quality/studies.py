"""Studies of a few tickets, for the tests beside this file."""

import numpy as np
import pandas as pd

from cxresearch.study.study import Study

START = pd.Timestamp("2024-01-01T00:00:00Z")


def study(created=None, tables=None, settings=None, **columns):
    """Tickets created at these times, or all at once, with these columns."""
    n = len(created) if created is not None else len(next(iter(columns.values())))
    frame = {"ticket_id": [str(i) for i in range(n)], "created_at": [START] * n}
    frame |= {"status": "open", "requester_id": "ann", "dq_flags": [[] for _ in range(n)]}
    if created is not None:
        frame["created_at"] = created
    tickets = {"tickets": pd.DataFrame(frame | columns)}
    return Study.from_tables(tickets | (tables or {}), **(settings or {}))


def clock(hours, days=730, spread=3.0, seed=0):
    """A ticket a day, at hours(day) plus some hours of chance."""
    rng = np.random.default_rng(seed)
    day = np.arange(days)
    at = day * 24 + hours(day) + rng.normal(0, spread, days)
    return study(START + pd.to_timedelta(at, unit="h"))


def daily(each, days=140):
    """So many tickets a day, at noon, as each(day) says; day 0 is a Monday."""
    noon = START + pd.Timedelta("12h")
    return study([noon + pd.Timedelta(days=d) for d in range(days) for _ in range(each(d))])
