"""Rows, as one frame or as partitions of whole customers, read as the risk sets of a Cox model.

A frame is one partition that stays. Others are read twice before the first step (event times,
strata and levels of factors; then the means of covariates), and twice at each.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cxresearch.study.schema import InputError
from cxresearch.survival.design import design, floats, levels_shown, matrix, refuse_missing
from cxresearch.survival.fitted import numbers
from cxresearch.survival.risk_sets import EventTimes, Partition, RiskSets, event_times

Frames = Callable[[], Iterable[pd.DataFrame]]


@dataclass(frozen=True)
class Reading:
    """Partitions, read anew each time that one goes through them, one at a time."""

    frames: Frames
    covariates: object  # names, a formula, or what it is with the levels of all rows
    strata: list[str]
    offset: str | None
    weights: str | None
    cluster: str | None
    one: bool  # there is one, to be held
    levels: pd.DataFrame | None = None
    times: EventTimes | None = None
    centre: np.ndarray | float = 0.0

    def __iter__(self) -> Iterator[Partition]:
        return map(self.read, filter(len, self.frames()))

    def read(self, rows: pd.DataFrame) -> Partition:
        """What the model needs of these rows."""
        table, names = design(rows, self.covariates)
        refuse_missing(table, names)
        start, stop, event = (floats(rows, name) for name in ("start", "stop", "event"))
        number = numbers(self.levels, rows) if self.strata else None
        lo, hi, last = self.times.slices(start, stop, number)
        seen = lo < hi
        kept = slice(None) if seen.mean() > 0.9 else np.flatnonzero(seen)  # few cost less than so
        lo, hi, events = lo[kept], hi[kept], np.flatnonzero(event[kept])
        X = np.empty((len(names), len(lo)))
        for k, name in enumerate(names):
            X[k] = floats(table, name)[kept]
        X -= np.reshape(self.centre, (-1, 1))
        w = floats(rows, self.weights)[kept] if self.weights else np.broadcast_to(1.0, len(lo))
        shift = floats(rows, self.offset)[kept] if self.offset else 0.0
        codes, who = np.arange(len(rows)), rows.index
        if self.cluster:
            codes, who = pd.factorize(rows[self.cluster])
        return Partition(
            names, rows.index, kept, pd.Index(who), codes[kept], X, w, shift, lo, hi, events,
            hi[events] - 1, last, self.times,
        )  # fmt: skip

    def of_events(self, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """The rows with an event, the strata, and rows that show every level of a formula's
        factors; InputError if a column that is no covariate cannot be used."""
        extra = [name for name in (self.cluster, self.offset, self.weights) if name]
        used = list(dict.fromkeys([*self.strata, *extra, "start", "stop", "event"]))
        refuse_missing(rows, used)
        start, stop, event = (floats(rows, name) for name in ("start", "stop", "event"))
        if not (start < stop).all():
            raise InputError("An episode must start before it stops: drop or mend the empty ones.")
        if not np.isin(event, (0, 1)).all():
            raise InputError("'event' must be 1 where the customer left at stop, else 0.")
        if self.weights and not (floats(rows, self.weights) > 0).all():
            said = "must be above 0: drop the episodes that weigh nothing."
            raise InputError(f"'{self.weights}' {said}")
        levels = rows[self.strata].drop_duplicates() if self.strata else rows.iloc[:1, :0]
        formula = isinstance(self.covariates, str) and not self.one
        shown = levels_shown(rows, self.covariates) if formula else levels.iloc[:, :0]
        return rows.loc[event == 1, used], levels, shown


def risk_sets(reading: Reading, ties: str) -> tuple[RiskSets, list[str], pd.DataFrame]:
    """The risk sets, the covariates' names, and the strata in the order of their numbers."""
    first = list(map(reading.of_events, filter(len, reading.frames())))
    if not any(len(events) for events, _, _ in first):
        raise InputError("Nobody left while at risk: there is no event to model.")
    events, levels, shown = map(pd.concat, zip(*first, strict=True))
    levels, cluster = levels.drop_duplicates(), reading.cluster
    if len(shown.columns):
        reading = replace(reading, covariates=matrix(shown, reading.covariates).model_spec)
    weights = events[reading.weights].to_numpy(float) if reading.weights else np.ones(len(events))
    number = numbers(levels, events) if reading.strata else None
    times = event_times(events["stop"].to_numpy(float), number, weights, ties)
    reading = replace(reading, levels=levels, times=times)
    parts = tuple(reading) if reading.one else reading
    facts = zip(*map(_facts, parts), strict=True)
    names, rows, size, total, least, most, last, who = facts
    if cluster and pd.Series(np.concatenate(who)).duplicated().any():
        raise InputError(f"Partitions share a '{cluster}': put all rows of one into the same.")
    centre, spread = sum(total) / sum(size), np.max(most, axis=0) - np.min(least, axis=0)
    if reading.one:
        np.subtract(parts[0].X, centre[:, None], out=parts[0].X)
    else:
        parts = replace(reading, centre=centre)
    sets = RiskSets(times, parts, times.gone(sum(last)), centre, spread, sum(rows), sum(size))
    return sets, names[0], levels


def _facts(part: Partition) -> tuple:
    """What is asked of all partitions before they are centred; the clusters as hashes."""
    X, least = part.X, part.X.min(axis=1, initial=np.inf)
    most = X.max(axis=1, initial=-np.inf)
    who = pd.util.hash_pandas_object(part.who, index=False)
    return part.names, len(part.rows), X.shape[1], X.sum(axis=1), least, most, part.last, who
