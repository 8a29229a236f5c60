"""Notebook 06: does the headline hold?"""

import pandas as pd

from cxresearch.episodes import renewal_hazard
from cxresearch.outcomes import outcome
from cxresearch.pages.words import SHARE, ratio, share
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study


@cannot_tell_passes
def steady(doubts: pd.DataFrame, study: Study) -> Finding | CannotTell:
    """Does the headline hold under other choices? Versions known to be biased are told apart."""
    if study.outcome == "return":
        return _looking_ahead(doubts)
    rows = doubts[doubts["version"] == "exit requests left out"].dropna(subset="hazard ratio")
    if len(rows) < 2:
        return CannotTell("whether the headline holds with a lag: too few events.")
    first, last = rows.iloc[0], rows.iloc[-1]
    clear = int(((rows["low"] > 1) | (rows["high"] < 1)).sum())
    return finding(
        "Taken {days} instead of 0 days back, the hazard ratio is {late:.2f} ({low:.2f} to "
        "{high:.2f}) instead of {now:.2f}; of {n} lags the intervals of {clear} exclude 1. "
        "Requests to leave, counted as issues, raise whichever side they are on.",
        days=int(last["comparison"].split()[1]), late=last["hazard ratio"], low=last["low"],
        high=last["high"], now=first["hazard ratio"], n=len(rows), clear=clear,
    )  # fmt: skip


def _looking_ahead(doubts: pd.DataFrame) -> Finding | CannotTell:
    rows = doubts.dropna(subset="hazard ratio")
    if rows.empty:
        return CannotTell("what looking ahead would have said: too few events.")
    return finding(
        "Grouped by what became of the ticket in the end, the hazard ratios run from {low:.2f} to "
        "{high:.2f}. That looks ahead: these rows are a warning, not support for the headline.",
        low=rows["hazard ratio"].min(), high=rows["hazard ratio"].max(),
    )  # fmt: skip


def exits(study: Study) -> Finding | CannotTell:
    """How many tickets ask to leave: the outcome itself, so they are no exposure."""
    counted = outcome(study).exit_requests(study)
    if isinstance(counted, CannotTell):
        return counted
    return finding(
        SHARE + " of known customers' tickets ask to leave. They are the outcome, not a cause, and "
        "left out unless a row says otherwise. One that is missed counts as an issue in time, and "
        "draws ratios down.", **share(*counted),
    )  # fmt: skip


@cannot_tell_passes
def renewals(study: Study) -> Finding | CannotTell:
    """From yearly contracts alone, by the terms that were not renewed: overdue against any other
    time, and not, as the headline does, against an issue in time."""
    if study.outcome == "return":
        return CannotTell("what renewals say: nobody has a contract here.")
    found = renewal_hazard(study)
    if isinstance(found, CannotTell):
        return found
    return ratio(
        found.iloc[0], "customers on yearly contracts, judged at renewals alone, with an overdue "
        "issue", "leave", "those with nothing overdue, whether or not they wrote",
    )  # fmt: skip
