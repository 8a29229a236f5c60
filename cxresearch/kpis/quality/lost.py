"""Which fields broke: weeks in which more tickets lack one than its own history explains."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxresearch.study.study import Study
from cxresearch.topics.emerging import APART, HISTORY, LEAST, SUMS, WEEK

# What a ticket has from its first moment on; what agents fill in later is always missing of late.
AT_BIRTH = ("subject", "description", "created_channel", "requester_id", "organization_id")
ACCOUNT = "account"


def lost(study: Study, after: pd.Timestamp) -> pd.DataFrame:
    """One row a field and whole week that begins after a moment: field, week, tickets, missing,
    expected (share missing in the weeks before), p (the chance that so many or more are missing).

    The account is a field, too, where there are accounts. p is beta-binomial, by the half year that
    ends four weeks before, for the week alone and for the two and four weeks up to it (see
    topics.emerging); null with less than 12 weeks of history, and no row where a field never was.
    """
    lacks = missing_at_birth(study)
    week = lacks.pop("week")
    until = study.observed_until - WEEK
    weeks = pd.date_range(week.min(), until, freq=WEEK, name="week")
    counts = lacks.groupby(week).sum().reindex(weeks, fill_value=0)
    tickets = week.value_counts().reindex(weeks, fill_value=0)
    rows = [
        _weeks(field, counts[field], tickets, after)
        for field in counts
        if counts[field].sum() < tickets.sum()
    ]
    columns = ["field", "week", "tickets", "missing", "expected", "p"]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)


def missing_at_birth(study: Study) -> pd.DataFrame:
    """Which of the fields each ticket lacks, and the week (its Monday) that it was written in; by
    ticket_id."""
    tickets, start = study.tickets, study.settings.time("tickets_from")
    lacks = tickets[list(AT_BIRTH)].isna()
    if study.outcome == "churn":
        lacks[ACCOUNT] = study.account(tickets).isna() & tickets["requester_id"].notna()
    day = tickets["created_at"].dt.normalize()
    week = day - pd.to_timedelta(day.dt.day_of_week, unit="D")
    lacks = lacks.assign(week=week).set_axis(tickets["ticket_id"])
    return lacks[(week >= (start or week.min())).to_numpy()]


def _weeks(field: str, missing: pd.Series, tickets: pd.Series, after: pd.Timestamp) -> pd.DataFrame:
    """The rows of one field."""
    lacked, asked = _before(missing) + 0.5, _before(tickets) + 1
    share, weeks = lacked / asked, _before(tickets.ge(0))
    spread = (missing - tickets * share) ** 2 - tickets * share * (1 - share)
    pairs = tickets * (tickets - 1) * share * (1 - share)
    alike = (_before(spread) / _before(pairs)).clip(0, 0.99).fillna(0)
    frame = pd.DataFrame({"field": field, "week": missing.index, "tickets": tickets,
                          "missing": missing, "expected": share})  # fmt: skip
    asked_of = (missing.index > after) & (weeks >= LEAST)
    p = [
        _chance(missing, tickets, share, alike, asked, weeks, at) for at in np.flatnonzero(asked_of)
    ]
    frame["p"] = pd.Series(p, missing.index[asked_of], dtype=float)
    return frame[missing.index > after]


def _before(values: pd.Series) -> pd.Series:
    return values.rolling(HISTORY, min_periods=1).sum().shift(APART)


def _chance(missing, tickets, share, alike, asked, weeks, at: int) -> float:
    """The chance of so many missing, by the week alone and by the weeks up to it."""
    from scipy.stats import betabinom

    tails, mean = [], share.iloc[at]
    for span in SUMS:
        some = slice(at - span + 1, at + 1)
        doubt = 1 / asked.iloc[at] + alike.iloc[at] * (1 / span + 1 / weeks.iloc[at])
        precision = 1 / min(doubt, 0.99) - 1
        held = missing.iloc[some].sum(), tickets.iloc[some].sum()
        tails.append(betabinom.sf(held[0] - 1, held[1], mean * precision, (1 - mean) * precision))
    return float(min(min(tails) * len(SUMS), 1))
