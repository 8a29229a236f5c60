"""The help desk's word of lateness beside ours, and which targets of its own may have given it.

A target of its own is guessed: one limit for all tickets of a priority. It stands only where it
rests on at least WORDS of each word and misses at most the share AMISS of either; else a difference
stays unexplained.
"""

import numpy as np
import pandas as pd

from cxresearch.kpis import desk_numbers as desk
from cxresearch.kpis.tidy import HOUR
from cxresearch.study.answers import CannotTell

WORDS, AMISS = 10, 0.05


def breaches(timed: pd.DataFrame | CannotTell, name: str) -> pd.DataFrame | CannotTell:
    """Is it late (0 or 1). timed is first_replies or resolutions, with what is known and due there:
    where its minutes say what the help desk's word says, the reason is theirs. Else its targets
    may be others: one for all tickets of a priority, over which all are late and under which none.
    """
    if isinstance(timed, CannotTell):
        return timed
    theirs = timed[f"vendor_{name}_breached"].astype(float)
    wait, late = timed["wait"], lambda of: of.gt(timed["limit"]).where(of.notna()).astype(float)
    ours, by_word, by_other = late(timed["wait"]), late(timed["theirs"]), late(timed["other"])
    known = (by_word == theirs) & ~timed["reason"].isin(["", desk.UNEXPLAINED])
    target, fits = _targets(timed, theirs, name)
    reason = np.select(
        [theirs == ours, theirs.isna(), ours.isna() & timed["out"].ne(""),
         ours.isna() & timed["own"], ours.isna(), known, np.isinf(wait) & theirs.eq(0),
         by_other == theirs, fits],
        ["", desk.UNTOLD, timed["out"], desk.EARLY, desk.UNTOLD, timed["reason"], desk.WAITING,
         desk.CLOCK, target],
        desk.UNEXPLAINED,
    )  # fmt: skip
    return timed.assign(theirs=theirs, ours=ours, reason=reason, limit=np.nan, clocked=False)


def _targets(timed: pd.DataFrame, theirs: pd.Series, name: str) -> tuple[str, pd.Series]:
    """Which targets of its own fit most words, to the solution or to the closing, and which words
    they fit: those on the right side of one limit for all tickets of a priority. A limit rests on
    at least WORDS of each kind and misses at most AMISS of either."""
    closed = (timed["closed_at"] - timed["created_at"]) / HOUR * 60
    ends = {desk.TARGET: timed["theirs"].fillna(timed["wait"])}
    if name == "resolution":
        ends[desk.TO_CLOSING] = closed.fillna(timed["wait"].where(np.isinf(timed["wait"])))
    fits = {why: pd.Series(False, index=timed.index) for why in ends}
    for why, minutes in ends.items():
        told = minutes[theirs.notna() & minutes.notna()].sort_values()
        for _, of in told.groupby(timed["priority"].fillna("")):
            late = theirs[of.index].to_numpy(bool)
            if min(late.sum(), (~late).sum()) < WORDS:
                continue
            under = np.r_[0, np.cumsum(late)]  # late words under each limit
            over = np.r_[np.cumsum(~late[::-1])[::-1], 0]  # and the others over it
            amiss = np.maximum(under / late.sum(), over / (~late).sum())
            amiss[1:-1][of.to_numpy()[1:] == of.to_numpy()[:-1]] = 1  # no limit lies there
            if amiss.min() <= AMISS:
                limit = np.where(amiss <= AMISS, under + over, len(of)).argmin()
                fits[why][of.index] = late == (np.arange(len(of)) >= limit)
    best = max(fits, key=lambda why: fits[why].sum())
    return best, fits[best]
