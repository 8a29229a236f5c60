"""Is the clock right: hours of the day, weekends, and days on which nothing came in.

All on the clocks of the study's time zone.
"""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from cxresearch.study.study import Study

CLEAR = 25
WEEKS_AROUND = 17
EXPECTED_IN_GAP = 20


def hours(study: Study) -> pd.DataFrame:
    """Share of each quarter's tickets by hour of creation: quarters × hours."""
    counts = _by_hour(study)
    return counts.div(counts.sum(axis=1), axis=0)


def clock_jumps(study: Study, hours_apart: float = 3.0) -> pd.DataFrame:
    """Quarters whose mean hour of creation jumped against the quarter before: from, to, hours.

    The mean is circular (the direction of the sum of the hours as arrows on a clock). People do
    not change their day by hours; a clock, a time zone or a bulk import does. Quarters whose hours
    point nowhere (few tickets, or customers all around the world) are passed over: their mean is
    noise. Pointing somewhere is Rayleigh's statistic, the sum's squared length over the number of
    tickets, of 25 or more; the mean is then known to well under an hour.
    """
    counts = _by_hour(study)
    arrows = counts.to_numpy() @ np.exp(2j * np.pi * np.arange(24) / 24)
    points = np.abs(arrows) ** 2 / counts.sum(axis=1) >= CLEAR
    mean = pd.Series(np.angle(arrows) * 24 / (2 * np.pi), index=counts.index)[points]
    jump = (mean.diff() + 12) % 24 - 12
    rows = pd.DataFrame({"from": mean.index.to_series().shift(), "to": mean.index, "hours": jump})
    return rows[rows["hours"].abs() >= hours_apart].reset_index(drop=True)


def weekends(study: Study) -> pd.DataFrame:
    """Share of each quarter's tickets created on a Saturday or Sunday: weekend, tickets, share."""
    created = _created(study)
    found = (created.dt.day_of_week >= 5).groupby(_quarter(created)).agg(["sum", "size"])
    found.columns = ["weekend", "tickets"]
    return found.assign(share=found["weekend"] / found["tickets"])


def weekend_jumps(study: Study, apart: float = 0.05) -> pd.DataFrame:
    """Quarters in which the share of weekends jumped: from, to, share before, share.

    A jump is a difference of five points that chance does not make: the 99.9% intervals of the two
    shares (Wilson) do not touch. Weekends that begin or end at a point are a new shift, or an
    export, a queue or a mailbox that left them out.
    """
    found = weekends(study)
    low, high = proportion_confint(found["weekend"], found["tickets"], 0.001, method="wilson")
    before = found["share"].shift()
    clear = (low > high.shift()) | (high < low.shift())
    rows = pd.DataFrame(
        {"from": found.index.to_series().shift(), "to": found.index, "share before": before,
         "share": found["share"]}
    )  # fmt: skip
    return rows[clear & ((found["share"] - before).abs() >= apart)].reset_index(drop=True)


def gaps(study: Study) -> pd.DataFrame:
    """Days in a row without a ticket where many were to be expected: from, to, days, expected.

    To be expected is what the same days of the week bring on average, eight weeks before and after;
    a gap is where that is 20 tickets or more. A closed desk makes one, and so does a lost file.
    """
    each = _created(study).dt.tz_localize(None).dt.normalize().value_counts()
    each = each.reindex(pd.date_range(each.index.min(), each.index.max()), fill_value=0)
    usual = each.groupby(each.index.day_of_week, group_keys=False).apply(
        lambda days: days.rolling(WEEKS_AROUND, center=True, min_periods=1).mean()
    )
    quiet = pd.DataFrame({"day": each.index, "expected": usual.sort_index().to_numpy()})
    run = (each.to_numpy() > 0).cumsum()
    quiet = quiet[each.to_numpy() == 0].groupby(run[each.to_numpy() == 0])
    found = quiet.agg(
        **{"from": ("day", "min"), "to": ("day", "max"), "days": ("day", "size"),
           "expected": ("expected", "sum")}
    )  # fmt: skip
    return found[found["expected"] >= EXPECTED_IN_GAP].reset_index(drop=True)


def _created(study: Study) -> pd.Series:
    return study.tickets["created_at"].dt.tz_convert(study.settings.time_zone)


def _quarter(created: pd.Series) -> pd.Series:
    return created.dt.tz_localize(None).dt.to_period("Q").astype(str).rename("quarter")


def _by_hour(study: Study) -> pd.DataFrame:
    created = _created(study)
    counts = pd.crosstab(_quarter(created), created.dt.hour.rename("hour"))
    return counts.reindex(columns=range(24), fill_value=0)
