"""The rates of a decision's cause since its day, from the tickets of a study."""

import math
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from cxresearch.episodes import known_since
from cxresearch.impact.decisions import Decision, groups
from cxresearch.impact.interrupted import (
    AFTER,
    OTHERS,
    WEEKS,
    RateRatio,
    rate_ratio,
    smallest_drop,
    times,
)
from cxresearch.kpis.overdue import overdue_facts
from cxresearch.study.answers import CannotTell
from cxresearch.study.once import once
from cxresearch.study.study import Study
from cxresearch.study.words import side
from cxresearch.topics.causes import named

PERIOD = pd.Timedelta(weeks=WEEKS)
DAY = pd.Timedelta(days=1)
GROUPS = 8  # the fewest groups, those that it is for among them
AHEAD = 6  # periods after which is said what would be seen
MATURES = 2  # promises for which tickets must have been watched for it to be told who waited longer


@dataclass(frozen=True, eq=False)
class Since:
    """By tickets, overdue share and overdue tickets (the product of the two): the fields of a
    RateRatio, verdict and why. after: whole periods since the day; periods: see realised;
    visible: a drop and the day by which it can be seen; left_out: see RateRatio."""

    frame: pd.DataFrame
    day: pd.Timestamp
    until: pd.Timestamp
    after: int
    left_out: int
    periods: pd.DataFrame
    visible: tuple[float, pd.Timestamp]


@once
def cause_facts(study: Study) -> pd.DataFrame:
    """A row a ticket of a customer and cause, requests to leave left out: ticket_id, cause, weight,
    at (when written) and late (was it open longer than the promise at first? null: not known)."""
    told = named(study)[["ticket_id", "cause", "weight", "is_exit_request"]]
    told = told[~told["is_exit_request"].fillna(False).astype(bool)]
    tickets = study.customer_tickets[["ticket_id", "created_at"]]
    rows = tickets.rename(columns={"created_at": "at"}).merge(told, on="ticket_id")
    facts = overdue_facts(study, within=0)
    if isinstance(facts, CannotTell):
        return rows.drop(columns="is_exit_request").assign(late=np.nan)
    late = facts[facts["mature"]].set_index("ticket_id")["held"].astype(float)
    rows["late"] = rows["ticket_id"].map(late)
    return rows.drop(columns="is_exit_request")


