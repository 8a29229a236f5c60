"""Notebook 00: what should we fix first, and how sure are we?"""

import numpy as np

from cxresearch import impact
from cxresearch.impact.fixes import FixList
from cxresearch.lab import coverage_of_savings as savings
from cxresearch.outcomes import outcome
from cxresearch.pages.what_to_fix_first import first
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.study import Study
from cxresearch.topics.causes import named

Said = tuple[Finding | CannotTell, ...]


def fix_first(study: Study, fixes: FixList | CannotTell) -> Said:
    """The cause to fix first by each lever, with what that would save, or why it cannot be told and
    what would tell. Where nobody can be seen to leave, the cause to answer first, and who ends
    without an answer or a solution, and whether those come back."""
    if impact.counting(study).leavers:
        return (first(fixes, study, impact.cause_burden(study)),)
    seen = outcome(study)
    glance = seen.at_a_glance(study, seen.by_cause(study))
    return (glance.said(), *impact.endings(study).sentences(), impact.among_whom(study).said())


def in_all(study: Study) -> Said:
    """What answering every issue in time may keep, in customers and in money, and what such
    intervals achieved."""
    if not impact.counting(study).leavers:
        return ()
    kept, saved = impact.total_kept(study), impact.total_saved(study)
    if isinstance(kept, CannotTell):
        return (kept,)
    return (kept.said(), saved.said(), achieved())


def achieved() -> Finding | CannotTell:
    """How often intervals of savings held in simulated companies, over all causes together and of
    single causes."""
    runs = savings.read_savings()
    whole, each = savings.achieved(runs), savings.achieved_by_cause(runs)
    if isinstance(whole, CannotTell):
        return whole
    return Finding(f"{whole.text} {each.text}", whole.numbers)


def how_sure(study: Study) -> Said:
    """The headline of notebook 06, which rules speak against it, and what was promised."""
    seen = outcome(study)
    headline = seen.hazards(study).said("headline")
    if not impact.counting(study).leavers:
        return (headline,)
    return headline, seen.rules(study).said(), seen.promise(study).said()


def why_they_write(study: Study) -> Finding | CannotTell:
    """The three largest causes and their shares of tickets."""
    causes = named(study)
    if causes.empty:
        return CannotTell("what customers write about: no ticket has a topic.")
    sizes = causes.groupby("cause")["weight"].sum().sort_values(ascending=False)
    total = study.ticket_causes["weight"].sum()
    top = "; ".join(f"{name} {size / total:.0%}" for name, size in sizes.head(3).items())
    return finding(
        "Customers write most about: {top} ({n} causes; shares of {of:,} tickets).",
        top=top, n=len(sizes), of=round(total),
    )  # fmt: skip


def cannot_tell(study: Study) -> Finding:
    """What cannot be told, and what data would tell it."""
    by_cause, words = outcome(study).by_cause(study), outcome(study).WORDS
    if isinstance(by_cause, CannotTell):
        return Finding(f"What we cannot tell: {by_cause.reason}")
    told, of = len(by_cause.told()), len(by_cause.frame)
    middle = by_cause.frame["smallest visible ratio"].median()
    rare = (
        ": half of all causes are so rare that only a hazard ratio of {middle:.1f} or more could "
        "have been seen"
        if np.isfinite(middle)
        else ""
    )
    return finding(
        "For {n} of {of} causes we cannot tell whether customers {verb} more often ({told} we "
        "can)" + rare + ". " + outcome(study).WOULD_TELL,
        n=of - told, of=of, told=told, verb=words.verb, middle=float(middle),
    )  # fmt: skip
