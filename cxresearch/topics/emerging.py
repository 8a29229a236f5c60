"""Which topics surge: the weekly counts of each against its own recent history.

As diseases are watched (Farrington et al. 1996, J R Stat Soc A 159; Noufaily et al. 2013, Stat Med
32): a negative binomial forecast, made from weeks that did not surge themselves.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxresearch.study.intervals import of_many
from cxresearch.study.schema import InputError

HISTORY, LEAST, APART = 26, 12, 4  # weeks of history, the fewest of them, weeks left out between
SUMS = (1, 2, 4)  # so many weeks are also judged together, or small topics would never be seen
ALONE = 0.05  # a week must be this rare by itself too, or a surge would outlast its end
YEAR, NEAR, DOUBT = 52, 2, 10  # season: the same weeks of two years, shrunk by ten tickets
PASSES = 12
WEEK = pd.Timedelta(weeks=1)
EARLIER, PAUSE = 8, 2  # weeks that an onset may lie before its flag; weeks that part two surges
RATIOS = np.geomspace(1.2, 20, 40)
TIME = "datetime64[us, UTC]"
SURGE = {
    "topic": "int64",
    **dict.fromkeys(["onset", "low", "high", "last"], TIME),
    "tickets": "int64",
    **dict.fromkeys(["ratio", "ratio_low", "ratio_high"], "float64"),
}


def emerging(
    created_at: pd.Series,
    labels: Sequence[int],
    *,
    since: pd.Timestamp | None = None,
    until: pd.Timestamp | None = None,
    rate: float = 0.05,
) -> pd.DataFrame:
    """One row a topic and week (its Monday): topic, week, count, expected, dispersion, seasonal, p,
    q, flagged, and where flagged onset, onset_low, onset_high.

    flagged: more than the topic's history explains, at this false-discovery rate over all topics
    and weeks (q, Benjamini and Hochberg 1995), in a surge whose ratio's interval excludes one. p is
    null where a week is not over by until (else
    the last ticket) or has less than 12 weeks of history; weeks begun before since (else the first
    ticket) are left out, and labels below 0 are no topics. A level that lasts becomes the history.
    seasonal: the expectation knows the time of the year, which takes three years.
    """
    counts = _weekly(created_at, labels, since)
    whole = np.asarray(counts.index + WEEK <= (until or created_at.max()))[:, None]
    flagged = np.zeros(counts.shape, dtype=bool)
    own = _between_neighbours(counts[whole[:, 0]])
    dispersion = own.clip(lower=own.median())
    for _ in range(PASSES):
        usual = ~flagged & whole
        forecast = _forecast(counts, usual, dispersion)
        p = _beyond(counts, forecast, dispersion).where(whole & forecast["known"])
        q, before = _false_discovery(p), flagged
        flagged = (q <= rate).to_numpy()
        if (flagged == before).all():
            break
        dispersion = own.clip(lower=_of_errors(counts, forecast, ~flagged & p.notna()))
    expected = forecast["expected"].where(forecast["known"])
    columns = {"count": counts, "expected": expected, "p": p, "q": q}
    rows = _long(columns | {"seasonal": forecast["seasonal"], "flagged": q <= rate})
    return _with_onsets(rows.assign(dispersion=rows["topic"].map(dispersion)))


def thinner(
    created_at: pd.Series, *, since: pd.Timestamp | None = None, until: pd.Timestamp | None = None
) -> pd.DataFrame:
    """One row a whole week until a moment (its Monday), also after the last ticket: week, count of
    all tickets, expected by the weeks before as in emerging, and p, the chance of so few or fewer;
    null where fewer than 12 weeks came before."""
    end = until or created_at.max()
    counts = _weekly(created_at, np.zeros(len(created_at), dtype=int), since)
    if counts.empty:
        return pd.DataFrame(columns=["week", "count", "expected", "p"])
    weeks = pd.date_range(counts.index[0], end - WEEK, freq=WEEK, name="week").as_unit("us")
    counts = counts.reindex(weeks, fill_value=0)
    usual, own = counts.notna(), _between_neighbours(counts)
    first = _forecast(counts, usual, own)
    dispersion = own.clip(lower=_of_errors(counts, first, first["known"]))
    forecast = _forecast(counts, usual, dispersion)
    columns = {"expected": forecast["expected"], "p": _beyond(counts, forecast, dispersion, True)}
    rows = _long({"count": counts} | {n: v.where(forecast["known"]) for n, v in columns.items()})
    return rows.drop(columns="topic")


def surges(rows: pd.DataFrame) -> pd.DataFrame:
    """Each surge in the rows of emerging(): topic, onset, low, high, last, tickets, ratio,
    ratio_low, ratio_high, ongoing. Of rows with other flags, the surges that these make.

    From low to high the onset lies with 95% probability, if the topic rose at once. ratio is of
    tickets counted to tickets expected from onset to the last flagged week; it reads a little high,
    because weeks are flagged for being high. ongoing: the last whole week is flagged.
    """
    last = rows.loc[rows["p"].notna(), "week"].max()
    surge_rows = [
        _surge(topic, of.set_index("week"), episode)
        for topic, of in rows.groupby("topic")
        for episode in _episodes(of.loc[of["flagged"], "week"])
    ]
    frame = pd.DataFrame(surge_rows, columns=list(SURGE)).astype(SURGE)
    frame = frame.assign(ongoing=frame["last"] == last)
    return frame.sort_values(["onset", "topic"], ascending=[False, True], ignore_index=True)


def _weekly(created_at: pd.Series, labels: Sequence[int], since) -> pd.DataFrame:
    """Tickets by week and topic, a row for every week from the first whole one on."""
    if len(created_at) != len(labels):
        raise InputError(f"{len(created_at):,} times but {len(labels):,} labels: give one each.")
    day = pd.DatetimeIndex(created_at).tz_convert("UTC").normalize()
    week = day - pd.to_timedelta(day.day_of_week, unit="D")
    first = pd.Timestamp(since or created_at.min()).tz_convert("UTC")
    topics = pd.Series(np.asarray(labels, dtype=np.int64), name="topic")
    told = (topics >= 0).to_numpy() & (week >= first)
    counts = pd.crosstab(week[told].rename("week"), topics[told].to_numpy(), colnames=["topic"])
    weeks = pd.date_range(counts.index.min(), week.max(), freq=WEEK) if told.any() else counts.index
    return counts.reindex(pd.DatetimeIndex(weeks, name="week").as_unit("us"), fill_value=0)


def _forecast(counts, usual, dispersion) -> dict[str, pd.DataFrame]:
    """What each week should hold by its history: expected, its season (1 = as any week), the
    squared relative error of the expected (doubt), whether it is known and seasonal."""
    season, unsure = _season(counts, dispersion)
    seasonal = season.notna().rolling(HISTORY + APART).min().eq(1)
    before = _history(counts * usual) + 0.5
    weeks = _history(usual + counts * 0.0)
    weighed = _history((season * usual).fillna(0)).where(seasonal, weeks)
    season, unsure = season.where(seasonal, 1.0), unsure.where(seasonal, 0.0)
    return {
        "expected": before / weighed * season,
        "season": season,
        "doubt": 1 / before + dispersion / weeks + unsure,
        "known": weeks >= LEAST,
        "seasonal": seasonal,
    }


def _history(values: pd.DataFrame) -> pd.DataFrame:
    return values.rolling(HISTORY, min_periods=1).sum().shift(APART)


def _season(counts: pd.DataFrame, dispersion: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How many times the yearly mean a week should hold, as far as both years before agree, and the
    squared relative error of that; null where two years are not there."""
    near = counts.rolling(2 * NEAR + 1, center=True).sum() + DOUBT
    usual = counts.rolling(YEAR, center=True).mean() * (2 * NEAR + 1) + DOUBT
    last, before = ((near / usual).shift(years * YEAR) for years in (1, 2))
    season = np.median([last, before, np.ones(counts.shape)], axis=0)  # null if any is
    unsure = 1 / (near.shift(YEAR) + near.shift(2 * YEAR)) + dispersion / (4 * NEAR + 2)
    return pd.DataFrame(season, counts.index, counts.columns), unsure


