"""Notebooks 08 and 00, where nobody can be seen to leave: what ends without an answer."""

import pandas as pd

from cxresearch import impact
from cxresearch.impact.endings import BACK
from cxresearch.pages.words import with_interval
from cxresearch.study.answers import CannotTell, Finding, cannot_tell_passes, finding
from cxresearch.study.study import Study

LEAVERS_SEEN = CannotTell("how causes end where nobody leaves: here it is seen who leaves, above.")


def endings(study: Study) -> pd.DataFrame | CannotTell:
    """impact.endings, where it cannot be seen who leaves."""
    return LEAVERS_SEEN if study.outcome == "churn" else impact.endings(study)


def among_whom(study: Study) -> pd.DataFrame | CannotTell:
    """impact.among_whom, where it cannot be seen who leaves."""
    return LEAVERS_SEEN if study.outcome == "churn" else impact.among_whom(study)


@cannot_tell_passes
def unanswered(ends: pd.DataFrame) -> Finding:
    """The cause that ends unanswered most, and whether its customers come back."""
    worst = ends.iloc[0]
    said = finding(
        "Most often without an answer: {cause}, {share:.0%} ({low:.0%} to {high:.0%}) of {n:,} "
        "first tickets.",
        cause=worst["cause"], share=worst["unanswered"], low=worst["unanswered low"],
        high=worst["unanswered high"], n=int(worst["customers"]),
    )  # fmt: skip
    pair = worst[["back, unanswered", "back, answered"]].astype(float)
    if pair.isna().any():
        return said
    more = finding(
        " Of those left without, {a:.0%} ({a0:.0%} to {a1:.0%}) wrote again within {day:g} days; "
        "of those answered, {b:.0%} ({b0:.0%} to {b1:.0%}).",
        a=pair.iloc[0], a0=worst["back, unanswered low"], a1=worst["back, unanswered high"],
        b=pair.iloc[1], b0=worst["back, answered low"], b1=worst["back, answered high"],
        day=float(BACK),
    )  # fmt: skip
    return Finding(said.text + more.text, said.numbers | more.numbers)


@cannot_tell_passes
def endings_table(ends: pd.DataFrame) -> pd.DataFrame:
    """By cause: unanswered, unsolved, and who came back."""
    names = ["unanswered", "unsolved", "back, unanswered", "back, answered"]
    shares = {n: with_interval(ends, n, f"{n} low", f"{n} high", "{:.0%}") for n in names}
    return pd.DataFrame({"cause": ends["cause"], "customers": ends["customers"], **shares})


@cannot_tell_passes
def whom_table(whom: pd.DataFrame) -> pd.DataFrame:
    """Among whom first tickets stay unanswered, the most unanswered first."""
    whom = whom.sort_values("unanswered", ascending=False)
    share = with_interval(whom, "unanswered", "unanswered low", "unanswered high", "{:.0%}")
    return whom[["field", "level", "customers"]].assign(unanswered=share)


@cannot_tell_passes
def unsolved(ends: pd.DataFrame) -> Finding | CannotTell:
    """The cause of which most surely stay unsolved, among tickets of which it is known."""
    told = ends[ends["known"] > 0]
    if told.empty:
        return CannotTell("which causes stay unsolved: no ticket is known to be solved or not.")
    worst = told.loc[told["unsolved low"].idxmax()]
    return finding(
        "Most often without a solution: {cause}, {share:.0%} ({low:.0%} to {high:.0%}) of the "
        "{n:,} first tickets of which it is known.",
        cause=worst["cause"], share=worst["unsolved"], low=worst["unsolved low"],
        high=worst["unsolved high"], n=int(worst["known"]),
    )  # fmt: skip


@cannot_tell_passes
def most_among(whom: pd.DataFrame) -> Finding:
    """The group, of those known when the ticket was written, that is left unanswered most."""
    worst = whom.loc[whom["unanswered low"].idxmax()]
    return finding(
        "Among whom? Most of all where the {field} is {level}: {share:.0%} ({low:.0%} to "
        "{high:.0%}) of {n:,} first tickets had no answer by the landmark day. It is the worst of "
        "{of} groups looked at, so some of it is chance.",
        field=worst["field"].replace("_", " "), level=str(worst["level"]),
        share=worst["unanswered"], low=worst["unanswered low"], high=worst["unanswered high"],
        n=int(worst["customers"]), of=len(whom),
    )  # fmt: skip
