"""Did a rate change on a day? Counts of one unit before and after it, beside those of the others.

What the others did over the same periods is taken off, as in a difference in differences of logs.
How far such a difference strays when nothing happened is read from placebos: each other unit, at
each date on which as many periods can be seen before and after (Abadie, Diamond and Hainmueller
2010, JASA 105; for few treated groups Conley and Taber 2011, Review of Economics and Statistics
93). The interval holds the ratios that the placebos do not reject.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.study.answers import CannotTell
from cxresearch.study.intervals import LEVEL, difference, z

WEEKS = 4  # of a period: as many of each weekday in all
BEFORE, AFTER = 7, 2  # the fewest periods of four weeks: six months before, two after
CHOSEN = 3  # the periods before the day, on which it was chosen: a peak there falls back by itself
FEWEST, OTHERS = 10, 5  # counts before, other units
SEEN = 0.8  # the chance with which the smallest drop would be seen
DROPS = np.arange(0.01, 1, 0.01)


@dataclass(frozen=True)
class RateRatio:
    """A rate after the day over what the others let expect, with low and high (95%).

    before, after: counts. others: their own ratio. peak: the rate in the last periods before the
    day over that before them, likewise beside the others; left_out: how many of these were left
    out. placebos: their number. spread: the standard deviation of log ratios beyond chance.
    """

    ratio: float
    low: float
    high: float
    before: float
    after: float
    others: float
    peak: float
    left_out: int
    placebos: int
    spread: float


@dataclass(frozen=True)
class _Windows:
    """Counts k and exposure n of units by date, before (0) and after (1); is k a share of n?"""

    k0: np.ndarray
    n0: np.ndarray
    k1: np.ndarray
    n1: np.ndarray
    share: bool

    @property
    def expected(self) -> np.ndarray:
        """What would come after at the rate before."""
        return self.k0 * self.n1 / np.maximum(self.n0, 1e-9)

    def noise(self) -> np.ndarray:
        """The variance of the log of each unit's own ratio by chance (Poisson, or binomial)."""
        of = (self.k0 + self.k1) / np.maximum(self.n0 + self.n1, 1e-9)
        by_chance = 1 / (self.k0 + 0.5) + 1 / (self.k1 + 0.5)
        return by_chance * (1 - np.minimum(of, 1)) if self.share else by_chance

    def logs(self) -> np.ndarray:
        """The log of each unit's own ratio; half a count is added, so that none has none."""
        rates = np.log((self.k1 + 0.5) / (self.k0 + 0.5))
        return rates - np.log(np.maximum(self.n1, 1e-9) / np.maximum(self.n0, 1e-9))


def rate_ratio(
    counts: pd.DataFrame,
    treated: list[str],
    of: pd.DataFrame | None = None,
    apart: bool = True,
    least: int = OTHERS,
) -> RateRatio | CannotTell:
    """The rate of the treated units since period 0 over what the others let expect.

    counts has a row a period (consecutive numbers, 0 the first after the day) and a column a unit;
    of, alike, how many each count is a share of (without it, each period is one of exposure).
    Where the last periods before the day were surely a peak, they are left out, if seven others are
    there: the treated may have been chosen for it. The interval holds both ways of counting then;
    apart=False never leaves any out. The interval of a share reaches as far as that against its own
    past alone does: a fix can free agents for the others. A CannotTell where fewer than 7 periods
    before, 2 after, 10 counts before or so many other units as least are seen.
    """
    start, others = int((counts.index < 0).sum()), _others(counts, treated)
    after = len(counts) - start
    if lacks := _lacks(counts, start, after, treated, len(others), least):
        return lacks
    left = max(min(CHOSEN, start - BEFORE), 0) if apart else 0
    peak, peak_low = _peak(counts, of, treated, others, start, left)
    left = left if peak_low > 1 else 0
    made = [_ratio(counts, of, treated, others, start, after, out) for out in sorted({0, left})]
    log, _, own, rest, null = made[-1]
    low, high = np.exp(min(m[1][0] for m in made)), np.exp(max(m[1][1] for m in made))
    return RateRatio(
        float(np.exp(log)), float(low), float(high), float(own.k0.sum()), float(own.k1.sum()),
        float(rest.k1.sum() / max(rest.expected.sum(), 1e-9)), peak, left, null.placebos,
        null.spread,
    )  # fmt: skip