def _beyond(counts, forecast, dispersion, fewer: bool = False) -> pd.DataFrame:
    """The chance of as many tickets or more (or of as few or fewer), by the week alone and by the
    weeks up to it."""
    from scipy.stats import nbinom

    tails, season = [], forecast["season"]
    for weeks in SUMS:
        mean = forecast["expected"] / season * season.rolling(weeks, 1).sum()
        size = 1 / (forecast["doubt"] + dispersion / weeks)
        held, share = counts.rolling(weeks, 1).sum(), size / (size + mean)
        tails.append(nbinom.cdf(held, size, share) if fewer else nbinom.sf(held - 1, size, share))
    p = np.minimum(np.min(tails, axis=0) * len(SUMS), 1)
    p = np.where(tails[0] <= ALONE, p, np.maximum(p, tails[0]))
    return pd.DataFrame(p, counts.index, counts.columns)


def _false_discovery(p: pd.DataFrame) -> pd.DataFrame:
    q = of_many(p.to_numpy().ravel(), "fdr_bh").reshape(p.shape)
    return pd.DataFrame(q, p.index, p.columns)


def _between_neighbours(counts: pd.DataFrame) -> pd.Series:
    """Each topic's dispersion by how far a week lies from the one before, which a lasting rise
    hardly moves."""
    mean = counts.mean()
    beyond = (counts.diff().pow(2).mean() / 2 - mean) / mean.pow(2)
    return beyond.replace([np.inf, -np.inf], np.nan).fillna(0).clip(lower=0)


