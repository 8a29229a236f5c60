"""Why there are more tickets, or fewer: more customers, another mix of them, or a higher rate."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.episodes import known_since
from cxresearch.kpis.shapley import FACTORS, rate_parts, split
from cxresearch.outcomes import outcome, returning
from cxresearch.outcomes.recurrence import last_seen
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.intervals import of_draws
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.schema import InputError
from cxresearch.study.study import Study
from cxresearch.study.words import intervals, side
from cxresearch.topics.causes import named

DAY = pd.Timedelta(days=1)
YEAR = 365 * DAY
FEWEST = 28 * DAY  # of each period
DRAWS, SEED = 500, 11
NO_CAUSE, NOBODY = "no cause told", "not of a customer at the time"
PARTS = {
    "customers": "more or fewer customers",
    "mix": "another mix of segments",
    "rate": "more or fewer tickets a customer",
    "others": NOBODY,
}
Period = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True, eq=False)
class Volume(Result):
    """A change of volume. frame: rows named "customers", "mix" (where there are segments), "rate"
    and "others": part (in words), tickets, low, high, verdict (more, less, cannot tell; of the
    others, which are a count, counted). causes: the rate's part by cause; periods: rows named
    "before" and "after": start, end, tickets, counted, customers."""

    causes: pd.DataFrame
    periods: pd.DataFrame

    def said(self, row: str = "") -> Finding:
        """What the change in tickets is made of, and whether the rate surely moved."""
        before, after = self.periods.loc["before"], self.periods.loc["after"]
        part, rate = self.frame["tickets"], self.frame.loc["rate"]
        clear = ", so perhaps nothing" * (rate["verdict"] == "cannot tell")
        season = " The periods lie in different seasons." * (after["end"] - after["start"] != YEAR)
        return finding(
            "From {before:,} to {after:,} tickets: the number of customers made "
            "{customers:+,.0f} of the change. How often they write made **{rate:+,.0f}** "
            "({low:+,.0f} to {high:+,.0f})" + clear + "." + season,
            before=int(before["tickets"]), after=int(after["tickets"]),
            customers=part["customers"], rate=rate["tickets"], low=rate["low"], high=rate["high"],
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The parts of the change, which add up to it, with their intervals."""
        parts = self.frame["tickets"]
        drawn = intervals(self.frame[self.frame["verdict"] != "counted"], "tickets", "+,.0f")
        counts = [f"{tickets:+,.0f}" for tickets in (parts["others"], parts.sum())]
        names = [*self.frame["part"], "change in all"]
        return pd.DataFrame({"part": names, "tickets": [*drawn, *counts]})


@cannot_tell_passes
def rate_by_cause(change: Volume) -> pd.DataFrame:
    """The causes of which customers wrote more, or less, often: tickets before, after, and their
    part of the change in the rate."""
    rounded = change.causes.assign(tickets=change.causes["tickets"].round().astype("int64"))
    return rounded.rename(columns={"tickets": "part of the rate's change"})


@once
def latest_change(study: Study) -> Volume | CannotTell:
    """The change from one year to the next, or from the first half of a shorter study to its
    last."""
    periods = two_periods(study)
    return periods if isinstance(periods, CannotTell) else volume_change(study, *periods)


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
    facts = [of_period(study, *period) for period in (before, after)]
    if not all(len(days) and days["days"].sum() > 0 for days, _, _ in facts):
        return CannotTell("why there are more tickets or fewer: a period has no customer.")
    counts, causes = _summed(facts)
    parts = split(counts.sum(axis=0)[None])[0]
    n = len(counts)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws).astype(float)
    low, high = of_draws(split(np.tensordot(drawn, counts, axes=1)))
    frame = pd.DataFrame({"tickets": parts, "low": low, "high": high}, index=list(FACTORS))
    if counts.shape[3] == 1:
        frame = frame.drop(index="mix")  # nothing to mix
    frame = frame.assign(verdict=side(frame["low"], frame["high"], none=0))
    frame.loc["others"] = [float(facts[1][2] - facts[0][2]), np.nan, np.nan, "counted"]
    frame.insert(0, "part", frame.index.map(PARTS))
    causes = rate_parts(counts.sum(axis=0), causes)
    return Volume(frame, causes, _periods(facts, before, after))


def of_period(study: Study, start: pd.Timestamp, end: pd.Timestamp):
    """A period's customers (customer_id, segment, days), its tickets (customer_id, cause) that
    count, and how many others there are."""
    tickets = study.customer_tickets
    tickets = tickets[(tickets["created_at"] >= start) & (tickets["created_at"] < end)]
    causes = named(study).sort_values("weight", ascending=False).drop_duplicates("ticket_id")
    causes = causes.set_index("ticket_id")["cause"]
    tickets = tickets[["ticket_id", "customer_id", "created_at"]].assign(
        cause=tickets["ticket_id"].map(causes).astype(object).fillna(NO_CAUSE)
    )
    if outcome(study) is returning:
        who = tickets["customer_id"].dropna().unique()
        return pd.DataFrame({"customer_id": who, "segment": "all", "days": 1.0}), tickets, 0
    lives = last_seen(study).merge(study.customers[["customer_id", "started_at", "segment"]])
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
