"""Notebook 08, what to fix first: the first sentence, or why nothing can be ranked yet."""

from cxresearch.impact.burden import Burden
from cxresearch.impact.fixes import FixList
from cxresearch.outcomes import outcome
from cxresearch.study.answers import CannotTell, Finding, finding
from cxresearch.study.study import Study

COUNTS = {"tickets": "tickets", "replies, for hours": "replies"}


def first(
    fixes: FixList | CannotTell, study: Study, burden: Burden | CannotTell
) -> Finding | CannotTell:
    """What to fix first, by each lever; or why causes cannot be ranked by what they cost, what
    would tell, and how they rank by tickets and work."""
    said = fixes.said()
    return _not_yet(said, study, burden) if isinstance(said, CannotTell) else said


def _not_yet(why: CannotTell, study: Study, burden: Burden | CannotTell) -> CannotTell:
    """The reason, how many months would do, and the rankings that need no departures."""
    said = [f"Causes cannot yet be ranked by revenue. {why.reason[:1].upper()}{why.reason[1:]}"]
    said.append(outcome(study).more_months(study))
    for name, column in COUNTS.items() if isinstance(burden, Burden) else ():
        if burden.frame[column].notna().any():
            top = burden.frame.nlargest(3, column)[column]
            listed = "; ".join(
                finding("{c} ({n:,.0f})", c=cause, n=float(n)).text for cause, n in top.items()
            )
            said.append(f"By {name}: {listed}.")
    return CannotTell(" ".join(s for s in said if s))
