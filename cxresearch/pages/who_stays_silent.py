"""Notebook 03: may we believe what customers tell us?"""

from cxresearch.kpis import surveys
from cxresearch.kpis.measure import share
from cxresearch.kpis.messages import message_counts
from cxresearch.kpis.surveys.scores import SCORES
from cxresearch.kpis.tidy import asked
from cxresearch.study.answers import CannotTell, DoesNotApply, Finding, finding
from cxresearch.study.study import Study

EXPORTS = (
    "whether customers' scores can be believed: this study holds no survey. A list of everyone who "
    "was asked, answered or not, would tell. Survey tools call it recipients or send list; some "
    "help desks export ratings with those offered and never given."
)
WHAT_IT_IS_NOT = Finding(
    "What the silent would have said is not known, and no model knows it. The bounds assume "
    "nothing; whatever is narrower assumes something. Stayed or left later is what became of "
    "customers after they were asked, and explains nothing. Who was not asked may differ from who "
    "did not answer. An answer counts if it came within two weeks."
)


def headline(study: Study) -> tuple[Finding | CannotTell, ...]:
    """How many speak, for how many, and what that leaves open, of each survey; the one about
    tickets first."""
    if isinstance(surveys.invitations(study), CannotTell):
        return CannotTell(EXPORTS), wrote_again(study)
    every = [surveys.bounds(study, kind) for kind in SCORES]
    told = [bounds for bounds in every if not isinstance(bounds, CannotTell)]
    return tuple(one for bounds in told for one in bounds.sentences()[:2]) or (every[-1],)


def wrote_again(study: Study) -> Finding | CannotTell:
    """Without surveys: in how many answered tickets the customer wrote again."""
    counts, tickets = message_counts(study), asked(study)
    if not isinstance(counts, CannotTell):
        wrote = tickets["ticket_id"].map(counts["customer_replies"])
        known = tickets[tickets["first_reply_at"].notna() & wrote.notna()]
        if len(known):
            return finding(
                "What they do can be seen: in **{estimate:.0%}** of {n:,} answered tickets the "
                "customer wrote again (95% interval {low:.0%} to {high:.0%}). Silence may be "
                "content, or departure.",
                **share(wrote[known.index] > 0, known["who"]),
            )
    return DoesNotApply("who writes again after an answer: it takes a history of messages.")


def limits(study: Study) -> Finding | CannotTell:
    """What the page does not say; nothing where there are no surveys."""
    none = isinstance(surveys.invitations(study), CannotTell)
    return DoesNotApply("surveys: there are none.") if none else WHAT_IT_IS_NOT
