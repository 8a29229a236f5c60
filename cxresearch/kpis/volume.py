"""Why there are more tickets, or fewer: more customers, another mix of them, or a higher rate.

Volume is customers × mix × rate: the sum over segments of customers' days, the segment's share of
them, and its tickets a day. A change between two periods is split between the three by Shapley's
value (1953, Contributions to the Theory of Games II): each factor's part is its effect averaged
over all orders in which the three could have changed, so the parts add up to the change exactly.
"""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd

from cxresearch.episodes import known_since
from cxresearch.outcomes.recurrence import departures
from cxresearch.study.answers import CannotTell
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.topics.causes import named

DAY = pd.Timedelta(days=1)
YEAR = 365 * DAY
FEWEST = 28 * DAY  # of each period
DRAWS, SEED = 500, 11
FACTORS = ("customers", "mix", "rate")
NO_CAUSE, NOBODY = "no cause told", "not of a customer at the time"
Period = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True)
class Volume:
    """A change of volume: parts (a row a factor: tickets, low, high), causes (the rate's part by
    cause) and periods (a row a period: start, end, tickets, counted, customers)."""

    parts: pd.DataFrame
    causes: pd.DataFrame
    periods: pd.DataFrame


def two_periods(study: Study) -> tuple[Period, Period] | CannotTell:
    """The last year and the one before it, or, of a shorter study, its last half and its first."""
    since, until = known_since(study), study.observed_until
    length = YEAR if until - since >= 2 * YEAR else (until - since) // 2
    if length < FEWEST:
        return CannotTell("why there are more tickets or fewer: two months were not watched.")
    return (until - 2 * length, until - length), (until - length, until)


def volume_change(
    study: Study, before: Period, after: Period, *, draws: int = DRAWS, seed: int = SEED
) -> Volume | CannotTell:
    """The change in tickets from one period to the other, split over customers, mix and rate.

    Churn studies: customers' days from start to end in each period; mix over the customers'
    segment as of the export, if there are several. Return studies know only who wrote, so customers
    are those, the rate is tickets a writer, and there is no mix. Tickets of nobody known, or before
    or after their customer was one, are a part of their own. Intervals: 95% of draws of customers
    with replacement, by seed; the change itself is a count. Raises InputError for periods that are
    empty or not watched.
    """
    for start, end in (before, after):
        if not known_since(study) <= start < end <= study.observed_until:
            raise InputError(
                f"The period {start} to {end} is not one in which every ticket is known: choose it "
                f"between {known_since(study)} and {study.observed_until}."
            )
    facts = [_facts(study, *period) for period in (before, after)]
    if not all(len(days) and days["days"].sum() > 0 for days, _, _ in facts):
        return CannotTell("why there are more tickets or fewer: a period has no customer.")
    counts, causes = _summed(facts)
    parts = split(counts.sum(axis=0)[None])[0]
    n = len(counts)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws).astype(float)
    low, high = np.quantile(split(np.tensordot(drawn, counts, axes=1)), [0.025, 0.975], axis=0)
    other = facts[1][2] - facts[0][2]
    table = pd.DataFrame({"part": FACTORS, "tickets": parts, "low": low, "high": high})
    if counts.shape[3] == 1:
        table = table[table["part"] != "mix"].reset_index(drop=True)  # nothing to mix
    table.loc[len(table)] = [NOBODY, float(other), np.nan, np.nan]
    return Volume(table, _rate_by_cause(counts.sum(axis=0), causes), _periods(facts, before, after))


def split(counts: np.ndarray) -> np.ndarray:
    """Shapley's parts of customers, mix and rate, a row a draw.

    counts, draws × periods (before, after) × measures (days, tickets) × segments. A segment that is
    empty in one period has the rate of the other, so that its coming or going is mix.
    """
    total, share, rate = factors(counts)
    parts = np.zeros((len(counts), 3))
    for order in permutations(range(3)):
        now = [0, 0, 0]
        old = _value(total, share, rate, now)
        for factor in order:
            now[factor] = 1
            new = _value(total, share, rate, now)
            parts[:, factor] += (new - old) / 6
            old = new
    return parts


