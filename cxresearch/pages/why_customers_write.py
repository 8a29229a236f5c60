"""Notebook 04: why do customers write?"""

from cxresearch.lab.against_truth import exit_requests_against_truth
from cxresearch.study.answers import CannotTell, Finding
from cxresearch.study.study import Study

FEELINGS = CannotTell(
    "how customers feel: a list of angry words finds only what is said outright, and no ticket "
    "here carries a label that it could be held against. A few hundred tickets sorted by two "
    "people, calm, confused, frustrated or angry, would tell how far a list can be trusted."
)


def planted_exits(study: Study) -> tuple[Finding | CannotTell, ...]:
    """How many of the planted requests to leave are marked; nothing where none was planted."""
    marked = exit_requests_against_truth(study)
    return () if isinstance(marked, CannotTell) else marked.sentences()
