"""A change in volume split between customers, their mix and their rate by Shapley's value.

Volume is customers × mix × rate: the sum over segments of customers' days, the segment's share of
them, and its tickets a day. Each factor's part of a change (Shapley 1953, Contributions to the
Theory of Games II) is its effect averaged over all orders in which the three could have changed, so
the parts add up to the change exactly.
"""

from itertools import permutations

import numpy as np
import pandas as pd

FACTORS = ("customers", "mix", "rate")


def split(counts: np.ndarray) -> np.ndarray:
    """Shapley's parts of customers, mix and rate, a row a draw.

    counts, draws × periods (before, after) × measures (days, tickets) × segments. A segment that is
    empty in one period has the rate of the other, so that its coming or going is mix.
    """
    return parts_of(*factors(counts))


def parts_of(*factors: np.ndarray) -> np.ndarray:
    """Each factor's Shapley part of the change of their product from before to after, a row a draw.

    A factor is draws × periods, or draws × periods × groups: products are summed over groups.
    """
    held = [each if each.ndim == 3 else each[:, :, None] for each in factors]
    parts = np.zeros((len(held[0]), len(held)))
    orders = list(permutations(range(len(held))))
    for order in orders:
        now = [0] * len(held)
        old = _value(held, now)
        for factor in order:
            now[factor] = 1
            new = _value(held, now)
            parts[:, factor] += (new - old) / len(orders)
            old = new
    return parts


def factors(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The three factors of split by draw and period: all days; shares and rates by segment."""
    days, tickets = counts[:, :, 0], counts[:, :, 1]
    total = days.sum(axis=2)
    share = days / np.where(total > 0, total, 1)[:, :, None]
    rate = tickets / np.where(days > 0, days, 1)
    return total, share, np.where(days > 0, rate, rate[:, ::-1])


def _value(factors: list[np.ndarray], at: list[int]) -> np.ndarray:
    product = np.ones((1, 1))
    for factor, period in zip(factors, at, strict=True):
        product = product * factor[:, period]
    return product.sum(axis=1)


def rate_parts(counts: np.ndarray, causes: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The rate's part by cause, the largest first: volume is linear in the rates, and so is their
    Shapley value. cause, before, after (tickets), tickets (the part).

    counts are those of one draw of split; causes, by period, the tickets by cause and segment.
    """
    total, share, _ = factors(counts[None])
    days = np.array([[total[0, a] * share[0, b] for b in (0, 1)] for a in (0, 1)])
    weight = (2 * days[0, 0] + days[0, 1] + days[1, 0] + 2 * days[1, 1]) / 6
    rates = [
        causes[period] / np.where(counts[at, 0] > 0, counts[at, 0], 1)
        for at, period in enumerate(("before", "after"))
    ]
    both = (counts[:, 0] > 0).all(axis=0)
    parts = ((rates[1] - rates[0]) * both * weight).sum(axis=1)
    sums = {p: causes[p].sum(axis=1).astype("int64") for p in ("before", "after")}
    table = pd.DataFrame({**sums, "tickets": parts}).rename_axis("cause").reset_index()
    return table.sort_values("tickets", key=lambda part: -part.abs(), kind="stable",
                             ignore_index=True)  # fmt: skip
