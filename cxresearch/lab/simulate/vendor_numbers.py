"""What the help desk says of its own tickets: Zendesk's definitions, and rows planted among them.

A first reply is an agent's first public comment, in whole minutes; full resolution ends with the
last solution; merged and spam tickets have numbers, too. Planted: an autoresponder that writes as
an agent, minutes that are off by the time zone, and numbers that nothing explains.
"""

import numpy as np
import pandas as pd

from cxresearch.lab.simulate.chance import pick, stream
from cxresearch.lab.simulate.parameters import World

PLANTED = {"automatic replies": 0.06, "the time zone": 0.004, "unexplained": 0.001}  # of tickets
TARGETS = {"urgent": 4, "high": 12, "normal": 24, "low": 48}  # hours to a first reply


def vendor_numbers(
    world: World, tickets: pd.DataFrame, events: pd.DataFrame, seed: int
) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """The tickets with their vendor_ columns, and the ids of those planted, by reason."""
    rng, asked = stream(seed, "vendor numbers"), tickets["created_at"]
    ours = _minutes(asked, tickets["first_reply_at"])
    bot = events[events["actor_role"].eq("bot")].groupby("ticket_id")["event_at"].min()
    automatic = _minutes(asked, tickets["ticket_id"].map(bot))
    local = asked.dt.tz_convert(world.time_zone).dt.tz_localize(None)
    numbers = [ours, automatic, ours + _minutes(asked.dt.tz_localize(None), local), 3 * ours + 1001]
    kind = pick(rng, [1 - sum(PLANTED.values()), *PLANTED.values()], len(tickets))
    kind = np.where(ours.isna() | ((kind == 1) & automatic.isna()), 0, kind)
    replied = pd.Series(np.choose(kind, numbers), index=tickets.index)
    until = pd.Timestamp(world.observed_until, tz="UTC")
    limit = 60 * tickets["priority"].map(TARGETS)
    late = replied.fillna((until - asked) / pd.Timedelta("1min")) > limit
    told = tickets.assign(
        vendor_first_reply_minutes=replied,
        vendor_resolution_minutes=_minutes(asked, tickets["last_solved_at"]),
        vendor_reopens=tickets["count_reopens"],
        vendor_replies=tickets["total_agent_replies"] + (kind == 1),
        vendor_first_reply_breached=late.astype("boolean"),
        vendor_satisfaction=tickets["satisfaction_raw"],
    )
    ids = tickets["ticket_id"].to_numpy()
    return told, {why: list(ids[kind == n]) for n, why in enumerate(PLANTED, 1)}


def _minutes(start: pd.Series, end: pd.Series) -> pd.Series:
    return np.floor((end - start) / pd.Timedelta("1min"))
