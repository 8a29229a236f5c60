"""Solved, or gone silent? What became of customers by whether their issue was solved, in results.

They take the rows of silent_customers.silence_cohort. A description: silence is not contentment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes
from cxresearch.study.results import Result
from cxresearch.study.words import LEAVING, RETURNING, Words, side, view
from cxresearch.survival import against_rest, at_days
from cxresearch.survival import cumulative_incidence as incidence

QUARTER, HALF_A_YEAR = 90, 180  # days
SOLVED = ("solved in time", "solved")
FATES = (  # what, how a cohort's status counts it, and its sign
    ("silent", {0: 0, 1: 1, 2: 1}, -1),  # one less the share with any end
    ("wrote again", {0: 0, 1: 1, 2: 2}, 1),
    ("left", {0: 0, 1: 2, 2: 1}, 1),
)
SEEN = {LEAVING: ("wrote again", "left"), RETURNING: ("wrote again",)}


@dataclass(frozen=True, eq=False)
class Silent(Result):
    """Each group by a day after the landmark: group, customers, silent (share still there, or not
    seen to leave, and without a further ticket), low, high, wrote again, left (shares; the three
    add up to 1)."""

    words: Words
    day: int = QUARTER

    def table(self) -> pd.DataFrame:
        """What became of each group by then, in percent; who left only where that can be seen."""
        shown = view(self.frame, "group", "customers", "silent ±.1%")
        seen = SEEN[self.words]
        return shown.assign(**{f"{what} %": 100 * self.frame[what].to_numpy() for what in seen})


@dataclass(frozen=True, eq=False)
class ExcessSilence(Result):
    """What became of those whose issue was not solved less what became of the solved, a row each
    (silent, wrote again, left): not solved, solved (shares), difference, low, high, p, verdict."""

    words: Words
    day: int = QUARTER

    def said(self, row: str = "") -> Finding | CannotTell:
        """Excess silence of the unsolved over the solved, and whether it is clear."""
        row = self.frame.loc["silent"]
        said = (
            f"Of those whose issue was not solved, {row['not solved']:.1%} were silent "
            f"{self.day} days on; of those whose issue was, {row['solved']:.1%}. The difference is "
            f"{100 * row['difference']:+.1f} points (95% interval {100 * row['low']:+.1f} to "
            f"{100 * row['high']:+.1f})"
        )
        more = {
            "more": "So some of that silence goes with not being helped.",
            "less": "So silence is no sign of giving up: who was not helped writes again, or "
            "leaves, more often.",
        }
        if row["verdict"] not in more:
            return CannotTell(f"whether the unsolved went away rather than were content. {said}.")
        numbers = {k: float(row[k]) for k in ("not solved", "solved", "difference", "low", "high")}
        return Finding(f"{said}. {more[row['verdict']]}", numbers)


@cannot_tell_passes
def silent(cohort: pd.DataFrame, words: Words = LEAVING, day: int = QUARTER) -> Silent:
    """Who is silent by a day after the landmark, by group."""
    return Silent(_fates(cohort, day), words, day)


@cannot_tell_passes
def afterwards(
    cohort: pd.DataFrame, words: Words = LEAVING, day: int = QUARTER, later: int = HALF_A_YEAR
) -> Silent | CannotTell:
    """What became of those who were silent on a day, so many days later still."""
    still = cohort[cohort["time"] > day]
    if still.empty:
        return CannotTell("what became of the silent: nobody was watched so long.")
    return Silent(_fates(still.assign(time=still["time"] - day), later), words, later)


@cannot_tell_passes
def excess_silence(
    cohort: pd.DataFrame, words: Words = LEAVING, day: int = QUARTER
) -> ExcessSilence | CannotTell:
    """What became of the unsolved against the solved by a day after the landmark.

    Errors are by customer; what everybody or nobody did has no p.
    """
    pair = cohort.assign(group=np.where(cohort["group"].isin(SOLVED), "solved", "not solved"))
    if pair["group"].nunique() < 2 or pair.groupby("group")["time"].max().min() < day:
        return CannotTell("whether the unsolved fall silent more: a group was not watched so long.")
    shares, rows = _fates(pair, day).set_index("group"), {}
    for what, status, sign in FATES:
        seen = pair.assign(status=pair["status"].map(status))
        gap = against_rest(seen, "group", day).set_index("group").loc["not solved"]
        low, high = sorted([sign * gap["low"], sign * gap["high"]])
        gaps = {"difference": sign * gap["difference"], "low": low, "high": high, "p": gap["p"]}
        rows[what] = {**shares[what], **gaps}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return ExcessSilence(frame.assign(verdict=side(frame["low"], frame["high"], 0)), words, day)


def _fates(cohort: pd.DataFrame, day: int) -> pd.DataFrame:
    """What became of each group by a day: the frame of a Silent."""
    any_end, wrote, gone = (
        at_days(
            incidence(cohort.assign(status=cohort["status"].map(status)), "group"), "group", [day]
        ).set_index("group")
        for _, status, _ in FATES
    )
    shares = {
        "silent": 1 - any_end["share"],
        "low": 1 - any_end["high"],
        "high": 1 - any_end["low"],
    }
    shares |= {"wrote again": wrote["share"], "left": gone["share"]}
    return pd.DataFrame({"customers": cohort.groupby("group").size(), **shares}).reset_index()