def _of_errors(counts, forecast, usual) -> float:
    """The middle topic's dispersion by how far weeks that do not surge lie from their forecast.

    It knows slow drift, and no topic's dispersion counts as less, for of few weeks it is hardly
    known; a topic's own would take a surge not yet seen for noise.
    """
    expected = forecast["expected"].where(usual)
    share = expected.pow(2)
    beyond = (counts - expected).pow(2) - expected - share * forecast["doubt"]
    return max((beyond.sum() / share.sum()).fillna(0).median(), 0)


def _long(columns: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = pd.DataFrame({name: part.stack() for name, part in columns.items()})
    return rows.swaplevel().sort_index().reset_index()


def _with_onsets(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the onset of the surge that they are part of; without the flags of surges whose
    ratio may be one."""
    onsets = surges(rows).rename(columns={"low": "onset_low", "high": "onset_high"})
    onsets = onsets[["topic", "last", "onset", "onset_low", "onset_high", "ratio_low"]]
    flagged = rows.loc[rows["flagged"], ["topic", "week"]].sort_values("week")
    part = pd.merge_asof(flagged, onsets.sort_values("last"), left_on="week", right_on="last",
                         by="topic", direction="forward")  # fmt: skip
    part = part[part["ratio_low"] > 1].drop(columns=["last", "ratio_low"])
    rows = rows.merge(part, on=["topic", "week"], how="left")
    return rows.assign(flagged=rows["onset"].notna())


def _episodes(weeks: pd.Series) -> list[pd.Series]:
    """Flagged weeks of a topic, in groups that more than two other weeks part."""
    return [of for _, of in weeks.groupby((weeks.diff() > (PAUSE + 1) * WEEK).cumsum())]


def _surge(topic: int, of: pd.DataFrame, episode: pd.Series) -> tuple:
    """A surge's row: where its onset lies, and how many times the expected it brought.

    Every week from some before the first flag to the last is as likely an onset as another; the
    counts, negative binomial before and after, tell them apart, whatever the ratio after.
    """
    last, beta = episode.max(), of["dispersion"].iloc[0]
    rows = of.loc[episode.min() - EARLIER * WEEK : last].dropna(subset="expected")
    chance = [_log_chance(rows, ratio, beta) for ratio in (1.0, *RATIOS)]
    before = np.r_[0, np.cumsum(chance[0])[:-1]]
    after = np.array([np.cumsum(each[::-1])[::-1] for each in chance[1:]])
    weight = np.exp(before + after - (before + after).max()).sum(axis=0)
    place = np.searchsorted(np.cumsum(weight) / weight.sum(), [0.5, 0.025, 0.975])
    onset, low, high = rows.index[np.minimum(place, len(rows) - 1)]
    since = rows.loc[onset:]
    count, expected = since["count"].sum(), since["expected"].sum()
    error = np.sqrt(1 / count + beta / len(since) + 1 / (expected / len(since) * HISTORY))
    limits = [count / expected * np.exp(z * 1.96 * error) for z in (0, -1, 1)]
    return topic, onset, low, high, last, count, *limits


def _log_chance(rows: pd.DataFrame, ratio: float, dispersion: float) -> np.ndarray:
    from scipy.stats import nbinom

    size = 1 / max(dispersion, 1e-9)
    return nbinom.logpmf(rows["count"], size, size / (size + ratio * rows["expected"]))
