"""Notebook 11, whether decisions did what was expected of them: one after the other."""

from cxresearch.impact.realised import Realised
from cxresearch.pages.show import show, table
from cxresearch.study.answers import CannotTell, Finding, finding


def one_by_one(decided: tuple[Realised | CannotTell | Finding, ...]) -> None:
    """Shows of each decision what was expected beside what came of it, and how tickets ran;
    not who owns it: the page is one to hand on."""
    for each in decided:
        if isinstance(each, Realised):
            of = each.decision
            table(each, f"“{of.what}” for {of.cause}, from {of.since}.")
            show(each)


def rests_on(decided: tuple[Realised | CannotTell | Finding, ...]) -> tuple[Finding, ...]:
    """How many comparisons each interval rests on in which nothing was decided."""
    told = [each for each in decided if isinstance(each, Realised)]
    return tuple(_wide(each) for each in told if each.frame.loc["tickets", "placebos"] > 0)


def _wide(of: Realised) -> Finding:
    return finding(
        "In {n:,.0f} comparisons in which nothing was decided, an interval as wide as that for "
        "{what} misses “no change” at most 5 times in 100.",
        what=f"“{of.decision.what}”", n=of.frame.loc["tickets", "placebos"],
    )  # fmt: skip
