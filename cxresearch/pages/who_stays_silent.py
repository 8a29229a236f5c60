"""Notebook 03: may we believe what customers tell us?"""

from cxresearch.kpis import surveys
from cxresearch.kpis.surveys.scores import SCORES
from cxresearch.study.answers import CannotTell, Finding
from cxresearch.study.study import Study

EXPORTS = (
    "whether customers' scores can be believed: no survey invitations are in this study. A list of "
    "everyone who was asked, answered or not, would tell: what a survey tool calls its recipients "
    "or send list, or a help desk's satisfaction ratings with those offered and never given."
)
WHAT_IT_IS_NOT = (
    "What the silent would have said is not known, and no model knows it: the bounds assume "
    "nothing, and whatever is narrower assumes something. Stayed or left later describes what "
    "became of customers after they were asked, and explains nothing. Who was not asked may differ "
    "from who did not answer. An answer counts if it came within two weeks."
)


def headline(study: Study) -> Finding | CannotTell:
    """How many speak, for how many, what that leaves open; the survey about tickets first."""
    if isinstance(surveys.invitations(study), CannotTell):
        return CannotTell(EXPORTS)
    every = [surveys.bounds(study, kind) for kind in SCORES]
    told = [bounds for bounds in every if not isinstance(bounds, CannotTell)]
    return (told or every[-1:])[0].said("all")