def factors(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The three factors of split by draw and period: all days; shares and rates by segment."""
    days, tickets = counts[:, :, 0], counts[:, :, 1]
    total = days.sum(axis=2)
    share = days / np.where(total > 0, total, 1)[:, :, None]
    rate = tickets / np.where(days > 0, days, 1)
    return total, share, np.where(days > 0, rate, rate[:, ::-1])


def _value(total, share, rate, at: list[int]) -> np.ndarray:
    return total[:, at[0]] * (share[:, at[1]] * rate[:, at[2]]).sum(axis=1)


def _rate_by_cause(counts: np.ndarray, causes: pd.DataFrame) -> pd.DataFrame:
    """The rate's part by cause: volume is linear in the rates, and so is their Shapley value."""
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
    found = pd.DataFrame({**sums, "tickets": parts}).rename_axis("cause").reset_index()
    order = found["tickets"].abs().sort_values(ascending=False, kind="stable").index
    return found.loc[order].reset_index(drop=True)


def _facts(study: Study, start: pd.Timestamp, end: pd.Timestamp):
    """A period's customers (customer_id, segment, days), its tickets (customer_id, cause) that
    count, and how many others there are."""
    tickets = study.customer_tickets
    tickets = tickets[(tickets["created_at"] >= start) & (tickets["created_at"] < end)]
    causes = named(study).sort_values("weight", ascending=False).drop_duplicates("ticket_id")
    causes = causes.set_index("ticket_id")["cause"]
    tickets = tickets[["ticket_id", "customer_id", "created_at"]].assign(
        cause=tickets["ticket_id"].map(causes).astype(object).fillna(NO_CAUSE)
    )
    if study.outcome == "return":
        who = tickets["customer_id"].dropna().unique()
        return pd.DataFrame({"customer_id": who, "segment": "all", "days": 1.0}), tickets, 0
    lives = departures(study).merge(study.customers[["customer_id", "started_at", "segment"]])
    ends = lives["left_at"].fillna(lives["watched_until"])
    lives = lives.assign(from_at=lives["started_at"].clip(lower=start), to_at=ends.clip(upper=end))
    lives = lives[lives["from_at"] < lives["to_at"]]
    own = tickets.merge(lives[["customer_id", "from_at", "to_at"]], on="customer_id")
    own = own[(own["created_at"] >= own["from_at"]) & (own["created_at"] < own["to_at"])]
    days = lives.assign(
        segment=lives["segment"].astype(object).fillna("unknown"),
        days=(lives["to_at"] - lives["from_at"]) / DAY,
    )
    return days[["customer_id", "segment", "days"]], own, len(tickets) - len(own)


def _summed(facts: list[tuple]) -> tuple[np.ndarray, dict[str, pd.DataFrame]]:
    """Days and tickets by customer, period, measure and segment; tickets by cause and segment."""
    who = pd.Index(sorted({c for days, _, _ in facts for c in days["customer_id"]}))
    known = pd.concat([days for days, _, _ in facts]).drop_duplicates("customer_id")
    home = known.set_index("customer_id")["segment"]
    segments = pd.Index(sorted(home.unique()))
    column = segments.get_indexer(home.reindex(who))
    counts = np.zeros((len(who), 2, 2, len(segments)))
    for period, (days, own, _) in enumerate(facts):
        watched = days.groupby("customer_id")["days"].sum().reindex(who, fill_value=0)
        wrote = own.groupby("customer_id").size().reindex(who, fill_value=0)
        counts[np.arange(len(who)), period, 0, column] = watched
        counts[np.arange(len(who)), period, 1, column] = wrote
    names = sorted({c for _, own, _ in facts for c in own["cause"]})
    causes = {
        period: pd.crosstab(own["cause"], own["customer_id"].map(home))
        .reindex(index=names, columns=segments, fill_value=0)
        for period, (_, own, _) in zip(("before", "after"), facts, strict=True)
    }  # fmt: skip
    return counts, causes


def _periods(facts: list[tuple], before: Period, after: Period) -> pd.DataFrame:
    rows = [
        {"period": name, "start": period[0], "end": period[1], "tickets": len(own) + others,
         "counted": len(own), "customers": len(days)}
        for name, period, (days, own, others) in zip(
            ("before", "after"), (before, after), facts, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows).set_index("period")
