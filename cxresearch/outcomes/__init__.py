"""What became of customers: the questions that notebooks ask of a study, answered in tables."""

from types import ModuleType

from cxresearch.outcomes import leaving, returning
from cxresearch.study.study import Study

__all__ = ["outcome"]


def outcome(study: Study) -> ModuleType:
    """The room that answers for this study: leaving (churn) or returning; same names in both."""
    return leaving if study.outcome == "churn" else returning