def _ratio(counts, of, treated, others, start: int, after: int, left: int):
    """The log ratio with so many periods left out, and the ends of its interval; the windows of the
    treated and of the others, and the placebos."""
    null = _null(counts, of, others, start, after, left)
    own, rest = _windows(counts, of, treated, others, start, after, left)
    log, noise, parts = _beside(own, rest)
    far = null.reach * np.sqrt(noise + parts * null.spread**2)
    ends = [log - far, log + far]
    if of is not None:  # whoever works on the others may have been freed: its own past counts too
        alone = _alone(own, null)
        ends = [min(ends[0], alone[0]), max(ends[1], alone[1])]
    return log, ends, own, rest, null


def times(one: RateRatio, other: RateRatio) -> dict[str, float]:
    """The product of two ratios with its low and high, taken as independent (Zou and Donner 2008,
    Statistics in Medicine 27)."""
    logs = [np.log([of.ratio, of.low, of.high]) for of in (one, other)]
    log, low, high = difference(logs[0], -logs[1][[0, 2, 1]])
    return {name: float(np.exp(v)) for name, v in zip(("ratio", "low", "high"), (log, low, high),
                                                      strict=True)}  # fmt: skip


def smallest_drop(
    counts: pd.DataFrame, treated: list[str], after: int, of: pd.DataFrame | None = None
) -> float:
    """The smallest drop that so many periods after the day would show four times in five, from what
    was known before it: its whole interval would lie below one. Null where no drop would, or too
    little was known."""
    from scipy.special import ndtri

    before = counts[counts.index < 0]
    of = of if of is None else of[of.index < 0]
    others, start = _others(counts, treated), len(before)
    shorter = min(after, start - BEFORE)
    if shorter < 1 or before[treated].sum().sum() < FEWEST or len(others) < OTHERS:
        return np.nan
    null = _null(before, of, others, start - shorter, shorter, 0)
    more = after / start
    own, rest = (_as_before(before, of, units, start, more) for units in (treated, others))
    for drop in DROPS:
        fallen = _Windows(own.k0, own.n0, (1 - drop) * own.expected, own.n1, own.share)
        _, noise, parts = _beside(fallen, rest)
        error = np.sqrt(noise + parts * null.spread**2)
        if -np.log(1 - drop) >= (null.reach + ndtri(SEEN)) * error:
            return float(round(drop, 2))
    return np.nan


@dataclass(frozen=True)
class _Null:
    """What placebos say: the standard deviation of log ratios beyond chance, how many standard
    errors an interval reaches, and how many there are."""

    spread: float
    reach: float
    placebos: int


def _lacks(counts, start, after, treated, others, least) -> CannotTell | None:
    before = counts.loc[counts.index < 0, treated].sum().sum()
    if start < BEFORE:
        return CannotTell(f"only {WEEKS * start} whole weeks before it are known; it takes "
                          f"{WEEKS * BEFORE}.")  # fmt: skip
    if after < AFTER:
        return CannotTell(f"only {WEEKS * after} whole weeks since can be seen; it takes "
                          f"{WEEKS * AFTER}.")  # fmt: skip
    if before < FEWEST:
        return CannotTell(f"only {before:.0f} were counted before it; it takes {FEWEST}.")
    if others < least:
        return CannotTell(f"only {others} others had {FEWEST} or more before it, to compare with; "
                          f"it takes {least}.")  # fmt: skip
    return None


def _others(counts: pd.DataFrame, treated: list[str]) -> pd.Index:
    """The units to compare with: those with enough counts before the day."""
    enough = counts[counts.index < 0].sum() >= FEWEST
    return counts.columns[enough].difference(treated)


def _sums(frame: pd.DataFrame, units, dates: np.ndarray, after: int, left: int):
    """Sums before and after each date: arrays of dates by units."""
    total = np.vstack([np.zeros(len(units)), frame[list(units)].to_numpy(float).cumsum(axis=0)])
    return total[dates - left], total[dates + after] - total[dates]


def _at(counts, of, units, dates: np.ndarray, after: int, left: int) -> _Windows:
    k0, k1 = _sums(counts, units, dates, after, left)
    if of is None:
        n0, n1 = np.broadcast_to((dates - left)[:, None], k0.shape), np.full(k1.shape, after)
    else:
        n0, n1 = _sums(of, units, dates, after, left)
    return _Windows(k0, n0.astype(float), k1, n1.astype(float), of is not None)