def counts(
    rows: pd.DataFrame, by: str, day: pd.Timestamp, begin: pd.Timestamp, end: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Tickets, those of them of which it is known whether they were overdue, and overdue ones, by
    whole periods of four weeks about a day (0 begins with it) from begin to end, and by column."""
    first, last = -int((day - begin) / PERIOD), math.floor((end - day) / PERIOD)
    number = np.floor((rows["at"] - day) / PERIOD).astype(int)
    names, wholes = sorted(rows[by].unique()), range(first, last)
    weight, late = rows["weight"].astype(float), rows["late"]
    values = (weight, weight * late.notna(), weight * late.fillna(0.0))
    return tuple(
        value.groupby([number, rows[by]]).sum().unstack(fill_value=0.0)
        .reindex(index=wholes, columns=names, fill_value=0.0).fillna(0.0)
        for value in values
    )  # fmt: skip


def since(study: Study, decision: Decision, all_of: tuple[Decision, ...] = ()) -> Since:
    """What became of a decision's cause beside the others since its day; see Since."""
    day = _day(study, decision)
    begin, end = _watched(study, decision, all_of)
    rows, by, treated, least = _compared(study, decision, all_of)
    tickets, known, late = counts(rows, by, day, begin, end)
    mature = end - MATURES * study.settings.unresolved_after_days * DAY
    told = slice(None, max(int((mature - day) / PERIOD), 0) - 1)
    asked = {
        "tickets": (tickets, None),
        "overdue share": (late.loc[told], known.loc[told]),
    }
    found = {k: _asked(*of, treated, least, day, end) for k, of in asked.items()}
    rows = {k: _row(v) for k, v in found.items()}
    rows["overdue tickets"] = _row(next(filter(_untold, found.values()), CannotTell("")))
    if not any(map(_untold, found.values())):
        rows["overdue tickets"] |= times(*found.values())
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame["verdict"] = side(frame["low"], frame["high"])
    whole, after = found["tickets"], int((tickets.index >= 0).sum())
    left = 0 if isinstance(whole, CannotTell) else whole.left_out
    return Since(frame, day, end, after, left, _periods(tickets, treated, day, left),
                 _visible(tickets, treated, after, day))  # fmt: skip


def _day(study: Study, decision: Decision) -> pd.Timestamp:
    """The moment at which the day of a decision begins, in the study's time zone."""
    return pd.Timestamp(decision.since).tz_localize(study.settings.time_zone)


def _watched(study: Study, decision: Decision, all_of: tuple[Decision, ...]):
    """From when to when tickets tell of a decision alone: another one for its cause ends that."""
    day = _day(study, decision)
    others = [_day(study, d) for d in all_of if d.cause == decision.cause]
    begin = max([known_since(study), *(d for d in others if d < day)])
    return begin, min([study.observed_until, *(d for d in others if d > day)])


def _compared(study: Study, decision: Decision, all_of):
    """The rows to count, by which column, which units it is for, and how many others it takes:
    causes without a decision of their own; or, of a decision for some groups, the other groups."""
    rows = cause_facts(study)
    if not decision.where:
        decided = {d.cause for d in all_of} - {decision.cause}
        return rows[~rows["cause"].isin(decided)], "cause", [decision.cause], OTHERS
    [(column, values)] = decision.where.items()
    rows = rows[rows["cause"] == decision.cause]
    rows = rows.assign(group=rows["ticket_id"].map(groups(study, column)))
    held = [value for value in values if rows["group"].eq(value).any()] or list(values)
    return rows[rows["group"] != "unknown"], "group", held, max(GROUPS - len(held), OTHERS)


def _asked(of, shares, treated, least, day, end) -> RateRatio | CannotTell:
    if not set(treated) <= set(of):
        return CannotTell("it has no tickets.")
    if of.empty:
        return CannotTell("no four weeks of it are whole.")
    if day >= end:
        return CannotTell(f"it begins on {day:%Y-%m-%d}. Ask again from "
                          f"{day + AFTER * PERIOD:%Y-%m-%d} on.")  # fmt: skip
    made = rate_ratio(of, treated, shares, least=least)
    if isinstance(made, CannotTell) and "since" in made.reason:
        again = f"{day + AFTER * PERIOD:%Y-%m-%d}"
        return CannotTell(f"{made.reason} Ask again from {again} on.")
    return made


def _untold(of: RateRatio | CannotTell) -> bool:
    return isinstance(of, CannotTell)


def _row(of: RateRatio | CannotTell) -> dict:
    names = [f.name for f in fields(RateRatio)]
    if isinstance(of, CannotTell):
        return dict.fromkeys(names, np.nan) | {"why": of.reason}
    return {name: getattr(of, name) for name in names} | {"why": ""}


def _periods(tickets: pd.DataFrame, treated: list[str], day, left: int) -> pd.DataFrame:
    """Each period with its tickets and those that the others let expect."""
    own = tickets[[c for c in treated if c in tickets]].sum(axis=1)
    rest, base = tickets.drop(columns=treated, errors="ignore").sum(axis=1), tickets.index < -left
    expected = rest * own[base].sum() / max(rest[base].sum(), 1e-9)
    begun = [day + number * PERIOD for number in tickets.index]
    part = np.select([base, tickets.index < 0], ["before", "left out"], "after")
    return pd.DataFrame({"since": pd.DatetimeIndex(begun), "part": part, "tickets": own.to_numpy(),
                         "expected": expected.to_numpy()})  # fmt: skip


def _visible(tickets, treated, after: int, day) -> tuple[float, pd.Timestamp]:
    """The smallest drop that can be seen after the periods that are known, at least AHEAD of them,
    and the day by which it can."""
    ahead = after if after >= AFTER else AHEAD
    if not set(treated) <= set(tickets):
        return np.nan, day
    return smallest_drop(tickets, treated, ahead), day + ahead * PERIOD
