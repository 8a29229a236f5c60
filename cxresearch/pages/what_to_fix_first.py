"""Notebook 08, what solving sooner would change: its first sentences."""

from cxresearch import impact
from cxresearch.impact.burden import Burden
from cxresearch.impact.excess import Excess
from cxresearch.impact.fixes import SURE, FixList
from cxresearch.lab import coverage_of_savings as savings
from cxresearch.outcomes import outcome
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.study import Study

COUNTS = {"tickets": "tickets", "replies, for hours": "replies"}
BILLING = Finding(
    "What an answer is worth cannot be seen here: billing would tell. Import again with "
    "`--customers FILE`, a row a customer with the day on which each came and left."
)
Said = tuple[Finding | CannotTell, ...]


def answers(study: Study, fixes: FixList | CannotTell, burden: Burden | CannotTell) -> Said:
    """What solving all sooner would keep, which cause most of it, and what pays. Where nobody can
    be seen to leave: which cause is left most, what becomes of it, and what billing would tell."""
    if not impact.counting(study).leavers:
        return (*_left(study), BILLING)
    best, whole = fixes.said(), _whole(study)
    if isinstance(best, CannotTell):
        told = [said for said in whole if not isinstance(said, CannotTell)]
        return (_not_yet(best, study, burden), *told)
    most = finding("Begin with **{cause}**.", cause=fixes.first)
    return (_one(most, fixes.said(SURE)), *whole)


def achieved(study: Study) -> Said:
    """How often such intervals held where the truth is known; why none is told, if none is."""
    kept = impact.total_kept(study)
    if isinstance(kept, CannotTell):
        return (kept,)
    runs = savings.read_savings()
    return savings.achieved(runs), savings.achieved_by_cause(runs)


def first(
    fixes: FixList | CannotTell, study: Study, burden: Burden | CannotTell
) -> Finding | CannotTell:
    """What to fix first; or why causes cannot be ranked by what they cost, what would tell, and how
    they rank by tickets and work."""
    said = fixes.said()
    return _not_yet(said, study, burden) if isinstance(said, CannotTell) else said


def same_thing(fixes: FixList, burden: Burden, excess: Excess) -> Said:
    """How the first cause's customers kept differ from its other two numbers."""
    if unknown := [of for of in (fixes, burden, excess) if isinstance(of, CannotTell)]:
        return tuple(unknown[:1])
    cause = fixes.first
    row, left = fixes.frame.loc[(impact.SOONER, cause)], burden.frame.loc[cause]
    share = excess.frame.loc[(impact.SOONER, cause), "excess fraction"]
    kept = finding(
        "Three numbers stand for one thing. For {cause}, {kept:.0f} customers kept in a year is "
        "the one to use: it follows all customers, and who is kept may still leave later.",
        cause=cause, kept=row["customers kept"],
    )  # fmt: skip
    more = finding(
        "Of {left:,.0f} who left while it was overdue, {n:.0f} are more than expected: over the "
        "whole study, and as if nobody kept would leave later.",
        left=left["left while exposed"], n=left["departures"],
    )  # fmt: skip
    part = finding(
        "{share:.1%} of all departures are its share, which counts late solutions too and splits "
        "customers with several causes among these.", share=share,
    )  # fmt: skip
    return kept, more, part


def _whole(study: Study) -> Said:
    """What solving every issue in time would keep, customers before money."""
    kept, saved = impact.total_kept(study).said(), impact.total_saved(study).said()
    told = [said for said in (kept, saved) if not isinstance(said, CannotTell)]
    doubts = [said for said in (kept, saved) if isinstance(said, CannotTell)]
    return (*([_one(*told)] if told else []), *doubts)


def _left(study: Study) -> Said:
    """Which cause is left without an answer most, whether its customers wrote again, and which is
    left without a solution."""
    ends = impact.endings(study)
    first, back = ends.said("unanswered"), ends.said("back")
    if isinstance(ends, CannotTell):
        return (ends,)
    if isinstance(back, CannotTell):
        return first, ends.said("unsolved")
    return _one(first, back), ends.said("unsolved")


def _one(*findings: Finding) -> Finding:
    """Sentences in one paragraph."""
    numbers = {name: n for said in findings for name, n in said.numbers.items()}
    return Finding(" ".join(said.text for said in findings), numbers)


def _not_yet(why: CannotTell, study: Study, burden: Burden | CannotTell) -> CannotTell:
    """The reason, how many months would do, and the rankings that need no departures."""
    said = f"Causes cannot yet be ranked by revenue. {why.reason[:1].upper()}{why.reason[1:]}"
    return CannotTell(" ".join([said, *_meanwhile(study, burden)]))


def _meanwhile(study: Study, burden: Burden | CannotTell) -> list[str]:
    """How many months would do, and the rankings that need no departures."""
    said = [outcome(study).more_months(study)]
    for name, column in COUNTS.items() if isinstance(burden, Burden) else ():
        if burden.frame[column].notna().any():
            top = burden.frame.nlargest(3, column)[column]
            listed = "; ".join(
                finding("{c} ({n:,.0f})", c=cause, n=float(n)).text for cause, n in top.items()
            )
            said.append(f"By {name}: {listed}.")
    return [s for s in said if s]