def _windows(counts, of, treated, others, start, after, left) -> tuple[_Windows, _Windows]:
    """Those of the treated and of the others at one date."""
    date = np.array([start])
    own, rest = (_at(counts, of, units, date, after, left) for units in (treated, others))
    return own, rest


def _beside(own: _Windows, rest: _Windows) -> tuple[float, float, float]:
    """The log ratio of the treated together beside that of the rest, its variance by chance, and
    how many independent deviations of single units are in it."""
    units = _Windows(*(np.sum(v, keepdims=True) for v in (own.k0, own.n0, own.k1, own.n1)),
                     own.share)  # fmt: skip
    if not own.share:
        units = _Windows(units.k0, own.n0[:, :1], units.k1, own.n1[:, :1], False)
    log, noise, parts = (float(v.squeeze()) for v in _of_rest(rest))
    weight = own.k0 / max(own.k0.sum(), 1e-9)
    own_log, own_noise = float(units.logs().squeeze()), float(units.noise().squeeze())
    return own_log - log, own_noise + noise, float((weight**2).sum()) + parts


def _alone(own: _Windows, null: _Null) -> tuple[float, float]:
    """low and high of the treated together against their own past."""
    units = _Windows(*(np.sum(v, keepdims=True) for v in (own.k0, own.n0, own.k1, own.n1)), True)
    log = float(units.logs().squeeze())
    far = null.reach * float(np.sqrt(units.noise().squeeze() + null.spread**2))
    return log - far, log + far


def _of_rest(rest: _Windows, without: bool = False):
    """By date, the log ratio of all units together to what their rates before let expect, its
    variance, and the sum of their squared weights; without, by unit that is left out of it."""
    by = rest.n1 / np.maximum(rest.n0, 1e-9)
    mean = np.minimum(rest.k1.sum(1) / np.maximum(rest.n1.sum(1), 1e-9), 1)[:, None]
    sums = (rest.k1, rest.expected, by**2 * rest.k0, rest.expected**2)
    totals = [v.sum(1, keepdims=True) - (v if without else 0) for v in sums]
    after, expected, spread, squares = (np.maximum(total, 1e-9) for total in totals)
    noise = 1 / (after + 0.5) + spread / expected**2
    noise = noise * (1 - mean) if rest.share else noise
    return np.log((after + 0.5) / (expected + 0.5)), noise, squares / expected**2


def _null(counts, of, others, start: int, after: int, left: int) -> _Null:
    """Each other unit beside the rest of them at each date up to start."""
    from scipy.stats import t

    dates = np.arange(BEFORE + left, start + 1)
    every = _at(counts, of, others, dates, after, left)
    rest, noise, parts = _of_rest(every, without=True)
    log, noise, parts = every.logs() - rest, every.noise() + noise, 1 + parts
    told = (every.k0 > 0) & (every.n0 > 0) & (every.n1 > 0)
    log, noise, parts = log[told], noise[told], parts[told]
    beyond = ((log**2 - noise) / noise).sum() / (parts / noise).sum()
    spread = np.sqrt(max(beyond, 0.0))
    apart = len(others) * (1 + (len(dates) - 1) / after)  # windows that overlap are not two
    far = np.abs(log) / np.sqrt(noise + parts * spread**2)
    rank = np.quantile(far, min(LEVEL * (1 + 1 / apart), 1.0))
    return _Null(float(spread), float(max(t.ppf(0.5 + LEVEL / 2, apart - 1), rank)), len(far))


def _peak(counts, of, treated, others, start: int, left: int) -> tuple[float, float]:
    """The rate in the last periods before the day, over that before them, beside the others; with
    its low."""
    if not left:
        return np.nan, np.nan
    null = _null(counts, of, others, start - left, left, 0)
    own, rest = _windows(counts, of, treated, others, start - left, left, 0)
    log, noise, parts = _beside(own, rest)
    return float(np.exp(log)), float(np.exp(log - z() * np.sqrt(noise + parts * null.spread**2)))


def _as_before(counts, of, units, periods: int, more: float) -> _Windows:
    """A window before a day, and so many times as long a one after it at the same rate."""
    k0 = counts[list(units)].to_numpy(float)[:periods].sum(0, keepdims=True)
    n0 = np.full(k0.shape, float(periods))
    if of is not None:
        n0 = of[list(units)].to_numpy(float)[:periods].sum(0, keepdims=True)
    return _Windows(k0, n0, more * k0, more * n0, of is not None)
