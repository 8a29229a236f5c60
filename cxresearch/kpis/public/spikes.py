"""Is a case going viral? Reviews within hours beyond what the weeks before let expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.kpis.public.reviewed import complaints, reviewed
from cxresearch.study import drawing
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.once import once
from cxresearch.study.results import Result
from cxresearch.study.study import Study
from cxresearch.study.words import view

HOURS, WEEKS, LEAST = 24, 8, 4  # window; weeks of history, the fewest of them
ENOUGH = 8  # reviews; fewer are a bad day, or a few people who post on several sites
ALARM = 0.05  # the chance of one false alarm or more in the whole time
COLUMNS = ["since", "until", "reviews", "usual", "stars", "cause", "share"]


@dataclass(frozen=True, eq=False)
class Spikes(Result):
    """Spikes, the newest first: since, until, reviews (in the fullest 24 hours), usual (in 24
    hours, by the eight weeks before), stars (mean), cause (the most frequent; null: none), share
    (of its reviews with a cause). counts are reviews by day, most the fullest 24 hours of all,
    until the end of what was watched."""

    counts: pd.Series
    most: int
    until: pd.Timestamp

    def said(self, row: str = "") -> Finding:
        """The newest spike, or that there was none."""
        if self.frame.empty:
            return finding(
                "No case went viral: at most {most} complaints came within {hours} hours.",
                most=self.most, hours=HOURS,
            )  # fmt: skip
        last = self.frame.iloc[0]
        whose = "All" if last["share"] == 1 else "{share:.0%}"
        about = f" {whose} of them are about {{cause}}." if pd.notna(last["cause"]) else ""
        going = pd.Timedelta(hours=HOURS) > self.until - last["until"]
        return finding(
            "**{reviews} complaints within a day**, from {since} on, where {usual:.1f} are "
            "usual." + about + (" It goes on." if going else " It is over."),
            reviews=int(last["reviews"]), usual=last["usual"], share=last["share"],
            since=f"{last['since']:%Y-%m-%d}", cause=str(last["cause"]),
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Each spike."""
        rows = self.frame.assign(**{end: self.frame[end].map("{:%Y-%m-%d %H:%M}".format)
                                    for end in ("since", "until")})  # fmt: skip
        return view(rows, "since", "until", "reviews as in 24 hours", "usual .1f",
                    "stars .1f", "cause as most about", "share .0% as share of these")  # fmt: skip

    def plot(self, ax: drawing.Axes | None = None) -> drawing.Axes:
        """Reviews by day, the days of a spike in orange."""
        ax = drawing.axes(2.8, ax)
        spiking = pd.Series(False, self.counts.index)
        for spike in self.frame.itertuples():
            spiking |= self.counts.index.to_series().between(spike.since.normalize(), spike.until)
        colours = np.where(spiking, drawing.WARN, drawing.ACCENT)
        ax.vlines(self.counts.index, 0, self.counts, colors=colours, lw=1.5)
        ax.set(ylim=(0, None), ylabel="reviews a day", xlabel="")
        n = len(self.frame)
        told = f"{n} {'spike' if n == 1 else 'spikes'} of reviews" if n else "No spike of reviews"
        drawing.title(ax, f"{told}; at most {self.most} within {HOURS} hours")
        return ax

    def described(self) -> str:
        """What lines are."""
        return "A line is a day, as high as reviews came on it; orange where they were a spike."


@once
def spikes(study: Study) -> Spikes | CannotTell:
    """24 hours with more reviews that complain than the eight weeks before let expect.

    Each review is asked how many others came in the 24 hours before it. They are judged by what a
    gamma-Poisson forecast of the history says (Jeffreys' prior), corrected for how often that is
    asked (Bonferroni): in all the time 5% of studies have a false alarm, or fewer, where complaints
    are at most one in two days. Of many more, days differ by more than chance, and alarms are more
    often false. Fewer than 8 reviews are no spike; a review with less than four weeks of history is
    not asked. Spikes that touch are one.
    """
    rows = reviewed(study)
    if isinstance(rows, CannotTell):
        return rows
    here_on = rows["written_at"].dt.tz_convert(study.settings.time_zone)
    rows = rows.assign(written_at=here_on)[complaints(rows)]
    if rows.empty:
        return CannotTell("whether a case went viral: no review complains.")
    at = rows["written_at"].dt.as_unit("s").astype("int64").to_numpy()
    day, week = HOURS * 3600, 7 * 86400
    here = np.arange(len(at)) - np.searchsorted(at, at - day, "right")
    begun = np.maximum(at - day - WEEKS * week, at[0])
    past = np.searchsorted(at, at - day, "right") - np.searchsorted(at, begun, "left")
    length = (at - day - begun) / day
    asked = length >= LEAST * week / day
    p = np.where(asked, _beyond(here, past, np.maximum(length, 1)), 1.0)
    alarms = np.flatnonzero((p * max(asked.sum(), 1) < ALARM) & (here + 1 >= ENOUGH))
    frame = pd.DataFrame(_joined(rows, at, alarms, here, past / np.maximum(length, 1)),
                         columns=COLUMNS)  # fmt: skip
    local = rows["written_at"].dt.normalize()
    days = pd.date_range(local.min(), local.max(), freq="D")
    counts = local.value_counts().reindex(days, fill_value=0)
    return Spikes(frame.iloc[::-1].reset_index(drop=True), counts, int(here.max()) + 1,
                  study.observed_until)  # fmt: skip


def _beyond(count: np.ndarray, past: np.ndarray, days: np.ndarray) -> np.ndarray:
    """The chance of so many or more in a day after so many in so many days."""
    from scipy.stats import nbinom

    return nbinom.sf(count - 1, past + 0.5, days / (days + 1))


def _joined(rows: pd.DataFrame, at, alarms: np.ndarray, here, usual) -> list[tuple]:
    """Alarms whose 24 hours touch, as one spike each."""
    apart = np.flatnonzero(np.diff(at[alarms]) > HOURS * 3600) + 1
    return [_spike(rows, part, here, usual) for part in np.split(alarms, apart) if len(part)]


def _spike(rows: pd.DataFrame, part: np.ndarray, here, usual) -> tuple:
    first = part[0] - here[part[0]]
    of = rows.iloc[first : part[-1] + 1]
    causes = of["cause"].value_counts()
    most = causes.index[0] if len(causes) else None
    share = causes.iloc[0] / causes.sum() if len(causes) else np.nan
    return (of["written_at"].iloc[0], of["written_at"].iloc[-1], int(here[part].max()) + 1,
            usual[part[0]], of["stars"].mean(), most, share)  # fmt: skip
